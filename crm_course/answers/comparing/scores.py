"""What a comparison says: a share of the marks, its parts, and remarks."""

from __future__ import annotations

from dataclasses import dataclass

from crm_course.answers.values import Answer
from crm_course.locale import _


@dataclass(frozen=True)
class ScorePart:
    """One column, member or property, and the share of it that is right."""

    name: str
    share: float


@dataclass(frozen=True)
class Score:
    """How right an answer is.

    Attributes
    ----------
    share : float
        Of the question's marks, 0 to 1.
    parts : tuple of ScorePart
        Where part of the marks is given: what was right.
    remarks : tuple of str
        Whole sentences for the trainee. They never give the key away.
    """

    share: float
    parts: tuple[ScorePart, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """Whether the answer gets full marks."""
        return self.share >= 1


RIGHT = Score(1.0)


def nothing(*remarks: str) -> Score:
    """Give no marks, and say why."""
    return Score(0.0, remarks=remarks)


def wrong_type(given: Answer, expected: str) -> Score:
    """Give no marks to an answer of another type."""
    return nothing(
        _("Your answer is {given}; {expected} is asked for.").format(given=kind(given.kind), expected=expected)
    )


def kind(name: str) -> str:
    """Name a kind of value as a person would."""
    names = {
        "nothing": _("not given"),
        "number": _("a number"),
        "integer": _("a whole number"),
        "text": _("a text"),
        "truth": _("true or false"),
        "list": _("a list"),
        "table": _("a table"),
        "figure": _("a figure"),
    }
    return names[name]


def partly(share: float, allowed: bool) -> float:
    """Give a share within 0 and 1; all or nothing where part of the marks is not allowed."""
    share = min(1.0, max(0.0, share))
    return share if allowed or share >= 1 - 1e-12 else 0.0
