"""What came of a run: read from the notebook that it left."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from crm_course.reporting import MIME


@dataclass(frozen=True)
class Run:
    """What came of one chapter.

    Attributes
    ----------
    chapter : str
        Its name.
    notebook, page : Path or None
        Where they lie; None where nothing was written.
    cells, left_out : int
        Code cells that ran, and that were left out.
    problems : list of str
        One line each, with the number of the cell.
    without : list of str
        What the shop does not have, and what was left out for it: no problem.
    figures : dict
        What the chapter handed to ``report``.
    seconds : float
        Time of the run.
    finished : bool
        False if an error stopped the run before its last cell.
    """

    chapter: str
    notebook: Path | None = None
    page: Path | None = None
    cells: int = 0
    left_out: int = 0
    problems: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    finished: bool = True

    @property
    def whole(self) -> bool:
        """Whether nothing was left out because of a problem."""
        return self.finished and not self.problems

    def as_dict(self) -> dict[str, object]:
        """Give the same as plain values, for JSON."""
        return {**asdict(self), "notebook": _text(self.notebook), "page": _text(self.page)}

    def __str__(self) -> str:
        """Tell it in a few lines."""
        left_out = f", {self.left_out} left out" if self.left_out else ""
        where = [f"  {path}" for path in (self.notebook, self.page) if path]
        return "\n".join(
            [
                f"{self.chapter}: {self.cells} cells ran{left_out} in {self.seconds:.1f} s",
                *where,
                *(f"  {line}" for line in [*self.without, *self.problems]),
            ]
        )


def _text(path: Path | None) -> str | None:
    return str(path) if path else None


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Give the code cells that hold something; their places here, from 1, are the numbers that messages name."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def problems(notebook: NotebookNode) -> list[str]:
    """Give one line for every cell that told a problem or stopped the run."""
    lines = []
    for number, cell in enumerate(code_cells(notebook), start=1):
        if sentence := _problem_of(cell):
            lines.append(f"cell {number} `{first_line(cell.source)}`: {sentence}")
    return lines


def first_line(source: str) -> str:
    """Give a cell's first line that is not a comment, at most 60 characters of it."""
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    line = (lines or source.strip().splitlines())[0].strip()
    return line if len(line) <= 60 else line[:59] + "…"


def without(notebook: NotebookNode) -> list[str]:
    """Give the sentences that say what the shop does not have and what is left out for it."""
    told = [cell.metadata.get("crm_course", {}) for cell in code_cells(notebook)]
    return [one["without"] for one in told if one.get("left_out") == [] and one.get("without")]


def _problem_of(cell: NotebookNode) -> str:
    error = error_of(cell)
    if error:
        return f"{error.ename}: {' '.join(error.evalue.split())[:300]}".rstrip(": ")
    return str(cell.metadata.get("crm_course", {}).get("problem", ""))


def error_of(cell: NotebookNode) -> NotebookNode | None:
    """Give the error output that stopped a cell, if there is one."""
    return next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)


def figures(notebook: NotebookNode) -> dict[str, object]:
    """Collect what the chapter handed to ``report``; of a figure given twice the last counts."""
    found: dict[str, object] = {}
    for cell in code_cells(notebook):
        for output in cell.outputs:
            found |= output.get("data", {}).get(MIME, {}).get("figures", {})
    return found
