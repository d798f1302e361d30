"""Ids: how rows are named, so that a name tells nothing but the order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.simulator import columns, streams
from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.world.world import World


class Names:
    """Ids of a chunk's rows: what is numbered within a chunk carries the chunk's number in front."""

    def __init__(self, world: World, chunk: int, count: int) -> None:
        self.stores = world.store_ids
        self.products = [f"P{number:04d}" for number in range(1, len(world.catalogue) + 1)]
        self.promotions = [promotion.promotion_id for promotion in world.promotions]
        self._chunk = chunk
        self._customers = columns.ids("C", chunk * streams.CHUNK + 1 + np.arange(count), 7)

    def customer(self, position: Ints) -> pd.Series:
        """Spell customers."""
        return columns.series(self._customers.take(position))

    def numbered(self, letter: str, position: Ints, width: int = 8, missing: Bools | None = None) -> pd.Series:
        """Spell the rows of a table."""
        return columns.series(columns.ids(f"{letter}{self._chunk:03d}", position + 1, width, missing))
