"""What must hold of records, beyond each value by itself."""

from __future__ import annotations

import pandas as pd

from crm_course.tables.checks.law import Law, Tables, not_before

_A_DAY = pd.Timedelta(days=1)  # a local day may begin before the day in UTC


def _born_after(tables: Tables) -> pd.Series[bool]:
    records = tables["records"]
    return records["birthday"] > records["created_at"].dt.tz_localize(None) + _A_DAY


IDENTITY_PAST = (
    ("records", "created_at"),
    ("records", "updated_at"),
    ("accesses", "at"),
)

IDENTITY_LAWS = (
    not_before("records", "updated_at", "created_at", "is before the record was made"),
    Law("records", "birthday", "is after the record was made", _born_after, needs=("created_at",)),
)
