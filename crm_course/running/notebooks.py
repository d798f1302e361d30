"""Notebooks read, made and written: nbformat behind functions that say what they take and give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from crm_course.running.files import write_text

UNREADABLE = (OSError, ValueError, nbformat.ValidationError)  # what reading raises when a file is no notebook
CELLS = ("code", "markdown", "raw")
_MAKERS: dict[str, Callable[..., NotebookNode]] = {
    "code": v4.new_code_cell,
    "markdown": v4.new_markdown_cell,
    "raw": v4.new_raw_cell,
}


def new_cell(kind: str, source: str, **parts: object) -> NotebookNode:
    """Make a cell of one of the kinds in `CELLS`; `parts` are ``id``, ``metadata`` and their like.

    Examples
    --------
    >>> new_cell("markdown", "# Mei's shop").source
    "# Mei's shop"
    """
    return _MAKERS[kind](source, **parts)


def new_notebook(cells: Sequence[NotebookNode], metadata: Mapping[str, object] | None = None) -> NotebookNode:
    """Make a notebook of cells."""
    notebook: NotebookNode = v4.new_notebook(cells=list(cells), metadata=dict(metadata or {}))
    return notebook


def new_display(data: Mapping[str, object]) -> NotebookNode:
    """Make an output that shows something, by its types."""
    output: NotebookNode = v4.new_output("display_data", data=dict(data))
    return output


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook file of any version as one of version 4.

    Raises
    ------
    OSError, ValueError, nbformat.ValidationError
        If it is none.
    """
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def notebook_of(text: str) -> NotebookNode:
    """Read a notebook from the text of its file; raises as `read_notebook` does."""
    notebook: NotebookNode = nbformat.reads(text, as_version=4)
    return notebook


def notebook_text(notebook: NotebookNode) -> str:
    """Give the text of a notebook's file, which is the same wherever it is written.

    Examples
    --------
    >>> notebook_of(notebook_text(new_notebook([new_cell("code", "6 * 7", id="a")]))).cells[0].source
    '6 * 7'
    """
    return str(nbformat.writes(notebook, indent=1)).rstrip("\n") + "\n"


def write_notebook(target: Path, notebook: NotebookNode) -> None:
    """Write a notebook as a whole or not at all."""
    write_text(target, notebook_text(notebook))
