"""Sets, rankings, lists, and choices judged by what they lose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import zip_longest

import numpy as np

from crm_course.answers.comparing.scalar_scores import finite, is_number, same, within
from crm_course.answers.comparing.scores import RIGHT, Score, ScorePart, nothing, partly, wrong_type
from crm_course.answers.questions import Question
from crm_course.answers.values import Answer, Scalar, normal
from crm_course.locale import _

SAME = 1e-9
Member = tuple[str, Scalar]  # its type and its value


def member(value: Scalar) -> Member:
    """Give a value as it is counted in a set: 1 and 1.0 are one member, "A " and "a" as well, 1 and True are not."""
    if isinstance(value, str):
        return "text", normal(value)
    return ("number", float(value)) if is_number(value) else (type(value).__name__, value)  # type: ignore[arg-type]


def members(values: Iterable[Scalar]) -> set[Member]:
    """Give the distinct members of a list."""
    return {member(value) for value in values}


def set_(expected: Answer, given: Answer, question: Question) -> Score:
    """Compare lists as sets: order and repeats do not count.

    Partial marks are either ``jaccard``, what is shared of all that either names, or ``members``, the right ones
    less `compare.extra` for each wrong one, of all in the key.
    """
    if given.kind != "list":
        return wrong_type(given, _("a list"))
    key, named = members(expected.value), members(given.value)
    if key == named:
        return RIGHT
    right, extra = len(key & named), len(named - key)
    if question.partial == "members":
        share = (right - question.compare.extra * extra) / len(key) if key else 0.0
    else:
        share = right / len(key | named)
    remark = _("{right} of your {named} entries are right; {missing} are missing.").format(
        right=right, named=len(named), missing=len(key - named)
    )
    return Score(partly(min(share, 1 - SAME), question.partial is not None), (ScorePart("members", share),), (remark,))


def list_(expected: Answer, given: Answer, question: Question) -> Score:
    """Compare lists place by place, numbers within tolerance."""
    if given.kind != "list":
        return wrong_type(given, _("a list"))
    compare = question.compare
    hits = [same(one, other, compare.rel, compare.abs) for one, other in zip(expected.value, given.value, strict=False)]
    return _by_place(sum(hits), expected.value, given.value, question)


def ranking(expected: Answer, given: Answer, question: Question, values: Mapping[str, float] | None = None) -> Score:
    """Compare rankings, by places or by Kendall's tau.

    Parameters
    ----------
    expected, given : Answer
        Lists, best first.
    question : Question
        Its `partial` says how part of the marks is given.
    values : mapping, optional
        What the ranking is by; entries of equal value may change places.

    References
    ----------
    Kendall (1938), A new measure of rank correlation, Biometrika 30; pairs that the answer does not hold
    count as out of order.
    """
    if given.kind != "list":
        return wrong_type(given, _("a list"))
    key, named = [member(one) for one in expected.value], [member(one) for one in given.value]
    worth = {member(name): value for name, value in (values or {}).items()}
    hits = [_ties(worth, one, other) for one, other in zip_longest(key, named)]
    if question.partial != "kendall" or all(hits):
        distinct = len(set(named)) == len(named)
        return _by_place(sum(hits) if distinct else _without_repeats(hits, named), key, named, question)
    share = _kendall(key, named, worth)
    return Score(partly(min(share, 1 - SAME), True), (ScorePart("order", max(0.0, share)),))


def _ties(worth: Mapping[Member, float], one: Member | None, other: Member | None) -> bool:
    if one == other:
        return True
    if one is None or other is None:  # one of the two lists is longer
        return False
    return one in worth and other in worth and within(worth[one], worth[other])


def _without_repeats(hits: list[bool], named: list[Member]) -> int:
    seen: set[Member] = set()
    right = 0
    for hit, one in zip_longest(hits, named):
        right += bool(hit) and one not in seen
        seen.add(one)
    return right


def _kendall(key: list[Member], named: list[Member], worth: Mapping[Member, float]) -> float:
    places = {one: number for number, one in reversed(list(enumerate(named)))}
    place = np.array([places.get(one, -1) for one in key])
    value = np.array([worth.get(one, np.nan) for one in key])
    score = pairs = 0
    for number in range(len(key)):
        here, later = place[number], place[number + 1 :]
        tied = np.isclose(value[number + 1 :], value[number], rtol=SAME, atol=0) & (later >= 0)
        good = ((later > here) | tied) & (here >= 0)
        score += 2 * int(good.sum()) - len(later)
        pairs += len(later)
    extra = len(set(named) - set(key))
    return (score / pairs if pairs else 0.0) * len(key) / (len(key) + extra)


def _by_place(right: int, key: list[Member], named: list[Member], question: Question) -> Score:
    longest = max(len(key), len(named))
    share = right / longest if longest else 1.0
    if share >= 1:
        return RIGHT
    remark = _("{right} of {length} places are right.").format(right=right, length=longest)
    return Score(partly(share, question.partial is not None), (ScorePart("places", share),), (remark,))


# choices ------------------------------------------------------------------------------------------


def regret(
    values: Mapping[str, float],
    chosen: Iterable[str],
    best: float,
    full_marks_within: float,
    no_marks_beyond: float,
) -> float:
    """Give the share of the marks for a choice by the value that it loses against the best one.

    Parameters
    ----------
    values : mapping of str to float
        What each possible choice is worth; a choice that is not in it brings nothing.
    chosen : iterable of str
        What was chosen; a repeat brings nothing more.
    best : float
        What the best choice is worth in all, in the same unit; above 0.
    full_marks_within, no_marks_beyond : float
        Shares of `best` lost; linear between.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> regret({"ann": 60.0, "bo": 40.0, "cy": 30.0}, ["ann", "cy"], 100.0, 0.02, 0.30)
    0.7142857142857143
    """
    brought = sum(values.get(one, 0.0) for one in dict.fromkeys(chosen))
    if not (best > 0 and finite(float(brought))):
        return 0.0
    lost = (best - brought) / best
    if lost <= full_marks_within + SAME:
        return 1.0
    return min(1.0, max(0.0, (no_marks_beyond - lost) / (no_marks_beyond - full_marks_within)))


def choice(expected: Answer, given: Answer, question: Question, values: Mapping[str, float] | None = None) -> Score:
    """Compare a choice by regret; without values only the key's own members count, alike."""
    if given.kind != "list":
        return wrong_type(given, _("a list"))
    worth: dict[tuple[str, Scalar], float] = {member(name): float(value) for name, value in (values or {}).items()}
    worth = worth or dict.fromkeys(members(expected.value), 1.0)
    chosen = members(given.value)
    most = question.form.at_most
    if most is not None and len(chosen) > most:
        return nothing(_("You chose {chosen}; at most {most} are allowed.").format(chosen=len(chosen), most=most))
    remarks = []
    if strange := len(chosen - set(worth)):
        remarks.append(
            _("{strange} of your choices could not be chosen and count for nothing.").format(strange=strange)
        )
    best = sum(worth.get(one, 0.0) for one in members(expected.value))
    compare = question.compare
    within_, beyond = compare.full_marks_within or 0.0, compare.no_marks_beyond or 1.0
    share = regret(worth, chosen, best, within_, beyond)  # type: ignore[arg-type]
    if share < 1 and best > 0:
        lost = 1 - sum(worth.get(one, 0.0) for one in chosen) / best
        remarks.append(_("Your choice loses {lost:.0%} of what the best one brings.").format(lost=lost))
    return Score(share, (ScorePart("value", share),), tuple(remarks))
