"""Names: Chinese, romanised, English, of companies; and every way in which one is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crm_course.store.columns import Floats, Ints
from crm_course.store.identity.pools import Patterns, Vocabulary, Words, faker_names, lines_of, mistype
from crm_course.store.streams import stream

SURNAME, GIVEN, ENGLISH, SEX = 1, 2, 3, 4
_METHODS = {"f": "first_name_female", "m": "first_name_male"}
_GIVEN_NAMES = {"f": 1900, "m": 1100}
_COMPANIES = 2400
_FIRST = (
    "Golden=金 Jade=翠 Silver=銀 Pearl=明珠 Harbour=海 Lucky=福 Grand=宏 Bright=輝 Spring=春 Autumn=秋 Royal=帝 Orchid=蘭 \
Lotus=蓮 Phoenix=鳳 Dragon=龍 Peony=丹 Crystal=晶 Sunny=陽 Maple=楓 Bamboo=竹 Plum=梅 Cloud=雲 Moon=月 Star=星"
)
_SECOND = "Garden=園 Bay=灣 Hill=山 Lake=湖 View=景 Wood=林 Well=泉 Field=田 Brook=溪 Light=光 Gate=門 Bridge=橋"
_TRADES = "Hair Salon=髮廊|Beauty House=美容院|Spa=水療|Hotel=酒店|Nail Studio=美甲|Wellness Centre=養生館"
_FORMS = "Limited=有限公司|Company=公司|International=國際"
_WOMEN = (
    "May Winnie Fanny Kitty Joyce Vivian Karen Carmen Yuki Joey Wendy Cherry Candy Grace Amy Angela Cindy Connie Doris \
Elaine Emily Fiona Gigi Iris Ivy Janice Jenny Jessica Kelly Mandy Maggie Michelle Peggy Phoebe Queenie Rachel Rita Sally \
Sandy Stephanie Tiffany Tracy Vanessa Venus Yoyo Zoe"
)
_MEN = (
    "Jacky Kelvin Ken Alan Andy Anson Benny Calvin Danny Dickson Eddie Edmond Eric Felix Gary Henry Ivan Jason Jimmy \
Johnny Keith Kenny Leo Marco Matthew Michael Nelson Patrick Raymond Ricky Roy Sam Simon Sunny Terry Tony Vincent Wilson"
)


def two_words(pairs: str, separator: str | None = None) -> list[tuple[str, str]]:
    """Read a list of pairs ``English=Chinese``."""
    return [(english, chinese) for english, chinese in (pair.strip().split("=") for pair in pairs.split(separator))]


def fancy_names() -> list[tuple[str, str]]:
    """Give made-up names of buildings and firms, English and Chinese."""
    return [
        (f"{first} {second}", first_c + second_c)
        for first, first_c in two_words(_FIRST)
        for second, second_c in two_words(_SECOND)
    ]


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


@dataclass(frozen=True)
class _Given:
    """A given name in Chinese: its characters as rows of the list."""

    characters: tuple[list[str], ...]

    def write(self, column: int) -> str:
        return "".join(row[column] for row in self.characters)

    def latin(self, separator: str) -> str:
        return separator.join(row[2] for row in self.characters)

    def pinyin(self) -> str:
        return "".join(row[3] for row in self.characters).capitalize()


@lru_cache(maxsize=2)
def name_pools(seed: int) -> NamePools:
    """Make the names of a world: Faker's for given names where their characters are known, and combinations."""
    rng = stream(seed, "names")
    small = int(rng.integers(2**31))
    characters = [line.split() for line in lines_of("given_characters")]
    given = {sex: _given_names(characters, sex, small, rng) for sex in ("f", "m")}
    common = {sex: _how_common(names, sex, small, rng) for sex, names in given.items()}
    both = given["f"] + given["m"]
    surnames = [line.split() for line in lines_of("surnames")]
    women = list(dict.fromkeys([*_WOMEN.split(), *faker_names("en_US", "first_name_female", small)]))
    men = list(dict.fromkeys([*_MEN.split(), *faker_names("en_US", "first_name_male", small)]))
    foreign = list(faker_names("en_GB", "last_name", small))
    companies = _companies(rng)
    first_of, last_of = _same_first([name.characters[0][0] for name in both], len(given["f"]))
    return NamePools(
        surname=np.array([float(row[4]) for row in surnames]),
        given=np.concatenate([common["f"], common["m"]]),
        women=len(given["f"]),
        first_of=first_of,
        last_of=last_of,
        english=np.concatenate([_popularity(len(women)), _popularity(len(men))]),
        english_women=len(women),
        foreign=len(foreign),
        companies=len(companies),
        names=_name_words(surnames, both, women + men, foreign, companies, characters, rng),
        mail=_mail_words(surnames, both, women + men, foreign, companies),
    )


def _popularity(count: int) -> Floats:
    """Give Zipf-like frequencies, most common first."""
    frequency = (np.arange(count) + 25.0) ** -0.8
    return frequency / frequency.sum()


def _how_common(names: list[_Given], sex: str, seed: int, rng: np.random.Generator) -> Floats:
    """Give frequencies of given names: those that Faker knows are the common ones, in no special order."""
    known = {*faker_names("zh_TW", _METHODS[sex], seed), *faker_names("zh_CN", _METHODS[sex], seed)}
    luck = rng.random(len(names)) - np.array([name.write(0) in known or name.write(1) in known for name in names])
    common = np.empty(len(names))
    common[np.argsort(luck)] = _popularity(len(names))
    return common


def _given_names(characters: list[list[str]], sex: str, seed: int, rng: np.random.Generator) -> list[_Given]:
    """Give different given names of a sex, sorted by their first character."""
    known = {row[0]: row for row in characters} | {row[1]: row for row in characters}
    drawn = [*faker_names("zh_TW", _METHODS[sex], seed), *faker_names("zh_CN", _METHODS[sex], seed)]
    names = {"".join(known[one][0] for one in name): None for name in drawn if set(name) <= set(known)}
    usable = [row[0] for row in characters if row[4] in (sex, "u")]
    while len(names) < _GIVEN_NAMES[sex]:
        first, second = rng.choice(len(usable), 2)
        names[usable[first] + usable[second]] = None
    return [_Given(tuple(known[one] for one in name)) for name in sorted(names)]


def _same_first(firsts: list[str], women: int) -> tuple[Ints, Ints]:
    """Give for each name the range of names of its sex that begin with the same character."""
    kinds = [(place < women, first) for place, first in enumerate(firsts)]
    begin = [place for place in range(len(kinds)) if place == 0 or kinds[place] != kinds[place - 1]]
    run = np.searchsorted(begin, np.arange(len(kinds)), side="right") - 1
    return np.array(begin)[run], np.array([*begin[1:], len(kinds)])[run]


def _companies(rng: np.random.Generator) -> list[tuple[str, str, str]]:
    """Give different companies: in English, in Chinese, and shortened."""
    fancy, trades, forms = fancy_names(), two_words(_TRADES, "|"), two_words(_FORMS, "|")
    chosen = rng.choice(len(fancy) * len(trades), size=min(_COMPANIES, len(fancy) * len(trades)), replace=False)
    found = []
    for number in chosen:
        (english, chinese), (trade, trade_c) = fancy[number // len(trades)], trades[number % len(trades)]
        form, form_c = forms[number % len(forms)]
        short = f"{english} {trade}".upper() + (" LTD" if form == "Limited" else "")
        found.append((f"{english} {trade} {form}", chinese + trade_c + form_c, short))
    return found


def _name_words(
    surnames: list[list[str]],
    given: list[_Given],
    english: list[str],
    foreign: list[str],
    companies: list[tuple[str, str, str]],
    characters: list[list[str]],
    rng: np.random.Generator,
) -> Vocabulary:
    words = Words()
    alike: dict[str, list[str]] = {}
    for row in characters:
        alike.setdefault(row[2], []).append(row[0])

    def sounds_alike(name: _Given) -> str:
        """Write another character of the same sound, or leave the last one out."""
        *before, last = name.characters
        others = [one for one in alike[last[2]] if one != last[0]]
        head = "".join(row[0] for row in before)
        return head + others[int(rng.integers(len(others)))] if others else head or last[0]

    words.add("between", [" ", ", "])
    words.add("comma", [", "])
    words.add("title", ["Ms ", "Mr "])
    words.add("title c", ["小姐", "先生"])
    for column, block in enumerate(("surname c", "surname s", "Surname", "Pinyin")):
        words.add(block, [row[column] for row in surnames])
    for block, column in (("SURNAME", 2), ("PINYIN", 3)):
        words.add(block, [row[column].upper() for row in surnames])
        words.add(f"{block} slip", [mistype(row[column], rng).upper() for row in surnames])
    words.add("Surname slip", [mistype(row[2], rng) for row in surnames])
    words.add("given c", [name.write(0) for name in given])
    words.add("given s", [name.write(1) for name in given])
    words.add("given c slip", [sounds_alike(name) for name in given])
    words.add("Given", [name.latin(" ") for name in given])
    words.add("Given slip", [mistype(name.latin(" "), rng) for name in given])
    words.add("Given-", [name.latin("-").capitalize() for name in given])
    words.add("Given- slip", [mistype(name.latin("-").capitalize(), rng) for name in given])
    words.add("Givenpin", [name.pinyin() for name in given])
    words.add("Givenpin slip", [mistype(name.pinyin(), rng) for name in given])
    words.add("English", english)
    words.add("English slip", [mistype(name, rng) for name in english])
    words.add("E.", [f"{name[0]}." for name in english])
    words.add("Foreign", foreign)
    words.add("Foreign slip", [mistype(name, rng) for name in foreign])
    words.add("FOREIGN", [name.upper() for name in foreign])
    for column, block in enumerate(("company", "company c", "COMPANY")):
        words.add(block, [company[column] for company in companies])
    return words.freeze()


def _mail_words(
    surnames: list[list[str]],
    given: list[_Given],
    english: list[str],
    foreign: list[str],
    companies: list[tuple[str, str, str]],
) -> Vocabulary:
    def plain(name: str) -> str:
        return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())

    words = Words()
    words.add("stroke", ["", ".", "_", "-"])
    words.add("number", ["", *(f"{number:02d}" for number in range(100)), *map(str, range(1000, 10_000))])
    words.add("surname", [plain(row[2]) for row in surnames])
    words.add("pinyin", [plain(row[3]) for row in surnames])
    words.add("foreign", [plain(name) for name in foreign])
    words.add("given", [plain(name.latin("")) for name in given])
    words.add("givenpin", [plain(name.pinyin()) for name in given])
    words.add("english", [plain(name) for name in english])
    words.add("office", ["orders", "info", "accounts", "purchasing"])
    words.add("firm", [plain(company[0].rsplit(" ", 1)[0]) for company in companies])
    words.add("at", MAILBOXES)
    words.add("at slip", MISTYPED_MAILBOXES)
    words.add("@", ["@"])
    words.add(".example", [".example"])
    return words.freeze()


_HOSTS = ("jadepost", "harbourmail", "lionrock", "pearlnet", "peakmail", "starferry", "kowloonline", "bauhiniamail")
MAILBOXES = [f"@{host}.example" for host in _HOSTS]
"""Domains below ``.example``, which RFC 2606 reserves: nobody can own one."""
_SLIPPED = ("jadpost", "habourmail", "lionrok", "pearlnett", "peakmial", "starfery", "kowlonline", "bauhinamail")
MISTYPED_MAILBOXES = [f"@{host}.example" for host in _SLIPPED]


def _row(*places: str) -> list[tuple[str, int]]:
    """Read places: a block's name; its first word tells which trait picks in it."""
    return [(place, _TRAIT_OF.get(place.removesuffix(" slip"), 0)) for place in places]


_TRAIT_OF = {
    **dict.fromkeys(
        ("surname c", "surname s", "Surname", "SURNAME", "Pinyin", "PINYIN", "Foreign", "FOREIGN"), SURNAME
    ),
    **dict.fromkeys(("company", "company c", "COMPANY"), SURNAME),
    **dict.fromkeys(("given c", "given s", "Given", "Given-", "Givenpin"), GIVEN),
    **dict.fromkeys(("English", "E."), ENGLISH),
    **dict.fromkeys(("title", "title c"), SEX),
}
SPELLINGS: dict[str, list[str]] = {
    "chinese": ["surname c", "given c"],
    "simplified": ["surname s", "given s"],
    "surname first": ["SURNAME", "between", "Given"],
    "hyphen": ["Surname", "between", "Given-"],
    "given first": ["Given", "between", "SURNAME"],
    "english": ["English", "between", "Surname"],
    "both": ["SURNAME", "between", "Given-", "between", "English"],
    "english first": ["English", "between", "SURNAME", "between", "Given"],
    "pinyin": ["PINYIN", "between", "Givenpin"],
    "pinyin given first": ["Givenpin", "between", "Pinyin"],
    "foreign": ["English", "between", "Foreign"],
    "foreign surname first": ["FOREIGN", "between", "English"],
    "foreign comma": ["Foreign", "comma", "English"],
    "foreign initial": ["E.", "between", "Foreign"],
    "part": ["title", "Surname"],
    "part chinese": ["surname c", "title c"],
    "part pinyin": ["title", "Pinyin"],
    "part foreign": ["title", "Foreign"],
    "company": ["company"],
    "company chinese": ["company c"],
    "company short": ["COMPANY"],
}
_SLIPPING = ("given c", "Given", "Given-", "Givenpin", "English", "Foreign")


def spelling_patterns(start: dict[str, int]) -> tuple[Patterns, Patterns, Patterns]:
    """Give the patterns without a slip, with one in the given name, and with one in the surname where it can be."""

    def slipped(places: list[str], which: tuple[str, ...]) -> list[str]:
        at = next((place for place in places if place in which), None)
        return [f"{place} slip" if place == at else place for place in places]

    in_given = {name: slipped(places, _SLIPPING) for name, places in SPELLINGS.items()}
    in_surname = {
        name: slipped(places, ("SURNAME", "Surname", "PINYIN", "Foreign")) for name, places in SPELLINGS.items()
    }
    return tuple(  # type: ignore[return-value]
        Patterns.of({name: _row(*places) for name, places in rows.items()}, start)
        for rows in (SPELLINGS, in_given, in_surname)
    )
