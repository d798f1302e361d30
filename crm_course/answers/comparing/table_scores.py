"""Tables, by key and column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.comparing.scalar_scores import ROUNDING
from crm_course.answers.comparing.scores import RIGHT, Score, ScorePart, nothing, partly, wrong_type
from crm_course.answers.questions import Question, Tolerance
from crm_course.answers.values import Answer, normal
from crm_course.locale import _

ROWS = "rows"


def table(expected: Answer, given: Answer, question: Question) -> Score:
    """Compare tables; the order of rows and columns does not count, nor do further columns.

    Rows meet by the key, without one in their order. A cell is right within tolerance, or where both are missing.
    Rows that are missing, extra or there twice are wrong in every column. Partial marks are ``columns``, the share
    of columns that are right in every row, or ``cells``, the mean over columns of the share of right rows.
    """
    if given.kind != "table":
        return wrong_type(given, _("a table"))
    key, compared = question.form.key, [name for name in question.form.columns if name not in question.form.key]
    frame = _renamed(given.value, list(question.form.columns))
    if absent := [name for name in key if name not in frame.columns]:
        return nothing(_("Your table has no column {name}, which names its rows.").format(name=absent[0]))
    remarks = [
        _("Your table has no column {name}.").format(name=name) for name in compared if name not in frame.columns
    ]
    left, right, total = _aligned(expected.value, frame, key, remarks)
    shares = {
        name: _share(left[name], right[name], question, name, total) if name in frame.columns else 0.0
        for name in compared
    } or {ROWS: len(left) / total if total else 1.0}
    parts = tuple(ScorePart(name, share) for name, share in shares.items())
    remarks += [
        _("Column {name}: {right} of {total} rows are right.").format(
            name=name, right=round(share * total), total=total
        )
        for name, share in shares.items()
        if share < 1 and name in frame.columns
    ]
    if all(share >= 1 for share in shares.values()):
        return Score(1.0, parts, tuple(remarks)) if remarks else RIGHT
    whole = [
        share if question.partial == "cells" or name == ROWS else float(share >= 1) for name, share in shares.items()
    ]
    return Score(partly(sum(whole) / len(whole), question.partial is not None), parts, tuple(remarks))


def _renamed(frame: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """Give the columns the names of the form where they differ by case or spaces only."""
    plain = {normal(str(name)).replace(" ", "_"): name for name in reversed(frame.columns)}
    names = {
        plain[normal(name).replace(" ", "_")]: name
        for name in wanted
        if name not in frame.columns and normal(name).replace(" ", "_") in plain
    }
    return frame.rename(columns=names)


def _aligned(
    expected: pd.DataFrame, given: pd.DataFrame, key: list[str], remarks: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Give the rows that both have, side by side, and how many there are in either."""
    if not key:
        shared = min(len(expected), len(given))
        if len(expected) != len(given):
            remarks.append(_("Your table has {rows} rows; another number is right.").format(rows=len(given)))
        return expected.iloc[:shared], given.iloc[:shared], max(len(expected), len(given))
    left, right = expected.set_index(_keys(expected, key)), given.set_index(_keys(given, key))
    doubled = right.index.duplicated(keep=False)
    if doubled.any():
        remarks.append(_("{rows} rows of your table are there more than once.").format(rows=int(doubled.sum())))
    once = right[~doubled]
    shared_keys = left.index.intersection(once.index, sort=False)
    missing, extra = len(left.index.difference(right.index)), len(right.index.difference(left.index))
    if missing:
        remarks.append(_("{rows} rows are missing.").format(rows=missing))
    if extra:
        remarks.append(_("{rows} rows do not belong there.").format(rows=extra))
    repeats = int(right.index.duplicated().sum())
    return left.loc[shared_keys], once.loc[shared_keys], len(left) + extra + repeats


def _keys(frame: pd.DataFrame, key: list[str]) -> pd.Index:
    columns = [[_key(value) for value in frame[name].astype(object)] for name in key]
    tuples = pd.Series(list(zip(*columns, strict=True)), dtype=object)
    return pd.Index(tuples.map(repr), dtype=object)


def _key(value: Any) -> tuple[str, Any]:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "missing", None
    if isinstance(value, str):
        return "text", normal(value)
    if isinstance(value, pd.Timestamp):
        return "time", value.isoformat()
    return ("truth", value) if isinstance(value, bool) else ("number", float(value))


def _share(left: pd.Series, right: pd.Series, question: Question, name: str, total: int) -> float:
    if not total:
        return 1.0
    compare = question.compare
    tolerance = compare.columns.get(name) or Tolerance(rel=compare.rel, abs=compare.abs)
    return int(_agree(left, right, tolerance).sum()) / total


def _agree(left: pd.Series, right: pd.Series, tolerance: Tolerance) -> np.ndarray:
    """Say row by row whether two columns agree; columns of different types agree only where both are missing."""
    gone_left, gone_right = left.isna().to_numpy(), right.isna().to_numpy()
    there = ~gone_left & ~gone_right
    same: np.ndarray = gone_left & gone_right
    one, other = left.to_numpy()[there], right.to_numpy()[there]
    if _sort(left) == _sort(right) == "number":
        one, other = one.astype("float64"), other.astype("float64")
        allowed = np.maximum(tolerance.abs, tolerance.rel * np.abs(one))
        with np.errstate(over="ignore"):
            same[there] = np.abs(one - other) <= allowed + ROUNDING * np.maximum(np.abs(one), allowed)
    elif _sort(left) == _sort(right) == "text":
        same[there] = [normal(str(a)) == normal(str(b)) for a, b in zip(one, other, strict=True)]
    elif _sort(left) == _sort(right):
        same[there] = [a == b for a, b in zip(one, other, strict=True)]
    return same


def _sort(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values.dtype):
        return "truth"
    if pd.api.types.is_numeric_dtype(values.dtype):
        return "number"
    return str(values.dtype) if pd.api.types.is_datetime64_any_dtype(values.dtype) else "text"
