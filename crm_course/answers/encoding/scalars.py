"""Single values, reduced to Python's own types."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

from crm_course.answers.values import Scalar, WrongForm


class NoScalar(Exception):
    """The value is not a single number, text, truth value or day."""


def is_a(value: object, *kinds: type) -> bool:
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
    if is_a(value, Enum) and not is_a(value, int, str, float):
        return scalar(value.value)
    if is_a(value, bool, np.bool_):
        return bool(value)
    if is_a(value, str):
        return str.__str__(value)
    if is_a(value, dt.timedelta, np.timedelta64):
        raise WrongForm("a duration has no unit that all agree on; give a number of days or hours")
    if is_a(value, dt.date, np.datetime64):
        return _iso(value)
    return _number(value)


def _number(value: Any) -> float | int | None:
    if is_a(value, int):
        return int.__int__(value)
    if is_a(value, float):
        number = float.__float__(value)
    elif is_a(value, Decimal):
        number = math.nan if Decimal.is_nan(value) else Decimal.__float__(value)
    elif is_a(value, np.integer) and type(value).__module__ == "numpy":
        return int(value)
    elif is_a(value, np.floating) and type(value).__module__ == "numpy":
        number = float(value)
    else:
        raise NoScalar
    if math.isinf(number):
        raise WrongForm("an infinite number is no answer; look for a division by zero")
    return None if math.isnan(number) else number


def _iso(value: Any) -> str | None:
    if is_a(value, np.datetime64):
        return None if np.isnat(value) else _iso(pd.Timestamp(value))
    if not is_a(value, dt.datetime):
        return dt.date.isoformat(value)
    if dt.datetime.utcoffset(value) is not None:
        return dt.datetime.isoformat(dt.datetime.astimezone(value, dt.UTC)).replace("+00:00", "Z")
    text = dt.datetime.isoformat(value)
    return text.removesuffix("T00:00:00")
