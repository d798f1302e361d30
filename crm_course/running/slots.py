"""One slot a worker: whoever works in this thread shares it, so that what is imported is imported once."""

from __future__ import annotations

import sys
import threading

from crm_course.running.warm import ADVICE, SandboxUnavailable, Slot, tried

_mine = threading.local()


def slot(sandbox: bool) -> Slot:
    """Give the slot of this thread; asked for another kind it is made anew."""
    if getattr(_mine, "slot", None) is None or _mine.sandbox != sandbox:
        close()
        _mine.slot, _mine.sandbox = Slot(sandbox=sandbox), sandbox
    return _mine.slot


def locked_in() -> str | None:
    """Say why notebooks cannot be locked in here; None where one tried to get out of this thread's slot, and failed."""
    if sys.platform != "linux":
        return f"submissions can be confined on Linux only, not on {sys.platform}: {ADVICE}"
    try:
        return tried(slot(sandbox=True))
    except SandboxUnavailable as problem:
        return f"{problem}; {ADVICE}"


def close() -> None:
    """End the slot of this thread, if there is one."""
    if getattr(_mine, "slot", None) is not None:
        _mine.slot.close()
        _mine.slot = None
