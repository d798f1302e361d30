"""Lists of single values, reduced to Python's own types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.encoding.scalars import NoScalar, is_a, scalar
from crm_course.answers.encoding.tables import column
from crm_course.answers.values import MAX_ROWS, Scalar, WrongForm

LISTS = (list, tuple, set, frozenset, range)


def entries(value: Any) -> list[Scalar]:
    """Reduce a list, tuple, set, range, or a one-dimensional array, Index or Series, whose index is dropped.

    Sets come out sorted, so that the same answer is always the same bytes.

    Raises
    ------
    NoScalar
        If it is none of these.
    WrongForm
        If it is too long or holds something other than single values.
    """
    kind = next((one for one in LISTS if is_a(value, one)), None)
    if kind is not None:
        _not_too_long(kind.__len__(value))
        found = _each(kind.__iter__(value))
        return sorted(found, key=_order) if kind in (set, frozenset) else found
    if is_a(value, pd.MultiIndex):
        raise WrongForm("an index of several levels is no list; give a table with a column for each level")
    if is_a(value, np.ndarray) and np.ndim(value) != 1:
        raise WrongForm(f"an array of {np.ndim(value)} dimensions is no list; give a table with named columns")
    if is_a(value, pd.Series, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray):
        _not_too_long(len(value))
        return column(pd.Series(value), "the list")[1]
    raise NoScalar


def _not_too_long(length: int) -> None:
    if length > MAX_ROWS:
        raise WrongForm(f"a list of {length:,} entries is too long, at most {MAX_ROWS:,}; give only what is asked for")


def _each(values: Iterable[object]) -> list[Scalar]:
    found = []
    for number, one in enumerate(values, start=1):
        try:
            found.append(scalar(one))
        except NoScalar:
            kind = type(one)
            if kind.__module__.startswith("matplotlib."):
                raise WrongForm(
                    f"these are the marks of a figure ({kind.__name__}); give the figure or its axes, such as plt.gca()"
                ) from None
            raise WrongForm(
                f"entry {number} of the list is of type {kind.__name__}; a list holds single numbers or texts"
            ) from None
    return found


def _order(value: Scalar) -> tuple[str, float, str]:
    if value is None or isinstance(value, str):
        return (type(value).__name__, 0.0, value or "")
    return ("", float(value), "")
