import csv
import json

import pytest
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import CourseError
from crm_course.grading.gradebook import Gradebook
from crm_course.grading.marking import COLUMNS, read_sheet, write_sheet
from crm_course.grading.results import results

RUBRIC = {"evidence": ["none", "some", "own figures", "own figures with intervals"], "decision": ["a", "b", "c", "d"]}
ANSWER = {
    "id": "q9", "title": "A letter", "kind": "written", "state": "to be marked", "marks": 6.0, "got": None,
    "only_at_home": False, "rubric": RUBRIC, "levels": None, "comment": None, "text": "=Invite\nthe regulars, 三百位.",
}  # fmt: skip


@pytest.fixture
def out(tmp_path):
    """A gradebook with a written answer of each of two trainees."""
    with Gradebook(tmp_path / "out", make=True) as book, book.writing():
        book.about["exercise"] = {"name": "03_x", "title": "Exercise 3"}
        book.about["questions"] = [{"id": "q9", "marks": 6.0}]
        book.about["roster"] = [{"id": one, "name": one.title()} for one in ("ann", "bo")]
        for one in ("ann", "bo"):
            file = {"path": one, "digest": one, "received_at": "", "trainee": one, "state": "counts", "why": ""}
            book.put("files", [file])
            row = {"trainee": one, "submission": one, "question": "q9", "basis": "", "state": "to be marked"}
            book.put("scores", [{**row, "marks": 6.0, "got": None, "details": json.dumps(ANSWER)}])
    return tmp_path / "out"


def lines(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(path, *rows, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([["trainee", "question", "judged by", "level", "comment"], *rows])
    return path


def marked(out):
    with Gradebook(out) as book:
        return {one.trainee.id: (one.questions[0].model_dump(), one.marks.model_dump()) for one in results(book)}


def test_a_sheet_has_a_line_for_every_row_of_the_rubric_of_every_answer(out):
    done = write_sheet(out)

    found = lines(done.file)
    assert (done.answers, done.marked) == (2, 0)
    assert [(one["trainee"], one["judged by"], one["level"]) for one in found] == [
        ("ann", "evidence", ""), ("ann", "decision", ""), ("bo", "evidence", ""), ("bo", "decision", ""),
    ]  # fmt: skip
    assert list(found[0]) == COLUMNS
    assert found[0]["level 3"] == "own figures with intervals"
    assert found[0]["answer"] == "'=Invite\nthe regulars, 三百位."  # no spreadsheet runs it


def test_levels_become_marks_and_full_marks_need_the_highest_level_everywhere(out, tmp_path):
    sheet = fill_in(
        tmp_path / "x.csv", ["ann", "q9", "evidence", "3", "Well reasoned."], ["ann", "q9", "decision", "2", ""],
        ["bo", "q9", "evidence", "1", ""],
    )  # fmt: skip

    done = read_sheet(out, sheet)

    found = marked(out)
    assert (done.answers, done.marked) == (2, 1)
    assert (found["ann"][0]["state"], found["ann"][0]["got"], found["ann"][0]["comment"]) == (
        "marked",
        5.0,
        "Well reasoned.",
    )
    assert found["ann"][1] == {"got": 5.0, "of": 6.0, "to_be_marked": 0}
    assert (found["bo"][0]["state"], found["bo"][0]["levels"]) == ("to be marked", {"evidence": 1})


def test_levels_hold_for_the_answer_that_they_were_given_for_and_no_other(out, tmp_path):
    read_sheet(out, fill_in(tmp_path / "x.csv", ["ann", "q9", "evidence", "3", ""], ["ann", "q9", "decision", "3", ""]))
    with Gradebook(out) as book, book.writing():
        row = {**dict(book.rows("scores", trainee="ann")[0]), "details": json.dumps({**ANSWER, "text": "Another one."})}
        book.put("scores", [row])

    assert marked(out)["ann"][0]["state"] == "to be marked"


def test_a_sheet_that_is_written_again_holds_what_was_read(out, tmp_path):
    read_sheet(out, fill_in(tmp_path / "x.csv", ["ann", "q9", "evidence", "3", ""]))

    assert lines(write_sheet(out).file)[0]["level"] == "3"


def test_a_spreadsheet_may_write_semicolons_and_decimals(out, tmp_path):
    read_sheet(out, fill_in(tmp_path / "x.csv", ["ann", "q9", "evidence", "2.0", ""], delimiter=";"))

    assert marked(out)["ann"][0]["levels"] == {"evidence": 2}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["zoe", "q9", "evidence", "1", ""], "line 2: there is no written answer q9 of zoe"),
        (["ann", "q1", "evidence", "1", ""], "line 2: there is no written answer q1 of ann"),
        (["ann", "q9", "style", "1", ""], "line 2: q9 is not judged by 'style'"),
        (["ann", "q9", "evidence", "4", ""], "line 2: level '4' is not one of 0, 1, 2, 3"),
        (["ann", "q9", "evidence", "good", ""], "line 2: level 'good' is not one of 0, 1, 2, 3"),
    ],
)
def test_a_wrong_line_is_told_and_nothing_is_taken(out, tmp_path, row, told):
    sheet = fill_in(tmp_path / "x.csv", row, ["ann", "q9", "decision", "3", ""])

    with pytest.raises(CourseError, match="nothing was taken") as caught:
        read_sheet(out, sheet)

    assert told in str(caught.value)
    assert marked(out)["ann"][0]["levels"] is None


def test_a_file_that_is_no_sheet_is_told(out, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")

    with pytest.raises(CourseError, match="column trainee is missing; write the sheet anew with `crm-course mark`"):
        read_sheet(out, tmp_path / "x.csv")


def test_the_command_writes_and_reads(out, tmp_path):
    runner = CliRunner()
    wrote = json.loads(runner.invoke(app, ["mark", str(out), "--json"]).stdout)
    sheet = fill_in(tmp_path / "x.csv", ["ann", "q9", "evidence", "3", ""], ["ann", "q9", "decision", "3", ""])

    read = json.loads(runner.invoke(app, ["mark", str(out), "--read", str(sheet), "--json"]).stdout)

    assert (wrote["answers"], wrote["marked"], read["marked"]) == (2, 0, 1)
