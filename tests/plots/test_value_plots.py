import re
import warnings

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from figures import FigureChecks

from crm_course.analysis.sales import sales
from crm_course.analysis.value import credit, forecasts, lifecycle
from crm_course.plots.value import lifecycle_plots, value_plots
from crm_course.tables.small_groups import K, hide_below

RNG = np.random.default_rng(7)
WHO = pd.Index([f"c{i:03d}" for i in range(120)], name="customer_id")
RFM = pd.DataFrame(
    {
        "frequency": RNG.poisson(2, 120),
        "recency": RNG.uniform(0, 300, 120),
        "T": RNG.uniform(300, 900, 120),
        "monetary_value": RNG.gamma(3, 100, 120),
        "spent": RNG.gamma(2, 300, 120),
    },
    index=WHO,
)
AMOUNT = RFM["spent"]
DAYS = pd.date_range("2025-07-01", periods=90)
INDEX = pd.DataFrame(
    {"index": [0.5, 1.0, np.nan], "low": [0.4, 0.9, np.nan], "high": [0.6, 1.1, np.nan]},
    index=["quiet", "usual", "rare"],
).fillna({"index": 1.0})
STATES = credit.invoice_states(
    pd.DataFrame(
        {
            "customer_id": WHO[:30],
            "due_day": pd.Timestamp("2025-01-31"),
            "paid_day": [pd.Timestamp("2025-02-01")] * 20 + [pd.NaT] * 10,
            "amount": RNG.gamma(2, 500, 30),
        }
    ),
    pd.Timestamp("2025-12-31"),
)
STAGES = pd.DataFrame({"stage": pd.Categorical(RNG.choice(lifecycle.STAGES, 120), lifecycle.STAGES)}, index=WHO)
DRAWS = forecasts.ValueDraws(WHO, RNG.poisson(2, (20, 120)), RNG.gamma(2, 100, (20, 120)), RNG.gamma(2, 100, (20, 120)))
LISTS = lifecycle.top_lists(RFM[["spent", "frequency"]], 20)
CHECK = forecasts.holdout(RFM, RFM["frequency"], RFM["frequency"] * 0.9)

FIGURES = {
    "lorenz": lambda ax: value_plots.plot_lorenz(sales.lorenz(AMOUNT), sales.concentration(AMOUNT, 20), ax),
    "recency_frequency": lambda ax: value_plots.plot_recency_frequency(RFM, ax),
    "seasonal_index": lambda ax: value_plots.plot_seasonal_index(INDEX, ax),
    "tracking": lambda ax: value_plots.plot_tracking(
        pd.Series(range(90), DAYS),
        pd.DataFrame({"calendar time": np.arange(90) * 0.8, "other": np.arange(90)}, DAYS),
        ax,
    ),
    "holdout": lambda ax: value_plots.plot_holdout_by_frequency(forecasts.holdout_by_frequency(CHECK), ax),
    "shrinkage": lambda ax: value_plots.plot_spend_shrinkage(RFM, RFM["monetary_value"] * 0.8, 300.0, "HKD", ax),
    "truth": lambda ax: value_plots.plot_estimate_against_truth(AMOUNT, AMOUNT * 1.1, "margin (HKD)", ax),
    "intervals": lambda ax: value_plots.plot_value_intervals(AMOUNT, DRAWS.intervals(), "HKD", ax),
    "agreement": lambda ax: lifecycle_plots.plot_agreement(lifecycle.agreement(LISTS), ax),
    "gain": lambda ax: lifecycle_plots.plot_gain(lifecycle.gain(RFM[["spent", "frequency"]], AMOUNT), "margin", ax),
    "stages": lambda ax: lifecycle_plots.plot_stages(STAGES, ax),
    "tier_moves": lambda ax: lifecycle_plots.plot_tier_moves(lifecycle.tier_moves(*[lifecycle.tiers(AMOUNT)] * 2), ax),
    "credit": lambda ax: lifecycle_plots.plot_credit(credit.credit_behaviour(STATES), ax),
}


@pytest.fixture(autouse=True)
def _few_again():
    yield
    hide_below(K)


class TestEveryFigure(FigureChecks):
    """Each figure of this subject."""

    numbers = False


def test_the_title_of_the_tracking_names_the_better_forecast():
    ax = FIGURES["tracking"](None)

    assert "other ends 0% too high" in ax.get_title(loc="left")


@pytest.mark.parametrize(("times", "way"), [(0.8, "20% too low"), (1.3, "30% too high")])
def test_the_title_of_the_tracking_says_which_way_the_forecast_errs(times, way):
    actual = pd.Series(range(90), DAYS)

    ax = value_plots.plot_tracking(actual, (times * actual).to_frame("calendar time"))

    assert ax.get_title(loc="left") == f"Forecast of the hold-out: calendar time ends {way}"


@pytest.mark.parametrize(("times", "told"), [(1.2, "above what happened in 7 of 7"), (0.8, "below in 7;")])
def test_the_title_of_the_groups_says_to_which_side_the_forecast_errs(times, told):
    table = RFM.assign(frequency=np.tile(np.arange(1, 8), 20)[:120])
    check = forecasts.holdout(table, table["frequency"], table["frequency"] * times)

    ax = value_plots.plot_holdout_by_frequency(forecasts.holdout_by_frequency(check))

    assert told in title_of(ax)


def test_shares_beside_the_truth_stay_between_0_and_1_and_the_title_gives_both():
    guess = pd.Series(np.linspace(0.01, 0.99, 400))
    truth = (guess > 0.6).astype(float)

    ax = value_plots.plot_estimate_against_truth(guess, truth, "share still here")

    assert title_of(ax) == "Estimated share still here: 50% on average, really 40%"
    ends = np.concatenate([segment[:, 1] for segment in bars(ax)])
    assert ends.min() >= 0 and ends.max() <= 1
    assert (np.ptp(bars(ax), axis=1)[:, 1] > 0).all()  # all alike in a group is no certainty
    assert ax.get_ylim() == pytest.approx((-0.02, 1.02))


def test_amounts_beside_the_truth_do_not_fall_below_0_and_the_title_gives_both():
    truth = pd.Series(np.where(np.arange(400) % 20 == 0, 900.0, 0.0))

    ax = value_plots.plot_estimate_against_truth(truth + np.arange(400) / 400, truth, "margin (HKD)")

    assert "Estimated margin (HKD): 45 on average, really 45" in title_of(ax)
    assert min(segment[:, 1].min() for segment in bars(ax)) >= 0


def title_of(ax):
    """Give the title in one line."""
    return " ".join(ax.get_title(loc="left").split())


def bars(ax):
    """Give the ends of the error bars."""
    return np.array(ax.containers[0].lines[2][0].get_segments())


def test_the_title_of_the_agreement_leaves_the_truth_out():
    lists = LISTS | {"the truth": WHO[-20:]}

    assert lifecycle_plots.plot_agreement(lifecycle.agreement(lists)).get_title(loc="left") == (
        lifecycle_plots.plot_agreement(lifecycle.agreement(LISTS)).get_title(loc="left")
    )


def test_the_title_of_the_tiers_tells_of_two_steps_or_of_nobody():
    before = lifecycle.tiers(AMOUNT)
    after = lifecycle.tiers(-AMOUNT)  # all gold ones fell

    told = lifecycle_plots.plot_tier_moves(lifecycle.tier_moves(before, after))
    hide_below(100)
    hidden = lifecycle_plots.plot_tier_moves(lifecycle.tier_moves(before, after))

    assert "0% are still gold, and 100% fell two steps" in title_of(told)
    assert hidden.get_title(loc="left") == "Customers by their tier at the split and how far they moved"


def test_where_no_season_can_be_seen_the_title_says_so():
    ax = value_plots.plot_seasonal_index(INDEX.iloc[:0])

    assert title_of(ax) == "No season can be seen: the data are too short"


def test_a_missing_interval_of_a_rare_season_is_no_bar():
    ax = value_plots.plot_seasonal_index(INDEX)

    assert len(ax.get_yticklabels()) == 3


def test_chinese_is_drawn_and_not_boxed():
    ax = plt.subplots()[1]
    ax.set_title("顧客終身價值 客户终身价值")

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a character that no font has
        ax.get_figure().canvas.draw()


@pytest.mark.parametrize("name", ["recency_frequency", "holdout", "stages", "tier_moves"])
def test_a_figure_of_groups_tells_of_none_that_is_small(name):
    """Every number of people that is written is of `k` or more, and with another `k` the figure has smaller ones."""
    hide_below(1)
    assert min(people_written(FEW[name]())) < 12
    hide_below(12)
    assert min(people_written(FEW[name]()), default=12) >= 12


FEW = {
    "recency_frequency": lambda: value_plots.plot_recency_frequency(RFM),
    "holdout": lambda: value_plots.plot_holdout_by_frequency(forecasts.holdout_by_frequency(CHECK)),
    "stages": lambda: lifecycle_plots.plot_stages(STAGES.iloc[:30]),
    "tier_moves": lambda: lifecycle_plots.plot_tier_moves(lifecycle.tier_moves(*[lifecycle.tiers(AMOUNT)] * 2)),
}


def people_written(ax):
    """Give the numbers of people, other than 0, that stand in a figure."""
    texts = [text.get_text() for text in ax.texts] + [
        label.get_text().split("n=")[-1] for label in ax.get_xticklabels()
    ]
    found = [re.match(r"(\d+)(\s|$)", text) for text in texts if "n=" not in text]
    with_n = [re.search(r"n=(\d+)", label.get_text()) for label in ax.get_xticklabels()]
    return [int(one.group(1)) for one in (with_n if any(with_n) else found) if one and int(one.group(1))]
