"""The shapes in which two answers stand beside each other."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from crm_course.answers.encoding.drawings import Drawing
from crm_course.answers.protocol import list_of
from crm_course.answers.values import Answer
from crm_course.grading.reports.wording import clean, named, shown
from crm_course.locale import _
from crm_course.messages import cut


@dataclass(frozen=True)
class Values:
    """Two single values as text; `expected` is empty where it is not told."""

    yours: str
    expected: str
    shape: str = "values"


@dataclass(frozen=True)
class Grid:
    """Rows that differ.

    Attributes
    ----------
    head : tuple of (str, int)
        Names of the columns and how many cells they span.
    subhead : tuple of str
        A second row of names; empty without one.
    rows : tuple of tuple of str
        Texts of the cells.
    notes : tuple of str
        Sentences below.
    """

    head: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, ...], ...]
    subhead: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    shape: str = "grid"


@dataclass(frozen=True)
class Pictures:
    """Figures redrawn, by panel: yours and the expected one; None where one has no such panel."""

    pairs: tuple[tuple[Markup | None, Markup | None], ...]
    yours: str = ""
    expected: str = ""
    notes: tuple[str, ...] = ()
    shape: str = "pictures"


Beside = Values | Grid | Pictures


def described(answer: Answer, text: str | None = None) -> str:
    """Describe an answer in a line."""
    value = answer.value
    if answer.kind == "nothing":
        return _("no answer")
    if isinstance(value, pd.DataFrame):
        names = named([str(name) for name in value.columns], 6)
        return _("a table of {rows} rows ({names})").format(rows=f"{len(value):,}", names=names)
    if isinstance(value, list):
        begins = named([shown(one) for one in value[:3]], 3) + (", …" if len(value) > 3 else "")
        return list_of(len(value), begins)
    if isinstance(value, Drawing):
        return _("a figure")
    text = shown(value) if text is None else text
    return f"{text} {cut(clean(answer.unit), 30)}" if answer.unit else text
