"""The kernel's own count of what a slot uses: a memory and a pids cgroup around its zygote, and so around all its runs.

With it pipes, sockets, page tables and files in memory are counted too, and a limit holds at once. Version 2 of
cgroups is taken where its controllers are at hand: in the group of this process, if it may have groups below it, or
else beside it. Otherwise version 1, where its folders can be written to. Where neither can be had, :func:`make_group`
gives None, and :mod:`~crm_course.running.sandbox.memory` counts from outside.

Version 1 was tried on Linux 6.18. Version 2 was tried against a folder that plays its part, not on a kernel.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MB = 1 << 20
KILLED = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
PATIENCE = 2.0  # seconds for the last process of a group to be gone
MOUNTS, OWN_GROUPS = Path("/proc/self/mountinfo"), Path("/proc/self/cgroup")
SHARES, KILL = "cgroup.subtree_control", "cgroup.kill"


@dataclass(frozen=True)
class Files:
    """What the two versions call the same things.

    Attributes
    ----------
    used, most : str
        Bytes in use, and how many may be.
    idle : str
        The line of ``memory.stat`` with the bytes that the kernel takes back before it refuses any.
    events : str
        The file that tells how many processes were killed for want of memory.
    no_swap : str
        The file in which 0 keeps memory from being written to a disk.
    """

    used: str
    most: str
    idle: str
    events: str
    no_swap: str


VERSION_1 = Files(
    "memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file", "memory.oom_control", "memory.swappiness"
)
VERSION_2 = Files("memory.current", "memory.max", "inactive_file", "memory.events", "memory.swap.max")


class Group:
    """The groups of one slot.

    Parameters
    ----------
    files : Files
        How this version calls things.
    memory : Path
        The group that counts memory.
    pids : Path or None
        The group that counts processes: the same in version 2.
    """

    def __init__(self, files: Files, memory: Path, pids: Path | None) -> None:
        self._files = files
        self._memory = memory
        self._pids = pids
        self._own = (0, 0)  # bytes and processes of the slot itself, before its first run
        self._set: tuple[int, int] | None = None

    @property
    def folders(self) -> list[Path]:
        """Where they are."""
        return list(dict.fromkeys(filter(None, [self._memory, self._pids])))

    def take(self, process: int) -> None:
        """Move a process into it, and whatever that process starts from now on.

        Raises
        ------
        OSError
            If it may not be moved, or its memory not be kept from the swap.
        """
        if (self._memory / self._files.no_swap).exists():
            (self._memory / self._files.no_swap).write_text("0")
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(process))

    def settle(self) -> None:
        """Note what is in use before the first run: a run's limits are counted from there."""
        idle = re.search(rf"^{self._files.idle} (\d+)$", (self._memory / "memory.stat").read_text(), re.MULTILINE)
        used = int((self._memory / self._files.used).read_text()) - (int(idle[1]) if idle else 0)
        self._own = used, int((self._pids / "pids.current").read_text()) if self._pids else 0

    def limit(self, memory_mb: int, processes: int) -> None:
        """Set the limits of the next run."""
        if self._set == (memory_mb, processes):
            return
        (self._memory / self._files.most).write_text(str(self._own[0] + memory_mb * MB))
        if self._pids:
            (self._pids / "pids.max").write_text(str(self._own[1] + processes))
        self._set = memory_mb, processes

    def killed(self) -> int:
        """Count the processes that were killed so far for want of memory."""
        found = KILLED.search((self._memory / self._files.events).read_text())
        return int(found[1]) if found else 0

    def remove(self) -> None:
        """Remove it, as soon as nothing is left in it."""
        for folder in self.folders:
            remove(folder)


def make_group(name: str) -> Group | None:
    """Make the groups of a slot; None where that is not possible."""
    return _version_2(name) or _version_1(name)


def _version_2(name: str) -> Group | None:
    """Look below the group of this process, and then beside it."""
    for mine in _own(lambda kind, _: kind == "cgroup2", ""):
        if "memory" not in _controllers(mine):
            with contextlib.suppress(OSError):  # a group that holds processes may not have groups below it
                (mine / SHARES).write_text("+memory +pids")
        for parent in (mine, mine.parent):
            if "memory" in _controllers(parent) and (folder := _made(parent / name)):
                return Group(VERSION_2, folder, folder if "pids" in _controllers(parent) else None)
    return None


def _version_1(name: str) -> Group | None:
    memory, pids = (
        next(filter(None, (_made(mine / name) for mine in _own(_holds(controller), controller))), None)
        for controller in ("memory", "pids")
    )
    if memory is None and pids is not None:
        remove(pids)
    return Group(VERSION_1, memory, pids) if memory else None


def _holds(controller: str) -> Callable[[str, str], bool]:
    return lambda kind, options: kind == "cgroup" and controller in options.split(",")


def _controllers(folder: Path) -> list[str]:
    """Name the controllers that the groups below a group have."""
    try:
        return (folder / SHARES).read_text().split()
    except OSError:  # it is none, or no group can be seen
        return []


def _made(folder: Path) -> Path | None:
    try:
        folder.mkdir()
    except OSError:  # not ours to make
        return None
    return folder


def _own(wanted: Callable[[str, str], bool], controller: str) -> Iterator[Path]:
    """Give the folder of this process's group in each mount of a kind."""
    if not MOUNTS.exists():
        return
    paths = [line.split(":", 2) for line in OWN_GROUPS.read_text().splitlines()]
    path = next((path for _, names, path in paths if controller in names.split(",")), None)
    for line in MOUNTS.read_text().splitlines():
        place, _, system = line.partition(" - ")
        kind, _, options = system.split()[:3]
        if path is not None and wanted(kind, options):
            root, target = place.split()[3:5]
            yield Path(target, os.path.relpath(path, root)) if path.startswith(root) else Path(target)


def remove(folder: Path) -> None:
    """Remove a group as soon as it is empty; where the kernel can, what still runs in it is killed."""
    until = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < until:
        try:
            if (folder / KILL).exists():
                (folder / KILL).write_text("1")
            folder.rmdir()
        except OSError:  # its last process has not gone yet
            time.sleep(0.002)
