"""How account customers pay."""

from __future__ import annotations

import pandas as pd

from crm_course.errors import NothingToAnalyse
from crm_course.tables.storage.known import local_day

AGES = ["not yet due", "1-30 days", "31-60 days", "over 60 days"]


def invoice_states(invoices: pd.DataFrame, as_of: pd.Timestamp, time_zone: str) -> pd.DataFrame:
    """Days late of every invoice, as known on a day.

    An open invoice is late by the days since it was due *so far*: to look at paid ones alone leaves
    the worst payers out.

    Parameters
    ----------
    invoices : DataFrame
        ``customer_id``, ``issued_at``, ``due_at``, ``paid_at`` (missing while open), ``amount`` (currency).
    as_of : Timestamp
        The last local day that counts; a payment after it is not known yet.
    time_zone : str
        The zone that decides what a day is.

    Returns
    -------
    DataFrame
        One row per invoice issued by `as_of`: ``customer_id``, ``amount``, ``open`` (bool), ``due`` (bool: the day to
        pay it has come, whether it was paid or not), ``days_late`` (negative: early; of open ones so far, so at
        least), ``age`` of what is open (category).

    Raises
    ------
    NothingToAnalyse
        If none was issued by `as_of`.
    """
    issued, due, paid = (local_day(invoices[name], time_zone) for name in ("issued_at", "due_at", "paid_at"))
    known = issued <= as_of
    if not known.any():
        raise NothingToAnalyse(f"invoices: none issued on or before {as_of:%Y-%m-%d}; choose a later as_of")
    is_open = paid.isna() | (paid > as_of)
    days_late = (paid.where(~is_open, as_of) - due).dt.days
    age = pd.cut(days_late.where(is_open), [-float("inf"), 0, 30, 60, float("inf")], labels=AGES)
    table = pd.DataFrame(
        {
            "customer_id": invoices["customer_id"],
            "amount": invoices["amount"],
            "open": is_open,
            "due": due <= as_of,
            "days_late": days_late,
            "age": age,
        }
    )
    return table[known].reset_index(drop=True)


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
        By ``age``: ``accounts``, ``invoices``, ``amount`` (currency).
    """
    groups = states[states["open"]].groupby("age", observed=False)
    accounts, amount = groups["customer_id"].nunique(), groups["amount"]
    return pd.DataFrame({"accounts": accounts, "invoices": amount.size(), "amount": amount.sum()})
