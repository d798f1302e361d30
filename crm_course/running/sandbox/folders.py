"""The files of runs: one private folder for each zygote, in it the data of the run that is under way."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO

from crm_course.running.sandbox import cgroups

PREFIX = "crm-course-run-"
LOCK = "zygote.log"
GROUPS = "groups"  # names the cgroups of the slot, a line each
YOUNG = 60.0  # seconds in which a folder may still be without its lock


def make_folder() -> tuple[Path, IO[bytes]]:
    """Make a private folder; give it and its log, which stays locked for as long as anybody needs the folder."""
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    log = (folder / LOCK).open("w+b")
    fcntl.flock(log, fcntl.LOCK_EX)
    return folder, log


def sweep(place: Path) -> None:
    """Remove the folders whose supervisor was killed before it could."""
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, in use, or just removed by somebody else
            if folder.stat().st_uid == os.geteuid() and time.time() - folder.stat().st_mtime > YOUNG:
                _remove_if_free(folder)


def _remove_if_free(folder: Path) -> None:
    with (folder / LOCK).open("rb") as log:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove_groups(folder)
        shutil.rmtree(folder)


def make_group(folder: Path) -> cgroups.Group | None:
    """Make the cgroups of a slot, where there are any, and note in its folder which they are."""
    group = cgroups.make_group(folder.name)
    if group:
        (folder / GROUPS).write_text("".join(f"{one}\n" for one in group.folders))
    return group


def _remove_groups(folder: Path) -> None:
    if (folder / GROUPS).exists():
        for line in (folder / GROUPS).read_text().splitlines():
            cgroups.remove(Path(line))


def copy_data(data: Path, target: Path) -> None:
    """Copy the files of a folder so that any user may read them; links are followed, so data must be ours.

    A copy, since a link to a file would show who owns it, and a folder handed in would show what is above it.
    """
    target.mkdir()
    target.chmod(0o755)
    for entry in data.iterdir():
        if entry.is_dir():
            copy_data(entry, target / entry.name)
        else:
            shutil.copyfile(entry, target / entry.name)
            (target / entry.name).chmod(0o644)
