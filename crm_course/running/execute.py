"""One execution through papermill, whatever its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill import PapermillExecutionError, execute_notebook

from crm_course.running.notebooks import read_notebook, write_notebook
from crm_course.running.outcome import problems

KERNEL_DIED = "the kernel stopped, most often for want of memory; try a smaller store"
STOPPED = (PapermillExecutionError, DeadKernelError, CellTimeoutError)


def execute(
    notebook: NotebookNode,
    target: Path,
    cwd: Path,
    parameters: Mapping[str, object] | None = None,
    on_cell: Callable[[], None] | None = None,
) -> tuple[NotebookNode, list[str], bool]:
    """Run a notebook into a file; an error in a cell stops it and what was done is kept.

    Parameters
    ----------
    notebook : NotebookNode
        What to run.
    target : Path
        The notebook to write, cell by cell.
    cwd : Path
        The folder in which the kernel works.
    parameters : mapping, optional
        Values to inject.
    on_cell : callable, optional
        Called after every cell.

    Returns
    -------
    NotebookNode, list of str, bool
        What was written; a line for each problem; whether the last cell was reached.
    """
    options = {"engine_name": "crm_course", "progress_bar": False, "on_cell": on_cell}
    finished = True
    try:
        execute_notebook(notebook, target, parameters=dict(parameters or {}), cwd=cwd.absolute(), **options)
    except STOPPED:
        finished = False
    done = read_notebook(target)
    for path in ("input_path", "output_path"):  # papermill keeps the whole source there, and a passing name
        done.metadata.get("papermill", {}).pop(path, None)
    write_notebook(target, done)
    return done, problems(done) or ([] if finished else [KERNEL_DIED]), finished
