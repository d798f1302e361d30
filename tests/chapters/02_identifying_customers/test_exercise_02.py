"""What is special to exercise 2; what all exercises promise is in ``test_all_exercises``."""

import pytest

from crm_course.analysis.identity import record_quality, standardising
from crm_course.exercise.slips import as_answer
from crm_course.plots.identity import identity_plots as plots


@pytest.fixture(scope="module")
def proof(proof_of):
    return proof_of("02_identifying_customers")


@pytest.fixture(scope="module")
def rules(proof):
    """The functions of slips.py."""
    return proof.slips.toss_ups["q8"].__globals__


def test_the_criteria_are_those_of_the_chapter(proof):
    examined = {code for one in proof.questions.values() for code in one.criteria}

    assert examined == {"2.1a", "2.1b", "3.1", "A1", "A3"}


def test_who_may_be_written_to_is_a_choice_and_some_of_the_records_go(proof):
    store, key = proof.first.store, proof.first.key.answers

    assert 0.1 < len(key["q6"].value) / len(store.table("customers")) < 0.7
    assert 0.02 < len(key["q7"].value) / len(store.table("records")) < 0.4


def test_the_figures_of_the_chapter_agree_with_the_table_of_the_solution(proof):
    records = proof.first.store.table("records")
    usable = record_quality.usable_fields(records, standardising.standardised(records))

    shown = record_quality.by_channel(usable, records["channel"])["birthday"].reset_index(name="birthday")
    given = shown.rename(columns={"index": "channel"}).merge(
        proof.first.key.answers["q2"].value[["channel", "fresh"]], on="channel"
    )

    assert proof.first.key.score(proof.computed["q2"], as_answer(proof.computed["q2"], given)).right
    assert plots.plot_completeness(record_quality.by_channel(usable, records["channel"])) is not None


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.93, 0.98, "works"),
        (0.90, 0.97, "cannot tell"),
        (0.88, 0.94, "does not"),
        (0.93, 0.94, "does not"),  # the first that is true counts
    ],
)
def test_the_verdict_asks_where_the_interval_lies(rules, low, high, word):
    assert rules["verdict"](low, high) == word


@pytest.mark.parametrize(
    ("low", "high", "turned"), [(0.9203, 0.97, True), (0.93, 0.97, False), (0.88, 0.9496, True), (0.88, 0.94, False)]
)
def test_a_verdict_that_other_draws_could_turn_is_a_toss_up(rules, monkeypatch, low, high, turned):
    monkeypatch.setitem(rules, "precision", lambda store: (0.95, low, high))

    told = rules["an_end_near_a_line"](None, None)

    assert bool(told) is turned
    assert told is None or f"{low:.3f} to {high:.3f}" in told
