"""What proves an exercise: packets as trainees get them, and what comes of the solution and of the slips there."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from filelock import FileLock
from nbformat import NotebookNode

from crm_course import open_store
from crm_course.answers.collecting import collect
from crm_course.answers.prose import sections
from crm_course.answers.questions import Question
from crm_course.answers.released import write_forms
from crm_course.answers.values import Answer
from crm_course.exercise.in_process import in_process
from crm_course.exercise.key import Key, LoadedExercise, NotFair
from crm_course.exercise.notebook import released_notebook, solution_notebook
from crm_course.exercise.proving import make_store
from crm_course.running.outcome import problems
from crm_course.running.pool import slot
from crm_course.running.sandbox.limits import FINISHED, Limits
from crm_course.tables.store import Store

LIMITS = Limits(cell_seconds=120, run_seconds=600, memory_mb=4000)


@dataclass
class Packet:
    """What one trainee has before her: a folder, and what came of a notebook in it."""

    proof: Proof
    folder: Path
    notebook: NotebookNode
    problems: list[str]
    finished: bool

    @property
    def answers(self) -> dict[str, Answer]:
        """What the notebook answered."""
        return collect(self.notebook).answers

    @property
    def store(self) -> Store:
        """Her store."""
        return open_store(self.folder / "store")

    @cached_property
    def key(self) -> Key:
        """What answers are judged by here, when the notebook is the solution."""
        answers = self.answers
        return self.proof.loaded.key_of(self.store, {name: answers[name] for name in self.proof.computed})


class Proof:
    """An exercise, its files read once, and its packets made when they are first asked for.

    Parameters
    ----------
    folder : Path
        Of the exercise.
    seeds : list of int
        Of the stores on which it proves itself.
    place : Path
        Where packets are made, the same for all processes that test.
    """

    def __init__(self, folder: Path, seeds: list[int], place: Path) -> None:
        self.seeds, self.place = seeds, place
        self.place.mkdir(parents=True, exist_ok=True)
        self.loaded = LoadedExercise(folder)
        self.exercise, self.slips = self.loaded.exercise, self.loaded.slips
        self.questions: dict[str, Question] = {one.id: one for one in self.loaded.questions}
        self.computed = {one.id: one for one in self.loaded.computed}
        self.written = {name: one for name, one in self.questions.items() if one.kind == "written"}

    @cached_property
    def released(self) -> NotebookNode:
        """The notebook as handed out."""
        return released_notebook(self.exercise)

    def fill(self, folder: Path, seed: int) -> None:
        """Put into a folder what a trainee gets: a store of her own, without its truth, and the forms."""
        make_store(self.loaded, folder, seed)
        write_forms(self.questions.values(), folder / "forms.json", sections(self.released))

    def packet(self, name: str, seed: int, notebook: NotebookNode) -> Packet:
        """Run a notebook in a trainee's folder; once for all processes that test."""
        folder = self.place / f"{name}-{seed}"
        folder.mkdir(exist_ok=True)
        with FileLock(self.place / f"{name}-{seed}.lock"):
            if not (folder / "run.json").exists():
                self.fill(folder, seed)
                run = slot(sandbox=False).run(notebook, folder, LIMITS)
                nbformat.write(run.notebook, folder / "notebook.ipynb")
                told = {"problems": problems(run.notebook), "finished": run.ended == FINISHED}
                (folder / "run.json").write_text(json.dumps(told))
        run = json.loads((folder / "run.json").read_text())
        return Packet(self, folder, nbformat.read(folder / "notebook.ipynb", as_version=4), **run)

    @cached_property
    def packets(self) -> dict[int, Packet]:
        """The solution run as a notebook, by seed."""
        return {seed: self.packet("solution", seed, solution_notebook(self.exercise)) for seed in self.seeds}

    @property
    def first(self) -> Packet:
        """One of them."""
        return self.packets[self.seeds[0]]

    @cached_property
    def empty(self) -> Packet:
        """The notebook as handed out, run as it is."""
        return self.packet("released", self.seeds[0], self.released)

    @contextmanager
    def on(self, seed: int) -> Iterator[tuple[Store, Key | None, list[str]]]:
        """Give a store, what answers are judged by there, and why a release would draw its seed again."""
        with tempfile.TemporaryDirectory(dir=self.place) as folder:
            make_store(self.loaded, Path(folder), seed)
            store = open_store(Path(folder) / "store")
            try:
                key = self.loaded.key(Path(folder), in_process)
            except NotFair as error:
                yield store, None, [str(error)]
                return
            yield store, key, self.loaded.unfair(key)
