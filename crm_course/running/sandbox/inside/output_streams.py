"""What goes out of the process that runs a notebook: framed messages, in order, on one pipe."""

from __future__ import annotations

import array
import contextlib
import fcntl
import io
import json
import os
import termios
import threading
import time
from collections.abc import Iterable

AT_ONCE = 100  # texts of a cell that are sent as they come; what is sent survives a kill
PACE = 0.05  # seconds between later ones: a loop that prints is not slowed down
BUFFER = 32_768  # characters
RAW = (1, 2)  # where programs write that the notebook starts
PATIENCE = 0.5  # seconds, once in a cell: a program that writes without end does not hold up the notebook


class Channel:
    """The pipe to the supervisor; a frame is its length in four bytes and then JSON.

    Parameters
    ----------
    fd : int
        Where to write.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.owner = os.getpid()
        self.lock = threading.RLock()
        self.error_shown = False  # in this cell
        self._name = "stdout"
        self._texts: list[str] = []
        self._size = 0
        self._sent = 0.0
        self._hasty = AT_ONCE
        self._patient = True

    def send(self, kind: str, **fields: object) -> None:
        """Send a message, after the text that was written before it."""
        with self.lock:
            self.flush()
            self._frame({"kind": kind, **fields})

    def write(self, name: str, text: str) -> None:
        """Take text of a stream; text of the other stream, written before it, goes first."""
        with self.lock:
            if name != self._name:
                self.flush()
                self._name = name
            self._texts.append(text)
            self._size += len(text)
            if self._size > BUFFER or (text.endswith(("\n", "\r")) and self._is_time()):
                self.flush()

    def flush(self) -> None:
        """Send what text is kept back."""
        with self.lock:
            if not self._texts or os.getpid() != self.owner:
                return
            text = "".join(self._texts)
            self._texts.clear()
            self._size, self._sent = 0, time.monotonic()
            self._frame({"kind": "stream", "name": self._name, "text": text})

    def new_cell(self) -> None:
        """Begin anew: the next texts are sent as they come."""
        self._hasty = AT_ONCE
        self._patient = True
        self.error_shown = False

    def _is_time(self) -> bool:
        self._hasty -= 1
        return self._hasty >= 0 or time.monotonic() - self._sent > PACE

    def _let_programs_go_first(self) -> None:
        """Wait a moment for the supervisor to take what programs wrote before this message."""
        until = time.monotonic() + PATIENCE
        while self._patient and any(map(unread, RAW)):
            time.sleep(0.0005)
            self._patient = time.monotonic() < until

    def _frame(self, message: dict[str, object]) -> None:
        self._let_programs_go_first()
        body = json.dumps(message, default=repr).encode()
        frame = memoryview(len(body).to_bytes(4, "big") + body)
        while frame:
            frame = frame[os.write(self.fd, frame) :]


def unread(fd: int) -> bool:
    """Say whether a pipe holds something that nobody has read yet."""
    waiting = array.array("i", [0])
    with contextlib.suppress(OSError):  # the notebook has closed it, or put something else there
        fcntl.ioctl(fd, termios.FIONREAD, waiting)
    return waiting[0] > 0


class TextOut(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a notebook.

    A child that the notebook forks writes to the raw pipe `fd`: its frames would mix with ours.
    """

    encoding = "UTF-8"
    errors = "replace"

    def __init__(self, name: str, fd: int, channel: Channel) -> None:
        self.name = name
        self.buffer = BytesOut(self)
        self._fd = fd
        self._channel = channel

    def write(self, text: str) -> int:
        """Write text; it reaches the supervisor in the order of all outputs."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() != self._channel.owner:
            os.write(self._fd, text.encode("utf-8", "replace"))
        elif text:
            self._channel.write(self.name, text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override]
        """Write one text after the other."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send what was written."""
        self._channel.flush()

    def writable(self) -> bool:
        """Say that one may write."""
        return True

    def fileno(self) -> int:
        """Give the raw pipe, which programs that are started write to."""
        return self._fd


class BytesOut(io.RawIOBase):
    """``sys.stdout.buffer``: bytes, shown as text."""

    def __init__(self, text: TextOut) -> None:
        self._text = text

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write bytes."""
        self._text.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def writable(self) -> bool:
        """Say that one may write."""
        return True
