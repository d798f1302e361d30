"""What is special to exercise 5; what all exercises promise is in ``test_all_exercises``."""

import random

import pandas as pd
import pytest

from crm_course.analysis.complaints import control_charts
from crm_course.exercise.slips import as_answer
from crm_course.plots.complaints import control_chart_plots


@pytest.fixture(scope="module")
def proof(proof_of):
    return proof_of("05_complaint_hot_spots")


@pytest.fixture(scope="module")
def rules(proof):
    """The functions of slips.py."""
    return proof.slips.toss_ups["q8"].__globals__


def test_the_criteria_are_those_of_the_chapter(proof):
    examined = {code for one in proof.questions.values() for code in one.criteria}

    assert examined == {"2.2c", "2.3b", "3.1", "3.2", "A1", "A3"}


def test_a_line_drawn_in_another_way_is_as_right_and_one_with_limits_about_it_is_not(proof, rules):
    asked, chart = proof.computed["q3"], control_charts.u_chart(rules["months"](proof.first.store))
    ax = chart.reset_index().plot.line(x="month", y="rate", marker="o", x_compat=True)
    ax.set(title="Mostly ordinary", xlabel="month", ylabel="complaints (per 1,000 units)")

    assert proof.first.key.score(asked, as_answer(asked, ax)).right
    assert not proof.first.key.score(asked, as_answer(asked, control_chart_plots.plot_control_chart(chart))).right


@pytest.mark.long
def test_an_empty_list_is_right_on_one_of_the_stores_and_wrong_on_another(proof_of):
    lists = [packet.key.answers["q5"].value for packet in proof_of("05_complaint_hot_spots", None).packets.values()]

    assert any(lists) and not all(lists)


def test_five_of_many_is_a_choice(proof):
    key = proof.first.key

    assert len(key.answers["q6"].value) == 5 < len(key.worth["q6"]) / 10


@pytest.mark.parametrize(
    ("sure", "word"),
    [
        (0.95, "works"),
        (0.9, "works"),
        (0.89, "cannot tell"),
        (0.26, "cannot tell"),
        (0.25, "does not"),
        (0.0, "does not"),
    ],
)
def test_the_verdict_asks_how_sure_one_can_be(rules, sure, word):
    assert rules["verdict"](sure) == word


@pytest.mark.parametrize(("sure", "turned"), [(0.898, True), (0.88, False), (0.253, True), (0.15, False), (1.0, False)])
def test_a_probability_near_a_line_is_a_toss_up(rules, monkeypatch, sure, turned):
    rates = pd.DataFrame({"p_above": [sure, 0.5]}, index=["P1", "P2"])
    monkeypatch.setitem(rules, "shrunken", lambda store: rates)
    monkeypatch.setitem(rules, "first_name", lambda store: "P1")

    assert bool(rules["first_name_in_doubt"](None, None)) is turned


def test_of_two_with_the_most_complaints_the_one_with_fewer_units_is_the_first_name(rules, monkeypatch):
    rows = pd.DataFrame({"events": [7, 7, 3], "exposure": [900, 200, 10]}, index=["P1", "P2", "P3"])
    monkeypatch.setitem(rules, "table", lambda store: rows)

    assert rules["first_name"](None) == "P2"


# Computed again -----------------------------------------------------------------------------------


def computed_again(rules, store):
    """What is right, by the functions of slips.py in place of the solution's cells."""
    shrunken, highest = rules["shrunken"](store), rules["highest"](store)
    return {
        "q1": rules["rate"](store),
        "q2": rules["in_one_row"](rules["table"](store)),
        "q3": rules["drawn"](rules["per_unit"](rules["months"](store))),
        "q4": shrunken.loc[highest, "shrunken"],
        "q5": rules["listed"](store),
        "q6": rules["five"](shrunken["p_above"]),
        "q7": rules["share_of_several"](rules["complainers"](store), "troubles_by_chance"),
        "q8": rules["verdict"](shrunken.loc[rules["first_name"](store), "p_above"]),
    }


@pytest.mark.parametrize("stores", [1, pytest.param(60, marks=pytest.mark.proof)])
def test_on_any_store_the_functions_of_the_slips_give_what_the_solution_gives(proof, rules, stores):
    dice = random.Random(stores)
    for _ in range(stores):
        seed = dice.getrandbits(128)
        with proof.on(seed) as (store, key, _reasons):
            again = computed_again(rules, store)
            shares = {name: key.score(one, as_answer(one, again[name])).share for name, one in proof.computed.items()}
        assert shares == dict.fromkeys(proof.computed, 1.0), seed
