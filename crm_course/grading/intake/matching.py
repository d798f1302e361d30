"""Whose a file is, by its path: a folder or file that bears an id of the roster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

SEPARATORS = " _.,()[]-"  # what stands between an id and the rest of a file's name
ADDED = re.compile(r"(\s*\(\d+\)|\s+copy)$")
SHORT = 2  # letters, or figures, that may stand in a name by chance
MOST_WORDS = 40


def owners(name: str, ids: dict[str, str], exercise: str = "") -> list[str]:
    """Say whose file it is by its path: every folder, and the file, that is an id or holds one.

    A platform names the folder after who handed in, but the trainee names the file: so no part outweighs another,
    and a path that names two is nobody's until a person looks.

    Parameters
    ----------
    name : str
        Path of the file, below the folder of submissions.
    ids : dict of str to str
        Ids by `spelled` id.
    exercise : str
        Its name is no part of an id, nor is the ``(1)`` that browsers add.

    Returns
    -------
    list of str
        No id, one, or several.

    Examples
    --------
    >>> owners("s1/03_customer_value.ipynb", {"s1": "s1", "s12": "s12"})
    ['s1']
    >>> owners("chan_s12_03_customer_value (1).ipynb", {"s1": "s1", "s12": "s12"}, "03_customer_value")
    ['s12']
    >>> owners("chan_s12_file/s1.ipynb", {"s1": "s1", "s12": "s12"})
    ['s1', 's12']
    """
    *folders, file = (spelled(part) for part in name.split("/"))
    parts = [file.rpartition(".")[0] or file, *folders]
    return list(dict.fromkeys(one for part in parts for one in _named(part, ids, spelled(exercise))))


def _named(part: str, ids: dict[str, str], exercise: str) -> list[str]:
    """Give the id that one part of a path is, else those that it holds as words."""
    bare = ADDED.sub("", part).replace(exercise, "").strip(SEPARATORS)
    for whole in (part, bare):
        if whole in ids:
            return [ids[whole]]
    held = [ids[word] for word in dict.fromkeys(_words(bare)) if word in ids]
    held = [one for one in held if len(one) > SHORT or not (one.isdigit() or one.isalpha())]
    return [one for one in held if not any(one != other and spelled(one) in _words(spelled(other)) for other in held)]


def _words(part: str) -> Iterator[str]:
    """Every run of whole words of a name."""
    places = list(re.finditer(f"[{re.escape(SEPARATORS)}]+", part))[:MOST_WORDS]
    starts = [0, *(place.end() for place in places)]
    ends = [*(place.start() for place in places), len(part)]
    yield from (part[start:end] for start in starts for end in ends if start < end)


def spelled(name: str) -> str:
    """Give a name as file systems may give it back: without regard to capitals and to how accents are written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
