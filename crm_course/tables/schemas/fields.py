"""The kinds of column that a table can have, each with its meaning, unit and limits, and when it is known.

A column is known with its row, unless it says by which of its row's times it is: ``known="closed_at"``. A time is known
when it has come, unless it is set ``ahead``. Several names mean the first of them that a row has.
"""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa
from pandera.engines import pandas_engine

Time = Annotated[pd.DatetimeTZDtype, "us", "UTC"]
Day = pandas_engine.DateTime
Words = pd.CategoricalDtype
WholeNumber = pd.Int64Dtype


def _field(kind: str, meaning: str, *, unit: str = "", nullable: bool = False, known: str = "", **rest: Any) -> Any:
    """Give a pandera field that carries what the data dictionary says of it."""
    about = {"kind": kind, "unit": unit, "known": tuple(known.split()), **rest.pop("extra", {})}
    return pa.Field(description=meaning, nullable=nullable, metadata=about, coerce=False, **rest)


def key(meaning: str) -> Any:
    """Name the rows of this table."""
    return _field("id", meaning, unit="id")


def link(meaning: str, to: str, *, nullable: bool = False, known: str = "") -> Any:
    """Name a row of another table: ``to`` is ``"table.column"``."""
    return _field("id", meaning, unit="id", nullable=nullable, known=known, extra={"references": to})


def text(meaning: str, *, nullable: bool = False, known: str = "") -> Any:
    """Hold free text."""
    return _field("text", meaning, unit="text", nullable=nullable, known=known)


def words(meaning: str, *vocabulary: str, nullable: bool = False, known: str = "") -> Any:
    """Hold one word of a vocabulary; without one, the words are the shop's own."""
    limits = {"isin": list(vocabulary)} if vocabulary else {}
    extra = {"vocabulary": list(vocabulary)}
    return _field("words", meaning, unit="category", nullable=nullable, known=known, extra=extra, **limits)


def time(meaning: str, *, nullable: bool = False, ahead: bool = False) -> Any:
    """Hold a moment, in UTC, to the microsecond; one that is set ahead is known with its row."""
    return _field("time", meaning, unit="UTC", nullable=nullable, extra={"ahead": ahead})


def day(meaning: str, *, nullable: bool = False, known: str = "") -> Any:
    """Hold a day of the store's own time zone."""
    return _field("day", meaning, unit="local day", nullable=nullable, known=known, dtype_kwargs={"unit": "us"})


def money(meaning: str, *, nullable: bool = False, known: str = "") -> Any:
    """Hold an amount that is not negative, in the store's currency."""
    return _field("money", meaning, unit="currency", nullable=nullable, known=known, ge=0)


def share(meaning: str) -> Any:
    """Hold a number from 0 to 1."""
    return _field("number", meaning, unit="share", ge=0, le=1)


def number(meaning: str, unit: str, *, nullable: bool = False, known: str = "") -> Any:
    """Hold a number that is not negative."""
    return _field("number", meaning, unit=unit, nullable=nullable, known=known, ge=0)


def count(meaning: str, unit: str, *, at_least: int = 0, nullable: bool = False, known: str = "") -> Any:
    """Hold a whole number."""
    return _field("count", meaning, unit=unit, nullable=nullable, known=known, ge=at_least)


def flag(meaning: str) -> Any:
    """Hold yes or no."""
    return _field("flag", meaning, unit="yes/no")
