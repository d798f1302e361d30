"""Every way in which a name is written."""

from __future__ import annotations

from crm_course.simulator.identity.pools import Patterns

SURNAME, GIVEN, ENGLISH, SEX = 1, 2, 3, 4


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
_IN_GIVEN = ("given c", "given s", "Given", "Given-", "Givenpin", "English", "Foreign")
_IN_SURNAME = ("SURNAME", "Surname", "PINYIN", "Pinyin", "Foreign", "FOREIGN")


def spelling_patterns(start: dict[str, int]) -> Patterns:
    """Give the patterns of ``SPELLINGS``, then those with a slip in the given name, then in the surname.

    Where one of the two has no slip, the other's is taken; a company's name has none.
    """
    rows = {
        f"{name} {slip}".strip(): [(block, _TRAIT_OF.get(block.removesuffix(" slip"), 0)) for block in written]
        for slip, order in (
            ("", ()),
            ("given slip", (_IN_GIVEN, _IN_SURNAME)),
            ("surname slip", (_IN_SURNAME, _IN_GIVEN)),
        )
        for name, places in SPELLINGS.items()
        for written in [_with_slip(places, order)]
    }
    return Patterns.of(rows, start)


def _with_slip(places: list[str], order: tuple[tuple[str, ...], ...]) -> list[str]:
    """Put a slip in the first place that can have one, looking for some blocks before others."""
    for blocks in order:
        for at, place in enumerate(places):
            if place in blocks:
                return [*places[:at], f"{place} slip", *places[at + 1 :]]
    return places
