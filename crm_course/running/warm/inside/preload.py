"""What a notebook of the course needs is imported, and used once, before the first fork."""

from __future__ import annotations

import contextlib
import gc
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from crm_course.running.warm.inside.shell import Shell, make_shell
from crm_course.running.warm.inside.streams import Channel, TextOut

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

# Each line is slow the first time: a figure becoming a picture, a table, a formula, a traceback, a checked store.
USED_ONCE = """
import io
import matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn as sns, statsmodels.formula.api as smf
fig, ax = plt.subplots(figsize=(2, 2))
sns.heatmap(np.eye(3), ax=ax)
ax.set_title("x")
get_ipython().display_formatter.format(fig)
plt.close("all")
table = pd.DataFrame({"a": np.arange(20.0), "b": list("xy") * 10, "t": pd.date_range("2024", periods=20)})
get_ipython().display_formatter.format(table.groupby("b").agg(a=("a", "sum")))
smf.ols("a ~ C(b)", table).fit().summary()._repr_html_()
"""
A_TRACEBACK = "1 / 0"


def course_modules() -> Iterator[str]:
    """Name the modules that notebooks import from the course, as they are found in the package."""
    for room in ROOMS:
        yield f"crm_course.{room}"
        yield from (found.name for found in pkgutil.iter_modules([str(PACKAGE / room)], f"crm_course.{room}."))


def preload() -> InteractiveShell:
    """Make the shell, import and use what is slow through it, and leave no trace in its names.

    pandas and matplotlib look at the shell when they are imported: so it is made first, and imports them.
    """
    shell = make_shell()
    fresh = dict(shell.user_ns)
    with _unheard():
        for name in [*LIBRARIES, *course_modules()]:
            shell.run_cell(f"import {name}", silent=True)
        for source in (USED_ONCE, A_TRACEBACK):
            shell.run_cell(source, silent=True)
    shell.user_ns.clear()
    shell.user_ns.update(fresh)
    sys.last_value = sys.last_traceback = sys.last_type = None
    gc.collect()
    gc.freeze()  # the collector would touch, and so copy, every page that is shared with the runs
    return shell


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
