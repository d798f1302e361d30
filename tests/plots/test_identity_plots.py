"""Figures of chapter 2: each says what it found and in which unit, on ordinary tables and on thin ones."""

import matplotlib as mpl

mpl.use("agg")

import numpy as np
import pandas as pd
import pytest
from figures import FigureChecks, titled

from crm_course.plots.identity import identity_plots as plots

SHARES = pd.DataFrame(
    {"people": [90, 40, 2, 4], "share": [0.9, 0.5, 0.1, 0.2], "low": [0.8, 0.4, 0, 0], "high": [0.95, 0.6, 0.2, 0.3]},
    index=["till", "web", "hotline", "stall"],
)
PAIRS = pd.DataFrame({"score": [-4.0, 1.0, 2.0, 6.0, 8.0], "same": [False, False, True, True, True]})
CURVE = pd.DataFrame({"threshold": [0.0, 2.0, 6.0], "cost": [600.0, 300.0, 900.0]})
QUALITY = pd.DataFrame({"precision": [0.93, 0.98], "recall": [0.83, 0.9], "f1": [0.88, 0.94]}, ["exact keys", "score"])
BY_KIND = pd.DataFrame(
    {"people": [50, 50, 20, 20], "pairs": [90, 90, 30, 30], "recall": [0.8, 0.9, 0.9, 0.4]},
    index=pd.MultiIndex.from_product(
        [["Chinese", "Chinese and Latin"], ["exact keys", "score"]], names=["kinds", "way"]
    ),
)
BY_KIND = BY_KIND.assign(low=BY_KIND["recall"] - 0.1, high=BY_KIND["recall"] + 0.1)
COUNTED = pd.DataFrame(
    {"every record": [100.0, 900.0], "after the merge": [60.0, 1500.0]}, index=["customers", "spent"]
)
RATE = pd.Series({"per_year": 0.1, "low": 0.05, "high": 0.2, "reach": 2.3})
REASONS = pd.DataFrame({"in use": [40, 20], "outdated": [np.nan, 9]}, index=["till", "web"])
WORTH = pd.DataFrame({"worth": [900.0, -10.0], "low": [700.0, -50.0], "high": [1200.0, 20.0]}, index=["phone", "home"])


FIGURES = {
    "shares": lambda ax: plots.plot_shares(SHARES, "records (share)", "Fresh", ax),
    "completeness": lambda ax: plots.plot_completeness(
        pd.DataFrame({"people": [9], "phone": [0.9], "email": [0.2]}, ["till"]), ax
    ),
    "scores": lambda ax: plots.plot_scores(PAIRS, 0.5, 9.6, ax),
    "clear_scores": lambda ax: plots.plot_scores(PAIRS, 5.5, 0.0, ax),
    "cost_curve": lambda ax: plots.plot_cost_curve({"the sample": CURVE}, "HKD", ax),
    "methods": lambda ax: plots.plot_methods(QUALITY, ax),
    "scripts": lambda ax: plots.plot_scripts(BY_KIND, "exact keys", ax),
    "counted_twice": lambda ax: plots.plot_counted_twice(COUNTED, "HKD", ax),
    "outdated": lambda ax: plots.plot_outdated(RATE, ax=ax),
    "retention": lambda ax: plots.plot_retention(REASONS, 12, 72, ax),
    "field_worth": lambda ax: plots.plot_field_worth(WORTH, 100.0, "HKD", ax),
}


class TestEveryFigure(FigureChecks):
    """Each figure of this subject."""

    numbers = False


@pytest.mark.parametrize(
    ("name", "title", "unit"),
    [
        ("shares", "Fresh: from 50% (web) to 90% (till)", "share"),
        ("completeness", "Weakest: email at the till, 20% of the records", "share"),
        ("scores", "About 10 pairs of strangers lie right of the line", "points"),
        ("clear_scores", "Hardly a pair of strangers lies right of the line", "points"),
        ("cost_curve", "Cheapest at 2.0 points: 300 HKD of mistakes among the pairs compared", "points"),
        ("methods", "Best together: score, F1 0.94", "share"),
        ("scripts", "Weakest by exact keys: Chinese, 80% found", "recall"),
        ("counted_twice", "worth 40% less than after the merge", "HKD"),
        ("outdated", "14% to 45% of the numbers are old", "years"),
        ("retention", "12 of 72 records are outdated", "records"),
        ("field_worth", "1 of 2 questions pay for the asking by all of their 90 % interval", "HKD"),
    ],
)
def test_a_figure_tells_its_finding_and_its_unit(name, title, unit):
    ax = FIGURES[name](None)

    assert title in titled(ax)
    assert unit in ax.get_xlabel()


def test_nothing_but_small_groups_gives_an_empty_figure():
    assert plots.plot_shares(SHARES.loc[["hotline", "stall"]], "records (share)", "Fresh").get_title(loc="left") == ""
    assert plots.plot_scripts(BY_KIND.iloc[:0], "score").get_title(loc="left") == ""


def test_the_weights_of_a_sample_count_in_the_bars():
    ax = plots.plot_scores(PAIRS.assign(weight=10.0), 0.5, 10.0)

    assert sum(bar.get_height() for bars in ax.containers for bar in bars) == pytest.approx(50)


def test_the_title_is_about_the_way_that_is_named():
    score = plots.plot_scripts(BY_KIND, "score")

    assert "Weakest by score: Chinese and Latin, 40% found" in " ".join(score.get_title(loc="left").split())
    assert "(30 pairs)" in score.get_yticklabels()[1].get_text()


def test_the_line_is_dotted_where_no_data_are():
    solid, dotted = plots.plot_outdated(RATE).get_lines()

    assert (solid.get_linestyle(), dotted.get_linestyle()) == ("-", ":")
    assert max(solid.get_xdata()) <= RATE["reach"] < max(dotted.get_xdata())
    assert min(dotted.get_xdata()) <= max(solid.get_xdata())
