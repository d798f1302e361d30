"""Finding and reading chapters: ``03``, ``03_customer_value`` or a file, percent script or notebook."""

from __future__ import annotations

import hashlib
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from crm_course import resources
from crm_course.errors import CourseError, WrongCall
from crm_course.messages import suggestion
from crm_course.running.notebooks import UNREADABLE, read_notebook

NUMBERED = "[0-9][0-9]_*"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def chapters(folder: Path | None = None) -> dict[str, Path]:
    """Give all chapters by name: the notebook, or its source where it has not been built."""
    folder = folder or resources.notebooks()
    found = {path.stem: path for suffix in (".py", ".ipynb") for path in folder.glob(NUMBERED + suffix)}
    return dict(sorted(found.items()))


def find_chapter(chapter: str) -> Path:
    """Give the file of a chapter.

    Parameters
    ----------
    chapter : str
        Its number, its name, or the path of a ``.ipynb`` or ``.py`` file.

    Raises
    ------
    WrongCall
        If there is none, or more than one.
    """
    if chapter.endswith((".ipynb", ".py")):
        path = Path(chapter).expanduser()
        if not path.is_file():
            raise WrongCall(f"{chapter}: there is no such file")
        return path
    known = chapters()
    fitting = [name for name in known if chapter == name or chapter == name.partition("_")[0]]
    if len(fitting) == 1:
        return known[fitting[0]]
    if fitting:
        raise WrongCall(f"chapter {chapter} can be {' or '.join(fitting)}; write the name in full")
    raise WrongCall(
        f"there is no chapter {chapter!r}{suggestion(chapter, known)}; there are {', '.join(known) or 'none yet'}"
    )


def read_chapter(path: Path) -> NotebookNode:
    """Read a notebook, or a percent script as a notebook without outputs and with stable cell ids.

    Raises
    ------
    CourseError
        If the file is no notebook.
    """
    if path.suffix == ".py":
        return read_source(path)
    try:
        notebook = read_notebook(path)
        nbformat.validate(notebook)
    except (*UNREADABLE, AttributeError) as error:
        first = str(error).strip().splitlines()[0][:120]
        raise CourseError(f"{path}: not a notebook ({first}); build it again with `crm-course build`") from error
    return notebook


def read_source(path: Path) -> NotebookNode:
    """Read a percent script (jupytext) as a notebook without outputs.

    Cell ids are made of the file's name and the cell's position, so that the same source
    gives the same notebook on every machine. Of the header's metadata only ``crm_course`` is kept, where
    ``page: report`` asks for a page without code.

    Raises
    ------
    CourseError
        If the file cannot be read as text.
    """
    try:
        notebook: NotebookNode = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except (OSError, ValueError) as error:
        raise CourseError(f"{path}: cannot be read as a percent script ({error})") from error
    told = {name: value for name, value in notebook.metadata.items() if name == "crm_course"}
    notebook.metadata = NotebookNode(
        kernelspec=NotebookNode(KERNELSPEC), language_info=NotebookNode(name="python"), **told
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for position, cell in enumerate(notebook.cells):
        cell.id = hashlib.sha256(f"{path.stem}:{position}".encode()).hexdigest()[:12]
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook
