"""Two quick ways to find the records of one person: exact keys, and a score over fields with rapidfuzz.

Not the course's method: only what a test needs to know that the data are hard and fair.
"""

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from crm_course.store.identity.pools import lines_of


def romanisation():
    """Give the Cantonese spelling of every character of the lists, Traditional and Simplified."""
    table = {}
    for name in ("given_characters", "surnames"):
        for row in map(str.split, lines_of(name)):
            table |= dict.fromkeys(row[:2], row[2].replace("-", ""))
    return table


ROMAN = romanisation()
SURNAMES = {one for row in map(str.split, lines_of("surnames")) for one in (row[0], row[1])}


def syllables(name):
    """Spell a name as lower-case syllables: Chinese characters romanised, given names apart from titles."""
    if not name.isascii():
        surname = next((name[:k] for k in (2, 1) if name[:k] in SURNAMES), name[:1])
        rest = name[len(surname) :].replace("小姐", "").replace("先生", "")
        return " ".join([ROMAN.get(surname, surname), *(ROMAN.get(one, one) for one in rest)]).lower()
    return " ".join(
        word for word in name.replace(",", " ").replace("-", " ").lower().split() if word not in ("ms", "mr")
    )


def standardise(records):
    """Give the fields of records as they can be compared."""
    digits = (
        records["phone"].fillna("").str.replace(r"\D", "", regex=True).str.replace(r"^852(?=\d{8}$)", "", regex=True)
    )
    names = {name: syllables(name) for name in records["name"].unique()}
    default = (records["birthday"].dt.month == 1) & (records["birthday"].dt.day == 1)
    return pd.DataFrame(
        {
            "name": records["name"].map(names),
            "phone": digits.where(digits != ""),
            "email": records["email"].str.lower(),
            "birthday": records["birthday"].mask(default).dt.strftime("%Y%m%d"),
            "address": records["address"].where(
                records["address"].str.contains(r"(?:flat|room|flt|rm|室)", case=False, na=False)
            ),
            "district": records["district"].astype("str"),
        }
    ).reset_index(drop=True)


def pairs_by(fields, *keys):
    """Give the pairs of rows with equal keys, from keys that few rows share."""
    key = fields[list(keys)].dropna()
    code = key.groupby(list(keys)).ngroup()
    size = code.map(code.value_counts())
    code = code[(size > 1) & (size <= 30)]
    rows = pd.DataFrame({"code": code.to_numpy(), "row": code.index})
    both = rows.merge(rows, on="code")
    return both.loc[both["row_x"] < both["row_y"], ["row_x", "row_y"]]


def groups_of(pairs, size):
    """Put rows that pairs connect in one group."""
    graph = coo_matrix((np.ones(len(pairs)), (pairs["row_x"], pairs["row_y"])), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def exact_keys(fields):
    """Group records with the same phone, the same e-mail address, or the same name and birthday."""
    return groups_of(
        pd.concat([pairs_by(fields, "phone"), pairs_by(fields, "email"), pairs_by(fields, "name", "birthday")]),
        len(fields),
    )


def phone_only(fields):
    """Group records with the same phone."""
    return groups_of(pairs_by(fields, "phone"), len(fields))


def scored(fields, threshold=3.0):
    """Group records whose fields agree by a score."""
    surname = (
        fields["name"]
        .str.split()
        .map(lambda words: min(words, key=lambda w: (w not in LATIN_SURNAMES, w)) if words else "")
    )
    more = fields.assign(
        last=fields["phone"].str[:4],
        first=fields["phone"].str[-4:],
        mailbox=fields["email"].str.split("@").str[0],
        bag=fields["name"].map(lambda name: " ".join(sorted(name.split()))),
        surname=surname,
        spare=fields["birthday"].map(lambda day: "".join(sorted(day)), na_action="ignore"),
    )
    blocks = [
        ("phone",),
        ("email",),
        ("mailbox",),
        ("surname", "spare"),
        ("bag", "district"),
        ("first", "surname"),
        ("last", "surname", "district"),
        ("address",),
        ("bag", "spare"),
    ]
    pairs = pd.concat([pairs_by(more, *block) for block in blocks]).drop_duplicates()
    score = score_of(fields, pairs)
    return groups_of(pairs[score >= threshold], len(fields))


LATIN_SURNAMES = {row.split()[2].replace("-", "").lower() for row in lines_of("surnames")}


def score_of(fields, pairs):
    one, other = (fields.iloc[pairs[side].to_numpy()].reset_index(drop=True) for side in ("row_x", "row_y"))
    score = np.zeros(len(pairs))
    there = (one["phone"].notna() & other["phone"].notna()).to_numpy()
    slips = np.array(
        [
            OSA.distance(a, b, score_cutoff=1) if ok else 9
            for a, b, ok in zip(one["phone"], other["phone"], there, strict=True)
        ]
    )
    score += np.where(there, np.select([slips == 0, slips == 1], [4.5, 3.5], -1.0), 0)
    there = (one["email"].notna() & other["email"].notna()).to_numpy()
    slips = np.array(
        [
            OSA.distance(a, b, score_cutoff=2) if ok else 9
            for a, b, ok in zip(one["email"], other["email"], there, strict=True)
        ]
    )
    score += np.where(there, np.select([slips == 0, slips <= 2], [5.0, 4.0], -1.0), 0)
    there = (one["birthday"].notna() & other["birthday"].notna()).to_numpy()
    a, b = one["birthday"].fillna(""), other["birthday"].fillna("")
    swapped = (a.str[:4] == b.str[:4]) & (a.str[4:6] == b.str[6:]) & (a.str[6:] == b.str[4:6])
    score += np.where(there, np.select([a == b, swapped], [5.0, 4.0], -5.0), 0)
    there = (one["address"].notna() & other["address"].notna()).to_numpy()
    score += np.where(there & (one["address"] == other["address"]).to_numpy(), 2.0, 0)
    score += np.where((one["district"] == other["district"]) & (one["district"] != "nan"), 0.5, 0)
    common = fields["name"].map(lambda name: " ".join(sorted(name.split())))
    share = common.map(common.value_counts()).to_numpy()[pairs["row_x"].to_numpy()] / len(fields)
    rarity = np.minimum(-np.log(share) / 2 - 3.5, 1)  # a common name says less
    names = np.array([name_score(a, b) for a, b in zip(one["name"], other["name"], strict=True)])
    return score + names + np.where(names > 2, rarity, 0)


def name_score(one, other):
    """Score two names by the syllables they share: much against it when given names differ."""
    a, b = one.split(), other.split()
    free, shared, near = list(b), 0, 0
    for word in a:
        best = min(free, key=lambda w: OSA.distance(word, w), default=None)
        if best is not None and (gap := OSA.distance(word, best)) <= (1 if len(word) > 2 else 0):
            free.remove(best)
            shared, near = shared + (gap == 0), near + (gap > 0)
    least = min(len(a), len(b))
    if shared + near == least:
        return 3.5 - 0.7 * near if least > 2 else 1.5
    if shared + near >= least - 1 and least > 2:
        return -1.5
    return -1.0 if {len(a), len(b)} == {2, 3} and shared else -4.0


def pairwise(groups, person):
    """Give precision, recall and F1 over pairs of records."""
    table = pd.DataFrame({"group": groups, "person": np.asarray(person)})

    def pairs(by):
        size = table.groupby(by).size().to_numpy().astype(float)
        return (size * (size - 1) / 2).sum()

    both = pairs(["group", "person"])
    precision, recall = both / max(pairs(["group"]), 1), both / pairs(["person"])
    return precision, recall, 2 * precision * recall / (precision + recall)
