"""The zygote: ``python -m crm_course.running.sandbox.inside FD``; one run after the other is forked from it.

It takes orders from the supervisor on the socket FD, a line of JSON each, and never hears what a run says:
the pipes of a run are handed through. It ends when the supervisor does, and in the sandbox all else with it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from crm_course.running.sandbox.inside import cell_runs, linux
from crm_course.running.sandbox.inside.confine import Confinement, become_ordinary, confined
from crm_course.running.sandbox.inside.preload import preload
from crm_course.running.sandbox.inside.shell import Shell

PIPES = 4
ORDER_BYTES = 65_536
START_FAILED = 99
ON_LINUX = sys.platform == "linux"


class Zygote:
    """The process that runs are forked from.

    Parameters
    ----------
    control : socket
        Where orders come from.
    confinement : Confinement or None
        The sandbox; None where notebooks are trusted.
    """

    def __init__(self, control: socket.socket, confinement: Confinement | None) -> None:
        self.control = control
        self.confinement = confinement
        self.run: int | None = None  # the process id of the run that is under way
        self.woken = _wake_at_childs_end()
        self.shell: Shell

    def serve(self) -> NoReturn:
        """Import everything, say so, and follow orders until the supervisor is gone."""
        self.shell = preload()
        if ON_LINUX and len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208
            raise RuntimeError("an import started a thread, which a fork would not copy")
        self._say(ready=True)
        while True:
            readable, _, _ = select.select([self.control.fileno(), self.woken], [], [])
            if self.woken in readable:
                os.read(self.woken, 64)
                self._bury()
            if self.control.fileno() in readable:
                self._follow()

    def _follow(self) -> None:
        said, fds, _, _ = socket.recv_fds(self.control, ORDER_BYTES, PIPES)
        if not said:
            self._leave()
        for line in said.splitlines():
            self._obey(json.loads(line), fds)

    def _obey(self, order: dict[str, object], fds: list[int]) -> None:
        if order["order"] == "run":
            self._start(order, fds)
        elif self.run and order["order"] == "interrupt":
            os.kill(self.run, signal.SIGINT)
        elif self.run and order["order"] == "kill":
            self._kill()

    def _start(self, order: dict[str, Any], fds: list[int]) -> None:
        outside = os.geteuid(), os.getegid()
        self.run = linux.fork_into_namespaces(self.confinement.clone_number) if self.confinement else os.fork()
        if self.run == 0:
            self._become(order, outside, fds)
        for fd in fds:
            os.close(fd)
        self._say(started=True)

    def _become(self, order: dict[str, Any], outside: tuple[int, int], fds: list[int]) -> NoReturn:
        """Be the child: no way leads from here back to the loop."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.control.close()
            if self.confinement is None:
                os.setsid()
                if ON_LINUX:
                    linux.die_with_parent()
                os.chdir(order["data"])
                cell_runs.serve(self.shell, fds)
            notebook = partial(cell_runs.serve, self.shell, fds)
            confined(self.confinement, outside, order["data"], order["limits"], notebook)
        except BaseException as error:  # the supervisor shows it; raising would run the zygote's code twice
            os.write(fds[3], f"the run could not start: {error!r}\n".encode())
        finally:
            os._exit(START_FAILED)

    def _kill(self) -> None:
        """Kill the run: its namespaces go with their first process, or else all that descends from it."""
        if self.run is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self.confinement:
                os.kill(self.run, signal.SIGKILL)
            else:
                os.killpg(self.run, signal.SIGKILL)

    def _leave(self) -> NoReturn:
        """End after the run that is under way; in the sandbox the first process takes all others with it."""
        if self.run and not self.confinement:
            self._kill()
            os.waitpid(self.run, 0)
            self._kill_orphans()
        os._exit(0)

    def _bury(self) -> None:
        """Wait for those that ended; when the run is among them, say how it did."""
        with contextlib.suppress(ChildProcessError):  # nobody is left
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.run:
                    self._kill()
                    self._kill_orphans()
                    self.run = None
                    self._say(exit=os.waitstatus_to_exitcode(ended[1]))

    def _kill_orphans(self) -> None:
        """Kill what a trusted notebook left running in a session of its own; Linux hands it to this process."""
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        while not self.confinement and children.exists() and (orphans := children.read_text().split()):
            for orphan in map(int, orphans):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)

    def _say(self, **message: object) -> None:
        self.control.sendall(json.dumps(message).encode() + b"\n")


def _wake_at_childs_end() -> int:
    """Give a pipe that can be read whenever a child has ended."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    return woken


def _settings(control: socket.socket) -> Confinement | None:
    """Read the first line, which says how runs are confined."""
    line = b""
    while not line.endswith(b"\n"):
        said = control.recv(ORDER_BYTES)
        if not said:
            sys.exit("the supervisor is gone")
        line += said
    settings = json.loads(line)
    return Confinement(**{**settings, "seccomp": base64.b64decode(settings["seccomp"])}) if settings else None


def main() -> NoReturn:
    """Read the settings from the socket and serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    confinement = _settings(control)
    if confinement:
        if confinement.drop_to is not None:
            become_ordinary(confinement.drop_to)
        linux.set_dumpable(False)
    elif ON_LINUX:
        linux.adopt_orphans()
    Zygote(control, confinement).serve()


main()
