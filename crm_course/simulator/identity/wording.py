"""The words that names and e-mail addresses are written with, right and mistyped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crm_course.simulator.identity.pools import Vocabulary, Words, mistype

_HOSTS = ("jadepost", "harbourmail", "lionrock", "pearlnet", "peakmail", "starferry", "kowloonline", "bauhiniamail")
MAILBOXES = [f"@{host}.example" for host in _HOSTS]
"""Domains below ``.example``, which RFC 2606 reserves: nobody can own one."""
_SLIPPED = ("jadpost", "habourmail", "lionrok", "pearlnett", "peakmial", "starfery", "kowlonline", "bauhinamail")
MISTYPED_MAILBOXES = [f"@{host}.example" for host in _SLIPPED]


@dataclass(frozen=True)
class GivenName:
    """A given name in Chinese: its characters as rows of the list."""

    characters: tuple[list[str], ...]

    def write(self, column: int) -> str:
        """Write it in Traditional (0) or Simplified (1) characters."""
        return "".join(row[column] for row in self.characters)

    def latin(self, separator: str) -> str:
        """Write it as it sounds in Hong Kong."""
        return separator.join(row[2] for row in self.characters)

    def pinyin(self) -> str:
        """Write it as it sounds in Mandarin."""
        return "".join(row[3] for row in self.characters).capitalize()


@dataclass(frozen=True)
class Lists:
    """Lists of names: surnames as rows of their list, given names, English ones, companies in three forms."""

    surnames: list[list[str]]
    given: list[GivenName]
    english: list[str]
    foreign: list[str]
    companies: list[tuple[str, str, str]]
    characters: list[list[str]]


def name_words(lists: Lists, rng: np.random.Generator) -> Vocabulary:
    """Give every word of a name, and beside it the word with a slip in it."""
    words = Words()
    words.add("between", [" "])
    words.add("comma", [", "])
    words.add("title", ["Ms ", "Mr "])
    words.add("title c", ["小姐", "先生"])
    for column, block in enumerate(("company", "company c", "COMPANY")):
        words.add(block, [company[column] for company in lists.companies])
    for column, block in enumerate(("surname c", "surname s")):
        words.add(block, [row[column] for row in lists.surnames])
    latin: dict[str, list[str]] = {
        "Surname": [row[2] for row in lists.surnames],
        "SURNAME": [row[2].upper() for row in lists.surnames],
        "Pinyin": [row[3] for row in lists.surnames],
        "PINYIN": [row[3].upper() for row in lists.surnames],
        "Given": [name.latin(" ") for name in lists.given],
        "Given-": [name.latin("-").capitalize() for name in lists.given],
        "Givenpin": [name.pinyin() for name in lists.given],
        "English": lists.english,
        "E.": [f"{name[0]}." for name in lists.english],
        "Foreign": lists.foreign,
        "FOREIGN": [name.upper() for name in lists.foreign],
    }
    for block, spelt in latin.items():
        words.add(block, spelt)
        words.add(f"{block} slip", [mistype(word, rng) for word in spelt])
    by_sound: dict[str, list[list[str]]] = {}
    for row in lists.characters:
        by_sound.setdefault(row[2], []).append(row)
    alike = [_sound_alike(name, by_sound, rng) for name in lists.given]
    for column, block in enumerate(("given c", "given s")):
        words.add(block, [name.write(column) for name in lists.given])
        words.add(f"{block} slip", [name.write(column) for name in alike])
    return words.freeze()


def _sound_alike(name: GivenName, by_sound: Mapping[str, list[list[str]]], rng: np.random.Generator) -> GivenName:
    """Give a name whose last character sounds the same; where there is none, the last is doubled or left out."""
    *before, last = name.characters
    others = [row for row in by_sound[last[2]] if row != last]
    if others:
        return GivenName((*before, others[int(rng.integers(len(others)))]))
    return GivenName(tuple(before) or (last, last))


def mail_words(lists: Lists) -> Vocabulary:
    """Give every word of an e-mail address."""
    words = Words()
    words.add("stroke", ["", ".", "_", "-"])
    words.add("number", ["", *(f"{number:02d}" for number in range(100)), *map(str, range(1000, 10_000))])
    words.add("surname", [_plain(row[2]) for row in lists.surnames])
    words.add("pinyin", [_plain(row[3]) for row in lists.surnames])
    words.add("foreign", [_plain(name) for name in lists.foreign])
    words.add("given", [_plain(name.latin("")) for name in lists.given])
    words.add("givenpin", [_plain(name.pinyin()) for name in lists.given])
    words.add("english", [_plain(name) for name in lists.english])
    words.add("office", ["orders", "info", "accounts", "purchasing"])
    words.add("firm", [_plain(company[0].rsplit(" ", 1)[0]) for company in lists.companies])
    words.add("at", MAILBOXES)
    words.add("at slip", MISTYPED_MAILBOXES)
    words.add("@", ["@"])
    words.add(".example", [".example"])
    return words.freeze()


def _plain(name: str) -> str:
    """Keep what an address has of a name."""
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())
