"""Where customers stand: lifecycle stages, tiers that move, and how far definitions of "best" agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.analysis.sales.rfm import purchase_days
from crm_course.errors import NothingToAnalyse
from crm_course.tables.small_groups import enough, fewest, groups_of_people, numbers_of_people, shown

STAGES = ["new", "growing", "mature", "declining"]
TIERS = ["gold", "silver", "bronze"]
STEPS = ["moved up", "stayed", "one step down", "two steps down"]


def lifecycle_stages(
    purchases: pd.DataFrame, today: pd.Timestamp, window_days: int = 182, overdue: float = 3.0
) -> pd.DataFrame:
    """Sort customers into new, growing, mature and declining by what they did.

    *Declining*: silent for more than `overdue` times her mean gap between purchases; who has not shown
    two gaps yet is held to the shop's usual one. Else *new*: first purchase within the window. Else *growing*:
    more purchases in the last window than in the same one a year before, so that season cancels, and already
    a customer then. Else *mature*.

    Parameters
    ----------
    purchases : DataFrame
        As for `rfm.rfm`.
    today : Timestamp
        The last day that counts.
    window_days : int
        Length of the windows that are compared (days).
    overdue : float
        Silence, in usual gaps, that counts as decline.

    Returns
    -------
    DataFrame
        By customer: ``stage`` (category), ``purchases``, ``silence`` (days since the last purchase),
        ``usual_gap`` (days), ``recent``, ``year_before`` (purchases in the two windows).
    """
    days = purchase_days(purchases, today)
    groups = days.groupby("customer")["day"]
    first, last, times = groups.min(), groups.max(), groups.size()
    ago = (today - days["day"]).dt.days
    recent = (ago < window_days).groupby(days["customer"]).sum()
    year_before = ago.between(365, 364 + window_days).groupby(days["customer"]).sum()
    own_gap = (last - first).dt.days / (times - 1).where(times > 2)
    usual_gap = own_gap.fillna(own_gap.median() if own_gap.notna().any() else window_days)
    silence, known_for = (today - last).dt.days, (today - first).dt.days
    growing = (recent > year_before) & (known_for >= 365 + window_days)
    stage = np.select(
        [silence > overdue * usual_gap, known_for < window_days, growing], ["declining", "new", "growing"], "mature"
    )
    return pd.DataFrame(
        {
            "stage": pd.Categorical(stage, STAGES, ordered=True),
            "purchases": times.to_numpy(),
            "silence": silence.to_numpy(),
            "usual_gap": usual_gap.to_numpy(),
            "recent": recent.to_numpy(),
            "year_before": year_before.to_numpy(),
        },
        index=pd.Index(days.attrs["customers"], name="customer_id"),
    )


def tiers(value: pd.Series, gold: float = 0.05, silver: float = 0.20) -> pd.Series:
    """Grade customers by value: the first share is gold, up to the second silver, the rest bronze.

    Parameters
    ----------
    value : Series
        By customer, for instance the lifetime value (currency).
    gold, silver : float
        Shares of the customers at which a tier ends, counted from the top. Ties share the better tier.

    Returns
    -------
    Series of category
        ``gold``, ``silver`` or ``bronze``.
    """
    if value.empty:
        raise NothingToAnalyse("tiers: there is no customer to grade")
    share_above = (value.rank(ascending=False, method="min") - 1) / len(value)
    label = np.select([share_above < gold, share_above < silver], TIERS[:2], TIERS[2])
    return pd.Series(pd.Categorical(label, TIERS, ordered=True), value.index, name="tier")


def tier_moves(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Count customers by their tier at one date and by how far they moved until another.

    Steps and not tiers, so that few cells are too small to be shown: who rose is counted together, by one step or two.

    Parameters
    ----------
    before, after : Series of category
        As `tiers` returns them. Only who is in both is counted.

    Returns
    -------
    DataFrame
        Rows the tier before, columns ``moved up``, ``stayed``, ``one step down``, ``two steps down``: numbers of
        people. How many came to a step is told nowhere, so a row is hidden by itself.
    """
    both = before.index.intersection(after.index)
    start = before.loc[both]
    down = (after.loc[both].cat.codes.astype(int) - start.cat.codes).clip(lower=-1)
    table = pd.crosstab(start.astype(str), down).reindex(index=TIERS, columns=range(-1, 3), fill_value=0)
    return numbers_of_people(table.set_axis(STEPS, axis=1).rename_axis(index="before", columns="moved"), "rows")


def move_shares(moves: pd.DataFrame) -> pd.DataFrame:
    """Tell which share of a tier moved how far.

    Parameters
    ----------
    moves : DataFrame
        As `tier_moves` returns them.

    Returns
    -------
    DataFrame
        The same, shares of the row; missing where too few people moved to be shown.
    """
    shares = shown(moves).div(moves.sum(axis=1).clip(lower=1), axis=0)
    shares.attrs.clear()  # no numbers of people any more
    return shares


def tier_plan(tier: pd.Series, value: pd.Series, share: float) -> pd.DataFrame:
    """What a tier brings and what may be spent on a customer of it.

    Parameters
    ----------
    tier : Series of category
        By customer.
    value : Series
        Expected margin by customer (currency).
    share : float
        Part of the expected margin that goes back to customers as service and benefits.

    Returns
    -------
    DataFrame
        By tier: ``people``, ``value`` (sum), ``share_of_value``, ``value_each``, ``budget_each`` (currency).
    """
    groups = value.clip(lower=0).groupby(tier, observed=False)
    table = pd.DataFrame({"people": groups.size(), "value": groups.sum()})
    table["share_of_value"] = table["value"] / max(table["value"].sum(), 1e-12)
    table["value_each"] = table["value"] / table["people"].clip(lower=1)
    table["budget_each"] = share * table["value_each"]
    return groups_of_people(table)


def definitions(table: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Measures by which shops call customers their best, one a column; more is better.

    Parameters
    ----------
    table : DataFrame
        As `rfm.rfm` returns it.
    scores : DataFrame
        As `rfm.rfm_scores` returns them.

    Returns
    -------
    DataFrame
        By customer: ``spend so far``, ``visits``, ``most recent visit``, ``RFM score`` (sum of the three).
    """
    return pd.DataFrame(
        {
            "spend so far": table["spent"],
            "visits": table["frequency"],
            "most recent visit": table["recency"] - table["T"],
            "RFM score": scores.sum(axis=1),
        }
    )


def top_lists(measures: pd.DataFrame, size: int) -> dict[str, pd.Index]:
    """The best customers under each of several definitions.

    Parameters
    ----------
    measures : DataFrame
        By customer, one definition a column; more is better.
    size : int
        Customers a list.

    Returns
    -------
    dict of str to Index
        By definition.
    """
    return {name: ranked(measures[name]).index[:size] for name in measures}


def ranked(values: pd.Series, seed: int = 7) -> pd.Series:
    """Put the largest value first; ties stand in an order drawn by lot, not in that of names or of the file."""
    by_lot = values.sort_index().sample(frac=1, random_state=seed)
    return by_lot.sort_values(ascending=False, kind="stable")


def agreement(lists: dict[str, pd.Index]) -> pd.DataFrame:
    """Share of the customers of one list who are on another too.

    Parameters
    ----------
    lists : dict of str to Index
        As `top_lists` returns them.

    Returns
    -------
    DataFrame
        Square, 1 on the diagonal.
    """
    table = {
        name: {other: len(mine.intersection(theirs)) / max(len(mine), 1) for other, theirs in lists.items()}
        for name, mine in lists.items()
    }
    return pd.DataFrame(table).T


def gain(scores: pd.DataFrame, outcome: pd.Series) -> pd.DataFrame:
    """Share of an outcome that comes from the top share of customers, under each ranking.

    Parameters
    ----------
    scores : DataFrame
        By customer, one ranking a column; more is better.
    outcome : Series
        What customers brought afterwards (currency, or purchases).

    Returns
    -------
    DataFrame
        Long: ``ranking``, ``share_of_customers``, ``share_of_outcome``; a row at every hundredth of the customers, or
        at every tenth, say, where fewer would be too few to be shown.

    Raises
    ------
    LeftOut
        If the best fifth is too few to be shown.
    """
    brought = outcome.reindex(scores.index).fillna(0.0)
    parts = []
    for name in scores:
        order = ranked(scores[name]).index
        share = np.concatenate([[0.0], brought.loc[order].cumsum().to_numpy()]) / max(float(brought.sum()), 1e-12)
        enough(order[: len(order) // 5], "customers in the best fifth")
        steps = next(parts for parts in (100, 50, 20, 10, 5) if len(order) >= parts * fewest())
        position = np.unique(np.linspace(0, len(order), steps + 1).astype(int))
        parts.append(
            pd.DataFrame(
                {"ranking": name, "share_of_customers": position / len(order), "share_of_outcome": share[position]}
            )
        )
    return pd.concat(parts, ignore_index=True)


def found_by_top(gain: pd.DataFrame, share: float = 0.2) -> pd.Series:
    """Read off how much of an outcome the top share of each list brings.

    Parameters
    ----------
    gain : DataFrame
        As `gain` returns it.
    share : float
        Share of the customers.

    Returns
    -------
    Series
        Share of the outcome by ranking, in the order of `gain`.
    """
    columns = ["share_of_customers", "share_of_outcome"]
    return gain.groupby("ranking", sort=False)[columns].apply(lambda part: np.interp(share, *part.to_numpy().T))


def gain_differences(
    scores: pd.DataFrame,
    outcome: pd.Series,
    best: str,
    share: float = 0.2,
    draws: int = 200,
    seed: int = 7,
    level: float = 0.9,
) -> pd.DataFrame:
    """How much more of an outcome the top share of one list brings than that of each other list.

    The bootstrap is paired: each draw judges all lists on the same customers, since what is common to the lists
    does not matter for which is better.

    Parameters
    ----------
    scores, outcome
        As in `gain`.
    best : str
        The list that the others are compared with, a column of `scores`.
    share : float
        Share of the customers.
    draws : int
        Bootstrap samples of customers.
    seed : int
        Seed of the resampling.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        By the other list: ``difference`` (share of the outcome), ``low``, ``high``.
    """
    brought = outcome.reindex(scores.index).fillna(0.0).to_numpy(float)
    order = {name: scores.index.get_indexer(ranked(scores[name]).index) for name in scores}
    n, rng = len(brought), np.random.default_rng(seed)
    rows = []
    for draw in range(1 + draws):  # the first is the sample itself
        times = rng.multinomial(n, np.full(n, 1 / n)) if draw else np.ones(n, int)
        total = max(float(times @ brought), 1e-12)
        rows.append({name: _in_top(times, brought, place, share) / total for name, place in order.items()})
    found = pd.DataFrame(rows)
    more = found.drop(columns=best).rsub(found[best], axis=0)
    low, high = (more.iloc[1:].quantile(tail) for tail in [(1 - level) / 2, (1 + level) / 2])
    return pd.DataFrame({"difference": more.iloc[0], "low": low, "high": high})


def _in_top(times: np.ndarray, brought: np.ndarray, order: np.ndarray, share: float) -> float:
    """Give what the top share of a list brings where each customer stands so many times in the sample."""
    counts = times[order]
    before = counts.cumsum() - counts
    return float(np.clip(share * len(order) - before, 0, counts) @ brought[order])
