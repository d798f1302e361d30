"""Written answers: all Markdown between the heading ``q5`` and the next question's, less the released text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?:question[ \t]+)?(q(?:[1-9]|10))\b", re.IGNORECASE)
FENCE = re.compile(r" {0,3}(```|~~~)")
IDEOGRAM = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
MAX_ANSWER = 100_000


def sections(notebook: Mapping[str, object]) -> dict[str, str]:
    """Give the Markdown below the heading of each question.

    A question's heading is a Markdown heading that begins with its id, such as ``## q5 Advise the manager``.
    Headings inside fenced code do not count; a question whose heading is there twice has the text below both.

    Parameters
    ----------
    notebook : mapping
        With ``cells``, as nbformat reads them. What is not as expected in it is left out.

    Returns
    -------
    dict of str to str
        By question, in order of appearance, the heading itself left out; at most 100,000 letters each.
    """
    found: dict[str, list[str]] = {}
    here: list[str] = []  # what comes before the first question
    for heading, line in _lines(notebook):
        if heading:
            here = found.setdefault(heading, [])
        else:
            here.append(line)
    return {name: "\n".join(lines)[:MAX_ANSWER].strip() for name, lines in found.items()}


def _lines(notebook: Mapping[str, object]) -> Iterator[tuple[str | None, str]]:
    cells = notebook.get("cells")
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        source = cell.get("source")
        source = "".join(map(str, source)) if isinstance(source, list) else source
        fence = None
        for line in (source if isinstance(source, str) else "").splitlines():
            if mark := FENCE.match(line):
                fence = mark[1] if fence is None else None if fence == mark[1] else fence
            heading = HEADING.match(line) if fence is None else None
            yield (heading[1].lower() if heading else None), line
        yield None, ""


def less(text: str, released: str) -> str:
    """Take the released text out of a section: each of its lines once, where it stands alone or begins a line.

    Examples
    --------
    >>> less("Your advice:\\nInvite nobody.", "Your advice:")
    'Invite nobody.'
    >>> less("Your advice: invite nobody.", "Your advice:")
    'invite nobody.'
    """
    left = Counter(line for one in released.splitlines() if (line := " ".join(one.split())))
    begins = tuple(one + " " for one in left if words(one))
    kept = [_without(line, left, begins) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in kept if line is not None)).strip()


def _without(line: str, left: Counter[str], begins: tuple[str, ...]) -> str | None:
    plain = " ".join(line.split())
    if left[plain] > 0:
        left[plain] -= 1
        return None
    if not plain.startswith(begins):
        return line
    begun = [one for one in begins if plain.startswith(one) and left[one[:-1]] > 0]
    if not begun:
        return line
    longest = max(begun, key=len)
    left[longest[:-1]] -= 1
    return plain.removeprefix(longest)


def written_answers(notebook: Mapping[str, object], released: Mapping[str, object]) -> dict[str, str]:
    """Give what a trainee wrote below each question's heading.

    Parameters
    ----------
    notebook : mapping
        The submission.
    released : mapping
        The notebook that was handed out; its Markdown is no part of an answer.

    Returns
    -------
    dict of str to str
        By question of `released`; empty where nothing was written or the heading was lost.
    """
    theirs, ours = sections(notebook), sections(released)
    return {name: less(theirs.get(name, ""), text) for name, text in ours.items()}


def words(text: str) -> int:
    """Count words; each Chinese character counts as one.

    Examples
    --------
    >>> words("Invite 300 customers, at HK$40 each."), words("邀請三百位顧客")
    (6, 7)
    """
    apart = IDEOGRAM.sub(r" \g<0> ", text)
    return sum(any(map(str.isalnum, word)) for word in apart.split())
