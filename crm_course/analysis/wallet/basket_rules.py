"""Basket rules: what is bought together, how sure that is, and how much of it is only taste."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from crm_course.analysis.statistics.intervals import poisson_interval
from crm_course.errors import NothingToAnalyse

FEWEST_EXPECTED = 5.0  # baskets with both, if the two had nothing to do with each other
MOST_ITEMS = 60


def basket_rules(
    sold: pd.DataFrame, level: float = 0.95, fewest_expected: float = FEWEST_EXPECTED, rare: bool = False
) -> pd.DataFrame:
    """Rules "who takes this takes that", with intervals and false-discovery control.

    Baskets of one customer resemble each other, so tests and the intervals of lift count customers as the independent
    units, not baskets; the interval of confidence counts baskets. Which pairs are tested is decided by how often both
    would meet by chance; to decide it by how often they *do* meet would pick the lucky ones. A pair is tested once,
    though it makes two rules.

    Parameters
    ----------
    sold : DataFrame
        ``order_id``, ``customer_id``, ``item``; the most frequent `MOST_ITEMS` items are looked at.
    level : float
        Coverage of the intervals.
    fewest_expected : float
        Pairs that would meet in fewer baskets by chance are not tested.
    rare : bool
        Whether pairs that are not tested are in the table too, if they met at all.

    Returns
    -------
    DataFrame
        One row per rule, strongest evidence first: ``this``, ``that``, ``together`` (baskets with both), ``support``
        (share of all baskets), ``confidence`` (share of the baskets with this that hold that, Wilson interval
        ``confidence_low``, ``confidence_high``), ``lift`` (confidence over the share of all baskets that hold that;
        ``lift_low``, ``lift_high``), ``p_value`` (one-sided, of lift 1 or less), ``q_value`` (the share of false
        findings to expect when all rules down to here are believed); both missing for pairs that are not tested.

    Raises
    ------
    NothingToAnalyse
        If no pair could be expected often enough.

    References
    ----------
    Agrawal, Imielinski and Swami (1993), Mining association rules, SIGMOD. Benjamini and Hochberg (1995), Controlling
    the false discovery rate, Journal of the Royal Statistical Society B 57(1).
    """
    inside, owner, items = _incidence(sold)
    baskets, each = len(inside), inside.sum(axis=0)
    expected = np.outer(each, each) / baskets
    both = inside.T @ inside
    tested = expected >= fewest_expected
    if not np.triu(tested, k=1).any():
        raise NothingToAnalyse(f"order_lines: no pair of items can be expected {fewest_expected:g} times; take more")
    first, second = np.nonzero(np.triu(tested | (rare & (both > 0)), k=1))
    together, chance = both[first, second], expected[first, second]
    made = np.bincount(owner)
    mine = np.stack([np.bincount(owner, weights=column) for column in inside.T])
    rows = [np.flatnonzero(column) for column in inside.T]
    found = [
        _evidence(mine[a], mine[b], owner[np.intersect1d(rows[a], rows[b], assume_unique=True)], made)
        for a, b in zip(first, second, strict=True)
    ]
    spread, z = np.array(found).T
    lift, reach = together / chance, stats.norm.ppf((1 + level) / 2)
    pairs = pd.DataFrame({"together": together.astype(int), "support": together / baskets, "lift": lift})
    pairs["lift_low"] = lift * np.exp(-reach * spread)
    with np.errstate(invalid="ignore"):
        high = lift * np.exp(reach * spread)
    pairs["lift_high"] = np.where(together > 0, high, -np.log((1 - level) / 2) / chance)
    pairs["p_value"] = np.where(tested[first, second], stats.norm.sf(z), np.nan)
    pairs["q_value"] = _q_values(pairs["p_value"])
    both_ways = [_one_way(pairs, one, other, items, each, level) for one, other in ((first, second), (second, first))]
    table = pd.concat(both_ways).sort_values(["p_value", "lift", "confidence"], ascending=[True, False, False])
    return table.reset_index(drop=True)


def _q_values(p_values: pd.Series) -> pd.Series:
    """Give q-values (Benjamini and Hochberg) of the pairs that were tested."""
    tested = p_values.dropna()
    return pd.Series(multipletests(tested, method="fdr_bh")[1], tested.index).reindex(p_values.index)


def _incidence(sold: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Give baskets × items (0 or 1), the customer of each basket as a number, and the items."""
    once = sold[["order_id", "customer_id", "item"]].drop_duplicates(["order_id", "item"])
    items = once["item"].value_counts().index[:MOST_ITEMS]
    basket, orders = pd.factorize(once["order_id"])
    owner = np.zeros(len(orders), dtype=int)
    owner[basket] = pd.factorize(once["customer_id"])[0]
    place = items.get_indexer(once["item"])
    inside = np.zeros((len(orders), len(items)), dtype=np.float32)
    inside[basket[place >= 0], place[place >= 0]] = 1
    return inside, owner, items


def _evidence(one: np.ndarray, other: np.ndarray, who: np.ndarray, made: np.ndarray) -> tuple[float, float]:
    """Give the standard error of the log lift, and z of "no link"; customers are clusters in both.

    The error is by the delta method. The test is a score test: its variance does not shrink when a pair
    happens to meet often. Of each customer: baskets with one, with the other, with any; `who` made each with both.
    """
    both, baskets = np.bincount(who, minlength=len(made)), made.sum()
    share, share_other = one.sum() / baskets, other.sum() / baskets
    score = both - share * other - share_other * one + share * share_other * made
    z = float(score.sum() / max(np.sqrt((score**2).sum()), 1e-12))
    if np.count_nonzero(both) < 2:
        return np.inf, min(z, 0.0)  # one customer is no evidence
    pull = both / both.sum() - one / one.sum() - other / other.sum() + made / baskets
    return float(np.sqrt((pull**2).sum())), z


def _one_way(
    pairs: pd.DataFrame, this: np.ndarray, that: np.ndarray, items: pd.Index, each: np.ndarray, level: float
) -> pd.DataFrame:
    low, high = proportion_confint(pairs["together"], each[this], 1 - level, method="wilson")
    table = pairs.assign(this=items[this], that=items[that], confidence=pairs["together"] / each[this])
    table = table.assign(confidence_low=np.asarray(low), confidence_high=np.asarray(high))
    names = ["this", "that", "together", "support", "confidence", "confidence_low", "confidence_high"]
    return table[[*names, "lift", "lift_low", "lift_high", "p_value", "q_value"]]


def within_customers(sold: pd.DataFrame, level: float = 0.95, fewest_expected: float = FEWEST_EXPECTED) -> pd.DataFrame:
    """Whether two things belong together, or only please the same people.

    Each customer's pairs are thought of as shuffled: as many as in her own baskets, dealt out over her own goods as
    often as she buys each. A pair that meets more often than that belongs together. Who has one basket says nothing
    and is left out.

    Parameters
    ----------
    sold, level, fewest_expected
        As for `basket_rules`.

    Returns
    -------
    DataFrame
        One row per pair: ``this``, ``that``, ``together`` (baskets), ``expected`` (after shuffling), ``lift`` (their
        ratio; exact Poisson interval ``lift_low``, ``lift_high``), ``p_value``, ``q_value``.

    Raises
    ------
    NothingToAnalyse
        If no pair could be expected often enough.

    References
    ----------
    Gionis, Mannila, Mielikäinen and Tsaparas (2007), Assessing data mining results via swap randomization, ACM
    Transactions on Knowledge Discovery from Data 1(3); here within each customer, in expectation.
    """
    inside, owner, items = _incidence(sold)
    size, count = inside.sum(axis=1), owner.max() + 1
    many = np.bincount(owner, minlength=count) > 1
    mine = np.stack([np.bincount(owner, weights=column, minlength=count) for column in inside.T], axis=1)
    pairs_made = np.bincount(owner, weights=size * (size - 1) / 2, minlength=count)
    pairs_there = (mine.sum(axis=1) ** 2 - (mine**2).sum(axis=1)) / 2
    meet = np.where(many & (pairs_there > 0), pairs_made / np.maximum(pairs_there, 1), 0.0)
    expected = mine.T @ (mine * meet[:, None])
    counted = inside[many[owner]]
    observed = counted.T @ counted
    first, second = np.nonzero(np.triu(expected >= fewest_expected, k=1))
    if not len(first):
        raise NothingToAnalyse("order_lines: too few customers came back to tell goods that belong together from taste")
    seen, chance = observed[first, second], expected[first, second]
    low, high = poisson_interval(seen, level)
    table = pd.DataFrame(
        {"this": items[first], "that": items[second], "together": seen.astype(int), "expected": chance}
    )
    table["lift"] = seen / chance
    table["lift_low"], table["lift_high"] = low / chance, high / chance
    table["p_value"] = stats.poisson.sf(seen - 1, chance)
    table["q_value"] = _q_values(table["p_value"])
    return table.sort_values("p_value", ignore_index=True)


def kept_later(rules: pd.DataFrame, later: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Hold rules against baskets that they have not seen.

    Parameters
    ----------
    rules : DataFrame
        As `basket_rules` returns them.
    later : DataFrame
        Lines of later baskets, as `Store.lines` gives them.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        `rules` with ``together_later`` (baskets), ``expected_later`` (baskets, by chance), and their ratio
        ``lift_later`` (exact Poisson interval ``lift_later_low``, ``lift_later_high``); missing where an item was not
        sold later.
    """
    inside, _, items = _incidence(later)
    this, that = items.get_indexer(rules["this"]), items.get_indexer(rules["that"])
    each, both = inside.sum(axis=0), inside.T @ inside
    known = (this >= 0) & (that >= 0)
    seen = np.where(known, both[this, that], np.nan)
    chance = np.where(known, each[this] * each[that] / len(inside), np.nan)
    low, high = poisson_interval(seen, level)
    return rules.assign(
        together_later=seen,
        expected_later=chance,
        lift_later=seen / chance,
        lift_later_low=low / chance,
        lift_later_high=high / chance,
    )


def tally(rules: pd.DataFrame, planted: set[frozenset[str]]) -> pd.Series:
    """Count how many of the pairs that rules name are among those that are known to belong together.

    Parameters
    ----------
    rules : DataFrame
        As `basket_rules` or `within_customers` returns them.
    planted : set of frozenset of str
        Pairs of items.

    Returns
    -------
    Series of int
        ``pairs``, ``planted`` (of them), ``others``.

    Examples
    --------
    >>> rules = pd.DataFrame({"this": ["tea", "milk", "tea"], "that": ["milk", "tea", "rice"]})
    >>> tally(rules, {frozenset(["tea", "milk"])}).to_dict()
    {'pairs': 2, 'planted': 1, 'others': 1}
    """
    found = set(map(frozenset, rules[["this", "that"]].to_numpy()))
    right = len(found & planted)
    return pd.Series({"pairs": len(found), "planted": right, "others": len(found) - right})
