"""From pandas to a store folder that is either whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as pq

from crm_course.errors import StoreError
from crm_course.tables.storage.info import FILE_NAME, StoreInfo
from crm_course.tables.storage.table_files import columns_of

MONEY = arrow.decimal128(12, 2)
_ARROW_TYPES = {
    "id": arrow.string(),
    "text": arrow.string(),
    "words": arrow.dictionary(arrow.int32(), arrow.string()),
    "time": arrow.timestamp("us", "UTC"),
    "day": arrow.date32(),
    "money": MONEY,
    "number": arrow.float64(),
    "count": arrow.int64(),
    "flag": arrow.bool_(),
}


def arrow_schema(name: str) -> arrow.Schema:
    """Give the Arrow schema under which a table lies on disk."""
    return arrow.schema([(column, _ARROW_TYPES[spec.metadata["kind"]]) for column, spec in columns_of(name).items()])


def to_arrow(table: pd.DataFrame, name: str) -> arrow.Table:
    """Turn a table into its form on disk: the schema's columns and types, money rounded to cents.

    Columns that the schema allows to be missing are filled with nulls.

    Raises
    ------
    StoreError
        If a column that may not be missing is not there, or holds something of another type.
    """
    schema = arrow_schema(name)
    specs = columns_of(name)
    lacking = [field.name for field in schema if field.name not in table and not specs[field.name].nullable]
    if lacking:
        raise StoreError(f"{name}: column {', '.join(lacking)} is missing and cannot be left empty")
    arrays = [
        _array(table[field.name], field, name) if field.name in table else arrow.nulls(len(table), field.type)
        for field in schema
    ]
    return arrow.Table.from_arrays(arrays, schema=schema)


def _array(values: pd.Series, field: arrow.Field, name: str) -> arrow.Array:
    if isinstance(values.dtype, pd.ArrowDtype) and values.dtype.pyarrow_dtype == field.type:
        return arrow.array(values)
    try:
        if field.type == MONEY:
            return arrow.array(values.astype("float64").round(2), from_pandas=True).cast(MONEY)
        if arrow.types.is_dictionary(field.type):
            return arrow.array(values.astype("category"), from_pandas=True).cast(field.type)
        return arrow.array(values, field.type, from_pandas=True)
    except (arrow.ArrowException, ValueError, TypeError) as error:
        raise StoreError(f"{name}: column {field.name}: {str(error).splitlines()[0]}") from error


class TableWriter:
    """Write a table to a folder in parts, one row group each, so that size costs no memory."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.rows = 0
        self._path = folder / f"{name}.parquet"
        self._file: pq.ParquetWriter | None = None

    def write(self, part: pd.DataFrame) -> None:
        """Add rows."""
        rows = self._to_arrow(part)
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, rows.schema, compression="zstd")
        self._file.write_table(rows)
        self.rows += len(part)

    def _to_arrow(self, part: pd.DataFrame) -> arrow.Table:
        return to_arrow(part, self.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()


class TruthWriter(TableWriter):
    """Write a table of the truth: its columns are as they come, since no schema holds them."""

    def _to_arrow(self, part: pd.DataFrame) -> arrow.Table:
        return arrow.Table.from_pandas(part, preserve_index=False).replace_schema_metadata()


@contextmanager
def new_store(folder: str | Path, info: StoreInfo) -> Iterator[Path]:
    """Give a folder to write tables in; it takes its name only when all went well.

    Raises
    ------
    StoreError
        If something is in the way, or the disk is full.
    """
    target = Path(folder).expanduser().absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(f"{folder}: there is something in it already; name an empty or new folder")
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
        yield partial
        (partial / FILE_NAME).write_text(info.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be written ({error.strerror or error}); free space or choose another"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_store(folder: str | Path, info: StoreInfo, tables: dict[str, pd.DataFrame]) -> None:
    """Write whole tables as a new store folder."""
    with new_store(folder, info) as partial:
        for name, table in tables.items():
            with TableWriter(partial, name) as writer:
                writer.write(table)
