"""An exercise's solution and slips on one store, in this process: for promises about many stores."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib.pyplot as plt

from crm_course.answers.comparing import compare
from crm_course.answers.comparing.scores import Score
from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.questions import Question
from crm_course.answers.values import Answer
from crm_course.exercise.notebook import Exercise, solution_notebook
from crm_course.exercise.slips import Slip, Slips, alike, too_near
from crm_course.tables.store import Store


def solved(exercise: Exercise, folder: Path) -> dict[str, Answer]:
    """Give what the solution answers in a trainee's folder, as a grader gets it."""
    found: dict[str, Answer] = {}

    def record(id: str, value: Any, unit: str | None = None) -> None:
        found[id] = decode(encode(id, value, unit))

    cells = [cell.source for cell in solution_notebook(exercise).cells if cell.cell_type == "code"]
    names: dict[str, Any] = {}
    with mock.patch("crm_course.answer", record), contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        for number, source in enumerate(cells, start=1):
            exec(compile(source, f"solution, code cell {number}", "exec"), names)  # our own code
    plt.close("all")
    return found


@dataclass
class Variant:
    """What is right on one store, what each slip gives there, and what choices are worth."""

    key: Mapping[str, Answer]
    values: Mapping[str, Mapping[str, float] | None]
    slips: Mapping[str, Mapping[Slip, Answer]]
    toss_ups: Mapping[str, str | None]

    def score(self, question: Question, given: Answer) -> Score:
        """Compare an answer with the key."""
        return compare(self.key[question.id], given, question, self.values[question.id])

    def unfair(self, questions: Mapping[str, Question]) -> list[str]:
        """Say why the seed of this store would be drawn again."""
        near = [
            f"{name}, {slip.name}: too near to the key"
            for name, one in questions.items()
            for slip in too_near(one, self.key[name], self.slips[name], self.values[name])
        ]
        same = [
            f"{name}, {one.name}: the same answer as {other.name}"
            for name, question in questions.items()
            for one, other in alike(question, self.slips[name])
        ]
        return near + same + [why for why in self.toss_ups.values() if why]


def variant(questions: Mapping[str, Question], slips: Slips, store: Store, key: Mapping[str, Answer]) -> Variant:
    """Compute on a store what the computed questions are judged by."""
    worth = {name: dict(slips.worth[name](store, key)) if name in slips.worth else None for name in questions}
    wrong = {name: slips.values(one, store, key) for name, one in questions.items()}
    return Variant(key, worth, wrong, {name: why(store, key) for name, why in slips.toss_ups.items()})
