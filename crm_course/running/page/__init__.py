"""A notebook as one HTML page that loads nothing, runs nothing and prints well."""

from __future__ import annotations

import functools
from pathlib import Path

from nbformat import NotebookNode

from crm_course.running.files import write_text
from crm_course.running.page.exporter import PageExporter


@functools.cache
def _exporter() -> PageExporter:
    return PageExporter()


def page_of(notebook: NotebookNode) -> str:
    """Give the page of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        As it was run; it is not changed.

    Returns
    -------
    str
        A whole HTML document: style and pictures inside, no script, nothing from elsewhere.
    """
    text, _ = _exporter().from_notebook_node(notebook)
    return text


def write_page(notebook: NotebookNode, target: Path) -> Path:
    """Write the page of an executed notebook, as a whole or not at all, and give its path."""
    write_text(target, page_of(notebook))
    return target
