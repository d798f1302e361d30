"""Hashes of what figures, keys and pages follow from: what has the same hash need not be made again."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from crm_course.resources import PACKAGE


def digest(*parts: bytes) -> str:
    """Give the SHA-256 of some parts, with their lengths, so that no two lists of parts meet."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big"))
        whole.update(part)
    return whole.hexdigest()


def files_digest(paths: list[Path], folder: Path) -> str:
    """Give the SHA-256 of files and of their names within a folder, whatever their order."""
    named = sorted((path.relative_to(folder).as_posix(), path) for path in paths)
    return digest(*(part for name, path in named for part in (name.encode(), path.read_bytes())))


def folder_digest(folder: Path) -> str:
    """Give the SHA-256 of a folder's files and their names."""
    return files_digest([path for path in folder.rglob("*") if path.is_file()], folder)


@cache
def code_digest(*rooms: str) -> str:
    """Give the SHA-256 of some rooms of the package, templates and style included, and of the files beside them."""
    paths = [*PACKAGE.glob("*.py"), *(path for room in rooms for path in (PACKAGE / room).rglob("*"))]
    return files_digest([path for path in paths if path.is_file() and path.suffix != ".pyc"], PACKAGE)
