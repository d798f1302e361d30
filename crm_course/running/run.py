"""``crm-course run``: a chapter on any store."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from rich.console import Console

from crm_course import resources
from crm_course.errors import CourseError, WrongCall
from crm_course.messages import suggestion
from crm_course.running import outcome
from crm_course.running.chapters import chapters, find_chapter, read_chapter
from crm_course.running.execute import execute
from crm_course.running.files import replaced
from crm_course.running.outcome import Run
from crm_course.running.page import write_page
from crm_course.running.parameters import Value, convert, parameters_of
from crm_course.running.progress import bar
from crm_course.tables.store import open_store


def run_chapter(
    chapter: str,
    data: str | Path | None = None,
    parameters: Mapping[str, object] | None = None,
    *,
    output: Path | None = None,
    html: bool = False,
    progress: Console | None = None,
) -> Run:
    """Run a chapter on a store and keep what came of it as a notebook.

    Parameters
    ----------
    chapter : str
        ``03``, ``03_customer_value`` or the path of a ``.ipynb`` or ``.py`` file.
    data : path, optional
        A store folder; the demo store by default.
    parameters : mapping, optional
        Values for the chapter's parameters; texts are converted by its annotations.
    output : Path, optional
        The notebook to write, or a folder for it; ``build/<chapter>_<store>.ipynb`` by default.
    html : bool
        Write the page beside the notebook as well.
    progress : Console, optional
        Where to show a bar.

    Returns
    -------
    Run
        Paths, counts, problems, figures. An error in a cell is a problem, not an exception.

    Raises
    ------
    StoreError
        If the folder is no store.
    WrongCall
        If there is no such chapter or parameter, or a value cannot be.

    Examples
    --------
    >>> run_chapter("03", data="shop", parameters={"as_of": "2025-06-30"}, html=True)  # doctest: +SKIP
    """
    path = find_chapter(chapter)
    notebook = read_chapter(path)
    values, store = _values(path.stem, notebook, data, parameters or {})
    target = _target(path.stem, store, output)
    started = time.perf_counter()
    with replaced(target) as partial, bar(progress, path.stem, len(notebook.cells) + 1) as step:
        done, problems, finished = execute(notebook, partial, target.parent, values, step)
    page = write_page(done, target.with_suffix(".html")) if html else None
    cells = outcome.code_cells(done)
    left_out = ["left_out" in cell.metadata.get("crm_course", {}) for cell in cells]
    return Run(
        chapter=path.stem,
        notebook=target,
        page=page,
        cells=sum(cell.execution_count is not None and not out for cell, out in zip(cells, left_out, strict=True)),
        left_out=sum(left_out),
        problems=problems,
        without=outcome.without(done),
        figures=outcome.figures(done),
        seconds=round(time.perf_counter() - started, 2),
        finished=finished,
    )


def run_all(
    data: str | Path | None = None,
    parameters: Mapping[str, object] | None = None,
    *,
    output: Path | None = None,
    html: bool = False,
    progress: Console | None = None,
) -> list[Run]:
    """Run every chapter; one that fails does not keep the others from running.

    A parameter goes to the chapters that have it. Other arguments are those of :func:`run_chapter`.

    Raises
    ------
    WrongCall
        If there is no chapter, no chapter has a parameter, or `output` names one notebook.
    """
    given = dict(parameters or {})
    if output and output.suffix == ".ipynb":
        raise WrongCall(f"{output}: all chapters need a folder; write -o {output.with_suffix('')}")
    names = chapters()
    if not names:
        raise WrongCall(f"{resources.notebooks()} holds no chapter; name a notebook")
    takes: dict[str, dict[str, object]] = {}
    failed: dict[str, Run] = {}
    for name, path in names.items():
        try:
            known = parameters_of(read_chapter(path))
            takes[name] = {key: value for key, value in given.items() if key in known}
        except CourseError as error:
            failed[name] = Run(name, problems=[str(error)], finished=False)
    for unknown in given.keys() - {key for values in takes.values() for key in values}:
        raise WrongCall(f"no chapter has a parameter {unknown!r}{suggestion(unknown, _all_parameters(takes))}")
    options = {"output": output, "html": html, "progress": progress}
    return [failed.get(name) or _attempt(name, data, takes[name], **options) for name in names]


def _all_parameters(names: Mapping[str, object]) -> list[str]:
    return sorted({parameter for name in names for parameter in parameters_of(read_chapter(find_chapter(name)))})


def _attempt(name: str, data: str | Path | None, values: Mapping[str, object], **options: Any) -> Run:
    try:
        return run_chapter(name, data, values, **options)
    except WrongCall:
        raise
    except CourseError as error:
        return Run(name, problems=[str(error)], finished=False)


def _values(
    chapter: str, notebook: NotebookNode, data: str | Path | None, given: Mapping[str, object]
) -> tuple[dict[str, Value], str]:
    """Give the values to inject and the store's name for files; a store is opened to see that it is one."""
    known = parameters_of(notebook)
    wanted = dict(given)
    if data is not None or "data" in known:
        wanted.setdefault("data", data if data is not None else resources.datasets() / "demo")
    values = convert(known, wanted, chapter)
    if "data" not in values:
        return values, "run"
    folder = Path(str(values["data"]))
    open_store(folder)
    return values, folder.name


def _target(chapter: str, store: str, output: Path | None) -> Path:
    if output is not None and output.suffix == ".ipynb":
        return output.expanduser().absolute()
    return ((output or Path("build")).expanduser() / f"{chapter}_{store}.ipynb").absolute()
