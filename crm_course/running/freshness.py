"""Whether a built notebook still is what its source and its data make."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from nbformat import NotebookNode

from crm_course.digests import digest, files_digest
from crm_course.errors import CourseError
from crm_course.running.chapters import read_chapter, read_source
from crm_course.running.parameters import parameters_of

CHANGES = {
    "source_sha256": "the source changed",
    "data_sha256": "the data changed",
    "figures_sha256": "what draws its figures changed",
}
DRAWERS = Path(__file__).parents[1] / "plots"
LIBRARIES = ("matplotlib", "pillow", "seaborn")


@dataclass(frozen=True)
class Fingerprint:
    """What a notebook was built from.

    Attributes
    ----------
    source_sha256 : str
        Of the percent script's text.
    data_sha256 : str
        Of the files of the store that its ``data`` parameter names; empty where it has none.
    figures_sha256 : str
        Of the modules, libraries and fonts that draw its figures, which no test compares; empty where it imports none.
    """

    source_sha256: str
    data_sha256: str
    figures_sha256: str


def fingerprint(source: Path, notebook: NotebookNode, known: dict[Path, str]) -> Fingerprint:
    """Take the fingerprint of a chapter's source, of its data, and of what draws its figures.

    Parameters
    ----------
    source : Path
        The percent script.
    notebook : NotebookNode
        The same, read.
    known : dict
        Hashes of stores that were taken already, by folder; added to.

    Raises
    ------
    CourseError
        If the store is missing.
    """
    text = source.read_text(encoding="utf-8")
    drawn = _drawers(text) if "crm_course.plots" in text else ""
    parameter = parameters_of(notebook).get("data")
    if parameter is None:
        return Fingerprint(digest(text.encode()), "", drawn)
    folder = (source.parent / str(parameter.default_value)).resolve()
    if folder not in known:
        known[folder] = store_hash(folder)
    return Fingerprint(digest(text.encode()), known[folder], drawn)


def _drawers(text: str) -> str:
    """Hash what draws: modules, the versions of libraries as they are installed, and fonts."""
    fonts = [path.read_bytes() for path in sorted(DRAWERS.rglob("*.otf"))]
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    return digest(*(one.encode() for one in (*_plots(text, {}).values(), *versions)), *fonts)


def _plots(text: str, found: dict[str, str]) -> dict[str, str]:
    """Collect the texts of the modules of `crm_course.plots` that a text imports, and that these import."""
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    for one in imports:
        place = DRAWERS.parent.joinpath(*(one.module or "").split(".")[1:])
        for path in (place.with_suffix(".py"), *(place / f"{name.name}.py" for name in one.names)):
            if path.is_relative_to(DRAWERS) and path.as_posix() not in found and path.is_file():
                found[path.as_posix()] = path.read_text(encoding="utf-8")
                _plots(found[path.as_posix()], found)
    return found


def store_hash(folder: Path) -> str:
    """Hash a store folder: names and contents of ``store.json``, the tables and the truth.

    Raises
    ------
    CourseError
        If there is no store.
    """
    if not (folder / "store.json").is_file():
        raise CourseError(f"{folder}: there is no store to build on; make it with `crm-course simulate -o {folder}`")
    files = [folder / "store.json", *folder.glob("*.parquet"), *folder.glob("*.csv"), *folder.glob("truth/*")]
    return files_digest([path for path in files if path.is_file()], folder)


def stale(source: Path, now: Fingerprint) -> str:
    """Say why a chapter must be built again; nothing if it is fresh.

    Parameters
    ----------
    source : Path
        The percent script; the notebook lies beside it.
    now : Fingerprint
        Of source and data as they are.
    """
    target = source.with_suffix(".ipynb")
    if not target.is_file():
        return "never built"
    try:
        built = read_chapter(target)
    except CourseError:
        return "the notebook cannot be read"
    was = built.metadata.get("crm_course", {})
    for name, reason in CHANGES.items():
        if was.get(name) != getattr(now, name):
            return reason
    if _cells(built) != _cells(read_source(source)):
        return "the notebook was edited by hand"
    return ""


def _cells(notebook: NotebookNode) -> list[tuple[str, str, str, list[str]]]:
    return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]
