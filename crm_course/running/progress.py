"""A progress bar with the time that is left, or none where nobody looks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

SECONDS_WITHOUT = 2.0
Part = TypeVar("Part")


class Step(Protocol):
    """Moves a bar on by one; a name becomes its new title."""

    def __call__(self, name: str = "") -> None:
        """Move on."""
        ...


@contextmanager
def bar(console: Console | None, title: str, total: int) -> Iterator[Step]:
    """Show a bar while the block runs.

    Yields
    ------
    Step
        Call it once for every part that is done.
    """
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    silent = console is None or not console.is_terminal
    with Progress(TextColumn("{task.description}"), *columns, console=console, transient=True, disable=silent) as shown:
        task = shown.add_task(title, total=total)

        def step(name: str = "") -> None:
            shown.update(task, advance=1, description=name or None)

        yield step


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
