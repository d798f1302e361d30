"""What nobody may see of small groups: those who complained often, and whose notes were few."""

import numpy as np
import pandas as pd
import pytest
from people import SECRET, check_all_are_named, check_draws_nothing_of, check_hides

from crm_course.analysis.complaints.complainers import complainers, made_again
from crm_course.analysis.complaints.priorities import cost_of_complaint
from crm_course.analysis.complaints.topics import agreement
from crm_course.errors import LeftOut
from crm_course.plots.complaints.complainer_plots import plot_complainers, plot_made_again
from crm_course.tables.small_groups import groups_of_people

ROOMS = ["crm_course.analysis.complaints", "crm_course.plots.complaints"]


def of_often():
    """Three customers complained of two troubles and two of three, beside many of one and of none."""
    orders = pd.DataFrame({"customer_id": [f"c{k}" for k in range(200)]})
    made = np.repeat(orders["customer_id"].head(45), [3] * 2 + [2] * 3 + [1] * 40)
    check_hides(complainers(pd.DataFrame({"customer_id": made, "repeat_of": None}), orders), ["2", "3+"])


def of_few_notes():
    """Of a rash one to three notes tell under each category, beside topics of many."""
    notes = pd.DataFrame(
        {"leak": [60, 20, 10], "late": [30, 50, 9], "bill": [12, 25, 40], "rash": [2, 3, 1]},
        index=["defect", "late delivery", "payment"],
    ).stack()
    rows = notes.index.repeat(notes).to_frame(index=False)
    check_hides(agreement(rows[1], rows[0]), ["rash"])


def of_drawn_troubles():
    rows = pd.DataFrame({"people": [900, 80, 3, 2], "by_chance": 1.0, "orders_each": 2.0}, index=["0", "1", "2", "3+"])
    for column in ("troubles", "troubles_by_chance", "low", "high"):
        rows[column] = [0.0, 80.0, SECRET, SECRET]
    check_draws_nothing_of(plot_complainers(groups_of_people(rows)))


def of_few_turned_down():
    """Two customers were turned down and three waited long, one of them four times; thirty were served quickly."""
    day = pd.Timestamp("2025-03-01")
    book = pd.DataFrame({"customer_id": [f"c{k}" for k in range(32)] + ["c32", "c33"] + ["c34"] * 4})
    book["hours"], book["outcome"] = [2] * 32 + [50] * 6, ["exchanged"] * 30 + ["rejected"] * 2 + ["exchanged"] * 6
    book = book.assign(complaint_id=[f"K{k}" for k in range(38)], repeat_of=None, assigned_at=day, accepted_at=day)
    book = book.assign(solved_at=day + pd.to_timedelta(book["hours"], unit="h"), replied_at=day)
    check_hides(made_again(book), ["mended slowly", "turned down"])


def of_drawn_settlements():
    rows = pd.DataFrame({"people": [30, 3, 2], "complaints": [31, 5, SECRET]}, index=["mended quickly", "x", "y"])
    rows = rows.assign(share=[0.1, SECRET, SECRET])
    check_draws_nothing_of(plot_made_again(groups_of_people(rows.assign(low=rows["share"], high=rows["share"]))))


GROUPS = {
    "complainers.made_again": of_few_turned_down,
    "complainer_plots.plot_made_again": of_drawn_settlements,
    "complainers.complainers": of_often,
    "complainer_plots.plot_complainers": of_drawn_troubles,
    "topics.agreement": of_few_notes,
}
OTHERS = {
    "complainers.slow_by_month": "a row a month of complaints",
    "control_charts.counts_chart": "a row a month",
    "control_charts.detection": "a row a change of the rate",
    "control_charts.direction": "a sentence",
    "control_charts.monthly_rates": "a row a month",
    "control_charts.trend": "one trend",
    "control_charts.u_chart": "a row a month",
    "exposures.known_complaints": "a row a complaint, for the methods",
    "exposures.product_complaints": "a row a complaint, for the methods",
    "exposures.product_rates": "a row a product",
    "exposures.service_rates": "a row a service, or a shop of it",
    "exposures.sold_units": "a row a line of an order, for the methods",
    "priorities.buyers_list": "a row a product",
    "priorities.cost_of_complaint": "one number, of five customers at least",
    "priorities.found_in_first": "a row a ranking of products",
    "priorities.larger_shops": "a row a size of shops that are played",
    "priorities.rankings": "a row a product",
    "priorities.severity_weighted": "a row a product",
    "priorities.surest_shop": "a sentence",
    "priorities.truly_bad": "a row a product",
    "topics.notes": "a row a complaint, for the methods",
    "topics.telling_words": "a row a word; those of fewer notes than `fewest` are left out",
    "topics.topics_by_rules": "a row a complaint, for the methods",
    "topics.without_names": "a row a complaint, for the methods",
    "topics.words": "the words of a text",
    "complainer_plots.plot_silence": "a bar a kind of failure, as a simulator knows",
    "control_chart_plots.plot_control_chart": "a mark a month",
    "control_chart_plots.plot_counts_chart": "a mark a month",
    "hot_spot_plots.plot_counts_and_units": "a mark a product",
    "hot_spot_plots.plot_found": "a bar a ranking of products",
    "hot_spot_plots.plot_larger_shops": "a mark a size of shops that are played",
    "hot_spot_plots.plot_probabilities": "a bar a product",
    "hot_spot_plots.plot_shrinkage": "a mark a product",
    "rate_plots.plot_rate_intervals": "a mark a service",
    "rate_plots.plot_rate_ratios": "a mark a category or price band of products",
}


def test_every_method_and_figure_is_named_here():
    check_all_are_named(ROOMS, GROUPS, OTHERS)


def test_nothing_of_a_few_who_complained_often_is_shown():
    of_often()


def test_nothing_of_a_few_notes_is_shown():
    of_few_notes()


def test_nothing_of_a_few_who_complained_often_is_drawn():
    of_drawn_troubles()


def test_nothing_of_few_who_complained_again_is_shown():
    of_few_turned_down()


def test_nothing_of_few_who_complained_again_is_drawn():
    of_drawn_settlements()


def test_what_a_few_were_given_is_not_shown():
    book = pd.DataFrame({"customer_id": [*"abcd", "a"], "complaint_id": [*"12345"], "category": "defect"})

    with pytest.raises(LeftOut, match="Fewer than 5 customers with a complaint about a product: not shown"):
        cost_of_complaint(book, pd.DataFrame())
