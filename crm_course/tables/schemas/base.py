"""What the schemas of all tables share."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pandera.pandas as pa
from pandera.typing import get_index_types, get_series_types


def _without_dask() -> None:
    """Let pandera learn, once a process, that no column is dask's: to ask dask takes as long as the first table."""
    name = "pandera.typing.dask"
    if name not in sys.modules:
        sys.modules[name] = SimpleNamespace(DASK_INSTALLED=False)  # type: ignore[assignment]
        try:
            get_series_types(), get_index_types()  # they keep what they found
        finally:
            del sys.modules[name]  # whoever imports it later has the true one


_without_dask()


def known_by(event: str) -> dict[str, object]:
    """Say by which of its times a row is known: a column of it, or ``table.column`` of a row that it names.

    Several names mean the first of them that a row has. A table that says nothing is known whole: what is in it was
    there before the data begin, or is planned.
    """
    return {"event": tuple(event.split())}


class Table(pa.DataFrameModel):
    """What all tables share: columns beyond the named ones are left alone."""

    class Config:
        """Settings that pandera reads."""

        strict = False
        coerce = False
