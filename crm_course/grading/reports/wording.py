"""Texts and numbers as a report shows them. Whatever a trainee wrote is data: made visible, cut, never run."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from crm_course.locale import _
from crm_course.messages import cut

UNSEEN = "�"
SHOWN_AS = (
    {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}  # ␀ ␛ and so on
    | {0x7F: 0x2421}
    | dict.fromkeys(
        [
            *range(0x80, 0xA0),  # controls
            *range(0x202A, 0x202F),  # text that runs backwards over what stands beside it
            *range(0x2066, 0x206A),
            *range(0xD800, 0xE000),  # half characters, which no file can hold
            *range(0xE0000, 0xE0080),  # letters that nobody sees
        ],
        UNSEEN,
    )
)
STACKED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
CELL = 60  # letters of a text in a table or list


def clean(text: str) -> str:
    """Make a text one that can be shown anywhere: no control or direction codes, no towers of accents.

    Examples
    --------
    >>> clean("red \x1b[31m and \u202egnp")
    'red ␛[31m and �gnp'
    """
    if text.isascii() and text.isprintable():
        return text
    return STACKED.sub(r"\1", text.replace("\r\n", "\n").replace("\r", "\n").translate(SHOWN_AS))


def clean_all(value: Any, untouched: frozenset[str] = frozenset()) -> Any:
    """Clean all texts of JSON-like data; what lies under the names `untouched` stays as it is."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(one, untouched) for one in value]
    if isinstance(value, dict):
        return {clean(name): one if name in untouched else clean_all(one, untouched) for name, one in value.items()}
    return value


def paragraph(text: str, most: int) -> tuple[str, int]:
    """Give the beginning of a long text and how many letters are left out."""
    return text[:most], max(0, len(text) - most)


def joined(text: str) -> str:
    """Give a Markdown text with its lines joined to paragraphs and its dollars plain, as Markdown reads them.

    Examples
    --------
    >>> joined("Write to those\\nwho came twice.\\n\\n- by mail\\n- for HK\\\\$40")
    'Write to those who came twice.\\n\\n- by mail\\n- for HK$40'
    """
    return re.sub(r"(?<=\S) *\n(?=[^\s\d*+|>#-])", " ", text).replace(r"\$", "$")


def marks(value: float) -> str:
    """Give marks without needless zeros.

    Examples
    --------
    >>> marks(12.5), marks(2.0), marks(1.3333), marks(16812.0)
    ('12.5', '2', '1.33', '16,812')
    """
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def share(value: float) -> str:
    """Give a share as per cent; what is not all right is never shown as 100 %.

    Examples
    --------
    >>> share(1.0), share(0.9995), share(0.5)
    ('100 %', '99 %', '50 %')
    """
    rounded = round(100 * min(1.0, max(0.0, value)))
    return f"{rounded if value >= 1 else min(99, rounded)} %"


def shown(value: Any, digits: int = 6) -> str:
    """Give one value of an answer as a person reads it."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):  # noqa: PLR0124
        return _("missing")
    if isinstance(value, bool):
        return _("true") if value else _("false")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _number(value, digits)
    if isinstance(value, pd.Timestamp):
        return str(value.isoformat(sep=" ")).removesuffix(" 00:00:00")
    return cut(clean(str(value)), CELL)


def shown_pair(one: Any, other: Any) -> tuple[str, str]:
    """Give two values with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12, 17):
        texts = shown(one, digits), shown(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _number(value: float, digits: int) -> str:
    size = abs(value)
    if size >= 1000 and size < 1e12:
        text = f"{value:,.{max(2, digits - 4)}f}"
        return text.rstrip("0").rstrip(".")
    return f"{value:.{digits}g}"


def named(names: list[str], most: int) -> str:
    """Give the first of a list of names, and how many there are beside them."""
    begins = ", ".join(cut(clean(name), CELL) for name in names[:most])
    left = len(names) - most
    return begins if left <= 0 else _("{names} and {count} more").format(names=begins, count=f"{left:,}")


def emphasised(text: str) -> Markup:
    """Give a sentence of ours with its ``*words*`` and `` `code` `` marked; all else is escaped.

    Examples
    --------
    >>> str(emphasised("She came *back* to `monetary_value` <b>"))
    'She came <em>back</em> to <code>monetary_value</code> &lt;b&gt;'
    """
    plain = str(escape(text))
    marked = re.sub(r"`([^`<>]+)`", r"<code>\1</code>", plain)
    return Markup(re.sub(r"(?<![\w*])\*([\w ]+)\*(?![\w*])", r"<em>\1</em>", marked))
