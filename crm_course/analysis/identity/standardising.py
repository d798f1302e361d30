"""Records written in one way, so that they can be compared: names in two scripts, telephone numbers, addresses."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd
import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumberDesc,
    PhoneNumberFormat,
    PhoneNumberType,
)

from crm_course.analysis.identity.romanisation import (
    both_scripts,
    is_chinese,
    latin_syllables,
    romanisation,
    spelt,
    split_word,
)

KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile",
}
_OTHER_KINDS = (
    *("premium_rate", "toll_free", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)
_DIGITS = r"\+?[\d ().-]+"  # nothing in it but digits, and what groups them
TITLES = r"(?i)\b(?:mr|mrs|ms|miss|dr)\b\.?|小姐|先生|女士|太太"
TWO_CHARACTER_SURNAMES = ("歐陽", "欧阳", "司徒", "上官", "司馬", "司马", "諸葛", "诸葛", "夏侯", "端木")
_FLAT = r"(?i)\b(?:flat|flt|room|rm)\s*([a-z0-9]+)|([a-z0-9]+)室"
_FLOOR = r"(?i)\b(\d+)\s*/\s*f\b|(\d+)樓"
_BLOCK = r"(?i)\b(?:block|blk)\s*([a-z0-9]+)|([a-z0-9]+)座"
_STREET = r"(?:^|\s)(\d+)\s+(?=[A-Z])|(\d+)號"


def phone_numbers(phones: pd.Series, region: str = "HK") -> pd.DataFrame:
    """Telephone numbers in international form, by the numbering plans of all countries.

    Parameters
    ----------
    phones : Series of str
        Numbers as entered; may be missing.
    region : str
        Country of the numbers without a country code, such as ``HK``.

    Returns
    -------
    DataFrame
        Rows as in `phones`: ``number`` (E.164, such as ``+85291234567``; missing where there is no valid number)
        and ``kind`` (``mobile``, ``fixed line``, ``other``; ``invalid`` where something else was entered).

    Examples
    --------
    >>> phone_numbers(pd.Series(["(852) 9123-4567", "2345 6789", "1234"]))["kind"].tolist()
    ['mobile', 'fixed line', 'invalid']
    """
    phones = phones.astype("str")
    plain = phones.where(~phones.str.fullmatch(_DIGITS).fillna(False), phones.str.replace(r"[ ().-]", "", regex=True))
    once = pd.Series(plain.dropna().unique(), dtype="str")
    known = _plain_numbers(once, region)
    known |= {text: _phone_number(text, region) for text in once.tolist() if text not in known}
    both = [known.get(text, (None, None)) for text in plain.tolist()]
    return pd.DataFrame(both, columns=["number", "kind"], index=phones.index, dtype="str")


def _phone_number(text: str, region: str) -> tuple[str | None, str]:
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(text, region)
        if (kind := phonenumbers.number_type(number)) != PhoneNumberType.UNKNOWN:
            return phonenumbers.format_number(number, PhoneNumberFormat.E164), KINDS.get(kind, "other")
    return None, "invalid"


def _plain_numbers(texts: pd.Series, region: str) -> dict[str, tuple[str, str]]:
    """Read mobile and fixed-line numbers without a prefix to leave out: what most entries are, and soon done at once.

    A country that shares its code with others, or knows such prefixes, has none.
    """
    plan = PhoneMetadata.metadata_for_region(region)
    if plan is None or plan.national_prefix_for_parsing:
        return {}
    if COUNTRY_CODE_TO_REGION_CODE[plan.country_code or 0] != (region,):
        return {}
    code = f"+{plan.country_code}"
    digits = texts.str.removeprefix(code)
    digits = digits[digits.str.fullmatch("[1-9][0-9]*")]
    fixed, mobile = _fits(digits, plan.fixed_line), _fits(digits, plan.mobile)
    sure = (fixed != mobile) & _fits(digits, plan.general_desc)
    for other in _OTHER_KINDS:
        sure &= ~_fits(digits, getattr(plan, other))
    digits, mobile = digits[sure], mobile[sure]
    read = zip((code + digits).tolist(), np.where(mobile, "mobile", "fixed line").tolist(), strict=True)
    return dict(zip(texts[digits.index].tolist(), read, strict=True))


def _fits(digits: pd.Series, kind: PhoneNumberDesc | None) -> pd.Series:
    """Say which numbers are of a kind, by their length and the pattern of its digits."""
    if kind is None or not kind.national_number_pattern:
        return pd.Series(False, digits.index)
    right = digits.str.fullmatch(kind.national_number_pattern)
    return right & digits.str.len().isin(kind.possible_length) if kind.possible_length else right


def names(entered: pd.Series, table: dict[str, str], syllables: set[str]) -> pd.DataFrame:
    """Names as syllables in Latin letters, in the order of the alphabet, whatever script and order they came in.

    Parameters
    ----------
    entered : Series of str
        Names as entered; may be missing.
    table : dict of str to str
        Syllable of each Chinese character, as `romanisation.romanisation` returns it.
    syllables : set of str
        Known syllables, as `romanisation.latin_syllables` returns them.

    Returns
    -------
    DataFrame
        ``script`` (``Chinese`` or ``Latin``), ``name`` (syllables, sorted), ``surname`` (the one that is taken for it).

    Examples
    --------
    >>> same = pd.Series(["陳小美", "CHAN Siu-mei", "Ms Siu Mei CHAN"])
    >>> table = {"陳": "chan", "小": "siu", "美": "mei"}
    >>> names(same, table, {"chan", "siu", "mei"})["name"].unique().tolist()
    ['chan mei siu']
    """
    once = pd.Series(entered.dropna().unique(), dtype="str")
    bare = once.str.replace(TITLES, " ", regex=True).str.strip()
    chinese = is_chinese(bare)
    shown = pd.Series(
        [
            " ".join(spelt(one, table)) if han else one
            for one, han in zip(_surnames(bare, chinese).tolist(), chinese.tolist(), strict=True)
        ]
    )
    common = set(shown) - {""}
    words = [
        spelt(one.replace(" ", ""), table) if han else _latin_words(one, syllables)
        for one, han in zip(bare.tolist(), chinese.tolist(), strict=True)
    ]
    found = pd.DataFrame(
        {
            "script": chinese.map({True: "Chinese", False: "Latin"}).to_numpy("str"),
            "name": [" ".join(sorted(one)) for one in words],
            "surname": [
                first or next((word for word in one if word in common), one[0] if one else "")
                for first, one in zip(shown.tolist(), words, strict=True)
            ],
        },
        index=once,
        dtype="str",
    )
    return found.reindex(entered).set_axis(entered.index)


def _surnames(bare: pd.Series, chinese: pd.Series) -> pd.Series:
    """Give the surname where script or capitals show it, else an empty text."""
    two = bare.str[:2].isin(TWO_CHARACTER_SURNAMES)
    capitals = bare.str.extract(r"(?:^|[\s,])([A-Z]{2,})(?:$|[\s,])", expand=False).fillna("").str.lower()
    shown = capitals.where(bare.str.contains(r"[a-z]", regex=True), "")
    return shown.where(~chinese, bare.str[:2].where(two, bare.str[:1]))


def _latin_words(name: str, syllables: set[str]) -> list[str]:
    words = name.lower().replace(",", " ").replace("-", " ").replace(".", " ").split()
    return [part for word in words for part in split_word(word, syllables)]


def homes(addresses: pd.Series, districts: pd.Series) -> pd.Series:
    """Flat, floor, block or street number and district of an address in English or Chinese.

    Numbers and letters are the same in both scripts; names of buildings are not, and are left out.

    Parameters
    ----------
    addresses, districts : Series of str
        As entered; may be missing.

    Returns
    -------
    Series of str
        Missing where the address names no flat and floor.

    Examples
    --------
    >>> same = pd.Series(["Flat A, 36/F, Block 1, Golden Well Mansion, Yuen Long", "元朗區金井閣1座36樓A室"])
    >>> homes(same, pd.Series(["Yuen Long", "Yuen Long"])).tolist()
    ['Yuen Long 1 - 36 A', 'Yuen Long 1 - 36 A']
    """
    once = pd.Series(addresses.dropna().unique(), dtype="str")
    found = pd.DataFrame({name: _found(once, pattern) for name, pattern in zip("bsfr", _PATTERNS, strict=True)})
    parts = found.set_axis(once).reindex(addresses).set_axis(addresses.index)
    parts["s"] = parts["s"].where(parts["b"].isna())
    home = districts.astype("str") + " " + parts["b"].fillna("-") + " " + parts["s"].fillna("-")
    home = home + " " + parts["f"] + " " + parts["r"].str.upper()
    return home.where(parts["b"].notna() | parts["s"].notna())


_PATTERNS = (_BLOCK, _STREET, _FLOOR, _FLAT)


def _found(texts: pd.Series, pattern: str) -> pd.Series:
    groups = texts.str.extract(pattern)
    return groups[0].fillna(groups[1])


def birthdays(days: pd.Series) -> pd.Series:
    """Birthdays as texts of eight digits; 1 January, which forms fill in by themselves, counts as missing.

    Examples
    --------
    >>> birthdays(pd.to_datetime(pd.Series(["1990-05-17", "1900-01-01"]))).isna().tolist()
    [False, True]
    """
    default = (days.dt.month == 1) & (days.dt.day == 1)
    return days.mask(default).dt.strftime("%Y%m%d").astype("str")


def standardised(records: pd.DataFrame, region: str = "HK") -> pd.DataFrame:
    """Records as they can be compared.

    Parameters
    ----------
    records : DataFrame
        ``record_id``, ``channel``, ``name``, ``phone``, ``email``, ``address``, ``district``, ``birthday``.
    region : str
        Country of the telephone numbers without a country code.

    Returns
    -------
    DataFrame
        Indexed by ``record_id``, in its order: ``channel``, ``script``, ``name``, ``surname``, ``phone``,
        ``phone_kind``, ``email``, ``mailbox`` (what stands before its @), ``birthday``, ``home``, ``district``; see
        `names`, `phone_numbers`, `birthdays` and `homes`.
    """
    syllables = latin_syllables(records["name"])
    table = romanisation(both_scripts(records, syllables))
    phone = phone_numbers(records["phone"], region)
    email = records["email"].str.strip().str.lower()
    found = names(records["name"], table, syllables).assign(
        channel=records["channel"],
        phone=phone["number"],
        phone_kind=phone["kind"],
        email=email,
        mailbox=email.str.extract(r"^([^@]+)@", expand=False),
        birthday=birthdays(records["birthday"]),
        home=homes(records["address"], records["district"]),
        district=records["district"].astype("str"),
    )
    return found.set_axis(records["record_id"])
