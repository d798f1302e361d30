"""Which records belong to one person: exact keys, a score over fields, and how good either is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

MOST_ALIKE = 30  # records that share a key; more say that the key names nobody (a shop's own number, say)
THRESHOLD = 3.0  # points, set by hand
LOWEST = -1.0  # points; below, chains would join half of the file
EXACT_KEYS = ("phone", "email", "name birthday")
BLOCKS = (
    *("phone", "email", "mailbox", "home"),
    *("name district", "name digits", "surname digits", "surname last_four"),
)
POINTS: dict[str, dict[str, float]] = {
    "phone": {"same mobile": 4.5, "same line": 2.5, "near": 3.5, "differs": -1.0},
    "email": {"same": 5.0, "near": 4.0, "differs": -1.0},
    "birthday": {"same": 5.0, "swapped": 4.0, "differs": -5.0},
    "home": {"same": 2.0},
    "district": {"same": 0.5},
    "name": {"same": 3.5, "near": 2.8, "short": 1.5, "one off": -1.5, "other form": -1.0, "differs": -4.0},
}
"""Points for and against one person, by field and how it compares; set by hand in the spirit of Fellegi and Sunter."""


def agreeing_pairs(fields: pd.DataFrame, keys: Iterable[str]) -> pd.DataFrame:
    """Pairs of records that agree in every field of at least one key.

    Parameters
    ----------
    fields : DataFrame
        As `standardising.standardised` returns them.
    keys : iterable of str
        Each the names of one or more columns, such as ``"name birthday"``. A value that more than 30 records
        share is left out.

    Returns
    -------
    DataFrame
        ``x`` < ``y``: places of the two records in `fields`, each pair once, in order.
    """
    found = pd.concat([_pairs_by(fields, key) for key in keys])
    return found.drop_duplicates().sort_values(["x", "y"], ignore_index=True)


def block_codes(fields: pd.DataFrame, key: str) -> pd.Series:
    """Number the values of a key that some records share, 30 at most; by place, without all other records."""
    columns = key.split()
    rows = fields[columns].reset_index(drop=True).dropna()
    code = rows.groupby(columns, observed=True).ngroup()
    size = code.map(code.value_counts())
    return code[(size > 1) & (size <= MOST_ALIKE)]


def _pairs_by(fields: pd.DataFrame, key: str) -> pd.DataFrame:
    code = block_codes(fields, key)
    places = pd.DataFrame({"code": code.to_numpy(), "x": code.index.to_numpy()})
    both = places.merge(places.rename(columns={"x": "y"}), on="code")
    return both.loc[both["x"] < both["y"], ["x", "y"]]


def exact_pairs(fields: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the same number, the same e-mail address, or the same name and birthday; see `agreeing_pairs`."""
    return agreeing_pairs(fields, EXACT_KEYS)


def with_block_keys(fields: pd.DataFrame) -> pd.DataFrame:
    """Fields with two more by which pairs are found: ``digits`` of the birthday, ``last_four`` of the phone."""
    digits = fields["birthday"].map(lambda day: "".join(sorted(day)), na_action="ignore")
    return fields.assign(digits=digits.astype("str"), last_four=fields["phone"].str[-4:])


def candidate_pairs(fields: pd.DataFrame) -> pd.DataFrame:
    """Pairs worth comparing: those that agree in something (blocking); see `agreeing_pairs`.

    All pairs of 10,000 records are 50 million. Nearly all true ones agree in a number, an address, a mailbox, or
    in a name and something else.
    """
    return agreeing_pairs(with_block_keys(fields), BLOCKS)


def among(pairs: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Say which of some pairs are among others; both have ``x`` and ``y``."""
    known = pd.MultiIndex.from_frame(others[["x", "y"]])
    return pd.Series(pd.MultiIndex.from_frame(pairs[["x", "y"]]).isin(known), pairs.index)


def comparisons(fields: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """How the fields of each pair compare.

    Parameters
    ----------
    fields : DataFrame
        As `standardising.standardised` returns them.
    pairs : DataFrame
        ``x``, ``y``, as `candidate_pairs` returns them.

    Returns
    -------
    DataFrame
        Rows as in `pairs`: for each field of ``POINTS`` one of its words, ``missing`` where a record lacks the
        field; and ``rarity`` (at most 1): points for a name that few records have, off for one that many have.
    """
    one, other = (fields.iloc[pairs[side].to_numpy()].reset_index(drop=True) for side in ("x", "y"))
    name = _names_compared(one["name"], other["name"])
    share = fields["name"].map(fields["name"].value_counts(normalize=True)).to_numpy(float)
    rarity = np.minimum(-np.log(share[pairs["x"].to_numpy()]) / 2 - 3.5, 1.0)
    table = pd.DataFrame(
        {
            "phone": _strings_compared(one["phone"], other["phone"], 1),
            "email": _strings_compared(one["email"], other["email"], 2),
            "birthday": _birthdays_compared(one["birthday"], other["birthday"]),
            "home": _equal(one["home"], other["home"]),
            "district": _equal(one["district"], other["district"]),
            "name": name,
            "rarity": np.where(np.isin(name, ["same", "near"]), rarity, 0.0),
        },
        index=pairs.index,
    )
    kind = np.where(one["phone_kind"] == "fixed line", "same line", "same mobile")
    return table.assign(phone=np.where(table["phone"] == "same", kind, table["phone"]))


def _strings_compared(one: pd.Series, other: pd.Series, most: int) -> np.ndarray:
    there = (one.notna() & other.notna()).to_numpy()
    slips = cpdist(one.fillna("").tolist(), other.fillna("").tolist(), scorer=OSA.distance, score_cutoff=most)
    return np.where(there, np.select([slips == 0, slips <= most], ["same", "near"], "differs"), "missing")


def _birthdays_compared(one: pd.Series, other: pd.Series) -> np.ndarray:
    there = (one.notna() & other.notna()).to_numpy()
    a, b = one.fillna(""), other.fillna("")
    swapped = (a.str[:4] == b.str[:4]) & (a.str[4:6] == b.str[6:]) & (a.str[6:] == b.str[4:6])
    return np.where(there, np.select([a == b, swapped], ["same", "swapped"], "differs"), "missing")


def _equal(one: pd.Series, other: pd.Series) -> np.ndarray:
    return np.where((one == other).fillna(False), "same", "missing")


def _names_compared(one: pd.Series, other: pd.Series) -> np.ndarray:
    both = pd.MultiIndex.from_arrays([one.fillna(""), other.fillna("")])
    code, once = pd.factorize(both)
    return np.array([_name_compared(a.split(), b.split()) for a, b in once], dtype=object)[code]


def _name_compared(one: list[str], other: list[str]) -> str:
    """Compare two names by the syllables they share; one letter may be wrong in a syllable of three or more."""
    least = min(len(one), len(other))
    if not least:
        return "missing"
    shared, near = _shared_syllables(one, other)
    if shared + near == least:
        return "short" if least < 3 else "near" if near else "same"
    if shared + near == least - 1 and least > 2:
        return "one off"
    return "other form" if {len(one), len(other)} == {2, 3} and shared else "differs"


def _shared_syllables(one: list[str], other: list[str]) -> tuple[int, int]:
    free, shared, near = list(other), 0, 0
    for word in one:
        if word in free:
            free.remove(word)
            shared += 1
        elif len(word) > 2 and (close := [w for w in free if OSA.distance(word, w, score_cutoff=1) <= 1]):
            free.remove(close[0])
            near += 1
    return shared, near


def scores(compared: pd.DataFrame, points: Mapping[str, Mapping[str, float]] = POINTS) -> pd.Series:
    """Add up the points for and against each pair.

    Parameters
    ----------
    compared : DataFrame
        As `comparisons` returns it.
    points : mapping
        Points by field and word; a field that is not in it does not count.

    Returns
    -------
    Series of float
        Named ``score``.

    References
    ----------
    Fellegi and Sunter (1969), A theory for record linkage, Journal of the American Statistical Association 64.
    """
    total = compared["rarity"] if "name" in points else pd.Series(0.0, compared.index)
    for field, by_word in points.items():
        total = total + compared[field].map(by_word).astype(float).fillna(0.0)
    return total.rename("score")


def joined_pairs(scored: pd.DataFrame, lowest: float = LOWEST) -> pd.DataFrame:
    """From which score on each pair is put together, directly or by a chain of others.

    If A goes with B and B with C, then A goes with C, however little the two agree: one false link joins two whole
    families. A pair's ``score`` here is that of the weakest link of the strongest chain between the two.

    Parameters
    ----------
    scored : DataFrame
        ``x``, ``y``, ``score``: candidate pairs with points of their own.
    lowest : float
        Chains are followed down to this score.

    Returns
    -------
    DataFrame
        ``x``, ``y``, ``score``: the candidate pairs, with their index, and behind them those that only a chain joins.

    References
    ----------
    Gower and Ross (1969), Minimum spanning trees and single linkage cluster analysis, Applied Statistics 18(1).
    """
    order = scored[scored["score"] >= lowest].sort_values("score", ascending=False, kind="stable")
    groups: dict[int, list[int]] = {}
    ones: list[int] = []
    others: list[int] = []
    links: list[tuple[float, int]] = []  # of each link its score, and how many pairs it joins
    for x, y, score in zip(order["x"].tolist(), order["y"].tolist(), order["score"].tolist(), strict=True):
        one, other = groups.get(x, [x]), groups.get(y, [y])
        if one is other:
            continue
        ones += [place for place in one for _ in other]
        others += other * len(one)
        links.append((score, len(one) * len(other)))
        both = one + other
        groups.update(dict.fromkeys(both, both))
    a, b = np.array(ones, dtype="int64"), np.array(others, dtype="int64")
    score, count = np.array(links, dtype=float).reshape(-1, 2).T
    chains = pd.DataFrame({"x": np.minimum(a, b), "y": np.maximum(a, b), "score": score.repeat(count.astype(int))})
    found = scored[["x", "y", "score"]].merge(chains, on=["x", "y"], how="left", suffixes=("", "_joined"))
    direct = scored[["x", "y"]].assign(score=found["score_joined"].fillna(found["score"]).to_numpy())
    further = chains[~among(chains, scored)]
    first = int(scored.index.max()) + 1 if len(scored) else 0
    return pd.concat([direct, further.set_axis(range(first, first + len(further)))])


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


def persons(fields: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """Put records that pairs connect, directly or by others, together as one person.

    Parameters
    ----------
    fields : DataFrame
        One row per record, indexed by ``record_id``.
    pairs : DataFrame
        ``x``, ``y``: the pairs taken for one person.

    Returns
    -------
    Series of str
        By ``record_id``: the first record of the same person, named ``person``.
    """
    size = len(fields)
    graph = coo_matrix((np.ones(len(pairs)), (pairs["x"], pairs["y"])), shape=(size, size))
    group = connected_components(graph, directed=False)[1]
    first = pd.Series(np.arange(size)).groupby(group).transform("min")
    return pd.Series(fields.index[first], fields.index, name="person", dtype="str")


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


def _numbered(one: pd.Series) -> np.ndarray:
    """Give each value a number, which is quicker to group by than a text; what is missing stays missing."""
    code = pd.factorize(one)[0]
    return np.where(code < 0, np.nan, code)


def _pairs_in(table: pd.DataFrame, by: list[str]) -> float:
    size = table.groupby(by).size().to_numpy(float)
    return float((size * (size - 1) / 2).sum())


def quality_by(found: pd.Series, right: pd.Series, kind: pd.Series) -> pd.DataFrame:
    """Precision and recall of pairs by the kinds of their two records, such as the scripts of the names.

    Parameters
    ----------
    found, right, kind : Series
        The person of each record, as found and as it is, and what sort of record it is, in the same order.

    Returns
    -------
    DataFrame
        One row per pair of kinds, such as ``Chinese and Latin``: ``pairs`` (that belong together), ``precision``,
        ``recall``.
    """
    rows = pd.DataFrame({"found": _numbered(found), "right": _numbered(right), "kind": kind.astype("category").array})
    parts = {by: _pairs_of_kinds(rows, by) for by in ("found", "right", "both")}
    table = pd.DataFrame(parts).fillna(0.0)
    return pd.DataFrame(
        {
            "pairs": table["right"].astype(int),
            "precision": table["both"] / table["found"].where(table["found"] > 0),
            "recall": table["both"] / table["right"].where(table["right"] > 0),
        }
    )


def recall_by(methods: Mapping[str, pd.Series], right: pd.Series, kind: pd.Series, least: int = 5) -> pd.DataFrame:
    """Recall of several ways of linking by the kinds of the two records; see `quality_by`.

    Parameters
    ----------
    methods : mapping of str to Series
        The person of each record, by way of linking.
    right, kind : Series
        The person of each record as it is, and what sort of record it is.
    least : int
        Fewest pairs of a kind that is shown.

    Returns
    -------
    DataFrame
        One row per pair of kinds, one column per way.
    """
    tables = {name: quality_by(found, right, kind) for name, found in methods.items()}
    enough = quality_by(right, right, kind)["pairs"] >= least
    return pd.DataFrame({name: table["recall"] for name, table in tables.items()}).loc[enough.index[enough]]


def _pairs_of_kinds(rows: pd.DataFrame, by: str) -> pd.Series:
    """Count the pairs within groups, by the two kinds."""
    keys = ["found", "right"] if by == "both" else [by]
    size = rows.groupby([*keys, "kind"], observed=True).size().reset_index(name="n")
    both = size.merge(size, on=keys)
    both = both[both["kind_x"].cat.codes <= both["kind_y"].cat.codes]
    same = both["kind_x"] == both["kind_y"]
    both["pairs"] = np.where(same, both["n_x"] * (both["n_x"] - 1) / 2, both["n_x"] * both["n_y"])
    count = both.groupby(["kind_x", "kind_y"], observed=True)["pairs"].sum()
    return count.set_axis([x if x == y else f"{x} and {y}" for x, y in count.index])
