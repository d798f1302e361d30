"""What a trainee should do next: the few things that cost most marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_course.grading.findings import QuestionResult, Result
from crm_course.grading.reports.wording import named
from crm_course.locale import _

MOST = 3
SPENT = 1e-9  # marks that count as none


@dataclass(frozen=True)
class Step:
    """One thing to do, and the marks that it could have brought."""

    text: str
    lost: float


def next_steps(result: Result) -> list[Step]:
    """Give at most three things to do, by marks lost.

    Questions with one remedy are one step: a notebook that stopped, answers that held on the own data alone,
    a section to read again.
    """
    if not result.graded:
        return [Step(_hand_in(result), result.marks.of)]
    by_remedy: dict[tuple[str, str], list[QuestionResult]] = {}
    for question in result.questions:
        if question.lost > SPENT:
            by_remedy.setdefault(_remedy(question), []).append(question)
    steps = [
        Step(SAYS[what](place, named([one.id for one in questions], 10)), sum(one.lost for one in questions))
        for (what, place), questions in by_remedy.items()
    ]
    return sorted(steps, key=lambda step: -step.lost)[:MOST]


def _remedy(question: QuestionResult) -> tuple[str, str]:
    if question.error is not None and question.state == "not answered":
        return "run", ""
    if question.home_alone:
        return "compute", ""
    place = question.slip.read_again if question.slip and question.slip.read_again else question.read_again
    return ("answer" if question.state == "not answered" else "read"), place


def _hand_in(result: Result) -> str:
    if result.submission.state == "unreadable":
        return _("Save your notebook in JupyterLab, open it once more to see that it is whole, and hand in that file.")
    return _("Hand in your notebook, even if it is not complete: every question counts by itself.")


def _run(_place: str, questions: str) -> str:
    return _(
        "Run your notebook from top to bottom in a fresh kernel before you hand it in: a cell stopped, and that cost "
        "you {questions}."
    ).format(questions=questions)


def _compute(_place: str, questions: str) -> str:
    return _("Compute {questions} from the tables in ./store, without a number or a name typed in.").format(
        questions=questions
    )


def _read(place: str, questions: str) -> str:
    if not place:
        return _("Go through {questions} once more.").format(questions=questions)
    return _("Read {place} again, then go through {questions} once more.").format(place=place, questions=questions)


def _answer(place: str, questions: str) -> str:
    if not place:
        return _("Answer {questions}: a try costs nothing.").format(questions=questions)
    return _("Answer {questions}: the way is shown in {place}.").format(place=place, questions=questions)


SAYS: dict[str, Callable[[str, str], str]] = {"run": _run, "compute": _compute, "read": _read, "answer": _answer}
