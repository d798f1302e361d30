"""Tables as columns, types and rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.encoding.scalars import NoScalar, is_a, scalar
from crm_course.answers.values import MAX_COLUMNS, MAX_ROWS, Scalar, WrongForm

DATES = {"date", "datetime", "datetime64"}


def table(value: pd.DataFrame | pd.Series) -> dict[str, Any]:
    """Reduce a table.

    The index is dropped, unless it has a name: then it is a column, as after ``reset_index()``; where a column
    has the same name, the column counts. A Series is a table of one column, ``value`` where it has no name.

    Returns
    -------
    dict
        ``columns`` (names), ``dtypes`` (``number``, ``integer``, ``text``, ``truth``, ``time`` or ``time_utc``)
        and ``rows`` (lists; missing values are None, times ISO text).

    Raises
    ------
    WrongForm
        If it is too large, or a column cannot be named or handed in.
    """
    frame = _frame(value)
    if len(frame) > MAX_ROWS:
        raise WrongForm(
            f"a table of {len(frame):,} rows is too large, at most {MAX_ROWS:,}; give only the rows asked for"
        )
    levels = [level for level in range(frame.index.nlevels) if _adds(frame, frame.index.names[level])]
    parts = [(str(frame.index.names[level]), frame.index.get_level_values(level).to_series()) for level in levels]
    parts += [(_name(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    names = [name for name, _ in parts]
    if doubled := [name for name in names if names.count(name) > 1]:
        raise WrongForm(f"the table has two columns named {doubled[0]}; rename one")
    encoded = [column(values, f"column {name}") for name, values in parts]
    rows = [list(row) for row in zip(*(values for _, values in encoded), strict=True)]
    return {"columns": names, "dtypes": [dtype for dtype, _ in encoded], "rows": rows}


def _frame(value: Any) -> pd.DataFrame:
    if is_a(value, pd.Series):
        plain = pd.Series(value)
        value = plain.to_frame("value" if plain.name is None else plain.name)
    frame = pd.DataFrame(value)
    if frame.columns.nlevels > 1:
        raise WrongForm("the table's columns have several levels; name each column with one text")
    if not 0 < frame.shape[1] <= MAX_COLUMNS:
        raise WrongForm(f"a table of {frame.shape[1]:,} columns; it needs 1 to {MAX_COLUMNS}")
    return frame


def _adds(frame: pd.DataFrame, name: Any) -> bool:
    return name is not None and name not in frame.columns


def _name(name: Any) -> str:
    try:
        text = scalar(name)
    except NoScalar:
        text = None
    if text is None:
        raise WrongForm("a column of the table has no name; name it")
    return str(text)


def column(values: pd.Series, where: str) -> tuple[str, list[Scalar]]:
    """Reduce a column: its type by our name, and its values.

    Categories count as what they are categories of, intervals and periods as text.
    """
    dtype: Any = values.dtype
    if isinstance(dtype, (pd.IntervalDtype, pd.PeriodDtype)):
        values = values.astype(str).where(values.notna(), None)
    elif isinstance(dtype, pd.CategoricalDtype):
        return column(_uncategorised(values), where)
    elif pd.api.types.is_bool_dtype(dtype):
        return "truth", _listed(values)
    elif pd.api.types.is_integer_dtype(dtype):
        return "integer", _listed(values)
    elif pd.api.types.is_float_dtype(dtype):
        return "number", _floats(values, where)
    elif pd.api.types.is_datetime64_any_dtype(dtype):
        return _times(values)
    elif pd.api.types.is_timedelta64_dtype(dtype):
        raise WrongForm(f"{where} holds durations; give a number of days or hours")
    return _objects(values, where)


def _uncategorised(values: pd.Series) -> pd.Series:
    categories = values.cat.categories
    if isinstance(categories.dtype, pd.IntervalDtype):
        return values.astype(object).map(str, na_action="ignore")
    return pd.Series(categories.take(values.cat.codes, allow_fill=True, fill_value=None))


def _listed(values: pd.Series) -> list[Scalar]:
    listed: list[Scalar] = values.astype(object).where(values.notna(), None).tolist()
    return listed


def _floats(values: pd.Series, where: str) -> list[Scalar]:
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    if len(at := np.flatnonzero(np.isinf(numbers))):
        raise WrongForm(f"{where}, row {at[0] + 1}: an infinite number is no answer; look for a division by zero")
    return [None if math.isnan(number) else number for number in numbers.tolist()]


def _times(values: pd.Series) -> tuple[str, list[Scalar]]:
    zone = values.dt.tz
    if zone is not None:
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    texts = np.datetime_as_string(values.to_numpy(dtype="datetime64[us]")).tolist()
    texts = [None if one == "NaT" else one.removesuffix(".000000") for one in texts]
    if zone is None:
        return "time", [one and one.removesuffix("T00:00:00") for one in texts]
    return "time_utc", [one and one + "Z" for one in texts]


def _objects(values: pd.Series, where: str) -> tuple[str, list[Scalar]]:
    if pd.api.types.infer_dtype(values, skipna=True) in DATES:
        try:
            return _times(pd.to_datetime(values))
        except (ValueError, TypeError):
            raise WrongForm(f"{where} mixes times of several time zones; convert them to one") from None
    found = [_entry(one, where, row) for row, one in enumerate(values.tolist(), start=1)]
    kinds = {type(one) for one in found} - {type(None)}
    if kinds <= {str}:
        return "text", found
    if kinds == {bool}:
        return "truth", found
    if kinds == {int}:
        return "integer", found
    if kinds <= {int, float}:
        return "number", [None if one is None else float(one) for one in found]
    raise WrongForm(f"{where} mixes texts, numbers or truth values; give one type")


def _entry(value: Any, where: str, row: int) -> Scalar:
    try:
        return scalar(value)
    except NoScalar:
        what = type(value).__name__
        raise WrongForm(f"{where}, row {row}: a value of type {what} is no single number, text or time") from None
