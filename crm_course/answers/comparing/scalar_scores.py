"""Numbers, texts and verdicts."""

from __future__ import annotations

import math
import re
from typing import Any

from crm_course.answers.comparing.scores import RIGHT, Score, nothing, wrong_type
from crm_course.answers.questions import Question
from crm_course.answers.values import Answer, Scalar, normal
from crm_course.locale import _

ROUNDING = 1e-9  # of binary fractions: no answer is wrong by less
UNITS = {
    "%": "percent",
    "per cent": "percent",
    "pct": "percent",
    "fraction": "share",
    "proportion": "share",
    "ratio": "share",
    "1": "share",
    "hk$": "hkd",
    "hong kong dollars": "hkd",
    "hong kong dollar": "hkd",
}
PER = {"percent": 0.01, "share": 1.0}


def within(expected: float, given: float, rel: float = 0.0, abs_: float = 0.0) -> bool:
    """Say whether a number lies within tolerance of the key: the larger of the two tolerances, ends included."""
    allowed = max(abs_, rel * abs(expected))
    return abs(given - expected) <= allowed + ROUNDING * max(abs(expected), allowed)


def same(expected: Scalar, given: Scalar, rel: float = 0.0, abs_: float = 0.0) -> bool:
    """Say whether two single values agree; two missing ones do, and the case and spaces of texts do not count."""
    if expected is None or given is None:
        return expected is given
    if is_number(expected) and is_number(given):
        return within(expected, given, rel, abs_)  # type: ignore[arg-type]
    if isinstance(expected, str) and isinstance(given, str):
        return normal(expected) == normal(given)
    return type(expected) is type(given) and expected == given


def is_number(value: object) -> bool:
    """Say whether a value is an int or float; truth values are not."""
    return type(value) in (int, float)


def unit_of(name: str | None) -> str | None:
    """Give a unit by one name for all its spellings.

    Examples
    --------
    >>> unit_of("HK$") == unit_of("hkd")
    True
    """
    return None if name is None else UNITS.get(normal(name), normal(name))


def names_unit(unit: str, label: str) -> bool:
    """Say whether a label names a unit, by any of its spellings; a share may be named as a percentage, too.

    Examples
    --------
    >>> names_unit("share", "customers (%)"), names_unit("share", "顧客佔比"), names_unit("HK$", "sales")
    (True, True, False)
    """
    wanted = unit_of(unit)
    names = {normal(unit), *(name for name, one in UNITS.items() if one == wanted and name != "1")}
    if wanted == "share":
        names |= {"share", "%", "percent", "佔比", "比例", "份額", "占比"}
    text = normal(label)
    return any(re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) for name in names)


def number(expected: Answer, given: Answer, question: Question) -> Score:
    """Compare numbers within tolerance. A percentage named as such equals its share; another unit is wrong."""
    if given.kind != "number":
        return wrong_type(given, _("a number"))
    if expected.value is None or given.value is None:
        return RIGHT if expected.value is given.value else nothing(_("Your number is missing (NaN)."))
    asked, named = unit_of(question.form.unit or expected.unit), unit_of(given.unit)
    half = 0.5 if question.partial == "unit" else 0.0

    def right(times: float) -> bool:
        return within(expected.value, given.value * times, question.compare.rel, question.compare.abs)

    if named and asked and named != asked:
        converts = PER.keys() >= {named, asked}
        if converts and right(PER[named] / PER[asked]):
            return RIGHT
        remark = _("Your answer is in {given}; {asked} is asked for.").format(
            given=given.unit, asked=question.form.unit or expected.unit
        )
        return Score(half if right(1.0) else 0.0, remarks=(remark,))
    if right(1.0):
        return RIGHT
    return _factor_of_hundred(right, half, asked)


def _factor_of_hundred(right: Any, half: float, asked: str | None) -> Score:
    if right(100.0) and asked in (None, "percent"):
        return Score(
            half, remarks=(_("Your number is a hundredth of the right one: a share in place of a percentage?"),)
        )
    if right(0.01) and asked in (None, "share"):
        return Score(
            half, remarks=(_("Your number is a hundred times the right one: a percentage in place of a share?"),)
        )
    if right(-1.0):
        return nothing(_("Your number has the wrong sign."))
    return nothing()


def exact(expected: Answer, given: Answer, question: Question) -> Score:  # noqa: ARG001 - as all comparators
    """Compare a text, truth value or number as it is; the case and spaces of texts do not count."""
    if expected.kind != given.kind:
        return wrong_type(given, {"text": _("a text"), "truth": _("true or false")}.get(expected.kind, _("a number")))
    return RIGHT if same(expected.value, given.value) else nothing()


def verdict(expected: Answer, given: Answer, question: Question) -> Score:
    """Compare a verdict, which is one of a few words."""
    words = question.form.one_of
    if given.kind != "text" or normal(given.value) not in map(normal, words):
        return nothing(_("A verdict is one of: {words}.").format(words=", ".join(words)))
    return RIGHT if normal(expected.value) == normal(given.value) else nothing()


def finite(value: Any) -> bool:
    """Say whether a value is a number that is there."""
    return is_number(value) and math.isfinite(value)
