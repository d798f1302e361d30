"""Tables: the first rows that differ, in the columns that differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.values import normal
from crm_course.grading.findings import QuestionResult
from crm_course.grading.reports.comparison.shapes import Grid
from crm_course.grading.reports.wording import clean, named, shown, shown_pair
from crm_course.locale import _
from crm_course.messages import cut

ROWS = 5
COLUMNS = 3
NAMES = 4
APART = 1e-9  # of a number's size: binary fractions


def tables(given: pd.DataFrame, expected: pd.DataFrame, question: QuestionResult) -> Grid:
    """Give the first rows that differ, met by their key, in at most three of the columns that differ.

    Which cells count as wrong is not told by the tables alone, since the tolerance is the grader's: of each
    column as many cells are taken as the grader counted, those that lie furthest apart.
    """
    given = _renamed(given, expected)
    key = _key(expected, question.key)
    key = key if set(key) <= set(given.columns) else []  # then rows meet in their order
    one, other = _keyed(given, key), _keyed(expected, key)
    shared = other.index.intersection(one.index, sort=False)
    missing, extra = other.index.difference(one.index, sort=False), one.index.difference(other.index, sort=False)
    total = len(given) + len(missing)
    absent = total - len(shared)
    shares = {part.name: part.share for part in question.parts}
    wrong = {}
    for name in expected.columns:
        if name not in key and name in given.columns:
            counted = None if name not in shares else max(0, round((1 - shares[name]) * total) - absent)
            cells = _wrong(one.loc[shared, name], other.loc[shared, name], counted)
            if cells.any():
                wrong[name] = cells
    apart = np.logical_or.reduce(list(wrong.values())) if wrong else np.zeros(len(shared), dtype=bool)
    columns, rows = list(wrong)[:COLUMNS], shared[apart][:ROWS]
    return Grid(
        head=(*((_name(name), 1) for name in key or [_("row")]), *((_name(name), 2) for name in columns)),
        subhead=("",) * max(len(key), 1) + (_("yours"), _("expected")) * len(columns),
        rows=tuple(_row(label, one, other, key, columns) for label in rows) if columns else (),
        notes=tuple(_notes(int(apart.sum()), list(wrong), _ids(other, missing, key), _ids(one, extra, key))),
    )


def _renamed(given: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    plain = {normal(str(name)).replace(" ", "_"): name for name in reversed(given.columns)}
    wanted = {name: plain.get(normal(str(name)).replace(" ", "_")) for name in expected.columns}
    return given.rename(columns={own: name for name, own in wanted.items() if own and name not in given.columns})


def _key(expected: pd.DataFrame, told: list[str] | None) -> list[str]:
    """Give the columns that name a row: as told, or the first that does so alone; none where rows have no name."""
    if told is not None:
        return [name for name in told if name in expected.columns]
    plain = [name for name in expected.columns if not pd.api.types.is_float_dtype(expected[name].dtype)]
    texts = [name for name in plain if not pd.api.types.is_numeric_dtype(expected[name].dtype)]
    return next(([name] for name in [*texts, *plain] if expected[name].notna().all() and expected[name].is_unique), [])


def _keyed(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    if not key:
        return frame.set_index(pd.Index([f"{number:,}" for number in range(1, len(frame) + 1)], dtype=object))
    texts = ["\x1f".join(_plain(value) for value in row) for row in frame[key].astype(object).to_numpy()]
    return frame.set_index(pd.Index(texts, dtype=object))[~pd.Index(texts).duplicated()]


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return normal(value)
    return f"{float(value):.12g}" if isinstance(value, (int, float)) else str(value)


def _wrong(one: pd.Series, other: pd.Series, counted: int | None) -> np.ndarray:
    """Say which cells differ; of those only so many as are `counted`, the furthest apart."""
    distance = _distance(one, other)
    cells = distance > 0
    if counted is not None and counted < cells.sum():
        furthest = np.argsort(-distance, kind="stable")[:counted]
        cells = np.zeros(len(distance), dtype=bool)
        cells[furthest] = True
    return cells


def _distance(one: pd.Series, other: pd.Series) -> np.ndarray:
    gone, gone_other = one.isna().to_numpy(), other.isna().to_numpy()
    if all(pd.api.types.is_numeric_dtype(values.dtype) for values in (one, other)):
        left, right = (values.to_numpy(dtype="float64", na_value=np.nan) for values in (one, other))
        with np.errstate(over="ignore", invalid="ignore"):
            distance = np.abs(left - right)
            distance = np.where(distance <= APART * np.maximum(np.abs(left), np.abs(right)), 0.0, distance)
    else:
        texts = zip(one.astype(object), other.astype(object), strict=True)
        distance = np.array([0.0 if normal(str(a)) == normal(str(b)) else np.inf for a, b in texts])
    return np.where(gone & gone_other, 0.0, np.where(gone | gone_other, np.inf, distance))


def _row(label: str, one: pd.DataFrame, other: pd.DataFrame, key: list[str], columns: list[str]) -> tuple[str, ...]:
    ours = other.loc[label]
    names = [shown(ours[name]) for name in key] or [label]
    cells = [text for name in columns for text in shown_pair(one.at[label, name], other.at[label, name])]
    return (*names, *cells)


def _ids(frame: pd.DataFrame, labels: pd.Index, key: list[str]) -> list[str]:
    if not key:
        return list(labels)
    rows = frame.loc[labels, key].astype(object).to_numpy()
    return [" ".join(shown(value) for value in row) for row in rows]


def _notes(apart: int, columns: list[str], missing: list[str], extra: list[str]) -> list[str]:
    notes = []
    if apart:
        notes.append(
            _("Rows that differ: {rows}; columns: {names}.").format(rows=f"{apart:,}", names=named(columns, 8))
        )
    if apart > ROWS:
        notes.append(_("The first {shown} are shown.").format(shown=ROWS))
    if missing:
        notes.append(_("Missing from your table: {names}.").format(names=named(missing, NAMES)))
    if extra:
        notes.append(_("Only in your table: {names}.").format(names=named(extra, NAMES)))
    return notes


def _name(name: object) -> str:
    return cut(clean(str(name)), 40)
