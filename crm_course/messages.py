"""Words that messages share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say which known word was most likely meant; nothing when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def visible(text: str) -> str:
    """Give a text with its control characters written out.

    Examples
    --------
    >>> print(visible("a" + chr(27) + "[31mb" + chr(10)))
    a\\x1b[31mb\\n
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def cut(text: str, most: int) -> str:
    """Give a text of at most so many letters; an ellipsis stands for the rest.

    Examples
    --------
    >>> cut("a long story", 7)
    'a long…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
