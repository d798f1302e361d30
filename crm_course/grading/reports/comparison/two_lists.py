"""Lists: by place where their order counts, by members where it does not."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from crm_course.answers.comparing.list_scores import member
from crm_course.grading.reports.comparison.shapes import Grid
from crm_course.grading.reports.wording import named, shown, shown_pair
from crm_course.locale import _

ROWS = 6
NAMES = 8
ABSENT = object()


def places(given: list[Any], expected: list[Any]) -> Grid:
    """Give the first places at which two lists differ."""
    pairs = enumerate(zip_longest(given, expected, fillvalue=ABSENT), start=1)
    apart = [(place, one, other) for place, (one, other) in pairs if _apart(one, other)]
    rows = tuple((f"{place:,}", *_texts(one, other)) for place, one, other in apart[:ROWS])
    longest = max(len(given), len(expected))
    notes = [_("{apart} of {all} places differ.").format(apart=f"{len(apart):,}", all=f"{longest:,}")]
    if len(apart) > ROWS:
        notes.append(_("The first {shown} are shown.").format(shown=ROWS))
    return Grid(((_("place"), 1), (_("your answer"), 1), (_("expected"), 1)), rows, notes=tuple(notes))


def _apart(one: Any, other: Any) -> bool:
    return ABSENT in (one, other) or member(one) != member(other)


def _texts(one: object, other: object) -> tuple[str, str]:
    if one is ABSENT:
        return "–", shown(other)
    return (shown(one), "–") if other is ABSENT else shown_pair(one, other)


def members(given: list[Any], expected: list[Any]) -> Grid:
    """Give the first members that only one of two lists has, and how many both have."""
    yours, theirs = ({member(one): one for one in values} for values in (given, expected))
    only_yours = [shown(value) for key, value in yours.items() if key not in theirs]
    only_theirs = [shown(value) for key, value in theirs.items() if key not in yours]
    both = len(yours) - len(only_yours)
    rows = (
        (_("in both lists"), f"{both:,}", ""),
        (_("only in your list"), f"{len(only_yours):,}", named(only_yours, NAMES)),
        (_("only in the expected list"), f"{len(only_theirs):,}", named(only_theirs, NAMES)),
    )
    return Grid(((_("entries"), 1), (_("number"), 1), (_("such as"), 1)), rows)
