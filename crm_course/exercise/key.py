"""The key is code: what the solution, and every usual mistake, gives on one store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from crm_course.answers.collecting import collect
from crm_course.answers.comparing import compare
from crm_course.answers.comparing.scores import Score
from crm_course.answers.encoding.decoding import decode
from crm_course.answers.questions import Question
from crm_course.answers.released import STORE
from crm_course.answers.values import Answer
from crm_course.digests import code_digest, digest, folder_digest
from crm_course.errors import CourseError
from crm_course.exercise.notebook import FILES, Exercise, read_exercise, solution_notebook
from crm_course.exercise.questions_file import read_questions
from crm_course.exercise.slips import Slip, Slips, alike, diagnose, load_slips, too_near
from crm_course.running.files import write_text
from crm_course.running.sandbox.limits import FINISHED, Limits
from crm_course.running.sandbox.slot import Result
from crm_course.tables.store import Store, open_store

COURSE = ("analysis", "answers", "exercise", "locale", "plots", "running", "tables")  # rooms that notebooks work with
Runs = Callable[[NotebookNode, Path, Limits], Result]
LIMITS = Limits(cell_seconds=300, run_seconds=900, memory_mb=4000)  # of our own solution


class NotFair(CourseError):
    """A store is not one that a trainee may get."""


@dataclass(frozen=True)
class Key:
    """What is right on one store, and what each usual mistake gives there.

    Attributes
    ----------
    answers : dict of str to Answer
        By question.
    slips : dict of str to dict of str to Answer
        By question and name of the slip; those that cannot be made on this store are not in it.
    worth : dict of str to dict of str to float
        For choices and rankings, what each thing that can be chosen is worth.
    toss_ups : dict of str to str
        By question, why its decision is a toss-up on this store.
    """

    answers: Mapping[str, Answer]
    slips: Mapping[str, Mapping[str, Answer]] = field(default_factory=dict)
    worth: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    toss_ups: Mapping[str, str] = field(default_factory=dict)

    def score(self, question: Question, given: Answer | None) -> Score:
        """Compare an answer with what is right on this store."""
        return compare(self.answers[question.id], given, question, self.worth.get(question.id))

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        return {
            "answers": {name: one.bundle for name, one in self.answers.items()},
            "slips": {name: {slip: one.bundle for slip, one in held.items()} for name, held in self.slips.items()},
            "worth": {name: dict(values) for name, values in self.worth.items()},
            "toss_ups": dict(self.toss_ups),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Key:
        """Read what `as_dict` gave."""
        return cls(
            {name: decode(bundle) for name, bundle in plain["answers"].items()},
            {name: {one: decode(it) for one, it in held.items()} for name, held in plain["slips"].items()},
            plain["worth"],
            plain["toss_ups"],
        )


class LoadedExercise:
    """An exercise as the grader needs it: its questions, slips and solution, read once.

    Parameters
    ----------
    folder : Path
        Of the exercise.

    Raises
    ------
    CourseError
        If a file of it is missing or wrong.
    """

    def __init__(self, folder: Path) -> None:
        self.written = written(folder)
        self.exercise: Exercise = read_exercise(folder)
        self.questions: list[Question] = read_questions(self.exercise.questions)
        self.computed = [one for one in self.questions if one.kind != "written"]

    @cached_property
    def slips(self) -> Slips:
        """The exercise's slips."""
        return load_slips(self.exercise.slips)

    @cached_property
    def digest(self) -> str:
        """The hash of all that a key follows from but the store: solution, slips, forms, and the course itself."""
        forms = [(one.id, one.kind, one.type, one.form.unit) for one in self.computed]
        parts = [self.exercise.source.read_bytes(), self.exercise.slips.read_bytes(), repr(forms).encode()]
        return digest(course_digest().encode(), *parts)

    def key(self, folder: Path, run: Runs) -> Key:
        """Run the solution in a trainee's folder, then compute every slip there.

        Parameters
        ----------
        folder : Path
            With ``store`` and ``forms.json``.
        run : function of notebook, folder and limits
            How a notebook is executed.

        Raises
        ------
        NotFair
            If the solution fails on a store on which a decision is a toss-up, as where a model cannot be fitted.
        CourseError
            If the solution or a slip fails.
        """
        store = open_store(folder / STORE)
        try:
            answers = self._answers(folder, run)
        except CourseError as error:
            if why := self._toss_ups(store, {}):
                raise NotFair(min(why.values())) from error
            raise
        return self.key_of(store, answers)

    def key_of(self, store: Store, answers: Mapping[str, Answer]) -> Key:
        """Compute every slip, and what choices are worth, on a store on which the right answers are known.

        Raises
        ------
        CourseError
            If a slip fails.
        """
        values = {one.id: self.slips.values(one, store, answers) for one in self.computed}
        worth = {name: _plain(compute(store, answers)) for name, compute in self.slips.worth.items()}
        return Key(
            answers,
            {name: {slip.name: value for slip, value in made.items()} for name, made in values.items()},
            worth,
            self._toss_ups(store, answers),
        )

    def _toss_ups(self, store: Store, answers: Mapping[str, Answer]) -> dict[str, str]:
        told = {name: compute(store, answers) for name, compute in self.slips.toss_ups.items()}
        return {name: why for name, why in told.items() if why}

    def _answers(self, folder: Path, run: Runs) -> dict[str, Answer]:
        done = run(solution_notebook(self.exercise), folder, LIMITS)
        failed = [one for cell in done.notebook.cells for one in cell.get("outputs", []) if one.output_type == "error"]
        if failed or done.ended != FINISHED:
            why = f"{failed[0].ename}: {failed[0].evalue}" if failed else f"{done.ended} in cell {done.cell}"
            raise CourseError(f"{self.exercise.source}: does not run on {folder / STORE} ({why}); correct it")
        answers = collect(done.notebook).answers
        if lost := [one.id for one in self.computed if one.id not in answers or answers[one.id].kind == "nothing"]:
            raise CourseError(f"{self.exercise.source}: gives no answer to {lost[0]} on {folder / STORE}; correct it")
        return {one.id: answers[one.id] for one in self.computed}

    def cached_key(self, folder: Path, run: Runs, *caches: Path) -> tuple[str, Key]:
        """Give a key and its hash: from one of the folders of keys, else computed and kept in the first of them."""
        name = digest(self.digest.encode(), folder_digest(folder / STORE).encode())
        for cache_ in caches:
            path = cache_ / f"{name}.json"
            if path.is_file():
                return name, Key.from_dict(json.loads(path.read_text(encoding="utf-8")))
        key = self.key(folder, run)
        write_text(caches[0] / f"{name}.json", json.dumps(key.as_dict(), ensure_ascii=False))
        return name, key

    def unfair(self, key: Key) -> list[str]:
        """Say why a store is not fair: slips lie too near the key, give the same answer, or a decision is a toss-up."""
        why = []
        for one in self.computed:
            slips = self.slip_answers(one, key)
            near = too_near(one, key.answers[one.id], slips, key.worth.get(one.id))
            why += [f"{one.id}: slip {slip.name} lies too near the key" for slip in near]
            why += [f"{one.id}: slips {a.name} and {b.name} give the same answer" for a, b in alike(one, slips)]
            why += [key.toss_ups[one.id]] if one.id in key.toss_ups else []
        return why

    def slip_answers(self, question: Question, key: Key) -> dict[Slip, Answer]:
        """Give what each slip of a question gives on a store, by slip."""
        made = key.slips.get(question.id, {})
        return {one: made[one.name] for one in self.slips.of(question.id) if one.name in made}

    def slip_of(self, question: Question, key: Key, given: Answer | None) -> Slip | None:
        """Find the slip that a wrong answer comes from."""
        return diagnose(question, given, self.slip_answers(question, key))

    def alike(self, one: Key, other: Key) -> list[str]:
        """Give the questions for which what is right on one store is right on the other as well."""
        return [it.id for it in self.computed if other.score(it, one.answers[it.id]).right]


def written(folder: Path) -> str:
    """Give the hash of an exercise's files as they are now."""
    return digest(*(path.read_bytes() for name in FILES if (path := folder / name).is_file()))


def _plain(values: Any) -> dict[str, float]:
    """Give values by id as Python's own."""
    return {str(name): float(value) for name, value in dict(values).items()}


def course_digest() -> str:
    """Give the SHA-256 of the code that answers follow from: another version of the course may give others."""
    return code_digest(*COURSE)
