"""Which rows of an export were refused, and why: each once, with its first reason."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.tables.imports.sources.exports import PLACE, Export

COLUMNS = [*PLACE, "column", "value", "reason"]


class Ledger:
    """The rows of an export, and what became of each.

    Attributes
    ----------
    open : ndarray of bool
        For each row that could be cut, whether it has not been refused.
    """

    def __init__(self, export: Export) -> None:
        self._export = export
        self._parts: list[pd.DataFrame] = []
        self.open = np.ones(len(export.rows), dtype=bool)

    def refuse(self, rows: np.ndarray | pd.Series, columns: list[str] | str, problem: str) -> None:
        """Refuse rows, but those that have been refused before.

        Parameters
        ----------
        rows : array of bool or of int
            A mask of all rows, or positions.
        columns : list of str or str
            Columns of the export that tell why; the first names the problem.
        problem : str
            What is wrong, so that "<column> <problem>" reads as a sentence.
        """
        names = [columns] if isinstance(columns, str) else columns
        chosen = np.asarray(rows)
        at = np.flatnonzero(chosen) if chosen.dtype == bool else np.unique(chosen)
        at = at[self.open[at]]
        if not len(at):
            return
        self.open[at] = False
        table = self._export.rows
        texts = [table[f"={name}"].iloc[at] for name in names if f"={name}" in table]
        value = texts[0].str.cat(texts[1:], sep=" ") if texts else ""
        told = " + ".join(names[:1] if len(names) > 2 else names)
        self._parts.append(table[PLACE].iloc[at].assign(column=told, value=value, reason=f"{told} {problem}".strip()))

    def refused(self) -> pd.DataFrame:
        """List what was refused, broken lines as well: ``file``, ``line``, ``column``, ``value``, ``reason``."""
        broken = self._export.broken.assign(column="")[COLUMNS]
        return pd.concat([broken, *self._parts], ignore_index=True).sort_values(PLACE, kind="stable")

    @property
    def rows_in(self) -> int:
        """Rows of the export, empty lines left out."""
        return len(self._export.rows) + len(self._export.broken)
