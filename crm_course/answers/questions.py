"""What a question of an exercise is: its form, how answers are compared, and what fits together."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from crm_course.answers.form import Form, FormType
from crm_course.answers.values import QUESTION_ID
from crm_course.models import StrictModel

Kind = Literal["number", "exact", "set", "ranking", "list", "table", "figure", "choice", "verdict", "written"]

TYPES: dict[str, FormType | None] = {
    "number": "number",
    "exact": None,
    "set": "list",
    "ranking": "list",
    "list": "list",
    "table": "table",
    "figure": "figure",
    "choice": "list",
    "verdict": "text",
    "written": None,
}
METHODS = {kind: kind for kind in TYPES} | {"choice": "regret", "written": "rubric"}
PARTIALS: dict[str, tuple[str, ...]] = {  # the first is meant by `partial: true`
    "number": ("unit",),
    "set": ("jaccard", "members"),
    "ranking": ("positions", "kendall"),
    "list": ("positions",),
    "table": ("columns", "cells"),
    "figure": ("parts",),
}
WITHOUT_PARTIAL_UNLESS_ASKED = {"number"}
SETTINGS = {
    "number": {"rel", "abs"},
    "list": {"rel", "abs"},
    "table": {"rel", "abs", "columns"},
    "figure": {"rel", "abs", "marks", "weights"},
    "choice": {"full_marks_within", "no_marks_beyond"},
    "set": {"extra"},
}
CRITERION = re.compile(r"\d\.\d[a-d]?|A[1-3]")
LEVELS = 4


class Tolerance(StrictModel):
    """How far a number may lie from the key: the larger of a share of the key and an absolute amount."""

    rel: float = Field(default=0.0, ge=0)
    abs: float = Field(default=0.0, ge=0)


class Compare(StrictModel):
    """How an answer is compared with the key."""

    method: str | None = None
    rel: float = Field(default=0.0, ge=0)
    abs: float = Field(default=0.0, ge=0)
    columns: dict[str, Tolerance] = Field(default={}, description="tolerances of single columns")
    partial: bool | str | None = Field(default=None, description="how part of the marks is given; false: not at all")
    extra: float = Field(default=1.0, ge=0, description="what a wrong member of a set costs, in right ones")
    marks: list[Literal["line", "bars", "points", "cells", "area"]] = Field(default=[], description="that count")
    weights: dict[Literal["data", "labels", "units", "title"], float] = Field(default={}, description="of a figure")
    full_marks_within: float | None = Field(default=None, ge=0, lt=1)
    no_marks_beyond: float | None = Field(default=None, gt=0, le=1)


class Hidden(StrictModel):
    """What an answer loses that is right at home and wrong on the hidden store."""

    share_lost: float = Field(default=1.0, ge=0, le=1)


class Question(StrictModel):
    """One question of an exercise, with all that only the instructor may see."""

    id: str
    title: str = Field(min_length=1, max_length=200)
    criteria: list[str] = Field(min_length=1)
    marks: float = Field(gt=0)
    core: bool
    kind: Kind
    form: Form = Form()
    compare: Compare = Compare()
    hidden: Hidden = Hidden()
    slips: list[str] = Field(default=[])
    read_again: str = Field(min_length=1)
    rubric: dict[str, list[str]] = Field(default={})
    model_points: list[str] = Field(default=[])

    @field_validator("id")
    @classmethod
    def _known_id(cls, text: str) -> str:
        if not QUESTION_ID.fullmatch(text):
            raise ValueError(f"{text!r} is not one of q1 to q10")
        return text

    @field_validator("criteria", mode="before")
    @classmethod
    def _codes(cls, codes: Any) -> Any:
        codes = [str(code) for code in codes] if isinstance(codes, list) else codes  # YAML reads 1.1 as a number
        if isinstance(codes, list) and (strange := [code for code in codes if not CRITERION.fullmatch(code)]):
            raise ValueError(f"{strange[0]!r} is no code of a criterion such as 2.2a or A1")
        return codes

    @model_validator(mode="after")
    def _parts_fit_the_kind(self) -> Question:
        _check_form(self)
        _check_compare(self)
        return self

    @property
    def type(self) -> FormType | None:
        """The type of the answer: what the form says, else what the kind implies."""
        return self.form.type or TYPES[self.kind]

    @property
    def partial(self) -> str | None:
        """How part of the marks is given; None when it is all or nothing."""
        asked, known = self.compare.partial, PARTIALS.get(self.kind, ())
        if asked is None:
            asked = self.kind not in WITHOUT_PARTIAL_UNLESS_ASKED
        if asked is True:
            return known[0] if known else None
        return asked or None

    def loosened(self, times: float) -> Question:
        """Give the question with every tolerance multiplied."""
        compare = self.compare
        wider = {name: Tolerance(rel=one.rel * times, abs=one.abs * times) for name, one in compare.columns.items()}
        changed: dict[str, Any] = {"rel": compare.rel * times, "abs": compare.abs * times, "columns": wider}
        if compare.full_marks_within is not None and compare.no_marks_beyond is not None:
            changed["full_marks_within"] = compare.full_marks_within * times
            changed["no_marks_beyond"] = max(compare.no_marks_beyond, compare.full_marks_within * times * (1 + 1e-9))
        return self.model_copy(update={"compare": compare.model_copy(update=changed)})


def _check_form(question: Question) -> None:
    form, kind = question.form, question.kind
    implied = TYPES[kind]
    allowed = {implied, *(["integer"] if implied == "number" else [])} if implied else {*TYPES.values(), "integer"}
    if form.type and form.type not in allowed:
        raise ValueError(f"a question of kind {kind} cannot have form.type {form.type}")
    if kind == "table" and not form.columns:
        raise ValueError("a table needs form.columns")
    if kind == "verdict" and len(form.one_of) < 2:
        raise ValueError("a verdict needs form.one_of, the words to choose from")
    if (kind == "written") != bool(question.rubric):
        raise ValueError("a rubric is what a written question needs, and no other")
    if short := [row for row, levels in question.rubric.items() if len(levels) != LEVELS]:
        raise ValueError(f"rubric row {short[0]} needs {LEVELS} levels")


def _check_compare(question: Question) -> None:
    compare, kind = question.compare, question.kind
    if compare.method not in (None, METHODS[kind]):
        raise ValueError(f"a question of kind {kind} is compared by {METHODS[kind]}, not by {compare.method}")
    without_use = compare.model_fields_set - {"method", "partial"} - SETTINGS.get(kind, set())
    if without_use:
        raise ValueError(f"compare.{min(without_use)} has no use in a question of kind {kind}")
    if isinstance(compare.partial, str) and compare.partial not in PARTIALS.get(kind, ()):
        raise ValueError(f"compare.partial is true, false or one of: {', '.join(PARTIALS.get(kind, ())) or 'nothing'}")
    if strange := [name for name in compare.columns if name not in question.form.columns]:
        raise ValueError(f"compare.columns names {strange[0]}, which form.columns does not have")
    within, beyond = compare.full_marks_within, compare.no_marks_beyond
    if kind == "choice" and (within is None or beyond is None or within >= beyond):
        raise ValueError("a choice needs compare.full_marks_within below compare.no_marks_beyond")
