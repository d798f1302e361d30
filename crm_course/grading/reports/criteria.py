"""Marks by criterion, of one trainee or of many."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from crm_course.curriculum import criteria
from crm_course.grading.findings import QuestionResult, Result
from crm_course.locale import _


def criteria_marks(results: Result | Iterable[Result]) -> pd.DataFrame:
    """Count marks by criterion; a question counts in full for each criterion that it examines.

    Parameters
    ----------
    results : Result or iterable of Result
        One trainee's; or many, of which those that were graded count.

    Returns
    -------
    DataFrame
        One row a criterion in the unit's order: ``criterion``, ``name``, and the mean marks of a trainee that
        were ``got`` and ``lost`` and that are ``to_be_marked``.
    """
    graded = [results] if isinstance(results, Result) else [one for one in results if one.graded]
    rows = [row for one in graded for question in one.questions for row in _rows(question)]
    columns = ["criterion", "got", "lost", "to_be_marked"]
    sums = pd.DataFrame(rows, columns=columns).groupby("criterion", sort=False).sum() / max(len(graded), 1)
    names = criteria()
    order = [*(code for code in names if code in sums.index), *sorted(set(sums.index) - set(names))]
    found = sums.loc[order].reset_index()
    found.insert(1, "name", [_(names[code]) if code in names else "" for code in found["criterion"]])
    return found


def _rows(question: QuestionResult) -> list[tuple[str, float, float, float]]:
    open_ = question.marks if question.got is None else 0.0
    return [(code, question.got or 0.0, question.lost, open_) for code in question.criteria]
