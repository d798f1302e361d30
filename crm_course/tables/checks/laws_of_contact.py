"""What must hold of messages, points and answers.

Whether each message had the customer's consent is no law here: shops make that mistake, and chapter 13 finds it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.tables.checks.law import Law, Tables, of_each

_SCALES = {"satisfaction": (1, 5), "recommend": (0, 10)}
_SEVEN = (1, 7)
_SIGNS = {"purchase": 1, "gift": -1, "expired": -1, "joined": 0, "tier": 0}


def _without_opening(column: str) -> Law:
    return Law(
        "messages",
        column,
        "is so although the message was not opened",
        lambda tables: tables["messages"][column] & ~tables["messages"]["opened"],
        ("opened",),
    )


def _opened_and_bounced(tables: Tables) -> pd.Series[bool]:
    return tables["messages"]["opened"] & tables["messages"]["bounced"]


def _before_sign_up(tables: Tables) -> pd.Series[bool]:
    messages = tables["messages"]
    return messages["sent_at"] < of_each(messages["customer_id"], tables["customers"], "customer_id", "first_seen_at")


def _another_channel(tables: Tables) -> pd.Series[bool]:
    messages = tables["messages"]
    planned = of_each(messages["campaign_id"], tables["campaigns"], "campaign_id", "channel")
    return planned.notna() & (messages["channel"].astype("object") != planned.astype("object"))


def _below_nothing(tables: Tables) -> pd.Series[bool]:
    loyalty = tables["loyalty"]
    balance = loyalty.sort_values("at", kind="stable").groupby("customer_id")["points"].cumsum()
    return balance.reindex(loyalty.index) < 0


def _wrong_sign(tables: Tables) -> pd.Series[bool]:
    loyalty = tables["loyalty"]
    return np.sign(loyalty["points"]) != loyalty["reason"].astype("object").map(_SIGNS)


def _off_the_scale(tables: Tables) -> pd.Series[bool]:
    responses = tables["responses"]
    item = responses["item"].astype("object")
    low, high = (item.map({name: scale[end] for name, scale in _SCALES.items()}).fillna(_SEVEN[end]) for end in (0, 1))
    return (responses["score"] < low) | (responses["score"] > high)


CONTACT_PAST = (
    ("messages", "sent_at"),
    ("loyalty", "at"),
    ("assignments", "assigned_at"),
    ("responses", "answered_at"),
    ("wallet", "answered_at"),
)

CONTACT_LAWS = (
    _without_opening("clicked"),
    _without_opening("unsubscribed"),
    Law("messages", "opened", "is so although the message bounced", _opened_and_bounced, ("bounced",)),
    Law(
        "messages",
        "sent_at",
        "is before the customer was first seen",
        _before_sign_up,
        needs=("customer_id",),
        elsewhere={"customers": ("customer_id", "first_seen_at")},
    ),
    Law(
        "messages",
        "channel",
        "is not its campaign's",
        _another_channel,
        needs=("campaign_id",),
        elsewhere={"campaigns": ("campaign_id", "channel")},
    ),
    Law(
        "loyalty",
        "points",
        "takes more points than the member has",
        _below_nothing,
        needs=("customer_id", "at"),
    ),
    Law("loyalty", "points", "does not go up, down or stay as its reason says", _wrong_sign, ("reason",)),
    Law("responses", "score", "is not on the item's scale", _off_the_scale, ("item",)),
)
