"""From the files of a store folder to pandas, with the types that the schemas promise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from pyarrow import types as is_type

from crm_course.errors import StoreError
from crm_course.tables.schemas import SCHEMAS

CONSEQUENCE = "see `crm-course check` for everything that is wrong"

_EXPECTED: dict[str, tuple[str, Callable[[arrow.DataType], bool]]] = {
    "id": ("text", lambda t: is_type.is_string(t) or is_type.is_large_string(t)),
    "text": ("text", lambda t: is_type.is_string(t) or is_type.is_large_string(t)),
    "words": ("text", lambda t: is_type.is_string(t) or is_type.is_large_string(t)),
    "time": ("a time with a zone", lambda t: is_type.is_timestamp(t) and t.tz is not None),
    "day": ("a date", lambda t: is_type.is_date(t) or (is_type.is_timestamp(t) and t.tz is None)),
    "money": ("a number", lambda t: is_type.is_floating(t) or is_type.is_integer(t) or is_type.is_decimal(t)),
    "number": ("a number", lambda t: is_type.is_floating(t) or is_type.is_integer(t) or is_type.is_decimal(t)),
    "count": ("a whole number", is_type.is_integer),
    "flag": ("true or false", is_type.is_boolean),
}


def columns_of(name: str) -> dict[str, pa.Column]:
    """Give the schema's columns of a table, in order."""
    return dict(SCHEMAS[name].to_schema().columns)


def read_table(path: Path, name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Read one table from Parquet or CSV with the schema's types, without judging its values.

    Parameters
    ----------
    path : Path
        The file, ``.parquet`` or ``.csv``.
    name : str
        The table's name in ``SCHEMAS``.
    columns : list of str, optional
        Columns to read; all of the schema's by default. Columns that no schema names are left out.

    Raises
    ------
    StoreError
        If the file cannot be read, a column is missing or has another type.
    """
    schema = columns_of(name)
    wanted = list(schema) if columns is None else columns
    raw = _read_arrow(path, wanted)
    return pd.DataFrame({column: _to_pandas(raw[column], schema[column], path) for column in wanted})


def _read_arrow(path: Path, wanted: list[str]) -> arrow.Table:
    try:
        if path.suffix == ".csv":
            names = arrow_csv.open_csv(path).schema.names
            as_text = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, arrow.string()), strings_can_be_null=True)
            table = arrow_csv.read_csv(path, convert_options=as_text)
        else:
            names = pq.read_schema(path).names
            table = None
    except (arrow.ArrowInvalid, OSError) as error:
        raise StoreError(f"{path}: cannot be read ({_first_line(error)}); copy the file again") from error
    missing = [column for column in wanted if column not in names]
    if missing:
        raise StoreError(f"{path}: column {', '.join(missing)} is missing; {CONSEQUENCE}")
    return pq.read_table(path, columns=wanted) if table is None else table


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:120]


def _to_pandas(values: arrow.ChunkedArray, column: pa.Column, path: Path) -> pd.Series:
    kind = column.metadata["kind"]
    if is_type.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if path.suffix == ".csv":
        values = _parse(values, kind, column.name, path)
    expected, fits = _EXPECTED[kind]
    if is_type.is_null(values.type):
        values = values.cast(arrow.string() if expected == "text" else _arrow_type(kind))
    elif not fits(values.type):
        raise StoreError(f"{path}: column {column.name} is {values.type}, expected {expected}; {CONSEQUENCE}")
    return _TO_PANDAS[kind](values, column)


def _arrow_type(kind: str) -> arrow.DataType:
    return {
        "time": arrow.timestamp("us", "UTC"),
        "day": arrow.timestamp("us"),
        "count": arrow.int64(),
        "flag": arrow.bool_(),
    }.get(kind, arrow.float64())


def _parse(values: arrow.ChunkedArray, kind: str, column: str, path: Path) -> arrow.ChunkedArray:
    """Turn a CSV column's text into the kind's type; the first text that is none is named with its row."""
    if _EXPECTED[kind][0] == "text":
        return values
    if kind in ("time", "day"):
        parsed = pd.to_datetime(values.to_pandas(), errors="coerce", utc=kind == "time", format="ISO8601")
        result = arrow.chunked_array([arrow.Array.from_pandas(parsed.dt.as_unit("us"))])
    elif kind == "flag":
        lower = pc.utf8_lower(values)
        yes, no = (pc.is_in(lower, arrow.array(words)) for words in (["true", "1", "yes"], ["false", "0", "no"]))
        result = pc.if_else(pc.or_(yes, no), yes, arrow.scalar(None, arrow.bool_()))
    else:
        numbers = pd.to_numeric(values.to_pandas(), errors="coerce")
        whole = kind == "count" and not (numbers.dropna() % 1).any()
        result = arrow.chunked_array([arrow.Array.from_pandas(numbers.astype("Int64") if whole else numbers)])
    broken = pc.and_(pc.is_null(result), pc.is_valid(values))
    if pc.any(broken).as_py():
        row = pc.index(broken, True).as_py()
        raise StoreError(
            f"{path}: column {column}, row {row + 2}: {values[row].as_py()!r} is not {_EXPECTED[kind][0]}; correct the file"
        )
    return result


def _texts(values: arrow.ChunkedArray, _: pa.Column) -> pd.Series:
    return values.to_pandas().astype("str")


def _categories(values: arrow.ChunkedArray, column: pa.Column) -> pd.Series:
    """Keep the vocabulary's order; a word outside it becomes a category of its own, for validation to name."""
    found = values.to_pandas().astype("category")
    vocabulary = column.metadata["vocabulary"] or sorted(found.cat.categories)
    return found.cat.set_categories([*vocabulary, *sorted(set(found.cat.categories) - set(vocabulary))])


def _moments(values: arrow.ChunkedArray, column: pa.Column) -> pd.Series:
    zone = "UTC" if column.metadata["kind"] == "time" else None
    return values.cast(arrow.timestamp("us", zone), safe=False).to_pandas()


def _counts(values: arrow.ChunkedArray, column: pa.Column) -> pd.Series:
    return values.to_pandas().astype("Int64" if column.nullable or values.null_count else "int64")


def _flags(values: arrow.ChunkedArray, _: pa.Column) -> pd.Series:
    return values.to_pandas()


def _numbers(values: arrow.ChunkedArray, _: pa.Column) -> pd.Series:
    return values.cast(arrow.float64(), safe=False).to_pandas()


_TO_PANDAS: dict[str, Callable[[Any, pa.Column], pd.Series]] = {
    "id": _texts,
    "text": _texts,
    "words": _categories,
    "time": _moments,
    "day": _moments,
    "money": _numbers,
    "number": _numbers,
    "count": _counts,
    "flag": _flags,
}
