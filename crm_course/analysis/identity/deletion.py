"""Records that are no longer needed: found by a rule, deleted with a log."""

from __future__ import annotations

import pandas as pd

from crm_course.tables.small_groups import numbers_of_people

OPEN_INVOICE, RECENT, OUTDATED = "open invoice", "in use", "outdated"


def last_activity(records: pd.DataFrame, persons: pd.Series, events: pd.DataFrame) -> pd.DataFrame:
    """When each record's *person* was last heard of, by any of her records.

    Parameters
    ----------
    records : DataFrame
        ``record_id``, ``updated_day`` (local).
    persons : Series
        By ``record_id``: whose it is.
    events : DataFrame
        ``record_id`` and ``day`` (local) of her purchases and whatever else counts.

    Returns
    -------
    DataFrame
        Indexed by ``record_id``: ``person``, ``last_confirmed`` and ``last_event`` (of the person; missing where
        nothing happened), ``last_activity`` (the later of both), all local days.
    """
    table = pd.DataFrame({"person": persons.reindex(records["record_id"]), "day": records["updated_day"].to_numpy()})
    days = events["day"].groupby(events["record_id"].map(persons)).max()
    confirmed = table.groupby("person")["day"].transform("max")
    happened = days.reindex(table["person"]).set_axis(table.index).astype("datetime64[us]")
    found = table[["person"]].assign(last_confirmed=confirmed, last_event=happened)
    return found.assign(last_activity=found[["last_confirmed", "last_event"]].max(axis=1))


def in_debt(invoices: pd.DataFrame, links: pd.DataFrame) -> pd.Index:
    """Records of the customers who have an open invoice.

    Parameters
    ----------
    invoices : DataFrame
        ``customer_id``, ``paid_at`` (missing while it is open), of those issued so far.
    links : DataFrame
        ``record_id``, ``customer_id``.
    """
    debtors = invoices.loc[invoices["paid_at"].isna(), "customer_id"]
    return pd.Index(links.loc[links["customer_id"].isin(debtors), "record_id"])


def retention_log(activity: pd.DataFrame, today: pd.Timestamp, keep_months: int, held: pd.Index) -> pd.DataFrame:
    """What a retention rule does with each record; what is deleted, the log tells without a name or number.

    Parameters
    ----------
    activity : DataFrame
        As `last_activity` returns it.
    today : Timestamp
        The day on which the rule is applied.
    keep_months : int
        A record is outdated when its person was last heard of more than so many months ago.
    held : Index
        ``record_id`` of those that must be kept: an open invoice, say.

    Returns
    -------
    DataFrame
        Rows as in `activity`: ``last_activity``, ``due_on`` (from when it may be deleted), ``reason`` (``in use``,
        ``open invoice``, ``outdated``) and ``deleted_on`` (missing for what is kept).
    """
    due = activity["last_activity"] + pd.DateOffset(months=keep_months) + pd.Timedelta(days=1)
    outdated, needed = due <= today, activity["person"].isin(activity["person"].reindex(held))
    reason = pd.Series(RECENT, activity.index, dtype="str")
    reason = reason.mask(outdated & needed, OPEN_INVOICE).mask(outdated & ~needed, OUTDATED)
    deleted = pd.Series(today, activity.index).where(reason == OUTDATED)
    return activity[["last_activity"]].assign(due_on=due, reason=reason, deleted_on=deleted)


def reasons(log: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    """Count the records that are kept and deleted, by where they were made.

    Parameters
    ----------
    log : DataFrame
        As `retention_log` returns it.
    where : Series
        By ``record_id``: its channel.

    Returns
    -------
    DataFrame
        One row per channel, one column per reason: records, marked as numbers of people.
    """
    counts = log.groupby([where.reindex(log.index), "reason"]).size().unstack(fill_value=0)
    return numbers_of_people(counts)


def lines_due(log: pd.DataFrame) -> pd.DataFrame:
    """Count the lines of the deletion log by the year in which the records fell due.

    Parameters
    ----------
    log : DataFrame
        As `retention_log` returns it.

    Returns
    -------
    DataFrame
        Indexed by year: ``lines of the log``, marked as numbers of people; no row where nothing is outdated.
    """
    due = log.loc[log["reason"] == OUTDATED, "due_on"].dt.year
    return numbers_of_people(due.value_counts().sort_index().rename("lines of the log").to_frame(), "columns")


def log_in_words(log: pd.DataFrame) -> str:
    """Say what a line of the deletion log holds, or that it gets none.

    Parameters
    ----------
    log : DataFrame
        As `retention_log` returns it.
    """
    if (log["reason"] == OUTDATED).any():
        return "A line of the log holds: record, " + ", ".join(log.columns) + "."
    return "Nothing is outdated: the log gets no line today."
