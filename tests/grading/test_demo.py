"""The whole way, as the demonstration goes it: what each of the three made-up trainees gets, and what they read."""

import builtins
import copy
import json
import re
import shutil

import pytest

from crm_course.answers.values import Answer
from crm_course.errors import CourseError, WrongCall
from crm_course.exercise.find import find_exercise
from crm_course.exercise.key import LoadedExercise
from crm_course.exercise.notebook import solution_notebook
from crm_course.grading import demo as demonstration
from crm_course.grading.demo import EXERCISE, MISTAKES, demo, literal, slipping
from crm_course.grading.gradebook import Gradebook
from crm_course.grading.results import results
from crm_course.running.missing.dependencies import names_of


@pytest.fixture(scope="module")
def done(tmp_path_factory, house):
    shipped = house / "datasets" / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "simulate", lambda folder, **_: shutil.copytree(shipped, folder))
        return demo(tmp_path_factory.mktemp("demo") / "all")


@pytest.fixture(scope="module")
def found(done):
    with Gradebook(done.folder / "graded") as book:
        return {one.trainee.id: one.model_dump(mode="json") for one in results(book)}


def computed(result):
    return {one["id"]: one for one in result["questions"] if one["kind"] != "written"}


def text_of(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())


def test_a_usual_mistake_speaks_of_what_the_solution_makes():
    notebook = slipping(solution_notebook(LoadedExercise(find_exercise(EXERCISE)).exercise), MISTAKES)
    cells = [names_of(cell.source) for cell in notebook.cells if cell.cell_type == "code"]

    made = set(dir(builtins))
    for cell in cells:
        assert set(cell.needs) <= made
        made |= cell.makes


@pytest.mark.long
def test_the_solution_gets_every_mark_that_a_machine_can_give(found):
    assert {one["state"] for one in computed(found["s01"]).values()} == {"right"}
    assert found["s01"]["marks"] == {"got": 18.0, "of": 36.0, "to_be_marked": 18.0}


@pytest.mark.long
def test_usual_mistakes_are_told_by_name(found, done):
    told = {name: one["slip"]["name"] for name, one in computed(found["s02"]).items() if one["slip"]}

    assert told == {
        "q1": "accounts_not_set_apart",
        "q2": "first_purchase_counted",
        "q6": "consent_ignored",
    }
    page = text_of(done.open["report of Wong Siu Ling 黃小玲"])
    assert "Your share holds the account customers too." in page


@pytest.mark.long
def test_one_mistake_is_paid_for_once(found):
    q7 = computed(found["s02"])["q7"]

    assert q7["state"] == "right"
    assert q7["remarks"] == ["It follows rightly from your answers before."]


@pytest.mark.long
def test_answers_typed_in_hold_at_home_alone_and_lose_their_marks(found):
    questions = computed(found["s03"])

    assert {one["share_home"] for one in questions.values()} == {1.0}
    assert all(one["only_at_home"] for one in questions.values() if one["discriminating"])
    assert sum(one["discriminating"] for one in questions.values()) >= len(questions) - 1
    assert found["s03"]["marks"]["got"] < 3


@pytest.mark.long
def test_there_is_a_page_for_each_and_none_loads_or_runs_anything(done):
    assert len(done.open) == 5
    for page in done.open.values():
        text = page.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in text
        assert not re.search(r"<script|<iframe|<link|@import|src=[\"']?http", text)


def test_the_solution_has_the_lines_in_which_mistakes_are_made():
    master = LoadedExercise(find_exercise(EXERCISE))
    solution = solution_notebook(master.exercise)

    slipped = slipping(copy.deepcopy(solution), MISTAKES)

    changed = [one for one, other in zip(solution.cells, slipped.cells, strict=True) if one.source != other.source]
    assert len(changed) == len(MISTAKES) + 1


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(WrongCall, match="there is something in it already"):
        demo(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_earlier_demonstration_is_replaced(tmp_path, monkeypatch):
    (tmp_path / demonstration.MARK).touch()
    (tmp_path / "old.html").write_text("of last week")

    def full(folder, **_):
        raise CourseError("the disk is full")

    monkeypatch.setattr(demonstration, "simulate", full)
    with pytest.raises(CourseError, match="the disk is full"):
        demo(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [demonstration.MARK]


@pytest.mark.long
def test_an_earlier_demonstration_is_known_by_its_mark(done):
    assert (done.folder / demonstration.MARK).is_file()
    assert json.loads(json.dumps(done.as_dict()))["folder"] == str(done.folder)


def test_a_solution_that_no_longer_has_the_line_is_told():
    from nbformat import v4

    with pytest.raises(CourseError, match="the solution has 0 cells with"):
        slipping(v4.new_notebook(cells=[v4.new_code_cell("x = 1")]), MISTAKES)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer("q1", "number", None, 0.25), "q1 = 0.25"),
        (Answer("q1", "list", None, ["C1"]), "q1 = ['C1']"),
        (Answer("q1", "text", None, "works"), "q1 = 'works'"),
    ],
)
def test_an_answer_is_typed_in_as_a_literal(answer, code):
    assert literal("q1", answer) == code
