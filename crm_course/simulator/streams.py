"""Random numbers: one stream a mechanism and chunk, so that adding a table moves no other.

What a customer *is* comes from a `stream`: as many numbers as there are customers, whatever happens
later. What *happens* to her comes from `Dice`: a number belongs to a customer, an event of hers and a
use, not to a place in a queue. So the same person rolls the same dice under two policies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

CHUNK = 50_000
"""Customers simulated together; part of what a seed means, so never a setting."""

_EVENT_BITS = 48
_BLOCK = 16_384  # numbers made at a time: they stay in the processor's cache
_HALF = np.uint64(32)
_GOLDEN = 0x9E3779B97F4A7C15  # keys of two uses lie far apart and stay odd


def stream(seed: int, mechanism: str, chunk: int = 0) -> np.random.Generator:
    """Give the random stream of a mechanism (``"visits"``, ``"returns"``, …) in a chunk of customers."""
    return np.random.default_rng(_sequence(seed, mechanism, chunk))


def _sequence(seed: int, mechanism: str, chunk: int) -> np.random.SeedSequence:
    return np.random.SeedSequence(seed, spawn_key=(crc32(mechanism.encode()), chunk))


@dataclass(frozen=True)
class Dice:
    """Numbers that belong to a customer's event: the squares generator, five rounds of it.

    References
    ----------
    Widynski (2020), Squares: A fast counter-based RNG, arXiv:2004.06278.
    """

    keys: NDArray[np.uint64]

    @classmethod
    def of(cls, seed: int, mechanism: str, chunk: int = 0) -> Dice:
        """Give the dice of a mechanism in a chunk of customers."""
        first, second = _sequence(seed, mechanism, chunk).generate_state(2, np.uint64)
        return cls(np.array([first | np.uint64(1), second], dtype=np.uint64))

    def uniform(self, customer: NDArray[np.int64], event: NDArray[np.int64], use: int = 0) -> NDArray[np.float64]:
        """Give a number in (0, 1) for each event.

        Parameters
        ----------
        customer : int array
            Position in the chunk, below 65,536.
        event : int array
            Number of the customer's event, below 2**48; both arrays broadcast.
        use : int
            What the number is for: another use, another number.
        """
        who, what = np.asarray(customer).astype(np.uint64), np.asarray(event).astype(np.uint64)
        counter = (who << np.uint64(_EVENT_BITS)) | what
        key = np.uint64((int(self.keys[0]) + 2 * _GOLDEN * use) % 2**64)
        flat = counter.ravel()
        drawn = np.empty(len(flat))
        for start in range(0, len(flat), _BLOCK):
            part = slice(start, start + _BLOCK)
            drawn[part] = _squares(flat[part], key, self.keys[1])
        return drawn.reshape(counter.shape)


def _squares(counter: NDArray[np.uint64], key: np.uint64, offset: np.uint64) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        first = counter * key + offset
        second = first + key
        mixed = first.copy()
        for added in (first, second, first):
            mixed = mixed * mixed + added
            mixed = (mixed >> _HALF) | (mixed << _HALF)
        mixed = mixed * mixed + second
        kept = mixed.copy()
        mixed = (mixed >> _HALF) | (mixed << _HALF)
        kept ^= (mixed * mixed + first) >> _HALF
    uniform: NDArray[np.float64] = ((kept >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return uniform


def poisson_of(uniform: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turn uniform numbers into Poisson ones, by their inverse."""
    mean = np.broadcast_to(mean, uniform.shape)
    return _counted(uniform, np.exp(-mean), lambda rows, count: mean[rows] / count)


def binomial_of(
    uniform: NDArray[np.float64], trials: NDArray[np.int64], chance: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Turn uniform numbers into binomial ones, by their inverse; chances below 1."""
    odds = chance / (1 - chance)
    return _counted(
        uniform, (1 - chance) ** trials, lambda rows, count: (trials[rows] - count + 1) / count * odds[rows]
    )


def _counted(
    uniform: NDArray[np.float64],
    none: NDArray[np.float64],
    ratio: Callable[[NDArray[np.int64], int], NDArray[np.float64]],
) -> NDArray[np.int64]:
    """Count up until the probability of as many reaches the uniform number."""
    counts = np.zeros(len(uniform), dtype=np.int64)
    rows = np.flatnonzero(uniform > none)
    chance, reached, count = none[rows], none[rows], 0
    while len(rows):
        count += 1
        chance = chance * ratio(rows, count)
        reached = reached + chance
        counts[rows] = count
        more = (uniform[rows] > reached) & (chance > 0)
        rows, chance, reached = rows[more], chance[more], reached[more]
    return counts
