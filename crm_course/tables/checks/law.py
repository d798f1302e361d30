"""What a law between columns or tables is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
HALF_A_CENT = 0.005


@dataclass(frozen=True)
class Law:
    """A law: the column to blame, the columns it needs, and where it is broken."""

    table: str
    column: str
    problem: str
    broken: Callable[[Tables], pd.Series[bool]]
    needs: tuple[str, ...] = ()
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def applies(self, tables: Tables) -> bool:
        """Say whether all that the law speaks of is there."""
        needed = {self.table: (self.column, *self.needs), **self.elsewhere}
        return all(name in tables and set(columns) <= set(tables[name].columns) for name, columns in needed.items())


def not_before(table: str, column: str, earlier: str, problem: str) -> Law:
    """Say that a time may not lie before another of the same row."""
    return Law(table, column, problem, lambda tables: tables[table][column] < tables[table][earlier], (earlier,))


def of_each(ids: pd.Series, table: pd.DataFrame, key: str, value: str) -> pd.Series:
    """Give the value that belongs to each id; of keys that are there twice, the first's."""
    known = table[table[key].notna()].drop_duplicates(key).set_index(key)[value]
    return known.reindex(ids).set_axis(ids.index)
