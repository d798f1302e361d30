"""``questions.yml`` read: the questions of an exercise, and the store that it wants."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, field_validator

from crm_course.answers.questions import Question
from crm_course.errors import CourseError
from crm_course.models import StrictModel

STORE, QUESTIONS = "store", "questions"


class WantedStore(StrictModel):
    """What store an exercise is made for, in the words of `simulate`."""

    customers: int = Field(default=1000, ge=1, strict=True)
    scenario: str = "beauty"
    months: int = Field(default=36, ge=1, le=120, strict=True)

    @field_validator("scenario")
    @classmethod
    def _by_name(cls, text: str) -> str:
        if not text.isidentifier():
            raise ValueError(f"{text!r} is not the name of a scenario that comes with the course")
        return text

    def but(self, customers: int | None = None, scenario: str | Path | None = None) -> WantedStore:
        """Give the same with what is asked for in its place.

        Examples
        --------
        >>> WantedStore(customers=3000).but(scenario="fashion")
        WantedStore(customers=3000, scenario='fashion', months=36)
        """
        asked = {"customers": customers, "scenario": scenario and str(scenario)}
        return self.model_copy(update={name: value for name, value in asked.items() if value is not None})


def read_questions(path: Path | str) -> list[Question]:
    """Read the questions of an exercise, in the order of the file.

    Parameters
    ----------
    path : Path or str
        A ``questions.yml``: the list of questions, or a mapping of ``questions`` to it and of ``store`` to what
        `read_wanted_store` gives.

    Returns
    -------
    list of Question

    Raises
    ------
    CourseError
        If the file cannot be read or an entry is unknown, missing or wrong; the line names file and question.
    """
    path = Path(path)
    entries = _parts(path)[QUESTIONS]
    questions = [_question(path, number, entry) for number, entry in enumerate(entries, start=1)]
    doubled = [name for name, times in Counter(one.id for one in questions).items() if times > 1]
    if doubled:
        raise CourseError(f"{path}: {doubled[0]} is there twice; give each question its own id")
    return questions


def read_wanted_store(path: Path | str) -> WantedStore:
    """Read what store an exercise wants: 1,000 customers of the scenario beauty over 36 months, if it does not say.

    Parameters
    ----------
    path : Path or str
        A ``questions.yml``.

    Raises
    ------
    CourseError
        If the file cannot be read or an entry is unknown or wrong; the line names file and entry.
    """
    path = Path(path)
    try:
        return WantedStore.model_validate(_parts(path).get(STORE, {}))
    except ValidationError as error:
        raise CourseError(f"{path}: store: {_told(error, 'the store')}; correct it") from None


def _parts(path: Path) -> dict[str, Any]:
    """Give the parts of a file, of which the questions may be all."""
    whole = _parsed(path)
    parts = whole if isinstance(whole, dict) and whole.keys() & {STORE, QUESTIONS} else {QUESTIONS: whole}
    if strange := [name for name in parts if name not in (STORE, QUESTIONS)]:
        raise CourseError(f"{path}: {strange[0]} is no part of the file; it has {STORE} and {QUESTIONS}")
    if not isinstance(parts.get(QUESTIONS), list) or not parts[QUESTIONS]:
        raise CourseError(f"{path}: is no list of questions; begin each with `- id: q1`")
    return parts


def _parsed(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "cannot be parsed"
        raise CourseError(f"{path}{line}: is not YAML ({what}); correct it") from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise CourseError(f"{path}: cannot be read ({why}); name a questions.yml") from None


def _question(path: Path, number: int, entry: Any) -> Question:
    named = entry.get("id") if isinstance(entry, dict) else None
    name = named if isinstance(named, str) else f"question {number}"
    try:
        return Question.model_validate(entry)
    except ValidationError as error:
        raise CourseError(f"{path}: {name}: {_told(error, 'a question')}; correct it") from None


def _told(error: ValidationError, of: str) -> str:
    problems = []
    for one in error.errors():
        where = ".".join(str(part) for part in one["loc"])
        plain = one["msg"].removeprefix("Value error, ")
        what = {"extra_forbidden": f"is no key of {of}", "missing": "is missing"}.get(one["type"], plain)
        problems.append(f"{where}: {what}" if where else what)
    return ", ".join(problems)
