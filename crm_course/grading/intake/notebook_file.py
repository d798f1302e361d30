"""Reading a submission: a file that anybody may have made, as a clean notebook or with the reason why not."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from crm_course.errors import CourseError
from crm_course.running.notebooks import CELLS, new_cell, new_notebook

MAX_FILE = 20_000_000  # bytes; a notebook with many pictures has 5 MB
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of one cell
MADE_FOR = "crm_course"  # where a released notebook's metadata say whose it is
ASKED = re.compile(r"""^[^#\n]*\banswer\(\s*["'](q(?:[1-9]|10))["']""", re.MULTILINE)
HEADED = re.compile(r"^ {0,3}#{1,6}[ \t]+(?:question[ \t]+)?(q(?:[1-9]|10))\b", re.IGNORECASE | re.MULTILINE)


class UnreadableFile(CourseError):
    """A file is no notebook that can be run."""


@dataclass(frozen=True)
class Submission:
    """A submission as the grader sees it.

    Attributes
    ----------
    notebook : NotebookNode
        Its cells' sources and nothing else: no outputs, tags, metadata or attachments.
    exercise, trainee : str
        What its metadata say, empty where they say nothing; anybody can change them.
    answered, headed : dict of str to list of int
        Cells, counted from 1, by question: with a call of ``answer``, and with its heading.
    """

    notebook: NotebookNode
    exercise: str = ""
    trainee: str = ""
    answered: dict[str, list[int]] = field(default_factory=dict)
    headed: dict[str, list[int]] = field(default_factory=dict)


def read_submission(path: Path) -> Submission:
    """Read a submission.

    Parameters
    ----------
    path : Path
        A file of at most 20 MB.

    Raises
    ------
    UnreadableFile
        If it is not a notebook of nbformat 3 or 4; the sentence says why.
    """
    raw = _json(_bytes(path))
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise UnreadableFile("is no notebook: it is JSON, but has no nbformat")
    raw = _version_4(raw)
    cells = raw.get("cells")
    if not isinstance(cells, list):
        raise UnreadableFile("is no notebook: it has no cells")
    if len(cells) > MAX_CELLS:
        raise UnreadableFile(f"has {len(cells):,} cells; at most {MAX_CELLS:,} are read")
    clean = [_cell(number, cell) for number, cell in enumerate(cells, start=1)]
    meta = raw.get("metadata")
    made = meta.get(MADE_FOR) if isinstance(meta, dict) else None
    made = made if isinstance(made, dict) else {}
    notebook = new_notebook(clean, {"language_info": {"name": "python"}})
    return Submission(
        notebook,
        _short(made.get("exercise")),
        _short(made.get("trainee")),
        _places(clean, "code", ASKED),
        _places(clean, "markdown", HEADED),
    )


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise UnreadableFile(f"has {size / 1e6:,.0f} MB; at most {MAX_FILE / 1e6:.0f} are read: clear the outputs")
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise UnreadableFile(f"cannot be read ({error.strerror})") from None
    if not data.strip():
        raise UnreadableFile("is empty")
    return data


def _json(data: bytes) -> Any:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnreadableFile("is UTF-16 text, no notebook; save it from JupyterLab again")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnreadableFile("is no notebook: it is not UTF-8 text") from None
    except RecursionError:
        raise UnreadableFile("is no notebook: it is nested too deeply") from None
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise UnreadableFile(f"is no notebook: not JSON from line {line} on; it may be cut off") from None


def _version_4(raw: dict[str, Any]) -> dict[str, Any]:
    version = raw["nbformat"]
    if version == 4:
        return raw
    if version != 3:
        raise UnreadableFile(f"is a notebook of version {version}; save it as version 4 (JupyterLab does)")
    try:
        converted: dict[str, Any] = nbformat.convert(nbformat.from_dict(raw), 4)
    except Exception as error:  # the converter trusts its input, so anything may come of a file made by hand
        raise UnreadableFile(f"is a damaged notebook of version 3 ({type(error).__name__})") from error
    return converted


def _cell(number: int, cell: Any) -> NotebookNode:
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    if kind not in CELLS:
        raise UnreadableFile(f"is a damaged notebook: cell {number} is of no known type")
    source = cell.get("source", "")
    source = "".join(source) if isinstance(source, list) and all(isinstance(line, str) for line in source) else source
    if not isinstance(source, str) or len(source) > MAX_SOURCE:
        raise UnreadableFile(f"is a damaged notebook: cell {number} holds no text, or too much")
    key = hashlib.sha256(str(number).encode()).hexdigest()[:12]
    return new_cell(kind, _valid(source), id=key)


def _valid(text: str) -> str:
    """Give a text that can be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _short(value: Any) -> str:
    """Give a name of the metadata: a text of at most 200 letters, else nothing."""
    return unicodedata.normalize("NFC", _valid(value)) if isinstance(value, str) and len(value) <= 200 else ""


def _places(cells: list[NotebookNode], kind: str, pattern: re.Pattern[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, cell in enumerate(cells, start=1):
        for name in dict.fromkeys(pattern.findall(cell.source)) if cell.cell_type == kind else ():
            found.setdefault(name.lower(), []).append(number)
    return found
