"""What of a table is known on a day, and the days of the store's own calendar on which things happened.

Which time a row and a column is known by stands in the schemas: see `crm_course.tables.schemas.fields`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.info import end_of_day
from crm_course.tables.storage.table_files import columns_of

DAY = "day"  # the day of a row's event
Look = Callable[[str, str], pd.Series]  # of another table and a column of it: its values, by the table's key


def local_day(moments: pd.Series, time_zone: str) -> pd.Series:
    """Give the day of the store's own calendar on which each moment lies.

    Parameters
    ----------
    moments : Series of datetime64[us, UTC]
        Moments.
    time_zone : str
        The store's zone, such as ``Asia/Hong_Kong``.

    Returns
    -------
    Series of datetime64[us]
        Midnight of the local day, without a zone.
    """
    return moments.dt.tz_convert(time_zone).dt.tz_localize(None).dt.normalize()


def events_of(name: str) -> tuple[str, ...]:
    """Give the times by which a row of a table is known, the first that it has; none: the table is known whole."""
    config = SCHEMAS[name].__config__
    return tuple(config.metadata.get("event", ())) if config and config.metadata else ()


def own_event(name: str) -> tuple[str, ...]:
    """Give the one time of its own by which a row is known; none where it is a day, or another table's."""
    events, schema = events_of(name), columns_of(name)
    return events if len(events) == 1 and events[0] in schema and schema[events[0]].metadata["kind"] == "time" else ()


def days_of(name: str) -> dict[str, str]:
    """Give the days that can be made of a table's times: ``day`` of its event, ``x_day`` of every other ``x_at``.

    Returns
    -------
    dict of str to str
        By the day's column, the time that it is of; of ``day`` an empty text.
    """
    schema, events = columns_of(name), events_of(name)
    if not events:
        return {}
    times = [column for column, spec in schema.items() if spec.metadata["kind"] == "time" and column.endswith("_at")]
    made = {f"{column.removesuffix('_at')}_day": column for column in times if (column,) != events}
    return {DAY: "", **made}


def known_by(name: str, column: str) -> tuple[str, ...]:
    """Give the times of its row by which a column is known; none: it is known with its row."""
    spec = columns_of(name)[column]
    if spec.metadata["kind"] == "time" and not spec.metadata["ahead"] and (column,) != events_of(name):
        return (column,)
    return tuple(spec.metadata["known"])


def own_columns(name: str, times: tuple[str, ...]) -> list[str]:
    """Give the columns of a table that are needed to find some times: the times themselves, or the links to them."""
    return [_link(name, time.partition(".")[0]) if "." in time else time for time in times]


def _link(name: str, other: str) -> str:
    """Find the column that names a row of another table."""
    key = SCHEMAS[other].to_schema().unique[0]
    return next(
        column for column, spec in columns_of(name).items() if spec.metadata.get("references") == f"{other}.{key}"
    )


def moments(table: pd.DataFrame, name: str, times: tuple[str, ...], look: Look) -> pd.Series:
    """Give of each row the first of some times that it has: a moment, or a day where the times are days."""
    found: pd.Series | None = None
    for time in times:
        other, _, column = time.rpartition(".")
        values = (
            look(other, column).reindex(table[_link(name, other)]).set_axis(table.index) if other else table[column]
        )
        found = values if found is None else found.fillna(values)
    return pd.Series(pd.NaT, table.index) if found is None else found


@dataclass(frozen=True)
class Cut:
    """The end of a day: what comes later is not known yet.

    Attributes
    ----------
    day : Timestamp
        The last local day that counts.
    time_zone : str
        The store's.
    """

    day: pd.Timestamp
    time_zone: str

    @property
    def end(self) -> pd.Timestamp:
        """The moment at which the day is over, in UTC."""
        return pd.Timestamp(end_of_day(self.day.date(), self.time_zone))

    def has_come(self, times: pd.Series) -> pd.Series:
        """Say which moments, or days, have come by then; one that is missing has not."""
        return times < self.end if isinstance(times.dtype, pd.DatetimeTZDtype) else times <= self.day

    def come(self, table: pd.DataFrame, name: str) -> pd.DataFrame:
        """Give the rows whose own event has come, with all that is in them."""
        for event in own_event(name):
            later = table[event] >= self.end
            table = table[~later].reset_index(drop=True) if later.any() else table
        return table

    def known(self, table: pd.DataFrame, name: str, look: Look) -> pd.DataFrame:
        """Give the rows that are known, with what is not known of them yet missing.

        Parameters
        ----------
        table : DataFrame
            Some columns of the table, and those that `own_columns` gives for them.
        name : str
            The table's name in ``SCHEMAS``.
        look : function of a table and a column
            Gives times of other tables by key.

        Notes
        -----
        Where a shop's system never writes down when something was known, as the day on which a complaint was
        classified, it is taken to be known with its row.
        """
        events = events_of(name)
        if not events:
            return table
        recorded = {time for column in table for time in known_by(name, str(column)) if table[time].notna().any()}
        table = table[self.has_come(moments(table, name, events, look))].reset_index(drop=True)
        unknown = {}
        for column in map(str, table):
            if times := tuple(time for time in known_by(name, column) if time in recorded):
                unknown[column] = ~self.has_come(moments(table, name, times, look))
        table = table.assign(**{column: table[column].mask(mask) for column, mask in unknown.items() if mask.any()})
        return table.assign(**{column: _words_used(table[column]) for column in table.select_dtypes("category")})


def _words_used(values: pd.Series) -> pd.Series:
    """Give a column of words without those that no row has: a word may be of later than the rows."""
    return values.cat.set_categories(sorted(values.dropna().unique()))


def with_days(table: pd.DataFrame, name: str, wanted: list[str], time_zone: str, look: Look) -> pd.DataFrame:
    """Add days to a table: see `days_of`."""
    of = days_of(name)
    made = {}
    for column in wanted:
        times = moments(table, name, (of[column],) if of[column] else events_of(name), look)
        made[column] = local_day(times, time_zone) if isinstance(times.dtype, pd.DatetimeTZDtype) else times
    return table.assign(**made)
