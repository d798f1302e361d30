"""What people write about, in words that staff can read and change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from crm_course.errors import LeftOut, NothingToAnalyse
from crm_course.tables.small_groups import numbers_of_people

CHINESE = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
COMMON = frozenset(
    re.findall(
        r"\w+",
        "the a an and or not of to in on at it is was were be been i me my you your we he she they them this that for "
        "with but from what which when than then there here had has have do did does came would one so",
    )
)


def notes(complaints: pd.DataFrame, contacts: pd.DataFrame) -> pd.Series:
    """Give what staff noted of each complaint.

    Parameters
    ----------
    complaints : DataFrame
        ``contact_id``.
    contacts : DataFrame
        ``contact_id``, ``text``; may be empty.

    Returns
    -------
    Series of str
        Index of `complaints`; missing where nothing was noted.

    Raises
    ------
    LeftOut
        If no contact has a note.
    """
    if contacts["text"].isna().all():
        raise LeftOut("Nobody noted what customers said: the words of complaints are left out.")
    noted = contacts.drop_duplicates("contact_id").set_index("contact_id")["text"]
    return complaints["contact_id"].map(noted)


def without_names(texts: pd.Series, names: Iterable[str]) -> pd.Series:
    """Take the names of products out of texts, so that words tell what happened and not to what.

    Parameters
    ----------
    texts : Series of str
        Missing ones stay missing.
    names : iterable of str
        Longer ones are looked for first.
    """
    known = sorted({re.escape(name) for name in names if name}, key=len, reverse=True)
    return texts.str.replace("|".join(known), " ", regex=True, case=False) if known else texts


def words(text: str) -> list[str]:
    """Split a text into words: Latin ones in small letters, Chinese ones as pairs of characters.

    Examples
    --------
    >>> words("The pump is broken. 個泵壞咗。")
    ['pump', 'broken', '個泵', '泵壞', '壞咗']
    """
    latin = [word for word in LATIN.findall(text.lower()) if word not in COMMON]
    return latin + [run[k : k + 2] for run in CHINESE.findall(text) for k in range(len(run) - 1)]


def telling_words(texts: pd.Series, groups: pd.Series, top: int = 5, fewest: int = 1) -> pd.DataFrame:
    """Give the words that set each group's texts apart from all others'.

    Parameters
    ----------
    texts : Series of str
        Missing ones are left out.
    groups : Series
        Group of each text.
    top : int
        Words a group.
    fewest : int
        Words in fewer texts of the group are not shown: they could tell who wrote them.

    Returns
    -------
    DataFrame
        ``group``, ``word``, ``texts`` (that hold it), ``share`` (of the group's), ``z`` (log odds against the other
        groups in standard errors; above 2 is more than chance for one word looked up, not for the best of many).

    Raises
    ------
    NothingToAnalyse
        If there is no text.

    References
    ----------
    Monroe, Colaresi and Quinn (2008), Fightin' words, Political Analysis 16(4).
    """
    known = texts.notna() & groups.notna()
    if not known.any():
        raise NothingToAnalyse("texts: none is there to read; the words are left out")
    held = pd.DataFrame({"word": texts[known].map(words), "group": groups[known].astype(object)})
    held = held.explode("word").dropna().reset_index(names="text").drop_duplicates()
    sizes = groups[known].astype(object).value_counts().sort_index()
    return pd.concat([_apart(held, name, sizes, top, fewest) for name in sizes.index], ignore_index=True)


def _apart(held: pd.DataFrame, name: str, sizes: pd.Series, top: int, fewest: int) -> pd.DataFrame:
    """Give the telling words of a group, of words that stand in the same texts only the first."""
    own = held.loc[held["group"] == name].groupby("word")["text"].agg(frozenset)
    count, rest = own.map(len), sizes.sum() - sizes[name]
    others = held.loc[held["group"] != name, "word"].value_counts().reindex(own.index, fill_value=0)
    odds = np.log((count + 0.5) / (sizes[name] - count + 0.5)) - np.log((others + 0.5) / (rest - others + 0.5))
    table = pd.DataFrame({"texts": count, "share": count / sizes[name]})
    table["z"] = odds / np.sqrt(1 / (count + 0.5) + 1 / (others + 0.5))
    table = table.sort_values(["z", "texts"], ascending=False, kind="stable")
    best = table[~own.reindex(table.index).duplicated() & (table["texts"] >= fewest)].head(top).reset_index()
    best.insert(0, "group", name)
    return best


def topics_by_rules(texts: pd.Series, rules: Mapping[str, Sequence[str]]) -> pd.Series:
    """Give each text the first topic of which it holds a word.

    Parameters
    ----------
    texts : Series of str
        Texts; a missing one has no topic.
    rules : mapping of str to sequence of str
        Topic to beginnings of words, in any script; case does not matter. A Latin one is found where a word begins,
        so that "late" is not found in "chocolate"; a Chinese one anywhere, since Chinese has no spaces.

    Returns
    -------
    Series
        Topic; "no rule" where none fits, missing where there is no text.
    """
    topic = pd.Series("no rule", texts.index, dtype=object).where(texts.notna())
    for name, parts in reversed(list(rules.items())):
        pattern = "|".join(map(_beginning, parts))
        hit = texts.str.contains(pattern, case=False, regex=True).fillna(False).astype(bool)
        topic = topic.mask(hit, name)
    return topic.rename("topic")


def agreement(topic: pd.Series, category: pd.Series) -> pd.DataFrame:
    """Count notes by the topic that rules give them and the category that the desk chose.

    Parameters
    ----------
    topic : Series
        As `topics_by_rules` gives it.
    category : Series
        What the desk chose, by the same index.

    Returns
    -------
    DataFrame
        Numbers of notes: topics in rows, categories in columns. Each note is somebody's: those of fewer people than
        may be shown are hidden where it is shown.
    """
    return numbers_of_people(pd.crosstab(topic, category.rename("desk says")))


def _beginning(part: str) -> str:
    """Give the pattern of a text that holds a word with this beginning."""
    found = re.escape(part)
    return f"(?:^|[^A-Za-z]){found}" if LATIN.match(part.lower()) else found
