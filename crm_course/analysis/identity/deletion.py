"""Records that are no longer needed: found by a rule, deleted with a log."""

from __future__ import annotations

import pandas as pd

from crm_course.tables.storage.known import local_day

OPEN_INVOICE, RECENT, OUTDATED = "open invoice", "in use", "outdated"


def last_activity(records: pd.DataFrame, persons: pd.Series, events: pd.DataFrame, time_zone: str) -> pd.DataFrame:
    """When each record's *person* was last heard of, by any of her records.

    Parameters
    ----------
    records : DataFrame
        ``record_id``, ``updated_at`` (UTC).
    persons : Series
        By ``record_id``: whose it is.
    events : DataFrame
        ``record_id`` and ``at`` (UTC) of her purchases and whatever else counts.
    time_zone : str
        The zone that decides what a day is.

    Returns
    -------
    DataFrame
        Indexed by ``record_id``: ``person``, ``last_confirmed`` and ``last_event`` (of the person; missing where
        nothing happened), ``last_activity`` (the later of both), all local days.
    """
    table = pd.DataFrame(
        {"person": persons.reindex(records["record_id"]), "day": local_day(records["updated_at"], time_zone).to_numpy()}
    )
    days = local_day(events["at"], time_zone).groupby(events["record_id"].map(persons)).max()
    confirmed = table.groupby("person")["day"].transform("max")
    happened = days.reindex(table["person"]).set_axis(table.index).astype("datetime64[us]")
    found = table[["person"]].assign(last_confirmed=confirmed, last_event=happened)
    return found.assign(last_activity=found[["last_confirmed", "last_event"]].max(axis=1))


def in_debt(invoices: pd.DataFrame, links: pd.DataFrame, as_of: pd.Timestamp, time_zone: str) -> pd.Index:
    """Records of the customers who have an open invoice at the end of a day.

    Parameters
    ----------
    invoices : DataFrame
        ``customer_id``, ``issued_at``, ``paid_at`` (UTC; missing while it is open).
    links : DataFrame
        ``record_id``, ``customer_id``.
    as_of : Timestamp
        The day.
    time_zone : str
        The zone that decides what a day is.
    """
    paid = local_day(invoices["paid_at"], time_zone) <= as_of
    issued = local_day(invoices["issued_at"], time_zone) <= as_of
    debtors = invoices.loc[issued & ~paid, "customer_id"]
    return pd.Index(links.loc[links["customer_id"].isin(debtors), "record_id"])


def retention_log(activity: pd.DataFrame, as_of: pd.Timestamp, keep_months: int, held: pd.Index) -> pd.DataFrame:
    """What a retention rule does with each record; what is deleted, the log tells without a name or number.

    Parameters
    ----------
    activity : DataFrame
        As `last_activity` returns it.
    as_of : Timestamp
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
    outdated, needed = due <= as_of, activity["person"].isin(activity["person"].reindex(held))
    reason = pd.Series(RECENT, activity.index, dtype="str")
    reason = reason.mask(outdated & needed, OPEN_INVOICE).mask(outdated & ~needed, OUTDATED)
    deleted = pd.Series(as_of, activity.index).where(reason == OUTDATED)
    return activity[["last_activity"]].assign(due_on=due, reason=reason, deleted_on=deleted)
