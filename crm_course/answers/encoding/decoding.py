"""From plain JSON back to values: on the grader's side, where nothing that arrives is trusted."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.encoding.drawings import (
    MARKS,
    MAX_LABEL,
    MAX_LABELS,
    MAX_MARKS,
    MAX_PANELS,
    MAX_POINTS,
    Axis,
    Drawing,
    Mark,
    Panel,
)
from crm_course.answers.values import (
    KINDS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
    MAX_UNIT,
    QUESTION_ID,
    VERSION,
    Answer,
    Unreadable,
    exact,
)

TIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?)?", re.ASCII)
CELLS: dict[str, tuple[type, ...]] = {
    "number": (float, int),
    "integer": (int,),
    "text": (str,),
    "truth": (bool,),
    "time": (str,),
    "time_utc": (str,),
}


def decode(bundle: object) -> Answer:
    """Read an answer, checking types, sizes, depth and numbers; nothing in it is ever run.

    Parameters
    ----------
    bundle : object
        What a notebook's output holds under `MIME`.

    Returns
    -------
    Answer
        On exact types: None, float, int, str, bool, a list of those, a DataFrame or a `Drawing`.

    Raises
    ------
    Unreadable
        If it is not what `encode` makes; the sentence says why.
    """
    try:
        plain = exact(bundle)
    except RecursionError:
        raise Unreadable("the answer is nested too deeply") from None
    except Unreadable as error:
        raise Unreadable(f"the answer {error}") from None
    parts = _parts(plain, ("v", "question", "kind", "unit", "value"), "the answer")
    question, kind, unit, value = parts[1:]
    if type(parts[0]) is not int or parts[0] != VERSION:
        raise Unreadable("the answer is of another version of the course")
    if type(question) is not str or not QUESTION_ID.fullmatch(question):
        raise Unreadable("the answer names no question")
    if unit is not None:
        _text(unit, MAX_UNIT, "the unit")
    if type(kind) is not str or kind not in KINDS:
        raise Unreadable("the answer is of no known kind")
    return Answer(question, kind, unit, READERS[kind](value), plain)


def _parts(value: Any, names: tuple[str, ...], what: str) -> list[Any]:
    if type(value) is not dict or set(value) != set(names):
        raise Unreadable(f"{what} does not have just the parts {', '.join(names)}")
    return [value[name] for name in names]


def _items(value: Any, most: int, what: str) -> list[Any]:
    if type(value) is not list or len(value) > most:
        raise Unreadable(f"{what} is no list of at most {most:,}")
    return value


def _text(value: Any, most: int, what: str) -> str:
    if type(value) is not str or len(value) > most:
        raise Unreadable(f"{what} is no text of at most {most:,} letters")
    return value


def _nothing(value: Any) -> None:
    if value is not None:
        raise Unreadable("an answer not given has a value")


def _number(value: Any) -> float | int | None:
    if value is None or type(value) is int or type(value) is float:
        return value
    raise Unreadable("the number is no number")


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise Unreadable("the truth value is neither true nor false")
    return value


def _list(value: Any) -> list[Any]:
    items = _items(value, MAX_ROWS, "the list")
    for one in items:
        if type(one) in (list, dict):
            raise Unreadable("the list holds lists")
        if type(one) is str:
            _text(one, MAX_TEXT, "an entry of the list")
    return items


# tables -------------------------------------------------------------------------------------------


def _table(value: Any) -> pd.DataFrame:
    names, dtypes, rows = _parts(value, ("columns", "dtypes", "rows"), "the table")
    _items(names, MAX_COLUMNS, "the table's columns")
    _items(dtypes, MAX_COLUMNS, "the table's types")
    _items(rows, MAX_ROWS, "the table's rows")
    if not names or len(names) != len(dtypes) or any(type(name) is not str for name in names):
        raise Unreadable("the table's columns and types do not fit together")
    if len(set(names)) != len(names) or any(type(dtype) is not str or dtype not in CELLS for dtype in dtypes):
        raise Unreadable("the table has a column twice or of no known type")
    if any(type(row) is not list or len(row) != len(names) for row in rows):
        raise Unreadable("a row of the table has not one value for each column")
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame(
        {name: _column(list(cells), dtype) for name, dtype, cells in zip(names, dtypes, columns, strict=True)}
    )


def _column(cells: list[Any], dtype: str) -> pd.Series:
    allowed = CELLS[dtype]
    if any(one is not None and type(one) not in allowed for one in cells):
        raise Unreadable(f"a column of the table holds something else than {dtype}")
    if dtype in ("time", "time_utc"):
        return _times(cells, "Z" if dtype == "time_utc" else "")
    if dtype == "text":
        return pd.Series(cells, dtype="str")
    gaps = any(one is None for one in cells)
    if dtype == "number":
        return pd.Series(cells, dtype="float64")
    name = ("Int64" if gaps else "int64") if dtype == "integer" else ("boolean" if gaps else "bool")
    return pd.Series(cells, dtype=name)


def _times(cells: list[str | None], ending: str) -> pd.Series:
    if any(
        one is not None and not (one.endswith(ending) and TIME.fullmatch(one.removesuffix(ending))) for one in cells
    ):
        raise Unreadable("a time of the table is not written as 2026-01-31T12:00:00")
    texts = ["NaT" if one is None else one.removesuffix(ending) for one in cells]
    try:
        times = pd.Series(np.array(texts, dtype="datetime64[us]"))
    except ValueError:
        raise Unreadable("the table holds a day that is in no calendar") from None
    return times.dt.tz_localize("UTC") if ending else times


# figures ------------------------------------------------------------------------------------------


def _drawing(value: Any) -> Drawing:
    title, panels = _parts(value, ("title", "panels"), "the figure")
    found = tuple(map(_panel, _items(panels, MAX_PANELS, "the figure's panels")))
    marks = [mark for panel in found for mark in panel.marks]
    if not marks or len(marks) > MAX_MARKS or sum(len(mark.x) for mark in marks) > MAX_POINTS:
        raise Unreadable("the figure draws nothing or too much")
    return Drawing(_text(title, MAX_LABEL, "the figure's title"), found)


def _panel(value: Any) -> Panel:
    title, x, y, legend, notes, marks = _parts(value, ("title", "x", "y", "legend", "notes", "marks"), "a panel")
    return Panel(
        title=_text(title, 3 * MAX_LABEL + 2, "a panel's title"),
        x=_axis(x),
        y=_axis(y),
        legend=_texts(legend),
        notes=_texts(notes),
        marks=tuple(map(_mark, _items(marks, MAX_MARKS, "a panel's marks"))),
    )


def _axis(value: Any) -> Axis:
    label, ticks = _parts(value, ("label", "ticks"), "an axis")
    return Axis(_text(label, MAX_LABEL, "an axis label"), _texts(ticks))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one, MAX_LABEL, "a label") for one in _items(value, MAX_LABELS, "the labels"))


def _mark(value: Any) -> Mark:
    mark, label, x, y, z = _parts(value, ("mark", "label", "x", "y", "z"), "a mark")
    if type(mark) is not str or mark not in MARKS:
        raise Unreadable("the figure has a mark of no known kind")
    places = [_items(values, MAX_POINTS, "a mark's points") for values in (x, y, z)]
    if len(x) != len(y) or len(z) != (len(x) if mark == "cells" else 0) or not x:
        raise Unreadable("a mark has not one y for each x")
    if any(type(one) not in (float, int, str) for one in [*x, *y]) or any(type(one) not in (float, int) for one in z):
        raise Unreadable("a mark lies at places that are no numbers or names")
    return Mark(mark, _text(label, MAX_LABEL, "a label"), *map(tuple, places))


READERS = {
    "nothing": _nothing,
    "number": _number,
    "text": lambda value: _text(value, MAX_TEXT, "the text"),
    "truth": _truth,
    "list": _list,
    "table": _table,
    "figure": _drawing,
}
