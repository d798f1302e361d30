"""The figures that a chapter hands on: scalars by name, for readers and for programs."""

from __future__ import annotations

import html

import numpy as np
import pandas as pd
from IPython.display import display

from crm_course.tables.small_groups import is_few

MIME = "application/vnd.crm-course.report+json"
DIGITS = 9

Scalar = float | int | str | bool | None


def report(**figures: Scalar) -> None:
    """Show figures, a line each, and hand them on as a MIME bundle.

    Parameters
    ----------
    **figures : number, str, bool or None
        Scalars by name. numpy scalars are turned into Python's; a number with decimals keeps nine significant
        digits, since another processor sums in another order and differs in the last ones; what is no finite number,
        as of a group too small to be shown, becomes None: a notebook's JSON has no word for it.

    Raises
    ------
    TypeError
        If a figure is not a scalar.

    Examples
    --------
    >>> report(customers=2000, gini=0.71)  # doctest: +SKIP
    customers  2000
    gini       0.71
    """
    plain = {name: _scalar(f"report({name}=…)", value) for name, value in figures.items()}
    width = max((len(name) for name in plain), default=0)
    lines = "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in plain.items())
    _hand_on(plain, {"text/plain": lines})


def note(*, unit: str = "", people: float | pd.Series | None = None, **figures: Scalar) -> None:
    """Keep a chapter's figure under the name by which ``crm-course run --json`` gives it, and show it in small type.

    Parameters
    ----------
    unit : str
        What the reader sees behind the number; ``"%"`` shows a share of 1 as per cent.
    people : int or Series of bool, optional
        How many people the figures are of, or of each person whether they are of her: figures of fewer people than the
        notebook shows are None, and so are those of all but so few.
    **figures : number, str, bool or None
        As `report` takes them.

    Raises
    ------
    TypeError
        If a figure is not a scalar.

    Examples
    --------
    >>> note(top_20_share=0.47, unit="%")  # doctest: +SKIP
    top_20_share = 47 %
    """
    parts = [people.sum(), (~people).sum()] if isinstance(people, pd.Series) else [people or 0]
    hidden = any(is_few(part) for part in parts)
    plain = {name: None if hidden else _scalar(f"note({name}=…)", value) for name, value in figures.items()}
    told = [f"{name} = {_with_unit(value, unit)}" for name, value in plain.items()]
    small = "".join(f'<div style="color: #666; font-size: 85%">{html.escape(one)}</div>' for one in told)
    _hand_on(plain, {"text/plain": "\n".join(told), "text/html": small})


def _hand_on(figures: dict[str, Scalar], told: dict[str, str]) -> None:
    display({MIME: {"v": 1, "figures": figures}, **told}, raw=True)


def _scalar(call: str, value: object) -> Scalar:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    if value is None or isinstance(value, (int, str, bool)):
        return value
    raise TypeError(f"{call}: a figure is one number, text or truth value, not {type(value).__name__}")


def _with_unit(value: Scalar, unit: str) -> str:
    if value is None:
        return "not shown"
    if unit == "%" and isinstance(value, (int, float)):
        return f"{100 * value:.3g} %"
    return f"{_shown(value)} {unit}".rstrip()


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)
