"""Whom one may write to, and what an offer of a new category may bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.analysis.sales.sales import contactable
from crm_course.errors import WrongCall
from crm_course.tables.storage.known import local_day

REASONS = [
    "did not say yes to marketing",
    "did not say yes to profiling",
    "address does not work",
    "written to enough",
    "",
]


def recent_messages(messages: pd.DataFrame, as_of: pd.Timestamp, time_zone: str, days: int = 30) -> pd.Series:
    """Count the messages of the last days on all channels together.

    Parameters
    ----------
    messages : DataFrame
        ``customer_id``, ``sent_at`` (UTC).
    as_of : Timestamp
        Last local day that counts.
    time_zone : str
        The zone that decides what a day is.
    days : int
        Days up to and with `as_of`.

    Returns
    -------
    Series of int
        By ``customer_id`` of those who got one.
    """
    sent = local_day(messages["sent_at"], time_zone)
    lately = (sent <= as_of) & (sent > as_of - pd.Timedelta(days=days))
    return messages.loc[lately].groupby("customer_id").size().rename("messages")


def may_be_invited(
    customers: pd.Index,
    consents: pd.DataFrame,
    messages: pd.DataFrame | None,
    as_of: pd.Timestamp,
    time_zone: str,
    channel: str,
    most_in_30_days: int,
) -> pd.DataFrame:
    """Who may be sent an offer that her purchases chose, and why the others may not.

    The message is marketing, the choice of whom to send it is profiling: both need a yes, the latest explicit
    choice of each, marketing by this channel and profiling by whatever channel she was asked. An address is left alone
    when the last message to it came back. A further message must not be one too many in 30 days, whatever the channel.

    Parameters
    ----------
    customers : Index
        Whom one would like to invite.
    consents : DataFrame
        As for `sales.contactable`.
    messages : DataFrame or None
        ``customer_id``, ``sent_at`` (UTC), ``channel``, ``bounced``; None where none are known.
    as_of : Timestamp
        Last local day that counts; the message goes out on the next.
    time_zone : str
        The zone that decides what a day is.
    channel : str
        Way of the message, such as ``"email"``.
    most_in_30_days : int
        Messages to one customer in 30 days, this one included.

    Returns
    -------
    DataFrame
        By customer: ``messages`` (of the last 30 days), ``reason`` (first that speaks against it; empty: none),
        ``invited`` (bool: she may be).

    Raises
    ------
    WrongCall
        If customers were asked for marketing, and none of them by this channel.
    """
    asked = consents.loc[consents["purpose"] == "marketing", "channel"].unique()
    if len(asked) and channel not in asked:
        known = ", ".join(sorted(asked))
        raise WrongCall(f"channel {channel!r}: nobody was asked for marketing by it; the choices are of {known}")
    yes = {
        "marketing": contactable(consents, as_of, time_zone, "marketing", channel),
        "profiling": contactable(consents, as_of, time_zone, "profiling"),
    }
    recent, returned = pd.Series(0, customers), pd.Index([])
    if messages is not None:
        recent = recent_messages(messages, as_of, time_zone).reindex(customers, fill_value=0)
        known = messages[(messages["channel"] == channel) & (local_day(messages["sent_at"], time_zone) <= as_of)]
        last = known.sort_values("sent_at").groupby("customer_id")["bounced"].last()
        returned = last.index[last.to_numpy(bool)]
    against = [
        ~customers.isin(yes["marketing"]),
        ~customers.isin(yes["profiling"]),
        customers.isin(returned),
        (recent >= most_in_30_days).to_numpy(),
    ]
    reason = pd.Categorical(np.select(against, REASONS[:-1], REASONS[-1]), REASONS)
    return pd.DataFrame({"messages": recent, "reason": reason, "invited": reason == ""}, index=customers)


def offers(
    elsewhere: pd.Series, chance: pd.Series, margin_share: float | pd.Series, moved_share: float
) -> pd.DataFrame:
    """The best category to offer each customer, and what it would bring.

    Value: a chance for the category, times what she spends on it elsewhere in a year, times the share of that which
    she would then bring here, times the margin. With the chance that she begins by herself it is the prize within
    reach; with what an invitation adds to that chance, it is what the invitation earns.

    Parameters
    ----------
    elsewhere : Series
        Expected spend elsewhere (currency a year) by ``customer_id`` and ``category``.
    chance : Series
        By the same, for categories not bought here lately; others are no offer.
    margin_share : float or Series
        Margin as a share of sales, in all or by category.
    moved_share : float
        Share of the spend elsewhere that comes here when she begins: an assumption until it has been tried.

    Returns
    -------
    DataFrame
        By ``customer_id``, best first: ``category``, ``elsewhere``, ``chance``, ``value`` (currency).
    """
    table = pd.DataFrame({"elsewhere": elsewhere.reindex(chance.index), "chance": chance})
    share = margin_share
    if isinstance(share, pd.Series):
        share = share.reindex(table.index.get_level_values("category")).to_numpy()
    table["value"] = table["elsewhere"] * table["chance"] * share * moved_share
    table = table.dropna().reset_index().sort_values(["value", "customer_id"], ascending=[False, True])
    return table.drop_duplicates("customer_id").set_index("customer_id")
