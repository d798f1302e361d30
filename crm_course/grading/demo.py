"""``crm-course demo``: the whole way of an exercise, with three made-up trainees."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from nbformat import NotebookNode
from rich.console import Console

from crm_course.answers.encoding.drawings import Drawing
from crm_course.answers.values import Answer
from crm_course.errors import CourseError, WrongCall
from crm_course.exercise.find import find_exercise
from crm_course.exercise.key import Key, LoadedExercise
from crm_course.exercise.notebook import released_notebook, solution_notebook
from crm_course.grading.batch import grade
from crm_course.grading.bench import Bench
from crm_course.grading.pages import report
from crm_course.release.layout import ReleaseFolder
from crm_course.release.packet import Handout
from crm_course.release.release import release
from crm_course.release.roster import Trainee, write_roster
from crm_course.running.notebooks import write_notebook
from crm_course.running.pool import locked_in, pool
from crm_course.running.run import run_chapter
from crm_course.running.sandbox.limits import Limits
from crm_course.simulator.simulation import simulate

RIGHT = Trainee("s01", "Chan Tai Man 陳大文")
SLIPPING = Trainee("s02", "Wong Siu Ling 黃小玲")
TYPING = Trainee("s03", "Lee Ka Yan 李嘉欣")
EXERCISE = "03_customer_value"
MISTAKES = {  # in the solution of exercise 3: what is written there, and what somebody might write in its place
    'answer("q1", q1, unit="share")': 'answer("q1", sales.margin_share(purchases), unit="share")',
    'q2 = table[["frequency", "recency", "T", "monetary_value"]].reset_index()': (
        'q2 = table[["frequency", "recency", "T", "monetary_value"]].reset_index()\nq2["frequency"] += 1'
    ),
    "q6 = list(clv[clv.index.isin(said_yes)].nlargest(int(2_000 / 40)).index)": (
        "q6 = list(clv.nlargest(int(2_000 / 40)).index)"
    ),
}
MARK = ".made-by-crm-course-demo"
HURRIED = "The list that the model makes is better, so Kit should use it."


@dataclass(frozen=True)
class Demo:
    """What a demonstration leaves.

    Attributes
    ----------
    folder : Path
        With everything that a class leaves.
    open : dict of str to Path
        The pages to open, by what they are.
    seconds : float
        How long it took.
    """

    folder: Path
    open: dict[str, Path]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        pages = {name: str(path) for name, path in self.open.items()}
        return {"folder": str(self.folder), "open": pages, "seconds": self.seconds}

    def __str__(self) -> str:
        """Tell it in a few lines."""
        width = max(map(len, self.open))
        lines = [f"  {name:<{width}}  {path}" for name, path in self.open.items()]
        return "\n".join([f"done in {self.seconds:.0f} s. Open in a browser:", *lines])


def demo(folder: Path, *, jobs: int = 2, progress: Console | None = None) -> Demo:
    """Go the whole way: a store, its chapter, a release to three made-up trainees, their marks and reports.

    Parameters
    ----------
    folder : Path
        New or empty, or that of an earlier demonstration, which is replaced.
    jobs : int
        Worker processes.
    progress : Console, optional
        Where to tell each step.

    Raises
    ------
    CourseError
        If the folder holds something else, or a step fails.
    """
    started = time.perf_counter()
    folder = _anew(folder)
    exercise = find_exercise(EXERCISE)
    _tell(progress, "a synthetic store, and chapter 3 on it")
    simulate(folder / "store", progress=progress)
    chapter = run_chapter(EXERCISE, folder / "store", output=folder / "chapter.ipynb", html=True, progress=progress)
    write_class(folder / "class.csv")
    with pool(jobs) as workers:
        problem = next(workers.run(locked_in, [()])).result
        if problem:
            _tell(progress, f"without a sandbox, since these notebooks are ours: {problem}")
        sandbox = problem is None
        _tell(progress, "exercise 3 for three trainees, each with a store of her own")
        release(
            exercise,
            folder / "class.csv",
            folder / "release",
            workers=workers,
            sandbox=sandbox,
            progress=progress,
        )
        hand_in(folder / "returned", folder / "release", exercise)
        _tell(progress, "their notebooks graded: on their own stores, and on one that they never had")
        bench = Bench(exercise.absolute(), folder / "release", folder / "graded", Limits(), sandbox)
        batch = grade(bench, folder / "returned", workers=workers, progress=progress)
        _tell(progress, "a report for each, and one for the class")
        pages = report(folder / "graded", workers=workers, progress=progress)
    if batch.problems or pages.problems or not chapter.page:
        raise CourseError(f"the demonstration failed: {batch.problems or pages.problems or chapter.problems}")
    reports = {f"report of {one.name}": pages.folder / f"{one.id}.html" for one in (RIGHT, SLIPPING, TYPING)}
    found = {"the chapter": chapter.page, **reports, "the class": pages.class_page}
    return Demo(folder, found, round(time.perf_counter() - started, 1))


def _tell(progress: Console | None, what: str) -> None:
    if progress:
        progress.print(f"== {what}", highlight=False)


def _anew(folder: Path) -> Path:
    """Give an empty folder; what an earlier demonstration left is taken away, and nothing else ever."""
    folder = folder.expanduser().absolute()
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise WrongCall(f"{folder}: there is something in it already; name an empty or new folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    return folder


def write_class(path: Path) -> None:
    """Write the roster of the three."""
    write_roster([RIGHT, SLIPPING, TYPING], path)


def hand_in(folder: Path, release: Path, folder_of_exercise: Path) -> None:
    """Write what the three hand in.

    Parameters
    ----------
    folder : Path
        For the submissions, new or empty.
    release : Path
        Of the exercise, to the three.
    folder_of_exercise : Path
        Of exercise 3.

    Raises
    ------
    CourseError
        If the solution no longer holds a line in which a mistake is to be made.
    """
    master = LoadedExercise(folder_of_exercise)
    _, key = master.cached_key(ReleaseFolder(release).packet(TYPING.id), _no_run, ReleaseFolder(release).keys)
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        RIGHT: solution_notebook(master.exercise),
        SLIPPING: slipping(solution_notebook(master.exercise), MISTAKES),
        TYPING: typed_in(released_notebook(master.exercise), key),
    }
    for trainee, notebook in made.items():
        notebook.metadata["crm_course"] = {"exercise": master.exercise.name, "trainee": trainee.id}
        write_notebook(folder / f"{trainee.id}_{Handout(master.exercise).notebook_name}", notebook)


def slipping(notebook: NotebookNode, mistakes: Mapping[str, str]) -> NotebookNode:
    """Make mistakes in a solution; its last written answer is too short, too."""
    for right, wrong in mistakes.items():
        holding = [cell for cell in notebook.cells if right in cell.source]
        if len(holding) != 1:
            raise CourseError(
                f"the solution has {len(holding)} cells with {right!r}, not one: mend the demo's mistakes"
            )
        holding[0].source = holding[0].source.replace(right, wrong)
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    texts[-1].source = HURRIED
    return notebook


def typed_in(notebook: NotebookNode, key: Key) -> NotebookNode:
    """Put what is right on one store into a released notebook as if it had been copied from somebody."""
    for name, right in key.answers.items():
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = cell.source.replace(f"{name} = ...", literal(name, right))
    return notebook


def literal(name: str, right: Answer) -> str:
    """Write an answer as code that computes nothing.

    Examples
    --------
    >>> literal("q1", Answer("q1", "number", "share", 0.25))
    'q1 = 0.25'
    """
    if right.kind == "table":
        table: dict[str, Any] = right.bundle["value"]
        return f"{name} = pd.DataFrame({table['rows']!r}, columns={table['columns']!r})"
    if isinstance(right.value, Drawing):
        panel = right.value.panels[0]
        labels = {"xlabel": panel.x.label, "ylabel": panel.y.label, "title": panel.title}
        lines = [f"{name}.plot({list(mark.x)!r}, {list(mark.y)!r})" for mark in panel.marks]
        return "\n".join([f"figure, {name} = plt.subplots()", *lines, f"{name}.set(**{json.dumps(labels)})"])
    return f"{name} = {right.value!r}"


def _no_run(*_: object) -> NoReturn:
    raise CourseError("the release holds no key of this exercise; release it again")
