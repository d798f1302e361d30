"""How account customers pay."""

from __future__ import annotations

import pandas as pd

from crm_course.errors import NothingToAnalyse
from crm_course.tables.small_groups import groups_of_people, numbers_of_people

AGES = ["not yet due", "1-30 days", "31-60 days", "over 60 days"]


def invoice_states(invoices: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Days late of every invoice.

    An open invoice is late by the days since it was due *so far*: to look at paid ones alone leaves
    the worst payers out.

    Parameters
    ----------
    invoices : DataFrame
        As known today: ``customer_id``, ``due_day``, ``paid_day`` (missing while open), ``amount`` (currency).
    today : Timestamp
        The day up to which an open invoice is late so far.

    Returns
    -------
    DataFrame
        One row per invoice: ``customer_id``, ``amount``, ``open`` (bool), ``due`` (bool: the day to
        pay it has come, whether it was paid or not), ``days_late`` (negative: early; of open ones so far, so at
        least), ``age`` of what is open (category).

    Raises
    ------
    NothingToAnalyse
        If there is none.
    """
    if invoices.empty:
        raise NothingToAnalyse(f"invoices: none issued on or before {today:%Y-%m-%d}; choose a later as_of")
    due, is_open = invoices["due_day"], invoices["paid_day"].isna()
    days_late = (invoices["paid_day"].fillna(today) - due).dt.days
    age = pd.cut(days_late.where(is_open), [-float("inf"), 0, 30, 60, float("inf")], labels=AGES)
    return pd.DataFrame(
        {
            "customer_id": invoices["customer_id"],
            "amount": invoices["amount"],
            "open": is_open,
            "due": due <= today,
            "days_late": days_late,
            "age": age,
        }
    ).reset_index(drop=True)


def credit_behaviour(states: pd.DataFrame, grace_days: int = 7) -> pd.DataFrame:
    """Sum up how each account pays.

    Parameters
    ----------
    states : DataFrame
        As `invoice_states` returns them.
    grace_days : int
        Days after the due day that still count as on time.

    Returns
    -------
    DataFrame
        By customer: ``invoices``, ``billed``, ``outstanding``, ``overdue`` (currency), ``on_time`` (share of the
        invoices whose day has come), ``median_days_late`` (open ones counted as late so far).
    """
    due = states[states["due"]]
    by_customer = states.groupby("customer_id")
    overdue = states["amount"].where(states["open"] & (states["days_late"] > grace_days), 0.0)
    return pd.DataFrame(
        {
            "invoices": by_customer.size(),
            "billed": by_customer["amount"].sum(),
            "outstanding": states["amount"].where(states["open"], 0.0).groupby(states["customer_id"]).sum(),
            "overdue": overdue.groupby(states["customer_id"]).sum(),
            "on_time": (due["days_late"] <= grace_days).groupby(due["customer_id"]).mean(),
            "median_days_late": due.groupby("customer_id")["days_late"].median(),
        }
    )


def ageing(states: pd.DataFrame) -> pd.DataFrame:
    """Money that is open, by how long it has been overdue.

    Parameters
    ----------
    states : DataFrame
        As `invoice_states` returns them.

    Returns
    -------
    DataFrame
        By ``age``: ``people`` (accounts), ``invoices``, ``amount`` (currency).
    """
    groups = states[states["open"]].groupby("age", observed=False)
    accounts, amount = groups["customer_id"].nunique(), groups["amount"]
    return groups_of_people(pd.DataFrame({"people": accounts, "invoices": amount.size(), "amount": amount.sum()}))


def rule_and_habit(called_late: pd.Series, pays_late: pd.Series) -> pd.DataFrame:
    """Count how often a rule calls those accounts late payers who are.

    Parameters
    ----------
    called_late : Series of bool
        By account, what the rule says.
    pays_late : Series of bool
        By customer, the true habit.

    Returns
    -------
    DataFrame
        Rows the rule (``called late``, ``not called``), columns the habit (``late``, ``prompt``): numbers of accounts.
    """
    rule = called_late.map({True: "called late", False: "not called"})
    habit = pays_late.reindex(called_late.index).map({True: "late", False: "prompt"})
    return numbers_of_people(pd.crosstab(rule, habit, rownames=["rule"], colnames=["true habit"]))
