"""Exercises: from ``solution.py``, the one source, to the notebook that a trainee gets."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from crm_course.errors import CourseError
from crm_course.exercise import cells, regions
from crm_course.exercise.cells import Place
from crm_course.running.chapters import read_source
from crm_course.running.notebooks import new_cell, new_notebook

FILES = ("solution.py", "questions.yml", "slips.py")
SOLUTION = "solution"  # the tag of cells that a trainee does not get
WRITE_HERE = "*Write here.*"
TELLING = 12  # a statement of fewer characters gives nothing away
HEADING = re.compile(r"## +(q[1-9][0-9]*)\b")
FENCE = re.compile(r" {0,3}(```|~~~)")


@dataclass(frozen=True)
class Exercise:
    """An exercise as its author keeps it.

    Attributes
    ----------
    source, questions, slips : Path
        Its files ``solution.py``, ``questions.yml`` and ``slips.py``.
    notebook : NotebookNode
        The source as a notebook, markers and all.
    places : tuple of Place
        Where each cell comes from.
    """

    source: Path
    questions: Path
    slips: Path
    notebook: NotebookNode
    places: tuple[Place, ...]

    @property
    def name(self) -> str:
        """The name of its folder, which is that of its chapter."""
        return self.source.absolute().parent.name


def read_exercise(folder: Path) -> Exercise:
    """Read an exercise and check the markers of its solutions.

    Parameters
    ----------
    folder : Path
        The folder with ``solution.py``, ``questions.yml`` and ``slips.py``.

    Raises
    ------
    CourseError
        If a file is missing, or a marker is wrong.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder}: there is no such folder; name the folder of an exercise, exercises/NN_name")
    if missing := [name for name in FILES if not (folder / name).is_file()]:
        raise CourseError(f"{folder}: write {' and '.join(missing)}; an exercise is {', '.join(FILES)}")
    source, questions, slips = (folder / name for name in FILES)
    notebook = read_source(source)
    lines = source.read_text(encoding="utf-8").splitlines()
    places = tuple(Place(str(source), line) for line in _first_lines(notebook, lines))
    for cell, place in zip(notebook.cells, places, strict=True):
        if cell.cell_type == "code":
            regions.regions(cell.source, place)
        else:
            regions.refuse_markers(cell.source, place, "tag a cell of text `solution`")
    return Exercise(source, questions, slips, notebook, places)


def solution_notebook(exercise: Exercise) -> NotebookNode:
    """Give the solution as a notebook: all of it, without the markers."""
    cells = [
        _cell(exercise, at, regions.without_markers(cell.source) if cell.cell_type == "code" else cell.source)
        for at, cell in enumerate(exercise.notebook.cells)
    ]
    return new_notebook(cells, deepcopy(exercise.notebook.metadata))


def released_notebook(exercise: Exercise) -> NotebookNode:
    """Give the notebook that a trainee gets.

    Solution regions become ``name = ...``, Markdown cells tagged ``solution`` a place to write; other cells with
    that tag are left out. A cell has the id that it has in `solution_notebook`.

    Raises
    ------
    CourseError
        If a question lies within a solution, so that it would be left out too.
    """
    cells: list[NotebookNode] = []
    for at, cell in reversed(list(enumerate(exercise.notebook.cells))):
        if cell.cell_type == "code" and not _taken_out(cell):
            later = [one.source for one in cells if one.cell_type == "code"]
            cells.insert(0, _cell(exercise, at, regions.released(cell.source, exercise.places[at], later)))
        elif cell.cell_type == "markdown" or not _taken_out(cell):
            cells.insert(0, _cell(exercise, at, WRITE_HERE if _taken_out(cell) else cell.source))
    notebook = new_notebook(cells, deepcopy(exercise.notebook.metadata))
    asked = questions_in(solution_notebook(exercise), name=str(exercise.source))
    if lost := [one for one, kind in asked.items() if questions_in(notebook).get(one) != kind]:
        raise CourseError(f"{exercise.source}: {lost[0]} is asked within a solution; move its heading or `answer` out")
    return notebook


def questions_in(
    notebook: NotebookNode, expected: Iterable[str] | Mapping[str, str] = (), name: str = "notebook"
) -> dict[str, str]:
    """Find the questions of an exercise's notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Its solution, or what is released.
    expected : iterable of str, or dict of str to str, optional
        Ids that must be there; with their kinds, of which only ``written`` matters.
    name : str
        What messages call the notebook.

    Returns
    -------
    dict of str to str
        In order: ``computed`` for the id of a call ``answer("q2", …)``, ``written`` for a heading ``## q5 …`` alone.

    Raises
    ------
    CourseError
        If a question occurs twice or is not found, or its id is not written out.
    """
    calls: dict[str, int] = {}
    headings: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        found, finder = (calls, _called) if cell.cell_type == "code" else (headings, _headed)
        for one in finder(cell.source, Place(f"{name}, cell {number}")) if cell.cell_type != "raw" else ():
            if one in found:
                raise CourseError(f"{name}: {one} is there twice, in cells {found[one]} and {number}; keep one of them")
            found[one] = number
    for one in expected:
        kind = expected[one] if isinstance(expected, Mapping) else ""
        if one in calls and kind == "written":
            raise CourseError(f'{name}: {one} is to be written, so take `answer("{one}", …)` out of cell {calls[one]}')
        if one not in calls and (kind not in ("", "written") or one not in headings):
            advice = f"the heading `## {one} …`" if kind == "written" else f'a cell with `answer("{one}", …)`'
            raise CourseError(f"{name}: {one} has no cell; add {advice}")
    places = sorted([*calls.items(), *headings.items()], key=lambda item: item[1])
    return {one: "computed" if one in calls else "written" for one, _ in places}


def leaks(notebook: NotebookNode, exercise: Exercise) -> list[str]:
    """Give what of an exercise's solution can be read in a notebook.

    Parameters
    ----------
    notebook : NotebookNode
        What is to be released.
    exercise : Exercise
        Whose solution must not be in it.

    Returns
    -------
    list of str
        Statements, and lines of model answers, of 12 characters or more; spaces and, in code, spelling do not matter.
    """
    public = []
    for cell in notebook.cells:
        public += [_spaced(cell.source)]
        if cell.cell_type == "code":
            public += [_spaced(ast.unparse(cells.parse(cell.source)))]
    told = {}
    for secret in _secrets(exercise):
        forms = {_spaced(form) for form in secret}
        patterns = [rf"(?<!\w){re.escape(form)}(?!\w)" for form in forms if len(form) >= TELLING]
        if any(re.search(pattern, text) for pattern in patterns for text in public):
            told[secret[0]] = True
    return list(told)


def _secrets(exercise: Exercise) -> Iterator[tuple[str, ...]]:
    """Every statement of a solution, nested ones too, and every line of a model answer, in all its spellings."""
    for cell in exercise.notebook.cells:
        text, code = cells.unified(cell.source), cell.cell_type == "code"
        if not code and _taken_out(cell):
            yield from ((line,) for line in text.split("\n"))
        elif code:
            whole = cells.parse(text).body if _taken_out(cell) else []
            held = whole or [statement for region in regions.regions(text) for statement in region.statements]
            for node in (node for top in held for node in ast.walk(top) if isinstance(node, ast.stmt)):
                written = "\n".join(text.split("\n")[regions.begin(node) - 1 : node.end_lineno])
                yield ast.unparse(node), written, ast.get_source_segment(text, node) or ""


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _called(source: str, place: Place) -> Iterator[str]:
    for node in ast.walk(cells.parse(source, place)):
        if given := regions.answered(node):
            if not isinstance(given[0], ast.Constant) or not isinstance(given[0].value, str):
                raise place.error(given[0].lineno, 'write the question\'s id out, as in answer("q2", q2)')
            yield given[0].value


def _headed(source: str, _: Place) -> Iterator[str]:
    fenced = False
    for line in source.splitlines():
        fenced ^= bool(FENCE.match(line))
        if not fenced and (heading := HEADING.match(line)):
            yield heading[1]


def _taken_out(cell: NotebookNode) -> bool:
    return SOLUTION in cell.metadata.get("tags", [])


def _cell(exercise: Exercise, position: int, source: str) -> NotebookNode:
    """Make a cell anew: nothing comes with it but its tags."""
    cell = exercise.notebook.cells[position]
    tags = [tag for tag in cell.metadata.get("tags", []) if tag != SOLUTION]
    key = hashlib.sha256(f"{exercise.name}:{position}".encode()).hexdigest()[:12]
    return new_cell(cell.cell_type, source, id=key, metadata={"tags": tags} if tags else {})


def _first_lines(notebook: NotebookNode, lines: list[str]) -> Iterator[int]:
    """Find the cells of a percent script in its lines; there, text and magics are comments."""
    at = 0
    for cell in notebook.cells:
        wanted = cell.source.rstrip("\n").split("\n")
        starts = range(at, len(lines) - len(wanted) + 1)
        here = next((n for n in starts if all(map(_same, lines[n : n + len(wanted)], wanted))), None)
        yield (at if here is None else here) + 1
        at = at if here is None or not cell.source else here + len(wanted)


def _same(line: str, wanted: str) -> bool:
    return wanted.rstrip() in {line.rstrip(), line.rstrip().replace("# ", "", 1), line.rstrip().removeprefix("#")}
