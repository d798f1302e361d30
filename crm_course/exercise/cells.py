"""A code cell as Python: where it comes from, its magics, its syntax tree."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

from crm_course.errors import CourseError
from crm_course.running.missing.dependencies import TIMED

PYTHON_MAGICS = {"", "%%time", "%%timeit", "%%capture", "%%prun"}  # what follows them in the cell is Python


@dataclass(frozen=True)
class Place:
    """Where a cell comes from, for messages: a file and the number of the cell's first line in it."""

    file: str = "cell"
    first_line: int = 1

    def error(self, line: int, text: str) -> CourseError:
        """Give the error for a line of the cell, counted from 1."""
        return CourseError(f"{self.file}:{self.first_line + line - 1}: {text}")


NOWHERE = Place()


def unified(text: str) -> str:
    """Give a text with the line ends of Unix."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(source: str, place: Place = NOWHERE) -> ast.Module:
    """Parse a code cell: magics are read as calls, a cell of another language as empty."""
    try:
        return _tree(plain(unified(source)))
    except (SyntaxError, ValueError) as error:
        line, message = (error.lineno or 1, error.msg) if isinstance(error, SyntaxError) else (1, error)
        raise place.error(line, f"the cell is not Python ({message}); mend it") from error


def plain(text: str) -> str:
    """Give a cell as Python that has the same lines."""
    if not is_python(text):
        return ""
    try:
        _tree(text)
        return text
    except (SyntaxError, ValueError):
        lines = [line + "\n" for line in TIMED.sub(r"\1", text).split("\n")]
    lines = ["\n" if line.startswith("%%") else line for line in lines[: _head(lines)]] + lines[_head(lines) :]
    changed, manager = True, TransformerManager()
    while changed:
        before = lines
        changed, lines = manager.do_one_token_transform(before)
        at = next((n for n, pair in enumerate(zip(before, lines, strict=False), start=1) if pair[0] != pair[1]), 0)
        lines = lines[:at] + ["\n"] * (len(before) - len(lines)) + lines[at:]  # a magic over several lines became one
    return "".join(lines)


def _head(lines: list[str]) -> int:
    """The number of lines down to the first that is not blank."""
    return next((at for at, line in enumerate(lines, start=1) if line.strip()), 0)


def is_python(text: str) -> bool:
    """Say whether a cell is Python, and not of another language by its first line."""
    return (text.split(maxsplit=1)[0] if text.lstrip().startswith("%%") else "") in PYTHON_MAGICS


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes in strings: they are told where the cell runs
        return ast.parse(text)
