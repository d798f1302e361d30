"""What is special to exercise 4; what all exercises promise is in ``test_all_exercises``."""

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def proof(proof_of):
    return proof_of("04_share_of_wallet")


def test_the_criteria_are_those_of_the_chapter(proof):
    examined = {code for one in proof.questions.values() for code in one.criteria}

    assert examined == {"2.2b", "3.1", "3.2", "A1", "A3"}


def test_the_list_of_guests_is_a_choice_and_obeys_consent_and_frequency(proof):
    key, store = proof.first.key, proof.first.store
    guests = list(key.answers["q7"].value)

    assert len(key.worth["q7"]) > 3 * len(guests)
    consents = store.table("consents").query("channel == 'email'").sort_values("recorded_at")
    latest = consents.groupby(["customer_id", "purpose"], observed=True)["granted"].last().unstack()
    assert latest.loc[guests, ["marketing", "profiling"]].all(axis=None)
    end = pd.Timestamp(store.as_of, tz=store.time_zone) + pd.Timedelta(days=1)
    sent = store.table("messages")
    sent = sent[sent["sent_at"] >= end - pd.Timedelta(days=30)]
    assert sent[sent["customer_id"].isin(guests)].groupby("customer_id").size().max() <= 3


# The verdict --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(proof):
    """The functions of slips.py."""
    return proof.slips.toss_ups["q8"].__globals__


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(2, 23, "works"), (-2, 17, "cannot tell"), (-8, 10, "does not"), (1, 14, "does not"), (-14, -1, "does not")],
)
def test_the_verdict_asks_whether_there_is_a_gain_and_whether_it_can_matter(rules, low, high, word):
    assert rules["verdict"](low, high) == word


@pytest.mark.parametrize(
    ("low", "high", "turned"),
    [(0, 20, True), (2, 20, False), (-4, 15, True), (-4, 13, False), (-4, 17, False), (0, 10, False)],
)
def test_a_verdict_that_another_bootstrap_could_turn_is_a_toss_up(rules, monkeypatch, low, high, turned):
    monkeypatch.setitem(rules, "no_fit", lambda store, key: None)
    monkeypatch.setitem(rules, "test_of", lambda store: pd.Series({"low": float(low), "high": float(high)}))

    told = rules["an_end_near_a_line"](None, None)

    assert bool(told) is turned


def test_a_store_on_which_few_may_be_invited_is_drawn_again(rules, monkeypatch):
    monkeypatch.setitem(rules, "no_fit", lambda store, key: None)
    monkeypatch.setitem(rules, "allowed", lambda store: pd.Index(["ann", "bo"]))

    assert "only 2 customers may be invited" in rules["no_choice"](None, None)
