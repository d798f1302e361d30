"""What a clerk's review of some pairs tells of all: precision, recall, and where to draw the line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from crm_course.analysis.identity.linkage import LOWEST
from crm_course.errors import LeftOut, NothingToAnalyse, StoreError

STRATA = 8
LEAST_EACH = 4  # reviewed pairs of a stratum
_FLOOR = 0.15  # least doubt that a stratum counts with
_DRAWS = 2_000


def review_sample(pairs: pd.DataFrame, size: int, threshold: float, seed: int = 7) -> pd.DataFrame:
    """Draw the pairs that a clerk is to review: some of every score, more where the score is in doubt.

    Parameters
    ----------
    pairs : DataFrame
        One row per candidate pair, with its ``score`` and its ``stratum`` (see `strata`).
    size : int
        Pairs to review, about.
    threshold : float
        Score near which the doubt is greatest.
    seed : int
        Seed of the draw.

    Returns
    -------
    DataFrame
        Rows of `pairs`, with ``weight`` (how many pairs a row stands for).

    Raises
    ------
    NothingToAnalyse
        If there are no pairs.
    """
    if pairs.empty:
        raise NothingToAnalyse("pairs: no two records agree in anything, so there is nothing to review")
    stratum = pairs["stratum"]
    chance = expit(pairs["score"] - threshold)
    doubt = np.sqrt(chance * (1 - chance)).clip(lower=_FLOOR).groupby(stratum).sum()
    population = stratum.value_counts().reindex(doubt.index)
    wanted = (size * doubt / doubt.sum()).round().clip(lower=LEAST_EACH).clip(upper=population).astype(int)
    lot = pd.Series(np.random.default_rng(seed).random(len(pairs)), pairs.index)
    chosen = lot.groupby(stratum).rank(method="first") <= stratum.map(wanted)
    return pairs.assign(weight=stratum.map(population / wanted))[chosen]


def review_sheet(sample: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Both records of each pair of a sample side by side, with an empty column ``same`` for the clerk.

    It holds names and numbers: it stays in the shop, and is deleted when the review is done.

    Parameters
    ----------
    sample : DataFrame
        ``x``, ``y``: places of the records in `records`.
    records : DataFrame
        As entered.

    Returns
    -------
    DataFrame
        Columns of `records` with ``_x`` and ``_y`` behind their names, and ``same``.
    """
    one, other = (records.iloc[sample[side]].add_suffix(f"_{side}").reset_index(drop=True) for side in ("x", "y"))
    return pd.concat([one, other], axis=1).assign(same="")


def strata(score: pd.Series) -> pd.Series:
    """Sort pairs by score into about eight strata of equal size; pairs with one score stay together."""
    rank = score.rank(method="average", pct=True)
    return np.ceil(rank * STRATA).astype(int).rename("stratum")


def with_strata(pairs: pd.DataFrame) -> pd.DataFrame:
    """Give pairs with their ``stratum``: see `strata`.

    Parameters
    ----------
    pairs : DataFrame
        With their ``score``.

    Raises
    ------
    LeftOut
        If there are none.
    """
    if pairs.empty:
        raise LeftOut("No two records agree in anything: nothing to review.")
    return pairs.assign(stratum=strata(pairs["score"]))


def reviewed_quality(
    reviewed: pd.DataFrame, pairs: pd.DataFrame, merged: pd.Series, level: float = 0.90, seed: int = 7
) -> pd.DataFrame:
    """Precision and recall of a way of linking among the candidate pairs, estimated from a clerk's review.

    Parameters
    ----------
    reviewed : DataFrame
        As `review_sample` returns it, with ``same`` (whether the clerk takes the two records for one person).
    pairs : DataFrame
        All pairs from which the sample was drawn, as `linkage.joined_pairs` returns them, with their ``stratum``.
    merged : Series of bool
        Which of `pairs` the way of linking puts together.
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
    the prior of Jeffreys: here one for what is merged and one for the rest, each spread over its strata.
    """
    if reviewed.empty:
        raise NothingToAnalyse("review: no pair was reviewed; let a clerk decide on the pairs of the sample")
    cells = _cells(reviewed, pairs, merged)
    estimate, drawn = (_measures(cells, same) for same in _true_pairs(cells, seed))
    low, high = (drawn.quantile(tail) for tail in ((1 - level) / 2, (1 + level) / 2))
    return pd.DataFrame({"estimate": estimate.iloc[0], "low": low, "high": high})


def _true_pairs(cells: pd.DataFrame, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Estimate how many pairs of each cell are one person's: best guess, and draws; a column a cell."""
    yes, no, rest = (cells[name].to_numpy(float) for name in ("yes", "no", "rest"))
    prior = 0.5 / cells.groupby("merged")["merged"].transform("size").to_numpy(float)
    rng = np.random.default_rng(seed)
    rate = rng.beta(yes + prior, no + prior, size=(_DRAWS, len(cells)))
    share = (yes + 1e-9) / (yes + no + 2e-9)  # a half where nothing was reviewed
    return (yes + rest * share)[None, :], yes + rng.binomial(rest.astype(int), rate)


def _cells(reviewed: pd.DataFrame, pairs: pd.DataFrame, merged: pd.Series) -> pd.DataFrame:
    """Count, by stratum and by whether they are merged, the pairs reviewed (yes, no) and the rest."""

    def counted(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby(["stratum", merged.loc[rows.index].rename("merged")]).size()

    total, same = counted(pairs), reviewed["same"].astype(bool)
    yes, no = (counted(rows).reindex(total.index, fill_value=0) for rows in (reviewed[same], reviewed[~same]))
    return pd.DataFrame({"yes": yes, "no": no, "rest": total - yes - no}).reset_index()


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


def cost_differences(
    reviewed: pd.DataFrame,
    pairs: pd.DataFrame,
    ways: Mapping[str, pd.Series],
    base: str,
    costs: tuple[float, float],
    level: float = 0.90,
    seed: int = 7,
) -> pd.DataFrame:
    """How much more the mistakes of other ways of linking cost than those of one, estimated from one review.

    Two ways make the same mistakes on all pairs that they treat alike. So only the pairs on which they differ count;
    intervals of each way alone, laid beside each other, would not show that.

    Parameters
    ----------
    reviewed, pairs : DataFrame
        As for `reviewed_quality`.
    ways : mapping of str to Series of bool
        Which of `pairs` each way puts together.
    base : str
        The way with which the others are compared.
    costs : tuple of float
        Cost of a false merge and of a missed pair (currency).
    level : float
        Coverage of the intervals.
    seed : int
        Seed of the draws.

    Returns
    -------
    DataFrame
        Indexed by way: ``differ`` (pairs that it treats otherwise than the base), ``estimate``, ``low``, ``high``
        (currency; above 0 where it costs more than the base).
    """
    rows = {}
    for name, way in ways.items():
        differ = way != ways[base]
        cells = _cells(reviewed[differ.loc[reviewed.index]], pairs[differ], way[differ])
        sign = np.where(cells["merged"].astype(bool), 1.0, -1.0)
        total = cells[["yes", "no", "rest"]].sum(axis=1).to_numpy(float)
        best, drawn = (
            (sign * (costs[0] * (total - same) - costs[1] * same)).sum(axis=1) for same in _true_pairs(cells, seed)
        )
        rows[name] = [differ.sum(), best[0], *np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["differ", "estimate", "low", "high"])
    return table.drop(index=base).astype({"differ": int})


def cost_curve(
    labelled: pd.DataFrame, cost_false_merge: float, cost_missed: float, lowest: float = LOWEST
) -> pd.DataFrame:
    """What each threshold costs: false merges above it and missed pairs below it.

    Parameters
    ----------
    labelled : DataFrame
        Pairs with ``score`` (from which on they are put together) and ``same``; of a sample also ``weight``, how
        many pairs a row stands for.
    cost_false_merge, cost_missed : float
        Cost of one pair of strangers put together, and of one person's pair left apart (currency).
    lowest : float
        Lowest threshold that is tried.

    Returns
    -------
    DataFrame
        ``threshold`` (each score that there is), ``false_merges``, ``missed`` (pairs) and ``cost`` (currency),
        thresholds rising.
    """
    weight = labelled["weight"] if "weight" in labelled else pd.Series(1.0, labelled.index)
    same = labelled["same"].astype(bool)
    rows = pd.DataFrame({"score": labelled["score"], "same": weight * same, "other": weight * ~same})
    by_score = rows.groupby("score")[["same", "other"]].sum().sort_index()
    missed = by_score["same"].cumsum() - by_score["same"]
    false = by_score["other"][::-1].cumsum()[::-1]
    curve = pd.DataFrame({"false_merges": false, "missed": missed}).rename_axis("threshold").reset_index()
    curve["cost"] = cost_false_merge * curve["false_merges"] + cost_missed * curve["missed"]
    return curve[curve["threshold"] >= lowest].reset_index(drop=True)


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


def read_review(path: Path | str) -> pd.DataFrame:
    """Read a clerk's decisions from a CSV file.

    Parameters
    ----------
    path : Path or str
        A file with ``record_id_x``, ``record_id_y`` and ``same`` (yes or no, true or false, 1 or 0).

    Returns
    -------
    DataFrame
        These columns, ``same`` as bool; rows without a decision are left out.

    Raises
    ------
    StoreError
        If the file cannot be read, lacks a column or holds another word.
    """
    try:
        table = pd.read_csv(path, dtype="str")
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error}); give the whole path of a CSV file") from None
    if missing := [name for name in ("record_id_x", "record_id_y", "same") if name not in table]:
        raise StoreError(f"{path}: has no column {missing[0]}; fill in the sheet of clerical.review_sheet")
    word = table["same"].str.strip().str.lower()
    answer = word.map(dict.fromkeys(("yes", "true", "1"), True) | dict.fromkeys(("no", "false", "0"), False))
    strange = word.notna() & (word != "") & answer.isna()
    if strange.any():
        row = int(strange.to_numpy().argmax()) + 2
        raise StoreError(f"{path}, line {row}: same is {table['same'][strange].iloc[0]!r}; write yes or no")
    table = table.assign(same=answer)[answer.notna()]
    return table[["record_id_x", "record_id_y", "same"]].astype({"same": bool}).reset_index(drop=True)


def decisions_by_links(sample: pd.DataFrame, fields: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Take for decisions on a sample what the shop's staff decided before: whose each record is.

    Parameters
    ----------
    sample : DataFrame
        ``x``, ``y``: places of the records in `fields`.
    fields : DataFrame
        The records, indexed by ``record_id``.
    links : DataFrame
        ``record_id``, ``customer_id``; records that are not in it were left open.

    Returns
    -------
    DataFrame
        ``record_id_x``, ``record_id_y``, ``same``: the pairs of which both records were decided.
    """
    whose = links.set_index("record_id")["customer_id"].reindex(fields.index)
    both = sample[whose.notna().to_numpy()[sample["x"]] & whose.notna().to_numpy()[sample["y"]]]
    same = whose.to_numpy()[both["x"]] == whose.to_numpy()[both["y"]]
    ids = {f"record_id_{side}": fields.index[both[side]] for side in ("x", "y")}
    return pd.DataFrame({**ids, "same": same})


def with_decisions(sample: pd.DataFrame, fields: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Pairs of a sample that were decided, with ``same``; those left open raise the weight of the others.

    Parameters
    ----------
    sample : DataFrame
        As `review_sample` returns it.
    fields : DataFrame
        The records, indexed by ``record_id``, in which ``x`` and ``y`` are places.
    decided : DataFrame
        ``record_id_x``, ``record_id_y``, ``same``, as `read_review` returns it.
    """
    answer = decided.drop_duplicates(["record_id_x", "record_id_y"]).set_index(["record_id_x", "record_id_y"])["same"]
    pair = pd.MultiIndex.from_arrays([fields.index[sample["x"]], fields.index[sample["y"]]])
    same = pd.Series(answer.reindex(pair).to_numpy(), sample.index)
    found = sample[same.notna()].assign(same=same.dropna().astype(bool))
    stratum = sample.groupby("stratum")["weight"].sum()
    weight = found["stratum"].map(stratum) / found["stratum"].map(found["stratum"].value_counts())
    return found.assign(weight=weight)


def reviewed(
    sample: pd.DataFrame,
    fields: pd.DataFrame,
    path: Path | str = "",
    same: pd.Series | None = None,
    wrong: float = 0.0,
    seed: int = 7,
) -> pd.DataFrame:
    """Take the decisions on a sample from the clerk's file; without one, from whoever knows the truth and plays her.

    Parameters
    ----------
    sample : DataFrame
        As `review_sample` returns it.
    fields : DataFrame
        The records, indexed by ``record_id``.
    path : Path or str
        The clerk's file, as `read_review` reads it; empty: she has decided nothing.
    same : Series of bool, optional
        Whether two records are one person's, by pair as `sample` is; None: nobody knows.
    wrong, seed : float and int
        See `noted`: of who plays the clerk.

    Returns
    -------
    DataFrame
        The pairs of the sample that were decided, with ``same``.

    Raises
    ------
    LeftOut
        If there is no file and nobody knows.
    StoreError
        If the file cannot be read.
    """
    if path:
        return with_decisions(sample, fields, read_review(path))
    if same is None:
        raise LeftOut("Nobody has reviewed the sample yet: the line set by hand stays.")
    return sample.assign(same=noted(same.loc[sample.index], wrong, seed))


def methods_reviewed(reviewed: pd.DataFrame, pairs: pd.DataFrame, ways: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Precision and recall of several ways of linking, with their intervals; see `reviewed_quality`.

    Parameters
    ----------
    reviewed, pairs : DataFrame
        As for `reviewed_quality`.
    ways : mapping of str to Series of bool
        Which of `pairs` each way puts together.

    Returns
    -------
    DataFrame
        Indexed by measure and way: ``estimate``, ``low``, ``high``.
    """
    tables = {name: reviewed_quality(reviewed, pairs, way).loc[["precision", "recall"]] for name, way in ways.items()}
    return pd.concat(tables, names=["way", "measure"]).swaplevel().sort_index(level=0, sort_remaining=False)


def plain_shares(reviewed: pd.DataFrame, merged: pd.Series) -> pd.Series:
    """Precision and recall as who forgets the weights reads them off a review: shares of the pairs reviewed.

    Parameters
    ----------
    reviewed : DataFrame
        As for `reviewed_quality`.
    merged : Series of bool
        Which pairs are merged.
    """
    return true_quality(reviewed["same"], merged.loc[reviewed.index])


def true_quality(same: pd.Series, merged: pd.Series) -> pd.Series:
    """Precision, recall, false merges and misses of pairs of which one knows whether they are one person's.

    Parameters
    ----------
    same, merged : Series of bool
        Whether the two records are one person's, and whether they are put together.

    Examples
    --------
    >>> true_quality(pd.Series([True, True, False]), pd.Series([True, False, True])).tolist()
    [0.5, 0.5, 1.0, 1.0]
    """
    same = same.astype(bool)
    right = float((same & merged).sum())
    return pd.Series(
        {
            "precision": right / merged.sum() if merged.any() else np.nan,
            "recall": right / same.sum() if same.any() else np.nan,
            "false_merges": float((merged & ~same).sum()),
            "missed": float((same & ~merged).sum()),
        }
    )
