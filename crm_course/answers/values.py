"""What travels between a trainee's notebook and the grader: its limits, its exact types, its errors."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from crm_course.errors import CourseError

MIME = "application/vnd.crm-course.answer+json"
VERSION = 1
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_BYTES = 2_000_000
MAX_TEXT = 20_000
MAX_UNIT = 50
MAX_DEPTH = 10
MAX_NODES = 1_000_000
INTEGERS = range(-(2**63), 2**63)

KINDS = ("nothing", "number", "text", "truth", "list", "table", "figure")
QUESTION_ID = re.compile(r"q(?:[1-9]|10)")

Scalar = float | int | str | bool | None


class WrongForm(CourseError):
    """A value cannot be handed in as an answer."""


class Unreadable(CourseError):
    """What arrived is not an answer: it was damaged or made by hand."""


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer as the grader sees it, on exact types.

    Attributes
    ----------
    question : str
        ``q1`` to ``q10``.
    kind : str
        ``nothing`` (not answered), ``number``, ``text``, ``truth``, ``list``, ``table`` or ``figure``.
    unit : str or None
        The unit that the trainee named.
    value : object
        None, float, int, str, bool, a list of those, a DataFrame, or a
        `crm_course.answers.encoding.Drawing`.
    bundle : dict
        The plain JSON that it was read from, to keep and to read again.
    """

    question: str
    kind: str
    unit: str | None
    value: Any
    bundle: dict[str, Any] = field(default_factory=dict, repr=False)


class Budget:
    """How much of an untrusted value may still be read."""

    def __init__(self, nodes: int = MAX_NODES, size: int = MAX_BYTES) -> None:
        self.nodes, self.size = nodes, size

    def take(self, size: int) -> None:
        """Take one node of a size in bytes.

        Raises
        ------
        Unreadable
            If nothing is left.
        """
        self.nodes -= 1
        self.size -= size
        if self.nodes < 0 or self.size < 0:
            raise Unreadable(f"is larger than {MAX_BYTES / 1e6:g} MB")


def exact(value: object, budget: Budget | None = None, depth: int = MAX_DEPTH) -> Any:
    """Copy JSON-like data onto Python's own types, and refuse all else.

    Parameters
    ----------
    value : object
        Anything. Dictionaries may be of a subclass, as nbformat makes them.
    budget : Budget, optional
        What may be read in all.
    depth : int
        How deep dictionaries and lists may be nested.

    Returns
    -------
    None, bool, int, float, str, list or dict
        Numbers are finite and whole numbers fit into 64 bits; texts are valid Unicode.

    Raises
    ------
    Unreadable
        If a type, size, depth or number is not allowed.
    """
    budget = Budget() if budget is None else budget
    if isinstance(value, (dict, list)):
        if depth == 0:
            raise Unreadable("is nested too deeply")
        if type(value) is list:
            budget.take(2)
            return [exact(one, budget, depth - 1) for one in value]
        if issubclass(type(value), dict):
            budget.take(2)
            return {_key(name): exact(one, budget, depth - 1) for name, one in dict.items(value)}  # type: ignore[arg-type]
    return _leaf(value, budget)


def _leaf(value: object, budget: Budget) -> Scalar:
    kind = type(value)
    if value is None or kind is bool:
        budget.take(4)
    elif kind is str:
        budget.take(len(_valid(value)) + 2)  # type: ignore[arg-type]
    elif kind is int:
        budget.take(8)
        if value not in INTEGERS:
            raise Unreadable("holds a whole number of more than 18 digits")
    elif kind is float:
        budget.take(8)
        if not math.isfinite(value):  # type: ignore[arg-type]
            raise Unreadable("holds an infinite number")
    else:
        raise Unreadable(f"holds a value of type {kind.__name__}")
    return value  # type: ignore[return-value]


def _key(name: object) -> str:
    if type(name) is not str or len(name) > MAX_TEXT:
        raise Unreadable("has a name that is no short text")
    _valid(name)
    return name


def _valid(text: str) -> bytes:
    if len(text) > MAX_BYTES:
        raise Unreadable(f"is larger than {MAX_BYTES / 1e6:g} MB")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable("holds text with a broken character") from None


def normal(text: str) -> str:
    """Give a text as it is compared: width of letters, case and spaces do not count.

    Examples
    --------
    >>> normal("  Does   NOT work ")
    'does not work'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
