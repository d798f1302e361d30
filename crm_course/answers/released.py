"""``forms.json``: what a trainee's folder may know of the questions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError

from crm_course.answers.form import Form, FormType
from crm_course.errors import CourseError
from crm_course.models import StrictModel

if TYPE_CHECKING:
    from crm_course.answers.questions import Question

STORE, FORMS = "store", "forms.json"  # what lies beside a trainee's notebook
MAX_FORMS = 1_000_000


class Released(StrictModel):
    """What is released of one question.

    Attributes
    ----------
    id, title, kind
        As in ``questions.yml``.
    type
        The type of the answer; None where any plain value will do.
    form
        What the answer looks like.
    text
        The released Markdown below a written question's heading, which is no part of the answer.
    """

    id: str
    title: str
    kind: str
    type: FormType | None = None
    form: Form
    text: str = ""


class _File(StrictModel):
    v: Literal[1]
    questions: list[Released] = Field(min_length=1)


def forms(questions: Iterable[Question], texts: Mapping[str, str] | None = None) -> list[Released]:
    """Give what may be released: nothing of how answers are compared, of slips, rubrics or model answers.

    Parameters
    ----------
    questions : iterable of Question
        As `read_questions` gives them.
    texts : mapping of str to str, optional
        The released Markdown by question, as `sections` of the released notebook gives it. It is kept
        for written questions, so that a trainee's words are counted as the grader counts them.
    """
    texts = texts or {}
    return [
        Released(
            id=one.id,
            title=one.title,
            kind=one.kind,
            type=one.type,
            form=one.form,
            text=texts.get(one.id, "") if one.kind == "written" else "",
        )
        for one in questions
    ]


def write_forms(questions: Iterable[Question], path: Path | str, texts: Mapping[str, str] | None = None) -> None:
    """Write ``forms.json``, which `answer` reads; see `forms`."""
    kept = [one.model_dump(mode="json", exclude_defaults=True) for one in forms(questions, texts)]
    text = json.dumps({"v": 1, "questions": kept}, ensure_ascii=False, indent=1)
    Path(path).write_text(text + "\n", encoding="utf-8")


def read_forms(path: Path | str) -> dict[str, Released]:
    """Read ``forms.json``.

    Returns
    -------
    dict of str to Released
        By question, in order.

    Raises
    ------
    CourseError
        If the file cannot be read or is damaged.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_FORMS:
            raise ValueError("too large")
        file = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); take it from the packet again") from None
    except (ValidationError, ValueError):
        raise CourseError(f"{path}: is damaged; take it from the packet again") from None
    return {one.id: one for one in file.questions}
