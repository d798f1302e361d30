"""The kinds of column that a table can have, each with its meaning, unit and limits."""

from __future__ import annotations

from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa
from pandera.engines import pandas_engine

Time = Annotated[pd.DatetimeTZDtype, "us", "UTC"]
Day = pandas_engine.DateTime
Words = pd.CategoricalDtype
WholeNumber = pd.Int64Dtype


def _field(kind: str, meaning: str, *, unit: str = "", nullable: bool = False, **rest: Any) -> Any:
    """Give a pandera field that carries what the data dictionary says of it."""
    extra = rest.pop("extra", {})
    return pa.Field(
        description=meaning, nullable=nullable, metadata={"kind": kind, "unit": unit, **extra}, coerce=False, **rest
    )


def key(meaning: str) -> Any:
    """Name the rows of this table."""
    return _field("id", meaning, unit="id")


def link(meaning: str, to: str, *, nullable: bool = False) -> Any:
    """Name a row of another table: ``to`` is ``"table.column"``."""
    return _field("id", meaning, unit="id", nullable=nullable, extra={"references": to})


def text(meaning: str, *, nullable: bool = False) -> Any:
    """Hold free text."""
    return _field("text", meaning, unit="text", nullable=nullable)


def words(meaning: str, *vocabulary: str, nullable: bool = False) -> Any:
    """Hold one word of a vocabulary; without one, the words are the shop's own."""
    limits = {"isin": list(vocabulary)} if vocabulary else {}
    return _field(
        "words", meaning, unit="category", nullable=nullable, extra={"vocabulary": list(vocabulary)}, **limits
    )


def time(meaning: str, *, nullable: bool = False) -> Any:
    """Hold a moment, in UTC, to the microsecond."""
    return _field("time", meaning, unit="UTC", nullable=nullable)


def day(meaning: str, *, nullable: bool = False) -> Any:
    """Hold a day of the store's own time zone."""
    return _field("day", meaning, unit="local day", nullable=nullable, dtype_kwargs={"unit": "us"})


def money(meaning: str, *, nullable: bool = False) -> Any:
    """Hold an amount that is not negative, in the store's currency."""
    return _field("money", meaning, unit="currency", nullable=nullable, ge=0)


def share(meaning: str) -> Any:
    """Hold a number from 0 to 1."""
    return _field("number", meaning, unit="share", ge=0, le=1)


def number(meaning: str, unit: str, *, nullable: bool = False) -> Any:
    """Hold a number that is not negative."""
    return _field("number", meaning, unit=unit, nullable=nullable, ge=0)


def count(meaning: str, unit: str, *, at_least: int = 0, nullable: bool = False) -> Any:
    """Hold a whole number."""
    return _field("count", meaning, unit=unit, nullable=nullable, ge=at_least)


def flag(meaning: str) -> Any:
    """Hold yes or no."""
    return _field("flag", meaning, unit="yes/no")
