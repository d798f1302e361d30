"""A place where notebooks run, one after the other."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from nbformat import NotebookNode

from crm_course.running.sandbox.conversation import Conversation
from crm_course.running.sandbox.limits import DIED, FINISHED, Limits, RunEnded, SandboxUnavailable
from crm_course.running.sandbox.outputs import CellOutputs, DisplayIds
from crm_course.running.sandbox.zygote import Zygote, ZygoteGone

STRIPPED_TAGS = {"skip-execution", "raises-exception"}  # with them a notebook would choose what counts
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python", "pygments_lexer": "ipython3"}


@dataclass(frozen=True)
class Result:
    """What came of a run.

    Attributes
    ----------
    notebook : NotebookNode
        A copy of what was given, with the outputs of this run and no others.
    ended : str
        ``"finished"``, or why not: ``"time limit"``, ``"memory limit"``, ``"output limit"``, ``"kernel died"``
        (the process ended by itself) or ``"protocol error"`` (it sent what is no output).
    cell : int or None
        In which cell it ended, counted from 1 over all cells; None when it finished.
    seconds : float
        How long the run took, by the supervisor's clock.
    """

    notebook: NotebookNode
    ended: str
    cell: int | None
    seconds: float


class Observer:
    """Who is told when a cell starts and when it is done."""

    def starts(self, cell: NotebookNode, index: int) -> None:
        """Hear that a cell is about to run."""

    def done(self, cell: NotebookNode, index: int) -> None:
        """Hear that a cell has its outputs."""


class _Counting(Observer):
    def __init__(self, on_cell: Callable[[], None] | None) -> None:
        self._on_cell = on_cell

    def done(self, cell: NotebookNode, index: int) -> None:  # noqa: ARG002
        if self._on_cell:
            self._on_cell()


class Slot:
    """One warm process from which a fresh one is forked for each notebook; nothing is carried over.

    It makes itself anew when that process has come to harm, so that the next run works.

    Parameters
    ----------
    sandbox : bool
        False runs notebooks that are trusted, with all that the user may do.

    Raises
    ------
    SandboxUnavailable
        If notebooks cannot be confined here.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> notebook = new_notebook(cells=[new_code_cell("6 * 7")])
    >>> with Slot() as slot:  # doctest: +SKIP
    ...     result = slot.run(notebook, Path("packet"))
    """

    def __init__(self, sandbox: bool = True) -> None:
        self._sandbox = sandbox
        self._zygote: Zygote | None = Zygote(sandbox)

    @property
    def lacks(self) -> list[str]:
        """What this machine has not that would hold a submission twice: it is locked in without it as well."""
        return self._living().lacks if self._sandbox else []

    def run(
        self,
        notebook: NotebookNode,
        data: Path,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
        on_cell: Callable[[], None] | None = None,
    ) -> Result:
        """Run a notebook.

        Parameters
        ----------
        notebook : NotebookNode
            It is not changed. A cell that raises does not end the run.
        data : Path
            A folder; the notebook's working directory shows its entries, and it cannot change them.
        limits : Limits
            What the run may use.
        on_cell : callable, optional
            Called after every cell.

        Returns
        -------
        Result
        """
        return self.run_observed(copy.deepcopy(notebook), data, limits, _Counting(on_cell))

    def run_observed(self, notebook: NotebookNode, data: Path, limits: Limits, observer: Observer) -> Result:
        """Run a notebook in place; see :meth:`run`."""
        _prepare(notebook)
        started = time.monotonic()
        conversation = self._begin(data, limits)
        try:
            ended, cell = _run_cells(notebook, conversation, observer)
        finally:
            conversation.close()
            self._end()
        return Result(notebook, ended, cell, time.monotonic() - started)

    def _begin(self, data: Path, limits: Limits) -> Conversation:
        if self._zygote is None or not self._zygote.alive:
            self._renew()
        try:
            return Conversation(self._living(), data, limits)
        except ZygoteGone:  # of something else, such as a want of memory: a notebook is not to blame
            self._renew()
        try:
            return Conversation(self._living(), data, limits)
        except ZygoteGone as error:
            self.close()
            raise SandboxUnavailable(f"no run can be started: {error}") from error

    def _living(self) -> Zygote:
        if self._zygote is None:
            self._zygote = Zygote(self._sandbox)
        return self._zygote

    def _renew(self) -> None:
        self.close()
        self._zygote = Zygote(self._sandbox)

    def _end(self) -> None:
        """Leave nothing of the run; where that cannot be made sure, all of it goes."""
        try:
            self._living().finish()
        except (ZygoteGone, OSError):
            self.close()

    def close(self) -> None:
        """End the warm process."""
        if self._zygote:
            self._zygote.close()
        self._zygote = None

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _prepare(notebook: NotebookNode) -> None:
    """Forget what earlier runs left, and what would choose how this one goes."""
    notebook.metadata["language_info"] = NotebookNode(LANGUAGE)
    for cell in notebook.cells:
        if "tags" in cell.metadata:
            cell.metadata["tags"] = [tag for tag in cell.metadata["tags"] if tag not in STRIPPED_TAGS]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def _run_cells(notebook: NotebookNode, conversation: Conversation, observer: Observer) -> tuple[str, int | None]:
    """Run cell after cell; give how the run ended, and in which cell."""
    displays: DisplayIds = {}
    count = 0
    for index, cell in enumerate(notebook.cells):
        observer.starts(cell, index)
        ended = FINISHED
        if cell.cell_type == "code" and cell.source.strip():
            count += 1
            ended = _run_cell(cell, count, conversation, displays)
        observer.done(cell, index)
        if ended != FINISHED:
            return ended, index + 1
    return FINISHED, None


def _run_cell(cell: NotebookNode, count: int, conversation: Conversation, displays: DisplayIds) -> str:
    outputs = CellOutputs(displays, count)
    cell.execution_count = count
    ended = FINISHED
    try:
        conversation.run_cell(cell.source, outputs.take)
    except RunEnded as error:
        ended = str(error)
        outputs.tell_end(ended)
    except ZygoteGone:
        ended = DIED
        outputs.tell_end(ended)
    cell.outputs = outputs.finished()
    return ended
