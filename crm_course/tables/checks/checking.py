"""Everything that is wrong with a store folder, found in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import Progress

from crm_course.errors import StoreError
from crm_course.tables.checks.laws import broken_laws
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.faults import Fault, shown
from crm_course.tables.storage.info import FILE_NAME, StoreInfo, scan_info
from crm_course.tables.storage.judging import judge
from crm_course.tables.storage.table_files import files_of, scan_table

NEEDED = ("customers", "orders", "order_lines")
COLUMNS = ["table", "column", "row", "value", "problem"]

Found = tuple[str, Fault]


def check(path: str | Path, limit: int = 20) -> pd.DataFrame:
    """Find everything that is wrong with a store folder.

    Parameters
    ----------
    path : str or Path
        The folder.
    limit : int
        How many rows to list of one column with one problem; one more row counts the rest.

    Returns
    -------
    DataFrame
        One row per failure: ``table``, ``column`` (missing when the whole table is meant),
        ``row`` (data row from 1, without the header; missing when no single row is meant),
        ``value`` as text, ``problem`` in words. Empty when nothing is wrong.

    Raises
    ------
    StoreError
        If there is no such folder.

    Examples
    --------
    >>> check("datasets/demo").empty
    True
    """
    return failures(find_faults(path), limit)


def find_faults(path: str | Path, progress: Console | None = None) -> list[Found]:
    """Find everything that is wrong with a store folder, as pairs of table and fault.

    Raises
    ------
    StoreError
        If there is no such folder.
    """
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise StoreError(f"{folder}: there is no such folder; name a store folder, which holds {FILE_NAME}")
    info, found = _info(folder)
    tables: dict[str, pd.DataFrame] = {}
    needed = _needed(folder)
    with Progress(console=progress, transient=True, disable=progress is None) as bar:
        for name in bar.track(SCHEMAS, description="reading tables"):
            faults, table = _one_table(folder, name, name in needed)
            found += [(name, fault) for fault in faults]
            if table is not None:
                tables[name] = table
        bar.add_task("comparing tables", total=None)
        found += broken_laws(tables, info)
    return found


def failures(found: list[Found], limit: int = 20) -> pd.DataFrame:
    """List faults row by row, as ``check`` does."""
    rows = [row for table, fault in found for row in _listed(table, fault, limit)]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"row": "Int64"})


def count(found: list[Found]) -> int:
    """Count the failures, the ones that a list leaves out as well."""
    return sum(max(1, len(fault.rows)) for _, fault in found)


def _listed(table: str, fault: Fault, limit: int) -> Iterator[tuple[str, str | None, int | None, str | None, str]]:
    if not len(fault.rows):
        yield table, fault.column, None, None, fault.problem
    for row, value in zip(fault.rows[:limit], fault.values[:limit], strict=True):
        yield table, fault.column, row, shown(value), fault.problem
    if len(fault.rows) > limit:
        yield table, fault.column, None, None, f"{fault.problem}, in {len(fault.rows) - limit:,} more rows"


def _info(folder: Path) -> tuple[StoreInfo | None, list[Found]]:
    info, problems = scan_info(folder)
    return info, [(FILE_NAME, Fault(where or None, what)) for where, what in problems]


def _needed(folder: Path) -> tuple[str, ...]:
    """List the tables without which there is no store; a public register of complaints is one by itself."""
    alone = files_of(folder, "complaints") and not any(files_of(folder, name) for name in NEEDED)
    return () if alone else NEEDED


def _one_table(folder: Path, name: str, needed: bool) -> tuple[list[Fault], pd.DataFrame | None]:
    files = files_of(folder, name)
    if not files:
        return ([Fault(None, "is missing; every store needs it")] if needed else []), None
    faults = []
    if len(files) > 1:
        faults.append(Fault(None, f"is there twice: {files[0].name} is read, remove {files[1].name}"))
    try:
        table, unread = scan_table(files[0], name)
    except StoreError as error:
        return [*faults, Fault(None, str(error).removeprefix(f"{files[0]}: "))], None
    return [*faults, *unread, *_without(judge(table, name), unread)], table


def _without(judged: list[Fault], unread: list[Fault]) -> list[Fault]:
    """Leave out that a value is empty where it could not be read: that has been told."""
    told = {(fault.column, row) for fault in unread for row in fault.rows}
    kept = []
    for fault in judged:
        at = [place for place, row in enumerate(fault.rows) if (fault.column, row) not in told]
        if len(at) == len(fault.rows):
            kept.append(fault)
        elif at:
            rows, values = [fault.rows[place] for place in at], [fault.values[place] for place in at]
            kept.append(Fault(fault.column, fault.problem, rows, values))
    return kept
