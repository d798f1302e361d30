"""The papermill engine: a course problem is told in one line, what depends on it is left out, the rest is done.

``papermill --engine crm_course in.ipynb out.ipynb`` and ``crm-course run`` are the same.
papermill imports this module when it is imported itself; so import papermill, and ask it for the engine.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from papermill.parameterize import parameterize_notebook

from crm_course.errors import CourseError, LeftOut, reason
from crm_course.running.kernel import ThisPython
from crm_course.running.missing.calm import EXPECTED, MARK, in_one_line
from crm_course.running.missing.dependencies import Missing, left_out, names_of
from crm_course.running.notebooks import new_display
from crm_course.running.parameters import convert, parameters_of

OnCell = Callable[[], None]


def problem_names() -> set[str]:
    """Give the names of all course errors, by which the kernel's errors are told apart."""
    waiting: list[type[CourseError]] = [CourseError]
    names = set()
    while waiting:
        kind = waiting.pop()
        names.add(kind.__name__)
        waiting += kind.__subclasses__()
    return names


def problem(sentence: str, quiet: bool = False) -> NotebookNode:
    """Make the output that tells a problem, or what was left out, in one line; a quiet one was told above."""
    return new_display(in_one_line(sentence, quiet))


def is_problem(output: NotebookNode) -> bool:
    """Say whether an output is such a line."""
    return MARK in output.get("data", {}).get("text/html", "")


def now_and_then(save: Callable[..., None], seconds: float = 5.0) -> Callable[..., None]:
    """Save not at every cell's start and end, which takes longer than most cells, but after some seconds."""
    last = time.monotonic()

    def save_if_time_has_passed(**options: object) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            save(**options)
            last = time.monotonic()

    return save_if_time_has_passed


class CourseClient(PapermillNotebookClient):  # type: ignore[misc] # papermill has no types
    """Runs the cells of one notebook, leaving out those that need what could not be made.

    What happened is kept in the cells' metadata: ``crm_course.problem`` (the sentence), or
    ``crm_course.left_out`` (the names that were missing) and ``crm_course.without`` (what the shop does not have).
    """

    def __init__(self, nb_man: NotebookExecutionManager, on_cell: OnCell | None = None, **traits: object) -> None:
        super().__init__(nb_man, kernel_manager_class=ThisPython, record_timing=False, **traits)
        self.missing = Missing()
        self.on_cell = on_cell

    def execute_cell(self, cell: NotebookNode, cell_index: int, **options: object) -> NotebookNode:
        """Run a cell, or leave it out."""
        cell.metadata.pop("crm_course", None)
        try:
            return self._run_or_leave_out(cell, cell_index, **options) if cell.cell_type == "code" else cell
        finally:
            if self.on_cell:
                self.on_cell()

    def _run_or_leave_out(self, cell: NotebookNode, cell_index: int, **options: object) -> NotebookNode:
        names = names_of(cell.source)
        needed = self.missing.needed_by(names)
        if needed:
            self._leave_out(cell, needed)
        else:
            self._run(cell, cell_index, **options)
        if "crm_course" in cell.metadata:
            self.missing.failed(names, reason(cell.metadata["crm_course"].get("without", "")))
        else:
            self.missing.ran(names)
        return cell

    def _leave_out(self, cell: NotebookNode, needed: list[str]) -> None:
        why = self.missing.why(needed)
        cell.metadata["crm_course"] = {"left_out": needed, "without": why}
        cell.outputs = [*_without_lines(cell.outputs), problem(left_out(needed, why), quiet=bool(why))]

    def _run(self, cell: NotebookNode, cell_index: int, **options: object) -> None:
        try:
            super().execute_cell(cell, cell_index, **options)
        except CellExecutionError as error:
            name, sentence = _undefined(error), _one_line(error.evalue)
            if name in self.missing.names:  # read where the source does not show it: in a function, through a magic
                self._leave_out(cell, [name])
            elif error.ename in problem_names():
                calm = error.ename == LeftOut.__name__
                cell.metadata["crm_course"] = {"left_out": [], "without": sentence} if calm else {"problem": sentence}
                cell.outputs = [*_without_lines(cell.outputs), problem(sentence)]
            else:
                raise
        if EXPECTED in cell.metadata.get("tags", []):  # papermill stops at an error, tagged or not
            _tell(cell)


def _without_lines(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Give a cell's outputs without its error, and without the line that the kernel made of it."""
    return [output for output in outputs if output.output_type != "error" and not is_problem(output)]


def _tell(cell: NotebookNode) -> None:
    """Put one line in place of a cell's errors."""
    cell.outputs = [problem(_sentence(output)) if output.output_type == "error" else output for output in cell.outputs]


def _sentence(output: NotebookNode) -> str:
    line = _one_line(output.evalue)
    return line if output.ename in problem_names() else f"{output.ename}: {line}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _undefined(error: CellExecutionError) -> str:
    """Give the name that a NameError is about, else nothing."""
    return error.evalue.split("'")[1] if error.ename == "NameError" and "'" in error.evalue else ""


class CourseEngine(NBClientEngine):  # type: ignore[misc] # papermill has no types
    """The engine ``crm_course``: parameters are checked and converted, then :class:`CourseClient` runs the cells."""

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, *args: object, **kwargs: object) -> NotebookNode:
        """Refuse a parameter that the chapter does not have, give the others their types, then run.

        Raises
        ------
        WrongCall
            If a parameter does not exist or its value cannot be.
        """
        given = dict(nb.metadata.papermill.get("parameters") or {})
        known = parameters_of(nb)
        if given and (values := convert(known, given, "the notebook")) != given:
            nb = parameterize_notebook(nb, values, kernel_name=kernel_name, language="python", engine_name="crm_course")
            for cell in nb.cells:
                cell.metadata.setdefault("papermill", {})
        done: NotebookNode = super().execute_notebook(nb, kernel_name, *args, **kwargs)
        return done

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        on_cell: OnCell | None = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **traits: object,
    ) -> NotebookNode:
        """Run the notebook; `on_cell` is called after every cell."""
        traits.pop("input_path", None)
        client = CourseClient(
            nb_man,
            on_cell,
            **traits,
            kernel_name=kernel_name,
            timeout=execution_timeout,
            shutdown_kernel="immediate",  # nothing in it is needed any more
            startup_timeout=start_timeout,
            log=logger,
        )
        save = nb_man.save
        nb_man.save = now_and_then(save)
        try:
            # of the kernel itself: what cells write is an output
            done: NotebookNode = client.execute(stderr=subprocess.DEVNULL)
        finally:
            save()
        return done

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:  # noqa: ARG003
        """Give the name of the one kernel that chapters run on."""
        return name or "python3"

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:  # noqa: ARG003
        """Give the one language of chapters."""
        return language or "python"
