"""The roster: who gets a packet, read from a CSV file as a college's system or a spreadsheet writes it."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm_course.errors import CourseError

COLUMNS = ("id", "name")
LONGEST = 100  # bytes of an id, so that what is made of it fits a file name
FORBIDDEN = re.compile(r'[/\\<>:"|?*]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\..*)?", re.DOTALL)
UNSEEN = dict.fromkeys(("Cc", "Zl", "Zp"), "a control character") | {"Cf": "an invisible character"}


@dataclass(frozen=True)
class Trainee:
    """One row of a roster.

    Attributes
    ----------
    id, name : str
        Without spaces around them, in Unicode's form NFC; the id can be the name of a file on every system.
    """

    id: str
    name: str


def read_roster(path: Path) -> list[Trainee]:
    """Read a roster, in its own order.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8 with the columns ``id`` and ``name``, separated by ``,`` or ``;``. Other columns are
        not read, nor are blank rows.

    Raises
    ------
    CourseError
        If the file cannot be read, or an id is empty, doubled or of no use as the name of a file. Everything that
        is wrong is told at once, by row as a spreadsheet counts them.
    """
    rows = _rows(path)
    try:
        header = [cell.strip().casefold() for cell in rows[0][1]]
    except IndexError:
        raise CourseError(f"{path}: is empty; write the columns id,name and one row per trainee") from None
    if wrong := [name for name in COLUMNS if header.count(name) != 1]:
        what = " and ".join(f"column {one} is there {header.count(one)} times, not once" for one in wrong)
        raise CourseError(f"{path}: {what.replace('there 0 times, not once', 'missing')}; begin with the line id,name")
    at = [header.index(name) for name in COLUMNS]
    found: list[tuple[int, Trainee]] = []
    problems: list[str] = []
    for number, row in rows[1:]:
        if len(row) != len(header):
            problems.append(f"row {number}: has {len(row)} cells, the header {len(header)}; quote a name with a comma")
        else:
            found.append((number, Trainee(*(unicodedata.normalize("NFC", row[place].strip()) for place in at))))
    problems += [f"row {number}: {what}" for number, one in found for what in _wrong(one.id)]
    problems += _doubled(found)
    if problems:
        head = f"{path}: " + (f"{len(problems)} problems\n  " if len(problems) > 1 else "")
        raise CourseError(head + "\n  ".join(problems))
    if not found:
        raise CourseError(f"{path}: names no trainee; write one row for each below the header")
    return [one for _, one in found]


def write_roster(trainees: list[Trainee], path: Path) -> None:
    """Write a roster that `read_roster` reads: only what it read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *((one.id, one.name) for one in trainees)])


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Give the rows that are not blank, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); name the roster, a CSV file") from None
    except UnicodeDecodeError:
        raise CourseError(f'{path}: is not UTF-8; save it as "CSV UTF-8"') from None
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise CourseError(f"{path}: is no CSV file ({error}); save it as CSV again") from None
    return [(number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]


def _wrong(name: str) -> Iterator[str]:
    """Say why an id cannot be a file's name on some system, or hides something."""
    if not name:
        yield "the id is empty"
    unseen = {UNSEEN[kind] for kind in map(unicodedata.category, name) if kind in UNSEEN}
    yield from (f"id {name!r} holds {what}" for what in sorted(unseen))
    if found := FORBIDDEN.search(name):
        yield f"id {name!r} holds {found[0]}, which a file's name cannot"
    if name.startswith("."):
        yield f"id {name!r} begins with a dot"
    if name.endswith("."):
        yield f"id {name!r} ends with a dot"
    if RESERVED.fullmatch(name.casefold()):
        yield f"id {name!r} is a name that Windows keeps for itself"
    if name.casefold().endswith(".zip"):
        yield f"id {name!r} ends with .zip, as the packets do"
    if len(name.encode()) > LONGEST:
        yield f"id {name[:20]!r}… is longer than {LONGEST} bytes"


def _doubled(found: list[tuple[int, Trainee]]) -> Iterator[str]:
    """Tell ids that are the same where a file system does not mind capital letters."""
    seen: dict[str, tuple[int, str]] = {}
    for number, one in found:
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFD", one.id).casefold())
        first, name = seen.setdefault(key, (number, one.id))
        if first != number and key:
            yield f"rows {first} and {number}: {name!r} and {one.id!r} are the same id"
