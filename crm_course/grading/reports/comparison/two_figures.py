"""Figures, redrawn from what they show: never a trainee's own pixels."""

from __future__ import annotations

import re
import warnings
from itertools import zip_longest

import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure

from crm_course.answers.encoding.drawings import Axis, Drawing, Panel
from crm_course.answers.values import Answer
from crm_course.grading.reports.comparison.shapes import Pictures, described
from crm_course.grading.reports.pictures import picture
from crm_course.grading.reports.wording import clean
from crm_course.locale import _
from crm_course.messages import cut
from crm_course.plots.reports.answer_plots import plot_redrawn

PANELS = 2
SIZE = (3.7, 2.5)  # inches: two beside each other on a page
LETTERS = {"label": 44, "title": 88, "name": 24}
DATE = re.compile(r"\d{4}(-\d\d){1,2}|[A-Z][a-z]{2}( \d{1,2}|\d{4})?", re.ASCII)


def figures(given: Answer, expected: Answer) -> Pictures:
    """Redraw two figures panel by panel; what is no figure is described."""
    yours, theirs = (_panels(answer, whose) for answer, whose in ((given, _("Yours")), (expected, _("Expected"))))
    left = max(len(answer.value.panels) for answer in (given, expected) if isinstance(answer.value, Drawing)) - PANELS
    notes = (_("Panels left out: {count}.").format(count=left),) if left > 0 else ()
    mine, right = ("" if isinstance(one.value, Drawing) else described(one) for one in (given, expected))
    return Pictures(tuple(zip_longest(yours, theirs)), mine, right, notes)


def _panels(answer: Answer, whose: str) -> list[Markup | None]:
    if not isinstance(answer.value, Drawing):
        return []
    drawing = answer.value
    return [
        _drawn(panel, drawing.title if number == 0 else "", whose)
        for number, panel in enumerate(drawing.panels[:PANELS])
    ]


def _drawn(panel: Panel, title: str, whose: str) -> Markup | None:
    """Give the picture of a panel; None where what it shows cannot be drawn."""
    titles = " · ".join(filter(None, (_label(title, "title"), _label(panel.title, "title"))))
    names = {name: _label(getattr(panel, name).label, "label") for name in ("x", "y")}
    alternative = _("{whose}, redrawn from its data: {title}; x: {x}, y: {y}").format(
        whose=whose, title=titles or _("no title"), x=names["x"] or _("no label"), y=names["y"] or _("no label")
    )
    ax = Figure(figsize=SIZE, layout="constrained").subplots()
    try:
        with warnings.catch_warnings(action="ignore"):  # of letters without a font, of numbers without a scale
            plot_redrawn(marks_table(panel), names["x"], names["y"], titles, ax)
        return picture(ax, alternative)
    except Exception:  # data made to break a drawing must not break a report
        return None


def _label(text: str, kind: str) -> str:
    return cut(" ".join(clean(text).split()), LETTERS[kind])


def marks_table(panel: Panel) -> pd.DataFrame:
    """Give what a panel draws as a table.

    Returns
    -------
    DataFrame
        One row a point: ``series`` (number of the mark), ``mark``, ``label``, ``x`` and ``y`` (numbers, names, or
        days where the axis is one of dates), ``z``. ``attrs`` tell whether bars lie, and which axes are of dates.
    """
    rows = [
        (number, mark.mark, _label(mark.label, "name"), _place(x), _place(y), z)
        for number, mark in enumerate(panel.marks)
        for x, y, z in zip_longest(mark.x, mark.y, mark.z)
    ]
    table = pd.DataFrame(rows, columns=["series", "mark", "label", "x", "y", "z"])
    bars = table[table["mark"] == "bars"]
    lying = set(map(str, bars["x"])) & {_label(tick, "name") for tick in panel.y.ticks}
    table.attrs = {"lying": bool(lying) and any(isinstance(one, str) for one in bars["x"])}
    table.attrs["dates"] = [name for name in ("x", "y") if _of_dates(getattr(panel, name), table[name])]
    return table


def _place(place: float | str) -> float | str:
    return _label(place, "name") if isinstance(place, str) else max(-1e100, min(1e100, float(place)))


def _of_dates(axis: Axis, places: pd.Series) -> bool:
    plausible = all(isinstance(one, float) and 3_000 < one < 40_000 for one in places)  # days since 1970
    return plausible and bool(axis.ticks) and all(DATE.fullmatch(tick) for tick in axis.ticks)
