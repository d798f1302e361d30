from __future__ import annotations

import pandas as pd
import pytest

from crm_course.tables.small_groups import without_small_groups


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
        ((4,), [0]),
        ((0, 9, 9), []),
    ],
)
def test_small_groups_are_left_out_and_cannot_be_had_from_the_total(people, left_out):
    shown = without_small_groups(groups(*people), "people")

    assert shown.index[shown["money"].isna()].tolist() == left_out
    assert shown.index[shown["people"].isna()].tolist() == left_out
    assert shown["group"].tolist() == groups(*people)["group"].tolist()


def test_the_limit_can_be_another():
    assert without_small_groups(groups(10, 20, 30), "people", k=15)["money"].isna().tolist() == [True, True, False]
