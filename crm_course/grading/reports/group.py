"""The blocks of a class report."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from crm_course.grading.findings import ClassResult, Result
from crm_course.grading.reports.attention import matters
from crm_course.grading.reports.blocks import Block, block
from crm_course.grading.reports.items import ENOUGH, question_table, slip_table, trainee_table
from crm_course.grading.reports.pictures import picture
from crm_course.locale import _

NAMED = 40  # trainees named beside a reason; the table of all has the rest
SIGNS = {"right": "✓", "partly right": "◐", "wrong": "✗", "not answered": "–", "to be marked": "?", "marked": "•"}
WEAK = 0.15  # a correlation below which a question deserves a look


def class_opening(found: ClassResult) -> Block:
    """Show how many handed in, what they got, and how much a person has to do."""
    counts = Counter(one.submission.state for one in found.results)
    graded = [one for one in found.results if one.graded]
    return block(
        "class_opening",
        _("Class report: {exercise}").format(exercise=found.exercise.title),
        found=found,
        handed=counts["graded"] + counts["unreadable"],
        all=len(found.results),
        unreadable=counts["unreadable"],
        middle=pd.Series([one.marks.got for one in graded], dtype=float).median() if graded else None,
        of=max((one.marks.of for one in graded), default=0.0),
        waiting=sum(one.marks.to_be_marked for one in graded),
    )


def marks_section(marks: Axes) -> Block:
    """Show how marks are spread, as `plots.report.plot_marks` draws it."""
    return _section(_("How the marks are spread"), marks)


def questions_section(states: Axes) -> Block:
    """Show how the questions went, as `plots.report.plot_states` draws it."""
    return _section(_("Question by question"), states)


def criteria_section(criteria: Axes) -> Block:
    """Show marks by criterion, as `plots.report.plot_criteria` draws them."""
    note = _("A question counts in full for each criterion that it examines.")
    return _section(_("Criterion by criterion"), criteria, note)


def _section(heading: str, ax: Axes, note: str = "") -> Block:
    title = ax.get_title(loc="left").replace(r"\$", "$").replace("\n", " ")
    return block("class_section", heading=heading, picture=picture(ax, title), note=note)


def question_statistics(found: ClassResult) -> Block:
    """Show each question's figures, and what discrimination means."""
    table = question_table(found.results)
    graded = sum(one.graded for one in found.results)
    rows = [_plain(row) for row in table.to_dict("records")]
    return block("class_questions", rows=rows, enough=ENOUGH, graded=graded, weak=WEAK)


def usual_mistakes(found: ClassResult) -> Block:
    """Show the usual mistakes by name, with how many made them."""
    return block("class_mistakes", rows=slip_table(found.results).to_dict("records"))


def attention(found: ClassResult, names: bool = True) -> Block:
    """Show who needs a person, by reason."""
    told = matters(found, lambda one: _label(one, names), files=names)
    return block("class_attention", matters=told, most=NAMED)


def all_trainees(found: ClassResult, names: bool = True) -> Block:
    """Show one compact row a trainee, the most marks first."""
    ids = list(dict.fromkeys(question.id for one in found.results for question in one.questions))
    table = trainee_table(found.results)
    rows = []
    for place, row in zip(table.index, table.to_dict("records"), strict=True):
        one = found.results[place]
        states = {question.id: question for question in one.questions}
        cells = [(states[name].state, states[name].home_alone) if name in states else None for name in ids]
        rows.append(row | {"cells": cells if one.graded else []})
    return block("class_trainees", rows=rows, ids=ids, signs=SIGNS, names=names)


def _label(result: Result, names: bool) -> str:
    return result.trainee.name if names else result.trainee.id


def _plain(row: dict[Any, Any]) -> dict[Any, Any]:
    """Put None in place of NaN."""
    return {name: None if isinstance(value, float) and pd.isna(value) else value for name, value in row.items()}
