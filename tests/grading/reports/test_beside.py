import graded
import numpy as np
import pandas as pd
import pytest

from crm_course.answers.encoding.encoding import encode
from crm_course.grading.findings import QuestionResult
from crm_course.grading.reports.comparison import beside


def laid(given, expected, kind="exact", parts=(), **fields):
    """Lay two values beside each other."""
    one, other = (value if isinstance(value, dict) else encode("q2", value, **fields) for value in (given, expected))
    told = [{"name": name, "share": share} for name, share in parts]
    question = {"id": "q2", "title": "", "marks": 1, "kind": kind, "state": "wrong", "parts": told}
    return beside(QuestionResult(**question, given=one, expected=other))


def test_numbers_stand_with_their_units():
    found = laid(0.42, 0.4213, unit="share")

    assert (found.yours, found.expected) == ("0.42 share", "0.4213 share")


def test_numbers_that_differ_late_get_as_many_digits_as_it_takes():
    found = laid(1234567.891, 1234567.892)

    assert (found.yours, found.expected) == ("1,234,567.891", "1,234,567.892")


def test_words_and_truth_values_stand_as_they_are():
    assert laid("works", "cannot tell").expected == "cannot tell"
    assert (laid(True, False).yours, laid(True, False).expected) == ("true", "false")


def test_a_ranking_shows_the_first_places_that_differ():
    found = laid(["a", "c", "b", "d"], ["a", "b", "c", "d", "e"], "ranking")

    assert found.rows == (("2", "c", "b"), ("3", "b", "c"), ("5", "–", "e"))
    assert found.notes == ("3 of 5 places differ.",)


def test_a_choice_shows_who_is_on_one_list_alone():
    found = laid(list("abcd"), list("cdef"), "choice")

    assert found.rows == (
        ("in both lists", "2", ""),
        ("only in your list", "2", "a, b"),
        ("only in the expected list", "2", "e, f"),
    )


def test_a_long_list_is_cut_with_a_count():
    found = laid([f"x{number}" for number in range(10_000)], [f"y{number}" for number in range(10_000)], "set")

    assert found.rows[1][1] == "10,000"
    assert found.rows[1][2].endswith("x7 and 9,992 more")


KEY = pd.DataFrame({"id": ["a", "b", "c", "d"], "n": [1, 2, 3, 4], "spend": [1.0, 2.0, np.nan, 4.0]})


def test_a_table_shows_the_rows_and_columns_that_differ_met_by_their_key():
    given = KEY.assign(spend=[1.0, 2.5, 3.0, 4.0]).iloc[::-1]

    found = laid(given, KEY, "table")

    assert [name for name, _span in found.head] == ["id", "spend"]
    assert found.rows == (("b", "2.5", "2"), ("c", "3", "missing"))
    assert found.notes == ("Rows that differ: 2; columns: spend.",)


def test_missing_and_strange_rows_are_named():
    given = pd.concat([KEY.iloc[1:], pd.DataFrame({"id": ["z"], "n": [0], "spend": [0.0]})])

    assert laid(given, KEY, "table").notes == ("Missing from your table: a.", "Only in your table: z.")


def test_only_as_many_cells_count_as_wrong_as_the_grader_counted():
    given = KEY.assign(spend=[1.001, 2.001, np.nan, 9.0])  # a thousandth was within tolerance

    found = laid(given, KEY, "table", parts=[("n", 1.0), ("spend", 0.75)])

    assert found.rows == (("d", "9", "4"),)


def test_columns_that_differ_in_case_are_the_same_columns():
    given = KEY.rename(columns={"spend": "Spend", "id": "ID"})

    assert laid(given, KEY, "table").rows == ()


def test_a_table_without_a_key_meets_in_its_order():
    one, other = pd.DataFrame({"n": [1.5, 1.5, 9.0]}), pd.DataFrame({"n": [1.5, 1.5, 2.0]})

    assert laid(one, other, "table").rows == (("3", "9", "2"),)


def test_a_table_without_the_key_column_is_no_error():
    assert laid(pd.DataFrame({"other": ["x"]}), KEY, "table").shape == "grid"


def test_a_large_table_is_cut_with_a_count():
    large = pd.DataFrame({"id": [f"c{number}" for number in range(20_000)], "n": np.arange(20_000)})

    found = laid(large.assign(n=large["n"] + 1), large, "table")

    assert len(found.rows) == 5
    assert found.notes[0].startswith("Rows that differ: 20,000")


def test_a_value_of_another_kind_is_described():
    found = laid(KEY, ["a"], "list")

    assert found.yours == "a table of 4 rows (id, n, spend)"
    assert found.expected == "a list of one entry (a)"


def test_figures_are_redrawn_from_their_data():
    found = laid(graded.curve(0.6), graded.curve(0.8), "figure")

    ((yours, expected),) = found.pairs
    for picture in (yours, expected):
        assert picture.startswith('<img src="data:image/png;base64,')
    assert yours != expected
    assert "x: customers, best first (share)" in yours


def test_what_is_no_figure_is_described_beside_the_expected_one():
    found = laid(3.5, graded.curve(), "figure")

    assert found.yours == "3.5"
    assert found.pairs[0][0] is None and found.pairs[0][1]


@pytest.mark.parametrize("given", [{}, {"v": 1}, {"v": 1, "question": "q2", "kind": "list", "unit": None, "value": 3}])
def test_an_answer_that_cannot_be_read_is_said_to_be_so(given):
    assert laid(given, 3.0).yours == "It cannot be read."


def test_nothing_given_is_nothing_to_lay_beside():
    assert laid(encode("q2", ...), 3.0) is None
    assert beside(QuestionResult(id="q1", title="", marks=1, kind="number", state="not answered")) is None
