"""The cell of one run: namespaces, fresh file systems, no capabilities, Landlock, few system calls, limits.

Taken in this order by a process that runs no line of the notebook; it then forks the one that does.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from crm_course.running.sandbox.inside import landlock, linux

DESK, INBOX, TEMPORARY, SHARED = "/desk", "/inbox", "/tmp", "/dev/shm"
INODES = 10_000  # of each file system
MB = 1 << 20
SLACK_MB = 512  # between what is killed by the supervisor's count and what is refused at once
OPEN_FILES = 256
USER = 1000  # who the notebook believes to be


@dataclass(frozen=True)
class Confinement:
    """What the supervisor says about the sandbox.

    Attributes
    ----------
    clone_number : int
        The system call's number on this machine.
    seccomp : bytes
        The filter of system calls.
    kept : list of str
        Folders below /tmp that stay visible when the run's own /tmp covers it.
    drop_to : int or None
        The ordinary user to become, where the zygote starts as root.
    landlock : int
        The version that the kernel has; 0 where it has none.
    shown : list of str
        What of the machine is there to be read.
    """

    clone_number: int
    seccomp: bytes
    kept: list[str]
    drop_to: int | None
    landlock: int
    shown: list[str]


def become_ordinary(user: int) -> None:
    """Give up root for good, after a /proc was mounted that nothing covers: runs may mount theirs only then."""
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def confined(
    confinement: Confinement,
    outside: tuple[int, int],
    data: str,
    limits: dict[str, int],
    notebook: Callable[[], NoReturn],
) -> NoReturn:
    """Make the cell around this process, which is the first of its namespaces, and run the notebook in a child.

    Parameters
    ----------
    confinement : Confinement
        What the supervisor says about the sandbox.
    outside : tuple of int
        User and group of this process as they were before it had namespaces of its own.
    data : str
        Name of the run's folder in the inbox.
    limits : dict
        ``memory_mb``, ``disk_mb``, ``processes``.
    notebook : callable
        Runs the cells; does not return.
    """
    _map_user(*outside)
    _mount_all(confinement.kept, data, limits["disk_mb"])
    linux.set_dumpable(False)  # the notebook has the same user, and must not look in here
    linux.drop_capabilities()
    if confinement.landlock:
        _lock_places(confinement)
    linux.filter_system_calls(confinement.seccomp)
    child = os.fork()
    if child == 0:
        linux.set_dumpable(True)
        os.setsid()
        _limit(limits)
        notebook()
    os.closerange(0, OPEN_FILES)
    _mind(child)


def _map_user(user: int, group: int) -> None:
    """Map the one user there is, and be killed first where memory is short; only a dumpable process may write these."""
    linux.set_dumpable(True)
    maps = {"setgroups": "deny", "uid_map": f"{USER} {user} 1", "gid_map": f"{USER} {group} 1"}
    for name, text in {**maps, "oom_score_adj": "1000"}.items():
        Path("/proc/self", name).write_text(text)


def _mount_all(kept: list[str], data: str, disk_mb: int) -> None:
    open_folders = [(place, os.open(place, os.O_PATH | os.O_DIRECTORY)) for place in kept]
    _fresh(DESK, disk_mb)
    for entry in Path(INBOX, data).iterdir():
        _show(entry, Path(DESK, entry.name))
    linux.mount("none", INBOX, "tmpfs", linux.MS_RDONLY, "size=4k")  # nor the data of anybody else
    _fresh(TEMPORARY, disk_mb)
    for place, folder in open_folders:
        Path(place).mkdir(parents=True)
        linux.mount(f"/proc/self/fd/{folder}", place, None, linux.MS_BIND | linux.MS_REC)
        os.close(folder)
    _fresh(SHARED, disk_mb)
    linux.mount("/dev/full", "/dev/zero", None, linux.MS_BIND)  # zeros as well, but not to be mapped as shared memory
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    os.chdir(DESK)


def _fresh(place: str, size_mb: int) -> None:
    """Cover a folder with an empty file system that has an end, in bytes and in files."""
    options = f"size={size_mb}m,nr_inodes={INODES},mode=0700"
    linux.mount("none", place, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, options)


def _lock_places(confinement: Confinement) -> None:
    """Name again what the mounts leave open; /proc is only read."""
    own = (DESK, TEMPORARY, SHARED)
    landlock.restrict(confinement.landlock, landlock.Places([*confinement.shown, "/proc"], ["/dev"], own))


def _show(entry: Path, place: Path) -> None:
    """Bind one file or folder of the data; that it is read-only is inherited from the inbox, and locked."""
    if entry.is_dir():
        place.mkdir()
    else:
        place.touch()
    linux.mount(str(entry), str(place), None, linux.MS_BIND | linux.MS_REC)


def _limit(limits: dict[str, int]) -> None:
    memory = _size_of_this_process() + (limits["memory_mb"] + SLACK_MB) * MB
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["disk_mb"] * MB),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _size_of_this_process() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _mind(child: int) -> NoReturn:
    """Pass on interrupts, bury orphans, and end as the notebook ends; all else in the namespaces ends then too."""
    signal.signal(signal.SIGINT, lambda *_: os.kill(child, signal.SIGINT))
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)
