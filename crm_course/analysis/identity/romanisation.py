"""How Chinese names sound in Latin letters, learnt from records that hold both."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

LEAST_SEEN = 2  # records; what stands in one alone may be a slip
LEAST_SHARE = 0.35  # of a character's weight that its syllable must have
LONGEST_NAME = 4  # characters; a company's name has more
_LONGEST = 6  # letters of a syllable: cheung, kwong
_ROUNDS = 12
_NOTHING = ""  # what a syllable comes from that no character stands for: an English name, say


def is_chinese(texts: pd.Series) -> pd.Series:
    """Say which texts hold a Chinese character; a missing one holds none."""
    return texts.str.contains(r"[\u3400-\u9fff]", na=False)


def latin_syllables(names: pd.Series, least_seen: int = LEAST_SEEN) -> set[str]:
    """Syllables of the names in Latin script, where hyphens, spaces or capitals set them apart.

    Parameters
    ----------
    names : Series of str
        Names as entered.
    least_seen : int
        Names that must hold a syllable.
    """
    words = names[~is_chinese(names)].str.lower().str.findall(r"[a-z]+").explode().astype("str")
    seen = words[words.str.len() <= _LONGEST].value_counts()
    return set(seen.index[seen >= least_seen])


def split_word(word: str, syllables: set[str]) -> list[str]:
    """Split a word into the fewest known syllables, the longest first; itself where that cannot be done.

    Examples
    --------
    >>> split_word("yingnam", {"ying", "nam", "yin"})
    ['ying', 'nam']
    """
    if word in syllables:
        return [word]
    for parts in (2, 3):
        if found := _split(word, syllables, parts):
            return found
    return [word]


def _split(word: str, syllables: set[str], parts: int) -> list[str] | None:
    if parts == 1:
        return [word] if word in syllables else None
    for end in range(len(word) - parts + 1, 1, -1):
        if word[:end] in syllables and (rest := _split(word[end:], syllables, parts - 1)):
            return [word[:end], *rest]
    return None


def both_scripts(records: pd.DataFrame, syllables: set[str]) -> pd.DataFrame:
    """Records with a name in Chinese and an e-mail address, which often spells the same name in Latin letters.

    Parameters
    ----------
    records : DataFrame
        ``name`` and ``email`` as entered.
    syllables : set of str
        As `latin_syllables` returns them.

    Returns
    -------
    DataFrame
        One row per record: ``characters`` (tuple of str) and ``syllables`` (tuple of str).
    """
    rows = records[is_chinese(records["name"]) & (records["name"].str.len() <= LONGEST_NAME) & records["email"].notna()]
    mailbox = rows["email"].str.lower().str.split("@").str[0].str.findall(r"[a-z]+")
    split = {word: split_word(word, syllables) for words in mailbox for word in set(words)}
    return pd.DataFrame(
        {
            "characters": [tuple(one) for one in rows["name"].str.findall(r"[\u3400-\u9fff]")],
            "syllables": [
                tuple(part for word in words for part in split[word] if part in syllables) for words in mailbox
            ],
        },
        index=rows.index,
    )


def romanisation(examples: pd.DataFrame) -> dict[str, str]:
    """Syllable that each Chinese character is spelt by, learnt from names in both scripts.

    Nobody says which syllable belongs to which character. A character and its syllable come together again
    and again, with any other one now and then: some rounds of expectation and maximisation find them.

    Parameters
    ----------
    examples : DataFrame
        As `both_scripts` returns it.

    Returns
    -------
    dict of str to str
        Without the characters of which the records tell too little.

    References
    ----------
    Brown, Della Pietra, Della Pietra and Mercer (1993), The mathematics of statistical machine translation,
    Computational Linguistics 19(2), model 1.
    """
    rows = _together(examples)
    if rows.empty:
        return {}
    (letters, characters), (sounds, syllables) = (pd.factorize(rows[name]) for name in ("character", "syllable"))
    pair, pairs = pd.factorize(letters * len(syllables) + sounds)
    letter, slot = pairs // len(syllables), pd.factorize(rows["slot"])[0]
    chance = np.ones(len(pairs))
    for _round in range(_ROUNDS):
        each = chance[pair]
        each = each / np.bincount(slot, each)[slot]
        weight = np.bincount(pair, each)
        chance = weight / np.bincount(letter, weight)[letter]
    table = pd.DataFrame({"chance": chance, "weight": weight, "seen": np.bincount(pair)})
    table = table.assign(character=characters[letter], syllable=syllables[pairs % len(syllables)])
    best = table.sort_values(["chance", "seen"], ascending=False).drop_duplicates("character")
    sure = (best["chance"] >= LEAST_SHARE) & (best["seen"] >= LEAST_SEEN) & (best["character"] != _NOTHING)
    return dict(best[sure].set_index("character")["syllable"])


def _together(examples: pd.DataFrame) -> pd.DataFrame:
    """Give each character beside each syllable of its record; a slot is one syllable of one record."""
    slots = examples.reset_index(drop=True)
    slots = slots.assign(record=slots.index).explode("syllables").dropna(subset="syllables").reset_index(drop=True)
    slots = slots.assign(slot=slots.index, characters=[(*one, _NOTHING) for one in slots["characters"]])
    rows = slots.explode("characters")
    return rows.rename(columns={"characters": "character", "syllables": "syllable"})[["slot", "character", "syllable"]]


def spelt(characters: Iterable[str], table: dict[str, str]) -> list[str]:
    """Spell characters in Latin letters; one that the table lacks stays as it is.

    Examples
    --------
    >>> spelt("陳美", {"陳": "chan"})
    ['chan', '美']
    """
    return [table.get(one, one) for one in characters]
