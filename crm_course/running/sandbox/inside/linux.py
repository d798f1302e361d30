"""The system calls that Python does not wrap, through libc."""

from __future__ import annotations

import ctypes
import os
import re
import signal
from pathlib import Path

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x8000000, 0x10000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 1, 2, 4, 8, 4096, 16384
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 4, 22, 24, 38, 47
PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG = 36, 1
PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER = 4, 2
MADV_COLLAPSE, HUGE = 25, 2 << 20
WRITTEN = re.compile(r"^(\w+)-(\w+) rw-p \w+ 00:00 0 *(?:\[heap\])?$", re.MULTILINE)  # by nobody but us, in no file
CAPABILITIES = 64  # more than any kernel knows
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc_with_gil = ctypes.PyDLL(None, use_errno=True)
_api = ctypes.pythonapi


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def system_call(what: str, number: int, *words: object) -> int:
    """Make a system call that libc has no name for; `what` names it where it fails."""
    return int(_checked(_libc.syscall(ctypes.c_long(number), *map(_word, words)), what))


def _word(value: object) -> object:
    return ctypes.c_long(value) if isinstance(value, int) else value


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount, as mount(2) does."""
    names = [text.encode() if text is not None else None for text in (source, target, kind)]
    data = options.encode() if options is not None else None
    _checked(_libc.mount(*names, ctypes.c_ulong(flags), data), f"mount {target}")


def set_dumpable(on: bool) -> None:
    """Say whether processes of the same user may look into this one."""
    _checked(_libc.prctl(PR_SET_DUMPABLE, int(on), 0, 0, 0), "dumpable")


def gather_memory() -> None:
    """Put this process's memory into huge pages where the kernel can (6.1): a fork has fewer to copy and to clear."""
    for start, end in WRITTEN.findall(Path("/proc/self/maps").read_text()):
        first, last = -(-int(start, 16) // HUGE) * HUGE, int(end, 16) // HUGE * HUGE
        if last > first:  # what fails stays as it is
            _libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), MADV_COLLAPSE)


def adopt_orphans() -> None:
    """Become the parent of every process whose own parent ends, as far down as they go."""
    _checked(_libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")


def die_with_parent() -> None:
    """End when the process that forked this one ends."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "death signal")


def fork_into_namespaces(clone_number: int) -> int:
    """Fork a child into user, process, mount and ipc namespaces of its own; give its id, and 0 in the child.

    `os.fork` cannot take the flags, and `unshare` followed by a fork would cost one more process.
    """
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | signal.SIGCHLD
    number, nothing = ctypes.c_long(clone_number), ctypes.c_ulong(0)
    _api.PyOS_BeforeFork()
    child = _libc_with_gil.syscall(number, ctypes.c_ulong(flags), nothing, nothing, nothing, nothing)
    if child == 0:
        _api.PyOS_AfterFork_Child()
    else:
        _api.PyOS_AfterFork_Parent()
    return _checked(child, "clone")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def drop_capabilities() -> None:
    """Give up every capability, for this process and whatever it starts."""
    for capability in range(CAPABILITIES):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # fails for those that the kernel does not know
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(ctypes.byref(_CapabilityHeader(CAPABILITY_VERSION_3, 0)), none), "capset")
    _checked(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient capabilities")


def give_up_new_rights() -> None:
    """Let no program that is started bring rights of its own."""
    _checked(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def filter_system_calls(program: bytes) -> None:
    """Load a seccomp filter; it can never be taken off again."""
    give_up_new_rights()
    memory = ctypes.create_string_buffer(program, len(program))
    loaded = _FilterProgram(len(program) // 8, ctypes.addressof(memory))
    _checked(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(loaded)), "seccomp")
