"""A bar with the time left, for work that takes long enough to want one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

SECONDS_WITHOUT = 2.0
Part = TypeVar("Part")


def with_progress(parts: Sequence[Part], what: str, console: Console | None) -> Iterator[Part]:
    """Go through parts of about equal work; once they are seen to take over two seconds, show what is left."""
    if console is None:
        yield from parts
        return
    started = time.monotonic()
    with ExitStack() as shown:
        bar: Progress | None = None
        for done, part in enumerate(parts, start=1):
            yield part
            lasts = (time.monotonic() - started) * len(parts) / done
            if bar is None and done < len(parts) and lasts > SECONDS_WITHOUT:
                bar = shown.enter_context(Progress(console=console, transient=True))
                task = bar.add_task(what, total=len(parts))
            if bar is not None:
                bar.update(task, completed=done)
