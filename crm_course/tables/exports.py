"""The lines of an export, cut into columns of text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from crm_course.errors import WrongCall
from crm_course.tables.mapping import Reader

PLACE = ["file", "line"]
UNCLOSED = ["unclosed quote", "\0"]  # no line of a text file


def read_export(paths: list[Path], reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the files of an export.

    Parameters
    ----------
    paths : list of Path
        One or more files of one form.
    reader : Reader
        How their lines are cut.

    Returns
    -------
    rows : DataFrame
        One row per line that has the right number of columns, all text, with ``file`` and ``line``.
    broken : DataFrame
        The other lines: ``file``, ``line``, ``column``, ``value``, ``reason``.

    Raises
    ------
    WrongCall
        If a file cannot be read as such text at all.
    """
    parts = [_read_file(path, reader) for path in paths]
    rows, broken = ([part[side] for part in parts] for side in (0, 1))
    return pd.concat(rows, ignore_index=True), pd.concat(broken, ignore_index=True)


def _read_file(path: Path, reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame]:
    lines = list(_lines(path, reader))
    columns = _header(path, lines.pop(0)[1] if lines else []) if reader.header else reader.columns
    good, bad = [], []
    for number, cells in lines:
        if len(cells) == len(columns):
            good.append((str(path), number, *cells))
        elif cells == UNCLOSED:
            bad.append((str(path), number, "", "", "a quote is not closed on its line"))
        else:
            bad.append((str(path), number, "", f"{len(cells)} columns", f"line does not have {len(columns)} columns"))
    return (
        pd.DataFrame(good, columns=[*PLACE, *(f"={column}" for column in columns)]),
        pd.DataFrame(bad, columns=[*PLACE, "column", "value", "reason"]),
    )


def _header(path: Path, names: list[str]) -> list[str]:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise WrongCall(f"{path}: the header names {', '.join(doubled)} more than once; rename one")
    return names


def _lines(path: Path, reader: Reader) -> Iterator[tuple[int, list[str]]]:
    """Give the number and the cells of every line that is not empty."""
    lines = enumerate(_text(path, reader.encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
    for number, line in lines:
        cells = line.split() if reader.separator == "whitespace" else _cut(line, reader.separator)
        if any(cell.strip() for cell in cells):
            yield number, cells


def _cut(line: str, separator: str) -> list[str]:
    """Cut a line alone: a quote that is not closed on it must not swallow the lines that follow."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return UNCLOSED


def _text(path: Path, encoding: str) -> str:
    if not path.is_file():
        raise WrongCall(f"{path}: there is no such file; name the export")
    try:
        return path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise WrongCall(f"{path}: byte {error.start + 1:,} is not {encoding} text; is it the right file?") from None
    except OSError as error:
        raise WrongCall(f"{path}: cannot be read ({error.strerror})") from None
