"""The words that names, addresses and e-mail addresses are put together from: some thousands, made once a world.

Everything is looked up by number in one Arrow array of words; a *block* is where the words of one
kind begin. A row of a table is then five numbers, and Arrow joins the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as arrow
from numpy.typing import NDArray
from pyarrow import compute

Numbers = NDArray[np.int32]
_HERE = Path(__file__).parent


def lines_of(name: str) -> list[str]:
    """Read the lines of a list that lies beside this module, without its comments."""
    text = (_HERE / f"{name}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@dataclass
class Words:
    """Blocks of words under one numbering; word 0 is empty."""

    words: list[str] = field(default_factory=lambda: [""])
    start: dict[str, int] = field(default_factory=lambda: {"": 0})

    def add(self, block: str, words: Iterable[str]) -> None:
        """Append a block."""
        self.start[block] = len(self.words)
        self.words += words

    def freeze(self) -> Vocabulary:
        """Give the words as they are used."""
        return Vocabulary(arrow.array(self.words, arrow.string()), dict(self.start))


@dataclass(frozen=True)
class Vocabulary:
    """Words by number, and where each block of them begins."""

    words: arrow.Array
    start: dict[str, int]

    def join(self, numbers: Iterable[Numbers]) -> arrow.Array:
        """Join the words of each row, one array of numbers a place; word 0 adds nothing."""
        parts = [self.words.take(arrow.array(part)) for part in numbers]
        return compute.binary_join_element_wise(*parts, "")


@dataclass(frozen=True)
class Patterns:
    """How words are put in a row: for every pattern and place, a block and the trait that picks in it.

    ``rows`` maps a pattern's name to its places ``(block, trait)``; trait 0 is the block's first word.
    """

    names: tuple[str, ...]
    base: Numbers
    trait: NDArray[np.int64]

    @classmethod
    def of(cls, rows: dict[str, list[tuple[str, int]]], start: dict[str, int]) -> Patterns:
        """Look the blocks up; short rows are filled with nothing."""
        places = max(map(len, rows.values()))
        full = [[*places_of, *[("", 0)] * (places - len(places_of))] for places_of in rows.values()]
        base = np.array([[start[block] for block, _ in row] for row in full], dtype=np.int32)
        return cls(tuple(rows), base, np.array([[trait for _, trait in row] for row in full]))

    def number(self, name: str) -> int:
        """Give a pattern's number."""
        return self.names.index(name)

    def numbers(self, pattern: Numbers, traits: list[Numbers]) -> list[Numbers]:
        """Give the words' numbers of each row; ``traits[0]`` is skipped, ``traits[k]`` picks trait k."""
        table = np.stack([np.zeros(len(pattern), dtype=np.int32), *traits])
        everything = np.arange(len(pattern))
        places = range(self.base.shape[1])
        return [self.base[:, place][pattern] + table[self.trait[:, place][pattern], everything] for place in places]


_FAKER_SEED = 1
_FAKER_DRAWS = 1200


@lru_cache(maxsize=16)
def faker_names(locale: str, method: str) -> tuple[str, ...]:
    """Draw different names from a pool of Faker's, the common ones first; the same in every world."""
    from faker import Faker

    fake = Faker(locale)
    fake.seed_instance(_FAKER_SEED)
    draw = getattr(fake, method)
    counted: dict[str, int] = {}
    for _ in range(_FAKER_DRAWS):
        name = draw()
        counted[name] = counted.get(name, 0) + 1
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))


def mistype(word: str, rng: np.random.Generator) -> str:
    """Swap, drop, double or replace a letter of a Latin word, after its first where it can be."""
    letters = list(word)
    places = [place for place, letter in enumerate(word) if place > 0 and letter.isalpha()] or [0]
    at = places[int(rng.integers(len(places)))]
    kind = int(rng.integers(4))
    if kind == 0 and at > 1 and word[at - 1].isalpha():
        letters[at - 1], letters[at] = letters[at], letters[at - 1]
    elif kind == 1 and len(word) > 3:
        del letters[at]
    elif kind == 2:
        letters.insert(at, letters[at].lower())
    else:
        letters[at] = _NEIGHBOUR.get(letters[at].lower(), "e")
    slipped = "".join(letters)
    slipped = slipped if slipped != word else word + word[-1]
    return slipped.upper() if word.isupper() else slipped


_NEIGHBOUR = dict(zip("aeiounghklmtswyc", "seouimhgjkntadtv", strict=True))
