"""How good records are, channel by channel: captured, complete, valid, fresh; and what a field is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit
from statsmodels.stats.proportion import proportion_confint

from crm_course.analysis.identity.linkage import POINTS, persons, scores
from crm_course.analysis.identity.persons import FORM_OF
from crm_course.errors import FitFailed
from crm_course.tables.small_groups import groups_of_people, is_few

YEAR = 365.25
LEAST_PAIRS = 30
_MOST_LABELLED = 6_000
QUESTIONS = {
    **{field: (field,) for field in ("phone", "email", "birthday", "name")},
    "address": ("home", "district"),
}
"""The fields that each question of a sign-up form fills."""
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def share_with_interval(yes: pd.Series, by: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Share of rows that are true, by group, with Wilson's interval.

    Parameters
    ----------
    yes : Series of bool
        One row per record or customer.
    by : Series
        Group of each row.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Indexed by group, marked as groups of people: ``people`` (rows), ``share``, ``low``, ``high``.

    References
    ----------
    Wilson (1927), Probable inference, Journal of the American Statistical Association 22.
    """
    groups = yes.groupby(by, observed=True).agg(["size", "sum"])
    low, high = proportion_confint(groups["sum"], groups["size"], alpha=1 - level, method="wilson")
    share = groups["sum"] / groups["size"]
    return groups_of_people(pd.DataFrame({"people": groups["size"], "share": share, "low": low, "high": high}))


def capture(orders: pd.DataFrame, records: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Capture rate of each channel: of the customers who ordered there, the share with a record made there.

    Parameters
    ----------
    orders : DataFrame
        ``customer_id`` (may be missing: left out), ``channel``.
    records : DataFrame
        ``record_id``, ``channel``.
    links : DataFrame
        ``record_id``, ``customer_id``; a record that is not in it counts as nobody's.

    Returns
    -------
    DataFrame
        As `share_with_interval` returns it, by the channel of the record.
    """
    form = orders["channel"].astype("str").map(FORM_OF)
    ordered = pd.DataFrame({"customer_id": orders["customer_id"], "channel": form}).dropna().drop_duplicates()
    made = records[["record_id", "channel"]].merge(links, on="record_id")[["customer_id", "channel"]]
    made = made.assign(channel=made["channel"].astype("str")).drop_duplicates().assign(signed_up=True)
    both = ordered.merge(made, on=["customer_id", "channel"], how="left")
    return share_with_interval(both["signed_up"].notna(), both["channel"])


def usable_fields(records: pd.DataFrame, fields: pd.DataFrame) -> pd.DataFrame:
    """Which fields of each record are filled in with something that can be used.

    Parameters
    ----------
    records : DataFrame
        ``record_id``, ``name``, ``email``, ``address``.
    fields : DataFrame
        The same records as `standardising.standardised` returns them.

    Returns
    -------
    DataFrame of bool
        Indexed by ``record_id``: ``name`` (with a given name), ``phone`` (a number that exists), ``email`` (of the
        form of an address), ``birthday`` (not one that a form filled in), ``address`` (with flat and floor).
    """
    return pd.DataFrame(
        {
            "name": fields["name"].fillna("").str.contains(" "),
            "phone": fields["phone"].notna(),
            "email": fields["email"].str.match(_EMAIL).fillna(False).astype(bool),
            "birthday": fields["birthday"].notna(),
            "address": fields["home"].notna(),
        },
        index=pd.Index(records["record_id"]),
    )


def by_channel(usable: pd.DataFrame, channel: pd.Series) -> pd.DataFrame:
    """Share of the records of each channel in which each field can be used.

    Parameters
    ----------
    usable : DataFrame of bool
        As `usable_fields` returns it.
    channel : Series
        Channel of each record, in the same order.

    Returns
    -------
    DataFrame
        Indexed by channel, marked as groups of people: the share for each field, and ``people`` (records).
    """
    groups = usable.groupby(pd.Index(channel.astype("str"), name="channel"))
    return groups_of_people(groups.mean().assign(people=groups.size()))


def years_unconfirmed(records: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """Years from the day on which a record was last confirmed to today; by ``record_id``.

    Parameters
    ----------
    records : DataFrame
        ``record_id``, ``updated_day`` (local).
    today : Timestamp
        The day on which they are looked at.
    """
    age = (today - records["updated_day"]).dt.days / YEAR
    return age.set_axis(pd.Index(records["record_id"])).rename("years")


def change_rate(fields: pd.DataFrame, updated_at: pd.Series, pairs: pd.DataFrame) -> pd.Series:
    """How often people change their mobile number, from pairs of records that something else puts together.

    Two records of one person, confirmed some time apart: the longer the gap, the more often the numbers differ. The
    pairs must not be found by the number itself: those would always agree. That a number differs without a gap
    (a slip, a second telephone) is estimated along with it.

    Parameters
    ----------
    fields : DataFrame
        As `standardising.standardised` returns them.
    updated_at : Series
        When each record was last confirmed (UTC), in the same order.
    pairs : DataFrame
        ``x``, ``y``: pairs taken for one person by the e-mail address, say.

    Returns
    -------
    Series of float
        ``pairs``, ``people``, ``per_year`` (changes a year), ``low``, ``high`` (95 % interval), ``at_once`` (share
        that differs without a gap), ``reach`` (years: 19 of 20 gaps are shorter).

    Raises
    ------
    FitFailed
        If fewer than thirty pairs have two mobile numbers.

    References
    ----------
    Liang and Zeger (1986), Longitudinal data analysis using generalized linear models, Biometrika 73(1): the interval
    takes the pairs of one person together, because they share her numbers.
    """
    number = fields["phone"].where(fields["phone_kind"] == "mobile").to_numpy(object)
    day = updated_at.to_numpy("datetime64[s]").astype("int64") / 86_400 / YEAR
    x, y = pairs["x"].to_numpy(), pairs["y"].to_numpy()
    both = pd.notna(number[x]) & pd.notna(number[y])
    if both.sum() < LEAST_PAIRS:
        raise FitFailed(f"records: {both.sum()} pairs with two mobile numbers, a fit needs {LEAST_PAIRS}")
    gap, differs = np.abs(day[x] - day[y])[both], (number[x] != number[y])[both]

    def surprise(theta: np.ndarray) -> tuple[float, np.ndarray]:
        same, _, lean = _agreement(theta, gap, differs)
        return -float(np.log(np.where(differs, 1 - same, same) + 1e-12).sum()), -lean.sum(axis=0)

    fit = minimize(surprise, np.array([np.log(0.1), -3.0]), method="BFGS", jac=True, tol=1e-8)
    rate, at_once = np.exp(fit.x[0]), expit(fit.x[1])
    who = persons(fields, pairs).to_numpy()[x][both]
    spread = _spread_of_log(fit.x, gap, differs, who)
    low, high = rate * np.exp(spread * np.array([-1.96, 1.96]))
    high = max(high, 1.92 / max(gap.sum(), 1e-9))  # where no number ever differs
    count = {"pairs": both.sum(), "people": len(np.unique(who))}
    return pd.Series(
        count | {"per_year": rate, "low": low, "high": high, "at_once": at_once, "reach": np.quantile(gap, 0.95)}
    )


def _agreement(theta: np.ndarray, gap: np.ndarray, differs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probability that the two numbers of a pair agree, the information of all pairs, and each pair's score.

    `theta` is the logarithm of the rate and the log-odds of differing at once.
    """
    at_once = expit(theta[1])
    slopes = np.column_stack([np.exp(theta[0]) * gap, np.full(len(gap), at_once)])
    same = np.exp(-slopes[:, 0]) * (1 - at_once)
    odds = same / np.maximum(1 - same, 1e-9)
    lean = slopes * np.where(differs, odds, -1.0)[:, None]
    return same, (slopes * odds[:, None]).T @ slopes, lean


def _spread_of_log(theta: np.ndarray, gap: np.ndarray, differs: np.ndarray, who: np.ndarray) -> float:
    """Standard error of the logarithm of the rate: the sandwich, with the pairs of one person taken together."""
    _, information, lean = _agreement(theta, gap, differs)
    inverse = np.linalg.pinv(information)
    each = pd.DataFrame(lean).groupby(who).sum().to_numpy()
    spread = inverse @ (each.T @ each) @ inverse * len(each) / max(len(each) - 1, 1)
    return float(min(np.sqrt(max(spread[0, 0], 0.0)), 5.0))


def update_campaign(
    years: pd.Series, persons: pd.Series, per_year: float, message: float, loss: float, answering: float = 1.0
) -> pd.DataFrame:
    """Whom to ask whether the number still holds: where the loss that asking saves is larger than its cost.

    Parameters
    ----------
    years : Series
        As `years_unconfirmed` returns it, by ``record_id``.
    persons : Series
        By ``record_id``: whose it is.
    per_year : float
        Changes of a number a year.
    message, loss : float
        Cost of asking one person, and of a wrong number (currency).
    answering : float
        Share who answer; the number of the others stays as it is.

    Returns
    -------
    DataFrame
        Indexed by person: ``years`` since the freshest of her records was confirmed, ``old`` (probability that the
        number changed since), ``ask``.
    """
    silent = years.groupby(persons.reindex(years.index)).min()
    old = 1 - np.exp(-per_year * silent)
    return pd.DataFrame({"years": silent, "old": old, "ask": old * loss * answering > message})


def campaign_in_words(campaign: pd.DataFrame) -> str:
    """Say whom a campaign asks, and of how many of them the number is old.

    Parameters
    ----------
    campaign : DataFrame
        As `update_campaign` returns it.
    """
    ask = campaign[campaign["ask"]]
    if ask.empty:
        return "Nobody is worth asking at this price."
    if is_few(len(ask)):
        return "What is known of them is not shown: they are too few."
    return (
        f"They confirmed nothing for {ask['years'].min():.1f} years or more.\n"
        f"About {ask['old'].sum():,.0f} of them have a new number."
    )


def share_old(years: pd.Series, numbers: pd.DataFrame | None) -> pd.DataFrame:
    """Share of the telephone numbers that no longer hold, by the years since they were confirmed, where it is known.

    Parameters
    ----------
    years : Series
        As `years_unconfirmed` returns it, by ``record_id``.
    numbers : DataFrame, optional
        ``record_id`` and ``phone``: ``old`` or ``current``; any other word is no number of hers.

    Returns
    -------
    DataFrame
        A row a year, five years and more in the last, marked as groups of people: ``years`` (the middle),
        ``people`` (records), ``share``. No row where nobody knows.
    """
    if numbers is None:
        return groups_of_people(pd.DataFrame(columns=["years", "people", "share"], dtype=float))
    state = numbers.set_index("record_id")["phone"].reindex(years.index).astype("str")
    seen = state.isin(["current", "old"])
    band = (years[seen].clip(upper=4.99) // 1 + 0.5).rename("years")
    groups = (state[seen] == "old").groupby(band)
    return groups_of_people(groups.agg(people="size", share="mean").reset_index())


def field_worth(
    compared: pd.DataFrame,
    labelled: pd.DataFrame,
    cost_false_merge: float,
    cost_missed: float,
    questions: Mapping[str, Sequence[str]] = QUESTIONS,
    draws: int = 200,
    seed: int = 7,
) -> pd.DataFrame:
    """What it would cost to link without a question: each left out in turn, with the best threshold for the rest.

    The points of the other fields stay as they are; nor are the pairs drawn anew that are compared.

    Parameters
    ----------
    compared : DataFrame
        As `linkage.comparisons` returns it.
    labelled : DataFrame
        Some of its rows, with ``same`` and, of a sample, ``weight`` (how many pairs a row stands for). Of more than
        6,000, so many are drawn by lot.
    cost_false_merge, cost_missed : float
        Cost of a pair (currency).
    questions : mapping of str to sequence of str
        Fields that are left out together, by the name of the question that fills them.
    draws, seed : int
        Bootstrap samples of the rows, and the seed of the draws.

    Returns
    -------
    DataFrame
        Indexed by question, the dearest to miss first: ``worth`` (what linking costs more without it, currency),
        ``low``, ``high`` (90 % interval).
    """
    rng = np.random.default_rng(seed)
    some = np.sort(rng.permutation(len(labelled))[:_MOST_LABELLED])
    scale, labelled = len(labelled) / max(len(some), 1), labelled.iloc[some]
    weight = scale * (labelled["weight"] if "weight" in labelled else pd.Series(1.0, labelled.index)).to_numpy(float)
    same = labelled["same"].to_numpy(bool)
    times = np.vstack([np.ones(len(same)), rng.multinomial(len(same), np.full(len(same), 1 / len(same)), draws)])
    missed, false = cost_missed * weight * same * times, cost_false_merge * weight * ~same * times

    def least(points: dict[str, dict[str, float]]) -> np.ndarray:
        score = scores(compared.loc[labelled.index], points).to_numpy()
        order = np.argsort(score, kind="stable")
        starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))  # a threshold lies below equal scores
        below = np.cumsum(missed[:, order], axis=1) - missed[:, order]
        above = false.sum(axis=1, keepdims=True) - (np.cumsum(false[:, order], axis=1) - false[:, order])
        fewest: np.ndarray = (below + above)[:, starts].min(axis=1)
        return fewest

    whole = least(POINTS)
    worth = {
        question: least({name: one for name, one in POINTS.items() if name not in fields}) - whole
        for question, fields in questions.items()
    }
    rows = {question: [one[0], *np.quantile(one[1:], [0.05, 0.95])] for question, one in worth.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["worth", "low", "high"]).sort_values(
        "worth", ascending=False
    )
