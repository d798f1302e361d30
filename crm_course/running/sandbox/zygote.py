"""The supervisor's hold on one zygote: it starts it, gives it orders, and ends it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from pathlib import Path

from crm_course.running.sandbox import mounts, seccomp
from crm_course.running.sandbox.folders import copy_data, make_folder, make_group
from crm_course.running.sandbox.inside import landlock
from crm_course.running.sandbox.limits import Limits, SandboxUnavailable

NOBODY = 65534
START_SECONDS = 120.0  # a cold disk and a slow machine; as a rule it takes three
ANSWER_SECONDS = 30.0
ANSWER_BYTES = 65_536
MARKED = "CRM_COURSE_OUTSIDE"  # a variable that must not be seen inside
LAST_WORDS = 300  # characters
PROGRAM = [sys.executable, "-P", "-m", "crm_course.running.sandbox.inside"]


NO_LANDLOCK = "no Landlock (Linux 5.19 or newer has it): files and network are closed by mounts and seccomp alone"
NO_GROUP = "no memory cgroup that can be written to: memory is counted ten times a second, and the kernel's own guessed"


class ZygoteGone(Exception):
    """The zygote does not answer any more; the argument is the last that it wrote."""


class Zygote:
    """A process that has imported everything, from which runs are forked.

    Parameters
    ----------
    sandbox : bool
        Whether it and its runs are confined.

    Attributes
    ----------
    pid : int
        Its process id, as seen from here.
    group : Group or None
        The cgroup that holds it and its runs, where it is confined and there is one.

    Raises
    ------
    SandboxUnavailable
        If the sandbox cannot be made here.
    """

    def __init__(self, sandbox: bool) -> None:
        settings = _confinement() if sandbox else None
        self.pid = 0
        self._sandbox = sandbox
        self._folder, self._log = make_folder()
        self.group = make_group(self._folder) if sandbox else None
        self._inbox = self._folder / "inbox"
        self._inbox.mkdir()
        self._inbox.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self._control, theirs = socket.socketpair()
        self._control.settimeout(START_SECONDS)
        self._heard = b""
        try:
            with theirs:
                self.pid = self._start_confined(theirs.fileno()) if sandbox else self._start(theirs.fileno())
            self._send(settings)
            self.answer()
            if self.group:
                self.group.settle()
        except (ZygoteGone, OSError) as error:
            self.close()
            raise SandboxUnavailable(f"the process that runs notebooks did not start: {error}") from error
        except BaseException:
            self.close()
            raise
        self._control.settimeout(ANSWER_SECONDS)

    def _start(self, control: int) -> int:
        path = os.pathsep.join(filter(None, [str(mounts.PACKAGE.parent), os.environ.get("PYTHONPATH")]))
        return self._popen([*PROGRAM, str(control)], {**os.environ, **mounts.SETTINGS, "PYTHONPATH": path}, control)

    def _start_confined(self, control: int) -> int:
        """Start it through bubblewrap, which says what process the zygote is."""
        readable, writable = os.pipe()
        with open(readable, "rb") as info:  # noqa: PTH123
            try:
                command = [*mounts.bubblewrap(self._inbox, writable), *PROGRAM, str(control)]
                self._popen(command, {"PATH": os.defpath, MARKED: "1"}, control, writable)
            finally:
                os.close(writable)
            said = info.read(ANSWER_BYTES)
        if not said:
            raise ZygoteGone(self._last_words())
        zygote = int(json.loads(said)["child-pid"])
        self._count(zygote)
        return zygote

    def _count(self, zygote: int) -> None:
        """Let the cgroup count it from here on; it has not imported anything yet."""
        try:
            if self.group and self._process:
                self.group.take(self._process.pid)
                self.group.take(zygote)
        except OSError:  # a group may be made here, and not be filled from where we are
            self._drop_group()

    def _drop_group(self) -> None:
        if self.group:
            self.group.remove()
        self.group = None

    def _popen(self, command: list[str], environment: dict[str, str], *fds: int) -> int:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=environment,
            cwd="/",
            pass_fds=fds,
            start_new_session=True,  # Ctrl-C is for the supervisor
        )
        return self._process.pid

    def _last_words(self) -> str:
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)  # what it writes when it ends
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:LAST_WORDS] if lines else "it said nothing"

    @property
    def alive(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def lacks(self) -> list[str]:
        """What of the sandbox this machine has not, a sentence each."""
        here = {NO_LANDLOCK: landlock.version() > 0, NO_GROUP: self.group is not None}
        return [sentence for sentence, there in here.items() if not there]

    def run(self, data: Path, limits: Limits, fds: list[int]) -> None:
        """Fork a run, which gets a copy of the data and the four pipes.

        Raises
        ------
        ZygoteGone
            If there is nobody to do it.
        """
        try:
            if self.group:
                self.group.limit(limits.memory_mb, limits.processes)
        except OSError as error:
            raise ZygoteGone(f"its memory cannot be limited: {error}") from error
        place = self._inbox / uuid.uuid4().hex
        copy_data(data, place)
        numbers = {name: getattr(limits, name) for name in ("memory_mb", "disk_mb", "processes")}
        order = {"order": "run", "data": place.name if self._sandbox else str(place), "limits": numbers}
        self._send(order, fds)
        self.answer()

    def interrupt(self) -> None:
        """Send the run a Ctrl-C."""
        self._send({"order": "interrupt"})

    def finish(self) -> int:
        """Kill what is left of the run, wait until nothing is, remove its files; give its exit code.

        Raises
        ------
        ZygoteGone
            If the zygote does not say that all is gone.
        """
        self._send({"order": "kill"})
        code = int(self.answer()["exit"])
        for place in self._inbox.iterdir():
            shutil.rmtree(place)
        return code

    def answer(self) -> dict[str, int]:
        """Wait for the next answer: that it is ready, or that a run has ended and nothing of it is left.

        Raises
        ------
        ZygoteGone
            If none comes.
        """
        while b"\n" not in self._heard:
            try:
                heard = self._control.recv(ANSWER_BYTES)
            except OSError as error:
                raise ZygoteGone(str(error)) from error
            if not heard:
                raise ZygoteGone(self._last_words())
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return dict(json.loads(line))

    def _send(self, order: object, fds: list[int] | None = None) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(order).encode() + b"\n"], fds or [])
        except OSError as error:
            raise ZygoteGone(self._last_words()) from error

    def close(self) -> None:
        """End the zygote and what it runs, and remove its files."""
        with contextlib.suppress(OSError):  # it has ended already
            self._control.shutdown(
                socket.SHUT_RDWR
            )  # it ends when it sees this; a fork of ours may hold the socket too
        self._control.close()
        if self._process:
            try:
                self._process.wait(ANSWER_SECONDS)
            except subprocess.TimeoutExpired:
                self._kill()
        self._drop_group()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self._process:
            self._process.kill()
            self._process.wait()


def _confinement() -> dict[str, object]:
    """Give what the zygote must know to confine its runs."""
    return {
        "clone_number": seccomp.clone_number(),
        "seccomp": base64.b64encode(seccomp.filter_program()).decode(),
        "kept": mounts.below_temporary(mounts.python_places()),
        "drop_to": NOBODY if os.geteuid() == 0 else None,
        "landlock": landlock.version(),
        "shown": mounts.shown(),
    }
