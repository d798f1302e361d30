"""What must hold of records, beyond each value by itself."""

from __future__ import annotations

import pandas as pd

from crm_course.tables.laws import Law, Tables


def _confirmed_before_made(tables: Tables) -> pd.Series[bool]:
    records = tables["records"]
    return records["updated_at"] < records["created_at"]


def _born_after(tables: Tables) -> pd.Series[bool]:
    records = tables["records"]
    return records["birthday"] > records["created_at"].dt.tz_localize(None) + _A_DAY


_A_DAY = pd.Timedelta(days=1)  # a local day may begin before the day in UTC

LAWS = (
    Law("records", "updated_at", "is before the record was made", _confirmed_before_made, needs=("created_at",)),
    Law("records", "birthday", "is after the record was made", _born_after, needs=("created_at",)),
)
