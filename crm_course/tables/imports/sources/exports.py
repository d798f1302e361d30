"""The lines of an export, cut into columns of text."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as arrow

from crm_course.errors import WrongCall
from crm_course.tables.imports.sources.excel import is_excel, sheet_rows
from crm_course.tables.imports.sources.mapping import Mapping
from crm_course.tables.imports.sources.text_files import decimal_of, decoded, separator_of

PLACE = ["file", "line"]
PART = "part"
BATCH = 2_000  # small: lists of many texts are dear to the garbage collector
LONGEST_NOTE = 50  # lines that a quoted text may go on for
_UNCLOSED = "a quote is not closed on its line"

Line = tuple[int, list[str] | str]  # the cells, or what is wrong with the line


@dataclass(frozen=True)
class ReadFile:
    """How one file was read.

    Attributes
    ----------
    path : Path
        The file.
    sha256 : str
        Of its bytes.
    encoding, separator, decimal : str
        As recognised, or as the mapping says.
    header : list of str
        Names of its columns, as the mapping calls them.
    """

    path: Path
    sha256: str
    encoding: str
    separator: str
    decimal: str
    header: list[str]


@dataclass(frozen=True)
class Export:
    """An export in text.

    Attributes
    ----------
    rows : DataFrame
        One row per line with the right number of columns: ``part`` (which of the files, from 0),
        ``file``, ``line``, and each column of the export under its name with ``=`` before it.
    broken : DataFrame
        The other lines: ``file``, ``line``, ``reason``, ``value``.
    files : list of ReadFile
        How each file was read.
    """

    rows: pd.DataFrame
    broken: pd.DataFrame
    files: list[ReadFile]


def read_export(paths: list[Path], mapping: Mapping) -> Export:
    """Read the files of an export.

    Raises
    ------
    WrongCall
        If a file is not there, cannot be read as such text at all, or lacks a column.
    """
    parts = [_read_file(path, mapping) for path in paths]
    rows = pd.concat([rows.assign(part=number) for number, (rows, _, _) in enumerate(parts)], ignore_index=True)
    cells = [column for column in rows if str(column).startswith("=")]
    rows[cells] = rows[cells].fillna("")
    return Export(
        rows, pd.concat([broken for _, broken, _ in parts], ignore_index=True), [file for _, _, file in parts]
    )


def _read_file(path: Path, mapping: Mapping) -> tuple[pd.DataFrame, pd.DataFrame, ReadFile]:
    data = _bytes(path)
    encoding, separator, lines = _lines(path, data, mapping)
    first = next(lines, None) if mapping.reader.header else None
    header = mapping.reader.columns or _header(path, first, mapping)
    bad: list[tuple[str, int, str, str]] = []
    parts = []
    while batch := list(islice(lines, BATCH)):
        good = [(number, cells) for number, cells in batch if isinstance(cells, list) and len(cells) == len(header)]
        taken = {number for number, _ in good}
        bad += [(str(path), number, *_wrong(cells, len(header))) for number, cells in batch if number not in taken]
        parts.append(_table(path, good, header))
    rows = pd.concat(parts, ignore_index=True) if parts else _table(path, [], header)
    broken = pd.DataFrame(bad, columns=[*PLACE, "reason", "value"])
    asked = mapping.reader.decimal
    decimal = decimal_of(_amounts(rows, mapping), path) if asked == "auto" else asked
    sha = hashlib.sha256(data).hexdigest()
    return rows, broken, ReadFile(path, sha, encoding, separator, decimal, header)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise WrongCall(f"{path}: there is no such file; name the export")
    try:
        return path.read_bytes()
    except OSError as error:
        raise WrongCall(f"{path}: cannot be read ({error.strerror})") from None


def _lines(path: Path, data: bytes, mapping: Mapping) -> tuple[str, str, Iterator[Line]]:
    reader = mapping.reader
    if is_excel(data):
        return "Excel", "cells", sheet_rows(path)
    texts, encoding = decoded(path, data, reader.encoding)
    separator = reader.separator
    if separator == "auto":
        separator = separator_of(islice((text for text in texts if text), 200))
    return encoding, separator, cut(texts, separator)


def cut(texts: list[str | None], separator: str) -> Iterator[Line]:
    """Give the number and the cells of every line that is not empty, or what is wrong with it.

    A quoted text may go on over several lines. A quote that is never closed spoils its own line only.
    """
    width, at = 0, 0
    while at < len(texts):
        text, here = texts[at], at + 1
        at += 1
        if text is None:
            yield here, "line is not text in the file's encoding"
        elif "\0" in text:
            yield here, "line holds a NUL byte"
        elif text.strip(f" \t\r{separator if len(separator) == 1 else ''}"):
            cells = _cells(text, separator)
            if cells is None:
                cells, more = _over_lines(texts, at, separator, width)
                at += more
            width = width or len(cells or [])
            yield here, _UNCLOSED if cells is None else cells


def _cells(text: str, separator: str) -> list[str] | None:
    """Cut one line; None when a quote is not closed on it."""
    if separator == "whitespace":
        return text.split()
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


def _over_lines(texts: list[str | None], at: int, separator: str, width: int) -> tuple[list[str] | None, int]:
    """Cut a line together with those that follow, until its quote is closed; none of them may be a line itself."""
    whole = texts[at - 1] or ""
    for more, text in enumerate(texts[at : at + LONGEST_NOTE], start=1):
        if text is None or len(_cells(text, separator) or []) == width > 1:
            break
        whole += "\n" + text
        cells = _cells(whole, separator) if text.count('"') % 2 else None
        if cells is not None and len(cells) == (width or len(cells)):
            return cells, more
    return None, 0


def _wrong(cells: list[str] | str, expected: int) -> tuple[str, str]:
    if isinstance(cells, str):
        return cells, ""
    return f"line does not have {expected} columns", f"{len(cells)} columns"


def _table(path: Path, lines: list[tuple[int, list[str]]], header: list[str]) -> pd.DataFrame:
    columns = list(zip(*(cells for _, cells in lines), strict=True)) or [()] * len(header)
    numbers = [number for number, _ in lines]
    place = {"file": arrow.array([str(path)] * len(lines), arrow.string()), "line": arrow.array(numbers, arrow.int64())}
    cells = {f"={name}": arrow.array(values, arrow.string()) for name, values in zip(header, columns, strict=True)}
    return arrow.table({**place, **cells}).to_pandas(types_mapper=_TYPES.get)


_TYPES = {arrow.string(): pd.StringDtype(na_value=float("nan"))}


def _amounts(rows: pd.DataFrame, mapping: Mapping) -> list[str]:
    columns = mapping.columns
    named = [columns.amount, columns.unit_price, columns.discount, columns.order_amount, columns.order_total]
    found = [rows[f"={name}"].drop_duplicates().head(20_000) for name in named if name and f"={name}" in rows]
    return [text for values in found for text in values]


def _header(path: Path, first: Line | None, mapping: Mapping) -> list[str]:
    """Name the columns as the mapping does, whatever the case, blanks and signs in which they come."""
    cells = first[1] if first and isinstance(first[1], list) else []
    known = {plain(alias): name for name, others in mapping.aliases.items() for alias in (name, *others)}
    wanted = [*mapping.columns.named(), *mapping.identity_columns, *mapping.first_line_only, *mapping.also_used()]
    known |= {plain(name): name for name in wanted}
    names = [name.strip() if name.strip() in wanted else known.get(plain(name), name.strip()) for name in cells]
    doubled = sorted({name for name in names if name in wanted and names.count(name) > 1})
    if doubled:
        raise WrongCall(f"{path}: the header names {', '.join(doubled)} more than once; rename one")
    missing = [name for name in dict.fromkeys(mapping.needed()) if name not in names]
    if missing:
        has = [name for name in names if name in wanted]
        others = [f"{len(names) - len(has)} that the mapping does not name"] if len(has) < len(names) else []
        raise WrongCall(
            f"{path}: the header has no column {', '.join(missing)}; it has {', '.join([*has, *others]) or 'none'}"
        )
    return _each_once(names)


def _each_once(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names[position] = f"{name} ({seen[name]})"
    return names


def plain(name: str) -> str:
    """Give a column's name without case, blanks and signs.

    Examples
    --------
    >>> plain("Customer ID") == plain("customer_id")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())
