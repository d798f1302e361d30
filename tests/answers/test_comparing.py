from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_course.answers.comparing import compare
from crm_course.answers.comparing.list_scores import regret
from crm_course.answers.values import Answer
from crm_course.errors import CourseError

IDS = ["ann", "bo", "cy", "di"]


def test_no_answer_and_an_ellipsis_get_nothing(question, arrived):
    for given_ in (None, arrived(...)):
        assert compare(arrived(1), given_, question("number")).remarks == ("Not answered.",)


# numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "given_", "tolerance", "right"),
    [
        (100, 100.0, {}, True),
        (100, 101, {"rel": 0.01}, True),
        (100, 101.0001, {"rel": 0.01}, False),
        (-100, -101, {"rel": 0.01}, True),
        (0, 0.01, {"rel": 0.5}, False),
        (0, 0.01, {"abs": 0.01}, True),
        (0.3, 0.1 + 0.2, {}, True),
        (1.2, 1.3, {"abs": 0.1}, True),
        (1.2, 1.3001, {"abs": 0.1}, False),
        (100, 103, {"rel": 0.01, "abs": 3}, True),
        (2**62, 2**62 + 1, {}, True),
        (1.0, None, {}, False),
        (1e308, -1e308, {"rel": 0.1}, False),
    ],
)
def test_a_number_is_right_within_the_larger_tolerance(question, arrived, key, given_, tolerance, right):
    given_ = float("nan") if given_ is None else given_

    assert compare(arrived(key), arrived(given_), question("number", compare=tolerance)).right is right


@pytest.mark.parametrize("given_", [True, "100", [100], pd.DataFrame({"a": [100]})])
def test_another_type_is_no_number(question, arrived, given_):
    score = compare(arrived(100), arrived(given_), question("number", compare={"rel": 1.0}))

    assert score.share == 0
    assert "a number is asked for" in score.remarks[0]


@pytest.mark.parametrize(
    ("asked", "value", "unit", "share", "remark"),
    [
        ("HK$", 12.0, "HKD", 1, None),
        ("HK$", 12.0, None, 1, None),
        ("HK$", 12.0, "US$", 0, "Your answer is in US$; HK$ is asked for."),
        ("share", 0.12, "share", 1, None),
        ("share", 12.0, "%", 1, None),
        ("share", 12.0, "share", 0, "a percentage in place of a share?"),
        ("share", 12.0, None, 0, "a percentage in place of a share?"),
        ("%", 0.0012, None, 0, "a share in place of a percentage?"),
        ("share", -0.12, None, 0, "the wrong sign"),
    ],
)
def test_units(question, arrived, asked, value, unit, share, remark):
    key = 12.0 if asked == "HK$" else 0.12
    score = compare(arrived(key, asked), arrived(value, unit), question("number", {"unit": asked}))

    assert score.share == share
    assert (remark in score.remarks[0]) if remark else not score.remarks


def test_a_right_number_in_a_wrong_unit_may_get_half(question, arrived):
    half = question("number", {"unit": "share"}, {"partial": "unit"})

    assert compare(arrived(0.12), arrived(12), half).share == 0.5
    assert compare(arrived(0.12), arrived(0.12, "HK$"), half).share == 0.5
    assert compare(arrived(0.12), arrived(0.5, "HK$"), half).share == 0


# texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "given_", "right"),
    [
        ("Sham Shui Po", "  sham  shui po", True),
        ("Sham Shui Po", "Mong Kok", False),
        ("ＡＢＣ", "abc", True),
        (True, True, True),
        (True, 1, False),
        (3, 3.0, True),
        ("3", 3, False),
    ],
)
def test_exact_answers_forgive_case_and_spaces_only(question, arrived, key, given_, right):
    assert compare(arrived(key), arrived(given_), question("exact")).right is right


@pytest.mark.parametrize(("given_", "share"), [("Works ", 1), ("does not", 0), ("perhaps", 0), (1, 0)])
def test_a_verdict_is_one_of_the_allowed_words(question, arrived, given_, share):
    score = compare(arrived("works"), arrived(given_), question("verdict"))

    assert score.share == share
    assert (score.remarks == ("A verdict is one of: works, does not, cannot tell.",)) is (given_ in ("perhaps", 1))


# lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "jaccard", "members"),
    [
        (["di", "cy", "bo", "ann"], 1, 1),
        (["ann", "ann", "bo", "cy", "di"], 1, 1),
        (["ann", "bo"], 0.5, 0.5),
        (["ann", "bo", "x", "y"], 2 / 6, 0),
        ([*IDS, "x"], 0.8, 0.75),
        (["x"], 0, 0),
        ([], 0, 0),
    ],
)
def test_sets_are_compared_without_order_and_repeats(question, arrived, given_, jaccard, members):
    key = arrived(IDS)

    assert compare(key, arrived(given_), question("set")).share == pytest.approx(jaccard)
    assert compare(key, arrived(given_), question("set", compare={"partial": "members"})).share == pytest.approx(
        members
    )
    assert compare(key, arrived(given_), question("set", compare={"partial": False})).share == float(jaccard == 1)


def test_an_extra_member_never_leaves_a_set_right(question, arrived):
    lenient = question("set", compare={"partial": "members", "extra": 0})

    assert not compare(arrived(IDS), arrived([*IDS, "x"]), lenient).right


def test_true_is_no_one_in_a_set(question, arrived):
    assert not compare(arrived([1, 2]), arrived([True, 2]), question("set")).right
    assert compare(arrived([1, 2]), arrived([2.0, 1.0]), question("set")).right


def test_an_empty_key_is_right_only_when_empty(question, arrived):
    assert compare(arrived([]), arrived([]), question("set")).right
    assert compare(arrived([]), arrived(["x"]), question("set")).share == 0


@pytest.mark.parametrize(
    ("given_", "positions", "kendall"),
    [
        (IDS, 1, 1),
        (["bo", "ann", "cy", "di"], 0.5, 4 / 6),
        (["di", "cy", "bo", "ann"], 0, 0),
        (["ann", "bo", "cy"], 0.75, 0),
        (["ann"] * 4, 0.25, 0),
        (["x", *IDS], 0, 0.8),
        ([], 0, 0),
    ],
)
def test_rankings_are_compared_by_places_or_by_order(question, arrived, given_, positions, kendall):
    key = arrived(IDS)

    assert compare(key, arrived(given_), question("ranking")).share == pytest.approx(positions)
    assert compare(key, arrived(given_), question("ranking", compare={"partial": "kendall"})).share == pytest.approx(
        kendall
    )


def test_ties_of_a_ranking_may_change_places(question, arrived):
    values = {"ann": 9.0, "bo": 5.0, "cy": 5.0, "di": 1.0}
    swapped = arrived(["ann", "cy", "bo", "di"])

    for partial in ("positions", "kendall"):
        asked = question("ranking", compare={"partial": partial})
        assert compare(arrived(IDS), swapped, asked, values).right
        assert not compare(arrived(IDS), swapped, asked).right
        assert not compare(arrived(IDS), arrived(["ann", "bo", "bo", "di"]), asked, values).right


def test_lists_are_compared_place_by_place_within_tolerance(question, arrived):
    asked = question("list", compare={"abs": 0.1})

    assert compare(arrived([1.0, 2.0]), arrived([1.05, 2.05]), asked).right
    assert compare(arrived([1.0, 2.0]), arrived([2.0, 1.0]), asked).share == 0
    assert compare(arrived([1.0, 2.0]), arrived([1.0, 2.0, 3.0]), asked).share == pytest.approx(2 / 3)
    assert compare(arrived([1.0, None]), arrived([1.0, float("nan")]), asked).right


# choices ------------------------------------------------------------------------------------------

WORTH = {"ann": 60.0, "bo": 40.0, "cy": 38.0, "di": 12.0, "ed": -20.0}


@pytest.mark.parametrize(
    ("chosen", "share"),
    [
        (["ann", "bo"], 1),
        (["bo", "ann", "ann"], 1),
        (["ann", "cy"], 1),
        (["ann", "di"], (0.30 - 0.28) / 0.28),
        (["ann"], 0),
        (["ann", "nobody"], 0),
        (["bo", "cy", "ann"], 1),
        (["ann", "bo", "ed"], (0.30 - 0.20) / 0.28),
        ([], 0),
    ],
)
def test_a_choice_loses_marks_by_the_value_that_it_loses(question, arrived, chosen, share):
    score = compare(arrived(["ann", "bo"]), arrived(chosen), question("choice"), WORTH)

    assert score.share == pytest.approx(share)


def test_a_choice_of_too_many_gets_nothing(question, arrived):
    score = compare(arrived(["ann", "bo"]), arrived(["ann", "bo", "cy"]), question("choice", {"at_most": 2}), WORTH)

    assert (score.share, score.remarks) == (0, ("You chose 3; at most 2 are allowed.",))


def test_without_values_a_choice_counts_the_members_of_the_key(question, arrived):
    assert compare(arrived(IDS), arrived(IDS), question("choice")).right


@given(st.floats(0.01, 1), st.floats(0, 0.5), st.floats(0.51, 1))
def test_regret_is_linear_between_its_ends(kept, within, beyond):
    share = regret({"a": kept * 100}, ["a"], 100.0, within, beyond)

    assert share == pytest.approx(min(1, max(0, (beyond - (1 - kept)) / (beyond - within))), abs=1e-6)


@pytest.mark.parametrize("best", [0.0, -5.0])
def test_regret_against_nothing_gives_nothing(best):
    assert regret({"a": 1.0}, ["a"], best, 0.02, 0.3) == 0


# tables -------------------------------------------------------------------------------------------

KEY = pd.DataFrame({"customer_id": ["ann", "bo", "cy"], "orders": [3, 1, 2], "spend": [30.0, 10.0, None]})
FORM = {"columns": {"customer_id": "text", "orders": "integer", "spend": "number"}, "key": ["customer_id"]}


def table_score(question, arrived, given_, partial="columns", **settings):
    return compare(arrived(KEY), arrived(given_), question("table", FORM, {"partial": partial, **settings}))


@pytest.mark.parametrize(
    "given_",
    [
        KEY.iloc[::-1],
        KEY[["spend", "customer_id", "orders"]],
        KEY.set_index("customer_id"),
        KEY.assign(further=1),
        KEY.rename(columns={"customer_id": "Customer ID", "spend": "Spend "}),
        KEY.astype({"orders": "float64", "customer_id": "category"}),
        KEY.assign(spend=[30.009, 10.0, None]),
    ],
    ids=["row order", "column order", "index", "further column", "spelling of names", "types", "near tolerance"],
)
def test_a_table_is_right_whatever_does_not_count(question, arrived, given_):
    assert table_score(question, arrived, given_, abs=0.01).right


@pytest.mark.parametrize(
    ("given_", "columns", "cells"),
    [
        (KEY.assign(spend=[30.0, 11.0, None]), 0.5, (1 + 2 / 3) / 2),
        (KEY.assign(spend=[30.0, 10.0, 0.0]), 0.5, (1 + 2 / 3) / 2),
        (KEY.drop(columns="spend"), 0.5, 0.5),
        (KEY.assign(orders=KEY["orders"].astype(str)), 0.5, 0.5),
        (KEY.assign(orders=[True, True, True]), 0.5, 0.5),
        (KEY.iloc[:2], 0, 2 / 3),
        (pd.concat([KEY, KEY.assign(customer_id=["x", "y", "z"])]), 0, 0.5),
        (pd.concat([KEY, KEY.iloc[:1]]), 0, 0.5),
        (KEY.iloc[:0], 0, 0),
        (KEY.drop(columns="customer_id"), 0, 0),
        (KEY.assign(customer_id=[1, 2, 3]), 0, 0),
    ],
    ids=[
        *("cell", "gap filled", "column missing", "text for number", "truth for number", "row missing", "rows extra"),
        *("row twice", "empty", "key missing", "key of another type"),
    ],
)
def test_tables_lose_marks_by_column_or_cell(question, arrived, given_, columns, cells):
    assert table_score(question, arrived, given_).share == pytest.approx(columns)
    assert table_score(question, arrived, given_, "cells").share == pytest.approx(cells)
    assert table_score(question, arrived, given_, partial=False).share == 0
    assert table_score(question, arrived, given_).remarks


def test_remarks_on_a_table_say_what_went_wrong_and_not_the_key(question, arrived):
    wrong = pd.concat([KEY.iloc[:1], KEY.iloc[:1], KEY.iloc[1:2].assign(customer_id="x")])

    assert table_score(question, arrived, wrong).remarks == (
        "2 rows of your table are there more than once.",
        "2 rows are missing.",
        "1 rows do not belong there.",
        "Column orders: 0 of 5 rows are right.",
        "Column spend: 0 of 5 rows are right.",
    )


def test_columns_may_have_their_own_tolerance(question, arrived):
    near = KEY.assign(orders=KEY["orders"] + 1, spend=KEY["spend"] + 1)

    assert table_score(question, arrived, near, columns={"orders": {"abs": 1}}).share == 0.5


def test_a_table_without_a_key_is_compared_row_by_row(question, arrived):
    asked = question("table", {"columns": ["spend"], "key": []})

    assert compare(arrived(KEY), arrived(KEY[["spend"]]), asked).right
    assert not compare(arrived(KEY), arrived(KEY[["spend"]].iloc[::-1]), asked).right


def test_a_table_of_keys_alone_is_a_set_of_rows(question, arrived):
    asked = question("table", {"columns": ["customer_id"], "key": ["customer_id"]}, {"partial": "cells"})

    assert compare(arrived(KEY), arrived(KEY), asked).right
    assert compare(arrived(KEY), arrived(KEY.iloc[:1]), asked).share == pytest.approx(1 / 3)


def test_times_of_a_table_are_compared_as_moments(question, arrived):
    asked = question("table", {"columns": ["day", "n"], "key": ["day"]})
    utc = pd.DataFrame({"day": pd.to_datetime(["2026-01-01 16:00"], utc=True), "n": [1]})

    assert compare(arrived(utc), arrived(utc.assign(day=utc["day"].dt.tz_convert("Asia/Hong_Kong"))), asked).right


# laws ---------------------------------------------------------------------------------------------

FRAMES = [
    KEY,
    KEY.iloc[:0],
    pd.DataFrame({"a": [1e308, -1e308]}),
    KEY.assign(customer_id=None),
    KEY.assign(spend=2**62),
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.lists(st.one_of(st.sampled_from(IDS), st.booleans(), st.none(), st.floats(allow_infinity=False)), max_size=6),
    st.sampled_from(FRAMES),
)
KEYS = {
    "number": 12.5,
    "exact": "ann",
    "verdict": "works",
    "set": IDS,
    "ranking": IDS,
    "list": IDS,
    "choice": IDS,
    "table": KEY[["customer_id", "spend"]],
}


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(KEYS)), value=VALUES)
def test_whatever_is_given_comparing_gives_a_share(question, arrived, kind, value):
    score = compare(arrived(KEYS[kind]), arrived(value), question(kind), dict.fromkeys(IDS, 1.0))

    assert 0 <= score.share <= 1
    assert all(0 <= part.share <= 1 or part.name == "members" for part in score.parts)


@pytest.mark.parametrize("kind", sorted(KEYS))
def test_the_key_itself_is_right(question, arrived, kind):
    assert compare(arrived(KEYS[kind]), arrived(KEYS[kind]), question(kind)).right


def test_a_key_of_a_wrong_type_is_our_mistake_and_told(question, arrived):
    with pytest.raises(CourseError, match="q1: the key is of kind number, not table; correct the solution"):
        compare(arrived(1), arrived(1), question("table"))


def test_a_written_answer_is_left_to_a_person(question, arrived):
    assert compare(Answer("q1", "nothing", None, None), None, question("written")).remarks == ("Marked by a person.",)
