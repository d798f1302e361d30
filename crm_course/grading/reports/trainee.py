"""The blocks of a trainee's report."""

from __future__ import annotations

from collections import Counter

from matplotlib.axes import Axes

from crm_course.grading.findings import QuestionResult, Result
from crm_course.grading.reports.advice import next_steps
from crm_course.grading.reports.blocks import Block, block, early
from crm_course.grading.reports.comparison import beside
from crm_course.grading.reports.criteria import criteria_marks
from crm_course.grading.reports.pictures import close, picture
from crm_course.grading.reports.wording import marks, share
from crm_course.locale import _

STATES = ["right", "partly right", "wrong", "not answered", "marked", "to be marked"]
WRITTEN = 2_600  # letters of a written answer that are shown
TRIED = ("partly right", "wrong")


def opening(result: Result, criteria: Axes | None = None) -> Block:
    """Show whose report it is, the marks, and what the reader must know before the rest.

    Parameters
    ----------
    result : Result
        As `read_result` gives it.
    criteria : Axes, optional
        Marks by criterion, as `plots.report.plot_criteria` draws them.
    """
    if criteria is not None and not result.graded:
        close(criteria)
        criteria = None
    counts = Counter(str(question.state) for question in result.questions)
    title = _("{name}: {exercise}").format(name=result.trainee.name, exercise=result.exercise.title)
    return block(
        "trainee_opening",
        title,
        result=result,
        marked=result.marks.of - result.marks.to_be_marked,
        counts=[(state, counts[state]) for state in STATES if counts[state]] if result.graded else [],
        early=early(result),
        picture=None if criteria is None else picture(criteria, _alternative(result)),
    )


def _alternative(result: Result) -> str:
    told = [
        _("{criterion}: {got} of {marked}").format(
            criterion=row.criterion, got=marks(row.got), marked=marks(row.got + row.lost)
        )
        for row in criteria_marks(result).itertuples()
    ]
    return _("Marks by criterion. {list}").format(list="; ".join(told))


def questions(result: Result) -> Block:
    """Show each question: one line where it is right, else what went wrong and where to read again."""
    if not result.graded:
        return block("nothing")
    told = [(question, _compared(question), _second_store(question)) for question in result.questions]
    alone = next((one.id for one in result.questions if one.home_alone), "")
    blind = [one.id for one in result.questions if not one.discriminating and one.state in ("right", "partly right")]
    return block("trainee_questions", questions=told, blind=blind, alone=alone, most=WRITTEN)


def _compared(question: QuestionResult) -> object:
    told = question.state in TRIED and not (question.share_home or 0.0) >= 1.0
    return beside(question) if told else None


def _second_store(question: QuestionResult) -> str:
    """Say how the answer did on the store that the trainee never had."""
    home, hidden = question.share_home, question.share_hidden
    if (question.home_alone and home == 1) or home is None or hidden is None or question.kind == "written":
        return ""
    if share(home) == share(hidden):
        return ""
    told = _("On your own data {home} of the answer is right, on the second store, which checks your way, {hidden}.")
    return told.format(home=share(home), hidden=share(hidden))


def closing(result: Result) -> Block:
    """Show at most three things to do next."""
    return block("trainee_closing", steps=next_steps(result), waiting=result.marks.to_be_marked)
