"""Telephone numbers: prefixes that are in use, and how people write a number."""

from __future__ import annotations

import numpy as np
import pyarrow as arrow
from pyarrow import compute

from crm_course.simulator.columns import Bools, Ints

_FOUR = 10_000


def _prefixes(*patterns: tuple[str, str, str]) -> list[int]:
    """Give the numbers of three digits from the digits allowed at each place."""
    return [int(a + b + c) for first, second, third in patterns for a in first for b in second for c in third]


_ANY = "0123456789"
_MOBILE = _prefixes(
    ("5", "13459", "0123467"),
    ("6", "1359", _ANY),
    ("6", "0", "123456789"),
    ("9", "2358", "012345678"),
    ("9", "467", _ANY),
)
_LINE = _prefixes(("2", "1346789", _ANY), ("3", "15", "0124679"))
MOBILES = np.array([10 * prefix + digit for prefix in _MOBILE for digit in range(10)])
"""First four digits of Hong Kong mobile numbers: ranges of the national numbering plan, five, six and nine."""
LINES = np.array([10 * prefix + digit for prefix in _LINE for digit in range(10)])
"""First four digits of Hong Kong fixed lines: ranges of two and three."""
_HALVES = arrow.array([f"{number:04d}" for number in range(_FOUR)])
_WAYS = [("", " "), ("", ""), ("+852 ", " "), ("+852", ""), ("852-", ""), ("(852) ", "-"), ("", "-")]
_COMMON = np.array([30, 34, 10, 10, 4, 3, 9]) / 100
WAYS = len(_WAYS)


def way_weights() -> np.ndarray:
    """Give how common each way of writing a number is."""
    return _COMMON


def swap_digits(number: Ints, which: Ints) -> Ints:
    """Swap two digits side by side among the last four; ``which`` is 0, 1 or 2.

    Where they are equal, the lower one becomes the next digit.
    """
    unit = np.array([1, 10, 100])[which]
    low, high = number // unit % 10, number // (unit * 10) % 10
    swapped = number + (high - low) * unit + (low - high) * unit * 10
    mistyped: Ints = np.where(low == high, number - low * unit + (low + 1) % 10 * unit, swapped)
    return mistyped


def write_phones(first: Ints, last: Ints, way: Ints, mainland: Bools, missing: Bools) -> arrow.Array:
    """Write numbers of two halves of four digits; those of the mainland with their country code.

    Parameters
    ----------
    first, last : int arrays
        First and last four digits.
    way : int array
        How it is written, below ``WAYS``.
    mainland, missing : bool arrays
        Whether it is a mainland number, of which ``first`` gives three digits, and whether there is none.
    """
    before = arrow.array([start for start, _ in _WAYS] + [f"+86 1{code:02d} " for code in range(100)])
    between = arrow.array([middle for _, middle in _WAYS] + [" "])
    codes = np.where(mainland, WAYS + _MAINLAND_CODES[first % len(_MAINLAND_CODES)], way)
    parts = [
        before.take(arrow.array(codes.astype(np.int32), mask=missing)),
        _HALVES.take(arrow.array(first.astype(np.int32))),
        between.take(arrow.array(np.where(mainland, WAYS, way).astype(np.int32))),
        _HALVES.take(arrow.array(last.astype(np.int32))),
    ]
    return compute.binary_join_element_wise(*parts, "")


_MAINLAND_CODES = np.array([35, 36, 37, 38, 39, 50, 51, 58, 59, 82, 83, 87, 88])
"""Second and third digit of mainland mobile numbers, which begin with 1."""
