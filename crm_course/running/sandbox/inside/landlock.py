"""A second wall, of the kernel's Landlock: what the mounts and the filter let through by mistake is refused here.

It needs no rights, holds for the process and all that it starts, and can never be taken off again. Kernels before
5.19 have none, or one that refuses to move a file from one folder to another: there a run goes on without.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from crm_course.running.sandbox.inside import linux

OLDEST = 2  # the first version that lets files be moved between folders
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
ASK_VERSION, PATH_BENEATH = 1, 1

EXECUTE, WRITE, READ, LIST, REMOVE_FOLDER, REMOVE_FILE = (1 << place for place in range(6))
MAKE_FOLDER, MAKE_FILE, MAKE_FIFO, MAKE_LINK, MOVE, TRUNCATE, DEVICE = (
    1 << place for place in (7, 8, 10, 12, 13, 14, 15)
)
OF_FILES = EXECUTE | WRITE | READ | TRUNCATE | DEVICE  # the other rights are of folders
USED = EXECUTE | READ | LIST
TALKED_TO = READ | WRITE | LIST | TRUNCATE | DEVICE
CHANGED = (
    USED | WRITE | TRUNCATE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MAKE_FIFO | MAKE_LINK | MOVE
)  # but for sockets and devices, which nobody may make
KNOWN_FILE_RIGHTS = {2: 14, 3: 15, 4: 15}  # how many of them a version knows; later ones 16
TCP = 0b11  # to bind a port and to connect to one
SCOPES = 0b11  # abstract sockets and signals do not lead out


@dataclass(frozen=True)
class Places:
    """What a run may do where; a place that is not there is left out, and all others are closed.

    Attributes
    ----------
    used : iterable of str
        Read and executed.
    talked_to : iterable of str
        Read and written, as devices are, but nothing is made or removed.
    changed : iterable of str
        Whatever is done with files.
    """

    used: Iterable[str]
    talked_to: Iterable[str]
    changed: Iterable[str]


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Give the version of Landlock that this kernel has; 0 where it is none that is of use."""
    if sys.platform != "linux":
        return 0
    try:
        found = linux.system_call("landlock", CREATE_RULESET, None, 0, ASK_VERSION)
    except OSError:  # the kernel lacks it, or does not start it
        return 0
    return found if found >= OLDEST else 0


def restrict(version: int, places: Places) -> None:
    """Close all but some places to this process, and the network, and the way to other processes, for good.

    Parameters
    ----------
    version : int
        That of the kernel: 4 and later refuse TCP, 6 and later abstract sockets and signals that lead out.
    places : Places
        What stays open. The names of all folders can be listed.
    """
    files = (1 << KNOWN_FILE_RIGHTS.get(version, 16)) - 1
    asked = _Ruleset(files, TCP, SCOPES)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = linux.system_call("landlock", CREATE_RULESET, ctypes.byref(asked), size, 0)
    _allow(ruleset, ["/"], LIST)
    _allow(ruleset, places.used, USED & files)
    _allow(ruleset, places.talked_to, TALKED_TO & files)
    _allow(ruleset, places.changed, CHANGED & files)
    linux.give_up_new_rights()
    linux.system_call("landlock", RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, names: Iterable[str], rights: int) -> None:
    for name in names:
        try:
            place = os.open(name, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError):  # nor can the run reach it
            continue
        folder = stat.S_ISDIR(os.fstat(place).st_mode)
        rule = _Beneath(rights if folder else rights & OF_FILES, place)
        linux.system_call(f"landlock {name}", ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
        os.close(place)
