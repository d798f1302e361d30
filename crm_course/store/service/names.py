"""What this room needs to know of a chunk's ids."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from crm_course.store.columns import Ints


class Names(Protocol):
    """Ids of a chunk's rows, as the chunk spells them."""

    products: list[str]

    def customer(self, position: Ints) -> pd.Series:
        """Spell customers."""

    def numbered(self, letter: str, position: Ints, width: int = 8) -> pd.Series:
        """Spell the rows of a table."""
