"""Figures of chapter 2: each says what it found and in which unit, on ordinary tables and on thin ones."""

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from crm_course.plots import identifying_customers as plots
from crm_course.plots.style import set_style


@pytest.fixture(autouse=True)
def _styled():
    set_style()
    yield
    plt.close("all")


SHARES = pd.DataFrame(
    {"n": [90, 40, np.nan], "share": [0.9, 0.5, np.nan], "low": [0.8, 0.4, np.nan], "high": [0.95, 0.6, np.nan]},
    index=["till", "web", "hotline"],
)
PAIRS = pd.DataFrame({"score": [-4.0, 1.0, 2.0, 6.0, 8.0], "same": [False, False, True, True, True]})
CURVE = pd.DataFrame({"threshold": [0.0, 2.0, 6.0], "cost": [600.0, 300.0, 900.0]})
QUALITY = pd.DataFrame({"precision": [0.93, 0.98], "recall": [0.83, 0.9], "f1": [0.88, 0.94]}, ["exact keys", "score"])
RECALL = pd.DataFrame({"exact keys": [0.8, 0.7], "score": [0.9, 0.8]}, index=["Chinese", "Chinese and Latin"])
COUNTED = pd.DataFrame(
    {"every record": [100.0, 900.0], "after the merge": [60.0, 1500.0]}, index=["customers", "spent"]
)
RATE = pd.Series({"per_year": 0.1, "low": 0.05, "high": 0.2})
REASONS = pd.DataFrame({"in use": [40, 20], "outdated": [np.nan, 9]}, index=["till", "web"])
WORTH = pd.DataFrame({"worth": [900.0, -10.0], "low": [700.0, -50.0], "high": [1200.0, 20.0]}, index=["phone", "home"])


@pytest.mark.parametrize(
    ("draw", "title", "unit"),
    [
        (lambda: plots.plot_shares(SHARES, "records (share)"), "From 50% (web) to 90% (till)", "share"),
        (
            lambda: plots.plot_completeness(pd.DataFrame({"n": [9.0], "phone": [0.9], "email": [0.2]}, ["till"])),
            "Weakest: email at the till, 20% of the records",
            "share",
        ),
        (lambda: plots.plot_scores(PAIRS, 0.5), "1 pairs of strangers lie right of the line", "points"),
        (lambda: plots.plot_cost_curve({"the sample": CURVE}, "HKD"), "Cheapest at 2.0 points: 300 HKD", "points"),
        (lambda: plots.plot_methods(QUALITY), "Best together: score, F1 0.94", "share"),
        (lambda: plots.plot_scripts(RECALL), "names in Chinese and Latin; 80% of those pairs", "script"),
        (lambda: plots.plot_counted_twice(COUNTED, "HKD"), "worth 40% less than after the merge", "HKD"),
        (lambda: plots.plot_outdated(RATE), "26% of the numbers are old", "years"),
        (lambda: plots.plot_retention(REASONS), "9 of 69 records are outdated", "records"),
        (lambda: plots.plot_field_worth(WORTH, 100.0, "HKD"), "1 of 2 fields surely pay for the asking", "HKD"),
    ],
)
def test_a_figure_tells_its_finding_and_its_unit(draw, title, unit):
    ax = draw()

    assert title in " ".join(ax.get_title(loc="left").split())
    assert unit in ax.get_xlabel()


def test_figures_are_drawn_where_they_are_asked_to_be():
    figure, ax = plt.subplots()

    assert plots.plot_shares(SHARES, "records (share)", ax) is ax
    assert len(figure.axes) == 1


def test_nothing_but_small_groups_gives_an_empty_figure():
    assert plots.plot_shares(SHARES.loc[["hotline"]], "records (share)").get_title(loc="left") == ""
    assert plots.plot_scripts(RECALL.iloc[:0]).get_title(loc="left") == ""


def test_the_weights_of_a_sample_count_in_the_bars():
    ax = plots.plot_scores(PAIRS.assign(weight=10.0), 0.5)

    assert "10 pairs of strangers" in " ".join(ax.get_title(loc="left").split())
    assert sum(bar.get_height() for bars in ax.containers for bar in bars) == pytest.approx(50)
