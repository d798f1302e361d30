"""``answer`` and ``written``: what a trainee's notebook calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.drawings import Drawing
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.form_check import form_problems
from crm_course.answers.prose import less, sections, words
from crm_course.answers.released import FORMS, Released, read_forms
from crm_course.answers.values import MIME, Answer
from crm_course.errors import CourseError, WrongCall
from crm_course.locale import _
from crm_course.messages import suggestion

MAX_NOTEBOOK = 20_000_000


def answer(id: str, value: Any, unit: str | None = None) -> None:
    """Record an answer, show what was recorded and whether its form is right, never whether it is correct.

    Parameters
    ----------
    id : str
        The question, ``q1`` to ``q10``.
    value : object
        A number, text, list, table or figure; ``...`` while there is no answer. The last call counts.
    unit : str, optional
        What a number is counted in, such as ``"HK$"``.

    Raises
    ------
    WrongCall
        If there is no such question.
    WrongForm
        If the value cannot be handed in.

    Examples
    --------
    >>> answer("q1", 0.25, unit="share")  # doctest: +SKIP
    q1 recorded: 0.25 share. Its form is right.
    """
    forms, trouble = _forms()
    released = _question(id, forms) if forms else None
    bundle = encode(id, value, unit, released.type if released else None)
    text = _told(decode(bundle), released, trouble)
    display({MIME: bundle, "text/plain": text}, raw=True)


def _forms() -> tuple[dict[str, Released], str]:
    """Give the forms beside the notebook, or why there are none."""
    if not Path(FORMS).is_file():
        return {}, _("There is no forms.json beside the notebook, so its form could not be checked.")
    try:
        return read_forms(FORMS), ""
    except CourseError:
        return {}, _("forms.json is damaged, so its form could not be checked; take it from the packet again.")


def _question(id: Any, forms: dict[str, Released]) -> Released:
    if type(id) is str and id in forms:
        return forms[id]
    meant = suggestion(id, forms) if type(id) is str else ""
    raise WrongCall(f"there is no question {str(id)[:20]!r}{meant}; there are {', '.join(forms)}")


def _told(recorded: Answer, released: Released | None, trouble: str) -> str:
    if recorded.kind == "nothing":
        return _("{question}: not answered yet.").format(question=recorded.question)
    known = {"question": recorded.question, "what": described(recorded)}
    if released is None:
        return _("{question} recorded: {what}. {trouble}").format(**known, trouble=trouble)
    if released.kind == "written":
        return _("{question} recorded, but it is a written question: answer it in Markdown below its heading.").format(
            **known
        )
    problems = form_problems(released, recorded)
    if not problems:
        return _("{question} recorded: {what}. Its form is right.").format(**known)
    return _("{question} recorded: {what}. Its form is not right yet: {problems}.").format(
        **known, problems="; ".join(problems)
    )


def described(recorded: Answer) -> str:
    """Say in a few words what was recorded."""
    value = recorded.value
    if isinstance(value, pd.DataFrame):
        names = ", ".join(map(str, value.columns[:8])) + (", …" if len(value.columns) > 8 else "")
        told = _("a table of {rows} rows ({names})").format(rows=f"{len(value):,}", names=names)
        row = value.iloc[:1, :8].to_numpy(object).ravel()
        first = ", ".join(_short(None if pd.isna(one) else one) for one in row)
        return _("{table}, the first: {first}").format(table=told, first=first) if first else told
    if isinstance(value, list):
        begins = ", ".join(_short(one) for one in value[:3]) + (", …" if len(value) > 3 else "")
        return list_of(len(value), begins)
    if isinstance(value, Drawing):
        marks = sum(len(panel.marks) for panel in value.panels)
        panels = _("one panel") if len(value.panels) == 1 else _("{count} panels").format(count=len(value.panels))
        drawn = _("one mark") if marks == 1 else _("{count} marks").format(count=marks)
        return _("a figure of {panels} with {marks}").format(panels=panels, marks=drawn)
    return _short(value) + (f" {recorded.unit}" if recorded.unit else "")


def list_of(length: int, begins: str) -> str:
    """Say how long a list is, and how it begins."""
    if length == 1:
        return _("a list of one entry ({begins})").format(begins=begins)
    told = _("a list of {length} entries ({begins})") if length else _("a list of no entries")
    return told.format(length=f"{length:,}", begins=begins)


def _short(value: Any) -> str:
    if value is None:
        return _("missing")
    if type(value) is float:
        return f"{value:,.10g}"
    if type(value) is int:
        return f"{value:,}"
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def written(id: str) -> None:
    """Show how a written answer is found, and how many words it has.

    The answer is all Markdown between the heading of its question and the next question's, less what the
    notebook said when it was handed out. It is read from the notebooks in the folder as they were last saved:
    save first. Nothing is recorded; the grader reads the notebook itself.

    Parameters
    ----------
    id : str
        The question, such as ``q5``.

    Raises
    ------
    WrongCall
        If there is no such question, or it is not a written one.
    """
    forms, trouble = _forms()
    released = _question(id, forms) if forms else None
    if released is not None and released.kind != "written":
        text = f'{id} is not a written question; hand it in with answer("{id}", {id})'
        raise WrongCall(text)
    rule = _("{question}: write in Markdown between the heading {question} and the next question's.").format(
        question=id
    )
    lines = [_counted(name, text, released) for name, text in _saved(id)] or [
        _("No saved notebook here has that heading.")
    ]
    print("\n".join([rule, *lines, *([trouble] if trouble else [])]))


def _saved(id: str) -> list[tuple[str, str]]:
    """Give the section of a question in each notebook of the folder."""
    found = []
    for path in sorted(Path().glob("*.ipynb")):
        try:
            notebook = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_NOTEBOOK else {}
            texts = sections(notebook)
        except (OSError, ValueError, AttributeError, RecursionError):
            continue
        if id in texts:
            found.append((path.name, texts[id]))
    return found


def _counted(name: str, text: str, released: Released | None) -> str:
    count = words(less(text, released.text if released else ""))
    asked = released.form.words if released else None
    if asked is None:
        return _("{name}, as last saved: {count} words.").format(name=name, count=count)
    return _("{name}, as last saved: {count} words; {low} to {high} are asked for.").format(
        name=name, count=count, low=asked[0], high=asked[1]
    )
