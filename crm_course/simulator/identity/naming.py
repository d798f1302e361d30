"""Names of a world: Chinese, romanised, English, and of companies; and how common each is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.identity.pools import Vocabulary, faker_names, lines_of
from crm_course.simulator.identity.wording import GivenName, Lists, mail_words, name_words
from crm_course.simulator.streams import stream

_METHODS = {"f": "first_name_female", "m": "first_name_male"}
_GIVEN_NAMES = {"f": 1900, "m": 1100}
_COMPANIES = 2400


def two_words(pairs: str) -> list[tuple[str, str]]:
    """Read a list of pairs ``English=Chinese`` with bars between them."""
    return [(english, chinese) for english, chinese in (pair.split("=") for pair in pairs.split("|"))]


def made_up(kind: str) -> list[tuple[str, str]]:
    """Give a line of the list of made-up names' parts, English and Chinese."""
    lines = dict(line.split(": ") for line in lines_of("made_up"))
    return two_words(lines[kind])


def fancy_names() -> list[tuple[str, str]]:
    """Give made-up names of buildings and firms, English and Chinese."""
    parts = [
        (f"{first} {second}", first_c, second_c)
        for first, first_c in made_up("first")
        for second, second_c in made_up("second")
    ]
    return [(english, first_c + second_c) for english, first_c, second_c in parts]


@dataclass(frozen=True)
class NamePools:
    """Names of a world by number: how common each is, and the vocabularies that spell them.

    Attributes
    ----------
    surname, given, english : float arrays
        How common surnames, given names and English names are; women's given and English names
        come first, the first ``women`` and ``english_women`` of them.
    foreign, companies : int
        Numbers of English surnames and of companies.
    first_of, last_of : int arrays
        For each given name, the range of those of the same sex with the same first character.
    names, mail : Vocabulary
        Words of names, and of e-mail addresses.
    """

    surname: Floats
    given: Floats
    women: int
    first_of: Ints
    last_of: Ints
    english: Floats
    english_women: int
    foreign: int
    companies: int
    names: Vocabulary
    mail: Vocabulary


@lru_cache(maxsize=2)
def name_pools(seed: int) -> NamePools:
    """Make the names of a world: Faker's for given names where their characters are known, and combinations."""
    rng = stream(seed, "names")
    characters = [line.split() for line in lines_of("given_characters")]
    given = {sex: _given_names(characters, sex, rng) for sex in _METHODS}
    usual_women, usual_men = (line.split() for line in lines_of("english_names"))
    women = list(dict.fromkeys([*usual_women, *faker_names("en_US", "first_name_female")]))
    men = list(dict.fromkeys([*usual_men, *faker_names("en_US", "first_name_male")]))
    lists = Lists(
        surnames=[line.split() for line in lines_of("surnames")],
        given=given["f"] + given["m"],
        english=women + men,
        foreign=list(faker_names("en_GB", "last_name")),
        companies=_companies(rng),
        characters=characters,
    )
    first_of, last_of = _same_first([name.write(0)[0] for name in lists.given], len(given["f"]))
    return NamePools(
        surname=np.array([float(row[4]) for row in lists.surnames]),
        given=np.concatenate([_how_common(given[sex], sex, rng) for sex in _METHODS]),
        women=len(given["f"]),
        first_of=first_of,
        last_of=last_of,
        english=np.concatenate([_popularity(len(women)), _popularity(len(men))]),
        english_women=len(women),
        foreign=len(lists.foreign),
        companies=len(lists.companies),
        names=name_words(lists, rng),
        mail=mail_words(lists),
    )


def _popularity(count: int) -> Floats:
    """Give Zipf-like frequencies, most common first."""
    frequency = (np.arange(count) + 25.0) ** -0.8
    popularity: Floats = frequency / frequency.sum()
    return popularity


def _drawn(sex: str) -> list[str]:
    """Give the given names that Faker knows, Taiwan's in Traditional and the mainland's in Simplified characters."""
    return [*faker_names("zh_TW", _METHODS[sex]), *faker_names("zh_CN", _METHODS[sex])]


def _how_common(names: list[GivenName], sex: str, rng: np.random.Generator) -> Floats:
    """Give frequencies of given names: those that Faker knows are the common ones, in no special order."""
    known = set(_drawn(sex))
    luck = rng.random(len(names)) - np.array([name.write(0) in known or name.write(1) in known for name in names])
    common = np.empty(len(names))
    common[np.argsort(luck)] = _popularity(len(names))
    return common


def _given_names(characters: list[list[str]], sex: str, rng: np.random.Generator) -> list[GivenName]:
    """Give different given names of a sex, sorted by their first character."""
    known = {row[0]: row for row in characters} | {row[1]: row for row in characters}
    names = {"".join(known[one][0] for one in name): None for name in _drawn(sex) if set(name) <= set(known)}
    usable = [row[0] for row in characters if row[4] in (sex, "u")]
    pairs = rng.integers(len(usable), size=(2 * _GIVEN_NAMES[sex], 2))
    names |= dict.fromkeys(usable[first] + usable[second] for first, second in pairs)
    return [GivenName(tuple(known[one] for one in name)) for name in sorted(list(names)[: _GIVEN_NAMES[sex]])]


def _same_first(firsts: list[str], women: int) -> tuple[Ints, Ints]:
    """Give for each name the range of names of its sex that begin with the same character."""
    kinds = [(place < women, first) for place, first in enumerate(firsts)]
    begin = [place for place in range(len(kinds)) if place == 0 or kinds[place] != kinds[place - 1]]
    run = np.searchsorted(begin, np.arange(len(kinds)), side="right") - 1
    return np.array(begin)[run], np.array([*begin[1:], len(kinds)])[run]


def _companies(rng: np.random.Generator) -> list[tuple[str, str, str]]:
    """Give different companies: in English, in Chinese, and shortened."""
    fancy, trades, forms = fancy_names(), made_up("trade"), made_up("form")
    found = []
    for number in rng.permutation(len(fancy) * len(trades))[:_COMPANIES]:
        (english, chinese), (trade, trade_c) = fancy[number // len(trades)], trades[number % len(trades)]
        form, form_c = forms[number % len(forms)]
        short = f"{english} {trade}".upper() + (" LTD" if form == "Limited" else "")
        found.append((f"{english} {trade} {form}", chinese + trade_c + form_c, short))
    return found
