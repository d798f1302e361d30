"""Addresses: districts and streets of Hong Kong, made-up buildings and flats, and how an address is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crm_course.simulator.columns import Floats
from crm_course.simulator.identity.naming import fancy_names, made_up, two_words
from crm_course.simulator.identity.pools import Patterns, Vocabulary, Words, lines_of
from crm_course.simulator.streams import stream

DISTRICT, PLACE, BLOCK, FLOOR, FLAT = 1, 2, 3, 4, 5
PLACES_EACH = 60
BLOCKS, FLOORS, FLATS = 12, 45, 20
_STREETS_EACH = 24
_SHORT = {" Road": " Rd", " Street": " St", " Avenue": " Ave", " Garden": " Gdn", " Court": " Ct", " Mansion": " Mans"}


@dataclass(frozen=True)
class PlacePools:
    """Districts by number with their residents, whether a place is an estate of blocks, and the words."""

    districts: list[str]
    residents: Floats
    estate: np.ndarray
    words: Vocabulary


@lru_cache(maxsize=2)
def place_pools(seed: int) -> PlacePools:
    """Lay out the places of a world: in each district some house numbers of its streets and some estates."""
    rng = stream(seed, "places")
    rows = [line.split("|") for line in lines_of("districts")]
    fancy, kinds = fancy_names(), made_up("building")
    places: list[tuple[str, str]] = []
    for row in rows:
        streets = two_words("|".join(row[3:]))
        for _ in range(_STREETS_EACH):
            street, street_c = streets[int(rng.integers(len(streets)))]
            number = int(rng.integers(1, 600))
            places.append((f"{number} {street}", f"{street_c}{number}號"))
        for chosen in rng.choice(len(fancy), PLACES_EACH - _STREETS_EACH, replace=False):
            (name, name_c), (kind, kind_c) = fancy[chosen], kinds[int(rng.integers(len(kinds)))]
            places.append((f"{name} {kind}", name_c + kind_c))
    return PlacePools(
        districts=[row[0] for row in rows],
        residents=np.array([float(row[2]) for row in rows]),
        estate=np.arange(len(places)) % PLACES_EACH >= _STREETS_EACH,
        words=_address_words(rows, places),
    )


def _address_words(rows: list[list[str]], places: list[tuple[str, str]]) -> Vocabulary:
    def short(text: str) -> str:
        for long, brief in _SHORT.items():
            text = text.replace(long, brief)
        return text

    words = Words()
    words.add("district", [row[0] for row in rows])
    words.add(", district", [f", {row[0]}" for row in rows])
    words.add("district c", [row[1] for row in rows])
    words.add("place", [english for english, _ in places])
    words.add("place short", [short(english) for english, _ in places])
    words.add("place c", [chinese for _, chinese in places])
    blocks, floors = range(1, BLOCKS + 1), range(1, FLOORS + 1)
    words.add("block", ["", *(f"Block {number}, " for number in blocks)])
    words.add("block short", ["", *(f"Blk {number} " for number in blocks)])
    words.add("block c", ["", *(f"{number}座" for number in blocks)])
    words.add("floor", [f"{number}/F, " for number in floors])
    words.add("floor short", [f"{number}/F " for number in floors])
    words.add("floor c", [f"{number}樓" for number in floors])
    flats = ["ABCDEFGH"[number] if number < 8 else str(number - 7) for number in range(FLATS)]
    words.add("flat", [f"Flat {flat}, " if flat.isalpha() else f"Room {flat}, " for flat in flats])
    words.add("flat short", [f"Flt {flat} " if flat.isalpha() else f"Rm {flat} " for flat in flats])
    words.add("flat c", [f"{flat}室" for flat in flats])
    return words.freeze()


_TRAIT_OF = {"district": DISTRICT, "place": PLACE, "block": BLOCK, "floor": FLOOR, "flat": FLAT}
_WAYS = {
    "english": ["flat", "floor", "block", "place", ", district"],
    "short": ["flat short", "floor short", "block short", "place short", ", district"],
    "chinese": ["district c", "place c", "block c", "floor c", "flat c"],
    "no flat": ["block", "place", ", district"],
    "no flat chinese": ["district c", "place c", "block c"],
    "district": ["district"],
    "district chinese": ["district c"],
}


def address_patterns(start: dict[str, int]) -> Patterns:
    """Give the ways to write an address."""
    rows = {
        name: [(place, _TRAIT_OF[place.removeprefix(", ").split()[0]]) for place in places]
        for name, places in _WAYS.items()
    }
    return Patterns.of(rows, start)
