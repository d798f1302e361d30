"""Figures of the chapter on complaints: each says its finding, has units, and fits its picture."""

import matplotlib as mpl

mpl.use("agg")

import numpy as np
import pandas as pd
from figures import FigureChecks

from crm_course.analysis.complaints import control_charts
from crm_course.analysis.statistics import rates, shrinkage
from crm_course.plots.complaints import complainer_plots, control_chart_plots, hot_spot_plots, rate_plots

DICE = np.random.default_rng(7)
EXPOSURE = DICE.gamma(1.0, 300, 60).round() + 20
TABLE = pd.DataFrame(
    {
        "name": [f"Harbour Dew Cleansing Foam {k}" for k in range(60)],
        "group": ["soap", "tools", "hair"] * 20,
        "price": (["low"] * 2 + ["high"] * 3) * 12,
        "events": DICE.poisson(EXPOSURE * 0.01 * DICE.gamma(3, 1 / 3, 60)),
        "exposure": EXPOSURE,
    },
    index=pd.Index([f"P{k:04d}" for k in range(60)], name="product_id"),
)
MODEL = shrinkage.fit_shrinkage(TABLE)
RATES = MODEL.rates(TABLE)
BAD = RATES["shrunken"] > 12
BEST = TABLE["exposure"].nlargest(2).index
RATIOS = rates.rate_regression(TABLE, ["group", "price"]).ratios()
MONTHS = pd.DataFrame(
    {"events": DICE.poisson(5, 30), "exposure": DICE.integers(300, 900, 30)},
    index=pd.date_range("2023-01-01", periods=30, freq="MS", name="month"),
)
CHART = control_charts.u_chart(MONTHS)
PEOPLE = pd.DataFrame(
    {
        "people": [90, 30, 8, 6],
        "by_chance": [88.0, 33, 9, 4],
        "orders_each": [2.0, 5, 9, 20],
        "troubles": [0, 30, 16, 54],
        "troubles_by_chance": [0.0, 66, 20, 14],
        "low": [0.0, 50, 8, 3],
        "high": [0.0, 80, 30, 24],
    },
    index=["0", "1", "2", "3+"],
)
AGAIN = pd.DataFrame(
    {
        "complaints": [60, 30, 0],
        "again": [0, 9, 0],
        "share": [0, 0.3, np.nan],
        "low": [0, 0.2, 0],
        "high": [0.1, 0.4, 1],
    },
    index=["mended quickly", "mended slowly", "turned down"],
)
SHOPS = pd.DataFrame(
    {name: [0.3, 0.5] for name in ("count", "rate", "shrunken rate", "probability")}, index=pd.Index([1.0, 16.0])
)

FIGURES = {
    "counts_and_units": lambda ax: hot_spot_plots.plot_counts_and_units(TABLE, ax),
    "rate_intervals": lambda ax: rate_plots.plot_rate_intervals(rates.rate_intervals(TABLE.head(6)), "units", ax),
    "rate_ratios": lambda ax: rate_plots.plot_rate_ratios(RATIOS, "soap", ax),
    "shrinkage": lambda ax: hot_spot_plots.plot_shrinkage(RATES, TABLE["name"], 12, BEST, ax),
    "probabilities": lambda ax: hot_spot_plots.plot_probabilities(RATES, TABLE["name"], 0.9, BAD, 12, ax),
    "found": lambda ax: hot_spot_plots.plot_found(pd.Series({"count": 2, "rate": 3, "probability": 5}), 7, 10, ax),
    "larger_shops": lambda ax: hot_spot_plots.plot_larger_shops(SHOPS, ax),
    "control_chart": lambda ax: control_chart_plots.plot_control_chart(CHART, ax),
    "counts_chart": lambda ax: control_chart_plots.plot_counts_chart(control_charts.counts_chart(MONTHS), ax),
    "complainers": lambda ax: complainer_plots.plot_complainers(PEOPLE, ax),
    "made_again": lambda ax: complainer_plots.plot_made_again(AGAIN, ax),
    "silence": lambda ax: complainer_plots.plot_silence(
        pd.DataFrame({"complained": [5, 9], "silent": [9, 3]}, ["defect", "staff"]), ax
    ),
}


class TestEveryFigure(FigureChecks):
    """Each figure of this subject."""


def test_without_a_truth_no_bar_is_called_true():
    ax = hot_spot_plots.plot_probabilities(RATES, TABLE["name"], 0.9)

    assert ax.get_legend() is None
    assert ax.get_title(loc="left").replace("\n", " ").startswith(f"{(RATES['p_above'] >= 0.9).sum()} of 60 products")


def test_groups_too_small_to_be_shown_are_not_drawn():
    ax = complainer_plots.plot_complainers(PEOPLE.assign(people=[90, 30, 4, 3]))

    assert [label.get_text() for label in ax.get_xticklabels()] == ["1\nn=30"]
    assert "Too few" in ax.get_title(loc="left")


def title(ax):
    return ax.get_title(loc="left").replace("\n", " ")


def test_the_share_of_those_with_many_troubles_stands_beside_what_chance_gives():
    told = title(complainer_plots.plot_complainers(PEOPLE))

    assert told == "Those with 3 troubles or more (n = 6) hold 54% of all troubles; chance gives 14%"


def test_all_ways_in_which_complaints_were_settled_are_in_the_title():
    assert title(complainer_plots.plot_made_again(AGAIN)) == "Come back: mended quickly 0%, mended slowly 30%"


def test_months_outside_are_marked_and_both_halves_told():
    first = [True] + [False] * 29
    half = MONTHS.iloc[:15]

    ax = control_chart_plots.plot_control_chart(CHART.assign(out=first))
    counts = control_chart_plots.plot_counts_chart(control_charts.counts_chart(MONTHS).assign(out=first))

    before = 1_000 * half["events"].sum() / half["exposure"].sum()
    assert title(ax).startswith(f"Per 1,000 units: {before:.1f} in the first half") and "1 outside" in title(ax)
    assert "1 outside" in title(counts)
    for one in (ax, counts):
        assert [len(ring.get_offsets()) for ring in one.collections if ring.get_label() == "outside"] == [1]
        assert one.get_legend() is not None


def test_when_all_rankings_find_as_many_none_is_called_the_best():
    tie, apart = pd.Series({"count": 4, "rate": 4}), pd.Series({"count": 2, "rate": 4})

    assert title(hot_spot_plots.plot_found(tie, 10, 10)) == "All rankings find 4 of the 10 truly bad in their first 10"
    assert "the best ranking has 4 among its first 10, the worst 2" in title(hot_spot_plots.plot_found(apart, 10, 10))


def test_services_are_not_ranked_and_the_base_of_ratios_is_named():
    rows = pd.DataFrame({"rate": [1.0, 9.0], "low": [0.5, 7], "high": [2, 12]}, ["staff", "late"])
    ax = rate_plots.plot_rate_intervals(rows, "each")

    assert [label.get_text() for label in ax.get_yticklabels()] == ["late", "staff"]
    assert "late" not in title(ax)
    ratios = rate_plots.plot_rate_ratios(RATIOS, "group soap, price high")
    assert "group soap, price high" in ratios.get_xlabel()
    assert f"by chance {0.1 * (len(RATIOS) - 1):.1f}" in title(ratios)


def test_a_base_alone_has_nothing_to_be_compared_with():
    assert title(rate_plots.plot_rate_ratios(RATIOS.loc[["const"]], "group all")) == "0 ratios: there is only the base"


def test_best_sellers_are_drawn_once_and_named():
    ax = hot_spot_plots.plot_shrinkage(RATES, TABLE["name"], 12, [*BEST, RATES["rate"].idxmax()])

    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len({*BEST, *RATES["rate"].nlargest(12).index})
    assert sum(label.startswith("best-seller:") for label in labels) == 3


def test_a_name_with_a_dollar_is_no_formula():
    table = TABLE.assign(name="Set for $99 or $199")
    for ax in (hot_spot_plots.plot_counts_and_units(table), hot_spot_plots.plot_shrinkage(RATES, table["name"])):
        ax.get_figure().canvas.draw()
        texts = [text.get_text() for text in [*ax.texts, *ax.get_yticklabels()]]
        assert not [text for text in texts if "$" in text.replace(r"\$", "")]
