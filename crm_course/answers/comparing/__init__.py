"""Comparing answers with the key: pure functions, exact types in, a score out."""

from __future__ import annotations

from collections.abc import Mapping

from crm_course.answers.comparing import figure_scores, list_scores, scalar_scores, table_scores
from crm_course.answers.comparing.scores import Score, nothing
from crm_course.answers.questions import Question
from crm_course.answers.values import Answer
from crm_course.errors import CourseError
from crm_course.locale import _

COMPARATORS = {
    "number": scalar_scores.number,
    "exact": scalar_scores.exact,
    "verdict": scalar_scores.verdict,
    "set": list_scores.set_,
    "list": list_scores.list_,
    "table": table_scores.table,
    "figure": figure_scores.figure,
}
BY_VALUE = {"ranking": list_scores.ranking, "choice": list_scores.choice}


def compare(
    expected: Answer, given: Answer | None, question: Question, values: Mapping[str, float] | None = None
) -> Score:
    """Compare an answer with the key; never raises for what a trainee gave.

    Parameters
    ----------
    expected : Answer
        The key, decoded as any answer is.
    given : Answer or None
        The trainee's; None where there is none.
    question : Question
        Its kind and `compare` say how.
    values : mapping of str to float, optional
        For a choice what each possible choice is worth, for a ranking what it is by.

    Returns
    -------
    Score

    Raises
    ------
    CourseError
        If the key itself is of another type than the question.
    """
    if question.kind == "written":
        return nothing(_("Marked by a person."))
    _hold(expected, question)
    if given is None or given.kind == "nothing":
        return nothing(_("Not answered."))
    if question.kind in BY_VALUE:
        return BY_VALUE[question.kind](expected, given, question, values)
    return COMPARATORS[question.kind](expected, given, question)


def _hold(expected: Answer, question: Question) -> None:
    wanted = {"integer": "number", None: expected.kind}.get(question.type, question.type)
    if expected.kind != wanted or expected.kind == "nothing":
        raise CourseError(f"{question.id}: the key is of kind {expected.kind}, not {wanted}; correct the solution")
