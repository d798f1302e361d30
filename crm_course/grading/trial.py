"""``crm-course try``: what a trainee does before handing in."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from crm_course.answers.collecting import Collected, collect
from crm_course.answers.form_check import form_problems
from crm_course.answers.prose import less, sections, words
from crm_course.answers.protocol import described
from crm_course.answers.released import FORMS, MAX_NOTEBOOK, Released, read_forms
from crm_course.answers.values import Answer
from crm_course.errors import WrongCall
from crm_course.grading.intake.notebook_file import Submission, UnreadableFile, read_submission
from crm_course.running.kernel import ThisPython
from crm_course.running.sandbox.limits import Limits

CELL_SECONDS = round(Limits.cell_seconds)


@dataclass(frozen=True)
class Line:
    """What stands in a trial's table for one question.

    Attributes
    ----------
    question, title : str
        Which.
    recorded : str
        What would be handed in, shortened.
    problems : tuple of str
        What is wrong with its form, or why there is nothing.
    """

    question: str
    title: str
    recorded: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """What came of trying a notebook.

    Attributes
    ----------
    notebook : Path
        The file.
    size : int
        Bytes.
    lines : tuple of Line
        One a question.
    stopped : tuple of str
        What stopped a cell, or the whole run.
    """

    notebook: Path
    size: int
    lines: tuple[Line, ...]
    stopped: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether every question has an answer of the right form, and no cell stopped."""
        return not self.stopped and not any(one.problems for one in self.lines)

    def as_dict(self) -> dict[str, object]:
        """Give the same as plain values, for JSON."""
        rows = [{**vars(one), "problems": list(one.problems)} for one in self.lines]
        return {"notebook": str(self.notebook), "bytes": self.size, "questions": rows, "stopped": list(self.stopped)}


def try_notebook(path: Path) -> Trial:
    """Run a notebook afresh in its folder, as the grader will, and look at the form of every answer.

    Parameters
    ----------
    path : Path
        A trainee's notebook, in its packet's folder. It is not changed.

    Raises
    ------
    CourseError
        If it cannot be read, or there is no ``forms.json`` beside it.
    """
    try:
        submission = read_submission(path)
    except UnreadableFile as error:
        raise WrongCall(f"{path}: {error}") from None
    forms = read_forms(path.parent / FORMS)
    done, ended = _run(submission.notebook, path.parent)
    found, written = collect(done), sections(done)
    lines = [
        _written(one, written) if one.kind == "written" else _computed(one, found, submission) for one in forms.values()
    ]
    return Trial(path, path.stat().st_size, tuple(lines), (*_stopped(done), *ended))


def too_large(trial: Trial) -> bool:
    """Say whether the grader would not read the file."""
    return trial.size > MAX_NOTEBOOK


def _run(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, list[str]]:
    """Run all cells in a new kernel; a cell that fails does not keep the next from running."""
    done = copy.deepcopy(notebook)
    client = NotebookClient(
        done,
        timeout=CELL_SECONDS,
        allow_errors=True,
        kernel_manager_class=ThisPython,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder.absolute())}},
    )
    try:
        asyncio.run(client.async_execute())
    except CellTimeoutError:
        return done, [f"a cell took longer than {CELL_SECONDS} seconds; the run ended there"]
    except DeadKernelError:
        return done, ["the kernel stopped, most often for want of memory; the run ended there"]
    return done, []


def _stopped(notebook: NotebookNode) -> list[str]:
    return [
        f"cell {number}: {output.ename}: {' '.join(str(output.evalue).split())[:200]}"
        for number, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def _computed(form: Released, found: Collected, submission: Submission) -> Line:
    given: Answer | None = found.answers.get(form.id)
    cells = submission.answered.get(form.id, [])
    unreadable = [f"cannot be read: {why}" for cell, why in found.unreadable if cell in cells]
    if given is None:
        missing = "nothing was recorded" if cells else f'there is no cell with answer("{form.id}", …)'
        return Line(form.id, form.title, "", (*(unreadable or [missing]),))
    if given.kind == "nothing":
        return Line(form.id, form.title, "", ("not answered yet",))
    twice = [f"answered in cells {', '.join(map(str, cells))}; the last counts"] if len(cells) > 1 else []
    return Line(form.id, form.title, described(given), (*form_problems(form, given), *twice))


def _written(form: Released, texts: dict[str, str]) -> Line:
    if form.id not in texts:
        return Line(form.id, form.title, "", (f"its heading `## {form.id} {form.title}` is gone",))
    count = words(less(texts[form.id], form.text))
    low, high = form.form.words or (1, count)
    asked = () if low <= count <= high else (f"{low} to {high} words are asked for",)
    return Line(form.id, form.title, f"{count} words", asked if count else ("not answered yet",))
