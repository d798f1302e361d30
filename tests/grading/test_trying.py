import json
import shutil

import nbformat
import pytest
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import CourseError
from crm_course.grading.trial import try_notebook


@pytest.fixture
def packet(released, tmp_path, notebook):
    """A trainee's packet, in which a notebook can be saved."""
    shutil.copytree(released / "packets" / "ann", tmp_path / "packet")

    def save(made):
        path = tmp_path / "packet" / "91_sample.ipynb"
        nbformat.write(made, path)
        return path

    return save


def lines(trial):
    return {one.question: (one.recorded, *one.problems) for one in trial.lines}


def test_a_finished_notebook_is_ready_and_stays_as_it_is(packet, notebook):
    path = packet(notebook())
    before = path.read_bytes()

    trial = try_notebook(path)

    assert trial.good
    assert path.read_bytes() == before
    assert lines(trial)["q1"][0].endswith(" HK$") and lines(trial)["q3"] == ("17 words",)


def test_what_is_missing_or_of_the_wrong_form_is_told_and_never_whether_it_is_right(packet, notebook):
    made = notebook(q1='answer("q1", 5)', q2='answer("q2", "everybody")\nraise ValueError("in the middle")')
    made.cells[-1].source = "Short."

    trial = try_notebook(packet(made))

    assert lines(trial) == {
        "q1": ("5", 'it has no unit; add unit="HK$"'),
        "q2": ("everybody", "it is a text; a list is asked for"),
        "q3": ("1 words", "5 to 50 words are asked for"),
    }
    assert trial.stopped == ("cell 6: ValueError: in the middle",)


def test_the_empty_packet_is_not_ready(packet, notebook):
    trial = try_notebook(packet(notebook(solved=False)))

    assert {one.problems for one in trial.lines} == {("not answered yet",)}


def test_lost_and_doubled_cells_are_told(packet, notebook):
    made = notebook(q1="x = 1", q2='answer("q2", ["C0000001"])')
    made.cells.append(nbformat.v4.new_code_cell('answer("q2", ["C0000001"])'))
    made.cells = [cell for cell in made.cells if not cell.source.startswith("## q3")]

    found = lines(try_notebook(packet(made)))

    assert found["q1"] == ("", 'there is no cell with answer("q1", …)')
    assert found["q2"][1] == "answered in cells 6, 8; the last counts"
    assert found["q3"] == ("", "its heading `## q3 Advise the manager` is gone")


def test_without_its_packet_a_notebook_cannot_be_tried(tmp_path, notebook):
    nbformat.write(notebook(), tmp_path / "x.ipynb")

    with pytest.raises(CourseError, match="take it from the packet again"):
        try_notebook(tmp_path / "x.ipynb")


def test_the_command_says_whether_it_is_ready(packet, notebook):
    path = packet(notebook(solved=False))

    done = CliRunner().invoke(app, ["try", str(path), "--json"])

    assert done.exit_code == 1
    assert [one["question"] for one in json.loads(done.stdout)["questions"]] == ["q1", "q2", "q3"]


def test_a_file_that_is_no_notebook_is_told(tmp_path):
    (tmp_path / "x.ipynb").write_text("{")

    with pytest.raises(CourseError, match=r"x\.ipynb: is no notebook"):
        try_notebook(tmp_path / "x.ipynb")
