"""The answers in an executed notebook's outputs: the last of each question counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.values import MIME, Answer, Unreadable

MAX_ANSWERS = 200  # bundles that are looked at, the last ones


@dataclass(frozen=True)
class Collected:
    """What a notebook hands in.

    Attributes
    ----------
    answers : dict of str to Answer
        By question, the last readable one.
    repeats : dict of str to int
        How often a question was answered, where more than once.
    unreadable : tuple of (int, str)
        Cell, counted from 1, and reason of everything that is no answer.
    unread : int
        Recorded values beyond the last 200, which were not looked at.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    unreadable: tuple[tuple[int, str], ...] = ()
    unread: int = 0


def collect(notebook: Mapping[str, object]) -> Collected:
    """Read the answers of an executed notebook; never raises for what a trainee's kernel sent.

    Parameters
    ----------
    notebook : mapping
        With ``cells`` and their ``outputs``, as nbformat reads them.

    Returns
    -------
    Collected
    """
    bundles = list(_bundles(notebook))
    looked_at = bundles[-MAX_ANSWERS:]
    answers: dict[str, Answer] = {}
    times: Counter[str] = Counter()
    unreadable = []
    for cell, bundle in looked_at:
        try:
            answer = decode(bundle)
        except Unreadable as error:
            unreadable.append((cell, str(error)))
            continue
        answers[answer.question] = answer
        times[answer.question] += 1
    repeats = {question: count for question, count in times.items() if count > 1}
    return Collected(answers, repeats, tuple(unreadable), len(bundles) - len(looked_at))


def _bundles(notebook: Mapping[str, object]) -> Iterator[tuple[int, object]]:
    for number, cell in enumerate(_list(notebook, "cells"), start=1):
        for output in _list(cell, "outputs"):
            data = output.get("data") if isinstance(output, dict) else None
            if isinstance(data, dict) and MIME in data:
                yield number, data[MIME]


def _list(holder: object, name: str) -> list[object]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []
