"""The figures that a chapter hands on: one dict of scalars, for readers and for programs."""

from __future__ import annotations

import numpy as np
from IPython.display import display

MIME = "application/vnd.crm-course.report+json"
DIGITS = 9


def report(**figures: float | int | str | bool | None) -> None:
    """Show a chapter's figures and hand them on as a MIME bundle.

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
    plain = {name: _scalar(name, value) for name, value in figures.items()}
    width = max((len(name) for name in plain), default=0)
    lines = "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in plain.items())
    display({MIME: {"v": 1, "figures": plain}, "text/plain": lines}, raw=True)


def _scalar(name: str, value: object) -> float | int | str | bool | None:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    if value is None or isinstance(value, (int, str, bool)):
        return value
    raise TypeError(f"report({name}=…): a figure is one number, text or truth value, not {type(value).__name__}")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)
