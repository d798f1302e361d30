"""``crm-course demo``: the whole way of an exercise, with three made-up trainees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from crm_course.answers import Answer, Drawing
from crm_course.authoring.exercise import released_notebook, solution_notebook
from crm_course.authoring.key import Key, Master
from crm_course.authoring.packet import Handout
from crm_course.authoring.roster import Trainee, write_roster
from crm_course.errors import CourseError

RIGHT = Trainee("s01", "Chan Tai Man 陳大文")
SLIPPING = Trainee("s02", "Wong Siu Ling 黃小玲")
TYPING = Trainee("s03", "Lee Ka Yan 李嘉欣")
EXERCISE = "03_customer_value"
MISTAKES = {  # in the solution of exercise 3: what is written there, and what somebody might write in its place
    'answer("q1", q1, unit="share")': 'answer("q1", sales.margin_share(all_orders), unit="share")',
    'q2 = table[["frequency", "recency", "T", "monetary_value"]].reset_index()': (
        'q2 = table[["frequency", "recency", "T", "monetary_value"]].reset_index()\nq2["frequency"] += 1'
    ),
    "q6 = list(clv[clv.index.isin(said_yes)].nlargest(int(4_000 / 40)).index)": (
        "q6 = list(clv.nlargest(int(4_000 / 40)).index)"
    ),
}
HURRIED = "The list that the model makes is better, so Kit should use it."


def write_class(path: Path) -> None:
    """Write the roster of the three."""
    write_roster([RIGHT, SLIPPING, TYPING], path)


def hand_in(folder: Path, release: Path, folder_of_exercise: Path) -> None:
    """Write what the three hand in.

    Parameters
    ----------
    folder : Path
        For the submissions, new or empty.
    release : Path
        Of the exercise, to the three.
    folder_of_exercise : Path
        Of exercise 3.

    Raises
    ------
    CourseError
        If the solution no longer holds a line in which a mistake is to be made.
    """
    master = Master(folder_of_exercise)
    _, key = master.cached_key(release / "packets" / TYPING.id, _no_run, release / "instructor" / "keys")
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        RIGHT: solution_notebook(master.exercise),
        SLIPPING: slipping(solution_notebook(master.exercise), MISTAKES),
        TYPING: typed_in(released_notebook(master.exercise), key),
    }
    for trainee, notebook in made.items():
        notebook.metadata["crm_course"] = {"exercise": master.exercise.name, "trainee": trainee.id}
        nbformat.write(notebook, folder / f"{trainee.id}_{Handout(master.exercise).notebook_name}")


def slipping(notebook: NotebookNode, mistakes: Mapping[str, str]) -> NotebookNode:
    """Make mistakes in a solution; its last written answer is too short, too."""
    for right, wrong in mistakes.items():
        holding = [cell for cell in notebook.cells if right in cell.source]
        if len(holding) != 1:
            raise CourseError(
                f"the solution has {len(holding)} cells with {right!r}, not one: mend the demo's mistakes"
            )
        holding[0].source = holding[0].source.replace(right, wrong)
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    texts[-1].source = HURRIED
    return notebook


def typed_in(notebook: NotebookNode, key: Key) -> NotebookNode:
    """Put what is right on one store into a released notebook as if it had been copied from somebody."""
    for name, right in key.answers.items():
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source = cell.source.replace(f"{name} = ...", literal(name, right))
    return notebook


def literal(name: str, right: Answer) -> str:
    """Write an answer as code that computes nothing.

    Examples
    --------
    >>> literal("q1", Answer("q1", "number", "share", 0.25))
    'q1 = 0.25'
    """
    if right.kind == "table":
        table: dict[str, Any] = right.bundle["value"]
        return f"{name} = pd.DataFrame({table['rows']!r}, columns={table['columns']!r})"
    if isinstance(right.value, Drawing):
        panel = right.value.panels[0]
        labels = {"xlabel": panel.x.label, "ylabel": panel.y.label, "title": panel.title}
        lines = [f"{name}.plot({list(mark.x)!r}, {list(mark.y)!r})" for mark in panel.marks]
        return "\n".join([f"figure, {name} = plt.subplots()", *lines, f"{name}.set(**{json.dumps(labels)})"])
    return f"{name} = {right.value!r}"


def _no_run(*_: Any) -> Any:
    raise CourseError("the release holds no key of this exercise; release it again")
