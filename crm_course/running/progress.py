"""A progress bar with the time that is left, or none where nobody looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


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
