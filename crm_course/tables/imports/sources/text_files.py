"""What a text file is made of: its letters, the sign between its columns, the sign before its cents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from charset_normalizer import from_bytes

from crm_course.errors import WrongCall

CANDIDATES = ["gb18030", "big5", "cp1252"]  # latin-1 is what is left when a byte is none of cp1252's
SEPARATORS = ",;\t|"
CANTONESE = frozenset("嘅咗喺啲嚟嘢噉咁冇佢哋唔嗰咩靚睇瞓攞搵掂嘥喎㗎啱")
LEAST_USUAL = 0.6  # share of the characters
_SAMPLE = 200_000
_LINES = 2_000
_COMMA = re.compile(r"^[^\d,.]*(\d{1,3}(\.\d{3})+|\d+),\d{1,2}[^\d,.]*$")
_POINT = re.compile(r"^[^\d,.]*(\d{1,3}(,\d{3})+|\d+)\.\d{1,2}[^\d,.]*$")


def decoded(path: Path, data: bytes, encoding: str) -> tuple[list[str | None], str]:
    """Cut a file into lines of text.

    Parameters
    ----------
    path : Path
        The file, for messages.
    data : bytes
        What is in it.
    encoding : str
        As Python names it, or ``auto``.

    Returns
    -------
    lines : list of str or None
        None for a line that is not text in this encoding.
    encoding : str
        The encoding.

    Raises
    ------
    WrongCall
        If no line is text in this encoding, or none of the known encodings fits.
    """
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\0" not in data[:4] else data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _whole(path, data, "utf-16")
    chosen = _recognised(path, data) if encoding == "auto" else encoding
    if chosen.startswith("utf-8"):
        data = data.removeprefix(b"\xef\xbb\xbf")
    if chosen.startswith(("utf-16", "utf-32")):
        return _whole(path, data, chosen)
    try:
        return list(data.decode(chosen).split("\n")), chosen
    except UnicodeDecodeError as error:
        lines = [_line(line, chosen) for line in data.split(b"\n")]
        if not any(lines):
            raise WrongCall(f"{path}: byte {error.start + 1:,} is not {chosen} text; is it the right file?") from None
        return lines, chosen


def _whole(path: Path, data: bytes, encoding: str) -> tuple[list[str | None], str]:
    try:
        return list(data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")), encoding
    except UnicodeDecodeError:
        raise WrongCall(f"{path}: is not {encoding} text to its end; save it as CSV UTF-8") from None


def _line(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _recognised(path: Path, data: bytes) -> str:
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        strange = [line for line in data.split(b"\n") if not line.isascii()]
    if 2 * sum(_line(line, "utf-8") is not None for line in strange) > len(strange):
        return "utf-8"
    if chinese := _chinese(path, list(dict.fromkeys(strange))[:_LINES]):
        return chinese
    among = CANDIDATES[2:] if _accents(strange) else CANDIDATES
    best = from_bytes(b"\n".join(strange)[:_SAMPLE], cp_isolation=among).best()
    if best is not None:
        return best.encoding
    if not any(line.count(b"\0") for line in strange):
        return "latin-1"
    raise WrongCall(f"{path}: it cannot be told how its letters are written; name it, as --encoding gb18030")


def _chinese(path: Path, lines: list[bytes]) -> str:
    """Tell GB18030 and Big5 apart by how many of the characters are usual ones; empty where it is neither.

    Raises
    ------
    WrongCall
        If both give as many.
    """
    big5 = "big5" if all(_line(line, "big5") is not None for line in lines) else "big5hkscs"
    shares = {name: _usual_share(lines, name) for name in ("gb18030", big5)}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < LEAST_USUAL:
        return ""
    if min(shares.values()) == shares[best]:
        raise WrongCall(f"{path}: too few letters to tell how they are written; name it, as --encoding {big5}")
    return best


def _usual_share(lines: list[bytes], encoding: str) -> float:
    """Give the share of usual characters that stand side by side: an accent read as Chinese stands alone."""
    texts = [_line(line, encoding) for line in lines]
    runs = [run for text in texts if text for run in re.findall(r"[^\x00-\x7f]+", text)]
    usual = sum(_is_usual(letter) for run in runs for letter in run if len(run) > 1)
    whole = sum(text is not None for text in texts) / max(len(texts), 1)
    return whole * usual / max(sum(map(len, runs)), 1)


def _accents(lines: list[bytes]) -> bool:
    """Say whether what could be Chinese stands between Latin letters, as a letter with an accent does."""
    texts = [_line(line, name) or "" for line in lines[:_LINES] for name in CANDIDATES[:2]]
    found = [
        len(re.findall(form, "\n".join(texts))) for form in (r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][a-z]", "[^\x00-\x7f]")
    ]
    return 2 * found[0] > found[1] > 0


@cache
def _is_usual(letter: str) -> bool:
    """Say whether a character is among the frequent ones, the first level of Big5 or of GB 2312."""
    big5, gb2312 = (letter.encode(name, "ignore") for name in ("big5", "gb2312"))
    return letter in CANTONESE or b"\xa4\x40" <= big5 <= b"\xc6\x7e" or b"\xb0\xa1" <= gb2312 <= b"\xd7\xf9"


def separator_of(lines: Iterable[str], among: str = SEPARATORS) -> str:
    """Tell the sign between columns: the one that cuts most lines into the same number of them, above one.

    Examples
    --------
    >>> separator_of(["a;b;c", "1;2,50;3", "1;3,50;4"])
    ';'
    """
    sample = [line for line in lines if line.strip()][:200]
    best, sign = (0.0, 0), ","
    for one in among:
        counts = Counter(_outside_quotes(line).count(one) for line in sample)
        number, times = max(counts.items(), key=lambda item: (item[0] > 0, item[1]), default=(0, 0))
        header = _outside_quotes(sample[0]).count(one) if sample else 0
        score = (times / max(len(sample), 1) + (header == number) if number else 0.0, number)
        if score > best:
            best, sign = score, one
    return sign


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line) if '"' in line else line


def decimal_of(texts: Iterable[str], path: Path) -> str:
    """Tell the sign before the cents from amounts as they are written.

    Raises
    ------
    WrongCall
        If as many are written with a comma as with a point.
    """
    commas = points = 0
    for text in texts:
        commas += bool(_COMMA.match(text))
        points += bool(_POINT.match(text))
    if commas and commas == points:
        raise WrongCall(f"{path}: amounts have cents after commas and points alike; name one, as --decimal ,")
    return "," if commas > points else "."
