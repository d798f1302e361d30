"""``crm-course build``: percent scripts into executed notebooks that are the same on every machine."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from rich.console import Console

from crm_course import resources
from crm_course.errors import CourseError, WrongCall
from crm_course.messages import suggestion
from crm_course.running import outcome
from crm_course.running.chapters import NUMBERED, read_source
from crm_course.running.execute import execute
from crm_course.running.freshness import Fingerprint, fingerprint, stale
from crm_course.running.notebooks import write_notebook
from crm_course.running.progress import bar

VOLATILE = {"papermill", "execution", "crm_course"}
PASSING = [  # what a run prints and the next run prints otherwise
    (re.compile(r"(?<= at )0x[0-9a-f]{6,}"), "0x…"),
    (re.compile(r"\S*/ipykernel_\d+/\d+\.py"), "<cell>"),
]


@dataclass(frozen=True)
class Built:
    """What `build` did with a chapter.

    Attributes
    ----------
    chapter : str
        Its name.
    state : {"fresh", "built", "stale", "failed"}
        What it is now.
    reason : str
        Why it was stale, or the error in one line.
    """

    chapter: str
    state: str
    reason: str = ""

    def as_dict(self) -> dict[str, str]:
        """Give the same as plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Tell it in one line."""
        return f"{self.chapter}: {self.state}" + (f" ({self.reason})" if self.reason else "")

    @property
    def good(self) -> bool:
        """Whether the notebook is what its source and data make."""
        return self.state in ("fresh", "built")


def build(
    sources: Iterable[Path] | None = None, check: bool = False, force: bool = False, progress: Console | None = None
) -> list[Built]:
    """Build the notebooks beside percent scripts, executed where they lie; fresh ones are left alone.

    Parameters
    ----------
    sources : paths, optional
        Percent scripts; all numbered ones of the chapters' folder by default.
    check : bool
        Build nothing, only say what is stale.
    force : bool
        Build fresh ones too.
    progress : Console, optional
        Where to show a bar.

    Returns
    -------
    list of Built
        One for each source. A chapter that fails keeps its old notebook, and the others are built.

    Examples
    --------
    >>> [built.state for built in build(check=True)]  # doctest: +SKIP
    ['fresh']
    """
    paths = all_sources() if sources is None else list(sources)
    hashes: dict[Path, str] = {}
    done = []
    with bar(progress, "build", len(paths)) as step:
        for path in paths:
            done.append(_build_one(path, check, force, hashes))
            step(path.stem)
    return done


def all_sources() -> list[Path]:
    """Give the sources of all chapters."""
    return sorted(resources.notebooks().glob(NUMBERED + ".py"))


def find_source(chapter: str) -> Path:
    """Give the source of a chapter named by number, by name or by the path of its script.

    Raises
    ------
    WrongCall
        If there is none.
    """
    if chapter.endswith(".py"):
        path = Path(chapter)
        if not path.is_file():
            raise WrongCall(f"{chapter}: there is no such file")
        return path
    known = {path.stem: path for path in all_sources()}
    for name, path in known.items():
        if chapter in (name, name.partition("_")[0]):
            return path
    raise WrongCall(f"there is no source of a chapter {chapter!r}{suggestion(chapter, known)}; write its .py file")


def _build_one(source: Path, check: bool, force: bool, hashes: dict[Path, str]) -> Built:
    try:
        notebook = read_source(source)
        now = fingerprint(source, notebook, hashes)
        reason = stale(source, now)
        if check or not (reason or force):
            return Built(source.stem, "stale" if reason else "fresh", reason)
        _write(source.with_suffix(".ipynb"), _executed(notebook, source), now)
    except CourseError as error:
        return Built(source.stem, "failed", str(error))
    return Built(source.stem, "built", reason or "forced")


def _executed(notebook: NotebookNode, source: Path) -> NotebookNode:
    """Execute a chapter where it lies; whatever goes wrong in a cell is an error here, a course problem too."""
    with tempfile.TemporaryDirectory() as folder:
        done, problems, _ = execute(notebook, Path(folder) / "run.ipynb", source.parent)
    if problems:
        raise CourseError(problems[0])
    return done


def _write(target: Path, notebook: NotebookNode, now: Fingerprint) -> None:
    """Write a notebook without anything that the next build would write otherwise."""
    notebook, _ = CoalesceStreamsPreprocessor().preprocess(notebook, {})  # lines come together or apart as time has it
    language = NotebookNode(name="python")
    notebook.metadata = NotebookNode(
        kernelspec=notebook.metadata.kernelspec, language_info=language, crm_course=NotebookNode(asdict(now))
    )
    for number, cell in enumerate(outcome.code_cells(notebook), start=1):
        cell.execution_count = number
        for output in cell.outputs:
            _settle(output, number)
    for cell in notebook.cells:
        kept = {key: value for key, value in cell.metadata.items() if key not in VOLATILE and value != []}
        cell.metadata = NotebookNode(kept)
    nbformat.validate(notebook)
    write_notebook(target, notebook)


def _settle(output: NotebookNode, number: int) -> None:
    """Take from an output what passes: the number of the execution, addresses in memory, folders of the kernel."""
    if "execution_count" in output:
        output.execution_count = number
    if "text" in output:
        output.text = _lasting(output.text)
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/"):
            output.data[kind] = _lasting(value)


def _lasting(text: str) -> str:
    for pattern, replacement in PASSING:
        text = pattern.sub(replacement, text)
    return text
