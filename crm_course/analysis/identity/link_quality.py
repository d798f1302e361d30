"""How good a linkage is where the truth is known: precision and recall over pairs, also by kind of record."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from crm_course.tables.small_groups import groups_of_people

_KINDS = ["kind_x", "kind_y"]


def together(pairs: pd.DataFrame, found: pd.Series) -> pd.Series:
    """Say of each pair whether its two records are one person.

    Parameters
    ----------
    pairs : DataFrame
        ``x``, ``y``: places of records.
    found : Series
        The person of each record, in order.
    """
    who = _numbered(found)
    return pd.Series(who[pairs["x"]] == who[pairs["y"]], pairs.index)


def pairs_within(persons: pd.Series) -> int:
    """Count the pairs of records that are one person's, whether or not anybody compares them.

    Parameters
    ----------
    persons : Series
        The person of each record.

    Examples
    --------
    >>> pairs_within(pd.Series(["ann", "ann", "ann", "bo"]))
    3
    """
    return int(_pairs_in(persons.to_frame("person"), ["person"]))


def pair_quality(found: pd.Series, right: pd.Series) -> pd.Series:
    """Precision, recall and F1 over pairs of records put together.

    Parameters
    ----------
    found, right : Series
        The person of each record, as found and as it is, in the same order.

    Returns
    -------
    Series of float
        ``precision`` (of the pairs put together, the share that belongs together), ``recall`` (of the pairs that
        belong together, the share that was put together), ``f1`` (their harmonic mean), ``false_merges`` and
        ``missed`` (pairs).
    """
    table = pd.DataFrame({"found": _numbered(found), "right": _numbered(right)})
    together, belong, both = (_pairs_in(table, by) for by in (["found"], ["right"], ["found", "right"]))
    precision = both / together if together else np.nan
    recall = both / belong if belong else np.nan
    return pd.Series(
        {
            "precision": precision,
            "recall": recall,
            "f1": 2 * both / (together + belong) if together + belong else np.nan,
            "false_merges": together - both,
            "missed": belong - both,
        }
    )


def quality_by(found: pd.Series, right: pd.Series, kind: pd.Series, level: float = 0.90) -> pd.DataFrame:
    """Precision and recall of pairs by the kinds of their two records, such as the scripts of the names.

    Parameters
    ----------
    found, right, kind : Series
        The person of each record, as found and as it is, and what sort of record it is, in the same order.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        One row per pair of kinds, such as ``Chinese and Latin``, marked as groups of people: ``people`` and ``pairs``
        (that belong together), ``recall`` with ``low`` and ``high``, ``precision``.

    References
    ----------
    Kish (1965), Survey Sampling: pairs of one person are found or missed together, so they count for the smallest
    number of cases that they could be worth, in the interval of Wilson (1927).
    """
    code, names = pd.factorize(kind, sort=True)
    rows = pd.DataFrame({"found": _numbered(found), "right": _numbered(right), "kind": code})[code >= 0]
    table = pd.DataFrame({"both": _pairs_of_kinds(rows, ["found", "right"]).groupby(_KINDS).sum()})
    table = table.join(_pairs_of_kinds(rows, ["found"]).groupby(_KINDS).sum().rename("found"), how="outer")
    belong = _pairs_of_kinds(rows, ["right"])
    table = table.join(belong.groupby(_KINDS).agg(people="size", pairs="sum"), how="outer").fillna(0.0)
    cases = table["pairs"] ** 2 / (belong**2).groupby(_KINDS).sum().reindex(table.index)
    recall = table["both"] / table["pairs"].where(table["pairs"] > 0)
    low, high = proportion_confint(recall * cases, cases, alpha=1 - level, method="wilson")
    kinds = [names[one] if one == other else f"{names[one]} and {names[other]}" for one, other in table.index]
    quality = pd.DataFrame(
        {
            "people": table["people"].astype(int),
            "pairs": table["pairs"].astype(int),
            "recall": recall,
            "low": low,
            "high": high,
            "precision": table["both"] / table["found"].where(table["found"] > 0),
        }
    )
    return groups_of_people(quality.set_axis(pd.Index(kinds, name="kinds", dtype="str")))


def methods_by_kind(methods: Mapping[str, pd.Series], right: pd.Series, kind: pd.Series) -> pd.DataFrame:
    """Quality of several ways of linking by the kinds of the two records; see `quality_by`.

    Parameters
    ----------
    methods : mapping of str to Series
        The person of each record, by way of linking.
    right, kind : Series
        The person of each record as it is, and what sort of record it is.

    Returns
    -------
    DataFrame
        Indexed by ``kinds`` and ``way``, columns and mark as `quality_by` gives them. Kinds without a pair that
        belongs together are left out.
    """
    tables = {name: quality_by(found, right, kind) for name, found in methods.items()}
    table = pd.concat(tables, names=["way"]).swaplevel()
    table = table[table["people"] > 0].sort_index(level="kinds", sort_remaining=False, kind="stable")
    return groups_of_people(table)


def _numbered(one: pd.Series) -> np.ndarray:
    """Give each value a number, which is quicker to group by than a text; what is missing stays missing."""
    code = pd.factorize(one)[0]
    return np.where(code < 0, np.nan, code)


def _pairs_in(table: pd.DataFrame, by: list[str]) -> float:
    size = table.groupby(by).size().to_numpy(float)
    return float((size * (size - 1) / 2).sum())


def _pairs_of_kinds(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Count the pairs within each group, by the two kinds; groups without any are left out."""
    size = rows.groupby([*keys, "kind"]).size().reset_index(name="n")
    both = size.merge(size, on=keys)
    both = both[both["kind_x"] <= both["kind_y"]]
    within = both["n_x"] * (both["n_x"] - 1) / 2
    both["pairs"] = within.where(both["kind_x"] == both["kind_y"], both["n_x"] * both["n_y"])
    return both[both["pairs"] > 0].set_index(_KINDS)["pairs"]
