"""The papermill engine of warm slots: ``papermill --engine crm_course_warm in.ipynb out.ipynb``.

papermill imports this module when it is imported itself; so import papermill, and ask it for the engine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode
from papermill.engines import NotebookExecutionManager

from crm_course.errors import WrongCall
from crm_course.running.engine import CourseEngine, now_and_then
from crm_course.running.sandbox.limits import FINISHED, Limits
from crm_course.running.sandbox.slot import Observer, Slot

EXERCISE_DATA = ("store", "forms.json")  # what an exercise finds beside its notebook
PAPERMILLS = {"input_path", "log_output", "start_timeout", "stdout_file", "stderr_file"}  # of no use here


class _Manager(Observer):
    """Tells papermill what happens, so that it shows progress and saves."""

    def __init__(self, nb_man: NotebookExecutionManager, on_cell: Callable[[], None] | None) -> None:
        self._nb_man = nb_man
        self._on_cell = on_cell

    def starts(self, cell: NotebookNode, index: int) -> None:
        self._nb_man.cell_start(cell, index)

    def done(self, cell: NotebookNode, index: int) -> None:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            self._nb_man.cell_exception(cell, index)
        self._nb_man.cell_complete(cell, index)
        if self._on_cell:
            self._on_cell()


class WarmEngine(CourseEngine):
    """The engine ``crm_course_warm``: the same as :meth:`Slot.run`, cell by cell into papermill's notebook.

    A cell that raises does not end the run; papermill tells of an error when the last cell is done. How the
    run ended is kept in the notebook's metadata, as ``crm_course.ended`` and ``crm_course.cell``.
    """

    @classmethod
    def execute_managed_notebook(  # type: ignore[override]
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,  # noqa: ARG003
        *,
        slot: Slot | None = None,
        data: Path | None = None,
        sandbox: bool = True,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        execution_timeout: float | None = None,
        on_cell: Callable[[], None] | None = None,
        **others: object,
    ) -> None:
        """Run the notebook.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
            papermill's hold on the notebook.
        kernel_name : str
            Ignored: the process is always ours.
        slot : Slot, optional
            Where to run it; by default a slot of its own is made.
        data : Path, optional
            The folder whose entries the notebook sees; by default it sees ``store`` and ``forms.json`` of the
            working directory, and nothing else of it.
        sandbox : bool
            Whether the slot of its own is confined.
        limits : Limits
            What the run may use.
        execution_timeout : float, optional
            Seconds for one cell, in place of the limits' own.
        on_cell : callable, optional
            Called after every cell.

        Raises
        ------
        WrongCall
            If there is another option.
        """
        unknown = sorted(set(others) - PAPERMILLS)
        if unknown:
            raise WrongCall(f"the engine crm_course_warm has no option {', '.join(unknown)}")
        if execution_timeout:
            limits = replace(limits, cell_seconds=float(execution_timeout))
        save = nb_man.save
        nb_man.save = now_and_then(save)
        with ExitStack() as held:
            folder = data or _exercise_data(Path(held.enter_context(tempfile.TemporaryDirectory())))
            place = slot or held.enter_context(Slot(sandbox))
            result = place.run_observed(nb_man.nb, folder, limits, _Manager(nb_man, on_cell))
        nb_man.nb.metadata["crm_course"] = {"ended": result.ended, "cell": result.cell}
        nb_man.save = save
        if result.ended != FINISHED:
            save()


def _exercise_data(folder: Path) -> Path:
    """Link the exercise's data of the working directory into an empty folder."""
    for name in EXERCISE_DATA:
        there = Path.cwd() / name
        if there.exists():
            (folder / name).symlink_to(there)
    return folder
