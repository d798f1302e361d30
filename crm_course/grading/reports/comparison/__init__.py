"""A trainee's answer beside the expected one, cut to what differs."""

from __future__ import annotations

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.drawings import Drawing
from crm_course.answers.values import Answer, Unreadable
from crm_course.grading.findings import QuestionResult
from crm_course.grading.reports.comparison.shapes import Beside, Grid, Pictures, Values, described
from crm_course.grading.reports.comparison.two_figures import figures
from crm_course.grading.reports.comparison.two_lists import members, places
from crm_course.grading.reports.comparison.two_tables import tables
from crm_course.grading.reports.wording import shown_pair
from crm_course.locale import _

__all__ = ["Beside", "Grid", "Pictures", "Values", "beside"]

SETS = ("set", "choice")


def beside(question: QuestionResult) -> Beside | None:
    """Lay a trainee's answer beside the expected one.

    Parameters
    ----------
    question : QuestionResult
        With ``given`` and ``expected`` as `crm_course.answers.encode` makes them.

    Returns
    -------
    Values, Grid, Pictures or None
        Single values with their units; what differs in lists and tables; figures redrawn from their data.
        None where nothing was given. Never raises for what a trainee gave.
    """
    if question.given is None:
        return None
    given, expected = _read(question.given), _read(question.expected)
    if given is None or expected is None:
        return Values(_told(given) or _("It cannot be read."), _told(expected))
    return None if given.kind == "nothing" else _shaped(given, expected, question)


def _told(answer: Answer | None) -> str:
    return "" if answer is None else described(answer)


def _shaped(given: Answer, expected: Answer, question: QuestionResult) -> Beside:
    if isinstance(given.value, Drawing) or isinstance(expected.value, Drawing):
        return figures(given, expected)
    if given.kind != expected.kind:
        return Values(described(given), described(expected))
    if given.kind == "list":
        return (members if question.kind in SETS else places)(given.value, expected.value)
    if given.kind == "table":
        return tables(given.value, expected.value, question)
    return Values(*_with_units(given, expected))


def _read(bundle: object) -> Answer | None:
    try:
        return None if bundle is None else decode(bundle)
    except Unreadable:
        return None


def _with_units(given: Answer, expected: Answer) -> tuple[str, str]:
    one, other = shown_pair(given.value, expected.value)
    return described(given, one), described(expected, other)
