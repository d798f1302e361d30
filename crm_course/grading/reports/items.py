"""How the questions of an exercise did in a class."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from crm_course.grading.findings import QuestionResult, Result

STATES = ["right", "partly right", "wrong", "not answered", "to be marked", "marked"]
ENOUGH = 10  # trainees from whom a correlation is worth a look


def trainee_table(results: Iterable[Result]) -> pd.DataFrame:
    """Give one row a trainee, the most marks first; the index is the place in `results`.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``state`` of the submission, ``got``, ``to_be_marked``, ``of`` (marks), ``early``
        (a run that did not come to its end), ``only_at_home`` (number of such answers).
    """
    rows = [
        {
            "id": one.trainee.id,
            "name": one.trainee.name,
            "state": one.submission.state,
            "got": one.marks.got,
            "to_be_marked": one.marks.to_be_marked,
            "of": one.marks.of,
            "early": one.graded and one.ended_early,
            "only_at_home": sum(question.home_alone for question in one.questions),
        }
        for one in results
    ]
    columns = ["id", "name", "state", "got", "to_be_marked", "of", "early", "only_at_home"]
    order = pd.DataFrame(rows, columns=columns).assign(graded=lambda table: table["state"] == "graded")
    order["place"] = [re.sub(r"\d+", lambda number: number[0].zfill(12), str(one)) for one in order["id"]]
    ranked = order.sort_values(["graded", "got", "place"], ascending=[False, False, True], kind="stable")
    return ranked.drop(columns=["graded", "place"])


def question_table(results: Iterable[Result]) -> pd.DataFrame:
    """Give one row a question, over the trainees whose work was graded.

    Returns
    -------
    DataFrame
        ``id``, ``title``, ``kind``, ``marks``; a count for each state; ``only_at_home`` and ``blind`` (counts of
        answers that held at home alone, and of second stores that could not tell); ``share`` (mean share of the
        marks among those that are marked, NaN without any); ``discrimination`` (see `discrimination`, NaN below
        ten trainees).
    """
    graded = [one for one in results if one.graded]
    first: dict[str, QuestionResult] = {}
    for one in graded:
        for question in one.questions:
            first.setdefault(question.id, question)
    shares = share_table(graded)
    apart = discrimination(shares, pd.Series({name: question.marks for name, question in first.items()}, dtype=float))
    rows = []
    for name, question in first.items():
        given = [other for one in graded for other in one.questions if other.id == name]
        states = [str(other.state) for other in given]
        rows.append(
            {"id": name, "title": question.title, "kind": question.kind, "marks": question.marks}
            | {state: states.count(state) for state in STATES}
            | {
                "only_at_home": sum(other.home_alone for other in given),
                "blind": sum(not other.discriminating for other in given),
                "share": shares[name].mean(),
                "discrimination": apart[name],
            }
        )
    columns = ["id", "title", "kind", "marks", *STATES, "only_at_home", "blind", "share", "discrimination"]
    return pd.DataFrame(rows, columns=columns)


def share_table(results: Iterable[Result]) -> pd.DataFrame:
    """Give the share of its marks that each trainee (row) got for each question (column); NaN while to be marked."""
    rows = [
        {question.id: np.nan if question.got is None else question.got / question.marks for question in one.questions}
        for one in results
    ]
    return pd.DataFrame(rows, dtype=float)


def discrimination(shares: pd.DataFrame, marks: pd.Series) -> pd.Series:
    """Compute the corrected item-total correlation of each question.

    It is the correlation between the marks of a question and the sum of the marks of all *other* questions, over
    the trainees who have the question marked; what is to be marked elsewhere counts for none of them.

    Parameters
    ----------
    shares : DataFrame
        Trainees by questions, as `share_table` gives it.
    marks : Series
        Marks of each question, by its id.

    Returns
    -------
    Series
        By question, -1 to 1; NaN below ten trainees or where all have the same marks.

    References
    ----------
    Henrysson (1963), Correction of item-total correlations in item analysis, Psychometrika 28.
    """
    scored = shares.mul(marks, axis=1)
    found = {}
    for name in scored:
        rows = scored[scored[name].notna()]
        rest = rows.drop(columns=name).sum(axis=1)
        varies = len(rows) >= ENOUGH and rows[name].std() > 1e-9 and rest.std() > 1e-9
        found[name] = float(np.corrcoef(rows[name], rest)[0, 1]) if varies else np.nan
    return pd.Series(found, dtype=float)


def slip_table(results: Iterable[Result]) -> pd.DataFrame:
    """Count the usual mistakes that were made, the most frequent first: ``question``, ``name``, ``text``, ``count``."""
    rows = [
        (question.id, question.slip.name, question.slip.text)
        for one in results
        for question in one.questions
        if question.slip is not None
    ]
    table = pd.DataFrame(rows, columns=["question", "name", "text"])
    counted = table.groupby(["question", "name"], sort=False).agg(text=("text", "first"), count=("text", "size"))
    return counted.reset_index().sort_values("count", ascending=False, kind="stable")
