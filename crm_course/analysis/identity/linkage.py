"""Which records belong to one person: exact keys, and a score over fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from crm_course.errors import LeftOut

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

EXAMPLES = {
    ("phone", "same mobile"): "9123 4567 / +852 91234567",
    ("phone", "same line"): "2345 6789 / 23456789",
    ("phone", "near"): "9123 4567 / 9123 4576",
    ("phone", "differs"): "9123 4567 / 6876 5432",
    ("email", "same"): "mei.chan@post.example / Mei.Chan@post.example",
    ("email", "near"): "mei.chan@post.example / mei.chn@post.example",
    ("email", "differs"): "mei.chan@post.example / lotus88@mail.example",
    ("birthday", "same"): "1990-05-17 / 1990-05-17",
    ("birthday", "swapped"): "1990-05-07 / 1990-07-05",
    ("birthday", "differs"): "1990-05-17 / 1988-11-02",
    ("home", "same"): "Flat A, 3/F, Block 1 / Flt A 3/F Blk 1",
    ("district", "same"): "Sha Tin / Sha Tin",
    ("name", "same"): "CHAN Siu Mei / Siu Mei CHAN",
    ("name", "near"): "CHAN Siu Mei / CHAN Siu Mai",
    ("name", "short"): "CHAN Siu Mei / Ms CHAN",
    ("name", "one off"): "CHAN Siu Mei / CHAN Siu Ling",
    ("name", "other form"): "CHAN Siu Mei / Mary CHAN",
    ("name", "differs"): "CHAN Siu Mei / WONG Ka Yan",
}
"""Two ways to fill in a field that compare in each way of ``POINTS``."""


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
    number, names = pd.factorize(pd.concat([one, other]).fillna(""))
    words = [name.split() for name in names.tolist()]
    code, once = pd.factorize(number[: len(one)] * len(words) + number[len(one) :])
    pairs = zip((once // len(words)).tolist(), (once % len(words)).tolist(), strict=True)
    alike = [_name_compared(words[a], words[b]) for a, b in pairs]
    levels: np.ndarray = np.array(alike, dtype=object)[code]
    return levels


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


def points_table() -> pd.DataFrame:
    """List the points of ``POINTS`` with an example each.

    Returns
    -------
    DataFrame
        Indexed by ``field`` and ``compares``: ``points``, ``example``.
    """
    rows = [(field, word, one, EXAMPLES[field, word]) for field, by in POINTS.items() for word, one in by.items()]
    return pd.DataFrame(rows, columns=["field", "compares", "points", "example"]).set_index(["field", "compares"])


def points_of(compared: pd.Series) -> pd.DataFrame:
    """Points of one pair, field by field, as `scores` adds them up.

    Parameters
    ----------
    compared : Series
        A row of what `comparisons` returns.

    Returns
    -------
    DataFrame
        Indexed by field, with ``rarity`` of the name behind them: ``compares``, ``points``.
    """
    rows = {field: (compared[field], by_word.get(compared[field], 0.0)) for field, by_word in POINTS.items()}
    rows["rarity"] = ("of the name", float(compared["rarity"]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["compares", "points"])


def nearest_namesakes(pairs: pd.DataFrame, compared: pd.DataFrame, line: float = THRESHOLD) -> int:
    """Find, of the pairs whose names agree, the one nearest to a line.

    Parameters
    ----------
    pairs : DataFrame
        With their ``score``.
    compared : DataFrame
        As `comparisons` returns it.
    line : float
        Points.

    Returns
    -------
    int
        Its place in the index of `pairs`.

    Raises
    ------
    LeftOut
        If no two names agree.
    """
    score = pairs.loc[compared["rarity"] != 0, "score"]
    if score.empty:
        raise LeftOut("No two records agree in their names: the pair worked out by hand is left out.")
    return int((score - line).abs().idxmin())


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
    place = pd.Index(_pair_codes(scored)).get_indexer(_pair_codes(chains))
    direct, known = scored[["x", "y", "score"]].copy(), place >= 0
    direct.iloc[place[known], 2] = chains.loc[known, "score"].to_numpy()
    further = chains[~known]
    first = int(scored.index.max()) + 1 if len(scored) else 0
    return pd.concat([direct, further.set_axis(range(first, first + len(further)))])


def _pair_codes(pairs: pd.DataFrame) -> np.ndarray:
    """Give each pair one number, by which it is found soon."""
    codes: np.ndarray = pairs["x"].to_numpy("int64") << 32 | pairs["y"].to_numpy("int64")
    return codes


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
