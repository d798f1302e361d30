"""Whether a built notebook still is what its source and its data make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from crm_course.errors import CourseError
from crm_course.running.chapters import read_chapter, read_source
from crm_course.running.parameters import parameters_of


@dataclass(frozen=True)
class Fingerprint:
    """What a notebook was built from.

    Attributes
    ----------
    source_sha256 : str
        Of the percent script's text.
    data_sha256 : str
        Of the files of the store that its ``data`` parameter names; empty where it has none.
    """

    source_sha256: str
    data_sha256: str


def fingerprint(source: Path, notebook: NotebookNode, known: dict[Path, str]) -> Fingerprint:
    """Take the fingerprint of a chapter's source and data.

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
    parameter = parameters_of(notebook).get("data")
    if parameter is None:
        return Fingerprint(_sha256(text.encode()), "")
    folder = (source.parent / str(parameter.default_value)).resolve()
    if folder not in known:
        known[folder] = store_hash(folder)
    return Fingerprint(_sha256(text.encode()), known[folder])


def store_hash(folder: Path) -> str:
    """Hash a store folder: names and contents of ``store.json``, the tables and the truth, in sorted order.

    Raises
    ------
    CourseError
        If there is no store.
    """
    if not (folder / "store.json").is_file():
        raise CourseError(f"{folder}: there is no store to build on; make it with `crm-course simulate -o {folder}`")
    files = [folder / "store.json", *folder.glob("*.parquet"), *folder.glob("*.csv"), *folder.glob("truth/*")]
    whole = hashlib.sha256()
    for path in sorted(file for file in files if file.is_file()):
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()} {digest}\n".encode())
    return whole.hexdigest()


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
    if was.get("source_sha256") != now.source_sha256:
        return "the source changed"
    if was.get("data_sha256") != now.data_sha256:
        return "the data changed"
    if _cells(built) != _cells(read_source(source)):
        return "the notebook was edited by hand"
    return ""


def _cells(notebook: NotebookNode) -> list[tuple[str, str, str, list[str]]]:
    return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
