from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_course.errors import LeftOut, WrongCall
from crm_course.tables.small_groups import (
    K,
    enough,
    fewest,
    groups_of_people,
    hide_below,
    numbers_of_people,
    shown,
    without_small_counts,
    without_small_groups,
)


def groups(*people: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"group": [f"g{n}" for n in range(len(people))], "people": people, "money": [1.0] * len(people)}
    )


@pytest.mark.parametrize(
    ("people", "left_out"),
    [
        ((10, 20), []),
        ((5, 20), []),
        ((4, 20, 6), [0, 2]),
        ((4, 1, 20), [0, 1]),
        ((1, 1, 20, 30), [0, 1, 2]),
        ((4,), [0]),
        ((0, 9, 9), []),
        ((4, 0, 9), [0, 2]),
        ((7, 4, 7, 30), [0, 1]),
    ],
)
def test_small_groups_are_left_out_and_cannot_be_had_from_the_total(people, left_out):
    shown = without_small_groups(groups(*people), "people")

    assert shown.index[shown["money"].isna()].tolist() == left_out
    assert shown.index[shown["people"].isna()].tolist() == left_out
    assert shown["group"].tolist() == groups(*people)["group"].tolist()
    assert without_small_counts(groups(*people)["people"]).isna().tolist() == shown["people"].isna().tolist()


def test_the_limit_can_be_another():
    assert without_small_groups(groups(10, 20, 30), "people", k=15)["money"].isna().tolist() == [True, True, False]


def test_every_kind_of_figure_is_left_out_and_names_stay():
    table = pd.DataFrame(
        {
            "stage": pd.Categorical(["new", "old"]),
            "people": [3, 9],
            "last": pd.to_datetime(["2025-01-01", "2025-01-02"]),
            "gap": pd.to_timedelta([1, 2], unit="D"),
            "written_to": [True, False],
        },
        index=["a", "a"],  # a name may stand twice
    )

    shown = without_small_groups(table, "people")

    assert shown["stage"].tolist() == ["new", "old"]
    assert shown.drop(columns="stage").isna().all(axis=None)


def test_where_nothing_is_left_out_nothing_changes():
    table = groups(10, 20)

    pd.testing.assert_frame_equal(without_small_groups(table, "people"), table)
    pd.testing.assert_series_equal(without_small_counts(table["people"]), table["people"])


def test_counts_by_two_things_are_covered_in_rows_and_columns():
    moves = pd.DataFrame([[60, 30, 10], [20, 3, 80], [5, 70, 900]])

    shown = without_small_counts(moves)

    assert shown.isna().to_numpy().tolist() == [[False, False, False], [True, True, False], [True, True, False]]


def test_a_cell_that_several_sums_give_together_is_not_shown():
    """Each row and column has two gaps, and yet the cell between the two blocks would be known."""
    ring = [[3, 3, 50, 50, 50], [3, 3, 4, 50, 50], [50, 50, 50, 3, 3], [50, 50, 50, 3, 3], [9, 9, 9, 9, 9]]

    shown = without_small_counts(pd.DataFrame(ring), k=5)

    assert shown.iloc[1, 2:].isna().sum() >= 1
    assert not known_by_sums(shown)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 10**6))
def test_no_hidden_cell_is_known_from_the_totals(rows, columns, seed):
    people = pd.DataFrame(np.random.default_rng(seed).choice([0, 1, 3, 4, 6, 9, 40], (rows, columns)))

    shown = without_small_counts(people)

    assert not ((shown > 0) & (shown < 5)).any(axis=None)
    for row, column in known_by_sums(shown):  # there was nothing left to cover it with
        assert shown.iloc[row].isna().all() and shown.iloc[:, column].isna().all()


def known_by_sums(shown: pd.DataFrame) -> list[tuple[int, int]]:
    """The hidden cells that follow from the totals of rows and columns, whatever is in the others."""
    gaps = list(zip(*np.nonzero(shown.isna().to_numpy()), strict=True))
    sums = np.array(
        [[row == at for row, _ in gaps] for at in range(len(shown))]
        + [[column == at for _, column in gaps] for at in range(shown.shape[1])],
        dtype=float,
    )
    rank = np.linalg.matrix_rank
    return [gap for n, gap in enumerate(gaps) if rank(np.vstack([sums, np.eye(len(gaps))[n]])) == rank(sums)]


def test_whole_numbers_of_a_type_that_can_be_missing_stay_whole():
    table = pd.DataFrame({"people": [2, 40, 9], "value": [1, 2, 3]}).astype("Int64")

    seen = without_small_groups(table, "people")

    assert seen["value"].dtype == "Int64"
    assert seen["value"].isna().tolist() == [True, False, True]


SMALL = pd.DataFrame({"people": [2, 40, 9, 30], "spent": [9.0, 8.0, 7.0, 6.0]}, index=list("abcd"))


def test_a_marked_table_is_hidden_where_it_is_shown_and_whole_before():
    marked = groups_of_people(SMALL)

    assert marked["spent"].sum() == 30.0
    assert shown(marked)["spent"].isna().tolist() == [True, False, True, False]
    assert shown(SMALL.join(pd.DataFrame({"more": 1.0}, index=SMALL.index))).isna().any(axis=1).sum() == 2
    pd.testing.assert_frame_equal(shown(SMALL[["spent"]]), SMALL[["spent"]])


@pytest.mark.parametrize(
    "part", [lambda one: one[["spent"]], lambda one: one["spent"], lambda one: one.drop(columns="people") / 2]
)
def test_what_has_lost_its_number_of_people_shows_no_figure(part):
    assert shown(part(groups_of_people(SMALL))).isna().to_numpy().all()


def test_a_part_of_what_is_shown_stays_as_it_is():
    assert shown(shown(groups_of_people(SMALL))["spent"]).tolist()[1::2] == [8.0, 6.0]


def test_numbers_of_people_are_hidden_by_what_the_reader_knows():
    moves = pd.DataFrame({"up": [40, 2], "down": [9, 300]}, index=["gold", "silver"])

    assert shown(numbers_of_people(moves)).isna().all(axis=None)
    assert shown(numbers_of_people(moves, "rows")).isna().to_numpy().tolist() == [[False, False], [True, True]]
    assert shown(numbers_of_people(SMALL["people"])).isna().tolist() == [True, False, True, False]


def test_a_table_of_groups_says_how_many_each_has():
    with pytest.raises(ValueError, match="in a column `people`"):
        groups_of_people(SMALL[["spent"]])


def test_the_fewest_that_are_shown_are_set_once():
    hide_below(3)
    try:
        assert fewest() == 3
        assert shown(groups_of_people(SMALL.assign(people=[3, 40, 9, 30])))["spent"].notna().all()
        with pytest.raises(LeftOut, match=r"^Fewer than 3 guests: not shown\.$"):
            enough([1, 2], "guests")
    finally:
        hide_below(K)
    with pytest.raises(WrongCall, match="k 0: the fewest people"):
        hide_below(0)
