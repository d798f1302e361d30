"""What is exported to a spreadsheet: attack 48."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_course.grading.exporting import RUN_BY_SPREADSHEETS, export, safe_cell
from crm_course.grading.gradebook import Gradebook

RUN = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\0=1", "|calc", "%0A"]
HIDDEN = [
    "  =1",
    "\x01=1",
    "\x0b=1",
    "\x1f\x0c=1",
    "\ufeff=1",
    "\u200b=1",
    "\u00a0=1",
    "\u3000@SUM(1)",
    "\x7f=1",
    "\u202e=1",
]
WIDE = [
    "＝1",
    "＋1",
    "－1",
    "＠SUM(1)",
]  # which a spreadsheet of Chinese or Japanese settings takes for the narrow ones
SEEN = ["陳大文", "Chan Tai Man", "O'Neil", "a=b", "3-4", "x@y.hk"]


def begins(cell):
    """The first letter that a spreadsheet looks at."""
    return "".join(one for one in cell if one.isprintable()).strip()[:1]


@pytest.mark.parametrize("text", RUN + HIDDEN + WIDE)
def test_a_text_that_a_spreadsheet_would_run_is_shown(text):
    assert safe_cell(text).startswith("'")


@pytest.mark.parametrize("text", SEEN)
def test_other_texts_and_numbers_are_as_they_are(text):
    assert safe_cell(text) == text
    assert (safe_cell(-2.5), safe_cell(0), safe_cell(None)) == (-2.5, 0, None)


@given(st.text())
def test_no_text_at_all_begins_as_a_formula(text):
    made = safe_cell(text)

    assert begins(made) not in {*RUN_BY_SPREADSHEETS, *"＝＋－＠"}
    assert not [one for one in made if one < " " and one not in "\t\n"]


@pytest.mark.parametrize("kind", ["csv", "moodle", "canvas"])
def test_names_that_are_formulas_are_exported_as_text(kind, graded, bench, notebook, hand_in):
    graded(hand_in(ann=notebook(solved=False)))
    with Gradebook(bench.out) as book, book.writing():
        book.about["roster"] = [{"id": "ann", "name": '=HYPERLINK("http://x","y")'}, {"id": "bo", "name": "\x0b=1\n,9"}]
    done = export(bench.out, kind)
    rows = list(csv.reader(io.StringIO(done.file.read_text(encoding="utf-8-sig"), newline="")))

    assert len({len(row) for row in rows}) == 1
    assert [cell for row in rows for cell in row if begins(cell) in set("=+@＝＋＠|%")] == []
