"""What proves an exercise: packets as trainees get them, and what comes of the solution and of the slips there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from filelock import FileLock
from nbformat import NotebookNode
from solutions import Variant, solved, variant

from crm_course import open_store
from crm_course.answers.collecting import collect
from crm_course.answers.prose import sections
from crm_course.answers.questions import Question
from crm_course.answers.released import write_forms
from crm_course.answers.values import Answer
from crm_course.exercise.notebook import Exercise, read_exercise, released_notebook, solution_notebook
from crm_course.exercise.questions_file import read_questions, read_wanted_store
from crm_course.exercise.slips import Slips, load_slips
from crm_course.running.outcome import problems
from crm_course.running.pool import slot
from crm_course.running.sandbox.limits import FINISHED, Limits
from crm_course.simulator.simulation import simulate
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
    def judged(self) -> Variant:
        """What answers are judged by here, when the notebook is the solution."""
        return variant(self.proof.computed, self.proof.slips, self.store, self.answers)


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
        self.exercise: Exercise = read_exercise(folder)
        self.wanted = read_wanted_store(self.exercise.questions)
        self.questions: dict[str, Question] = {one.id: one for one in read_questions(self.exercise.questions)}
        self.computed = {name: one for name, one in self.questions.items() if one.kind != "written"}
        self.written = {name: one for name, one in self.questions.items() if one.kind == "written"}

    @cached_property
    def slips(self) -> Slips:
        """The exercise's slips."""
        return load_slips(self.exercise.slips)

    @cached_property
    def released(self) -> NotebookNode:
        """The notebook as handed out."""
        return released_notebook(self.exercise)

    def fill(self, folder: Path, seed: int) -> None:
        """Put into a folder what a trainee gets: a store of her own, without its truth, and the forms."""
        simulate(folder / "store", **self.wanted.model_dump(), seed=seed)
        shutil.rmtree(folder / "store" / "truth")
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
    def on(self, seed: int) -> Iterator[tuple[Store, Variant | None, list[str]]]:
        """Give a store, what answers are judged by there, and why a release would draw its seed again."""
        with tempfile.TemporaryDirectory(dir=self.place) as place:
            folder = Path(place)
            self.fill(folder, seed)
            store = open_store(folder / "store")
            try:
                key = solved(self.exercise, folder)
            except Exception:
                told = [why for toss_up in self.slips.toss_ups.values() if (why := toss_up(store, {}))]
                if not told:
                    raise
                yield store, None, told
                return
            judged = variant(self.computed, self.slips, store, key)
            yield store, judged, judged.unfair(self.computed)
