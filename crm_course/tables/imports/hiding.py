"""Who somebody is, hidden: keyed pseudonyms for customers, and texts cleaned of what tells a person."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from crm_course.errors import WrongCall

KEY_BYTES = 32
HIDDEN = "(hidden)"
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(
    r"[A-Za-z]{1,2}[\s-]?\d{6}\s?\([0-9Aa]\)"  # Hong Kong, with its last sign in brackets
    r"|(?<![A-Za-z])([A-Za-z]{1,2}\d{6})\s?([0-9Aa])(?![0-9A-Za-z])"  # without
    r"|(?<!\d)\d{17}[\dXx](?![\dXx])"  # mainland
)
_PHONE = re.compile(
    r"(?<![\w.])(?:\+|00)\d[\d\s().-]{6,16}\d"  # with a country code
    r"|(?<![\d.])(?:\(?85[23]\)?[\s-]?)?[2-9]\d{3}[\s.-]?\d{4}(?![\d.]\d|\d)"  # Hong Kong, Macau
    r"|(?<!\d)(?:86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"  # mainland mobiles
    r"|(?<!\d)09\d{2}[\s-]?\d{3}[\s-]?\d{3}(?!\d)"  # Taiwan mobiles
    r"|(?<!\d)\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\d)"  # North America
)
_NUMBERS_ONLY = re.compile(r"^[\d\s.,:/+%$€£¥()TZ-]{0,25}$")
_LONGEST_NAME = 8  # words of a name or address that are looked for in texts


def key_file(path: Path | None = None) -> Path:
    """Give the file that holds the key: the one named, or the user's own."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return path.expanduser() if path else home / "crm-course" / "pseudonyms.key"


def read_key(path: Path, store: Path) -> bytes:
    """Read the key of the pseudonyms, or make one that only its owner can read.

    Raises
    ------
    WrongCall
        If the key lies in the store folder, others can read it, or the file holds none.
    """
    if path.resolve().is_relative_to(store.expanduser().resolve()):
        raise WrongCall(f"{path}: the key must not lie in the store folder; name another place with --key")
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(KEY_BYTES) + "\n")
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise WrongCall(f"{path}: others can read this key; take their rights away: chmod 600 {path}")
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise WrongCall(
            f"{path}: no key of pseudonyms can be read or made there ({error}); name another file"
        ) from None
    if len(key) < KEY_BYTES:
        raise WrongCall(f"{path}: holds no key of {KEY_BYTES} bytes; name another file and one is made")
    return key


def tagged(values: pd.Series, kind: str) -> pd.Series:
    """Write values of one kind in one way, with the kind before them; what is empty stays empty.

    Examples
    --------
    >>> tagged(pd.Series([" Ada@Example.com", ""]), "email").tolist()
    ['email:ada@example.com', '']
    """
    text = values.str.strip().str.casefold()
    if kind == "phone":
        text = text.str.replace(r"\D", "", regex=True)
    if kind == "number":
        text = text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    return (kind + ":" + text).where(text != "", "")


def pseudonyms(values: pd.Series, key: bytes, letter: str = "c") -> pd.Series:
    """Give a keyed pseudonym (HMAC-SHA-256, 80 bits of it) for every value; what is empty is missing.

    Parameters
    ----------
    values : Series of str
        What is to be hidden.
    key : bytes
        The key.
    letter : str
        Stands before the pseudonym: ``c`` for customers.
    """
    codes, unique = pd.factorize(values)
    made = pd.Series([_pseudonym(value, key, letter) for value in unique], dtype="str")
    return made.iloc[codes].set_axis(values.index)


def _pseudonym(value: str, key: bytes, letter: str) -> str | None:
    return f"{letter}{hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:20]}" if value else None


def cleaned(text: str) -> str:
    """Replace telephone numbers, e-mail addresses and identity-card numbers in a text.

    Examples
    --------
    >>> cleaned("call 9123 4567 or ada@example.com, ID A123456(3)")
    'call [phone] or [e-mail], ID [identity card]'
    """
    plain = unicodedata.normalize("NFKC", text)
    found = _PHONE.sub("[phone]", _CARD.sub(_card, _EMAIL.sub("[e-mail]", plain)))
    return text if found == plain else found


def _card(match: re.Match[str]) -> str:
    """Hide what is written as an identity card's number; without brackets, only where its last sign fits."""
    letters, check = match.group(1), match.group(2)
    if letters is None or _check_sign(letters.upper()) == check.upper():
        return "[identity card]"
    return match.group(0)


def _check_sign(number: str) -> str:
    """Give the check sign of a Hong Kong identity card."""
    values = [36] * (8 - len(number)) + [int(sign, 36) for sign in number]
    rest = -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    return "A" if rest == 10 else str(rest)


def cleaner(known: Iterable[str]) -> Callable[[pd.Series], pd.Series]:
    """Give what cleans texts of numbers and addresses, and of the names and addresses known from the export.

    Parameters
    ----------
    known : iterable of str
        Names, addresses, telephone numbers of the export. Latin names of one word are left out: too
        many of them are words.
    """
    people = {_words(name) for name in known} - {""}
    people = {name for name in people if " " in name or not name.isascii() or any(sign.isdigit() for sign in name)}
    chinese = {name for name in people if not name.isascii() and len(name) >= 2}

    def clean(texts: pd.Series) -> pd.Series:
        codes, unique = pd.factorize(texts)
        made = [_without(cleaned(text), people, chinese) for text in unique]
        return pd.Series(made, dtype="str").iloc[codes].set_axis(texts.index)

    return clean


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _without(text: str, people: set[str], chinese: set[str]) -> str:
    if not people:
        return text
    spans = [match.span() for match in re.finditer(r"\w+", text)]
    for length in range(_LONGEST_NAME, 0, -1):
        for first in range(len(spans) - length + 1):
            part = text[spans[first][0] : spans[first + length - 1][1]]
            if len(part) > 1 and _words(part) in people:
                return _without(text.replace(part, "[name]"), people, chinese)
    for length in range(6, 1, -1):
        for run in re.findall(r"[㐀-鿿]{2,}", text):
            for first in range(len(run) - length + 1):
                if run[first : first + length] in chinese:
                    return _without(text.replace(run[first : first + length], "[name]"), people, chinese)
    return text


def shown_value(text: str) -> str:
    """Give a refused value where it is plainly a number or time; anything else may name somebody."""
    return text if _NUMBERS_ONLY.match(text) and cleaned(text) == text else HIDDEN
