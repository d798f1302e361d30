"""The gradebook: one SQLite file that knows what was handed in, what ran and what it is worth.

What a row speaks of lies beside the file and is on the disk before the row is written. So the gradebook of a batch
that was stopped anywhere, and taken up again, is that of a batch that was not.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_course.errors import CourseError

FILE = "gradebook.sqlite"
VERSION = 1
HOME = "home"  # the trainee's own data
MOUNTS = Path("/proc/self/mounts")
NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "glusterfs",
    "fuse.sshfs",
    "fuse.s3fs",
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, digest TEXT NOT NULL, received_at TEXT NOT NULL,
  trainee TEXT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS readings (
  digest TEXT PRIMARY KEY, problem TEXT NOT NULL, exercise TEXT NOT NULL, trainee TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, trainee TEXT NOT NULL, submission TEXT NOT NULL, data TEXT NOT NULL,
  ended TEXT NOT NULL, cell INTEGER, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS scores (
  trainee TEXT NOT NULL, submission TEXT NOT NULL, question TEXT NOT NULL, basis TEXT NOT NULL,
  state TEXT NOT NULL, marks REAL NOT NULL, got REAL, details TEXT NOT NULL,
  PRIMARY KEY (trainee, submission, question));
CREATE TABLE IF NOT EXISTS levels (
  trainee TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, part TEXT NOT NULL, level INTEGER NOT NULL,
  comment TEXT NOT NULL, PRIMARY KEY (trainee, question, answer, part));
CREATE TABLE IF NOT EXISTS pages (path TEXT PRIMARY KEY, basis TEXT NOT NULL);
"""
CONTENT = {  # what two batches of the same work have in common: neither times nor pages
    "files": "path, digest, trainee, state, why",
    "runs": "id, trainee, submission, data, ended, cell",
    "scores": "trainee, submission, question, basis, state, marks, got, details",
}


@dataclass(frozen=True)
class RunRow:
    """One run of a submission: on the trainee's own data (``home``) or on those of ``hidden/1`` …, and how it ended."""

    id: str
    trainee: str
    submission: str
    data: str
    ended: str
    cell: int | None
    seconds: float


@dataclass(frozen=True)
class ScoreRow:
    """What one answer is worth, the hash of all that this follows from, and the finding as JSON."""

    trainee: str
    submission: str
    question: str
    basis: str
    state: str
    marks: float
    got: float | None
    details: str


class Gradebook:
    """An open gradebook.

    Parameters
    ----------
    folder : Path
        The output folder of a batch.
    make : bool
        Make folder and file where they are missing.

    Raises
    ------
    CourseError
        If there is none, it lies on a network file system, or it is of another version.
    """

    def __init__(self, folder: Path, make: bool = False) -> None:
        self.folder = folder.expanduser().absolute()
        path = self.folder / FILE
        if not make and not path.is_file():
            raise CourseError(f"{folder}: holds no gradebook; name the folder that `crm-course grade -o` wrote")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _refuse_network(self.folder)
            self.db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self.db.row_factory = sqlite3.Row
            self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
            self.db.executescript(SCHEMA)
        except OSError as error:
            raise CourseError(f"{folder}: cannot be written ({error.strerror}); choose another place") from error
        except sqlite3.Error as error:
            raise CourseError(f"{path}: is no gradebook that can be used ({error}); name another folder") from error
        if self.about.setdefault("version", VERSION) != VERSION:
            raise CourseError(f"{path}: is of version {self.about['version']} of the course; take a new folder")

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def __enter__(self) -> Gradebook:
        """Use it in a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write all or nothing.

        Raises
        ------
        CourseError
            If the disk is full or the file cannot be written.
        """
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self.db.in_transaction:  # a full disk has ended it already
                    self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        except sqlite3.Error as error:
            raise CourseError(f"{self.folder / FILE}: cannot be written ({error}); free space, then go on") from error

    def put(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, in place of those with the same key."""
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" * len(row))
            self.db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def rows(self, table: str, **where: str) -> list[sqlite3.Row]:
        """Give the rows of a table in which columns have these values, in the order of their keys."""
        condition = " AND ".join(f"{name} = ?" for name in where) or "1"
        order = {"scores": "trainee, submission, question", "files": "path"}.get(table, "1")
        query = f"SELECT * FROM {table} WHERE {condition} ORDER BY {order}"
        return self.db.execute(query, tuple(where.values())).fetchall()

    @property
    def about(self) -> About:
        """What holds for the whole batch."""
        return About(self)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Give all that the work decides, without times: two undisturbed batches of the same work have the same."""
        return {
            table: [tuple(row) for row in self.db.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}")]
            for table, columns in CONTENT.items()
        }


class About:
    """Names and values that hold for a whole batch, kept as JSON."""

    def __init__(self, book: Gradebook) -> None:
        self.book = book

    def __getitem__(self, name: str) -> Any:
        """Give a value; None where there is none."""
        found = self.book.db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def __setitem__(self, name: str, value: Any) -> None:
        """Keep a value."""
        self.book.put("about", [{"name": name, "value": json.dumps(value, ensure_ascii=False)}])

    def setdefault(self, name: str, value: Any) -> Any:
        """Give what is kept; keep and give the value where nothing is."""
        if self[name] is None:
            self[name] = value
        return self[name]


def _refuse_network(folder: Path) -> None:
    """Refuse a network file system, whose locks do not hold what SQLite asks of them."""
    if not MOUNTS.is_file():  # not Linux
        return
    kinds = [line.split(" ")[1:3] for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()]
    above = {str(one) for one in (folder.resolve(), *folder.resolve().parents)}
    held = [(len(place), kind) for place, kind in kinds if place in above]
    if held and (kind := max(held)[1]) in NETWORK:
        raise CourseError(f"{folder}: lies on a network file system ({kind}); a gradebook needs a local disk")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one batch.

    Raises
    ------
    CourseError
        If another batch has it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CourseError(f"{folder}: another batch is at work there; wait for it, or stop it") from None
        yield
    finally:
        os.close(descriptor)
