"""Single values and lists of them, reduced to Python's own types."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.values import MAX_ROWS, Scalar, WrongForm

LISTS = (list, tuple, set, frozenset, range)


class NoScalar(Exception):
    """The value is not a single number, text, truth value or day."""


def a(value: object, *kinds: type) -> bool:
    """Say whether a value's class is one of some or below it; what the value claims does not matter."""
    return issubclass(type(value), kinds)


def scalar(value: Any) -> Scalar:
    """Reduce one value.

    Subclasses lose whatever they override; days and times become ISO text, in UTC where they name a time zone.

    Returns
    -------
    float, int, str, bool or None
        None where the value is missing (None, NaN, NaT, NA).

    Raises
    ------
    NoScalar
        If it is something else.
    WrongForm
        If it is infinite or a duration.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if a(value, Enum) and not a(value, int, str, float):
        return scalar(value.value)
    if a(value, bool, np.bool_):
        return bool(value)
    if a(value, str):
        return str.__str__(value)
    if a(value, dt.timedelta, np.timedelta64):
        raise WrongForm("a duration has no unit that all agree on; give a number of days or hours")
    if a(value, dt.date, np.datetime64):
        return _iso(value)
    return _number(value)


def _number(value: Any) -> float | int | None:
    if a(value, int):
        return int.__int__(value)
    if a(value, float):
        number = float.__float__(value)
    elif a(value, Decimal):
        number = math.nan if Decimal.is_nan(value) else Decimal.__float__(value)
    elif a(value, np.integer) and type(value).__module__ == "numpy":
        return int(value)
    elif a(value, np.floating) and type(value).__module__ == "numpy":
        number = float(value)
    else:
        raise NoScalar
    if math.isinf(number):
        raise WrongForm("an infinite number is no answer; look for a division by zero")
    return None if math.isnan(number) else number


def _iso(value: Any) -> str | None:
    if a(value, np.datetime64):
        return None if np.isnat(value) else _iso(pd.Timestamp(value))
    if not a(value, dt.datetime):
        return dt.date.isoformat(value)
    if dt.datetime.utcoffset(value) is not None:
        return dt.datetime.isoformat(dt.datetime.astimezone(value, dt.UTC)).replace("+00:00", "Z")
    text = dt.datetime.isoformat(value)
    return text.removesuffix("T00:00:00")


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
    from crm_course.answers.encoding.tables import column

    kind = next((one for one in LISTS if a(value, one)), None)
    if kind is not None:
        _not_too_long(kind.__len__(value))
        found = _each(kind.__iter__(value))
        return sorted(found, key=_order) if kind in (set, frozenset) else found
    if a(value, pd.MultiIndex):
        raise WrongForm("an index of several levels is no list; give a table with a column for each level")
    if a(value, np.ndarray) and np.ndim(value) != 1:
        raise WrongForm(f"an array of {np.ndim(value)} dimensions is no list; give a table with named columns")
    if a(value, pd.Series, pd.Index, np.ndarray, pd.api.extensions.ExtensionArray):
        _not_too_long(len(value))
        return column(pd.Series(value), "the list")[1]
    raise NoScalar


def _not_too_long(length: int) -> None:
    if length > MAX_ROWS:
        raise WrongForm(f"a list of {length:,} entries is too long, at most {MAX_ROWS:,}; give only what is asked for")


def _each(values: Iterable[Any]) -> list[Scalar]:
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
