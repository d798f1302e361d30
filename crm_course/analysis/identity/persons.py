"""From records to persons: whose purchase or choice it was, and what a merge makes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.tables.small_groups import fewest

FORM_OF = {"shop": "till", "till": "till", "web": "web", "app": "app", "phone": "hotline"}
"""The sign-up form of each channel of an order and of each source of a choice."""
_LATE = pd.Timedelta(days=7)  # a form filled in at a purchase may be typed in some days after it


def record_of(events: pd.DataFrame, records: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """Record under which the shop would have filed an event, were each record a customer of its own.

    It is the customer's last record of the same channel, made a week after the event at the latest; where she has
    none of that channel, the first of all her records.

    Parameters
    ----------
    events : DataFrame
        ``customer_id``, ``at`` (UTC) and ``channel`` (of the event, as ``FORM_OF`` knows them).
    records : DataFrame
        ``record_id``, ``channel``, ``created_at`` (UTC).
    links : DataFrame
        ``record_id``, ``customer_id``.

    Returns
    -------
    Series of str
        Rows as in `events`, named ``record_id``; missing where no record is linked to the customer.
    """
    linked = records[["record_id", "channel", "created_at"]].merge(links, on="record_id").sort_values("created_at")
    linked["channel"] = linked["channel"].astype("str")
    when = pd.DataFrame(
        {
            "customer_id": events["customer_id"],
            "channel": events["channel"].astype("str").map(FORM_OF).fillna("none").astype("str"),
            "by": events["at"] + _LATE,
            "row": range(len(events)),
        }
    ).sort_values("by")
    near = pd.merge_asof(when, linked, left_on="by", right_on="created_at", by=["customer_id", "channel"])
    first = linked.drop_duplicates("customer_id").set_index("customer_id")["record_id"]
    found = near.set_index("row")["record_id"].sort_index().set_axis(events.index)
    return found.fillna(events["customer_id"].map(first)).rename("record_id").astype("str")


def merged_choices(choices: pd.DataFrame, persons: pd.Series, sure: pd.Series) -> pd.DataFrame:
    """Consent of each person for each purpose and channel, carried along the merge of her records.

    The latest explicit choice wins. Where the link is in doubt, so that the records may be two people's, the
    stricter one does: it is a yes only if every part said yes. A part that never chose did not say yes.

    Parameters
    ----------
    choices : DataFrame
        ``record_id``, ``purpose``, ``channel``, ``granted``, ``recorded_at`` (UTC).
    persons : Series
        By ``record_id``: the person after the merge.
    sure : Series
        By ``record_id``: the person by the links alone that nobody doubts.

    Returns
    -------
    DataFrame
        ``person``, ``purpose``, ``channel``, ``granted``, ``recorded_at`` (of the latest choice), ``in_doubt``
        (whether her records are parts that may be two people's).
    """
    known = choices.sort_values("recorded_at", kind="stable")
    known = known.assign(person=known["record_id"].map(persons), part=known["record_id"].map(sure))
    what = ["person", "purpose", "channel"]
    latest = known.dropna(subset=["person"]).groupby([*what, "part"], observed=True)[["granted", "recorded_at"]].last()
    merged = latest.groupby(level=what, observed=True).agg(
        granted=("granted", "all"), recorded_at=("recorded_at", "max"), chose=("granted", "size")
    )
    parts = merged.index.get_level_values("person").map(sure.groupby(persons).nunique())
    merged["granted"] &= merged.pop("chose") == parts
    return merged.assign(in_doubt=parts > 1).reset_index()


def counted_twice(table: pd.DataFrame) -> pd.Series:
    """What a shop reads off a table of customers: how many, how many came back, what one is worth.

    Parameters
    ----------
    table : DataFrame
        As `rfm.rfm` returns it.

    Returns
    -------
    Series of float
        ``customers``, ``came_back`` (share with a second purchase day), ``visits`` (purchase days each),
        ``spent`` (mean net amount each, currency), ``top_fifth`` (share of net sales of the best fifth;
        missing where these are fewer than may be shown).
    """
    best, fifth = table["spent"].clip(lower=0).sort_values(ascending=False), round(len(table) / 5)
    return pd.Series(
        {
            "customers": float(len(table)),
            "came_back": (table["frequency"] > 0).mean(),
            "visits": (table["frequency"] + 1).mean(),
            "spent": table["spent"].mean(),
            "top_fifth": best.iloc[:fifth].sum() / best.sum() if fifth >= fewest() else np.nan,
        }
    )
