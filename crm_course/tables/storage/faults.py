"""What can be wrong in a table, in words that a shop person understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pandera.errors

_WORDLIST = 12


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and everywhere it is.

    Attributes
    ----------
    column : str or None
        The column; None when the whole table is meant.
    problem : str
        What is wrong, so that "<value> <problem>" reads as a sentence.
    rows : sequence of int
        Data rows, counted from 1 without the header; empty when all of the column is meant.
    values : sequence
        The wrong value of each row.
    """

    column: str | None
    problem: str
    rows: Sequence[int] = ()
    values: Sequence[object] = ()

    def __str__(self) -> str:
        """Tell the first place in one line, and how many more there are."""
        where = f"column {self.column}" if self.column else "the table"
        if not len(self.rows):
            return f"{where} {self.problem}"
        value = shown(self.values[0])
        more = f" (and {len(self.rows) - 1:,} more)" if len(self.rows) > 1 else ""
        return f"{where}, row {self.rows[0]}: {'it' if value is None else repr(value)} {self.problem}{more}"


def fault_where(broken: pd.Series | np.ndarray, values: pd.Series, problem: str) -> list[Fault]:
    """Give the fault of all rows of a column where `broken` holds; an empty list when there is none."""
    at = np.flatnonzero(np.asarray(broken, dtype=bool))
    if not len(at):
        return []
    return [Fault(str(values.name), problem, (at + 1).tolist(), values.iloc[at].tolist())]


def shown(value: object) -> str | None:
    """Write a value as a person would; None when it is missing."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value.tz is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def faults_of_schema(error: pandera.errors.SchemaErrors, unique: list[str]) -> list[Fault]:
    """Turn what pandera found into faults, one per column and check.

    Parameters
    ----------
    error : SchemaErrors
        What a lazy validation raised.
    unique : list of str
        The columns that together name a row, as the schema says.
    """
    statistics = {check.error: check.statistics for spec in error.schema.columns.values() for check in spec.checks}
    cases = error.failure_cases
    of_types = cases["check"].str.startswith("dtype(")
    cases = cases if of_types.all() else cases[~of_types]
    doubled = cases["check"] == "multiple_fields_uniqueness"
    told_once = (cases["column"] == (unique[0] if unique else None)) & cases["failure_case"].notna()
    cases = cases[~doubled | told_once]
    return [
        _fault(column, _problem(str(check), statistics, unique), group)
        for (column, check), group in cases.groupby(["column", "check"], sort=False, dropna=False)
    ]


def _fault(column: object, problem: str, cases: pd.DataFrame) -> Fault:
    name = None if pd.isna(column) else str(column)
    if cases["index"].isna().any():
        return Fault(name, problem)
    cases = cases.sort_values("index")
    return Fault(name, problem, (cases["index"].astype(int) + 1).tolist(), cases["failure_case"].tolist())


def _problem(check: str, statistics: dict[str, dict[str, Any]], unique: list[str]) -> str:
    known = {"not_nullable": "is empty and must not be", "field_uniqueness": "is there more than once"}
    if check in known:
        return known[check]
    if check == "multiple_fields_uniqueness":
        rest = f" with the same {', '.join(unique[1:])}" if unique[1:] else ""
        return f"is there more than once{rest}"
    limits = statistics.get(check, {})
    if "allowed_values" in limits:
        return f"is none of: {_listed(limits['allowed_values'])}"
    if "min_value" in limits:
        return "is negative" if limits["min_value"] == 0 else f"is below {limits['min_value']}"
    if "max_value" in limits:
        return f"is above {limits['max_value']}"
    return f"does not hold to {check}"


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _WORDLIST} more" if len(words) > _WORDLIST else ""
    return ", ".join(words[:_WORDLIST]) + more


def what_to_do(path: Path) -> str:
    """Say where everything that is wrong can be seen."""
    return f"correct the file; `crm-course check {path.parent}` lists everything that is wrong"
