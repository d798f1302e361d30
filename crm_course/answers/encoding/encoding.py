"""From a value in a notebook to plain JSON."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.encoding.drawings import is_figure
from crm_course.answers.encoding.lists import entries
from crm_course.answers.encoding.scalars import NoScalar, is_a, scalar
from crm_course.answers.encoding.tables import table
from crm_course.answers.values import MAX_BYTES, MAX_UNIT, QUESTION_ID, VERSION, Unreadable, WrongForm, exact

SCALARS = {bool: "truth", str: "text", int: "number", float: "number", type(None): "number"}


def encode(question: str, value: object, unit: str | None = None, wanted: str | None = None) -> dict[str, Any]:
    """Reduce an answer to plain JSON; never a pickle, and nothing of the trainee's own classes.

    Parameters
    ----------
    question : str
        ``q1`` to ``q10``.
    value : object
        A number, text, truth value or day; a list, tuple, set, Index or array of them; a DataFrame or Series;
        a matplotlib Axes or Figure or a seaborn grid. ``...`` and None mean *not answered*.
    unit : str, optional
        What a number is counted in.
    wanted : str, optional
        The form's type. It decides what a Series is: a ``list`` (its index is dropped), or else a ``table``.
        Where nothing is wanted, a Series whose index has a name is a table and any other a list.

    Returns
    -------
    dict
        ``v, question, kind, unit, value``, at most 2 MB as JSON.

    Raises
    ------
    WrongForm
        If the value cannot be handed in; the sentence says why and what to do.

    Examples
    --------
    >>> encode("q1", 0.25, "share")
    {'v': 1, 'question': 'q1', 'kind': 'number', 'unit': 'share', 'value': 0.25}
    """
    name = str.__str__(question) if is_a(question, str) else ""
    if not QUESTION_ID.fullmatch(name):
        raise WrongForm("a question is named by its id, q1 to q10")
    try:
        kind, plain = _plain(value, wanted)
        return _bounded({"v": VERSION, "question": name, "kind": kind, "unit": _unit(unit), "value": plain})
    except WrongForm as error:
        raise WrongForm(f"{name}: {error}") from None
    except Unreadable as error:
        raise WrongForm(f"{name}: the answer {error}") from None
    except Exception as error:  # an object of the trainee's may do anything when it is looked at
        what = type(value).__name__
        raise WrongForm(f"{name}: this {what} cannot be read ({type(error).__name__}); give a plain value") from None


def _plain(value: Any, wanted: str | None) -> tuple[str, Any]:
    if value is ... or value is None:
        return "nothing", None
    if is_a(value, np.ndarray) and np.ndim(value) == 0:
        value = np.ndarray.item(value)
    with contextlib.suppress(NoScalar):  # then it is something else
        reduced = scalar(value)
        return SCALARS[type(reduced)], reduced
    if is_figure(value):
        from crm_course.answers.encoding.axes import figure

        return "figure", figure(value)
    if is_a(value, pd.DataFrame) or (is_a(value, pd.Series) and _is_table(value, wanted)):
        return "table", table(value)
    try:
        return "list", entries(value)
    except NoScalar:
        raise WrongForm(
            f"a value of type {type(value).__name__} cannot be handed in; give a number, text, list, table or figure"
        ) from None


def _is_table(value: pd.Series, wanted: str | None) -> bool:
    if wanted in ("list", "table"):
        return wanted == "table"
    return any(name is not None for name in value.index.names)


def _unit(unit: Any) -> str | None:
    if unit is None:
        return None
    if not is_a(unit, str) or str.__len__(unit) > MAX_UNIT:
        raise WrongForm(f'a unit is a short text such as "HK$", of at most {MAX_UNIT} letters')
    return str.__str__(unit)


def _bounded(bundle: dict[str, object]) -> dict[str, object]:
    bundle = exact(bundle)
    size = len(json.dumps(bundle, ensure_ascii=False).encode())
    if size > MAX_BYTES:
        raise WrongForm(
            f"the answer takes {size / 1e6:.1f} MB, at most {MAX_BYTES / 1e6:g}; give only what is asked for"
        )
    return bundle
