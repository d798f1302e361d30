"""Intake: which files were handed in, by whom, and which of them count."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from crm_course.authoring.roster import Trainee
from crm_course.errors import CourseError
from crm_course.running.files import replaced

MAX_FILE = 20_000_000
LEFT_OUT = {".ipynb_checkpoints", "__MACOSX"}
POLICIES = ("last", "first", "best")
SEPARATORS = " _.,()[]-"  # what stands between an id and the rest of a file's name
ADDED = re.compile(r"(\s*\(\d+\)|\s+copy)$")
SHORT = 2  # letters, or figures, that may stand in a name by chance
MOST_WORDS = 40


@dataclass(frozen=True)
class File:
    """One file of the folder of submissions.

    Attributes
    ----------
    path : str
        Below the folder, with ``/``.
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
        With notebooks, in folders or not. Links are not followed.
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
    ids = {spelled(one.id): one.id for one in roster}
    return [_file(folder, path, ids, keep, exercise) for path in sorted(_walk(folder))]


def _walk(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if one not in LEFT_OUT]
        yield from (Path(above) / name for name in names if not name.startswith("."))


def _file(folder: Path, path: Path, ids: dict[str, str], keep: Path, exercise: str) -> File:
    name = path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
    trainees = owners(name, ids, exercise)
    found = File(name, trainee=trainees[0] if len(trainees) == 1 else "")
    try:
        about = path.lstat()
        found = replace(found, received_at=datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="seconds"))
        if not stat.S_ISREG(about.st_mode):
            return replace(found, state="unreadable", why="is a link or no plain file; hand in the notebook itself")
        if path.suffix.lower() != ".ipynb":
            return replace(found, state="ignored", why="is no notebook (.ipynb)")
        if about.st_size > MAX_FILE:
            size = f"has {about.st_size / 1e6:,.0f} MB; at most {MAX_FILE / 1e6:.0f} are read: clear the outputs"
            return replace(found, state="unreadable", why=size)
        found = replace(found, digest=_kept(path, keep))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return replace(found, state="unreadable", why=f"cannot be read ({why})")
    if len(trainees) > 1:
        return replace(found, state="unassigned", why=f"can be {' or '.join(trainees)}: name the file after one id")
    return found


def _kept(path: Path, keep: Path) -> str:
    """Copy a file under the hash of what it holds, and give the hash."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_FILE + 1)
    digest = hashlib.sha256(data).hexdigest()
    target = keep / f"{digest}.ipynb"
    if not target.is_file():
        with replaced(target) as partial:
            partial.write_bytes(data)
    return digest


def owners(name: str, ids: dict[str, str], exercise: str = "") -> list[str]:
    """Say whose file it is by its path: a folder or file named by an id, else a file whose name holds one.

    Parameters
    ----------
    name : str
        Path of the file, below the folder of submissions.
    ids : dict of str to str
        Ids by `spelled` id.
    exercise : str
        Its name is no part of an id, nor is the ``(1)`` that browsers add.

    Returns
    -------
    list of str
        No id, one, or several that fit equally well.

    Examples
    --------
    >>> owners("s1/03_customer_value.ipynb", {"s1": "s1", "s12": "s12"})
    ['s1']
    >>> owners("chan_s12_03_customer_value (1).ipynb", {"s1": "s1", "s12": "s12"}, "03_customer_value")
    ['s12']
    """
    *folders, file = (spelled(part) for part in name.split("/"))
    parts = [file.rpartition(".")[0] or file, *folders]
    if exactly := [ids[part] for part in dict.fromkeys(parts) if part in ids]:
        return exactly
    bare = [ADDED.sub("", part).replace(spelled(exercise), "").strip(SEPARATORS) for part in parts]
    if exactly := [ids[part] for part in dict.fromkeys(bare) if part in ids]:
        return exactly
    held = [ids[word] for word in dict.fromkeys(word for part in bare for word in _words(part)) if word in ids]
    held = [one for one in held if len(one) > SHORT or not (one.isdigit() or one.isalpha())]
    return [one for one in held if not any(one != other and spelled(one) in _words(spelled(other)) for other in held)]


def _words(part: str) -> Iterator[str]:
    """Every run of whole words of a name."""
    places = list(re.finditer(f"[{re.escape(SEPARATORS)}]+", part))[:MOST_WORDS]
    starts = [0, *(place.end() for place in places)]
    ends = [*(place.start() for place in places), len(part)]
    yield from (part[start:end] for start in starts for end in ends if start < end)


def spelled(name: str) -> str:
    """Give a name as file systems may give it back: without regard to capitals and to how accents are written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


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
        ``last`` or ``first`` by time of change, or ``best``: all are graded, the highest marks count.
    """
    ids = {spelled(one.id): one.id for one in roster}
    judged = [_judged(one, readings.get(one.digest), exercise, ids) for one in files]
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
