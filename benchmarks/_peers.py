"""The same submissions graded by nbgrader or otter-grader, each in its own way; run by a Python that has them.

    python benchmarks/_peers.py nbgrader|otter FOLDER

FOLDER holds ``work.json`` (the cells of each submission: imports, then an answer and its test, and so on) and
``home/data``. What is started once is started before the clock. Prints seconds for all, and whether all were right.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import time
from pathlib import Path

from nbformat import NotebookNode

from crm_course.running.notebooks import new_cell, new_notebook, write_notebook

NAME = "work"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def by_nbgrader(folder: Path, submissions: list[list[str]]) -> tuple[float, list[float]]:
    """Autograde every submission and write its feedback, as nbgrader's own commands do."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "course"
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    _hand_in(folder / "source" / NAME, folder, [_released(submissions[0])])
    _succeeds(api.generate_assignment(NAME, force=True, create=True))
    students = [f"s{number:03}" for number in range(len(submissions))]
    for student, cells in zip(students, submissions, strict=True):
        _hand_in(folder / "submitted" / student / NAME, folder, [_marked(cells)])
    start = time.perf_counter()
    for student in students:
        _succeeds(api.autograde(NAME, student, force=True, create=True))
        _succeeds(api.generate_feedback(NAME, student, force=True))
    taken = time.perf_counter() - start
    with api.gradebook as book:
        scores = [book.find_submission(NAME, student).score for student in students]
    pages = list((folder / "feedback").glob(f"*/{NAME}/{NAME}.html"))
    assert len(pages) == len(students), f"{len(pages)} pages of feedback"
    return taken, scores


def _succeeds(done: dict[str, object]) -> None:
    assert done["success"], done.get("error") or done.get("log")


def _marked(cells: list[str]) -> NotebookNode:
    """Mark answers and tests as nbgrader does."""
    made = [new_cell("code", cells[0])]
    for number, source in enumerate(cells[1:]):
        test = bool(number % 2)
        about: dict[str, object] = {"grade": test, "solution": not test, "locked": test, "task": False}
        about |= {"schema_version": 3, "grade_id": f"cell-{number}", "cell_type": "code"}
        about |= {"points": 1} if test else {}
        made.append(new_cell("code", source, metadata={"nbgrader": about}))
    return new_notebook(made, KERNEL)


def _released(cells: list[str]) -> NotebookNode:
    notebook = _marked(cells)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = f"### BEGIN SOLUTION\n{cell.source}\n### END SOLUTION"
    return notebook


def _hand_in(place: Path, folder: Path, notebooks: list[NotebookNode]) -> None:
    shutil.copytree(folder / "home" / "data", place / "data")
    for notebook in notebooks:
        write_notebook(place / f"{NAME}.ipynb", notebook)


def by_otter(folder: Path, submissions: list[list[str]]) -> tuple[float, list[float]]:
    """Grade every submission through otter's API, which makes no page."""
    from otter.api import grade_submission

    place = folder / "otter"
    (place / "tests").mkdir(parents=True)
    shutil.copytree(folder / "home" / "data", place / "data")
    for number, test in enumerate(submissions[0][2::2], start=1):
        (place / "tests" / f"q{number}.py").write_text(_otter_test(f"q{number}", test), encoding="utf-8")
    command = [sys.executable, "-m", "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
    subprocess.run([*command, "data/sales.csv"], cwd=place, check=True, capture_output=True)
    files = []
    for number, cells in enumerate(submissions):
        made = [new_cell("code", one) for one in [cells[0], *cells[1::2]]]
        files.append(place / f"{number}.ipynb")
        write_notebook(files[-1], new_notebook(made, KERNEL))
    start = time.perf_counter()
    graded = [grade_submission(str(one), str(place / "autograder.zip"), quiet=True) for one in files]
    return time.perf_counter() - start, [one.total for one in graded]


def _otter_test(name: str, code: str) -> str:
    case = {"code": f">>> {code}", "hidden": False, "locked": False}
    suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    return f"OK_FORMAT = True\n\ntest = { ({'name': name, 'points': 1, 'suites': [suite]})!r}\n"


def main() -> None:
    """Grade, and say how long it took."""
    way, folder = {"nbgrader": by_nbgrader, "otter": by_otter}[sys.argv[1]], Path(sys.argv[2]).absolute()
    submissions = json.loads((folder / "work.json").read_text(encoding="utf-8"))
    taken, scores = way(folder, submissions)
    assert set(scores) == {6}, f"not all were right: {scores}"
    print(json.dumps({"seconds": taken}))


if __name__ == "__main__":
    main()
