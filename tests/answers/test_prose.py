from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_course.answers.prose import sections, words, written_answers


def notebook(*cells):
    return {"cells": [{"cell_type": "markdown", "source": cell} for cell in cells]}


RELEASED = notebook(
    "# Exercise 3", "## q5 Advise the manager\n\nIn 250 words.\n\nYour answer:", "### q6. Which list?\nName it."
)


def test_an_answer_is_all_markdown_below_its_heading_less_the_released_text():
    handed_in = notebook(
        "# Exercise 3",
        "## q5 Advise the manager\n\nIn 250 words.\n\nYour answer: invite 300.",
        "Because they come back.",
        "### q6. Which list?\nName it.\n\nThe third.",
    )
    handed_in["cells"].insert(3, {"cell_type": "code", "source": "# not mine to read"})

    assert written_answers(handed_in, RELEASED) == {
        "q5": "invite 300.\n\nBecause they come back.",
        "q6": "The third.",
    }


def test_the_release_itself_answers_nothing():
    assert written_answers(RELEASED, RELEASED) == {"q5": "", "q6": ""}


def test_a_lost_heading_leaves_its_question_without_an_answer():
    assert written_answers(notebook("## q5 Advise\nInvite."), RELEASED)["q6"] == ""


@pytest.mark.parametrize("heading", ["## q5", "# Q5: Advise", "###### q5. x", "## Question q5", "   ## q5"])
def test_headings_are_found_however_they_are_written(heading):
    assert sections(notebook(f"{heading}\nInvite.")) == {"q5": "Invite."}


@pytest.mark.parametrize("line", ["q5", "##q5", "## q50", "## q0", "## about q5", "    ## q5", "####### q5"])
def test_other_lines_are_no_heading(line):
    assert sections(notebook(f"{line}\nInvite.")) == {}


def test_a_heading_in_fenced_code_is_text():
    assert sections(notebook("## q5\n```\n## q6\n```\nInvite.")) == {"q5": "```\n## q6\n```\nInvite."}


def test_a_fence_left_open_ends_with_its_cell():
    assert sections(notebook("## q5\n```\nInvite.", "## q6\nThe third."))["q6"] == "The third."


def test_own_words_that_repeat_a_released_line_count_once_it_is_used_up():
    handed_in = notebook("## q6\nName it.\nName it.")

    assert written_answers(handed_in, RELEASED)["q6"] == "Name it."


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"cells": None},
        {"cells": [None, 3, {}]},
        {"cells": [{"cell_type": "markdown", "source": 3}]},
        {"cells": "x"},
    ],
)
def test_a_broken_notebook_has_no_answers(broken):
    assert written_answers(broken, RELEASED) == {"q5": "", "q6": ""}


def test_an_answer_is_bounded():
    assert len(sections(notebook("## q5\n" + "x" * 1_000_000))["q5"]) == 100_000


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Invite 300 customers.", 3),
        ("HK$1,200 a-day, don't", 3),
        ("邀請三百位顧客", 7),
        ("用 RFM 邀請", 4),
        ("- * #", 0),
    ],
)
def test_words_are_counted_in_both_scripts(text, count):
    assert words(text) == count


@given(st.lists(st.text(max_size=60), max_size=4))
def test_whatever_is_written_something_is_found_or_nothing(cells):
    assert set(written_answers(notebook(*cells), RELEASED)) == {"q5", "q6"}
