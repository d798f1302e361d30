"""From numpy to table columns without a detour through Python objects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as arrow
from numpy.typing import NDArray

MONEY = arrow.decimal128(12, 2)
Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def series(values: arrow.Array) -> pd.Series:
    """Give an Arrow array as a pandas column, which is written as it is."""
    return pd.Series(pd.arrays.ArrowExtensionArray(values))


def ids(prefix: str, numbers: Ints, width: int, missing: Bools | None = None) -> arrow.Array:
    """Spell numbers as ids of fixed length: ``ids("C", [7], 4)`` is ``C0007``."""
    start = len(prefix)
    letters = np.empty((len(numbers), start + width), dtype=np.uint8)
    letters[:, :start] = np.frombuffer(prefix.encode("ascii"), dtype=np.uint8)
    rest = numbers.astype(np.uint32 if width <= 9 else np.uint64)
    ten = rest.dtype.type(10)
    for place in range(start + width - 1, start - 1, -1):
        rest, digit = np.divmod(rest, ten)
        letters[:, place] = digit + 48
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * np.int32(start + width)
    return arrow.Array.from_buffers(
        arrow.string(), len(numbers), [_present(missing), arrow.py_buffer(offsets), arrow.py_buffer(letters)]
    )


def taken(column: pd.Series, positions: Ints) -> pd.Series:
    """Give the values of an Arrow column at positions; a negative position is missing."""
    return series(arrow.array(column).take(arrow.array(positions.astype(np.int32), mask=positions < 0)))


def words(codes: Ints | Small, vocabulary: list[str]) -> pd.Series:
    """Give positions in a vocabulary as words; a negative position is missing."""
    positions = arrow.array(codes.astype(np.int32), mask=codes < 0)
    return series(arrow.DictionaryArray.from_arrays(positions, arrow.array(vocabulary, arrow.string())))


def texts(codes: Ints | Small, vocabulary: list[str]) -> pd.Series:
    """Give positions in a list as plain text; a negative position is missing."""
    positions = arrow.array(codes.astype(np.int32), mask=codes < 0)
    return series(arrow.array(vocabulary, arrow.string()).take(positions))


def known_ids(prefix: str, numbers: Ints, width: int) -> pd.Series:
    """Spell numbers as ids of fixed length; a number below 1 is missing."""
    rows = np.flatnonzero(numbers >= 1)
    place = np.full(len(numbers), -1)
    place[rows] = np.arange(len(rows))
    return taken(series(ids(prefix, numbers[rows], width)), place)


def money(cents: Ints, missing: Bools | None = None) -> pd.Series:
    """Give cents as money."""
    halves = np.empty((len(cents), 2), dtype="<i8")
    halves[:, 0] = cents
    halves[:, 1] = cents >> 63  # the sign, as the upper half of a 128-bit number has it
    return series(arrow.Array.from_buffers(MONEY, len(cents), [_present(missing), arrow.py_buffer(halves)]))


def _present(missing: Bools | None) -> arrow.Buffer | None:
    return None if missing is None else arrow.array(~missing).buffers()[1]


def days(since_1970: Ints, missing: Bools | None = None) -> arrow.Array:
    """Give days since 1970 as days."""
    return arrow.array(since_1970.astype(np.int32), arrow.int32(), mask=missing).cast(arrow.date32())


def times(seconds: Ints, missing: Bools | None = None) -> pd.Series:
    """Give seconds since 1970 as UTC times."""
    return series(arrow.array(seconds * 1_000_000, arrow.timestamp("us", "UTC"), mask=missing))
