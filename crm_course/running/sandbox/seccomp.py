"""The system calls that a notebook may not make."""

from __future__ import annotations

import errno
import os
import socket
import struct
import tempfile
from typing import Any

from crm_course.running.sandbox.inside import linux
from crm_course.running.sandbox.limits import SandboxUnavailable

DENIED = {
    "other processes": "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp pidfd_getfd",
    "file systems and namespaces": "mount umount2 pivot_root unshare setns chroot fsopen fsconfig fspick fsmount"
    " move_mount open_tree mount_setattr open_by_handle_at name_to_handle_at quotactl swapon swapoff acct"
    " fanotify_init",
    # what is left is a pair that is connected to itself, with buffers of the usual size and nothing open in flight
    "sockets": "socket bind connect listen accept accept4 setsockopt sendmsg sendmmsg",
    "the kernel's wider surface": "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register"
    " keyctl add_key request_key kexec_load kexec_file_load init_module finit_module delete_module syslog"
    " personality lookup_dcookie io_setup",
    "memory that no count sees": "memfd_create memfd_secret shmget shmat shmctl semget semop semctl msgget msgsnd"
    " msgrcv msgctl mq_open mq_unlink move_pages migrate_pages"
    # pages that lie in a pipe or socket outlive their process, a huge one for each byte
    " splice vmsplice tee sendfile",
}
# The argument at this place must be 0, which stands for the process itself.
ONLY_ITSELF = {
    "prlimit64": 0,
    "sched_setaffinity": 0,
    "sched_setscheduler": 0,
    "sched_setparam": 0,
    "sched_setattr": 0,
    "setpriority": 1,
    "ioprio_set": 1,
}
CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWNET = 0x2000000, 0x4000000, 0x40000000
NAMESPACES = (
    linux.CLONE_NEWNS,
    linux.CLONE_NEWIPC,
    linux.CLONE_NEWUSER,
    linux.CLONE_NEWPID,
    CLONE_NEWCGROUP,
    CLONE_NEWUTS,
    CLONE_NEWNET,
)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C  # type into a terminal
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
F_SETPIPE_SZ = 1031
LAST_KNOWN = 452  # fchmodat2, of 2023: what the kernel has learnt since has no name in libseccomp 2.5
LOAD_NUMBER, SKIP_IF_BELOW, RETURN = 0x20, 0x35, 0x06  # instructions of the filter
RETURN_ERROR = 0x50000
LOW_32_BITS = 0xFFFFFFFF


def _library() -> Any:
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError) as error:  # the package, or the C library behind it
        raise SandboxUnavailable(
            "pyseccomp or libseccomp2 is missing: pip install 'crm-course[grade]' and apt-get install libseccomp2"
        ) from error
    return pyseccomp


def clone_number() -> int:
    """Give the number of the system call ``clone`` on this machine."""
    library = _library()
    return int(library.resolve_syscall(library.Arch.NATIVE, "clone"))


def filter_program() -> bytes:
    """Compile the filter for the kernel; what is denied fails with an error, as on a machine that forbids it."""
    library = _library()
    rules = library.SyscallFilter(library.ALLOW)
    refused = library.ERRNO(errno.EPERM)
    for name in " ".join(DENIED.values()).split():
        _deny(rules, refused, name)
    for name, place in ONLY_ITSELF.items():
        _deny(rules, refused, name, library.Arg(place, library.NE, 0))
    for flag in NAMESPACES:
        _deny(rules, refused, "clone", library.Arg(0, library.MASKED_EQ, flag, flag))
    _deny(rules, library.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory; libc then falls back on clone
    # such memory stays whole while one page of it is mapped anywhere, so no list of mappings tells its size
    shared = MAP_SHARED | MAP_ANONYMOUS
    _deny(rules, refused, "mmap", library.Arg(3, library.MASKED_EQ, shared, shared))
    _deny(rules, refused, "fcntl", library.Arg(1, library.MASKED_EQ, LOW_32_BITS, F_SETPIPE_SZ))
    for request in (TIOCSTI, TIOCLINUX):
        _deny(rules, refused, "ioctl", library.Arg(1, library.MASKED_EQ, LOW_32_BITS, request))
    # asyncio needs a pair that is connected to itself; it cannot be bound or connected to anything
    no_such_family = library.ERRNO(errno.EAFNOSUPPORT)
    _deny(rules, no_such_family, "socketpair", library.Arg(0, library.NE, int(socket.AF_UNIX)))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0, os.SEEK_SET)
        return _no_unknown_calls() + file.read()


def _no_unknown_calls() -> bytes:
    """Begin the filter: a number above those that it can name is no system call, as on an older kernel."""
    return b"".join(
        struct.pack("=HBBI", *instruction)
        for instruction in (
            (LOAD_NUMBER, 0, 0, 0),
            (SKIP_IF_BELOW, 0, 1, LAST_KNOWN + 1),
            (RETURN, 0, 0, RETURN_ERROR | errno.ENOSYS),
        )
    )


def _deny(rules: Any, action: int, name: str, *conditions: object) -> None:
    """Add a rule; a call that this libseccomp cannot name is either not of this machine or above `LAST_KNOWN`."""
    try:
        rules.add_rule(action, name, *conditions)
    except (RuntimeError, ValueError, OSError) as error:
        if conditions:
            raise SandboxUnavailable(
                f"libseccomp cannot filter {name} ({error}): install a newer libseccomp2"
            ) from error
