"""A first look at a table: five rows, and what its columns mean."""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.known import days_of, events_of
from crm_course.tables.storage.table_files import columns_of

ROWS = 5
WIDTH = 24  # characters of a value
OF_PEOPLE = {"customers", "records", "agents"}  # a row is a person


def speaks_of_people(name: str) -> bool:
    """Say whether a row of a table is a person's, or leads to one by its links."""
    links = {str(spec.metadata.get("references", "")).partition(".")[0] for spec in columns_of(name).values()}
    others = links - {"", name}
    return name in OF_PEOPLE or bool(others & OF_PEOPLE) or any(speaks_of_people(one) for one in others)


@dataclass(frozen=True)
class Glance:
    """Five rows of a table and what its columns mean; a row of the picture is a column of the table.

    Attributes
    ----------
    name : str
        The table's.
    rows : DataFrame
        Its first rows; none where they are not to be shown.
    number : int
        How many rows the table has.
    """

    name: str
    rows: pd.DataFrame
    number: int

    def __str__(self) -> str:
        """Give it as lines of text."""
        return f"{self._head()}\n{self._table().to_string()}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._head())}</p>{self._table().to_html()}"

    def _head(self) -> str:
        about = f"{self.name}: {SCHEMAS[self.name].__doc__} {self.number:,} rows."
        hidden = self.number and self.rows.empty
        return f"{about} Rows of single people are shown on synthetic stores only." if hidden else about

    def _table(self) -> pd.DataFrame:
        rows = self.rows.astype(object).map(_short).T
        rows.columns = pd.Index([f"row {number + 1}" for number in range(rows.shape[1])])
        rows.insert(0, "means", pd.Series(_meanings(self.name)))
        return rows.rename_axis(index="column")


def _short(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - a NaN
        return ""
    text = f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00") if isinstance(value, pd.Timestamp) else str(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _meanings(name: str) -> dict[str, str]:
    events = events_of(name)
    said = {column: _meaning(spec) for column, spec in columns_of(name).items()}
    days = {day: f"day of `{of or ' or '.join(events)}`, in the shop's time zone" for day, of in days_of(name).items()}
    return {**said, **days}


def _meaning(spec: object) -> str:
    about, unit = spec.metadata, spec.metadata["unit"]  # type: ignore[attr-defined]
    more = f" ({unit})" if about["kind"] in ("money", "number", "count", "time") else ""
    return f"{spec.description}{more}"  # type: ignore[attr-defined]
