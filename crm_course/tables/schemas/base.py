"""What the schemas of all tables share."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pandera.pandas as pa

# pandera would import dask to learn whether a column is dask's: as long as all else that the first table takes.
sys.modules.setdefault("pandera.typing.dask", SimpleNamespace(DASK_INSTALLED=False))  # type: ignore[arg-type]


class Table(pa.DataFrameModel):
    """What all tables share: columns beyond the named ones are left alone."""

    class Config:
        """Settings that pandera reads."""

        strict = False
        coerce = False
