"""How the tests of a chapter run it, and read what it told."""

from __future__ import annotations

from pathlib import Path

import nbformat

from crm_course.running.outcome import Run
from crm_course.running.run import run_chapter


def run(chapter: str, folder: Path, into: Path, **parameters: object) -> Run:
    """Run a chapter on a store, with its page."""
    return run_chapter(chapter, folder, parameters, output=into / "chapter.ipynb", html=True)


def told(outcome: Run) -> list[str]:
    """Give the problems, having seen that each is a line and that the chapter reached its end."""
    assert outcome.finished
    assert outcome.notebook is not None and outcome.notebook.exists()
    assert outcome.page is None or outcome.page.exists()
    assert all("\n" not in line and "Traceback" not in line for line in outcome.problems)
    return outcome.problems


def texts(outcome: Run) -> str:
    """Give what the chapter printed, and the lines that say what was left out."""
    cells = nbformat.read(outcome.notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    lines = [output.get("text", "") for output in outputs]
    return "".join([*lines, *(f"{output.data['text/plain']}\n" for output in outputs if _is_line(output))])


def _is_line(output: nbformat.NotebookNode) -> bool:
    return "course-problem" in output.get("data", {}).get("text/html", "")
