"""How a program of the course begins, before it imports anything: the command, and the processes that work for it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable


def begin() -> None:
    """Leave out the grammar of web addresses that jsonschema, which comes with nbformat, builds when it is imported.

    It takes seconds, and no notebook's format asks for it. For the course's own processes only: elsewhere somebody
    may want to check addresses.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def begin_worker() -> None:
    """Begin a worker process: an interrupt is its parent's to handle, and without its parent there is nothing to do."""
    begin()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.join,), daemon=True).start()


def _follow(parent_ended: Callable[[], None]) -> None:
    parent_ended()
    os._exit(1)  # a parent that was killed cannot tell its workers
