"""What a clerk's review of some pairs tells of all: precision, recall, and where to draw the line."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from crm_course.errors import NothingToAnalyse

STRATA = 8
LEAST_EACH = 4  # reviewed pairs of a stratum
_FLOOR = 0.15  # least doubt that a stratum counts with
_DRAWS = 2_000


def review_sample(scored: pd.DataFrame, size: int, threshold: float, seed: int = 7) -> pd.DataFrame:
    """Draw the pairs that a clerk is to review: some of every score, more where the score is in doubt.

    Parameters
    ----------
    scored : DataFrame
        One row per candidate pair, with its ``score``.
    size : int
        Pairs to review, about.
    threshold : float
        Score near which the doubt is greatest.
    seed : int
        Seed of the draw.

    Returns
    -------
    DataFrame
        Rows of `scored`, with ``stratum`` (numbered from the lowest scores) and ``weight`` (how many pairs a row
        stands for).
    """
    if scored.empty:
        raise NothingToAnalyse("pairs: no two records agree in anything, so there is nothing to review")
    stratum = strata(scored["score"])
    chance = expit(scored["score"] - threshold)
    doubt = np.sqrt(chance * (1 - chance)).clip(lower=_FLOOR).groupby(stratum).sum()
    population = stratum.value_counts().reindex(doubt.index)
    wanted = (size * doubt / doubt.sum()).round().clip(lower=LEAST_EACH).clip(upper=population).astype(int)
    rng = np.random.default_rng(seed)
    lot = pd.Series(rng.random(len(scored)), scored.index)
    chosen = lot.groupby(stratum).rank(method="first") <= stratum.map(wanted)
    weight = stratum.map(population / wanted)
    return scored.assign(stratum=stratum, weight=weight)[chosen]


def strata(score: pd.Series) -> pd.Series:
    """Sort pairs by score into about eight strata of equal size; pairs with one score stay together."""
    rank = score.rank(method="average", pct=True)
    return np.ceil(rank * STRATA).astype(int).rename("stratum")


def reviewed_quality(
    reviewed: pd.DataFrame, scored: pd.DataFrame, threshold: float, level: float = 0.90, seed: int = 7
) -> pd.DataFrame:
    """Precision and recall of a threshold among the candidate pairs, estimated from a clerk's review.

    Parameters
    ----------
    reviewed : DataFrame
        As `review_sample` returns it, with ``same`` (whether the clerk takes the two records for one person).
    scored : DataFrame
        All candidate pairs, with ``score``.
    threshold : float
        Pairs with this score or a higher one are merged.
    level : float
        Coverage of the intervals.
    seed : int
        Seed of the draws.

    Returns
    -------
    DataFrame
        Rows ``precision``, ``recall``, ``false_merges``, ``missed`` (pairs); columns ``estimate``, ``low``, ``high``.
        Pairs that agree in nothing were never candidates: recall is of those that were.

    Raises
    ------
    NothingToAnalyse
        If nothing was reviewed.

    References
    ----------
    Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science 16(2), for
    the prior of Jeffreys: here one for either side of the threshold, spread over its strata.
    """
    if reviewed.empty:
        raise NothingToAnalyse("review: no pair was reviewed; let a clerk decide on the pairs of the sample")
    cells = _cells(reviewed, scored, threshold)
    prior = 0.5 / cells.groupby("merged")["merged"].transform("size")
    rng = np.random.default_rng(seed)
    rate = rng.beta(cells["yes"] + prior, cells["no"] + prior, size=(_DRAWS, len(cells)))
    drawn = _measures(cells, cells["yes"].to_numpy() + cells["rest"].to_numpy() * rate)
    mean = (cells["yes"] + prior) / (cells["yes"] + cells["no"] + 2 * prior)
    share = (cells["yes"] / (cells["yes"] + cells["no"]).replace(0, np.nan)).fillna(mean)
    estimate = _measures(cells, (cells["yes"] + cells["rest"] * share).to_numpy()[None, :]).iloc[0]
    low, high = (drawn.quantile(tail) for tail in ((1 - level) / 2, (1 + level) / 2))
    return pd.DataFrame({"estimate": estimate, "low": low, "high": high})


def _cells(reviewed: pd.DataFrame, scored: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Count, by stratum and side of the threshold, the pairs reviewed (yes, no) and the rest."""

    def counted(rows: pd.DataFrame, stratum: pd.Series) -> pd.Series:
        return rows.groupby([stratum.rename("stratum"), (rows["score"] >= threshold).rename("merged")]).size()

    total = counted(scored, strata(scored["score"]))
    same = reviewed["same"].astype(bool)
    yes, no = (counted(rows, rows["stratum"]).reindex(total.index, fill_value=0) for rows in _split(reviewed, same))
    return pd.DataFrame({"yes": yes, "no": no, "rest": total - yes - no}).reset_index()


def _split(rows: pd.DataFrame, where: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    return rows[where], rows[~where]


def _measures(cells: pd.DataFrame, same: np.ndarray) -> pd.DataFrame:
    """Turn numbers of true pairs by cell, one row a draw, into the measures."""
    merged = cells["merged"].to_numpy()
    total = cells[["yes", "no", "rest"]].sum(axis=1).to_numpy()
    right, missed, all_merged = same[:, merged].sum(axis=1), same[:, ~merged].sum(axis=1), total[merged].sum()
    return pd.DataFrame(
        {
            "precision": right / all_merged if all_merged else np.nan,
            "recall": right / np.maximum(right + missed, 1e-12),
            "false_merges": all_merged - right,
            "missed": missed,
        }
    )


def cost_curve(labelled: pd.DataFrame, cost_false_merge: float, cost_missed: float, steps: int = 60) -> pd.DataFrame:
    """What each threshold costs: false merges above it and missed pairs below it.

    Parameters
    ----------
    labelled : DataFrame
        Pairs with ``score`` and ``same``; of a sample also ``weight``, how many pairs a row stands for.
    cost_false_merge, cost_missed : float
        Cost of one pair of strangers put together, and of one person's pair left apart (currency).
    steps : int
        Thresholds tried: the quantiles of the scores.

    Returns
    -------
    DataFrame
        ``threshold``, ``false_merges``, ``missed`` (pairs) and ``cost`` (currency), thresholds rising.
    """
    weight = labelled["weight"] if "weight" in labelled else pd.Series(1.0, labelled.index)
    rows = pd.DataFrame(
        {
            "score": labelled["score"],
            "same": weight * labelled["same"],
            "other": weight * ~labelled["same"].astype(bool),
        }
    )
    by_score = rows.groupby("score")[["same", "other"]].sum().sort_index()
    missed = by_score["same"].cumsum() - by_score["same"]
    false = by_score["other"][::-1].cumsum()[::-1]
    curve = pd.DataFrame({"threshold": by_score.index, "false_merges": false, "missed": missed}).reset_index(drop=True)
    curve["cost"] = cost_false_merge * curve["false_merges"] + cost_missed * curve["missed"]
    kept = np.unique(np.linspace(0, len(curve) - 1, steps).round().astype(int)) if len(curve) > steps else curve.index
    return curve.loc[sorted({*kept, int(curve["cost"].argmin())})].reset_index(drop=True)


def cheapest(curve: pd.DataFrame) -> float:
    """Give the threshold of a cost curve that costs least."""
    return float(curve.loc[curve["cost"].idxmin(), "threshold"])


def noted(same: pd.Series, wrong: float, seed: int = 7) -> pd.Series:
    """Decisions of a clerk who is wrong on a share of the pairs, drawn by lot.

    Parameters
    ----------
    same : Series of bool
        Whether two records are one person's.
    wrong : float
        Share of the decisions that are wrong, 0 to 0.5.
    seed : int
        Seed of the lot.
    """
    slip = np.random.default_rng(seed).random(len(same)) < wrong
    return same.astype(bool) ^ slip
