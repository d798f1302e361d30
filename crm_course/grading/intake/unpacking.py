"""Zip files as learning platforms give them: looked through before anything is read, never unpacked to the disk.

What no platform makes has the whole file refused; what one trainee can cause in a file of the whole class is told of
her file alone.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from crm_course.answers.released import MAX_NOTEBOOK
from crm_course.errors import CourseError

ENDING = ".zip"
MAX_FILES = 5_000
MAX_TOTAL = 2_000_000_000  # bytes of all that is read of one file
MAX_NAME = 500  # letters
MOST_AT_ONCE = 4_000_000  # bytes of one read; the list of what a zip file holds is read as a whole
SMALL, RATIO = 1_000_000, 100  # what is larger may not be packed into less than a hundredth
READ = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED = 0x2041  # any of the bits for it
DRIVE = re.compile(r"[A-Za-z]:")


class RefusedZip(CourseError):
    """A zip file is not read at all; the sentence says why."""


@dataclass(frozen=True)
class Entry:
    """One file in a zip file.

    Attributes
    ----------
    name : str
        Its path there, with ``/``.
    changed : datetime or None
        When it was last changed, where the zip file says so.
    data : bytes
        What it holds, where that was wanted.
    problem : str
        Why it cannot be read.
    """

    name: str
    changed: datetime | None = None
    data: bytes = b""
    problem: str = ""


def unpacked(file: BinaryIO, wanted: Callable[[str], bool]) -> Iterator[Entry]:
    """Give the files in a zip file, one after the other.

    Parameters
    ----------
    file : binary file
        The zip file.
    wanted : function of a name
        Whether a file is to be read.

    Raises
    ------
    RefusedZip
        Before anything is given: if it is no zip file, holds too many files or bytes, or a name leads out of it,
        is a link or encrypted.
    """
    try:
        opened = zipfile.ZipFile(_InPieces(file))
    except RefusedZip:
        raise
    except Exception as error:  # zipfile trusts its input, so anything may come of a file made by hand
        raise RefusedZip("is no zip file, or a damaged one; pack it again") from error
    with opened:
        found = [(_name(info), info) for info in opened.infolist()]
        files = [(name, info) for name, info in found if not name.endswith("/")]
        _look(files)
        read = [info for name, info in files if wanted(name) and not _problem(name, info)]
        if (total := sum(info.file_size for info in read)) > MAX_TOTAL:
            raise RefusedZip(f"holds {total / 1e6:,.0f} MB; at most {MAX_TOTAL / 1e6:,.0f} are read: split it")
        for name, info in files:
            yield _entry(opened, name, info) if wanted(name) else Entry(name)


class _InPieces(io.BufferedIOBase):
    """A file of which nobody reads more than a little at once, whatever it says of itself."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            size = MOST_AT_ONCE + 1
        if size > MOST_AT_ONCE + 1 or len(data := self._file.read(size)) > MOST_AT_ONCE:
            raise RefusedZip(f"holds too many files; at most {MAX_FILES:,} are read")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _name(info: zipfile.ZipInfo) -> str:
    """Give the whole name, which zipfile cuts at a NUL; some programs write it as Windows does."""
    return info.orig_filename.replace("\\", "/")


def _look(files: list[tuple[str, zipfile.ZipInfo]]) -> None:
    """Refuse what no platform makes."""
    if len(files) > MAX_FILES:
        raise RefusedZip(f"holds {len(files):,} files; at most {MAX_FILES:,} are read")
    if twice := [name for name, count in Counter(name for name, _ in files).items() if count > 1]:
        raise RefusedZip(f"holds {_short(twice[0])} twice; pack it again")
    for name, info in files:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if len(name) > MAX_NAME or "\0" in name:
            raise RefusedZip(f"holds a name that no file can have: {_short(name)}")
        if name.startswith("/") or DRIVE.match(name) or ".." in name.split("/"):
            raise RefusedZip(f"holds a name that leads out of it: {_short(name)}")
        if kind not in (0, stat.S_IFREG):
            raise RefusedZip(f"holds a link or no plain file: {_short(name)}")
        if info.flag_bits & ENCRYPTED:
            raise RefusedZip("is encrypted; pack it without a password")


def _short(name: str) -> str:
    return repr(name if len(name) <= 80 else name[:79] + "…")


def _problem(name: str, info: zipfile.ZipInfo) -> str:
    """Say why one file is not read, by what the zip file says of it."""
    if name.lower().endswith(ENDING):
        return "is a zip file in a zip file; hand in the notebook itself"
    if info.file_size > MAX_NOTEBOOK:
        return oversized(info.file_size)
    if info.file_size > SMALL and info.file_size > RATIO * info.compress_size:
        return f"is packed into less than a {RATIO}th of its size, as no notebook is; hand in the notebook itself"
    if info.compress_type not in READ:
        return "is packed in a way that is not read; pack it as a plain zip file"
    return ""


def _entry(opened: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Entry:
    """Read one file: never more than it may have, whatever size is written beside it."""
    if problem := _problem(name, info):
        return Entry(name, _changed(info), problem=problem)
    try:
        with opened.open(info) as file:
            data = file.read(MAX_NOTEBOOK + 1)
    except Exception:  # as above
        return Entry(name, _changed(info), problem="is damaged in the zip file; pack it again")
    return Entry(name, _changed(info), data)


def _changed(info: zipfile.ZipInfo) -> datetime | None:
    """Give the time, which a zip file has without its zone: that of this machine is taken."""
    try:
        changed = datetime(*info.date_time).astimezone(UTC)  # noqa: DTZ001,RUF100 - there is no zone
    except (ValueError, OverflowError, OSError):
        return None
    return changed if changed.year > 1980 else None  # where nothing is written


def oversized(size: int) -> str:
    """Say why a file of so many bytes is not read."""
    return f"has {size / 1e6:,.0f} MB; at most {MAX_NOTEBOOK / 1e6:.0f} are read: clear the outputs"
