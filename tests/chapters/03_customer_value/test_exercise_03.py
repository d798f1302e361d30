"""What is special to exercise 3; what all exercises promise is in ``test_all_exercises``."""

import random

import pytest

from crm_course.analysis.sales import sales
from crm_course.exercise.slips import as_answer
from crm_course.plots.value import value_plots as plots


@pytest.fixture(scope="module")
def proof(proof_of):
    return proof_of("03_customer_value")


def test_the_criteria_are_those_of_the_chapter(proof):
    examined = {code for one in proof.questions.values() for code in one.criteria}

    assert examined == {"2.2a", "3.1", "3.2", "A1", "A3"}


def test_the_list_of_guests_is_a_choice(proof):
    key = proof.first.key

    assert len(key.worth["q6"]) > 3 * len(key.answers["q6"].value)


def test_no_guest_is_chosen_by_her_purchases_without_her_yes_to_profiling(proof):
    store, key = proof.first.store, proof.first.key
    consents = store.table("consents")
    both = sales.contactable(consents, "marketing", "email").intersection(sales.contactable(consents, "profiling"))

    assert set(key.answers["q6"].value) <= set(both)
    assert set(key.worth["q6"]) <= set(both)
    assert key.score(proof.computed["q6"], key.slips["q6"]["profiling_ignored"]).share < 0.5


def test_the_figure_of_the_chapter_is_as_right_as_the_one_of_the_solution(proof):
    store, asked = proof.first.store, proof.computed["q4"]
    spent = store.purchases().query("~account").groupby("customer_id")["net_amount"].sum()

    drawn = plots.plot_lorenz(sales.lorenz(spent), sales.concentration(spent, draws=20))

    assert proof.first.key.score(asked, as_answer(asked, drawn)).right


# The verdict --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(proof):
    """The functions of slips.py."""
    return proof.slips.toss_ups["q8"].__globals__


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (500, 12_000, "works"),
        (-4_000, 11_000, "cannot tell"),
        (-4_000, 6_000, "does not"),
        (500, 6_000, "does not"),
        (-9_000, -500, "does not"),
    ],
)
def test_the_verdict_asks_whether_there_is_a_gain_and_whether_it_can_matter(rules, low, high, word):
    assert rules["verdict"](low, high) == word


@pytest.mark.parametrize(
    ("low", "high", "turned"),
    [
        (300, 12_000, True),  # another bootstrap may bring 0 within
        (500, 12_000, False),
        (-4_000, 8_700, True),
        (-4_000, 8_300, True),
        (-4_000, 11_000, False),
        (100, 3_000, False),  # below 8,500 it does not matter on which side of 0 it begins
    ],
)
def test_a_verdict_that_another_bootstrap_could_turn_is_a_toss_up(rules, monkeypatch, low, high, turned):
    monkeypatch.setitem(rules, "no_fit", lambda store, key: None)
    monkeypatch.setitem(rules, "differences", lambda store: None)
    monkeypatch.setitem(rules, "interval", lambda each: (low, high))

    told = rules["an_end_near_a_line"](None, None)

    assert bool(told) is turned
    assert told is None or f"{low:,.0f} to {high:,.0f}" in told


# Computed again -----------------------------------------------------------------------------------


def computed_again(rules, store):
    """What is right, by the functions of slips.py in place of the solution's cells."""
    days, split = rules["of_known"](store), rules["fitted"](store, then=True)
    table, guests = rules["rfm"](store), rules["guests"](store)
    return {
        "q1": sales.margin_share(rules["purchases"](store)),
        "q2": rules["in_one_row"](table),
        "q3": rules["best"](table["margin"], size=10),
        "q4": rules["drawn"](sales.lorenz(table["spent"])),
        "q5": rules["error"](store, days, split),
        "q6": guests,
        "q7": rules["lifetime_value"](store)["margin"].loc[guests].sum(),
        "q8": rules["verdict"](*rules["interval"](rules["differences"](store))),
    }


@pytest.mark.parametrize("stores", [1, pytest.param(60, marks=pytest.mark.proof)])
def test_on_any_store_the_functions_of_the_slips_give_what_the_solution_gives(proof, rules, stores):
    dice = random.Random(stores)
    for _ in range(stores):
        seed = dice.getrandbits(128)
        with proof.on(seed) as (store, key, _reasons):
            if key is None:  # no model can be fitted
                continue
            again = computed_again(rules, store)
            shares = {name: key.score(one, as_answer(one, again[name])).share for name, one in proof.computed.items()}
        assert shares == dict.fromkeys(proof.computed, 1.0), seed
