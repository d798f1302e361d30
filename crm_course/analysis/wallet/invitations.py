"""Whom one may write to, and what an offer of a new category may bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.analysis.sales.sales import contactable
from crm_course.errors import LeftOut, WrongCall
from crm_course.tables.small_groups import groups_of_people

REASONS = [
    "did not say yes to marketing",
    "did not say yes to profiling",
    "address does not work",
    "written to enough",
    "",
]


def recent_messages(messages: pd.DataFrame, today: pd.Timestamp, days: int = 30) -> pd.Series:
    """Count the messages of the last days on all channels together.

    Parameters
    ----------
    messages : DataFrame
        ``customer_id``, ``day`` (on which it was sent).
    today : Timestamp
        The last day that counts.
    days : int
        Days up to and with `today`.

    Returns
    -------
    Series of int
        By ``customer_id`` of those who got one.
    """
    lately = messages["day"] > today - pd.Timedelta(days=days)
    return messages.loc[lately].groupby("customer_id").size().rename("messages")


def may_be_invited(
    customers: pd.Index,
    consents: pd.DataFrame,
    messages: pd.DataFrame,
    today: pd.Timestamp,
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
    messages : DataFrame
        ``customer_id``, ``sent_at`` (UTC), ``day`` (of it), ``channel``, ``bounced``; empty where none are known.
    today : Timestamp
        The last day that counts; the message goes out on the next.
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
        "marketing": contactable(consents, "marketing", channel),
        "profiling": contactable(consents, "profiling"),
    }
    recent = recent_messages(messages, today).reindex(customers, fill_value=0)
    sent = messages[messages["channel"] == channel].sort_values("sent_at")
    last = sent.groupby("customer_id")["bounced"].last()
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


def worth_sending(best: pd.DataFrame, allowed: pd.Index, cost: float, most: int) -> pd.DataFrame:
    """List the offers that may be sent and bring more than they cost, the best first.

    Parameters
    ----------
    best : DataFrame
        As `offers` returns them.
    allowed : Index
        Customers who may be written to.
    cost : float
        Of one invitation (currency).
    most : int
        Invitations.

    Raises
    ------
    LeftOut
        If none is left.
    """
    chosen = best[(best["value"] > cost) & best.index.isin(allowed)].head(most)
    if chosen.empty:
        raise LeftOut("No invitation that may be sent earns what it costs: write to nobody, so a list is left out.")
    return chosen


def offers_by_category(chosen: pd.DataFrame) -> pd.DataFrame:
    """Count who is offered what, and sum up what it would bring.

    Parameters
    ----------
    chosen : DataFrame
        As `offers` returns them.

    Returns
    -------
    DataFrame
        By category: ``people``, ``value`` (currency). Its rows are marked as groups of people.
    """
    return groups_of_people(chosen.groupby("category")["value"].agg(people="size", value="sum"))
