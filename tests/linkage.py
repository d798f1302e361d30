"""Two quick ways to find the records of one person: exact keys, and a score over fields with rapidfuzz.

Not the course's method: only what a test needs to know that the data are hard and fair.
"""

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from crm_course.simulator.identity.pools import lines_of


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


_WHOLE = r"(?:flat|room|flt|rm|室)"  # an address that names the flat


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


def scored(fields, threshold=3.0):
    """Group records whose fields agree by a score."""
    more = fields.assign(
        last=fields["phone"].str[-4:],
        mailbox=fields["email"].str.split("@").str[0],
        bag=fields["name"].map(bag_of),
        surname=fields["name"].map(surname_of),
        digits=fields["birthday"].map(lambda day: "".join(sorted(day)), na_action="ignore"),
    )
    blocks = ["phone", "email", "mailbox", "address", "bag district", "bag digits", "surname digits", "last surname"]
    pairs = pd.concat([pairs_by(more, *block.split()) for block in blocks]).drop_duplicates()
    return groups_of(pairs[score_of(fields, pairs) >= threshold], len(fields))


LATIN_SURNAMES = {row.split()[2].replace("-", "").lower() for row in lines_of("surnames")}


def bag_of(name):
    """Give the words of a name in order of the alphabet."""
    return " ".join(sorted(name.split()))


def surname_of(name):
    """Guess the surname of a name in Latin letters: the first word that is a known one."""
    return min(name.split(), key=lambda word: (word not in LATIN_SURNAMES, word), default="")


def score_of(fields, pairs):
    """Score pairs field by field: weights in the spirit of Fellegi and Sunter, set by hand."""
    one, other = (fields.iloc[pairs[side].to_numpy()].reset_index(drop=True) for side in ("row_x", "row_y"))
    both = {name: (one[name].notna() & other[name].notna()).to_numpy() for name in fields}
    score = np.zeros(len(pairs))
    for name, most, same, near, against in (("phone", 1, 4.5, 3.5, -1.0), ("email", 2, 5.0, 4.0, -1.0)):
        slips = [
            OSA.distance(a, b, score_cutoff=most) if there else most + 1
            for a, b, there in zip(one[name], other[name], both[name], strict=True)
        ]
        score += np.where(
            both[name], np.select([np.equal(slips, 0), np.less_equal(slips, most)], [same, near], against), 0
        )
    a, b = one["birthday"].fillna(""), other["birthday"].fillna("")
    swapped = (a.str[:4] == b.str[:4]) & (a.str[4:6] == b.str[6:]) & (a.str[6:] == b.str[4:6])
    score += np.where(both["birthday"], np.select([a == b, swapped], [5.0, 4.0], -5.0), 0)
    score += np.where(both["address"] & (one["address"] == other["address"]).to_numpy(), 2.0, 0)
    score += np.where((one["district"] == other["district"]) & (one["district"] != "nan"), 0.5, 0)
    bag = fields["name"].map(bag_of)
    share = bag.map(bag.value_counts()).to_numpy()[pairs["row_x"].to_numpy()] / len(fields)
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
