"""Intake: which files were handed in, by whom, and which of them count."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crm_course.errors import CourseError
from crm_course.grading.intake.matching import owners, spelled
from crm_course.grading.intake.unpacking import ENDING, Entry, RefusedZip, unpacked
from crm_course.messages import visible
from crm_course.release.roster import Trainee
from crm_course.running.files import replaced

MAX_FILE = 20_000_000
LEFT_OUT = {".ipynb_checkpoints", "__MACOSX"}
POLICIES = ("last", "first", "best")
NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class File:
    """One file of the folder of submissions.

    Attributes
    ----------
    path : str
        Below the folder, with ``/``, as `shown`; what lies in a zip file comes after its name.
    digest : str
        SHA-256 of its bytes; empty where it was not read.
    received_at : str
        When it was last changed, in UTC.
    trainee : str
        Whose it is; empty where that is not known.
    state : str
        ``counts``, ``does not count`` (another file of the same trainee does), ``unreadable``, ``unassigned`` or
        ``ignored`` (no notebook).
    why : str
        A sentence.
    """

    path: str
    digest: str = ""
    received_at: str = ""
    trainee: str = ""
    state: str = "counts"
    why: str = ""


def scan(folder: Path, roster: Iterable[Trainee], keep: Path, exercise: str = "") -> list[File]:
    """Look at every file of a folder of submissions, and keep a copy of those that may be notebooks.

    Parameters
    ----------
    folder : Path
        With notebooks, in folders or zip files or not. Links are not followed.
    roster : iterable of Trainee
        Whose files they can be.
    keep : Path
        Folder for the copies, named by the hash of what they hold.
    exercise : str
        Name of the exercise, which files' names may hold.

    Raises
    ------
    CourseError
        If the folder cannot be read.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder}: there is no such folder; name the one with the returned notebooks")
    desk = _Desk(folder, {spelled(one.id): one.id for one in roster}, keep, exercise)
    return [one for path in sorted(_walk(folder)) for one in desk.files(path)]


def _walk(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if one not in LEFT_OUT]
        yield from (Path(above) / name for name in names if not name.startswith("."))


def shown(name: str) -> str:
    """Give the name of a file as it is told everywhere: no two names are told alike, none changes a terminal.

    Examples
    --------
    >>> print(shown("s1" + chr(10) + ".ipynb"), shown("s1" + chr(92) + "n.ipynb"))
    s1\\n.ipynb s1\\\\n.ipynb
    """
    return visible(name.replace("\\", "\\\\"))


@dataclass(frozen=True)
class _Desk:
    """Where files are looked at: below which folder, whose they can be, where copies are kept."""

    folder: Path
    ids: dict[str, str]
    keep: Path
    exercise: str

    def files(self, path: Path) -> list[File]:
        """Look at one file of the folder; a zip file is looked into."""
        name = path.relative_to(self.folder).as_posix()
        found = File(shown(name))
        try:
            about = path.lstat()
            found = replace(found, received_at=_time(datetime.fromtimestamp(about.st_mtime, UTC)))
            if not stat.S_ISREG(about.st_mode):
                return [
                    replace(found, state="unreadable", why="is a link or no plain file; hand in the notebook itself")
                ]
            if path.suffix.lower() == ENDING:
                return self._zipped(path, name, found)
            if path.suffix.lower() != NOTEBOOK:
                return [self._owned(replace(found, state="ignored", why="is no notebook (.ipynb)"), name)]
            if about.st_size > MAX_FILE:
                size = f"has {about.st_size / 1e6:,.0f} MB; at most {MAX_FILE / 1e6:.0f} are read: clear the outputs"
                return [self._owned(replace(found, state="unreadable", why=size), name)]
            with _opened(path) as file:
                return [self._owned(replace(found, digest=self._kept(file.read(MAX_FILE + 1))), name)]
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            return [self._owned(replace(found, state="unreadable", why=f"cannot be read ({why})"), name)]

    def _zipped(self, path: Path, name: str, found: File) -> list[File]:
        """Look at the notebooks in a zip file; its own name is a folder of their paths."""
        try:
            with _opened(path) as file:
                return [
                    self._of_entry(one, name, found)
                    for one in unpacked(file, lambda name: name.lower().endswith((NOTEBOOK, ENDING)))
                    if not _left_out(one.name)
                ]
        except RefusedZip as error:
            return [self._owned(replace(found, state="unreadable", why=str(error)), name)]

    def _of_entry(self, entry: Entry, name: str, zipped: File) -> File:
        found = replace(zipped, path=f"{zipped.path}/{shown(entry.name)}")
        if entry.changed:
            found = replace(found, received_at=min(zipped.received_at, _time(entry.changed)))
        if entry.problem:
            found = replace(found, state="unreadable", why=entry.problem)
        elif not entry.name.lower().endswith(NOTEBOOK):
            found = replace(found, state="ignored", why="is no notebook (.ipynb)")
        else:
            found = replace(found, digest=self._kept(entry.data))
        return self._owned(found, f"{name[: -len(ENDING)]}/{entry.name}")

    def _owned(self, found: File, name: str) -> File:
        """Say whose a file is."""
        trainees = owners(name, self.ids, self.exercise)
        if len(trainees) > 1 and found.state == "counts":
            why = f"can be {' or '.join(trainees)}: name the file after one id"
            return replace(found, state="unassigned", why=why)
        return replace(found, trainee=trainees[0] if len(trainees) == 1 else "")

    def _kept(self, data: bytes) -> str:
        """Keep a copy under the hash of what it holds, and give the hash."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.keep / f"{digest}{NOTEBOOK}"
        if not target.is_file():
            with replaced(target) as partial:
                partial.write_bytes(data)
        return digest


def _left_out(name: str) -> bool:
    *folders, file = name.split("/")
    return file.startswith(".") or bool(LEFT_OUT & set(folders))


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def _opened(path: Path) -> BinaryIO:
    """Open a file that is no link, and does not keep us waiting."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.fdopen(os.open(path, flags), "rb")


@dataclass(frozen=True)
class Reading:
    """What a worker found in a file: why it cannot be read, and whose its metadata say it is."""

    digest: str
    problem: str = ""
    exercise: str = ""
    trainee: str = ""


def settle(
    files: Iterable[File], readings: dict[str, Reading], exercise: str, roster: Iterable[Trainee], policy: str
) -> list[File]:
    """Decide what counts, from paths and from what the files hold.

    Parameters
    ----------
    files : iterable of File
        As `scan` gives them.
    readings : dict of str to Reading
        By hash.
    exercise : str
        The batch's.
    roster : iterable of Trainee
        Who can hand in.
    policy : str
        ``last`` or ``first`` by time of change, or ``best``: all are graded, the highest marks count. What bears
        the id of a trainee goes before what only says inside that it is hers, which anybody can write.
    """
    ids = {spelled(one.id): one.id for one in roster}
    judged = _by_name_first([(one, _judged(one, readings.get(one.digest), exercise, ids)) for one in files])
    chosen: dict[str, File] = {}
    for one in sorted((one for one in judged if one.state == "counts"), key=lambda one: (one.received_at, one.path)):
        if policy != "first" or one.trainee not in chosen:
            chosen[one.trainee] = one
    others = "another file of the same trainee counts" if policy != "best" else ""
    return [
        replace(one, state="does not count", why=others)
        if policy != "best" and one.state == "counts" and chosen[one.trainee] != one
        else one
        for one in judged
    ]


def _by_name_first(pairs: list[tuple[File, File]]) -> list[File]:
    """Let a file that is known by what it holds count only where none bears the trainee's id."""
    named = {judged.trainee for found, judged in pairs if found.trainee and judged.state == "counts"}
    why = "says that it is of a trainee of whom there is a file that bears the id"
    return [
        replace(judged, state="does not count", why=why)
        if judged.state == "counts" and not found.trainee and judged.trainee in named
        else judged
        for found, judged in pairs
    ]


def _judged(file: File, reading: Reading | None, exercise: str, ids: dict[str, str]) -> File:
    if reading is None or file.state != "counts":
        return file
    if reading.problem:
        return replace(file, state="unreadable", why=reading.problem)
    if reading.exercise and reading.exercise != exercise:
        return replace(file, state="unreadable", why=f"is a packet of {reading.exercise}; this batch is of {exercise}")
    made_for = ids.get(spelled(reading.trainee), "")
    if not file.trainee and not made_for:
        return replace(file, state="unassigned", why="names nobody of the roster: name the file after the trainee's id")
    if file.trainee and made_for and made_for != file.trainee:
        return replace(file, why=f"was handed in as {file.trainee}, but is the packet of {made_for}")
    return replace(file, trainee=file.trainee or made_for)


def sweep(folder: Path) -> None:
    """Take away what a batch that was killed left half-written."""
    for path in folder.rglob(".*.partial-*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
