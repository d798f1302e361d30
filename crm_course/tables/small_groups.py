"""Figures of small groups, left out of what others may read.

Who knows that two customers live in Sai Kung, and is one of them, reads the other's spending from their
mean. So a table of groups shows nothing of fewer than `k` people, nor what would give it away by
subtraction from the total. People are counted, not rows: for a table of contacts
``groupby("topic")["customer_id"].nunique()``.

A function that groups people hands on all that it found, marked: a row a group with the number of its people in the
column ``people`` (`groups_of_people`), or a table whose every cell is a number of people (`numbers_of_people`). Where
something is shown (the notebook, a plot, a list), `shown` hides what the mark says. So a sum can still be right where
its parts are hidden.

Source: Hundepool and others (2012), Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Literal, TypeVar

import numpy as np
import pandas as pd
from scipy.linalg import null_space

from crm_course.errors import LeftOut, WrongCall

K = 5
PEOPLE = "people"  # the column that says how many a group has
_GROUPS, _NUMBERS = "groups_of_people", "numbers_of_people"  # marks, in ``attrs``
_fewest = K

Counts = TypeVar("Counts", pd.Series, pd.DataFrame)
People = TypeVar("People", bound=Sized)
Known = Literal["table", "rows", "columns"]


def hide_below(k: int) -> None:
    """Show nothing of fewer than `k` people from now on, in this process.

    Raises
    ------
    WrongCall
        If it is not at least 1.
    """
    global _fewest  # noqa: PLW0603 - one rule a process, as with the language
    if k < 1:
        raise WrongCall(f"k {k}: the fewest people whose figures are shown are at least 1")
    _fewest = k


def fewest() -> int:
    """Give the fewest people whose figures are shown."""
    return _fewest


def enough(people: People, what: str) -> People:
    """Give one group of people back where it is large enough to be shown; else what needs it is left out.

    Parameters
    ----------
    people : sized
        A row or an entry a person.
    what : str
        What they are called.

    Raises
    ------
    LeftOut
        If they are fewer than are shown.

    Examples
    --------
    >>> enough(["ann"], "guests")
    Traceback (most recent call last):
    crm_course.errors.LeftOut: Fewer than 5 guests: not shown.
    """
    if len(people) < _fewest:
        raise LeftOut(f"Fewer than {_fewest} {what}: not shown.")
    return people


def how_many(people: int, of: int | None = None) -> str:
    """Say a number of people, or no more than that they, or those of a total that are left, are fewer than are shown.

    Parameters
    ----------
    people : int
        How many they are.
    of : int, optional
        The number that the reader knows them to be a part of.

    Examples
    --------
    >>> how_many(1200), how_many(3), how_many(98, of=100), how_many(0)
    ('1,200', 'fewer than 5', 'more than 95', '0')
    """
    if is_few(people) or is_few(of or 0):
        return f"fewer than {_fewest}"
    if of is not None and is_few(of - people):
        return f"more than {of - _fewest:,}"
    return f"{people:,}"


def is_few(people: float) -> bool:
    """Say whether so many people are somebody, and fewer than are shown."""
    return 0 < people < _fewest


def stops(people: int) -> np.ndarray:
    """Give the places, from 0 to all, at which a curve over sorted people is drawn: between two are never too few.

    Examples
    --------
    >>> stops(17).tolist(), stops(3).tolist()
    ([0, 5, 10, 17], [0, 3])
    """
    return np.unique(np.append(np.arange(0, max(people - _fewest, 0) + 1, _fewest), people))


def groups_of_people(table: pd.DataFrame) -> pd.DataFrame:
    """Mark a table with a row a group of people, whose number stands in ``people``.

    Raises
    ------
    ValueError
        If it has no such column.
    """
    if PEOPLE not in table:
        raise ValueError(f"a table of groups says in a column `{PEOPLE}` how many each has")
    marked = table.copy(deep=False)
    marked.attrs[_GROUPS] = True
    return marked


def numbers_of_people(counts: Counts, known: Known = "table") -> Counts:
    """Mark a Series or table whose every number is one of people.

    Parameters
    ----------
    counts : Series or DataFrame
        Numbers of people, without totals.
    known : {"table", "rows", "columns"}
        Which totals the reader may know: those of rows and columns, or of the rows or the columns alone.
    """
    marked = counts.copy(deep=False)
    marked.attrs[_NUMBERS] = known
    return marked


def is_marked(table: pd.DataFrame | pd.Series) -> bool:
    """Say whether a table tells how many people its figures are of."""
    return bool({_GROUPS, _NUMBERS} & table.attrs.keys()) or (table.ndim == 2 and PEOPLE in table)


def shown(table: Counts, k: int | None = None) -> Counts:
    """Give a table as others may see it: a marked one without the figures of small groups, another as it is.

    A marked table that has lost its column ``people`` on the way shows no figure at all. Take a part of a table
    after this and not before, since what covers a small group may be in the other part; what this gives has no mark.

    Parameters
    ----------
    table : DataFrame or Series
        Whatever is to be shown.
    k : int, optional
        Fewest people whose figures are shown; what `hide_below` was told by default.

    Examples
    --------
    >>> groups = pd.DataFrame({"people": [2, 40, 9], "spent": [9.0, 8.0, 7.0]}, index=["Sai Kung", "Sha Tin", "Tai Po"])
    >>> shown(groups_of_people(groups))["spent"].tolist()
    [nan, 8.0, nan]
    """
    seen = _seen(table, _fewest if k is None else k)
    if seen is not table:
        seen.attrs = {name: value for name, value in table.attrs.items() if name not in (_GROUPS, _NUMBERS)}
    return seen


def _seen(table: Counts, least: int) -> Counts:
    if known := table.attrs.get(_NUMBERS):
        if table.ndim == 1 or known == "table":
            return without_small_counts(table, least)
        return table.apply(without_small_counts, axis="columns" if known == "rows" else "index", k=least)
    if table.ndim == 2 and PEOPLE in table:
        return without_small_groups(table, PEOPLE, least)
    if _GROUPS in table.attrs:
        return table.apply(_nothing) if table.ndim == 2 else _nothing(table)
    return table


def _nothing(column: pd.Series) -> pd.Series:
    return column if _is_text(column) else _masked(column, np.ones(len(column), dtype=bool))


def without_small_groups(table: pd.DataFrame, people: str, k: int = K) -> pd.DataFrame:
    """Leave out the figures of groups of fewer than `k` people.

    Where those left out are one group, or together fewer than `k` people, their figures could be had from
    the total: the next smallest group is left out with them (complementary suppression).

    Parameters
    ----------
    table : DataFrame
        One row per group, which has its name in the index or in a column of text.
    people : str
        Column with the number of people in each.
    k : int
        Fewest people whose figures are shown.

    Returns
    -------
    DataFrame
        The same rows; of groups left out every number, time and truth value is missing, the number of people
        too. Nothing left out: the same table, and whole numbers stay whole numbers; else they become
        floats, but for those of a type that can be missing, such as ``Int64``.

    Examples
    --------
    >>> groups = pd.DataFrame({"district": ["Sai Kung", "Sha Tin", "Tai Po"], "people": [2, 40, 9]})
    >>> groups["spent"] = [9.0, 8.0, 7.0]
    >>> without_small_groups(groups, "people")["spent"].tolist()
    [nan, 8.0, nan]
    """
    hidden = _hidden(table[people].to_numpy(dtype="float64", na_value=0.0), k)
    shown = table.copy()
    for position in range(table.shape[1] if hidden.any() else 0):
        column = table.iloc[:, position]
        if not _is_text(column):
            shown.isetitem(position, _masked(column, hidden))
    return shown


def without_small_counts(counts: Counts, k: int = K) -> Counts:
    """Leave out numbers of fewer than `k` people, and those from which they could be had.

    Of a Series the total is taken to be known; of a DataFrame, as `pandas.crosstab` gives it, the totals
    of all rows and columns: cells are left out until no sum of rows and columns gives one of them. Where only
    the totals of the columns are known, use ``counts.apply(without_small_counts)``.

    Parameters
    ----------
    counts : Series or DataFrame
        Numbers of people, without totals.
    k : int
        Fewest people that are shown. A 0 is shown, unless a neighbour needs its cover.

    Returns
    -------
    Series or DataFrame
        The same, what is left out missing.

    Examples
    --------
    >>> moves = pd.DataFrame({"gold": [40, 2], "silver": [9, 300]}, index=["gold", "silver"])
    >>> without_small_counts(moves).isna().all(axis=None)
    np.True_
    >>> without_small_counts(pd.Series([2, 40, 9, 30])).tolist()
    [nan, 40.0, nan, 30.0]
    """
    people = counts.to_numpy(dtype="float64", na_value=0.0)
    hidden = _hidden(people, k) if people.ndim == 1 else _hidden_cells(people, k)
    return counts.astype("float64").mask(hidden) if hidden.any() else counts.copy()


def _hidden(people: np.ndarray, k: int) -> np.ndarray:
    """Say which groups of one total are hidden."""
    hidden = (people > 0) & (people < k)
    for at in np.argsort(people, kind="stable"):
        if not hidden.any() or _covered(people, hidden, k):
            break
        hidden[at] |= people[at] >= k
    return hidden


def _covered(people: np.ndarray, hidden: np.ndarray, k: int) -> bool:
    """Say whether what is hidden is more than one group, and together enough people."""
    return bool(hidden.sum() != 1 and (not hidden.any() or people[hidden].sum() >= k))


def _hidden_cells(people: np.ndarray, k: int) -> np.ndarray:
    """Say which cells are hidden where the totals of rows and columns are known."""
    hidden = (people > 0) & (people < k)
    while True:
        row, column = _given_away(people, hidden, k)
        cover = np.zeros_like(hidden)
        cover[row], cover[:, column] = True, True
        cover &= ~hidden
        if not cover.any():
            return hidden
        cost = np.where(people > 0, people, people.sum())  # a 0 last: it hides nobody
        hidden[np.unravel_index(np.where(cover, cost, np.inf).argmin(), people.shape)] = True


def _given_away(people: np.ndarray, hidden: np.ndarray, k: int) -> tuple[list[int], list[int]]:
    """List the rows and the columns in which another cell has to be hidden: those of the first cell known."""
    rows = [at for at in range(len(people)) if not _covered(people[at], hidden[at], k)]
    columns = [at for at in range(people.shape[1]) if not _covered(people[:, at], hidden[:, at], k)]
    rows = [at for at in rows if not hidden[at].all()]
    columns = [at for at in columns if not hidden[:, at].all()]
    if rows or columns:
        return rows[:1], columns[:1] if not rows else []
    at = np.argwhere(hidden)
    sums = np.vstack([at[:, 0] == row for row in range(len(people))] + [at[:, 1] == c for c in range(people.shape[1])])
    free = np.abs(null_space(sums.astype(float))).max(axis=1, initial=0) > 1e-9 if len(at) else np.array([], bool)
    for row, column in at[~free]:
        if not (hidden[row].all() and hidden[:, column].all()):
            return [row], [column]
    return [], []


def _is_text(column: pd.Series) -> bool:
    kinds = (pd.api.types.is_object_dtype, pd.api.types.is_string_dtype)
    return isinstance(column.dtype, pd.CategoricalDtype) or any(kind(column) for kind in kinds)


def _masked(column: pd.Series, hidden: np.ndarray) -> pd.Series:
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean").mask(hidden)
    plain = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_extension_array_dtype(column)
    return (column.astype("float64") if plain else column).mask(hidden)
