"""One run, seen from the supervisor: cells go in, messages come out, and every byte of them is counted."""

from __future__ import annotations

import codecs
import json
import os
import select
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from crm_course.running.sandbox.cgroups import MB
from crm_course.running.sandbox.limits import DIED, MEMORY, OUTPUT, PROTOCOL, TIME, Limits, RunEnded
from crm_course.running.sandbox.memory import EVERY, MemoryWatch
from crm_course.running.sandbox.zygote import Zygote, ZygoteGone

GRACE = 1.0  # seconds between a Ctrl-C and the end
CHUNK = 262_144  # bytes
LENGTH = 4  # bytes before each message that give its length
MOST_PARTS = 1_000_000  # of the JSON of one message: small lists take thirty times their text as objects

Message = dict[str, Any]
Emit = Callable[[Message], None]


class Conversation:
    """A run that was forked for one notebook.

    Parameters
    ----------
    zygote : Zygote
        Forks it.
    data : Path
        The folder whose entries it sees.
    limits : Limits
        What it may use.
    """

    def __init__(self, zygote: Zygote, data: Path, limits: Limits) -> None:
        self._zygote = zygote
        self._limits = limits
        self._started = time.monotonic()
        self._memory = MemoryWatch(zygote.pid, limits.memory_mb, zygote.group)
        self._left = int(limits.output_mb * MB)
        self._outputs_left = limits.messages
        self._last: tuple[object, object] | None = None  # kind and stream of the message before
        self._unread = bytearray()
        self._unsent = memoryview(b"")
        self._raw: dict[int, Raw] = {}
        self._fork(data)

    def _fork(self, data: Path) -> None:
        (cells, self._cells), (self._messages, messages), (out, raw_out), (err, raw_err) = (os.pipe() for _ in range(4))
        self._raw = {out: Raw("stdout"), err: Raw("stderr")}
        for fd in (self._cells, self._messages, *self._raw):
            os.set_blocking(fd, False)
        try:
            self._zygote.run(data, self._limits, [cells, messages, raw_out, raw_err])
        except BaseException:
            self.close()
            raise
        finally:
            for fd in (cells, messages, raw_out, raw_err):
                os.close(fd)

    def run_cell(self, source: str, emit: Emit) -> None:
        """Run a cell; `emit` is called with each of its messages.

        Raises
        ------
        RunEnded
            If the run is over, with the way it ended.
        """
        try:
            self._run_cell(source, emit)
        except RunEnded as error:
            if str(error) == DIED and self._memory.killed():
                raise RunEnded(MEMORY) from error
            raise

    def _run_cell(self, source: str, emit: Emit) -> None:
        body = json.dumps(source).encode()
        self._unsent = memoryview(len(body).to_bytes(LENGTH, "big") + body)
        deadline = min(time.monotonic() + self._limits.cell_seconds, self._started + self._limits.run_seconds)
        if self._is_done_by(deadline, emit):
            return
        self._interrupt()
        try:
            self._is_done_by(time.monotonic() + GRACE, emit)
        except RunEnded as error:  # whatever came of the Ctrl-C, the reason was the time
            raise RunEnded(TIME) from error
        raise RunEnded(TIME)

    def _interrupt(self) -> None:
        try:
            self._zygote.interrupt()
        except ZygoteGone as error:
            raise RunEnded(DIED) from error

    def _is_done_by(self, deadline: float, emit: Emit) -> bool:
        """Exchange what there is until the cell is done or it is too late."""
        while (left := deadline - time.monotonic()) > 0:
            self._wait(min(left, EVERY))
            self._send_what_fits()
            self._memory.look()
            try:
                if self._emit_messages(emit):
                    return True
            finally:  # the last words of a process that ended, too
                self._emit_raw(emit)
        return False

    def _emit_messages(self, emit: Emit) -> bool:
        """Pass on what came; say whether the cell is done."""
        for message in self._receive():
            if message.get("kind") == "done":
                return True
            emit(message)
        return False

    def _wait(self, seconds: float) -> None:
        waiting = select.poll()
        for fd in (self._messages, *self._raw):
            waiting.register(fd, select.POLLIN)
        if self._unsent:
            waiting.register(self._cells, select.POLLOUT)
        waiting.poll(max(1, seconds * 1000))

    def _send_what_fits(self) -> None:
        """Send on; who does not read must not be able to hold us up."""
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._cells, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError as error:
            raise RunEnded(DIED) from error

    def _emit_raw(self, emit: Emit) -> None:
        """Pass on what programs that the notebook started wrote."""
        for fd, raw in list(self._raw.items()):
            while data := _read(fd):
                self._charge(len(data))
                emit(self._counted({"kind": "stream", "name": raw.name, "text": raw.decode(data)}))
            if data == b"":
                os.close(fd)
                del self._raw[fd]

    def _receive(self) -> Iterator[Message]:
        data = _read(self._messages)
        if data == b"":
            raise RunEnded(DIED)
        self._unread += data or b""
        while len(self._unread) >= LENGTH:
            end = LENGTH + int.from_bytes(self._unread[:LENGTH], "big")
            if end > self._left:
                raise RunEnded(OUTPUT)
            if len(self._unread) < end:
                return
            body = bytes(self._unread[LENGTH:end])
            del self._unread[:end]
            self._charge(end)
            yield self._counted(parse(body))

    def _counted(self, message: Message) -> Message:
        """Count what becomes an output of its own: text that follows text of the same stream does not."""
        what = message.get("kind"), message.get("name")
        if what[0] != "done":
            self._outputs_left -= what[0] != "stream" or what != self._last
            self._last = what
        if self._outputs_left < 0:
            raise RunEnded(OUTPUT)
        return message

    def _charge(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise RunEnded(OUTPUT)

    def close(self) -> None:
        """Close the pipes, which ends a run that waits for its next cell."""
        for fd in (self._cells, self._messages, *self._raw):
            os.close(fd)


class Raw:
    """A pipe of plain bytes, which may break a character in two."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def decode(self, data: bytes) -> str:
        """Give the text of the bytes that are whole characters by now."""
        return self._decoder.decode(data)


def _read(fd: int) -> bytes | None:
    """Read what is there: None where nothing is yet, no bytes where nothing will ever be."""
    try:
        return os.read(fd, CHUNK)
    except BlockingIOError:
        return None


def parse(body: bytes) -> Message:
    """Read one message as plain values.

    Raises
    ------
    RunEnded
        If it is none, or would take far more memory than its text.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_PARTS:
        raise RunEnded(OUTPUT)
    try:
        message = json.loads(
            body.decode("utf-8", "replace"), parse_constant=lambda _: None
        )  # NaN and infinity are no JSON
    except (ValueError, RecursionError) as error:
        raise RunEnded(PROTOCOL) from error
    if not isinstance(message, dict):
        raise RunEnded(PROTOCOL)
    return message
