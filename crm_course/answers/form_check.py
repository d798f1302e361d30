"""Whether an answer has the form that is asked for; never whether it is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from crm_course.answers.comparing.scalar_scores import names_unit, unit_of
from crm_course.answers.comparing.scores import kind
from crm_course.answers.encoding.drawings import Drawing
from crm_course.answers.form import Form
from crm_course.answers.released import Released
from crm_course.answers.values import Answer, normal
from crm_course.locale import _

KIND_OF = {"integer": "number"}


def form_problems(released: Released, answer: Answer) -> list[str]:
    """List what is wrong with the form of an answer.

    Parameters
    ----------
    released : Released
        What is released of the question.
    answer : Answer
        As `decode` gives it; not a missing one.

    Returns
    -------
    list of str
        Clauses without a full stop; empty when the form is right.
    """
    wanted, form = released.type, released.form
    if wanted is None:
        plain = answer.kind in ("number", "text", "truth")
        return [] if plain else [_("it is {given}; a single value is asked for").format(given=kind(answer.kind))]
    if answer.kind != KIND_OF.get(wanted, wanted):
        return [_("it is {given}; {asked} is asked for").format(given=kind(answer.kind), asked=kind(wanted))]
    checks: dict[str, Callable[[Form, Any], list[str]]] = {
        "number": _number,
        "integer": _whole,
        "text": _words,
        "list": _list,
        "table": _table,
        "figure": _figure,
    }
    return [*(checks[wanted](form, answer.value) if wanted in checks else []), *_unit(form, answer)]


def _unit(form: Form, answer: Answer) -> list[str]:
    if not form.unit or unit_of(form.unit) == unit_of(answer.unit):
        return []
    if answer.unit is None:
        return [_('it has no unit; add unit="{asked}"').format(asked=form.unit)]
    return [_("its unit is {given}; {asked} is asked for").format(given=answer.unit, asked=form.unit)]


def _number(form: Form, value: Any) -> list[str]:
    if value is None:
        return [_("the number is missing (NaN)")]
    if form.unit == "share" and abs(value) > 1:
        return [_("a share lies between 0 and 1; {value} may be per cent").format(value=f"{value:g}")]
    return []


def _whole(form: Form, value: Any) -> list[str]:
    return _number(form, value) or ([] if value == int(value) else [_("a whole number is asked for")])


def _words(form: Form, value: str) -> list[str]:
    if not form.one_of or normal(value) in map(normal, form.one_of):
        return []
    return [_("it is one of these words: {words}").format(words=", ".join(form.one_of))]


def _list(form: Form, values: list[object]) -> list[str]:
    problems = _length(form, len(values))
    if any(one is None for one in values):
        problems.append(_("some entries are missing"))
    if (form.of or "").endswith("_id") and any(type(one) is not str for one in values if one is not None):
        problems.append(_("a {of} is a text, and the list holds other values").format(of=form.of))
    if form.unique and (repeats := len(values) - len({(type(one), one) for one in values})):
        problems.append(_("{repeats} entries are there more than once").format(repeats=repeats))
    return problems


def _length(form: Form, length: int) -> list[str]:
    if form.at_most is not None and length > form.at_most:
        return [_("it has {length} entries; at most {most} are asked for").format(length=length, most=form.at_most)]
    if form.at_least is not None and length < form.at_least:
        return [_("it has {length} entries; at least {least} are asked for").format(length=length, least=form.at_least)]
    return []


def _table(form: Form, table: pd.DataFrame) -> list[str]:
    problems = [_("column {name} is missing").format(name=name) for name in form.columns if name not in table.columns]
    problems += [
        _("column {name} holds {given}, not {asked}").format(
            name=name, given=_named(_type(table[name])), asked=_named(asked)
        )
        for name, asked in form.columns.items()
        if name in table.columns and not _fits(table[name], asked)
    ]
    key = form.key if set(form.key) <= set(table.columns) else []
    if key and table[key].isna().any(axis=None):
        problems.append(_("{key} is missing in some rows").format(key=", ".join(key)))
    if key and (repeats := int(table.duplicated(key).sum())):
        problems.append(
            _("{key} names each row once, and {repeats} rows repeat one").format(key=", ".join(key), repeats=repeats)
        )
    return problems + _length(form, len(table))


def _type(values: pd.Series) -> str:
    dtype = values.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return "truth"
    if pd.api.types.is_integer_dtype(dtype):
        return "integer"
    if pd.api.types.is_float_dtype(dtype):
        return "number"
    return "time" if pd.api.types.is_datetime64_any_dtype(dtype) else "text"


def _fits(values: pd.Series, asked: str) -> bool:
    there = values.dropna()
    if asked == "any" or _type(values) == asked or there.empty:
        return True
    if asked == "number":
        return _type(values) == "integer"
    return asked == "integer" and _type(values) == "number" and bool((there == there.round()).all())


def _named(column_type: str) -> str:
    return {
        "truth": _("true or false"),
        "integer": _("whole numbers"),
        "number": _("numbers"),
        "time": _("times"),
        "text": _("texts"),
    }[column_type]


def _figure(form: Form, drawing: Drawing) -> list[str]:
    problems = []
    if not drawing.title.strip() and not any(panel.title.strip() for panel in drawing.panels):
        problems.append(_("it has no title"))
    everywhere = [axis.label.strip() for panel in drawing.panels for axis in (panel.x, panel.y)]
    for side in ("x", "y"):
        labels = [getattr(panel, side).label.strip() for panel in drawing.panels]
        unit = form.units.get(side)
        if not any(labels):
            problems.append(_("its {side} axis has no label").format(side=side))
        elif unit and not any(names_unit(unit, label) for label in everywhere):  # lying bars have it on the other
            problems.append(_("its {side} axis does not name the unit, {unit}").format(side=side, unit=unit))
    return problems
