"""A notebook of ours run in this very process: for promises about many stores, where a slot would take longer."""

from __future__ import annotations

import contextlib
import copy
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from nbformat import NotebookNode, v4

import crm_course
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.values import MIME
from crm_course.running.notebooks import new_display
from crm_course.running.sandbox.limits import FINISHED, Limits
from crm_course.running.sandbox.slot import Result


def in_process(notebook: NotebookNode, folder: Path, limits: Limits) -> Result:  # noqa: ARG001 - for what we wrote
    """Run the code cells of a notebook that we wrote ourselves, up to the first that fails.

    Parameters
    ----------
    notebook : NotebookNode
        A solution; what it answers becomes an output of its cell, what it shows besides does not.
    folder : Path
        Where it works, with ``store``.
    limits : Limits
        Not kept: nothing stops our own code.
    """
    done, began, names = copy.deepcopy(notebook), time.perf_counter(), dict[str, Any]()
    with _answers() as given, contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        for number, cell in enumerate(done.cells, start=1):
            if cell.cell_type != "code":
                continue
            try:
                exec(compile(cell.source, f"code cell {number}", "exec"), names)
            except Exception as error:
                cell.outputs = [v4.new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[])]
                break
            cell.outputs, given[:] = list(given), []
    plt.close("all")
    return Result(done, FINISHED, None, time.perf_counter() - began)


@contextlib.contextmanager
def _answers() -> Iterator[list[NotebookNode]]:
    """Give the outputs that `crm_course.answer` makes meanwhile."""
    given: list[NotebookNode] = []

    def answer(id: str, value: object, unit: str | None = None) -> None:
        given.append(new_display({MIME: encode(id, value, unit)}))

    crm_course.answer = answer
    try:
        yield given
    finally:
        del crm_course.answer
