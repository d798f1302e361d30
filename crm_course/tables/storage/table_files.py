"""From the files of a store folder to pandas, with the types that the schemas promise."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from crm_course.errors import StoreError
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.converting import NO_VALUE, convert
from crm_course.tables.storage.faults import Fault, what_to_do


def columns_of(name: str) -> dict[str, pa.Column]:
    """Give the schema's columns of a table, in order."""
    return dict(SCHEMAS[name].to_schema().columns)


def files_of(folder: Path, name: str) -> list[Path]:
    """Give the files of a table that a folder has; the first is the one that is read."""
    return [path for suffix in (".parquet", ".csv") if (path := folder / f"{name}{suffix}").is_file()]


def has_rows(path: Path) -> bool:
    """Say whether the file of a table has a row, without reading its rows.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    try:
        if path.suffix == ".parquet":
            return bool(pq.read_metadata(path).num_rows)
        with path.open("rb") as file:
            file.readline()  # the header
            return any(line.strip() for line in file)
    except (arrow.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def read_table(path: Path, name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Read one table from Parquet or CSV with the schema's types, without judging its values.

    A column that may be empty and that the file lacks is read as empty.

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
    table, faults = scan_table(path, name, columns)
    if faults:
        raise StoreError(f"{path}: {faults[0]}; {what_to_do(path)}")
    return table


def empty_table(name: str, columns: list[str]) -> pd.DataFrame:
    """Give a table without rows that has the types of one that was read."""
    schema, nothing = columns_of(name), arrow.chunked_array([arrow.nulls(0)])
    return pd.DataFrame({column: convert(nothing, schema[column], False)[0] for column in columns})


def scan_table(path: Path, name: str, columns: list[str] | None = None) -> tuple[pd.DataFrame, list[Fault]]:
    """Read what can be read of a table, and tell what cannot.

    Returns
    -------
    table : DataFrame
        The columns that could be read; a value that could not is missing.
    faults : list of Fault
        The columns that are missing or of another type, and the values that could not be read.

    Raises
    ------
    StoreError
        If nothing of the file can be read, or a column is asked for that the schema does not name.
    """
    schema = columns_of(name)
    wanted = list(schema) if columns is None else list(dict.fromkeys(columns))
    unknown = [column for column in wanted if column not in schema]
    if unknown:
        raise StoreError(f"`{name}` has no column {', '.join(unknown)}; it has {', '.join(schema)}")
    raw = _read_arrow(path, wanted)
    series, faults = {}, []
    for column in wanted:
        values, found = _column(raw, schema[column], path.suffix == ".csv")
        faults += found
        if values is not None:
            series[column] = values
    return pd.DataFrame(series, index=pd.RangeIndex(raw.num_rows)), faults


def _column(raw: arrow.Table, spec: pa.Column, from_text: bool) -> tuple[pd.Series | None, list[Fault]]:
    there = raw.column_names.count(spec.name)
    if there > 1:
        return None, [Fault(spec.name, "is there more than once; keep one")]
    if there == 0 and not spec.nullable:
        return None, [Fault(spec.name, "is missing")]
    values = raw[spec.name] if there else arrow.chunked_array([arrow.nulls(raw.num_rows)])
    return convert(values, spec, from_text)


def _read_arrow(path: Path, wanted: list[str]) -> arrow.Table:
    try:
        return _read_csv(path) if path.suffix == ".csv" else _read_parquet(path, wanted)
    except (arrow.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> StoreError:
    advice = "save it as CSV UTF-8 with one header line" if path.suffix == ".csv" else "copy the file again"
    reason = str(error).strip().splitlines()[0][:120]
    return StoreError(f"{path}: cannot be read ({reason}); {advice}")


def _read_csv(path: Path) -> arrow.Table:
    parse = arrow_csv.ParseOptions(newlines_in_values=True)
    with arrow_csv.open_csv(path, parse_options=parse) as reader:
        names = reader.schema.names
    convert_options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, arrow.string()), strings_can_be_null=True, null_values=NO_VALUE
    )
    return arrow_csv.read_csv(path, parse_options=parse, convert_options=convert_options)


def _read_parquet(path: Path, wanted: list[str]) -> arrow.Table:
    with pq.ParquetFile(path) as file:
        return file.read(columns=[column for column in wanted if column in file.schema_arrow.names])
