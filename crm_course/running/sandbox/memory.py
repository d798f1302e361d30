"""How much memory a run has in use: by the kernel's count where there is a cgroup, else counted from outside."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

from crm_course.running.sandbox.cgroups import MB, Group
from crm_course.running.sandbox.limits import MEMORY, RunEnded

PROC = Path("/proc")
EVERY = 0.1  # seconds
MOST_MAPS = 4 << 20  # bytes of one process's list of mappings; an honest one has a twentieth of it
RESIDENT = re.compile(rb"^VmRSS:\s+(\d+)", re.MULTILINE)
OWN_PART = re.compile(rb"^Pss_(?:Anon|File):\s+(\d+)", re.MULTILINE)
SHARED = re.compile(rb"^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ (\d+) +/dev/zero \(deleted\)$", re.MULTILINE)
NUMBERED = re.compile(r"(pipe|socket):\[\d+\]")  # one object, however many processes have it open
# What the kernel may hold for an open one, which no process is charged for. Buffers have their usual size, since the
# sandbox refuses to set another, and terminals and lists of events (anon_inode) hold less than a full pipe.
HELD = {"pipe": 64 << 10, "socket": 320 << 10, "anon_inode": 64 << 10, "/dev/ptmx": 64 << 10, "/dev/pts": 64 << 10}

LOCK = re.compile(rb"^\d+: (?:-> *)?\S+ +\S+ +\S+ (\d+) ", re.MULTILINE)
MOST_LOCKS = 10_000  # on ranges of files, some 200 bytes each; SQLite needs a few
LOCKS_READ = 1 << 20  # bytes of the machine's list, which begins with the youngest


class MemoryWatch:
    """Looks from time to time at all that descends from the zygote.

    Parameters
    ----------
    zygote : int
        Its process id.
    limit_mb : int
        What the run may use.
    group : Group, optional
        The cgroup that holds the zygote; its limit has been set.
    """

    def __init__(self, zygote: int, limit_mb: int, group: Group | None = None) -> None:
        self._zygote = zygote
        self._limit = limit_mb * MB
        self._group = group
        self._killed = group.killed() if group else 0
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
        if self.killed() or self._is_over(list(descendants(self._zygote))):
            raise RunEnded(MEMORY)

    def killed(self) -> bool:
        """Say whether the kernel has killed a process of the run for want of memory."""
        return self._group is not None and self._group.killed() > self._killed

    def _is_over(self, processes: list[int]) -> bool:
        """Screen by what is cheap to read; only then count what processes share, such as our imports, once."""
        if locks(processes) > MOST_LOCKS:  # no kernel that was tried charges a group for them
            return True
        if self._group:
            return False
        folders = [_telling(process) for process in processes]
        shared = shared_memory(folders) + held_by_the_kernel(processes)
        if shared + _sum(RESIDENT, folders, "status") <= self._limit:
            return False
        return shared + _sum(OWN_PART, folders, "smaps_rollup") > self._limit


def descendants(process: int) -> Iterator[int]:
    """Give the processes below one; each thread has its own list of children."""
    for tasks in _entries(PROC / str(process) / "task"):
        for child in _read(tasks / "children").split():
            yield int(child)
            yield from descendants(int(child))


def _telling(process: int) -> Path:
    """Give the folder that tells of a process's memory: that of a living thread, where its first one has ended."""
    own = PROC / str(process)
    if RESIDENT.search(_read(own / "status")):
        return own
    return next((task for task in _entries(own / "task") if RESIDENT.search(_read(task / "status"))), own)


def held_by_the_kernel(processes: list[int]) -> int:
    """Add up what may lie in the buffers of all that processes have open; a thread can have files of its own."""
    numbered: set[str] = set()
    size = 0
    for process in processes:
        for task in _entries(PROC / str(process) / "task"):
            for name in map(_link, _entries(task / "fd")):
                if not NUMBERED.fullmatch(name):
                    size += next((most for kind, most in HELD.items() if name.startswith(kind)), 0)
                else:
                    numbered.add(name)
    return size + sum(HELD[name.partition(":")[0]] for name in numbered)


def locks(processes: list[int]) -> int:
    """Count the locks that processes hold on ranges of files, as far as the list is read."""
    own = {str(process).encode() for process in processes}
    return sum(holder in own for holder in LOCK.findall(_read(PROC / "locks", LOCKS_READ)))


def shared_memory(folders: list[Path]) -> int:
    """Add up the anonymous memory that processes share: once its toucher is dead, no process is charged for it."""
    sizes: dict[bytes, int] = {}
    for folder in folders:
        maps = _read(folder / "maps", MOST_MAPS)
        if len(maps) == MOST_MAPS:
            raise RunEnded(MEMORY)
        for start, end, inode in SHARED.findall(maps):
            sizes[inode] = max(sizes.get(inode, 0), int(end, 16) - int(start, 16))
    return sum(sizes.values())


def _sum(pattern: re.Pattern[bytes], folders: list[Path], file: str) -> int:
    texts = (_read(folder / file) for folder in folders)
    return 1024 * sum(int(number) for text in texts for number in pattern.findall(text))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process has just ended
        return []


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # it has just been closed
        return ""


def _read(path: Path, most: int = 1 << 16) -> bytes:
    with contextlib.suppress(OSError), path.open("rb") as file:  # the process may just have ended
        return file.read(most)
    return b""
