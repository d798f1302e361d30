"""The first sheet of an Excel file, as lines of text."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from pathlib import Path

from crm_course.errors import WrongCall

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ISO = "%Y-%m-%d %H:%M:%S"


def is_excel(data: bytes) -> bool:
    """Say whether a file looks like one that Excel writes."""
    return data.startswith((b"PK\x03\x04", _OLD))


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str] | str]]:
    """Give number and cells of each row of the first sheet that is not empty.

    Raises
    ------
    WrongCall
        If the file is no Excel file of today's form (.xlsx).
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
            rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # whatever the part of the workbook that is broken makes of it
        raise WrongCall(f"{path}: is no Excel file that can be read ({error}); save it as .xlsx or CSV") from None
    width = max((len(row) for row in rows), default=0)
    return ((number, row + [""] * (width - len(row))) for number, row in enumerate(rows, start=1) if any(row))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return f"{cell:{ISO}}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
