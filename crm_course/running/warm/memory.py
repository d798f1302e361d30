"""How much memory a run has in use, counted from outside."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

from crm_course.running.warm.limits import MEMORY, RunEnded

PROC = Path("/proc")
EVERY = 0.1  # seconds
MB = 1 << 20
MOST_MAPS = 4 << 20  # bytes of one process's list of mappings; an honest one has a twentieth of it
RESIDENT = re.compile(rb"^VmRSS:\s+(\d+)", re.MULTILINE)
OWN_PART = re.compile(rb"^Pss_(?:Anon|File):\s+(\d+)", re.MULTILINE)
SHARED = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ (\d+) +/dev/zero \(deleted\)$", re.MULTILINE)


class MemoryWatch:
    """Looks from time to time at all that descends from the zygote.

    Parameters
    ----------
    zygote : int
        Its process id.
    limit_mb : int
        What the run may use.
    """

    def __init__(self, zygote: int, limit_mb: int) -> None:
        self._zygote = zygote
        self._limit = limit_mb * MB
        self._looked = time.monotonic()

    def look(self) -> None:
        """Count, if it is time to.

        Raises
        ------
        RunEnded
            If the run uses more than it may.
        """
        if time.monotonic() - self._looked < EVERY or not PROC.is_dir():
            return
        self._looked = time.monotonic()
        if self._is_over(list(descendants(self._zygote))):
            raise RunEnded(MEMORY)

    def _is_over(self, processes: list[int]) -> bool:
        """Screen by what is cheap to read; only then count what processes share, such as our imports, once."""
        shared = shared_memory(processes)
        if shared + _sum(RESIDENT, processes, "status") <= self._limit:
            return False
        return shared + _sum(OWN_PART, processes, "smaps_rollup") > self._limit


def descendants(process: int) -> Iterator[int]:
    """Give the processes below one; each thread has its own list of children."""
    for tasks in _entries(PROC / str(process) / "task"):
        for child in _read(tasks / "children").split():
            yield int(child)
            yield from descendants(int(child))


def shared_memory(processes: list[int]) -> int:
    """Add up the anonymous memory that processes share: once its toucher is dead, no process is charged for it."""
    sizes: dict[bytes, int] = {}
    for process in processes:
        maps = _read(PROC / str(process) / "maps", MOST_MAPS)
        if len(maps) == MOST_MAPS:
            raise RunEnded(MEMORY)
        for start, end, inode in SHARED.findall(maps):
            sizes[inode] = max(sizes.get(inode, 0), int(end, 16) - int(start, 16))
    return sum(sizes.values())


def _sum(pattern: re.Pattern[bytes], processes: list[int], file: str) -> int:
    texts = (_read(PROC / str(process) / file) for process in processes)
    return 1024 * sum(int(number) for text in texts for number in pattern.findall(text))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process has just ended
        return []


def _read(path: Path, most: int = 1 << 16) -> bytes:
    with contextlib.suppress(OSError), path.open("rb") as file:  # the process may just have ended
        return file.read(most)
    return b""
