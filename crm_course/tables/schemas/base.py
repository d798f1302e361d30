"""What the schemas of all tables share."""

from __future__ import annotations

import pandera.pandas as pa


class Table(pa.DataFrameModel):
    """What all tables share: columns beyond the named ones are left alone."""

    class Config:
        """Settings that pandera reads."""

        strict = False
        coerce = False
