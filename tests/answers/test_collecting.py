from __future__ import annotations

import pytest

from crm_course.answers.collecting import collect
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.values import MIME


def executed(*bundles):
    cells = [
        {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {MIME: one}}]} for one in bundles
    ]
    return {"cells": [{"cell_type": "markdown", "source": "# q1"}, *cells]}


def test_the_last_answer_of_each_question_counts_and_repeats_are_reported():
    found = collect(executed(encode("q1", 1), encode("q2", 5), encode("q1", 2), encode("q1", 3)))

    assert {name: answer.value for name, answer in found.answers.items()} == {"q1": 3, "q2": 5}
    assert found.repeats == {"q1": 3}
    assert found.unreadable == ()


def test_taking_an_answer_back_counts():
    assert collect(executed(encode("q1", 1), encode("q1", ...))).answers["q1"].kind == "nothing"


def test_what_cannot_be_read_is_reported_and_does_not_hide_what_can():
    found = collect(executed(encode("q1", 1), {"v": 1, "question": "q1", "score": 100}, "gASV"))

    assert found.answers["q1"].value == 1
    assert [cell for cell, _ in found.unreadable] == [3, 4]
    assert all("does not have just the parts" in reason for _, reason in found.unreadable)


def test_a_flood_of_answers_is_not_read_to_the_end():
    found = collect(executed(*[encode("q1", number) for number in range(1000)]))

    assert (found.answers["q1"].value, found.repeats, found.unread) == (999, {"q1": 200}, 800)


@pytest.mark.parametrize(
    "notebook",
    [
        {},
        {"cells": None},
        {"cells": [None, 1, {"outputs": "x"}, {"outputs": [None, {"data": None}, {"data": {}}]}]},
        {"cells": [{"outputs": [{"text": "PASSED 100/100", "output_type": "stream"}]}]},
    ],
)
def test_a_notebook_without_answers_has_none(notebook):
    found = collect(notebook)

    assert (found.answers, found.unreadable) == ({}, ())
