"""Questions and answers for all tests of answers and exercises."""

from __future__ import annotations

import pytest

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.questions import Question

KINDS = {
    "number": {},
    "exact": {},
    "set": {},
    "ranking": {},
    "list": {},
    "table": {"form": {"columns": ["customer_id", "spend"], "key": "customer_id"}},
    "figure": {},
    "choice": {"compare": {"full_marks_within": 0.02, "no_marks_beyond": 0.30}},
    "verdict": {"form": {"one_of": ["works", "does not", "cannot tell"]}},
    "written": {"rubric": {"evidence": ["none", "some", "own", "own with intervals"]}},
}


def make(kind: str, form: dict | None = None, compare: dict | None = None, **more) -> Question:
    """A question of a kind, with what it needs at least."""
    needs = KINDS[kind]
    entry = {
        "id": "q1",
        "title": "A question",
        "criteria": ["2.2a"],
        "marks": 4,
        "core": True,
        "kind": kind,
        "read_again": "03, section 1",
        **needs,
        **more,
        "form": {**needs.get("form", {}), **(form or {})},
        "compare": {**needs.get("compare", {}), **(compare or {})},
    }
    return Question.model_validate(entry)


def travelled(value, unit=None, wanted=None):
    """A value as it arrives at the grader."""
    return decode(encode("q1", value, unit, wanted))


@pytest.fixture
def question():
    return make


@pytest.fixture
def arrived():
    return travelled
