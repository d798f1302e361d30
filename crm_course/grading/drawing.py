"""What a worker does for a report: it runs the report's notebook on one file, and makes the page of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from nbformat import NotebookNode
from papermill.parameterize import parameterize_notebook

from crm_course.errors import CourseError
from crm_course.grading.bench import Page
from crm_course.running.chapters import read_source
from crm_course.running.page import write_page
from crm_course.running.pool import slot
from crm_course.running.sandbox.limits import FINISHED, Limits

LIMITS = Limits(cell_seconds=60, run_seconds=120, memory_mb=2000, output_mb=20)


def draw(page: Page) -> None:
    """Make a page.

    Raises
    ------
    CourseError
        If its notebook fails, or the page cannot be written.
    """
    notebook = read_source(page.notebook)
    for holder in (notebook, *notebook.cells):  # papermill reads and writes there
        holder.metadata.setdefault("papermill", NotebookNode())
        holder.metadata.setdefault("tags", [])
    notebook = parameterize_notebook(notebook, page.parameters, kernel_name="python3")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / page.file).write_text(json.dumps(page.data, ensure_ascii=False), encoding="utf-8")
        done = slot(page.sandbox).run(notebook, Path(folder), LIMITS)
    for cell in done.notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise CourseError(f"{page.notebook.name}: {output.ename}: {output.evalue}")
    if done.ended != FINISHED:
        raise CourseError(f"{page.notebook.name}: {done.ended} in cell {done.cell}")
    write_page(done.notebook, page.target)
