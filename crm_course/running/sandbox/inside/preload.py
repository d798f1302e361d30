"""What a notebook of the course needs is imported, and used once, before the first fork."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from crm_course.running.sandbox.inside import linux
from crm_course.running.sandbox.inside.output_streams import Channel, TextOut
from crm_course.running.sandbox.inside.shell import Shell, make_shell

LIBRARIES = [
    "asyncio",
    "numpy",
    "pandas",
    "pyarrow.parquet",
    "matplotlib.pyplot",
    "seaborn",
    "scipy.stats",
    "statsmodels.api",
    "statsmodels.formula.api",
    "IPython.core.completer",
    "IPython.core.magics",
]
PACKAGE = Path(__file__).absolute().parents[3]
ROOMS = ["tables", "answers", "analysis", "plots"]

FIRST_USES = "from crm_course.running.sandbox.inside.first_uses import use_all; use_all()"
A_TRACEBACK = "1 / 0"


def course_modules() -> Iterator[str]:
    """Name the modules that notebooks import from the course, as they are found in the package."""
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            yield ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def preload() -> Shell:
    """Make the shell, import and use what is slow through it, and leave no trace in its names.

    pandas and matplotlib look at the shell when they are imported: so it is made first, and imports them.
    """
    shell = make_shell()
    fresh = dict(shell.user_ns)
    with _unheard():
        for name in [*LIBRARIES, *course_modules()]:
            shell.run_cell(f"import {name}", silent=True)
        for source in (FIRST_USES, A_TRACEBACK):
            shell.run_cell(source, silent=True)
    _draw_once(shell)
    shell.user_ns.clear()
    shell.user_ns.update(fresh)
    sys.last_value = sys.last_traceback = sys.last_type = None
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page that is shared with the runs
    if sys.platform == "linux":
        linux.gather_memory()
    return shell


def _draw_once(shell: Shell) -> None:
    """Let a figure be drawn when it is shown, and not before as well, for a window that nobody has."""
    for callback in list(shell.events.callbacks["post_execute"]):
        if callback.__name__ == "_draw_all_if_interactive":
            shell.events.unregister("post_execute", callback)


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Let nothing that is shown reach anybody."""
    streams = sys.stdout, sys.stderr
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        channel = Shell.channel = Channel(nowhere.fileno())
        sys.stdout, sys.stderr = TextOut("stdout", 1, channel), TextOut("stderr", 2, channel)
        try:
            yield
            channel.flush()
        finally:
            sys.stdout, sys.stderr = streams
