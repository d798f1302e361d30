"""From a column as it lies in a file to the pandas column that the schema promises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import types as is_type

from crm_course.tables.storage.faults import Fault, fault_where

NO_VALUE = [""]
_NO_VALUE_WORDS = ["NA", "N/A", "NaN", "nan", "NULL", "null", "None", "NaT"]
_YES, _NO = {"true", "1", "yes"}, {"false", "0", "no"}

Converted = tuple[pd.Series, "pd.Series[bool]"]


def convert(values: arrow.ChunkedArray, spec: pa.Column, from_text: bool) -> tuple[pd.Series | None, list[Fault]]:
    """Give a column the type that its schema promises.

    Parameters
    ----------
    values : ChunkedArray
        The column as it was read.
    spec : pandera Column
        The column of the schema; its metadata name the kind.
    from_text : bool
        Whether every column is text because the file is CSV; elsewhere text is no number.

    Returns
    -------
    values : Series or None
        The column; values that could not be read are missing. None where the type is another.
    faults : list of Fault
        What could not be read.
    """
    kind = spec.metadata["kind"]
    if is_type.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if is_type.is_null(values.type):
        values = values.cast(_EMPTY[kind])
    expected, fits, to_pandas = _KINDS[kind]
    if not (fits(values.type) or (from_text and _is_text(values.type))):
        return None, [Fault(spec.name, f"holds {_in_words(values.type)}, expected {expected}")]
    try:
        series, broken = to_pandas(values, spec)
    except (arrow.ArrowException, OverflowError, ValueError) as error:
        return None, [Fault(spec.name, f"cannot be read ({str(error).splitlines()[0][:80]})")]
    if not broken.any():
        return series, []
    original = values.to_pandas().rename(spec.name)
    return series, fault_where(broken, original, f"is not {expected}")


def _is_text(of: arrow.DataType) -> bool:
    is_text: bool = is_type.is_string(of) or is_type.is_large_string(of) or is_type.is_string_view(of)
    return is_text


def _is_number(of: arrow.DataType) -> bool:
    is_number: bool = is_type.is_floating(of) or is_type.is_integer(of) or is_type.is_decimal(of)
    return is_number


def _is_day(of: arrow.DataType) -> bool:
    return is_type.is_date(of) or (is_type.is_timestamp(of) and of.tz is None)


def _is_moment(of: arrow.DataType) -> bool:
    return is_type.is_timestamp(of) and of.tz is not None


def _in_words(of: arrow.DataType) -> str:
    if is_type.is_timestamp(of):
        return "times" if of.tz else "times without a time zone"
    known = {"text": _is_text, "numbers": _is_number, "dates": is_type.is_date, "true or false": is_type.is_boolean}
    return next((words for words, fits in known.items() if fits(of)), str(of))


def _none_broken(series: pd.Series) -> Converted:
    return series, pd.Series(False, index=series.index)


def _read_text(values: arrow.ChunkedArray, parse: Callable[[pd.Series], pd.Series]) -> Converted:
    """Parse a column of text; what is text and gives no value is broken."""
    texts = values.to_pandas()
    texts = texts.where(~texts.isin(_NO_VALUE_WORDS))
    parsed = parse(texts)
    return parsed, parsed.isna() & texts.notna()


def _texts(values: arrow.ChunkedArray, _: pa.Column) -> Converted:
    return _none_broken(values.to_pandas().astype("str"))


def _ids(values: arrow.ChunkedArray, spec: pa.Column) -> Converted:
    """Take an empty id for none, in Parquet as in CSV."""
    ids, broken = _texts(values, spec)
    empty = ids == ""
    return (ids.mask(empty) if empty.any() else ids), broken


def _categories(values: arrow.ChunkedArray, spec: pa.Column) -> Converted:
    """Keep the vocabulary's order; a word outside it becomes a category of its own, for validation to name."""
    found = values.to_pandas().astype("category")
    vocabulary = spec.metadata["vocabulary"] or sorted(found.cat.categories)
    strange = sorted(set(found.cat.categories) - set(vocabulary))
    dtype = pd.CategoricalDtype(pd.Index([*vocabulary, *strange], dtype="str"))
    return _none_broken(found.astype(dtype))


def _moments(values: arrow.ChunkedArray, _: pa.Column) -> Converted:
    if _is_text(values.type):
        return _read_text(
            values, lambda texts: pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601").dt.as_unit("us")
        )
    return _none_broken(values.cast(arrow.timestamp("us", "UTC"), safe=False).to_pandas())


def _days(values: arrow.ChunkedArray, _: pa.Column) -> Converted:
    if _is_text(values.type):
        days, broken = _read_text(values, _parsed_days)
    else:
        days, broken = _none_broken(values.cast(arrow.timestamp("us"), safe=False).to_pandas())
    with_time = days.notna() & (days != days.dt.normalize())
    return days.mask(with_time), broken | with_time


def _parsed_days(texts: pd.Series) -> pd.Series:
    zoned = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    return zoned.dt.tz_localize(None).dt.as_unit("us")


def _numbers(values: arrow.ChunkedArray, _: pa.Column) -> Converted:
    if _is_text(values.type):
        numbers, broken = _read_text(values, lambda texts: pd.to_numeric(texts, errors="coerce").astype("float64"))
    else:
        numbers, broken = _none_broken(values.cast(arrow.float64(), safe=False).to_pandas())
    endless = pd.Series(np.isinf(numbers), index=numbers.index)
    return numbers.mask(endless), broken | endless


def _counts(values: arrow.ChunkedArray, spec: pa.Column) -> Converted:
    if is_type.is_integer(values.type):
        counts, broken = _none_broken(
            values.cast(arrow.int64()).to_pandas(types_mapper={arrow.int64(): pd.Int64Dtype()}.get)
        )
    else:
        numbers, broken = _numbers(values, spec)
        parts = numbers.notna() & (numbers % 1 != 0)
        counts, broken = numbers.mask(parts).astype("Int64"), broken | parts
    return counts if spec.nullable or counts.isna().any() else counts.astype("int64"), broken


def _flags(values: arrow.ChunkedArray, _: pa.Column) -> Converted:
    if not _is_text(values.type):
        return _none_broken(values.to_pandas())
    flags, broken = _read_text(values, _parsed_flags)
    return flags if flags.isna().any() else flags.astype("bool"), broken


def _parsed_flags(texts: pd.Series) -> pd.Series:
    lower = texts.str.strip().str.lower()
    return lower.isin(_YES).astype("boolean").mask(~lower.isin(_YES | _NO))


_KINDS: dict[
    str, tuple[str, Callable[[arrow.DataType], bool], Callable[[arrow.ChunkedArray, pa.Column], Converted]]
] = {
    "id": ("text", _is_text, _ids),
    "text": ("text", _is_text, _texts),
    "words": ("text", _is_text, _categories),
    "time": ("a time such as 2025-12-31T18:30:00Z", _is_moment, _moments),
    "day": ("a day such as 2025-12-31", _is_day, _days),
    "money": ("a number", _is_number, _numbers),
    "number": ("a number", _is_number, _numbers),
    "count": ("a whole number", _is_number, _counts),
    "flag": ("true or false", is_type.is_boolean, _flags),
}

_EMPTY: dict[str, arrow.DataType] = {
    "id": arrow.string(),
    "text": arrow.string(),
    "words": arrow.string(),
    "time": arrow.timestamp("us", "UTC"),
    "day": arrow.timestamp("us"),
    "money": arrow.float64(),
    "number": arrow.float64(),
    "count": arrow.int64(),
    "flag": arrow.bool_(),
}
