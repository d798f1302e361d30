"""Random numbers: one stream a mechanism and chunk, so that adding a table moves no other."""

from __future__ import annotations

from zlib import crc32

import numpy as np

CHUNK = 50_000
"""Customers simulated together; part of what a seed means, so never a setting."""


def stream(seed: int, mechanism: str, chunk: int = 0) -> np.random.Generator:
    """Give the random stream of a mechanism (``"visits"``, ``"returns"``, …) in a chunk of customers."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(mechanism.encode()), chunk)))
