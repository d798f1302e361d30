"""Files that are either whole or as they were."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_course.errors import CourseError


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a path to write to; it takes the target's name only when all went well and is on the disk.

    Parameters
    ----------
    target : Path
        The file to make or to replace; its folder is made when missing.

    Raises
    ------
    CourseError
        If the file cannot be written; the old one is then left as it was.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "page.html"
    >>> with replaced(target) as partial:
    ...     _ = partial.write_text("whole", encoding="utf-8")
    >>> target.read_text(encoding="utf-8")
    'whole'
    """
    partial = target.with_name(f".{target.stem}.partial-{secrets.token_hex(4)}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CourseError(f"{target}: cannot be written ({reason}); free space or choose another place") from error
    finally:
        with contextlib.suppress(OSError):  # where nothing could be written there is nothing to remove
            partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(target: Path, text: str) -> None:
    """Write a text file as a whole or not at all."""
    with replaced(target) as partial:
        partial.write_text(text, encoding="utf-8")
