import csv
import json
import zipfile

import pytest
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import CourseError, WrongCall
from crm_course.grading.exporting import export, safe_cell
from crm_course.grading.gradebook import Gradebook

NASTY = '=HYPERLINK("http://x")'


@pytest.fixture
def out(tmp_path):
    """A gradebook of two trainees, one of whom has a name that a spreadsheet would run."""
    question = {"id": "q1", "title": "", "kind": "number", "state": "right", "marks": 2.0, "got": 1.5}
    with Gradebook(tmp_path / "out", make=True) as book, book.writing():
        book.about["exercise"] = {"name": "03_x", "title": "Exercise 3"}
        book.about["questions"] = [question]
        book.about["roster"] = [{"id": "s1", "name": "陳大文, Tai Man"}, {"id": "s2", "name": NASTY}]
        book.put(
            "files",
            [{"path": "a", "digest": "d", "received_at": "", "trainee": "s1", "state": "counts", "why": ""}],
        )
        row = {
            "trainee": "s1",
            "submission": "d",
            "question": "q1",
            "basis": "",
            "state": "right",
            "marks": 2,
            "got": 1.5,
        }
        book.put("scores", [{**row, "details": json.dumps(question)}])
    return tmp_path / "out"


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_spreadsheet_has_a_row_for_every_trainee_and_a_column_for_every_question(out):
    done = export(out, "csv")

    assert read(done.file) == [
        ["id", "name", "state", "marks", "of", "to be marked", "q1"],
        ["s1", "陳大文, Tai Man", "graded", "1.5", "2.0", "0", "1.5"],
        ["s2", "'" + NASTY, "nothing handed in", "0.0", "2.0", "0", ""],
    ]


def test_canvas_finds_trainees_by_their_sis_id_and_knows_the_possible_points(out):
    rows = read(export(out, "canvas").file)

    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exercise 3"]
    assert rows[1] == ["Points Possible", "", "", "", "", "2.0"]
    assert rows[2] == ["陳大文, Tai Man", "", "s1", "", "", "1.5"]


def test_moodle_finds_trainees_by_their_id_number(out):
    rows = read(export(out, "moodle").file)

    assert rows[0][0] == "ID number"
    assert rows[1][:3] == ["s1", "陳大文, Tai Man", "1.5"]


def test_a_workbook_holds_texts_and_numbers_and_no_formula(out):
    done = export(out, "xlsx")

    with zipfile.ZipFile(done.file) as book:
        sheet, texts = (book.read(f"xl/{name}").decode() for name in ("worksheets/sheet1.xml", "sharedStrings.xml"))
    assert "<f>" not in sheet
    assert "陳大文" in texts and "<v>1.5</v>" in sheet


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\0=", " =", "|", "%"])
def test_a_text_that_a_spreadsheet_would_run_is_written_as_a_text(begins):
    cell = safe_cell(f"{begins}cmd|' /C calc'!A0")

    assert cell.startswith("'")
    assert "\0" not in cell and "\r" not in cell


def test_numbers_and_ordinary_names_stay_as_they_are():
    assert [safe_cell(one) for one in (-1.5, 0, None, "O'Neil", "陳大文")] == [-1.5, 0, None, "O'Neil", "陳大文"]


def test_a_format_that_is_not_known_is_told(out):
    with pytest.raises(WrongCall, match="--format pdf: choose one of csv, xlsx, canvas, moodle"):
        export(out, "pdf")


def test_an_empty_gradebook_is_told(tmp_path):
    Gradebook(tmp_path, make=True).close()

    with pytest.raises(CourseError, match="nothing is graded there yet"):
        export(tmp_path, "csv")


def test_the_command_answers_in_json(out, tmp_path):
    done = CliRunner().invoke(app, ["export", str(out), "-o", str(tmp_path / "m.csv"), "--json"])

    assert json.loads(done.stdout) == {"file": str(tmp_path / "m.csv"), "trainees": 2, "to_be_marked": 0}
