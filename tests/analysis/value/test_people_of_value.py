"""Each function and figure on customer value: whether it groups people, and that a group of few is hidden."""

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from people import SECRET, check_all_are_named, check_draws_nothing_of, check_hides, title

from crm_course.analysis.sales import sales
from crm_course.analysis.value import credit, forecasts, lifecycle
from crm_course.errors import LeftOut
from crm_course.plots.value import lifecycle_plots, value_plots
from crm_course.tables.small_groups import enough, is_marked, shown

WHO = pd.Index([f"c{i:03d}" for i in range(100)], name="customer_id")
TIER = pd.Series(pd.Categorical(["gold"] * 3 + ["silver"] * 17 + ["bronze"] * 80, lifecycle.TIERS), WHO)
VALUE = pd.Series(np.where(TIER == "gold", SECRET, 10.0), WHO)
LATER = pd.Series(pd.Categorical(["gold"] * 3 + ["bronze"] * 97, lifecycle.TIERS), WHO)
HOLDOUT = pd.DataFrame({"frequency": [6] * 3 + [1] * 47 + [2] * 50, "predicted": 1.0, "actual": 2}, WHO)
HOLDOUT.loc[HOLDOUT["frequency"] == 6, ["predicted", "actual"]] = SECRET, int(SECRET)
STATES = pd.DataFrame(
    {
        "customer_id": WHO,
        "amount": np.where(TIER == "gold", SECRET, 10.0),
        "open": True,
        "age": pd.Categorical(["over 60 days"] * 3 + ["1-30 days"] * 40 + ["not yet due"] * 57, credit.AGES),
    }
)
LATE = pd.Series([True] * 3 + [False] * 97, WHO)
STAGES = pd.DataFrame(
    {"stage": pd.Categorical(["declining"] * 3 + ["new"] * 40 + ["mature"] * 57, lifecycle.STAGES)}, WHO
)
RFM = pd.DataFrame({"frequency": [5] * 3 + [2] * 97, "recency": 10.0, "T": [500.0] * 50 + [20.0] * 50}, WHO)

FEW = [1, 2, 3, 4]

TABLES = {
    "credit.ageing": (lambda: credit.ageing(STATES), ["over 60 days"]),
    "forecasts.holdout_by_frequency": (lambda: forecasts.holdout_by_frequency(HOLDOUT), [6]),
    "lifecycle.tier_plan": (lambda: lifecycle.tier_plan(TIER, VALUE, 0.05), ["gold"]),
}
COUNTS = {
    "credit.rule_and_habit": lambda: credit.rule_and_habit(LATE, pd.Series(WHO > "c050", WHO)),
    "lifecycle.tier_moves": lambda: lifecycle.tier_moves(TIER, LATER),
}
AMOUNTS = {
    "value_plots.plot_holdout_by_frequency": lambda: value_plots.plot_holdout_by_frequency(
        forecasts.holdout_by_frequency(HOLDOUT)
    ),
}
NUMBERS = {
    "lifecycle_plots.plot_stages": lambda: lifecycle_plots.plot_stages(STAGES),
    "lifecycle_plots.plot_tier_moves": lambda: lifecycle_plots.plot_tier_moves(lifecycle.tier_moves(TIER, LATER)),
    "value_plots.plot_recency_frequency": lambda: value_plots.plot_recency_frequency(RFM),
}
HIDDEN_WITHIN = {
    "lifecycle.move_shares": "missing where too few moved",
    "value_plots.plot_estimate_against_truth": "groups are never smaller than is shown",
}
OTHERS = {
    "credit.credit_behaviour": "a row an account",
    "credit.invoice_states": "a row an invoice",
    "customer_value.fit_purchases": "four numbers, of 30 customers at least",
    "customer_value.fit_spend": "three numbers, of 30 customers at least",
    "customer_value.lifetime_value": "a row a customer",
    "customer_value.spend_independence": "one figure, of 30 customers at least",
    "forecasts.cumulative": "a row a day, of all customers",
    "forecasts.holdout": "a row a customer",
    "forecasts.holdout_measures": "a row a measure, of all customers",
    "forecasts.played_year": "a row a customer",
    "forecasts.total_purchases": "one total with its interval",
    "forecasts.tracking": "a row a day, of all customers",
    "forecasts.value_draws": "a column a customer",
    "lifecycle.agreement": "a row a list",
    "lifecycle.definitions": "a row a customer",
    "lifecycle.found_by_top": "a row a list",
    "lifecycle.gain": "a curve a list, over all customers",
    "lifecycle.gain_differences": "a row a list",
    "lifecycle.lifecycle_stages": "a row a customer",
    "lifecycle.ranked": "a row a customer",
    "lifecycle.tiers": "a row a customer",
    "lifecycle.top_lists": "an entry a customer",
    "likelihoods.bg_nbd": "a function of parameters",
    "likelihoods.gamma_gamma": "a function of parameters",
    "seasons.expected_by_day": "a row a day, of all customers",
    "seasons.fit_with_season": "a model, of 30 customers at least",
    "seasons.newcomers": "a row a customer",
    "seasons.operational_clock": "a row a day",
    "seasons.season_of_days": "a row a day",
    "seasons.seasonal_index": "a row a season, of all customers",
    "lifecycle_plots.plot_agreement": "a cell two lists",
    "lifecycle_plots.plot_credit": "a dot an account, without its name",
    "lifecycle_plots.plot_gain": "a curve a list, over all customers",
    "value_plots.plot_lorenz": "a curve over all customers",
    "value_plots.plot_seasonal_index": "a dot a season, of all customers",
    "value_plots.plot_spend_shrinkage": "a dot a customer, without her name",
    "value_plots.plot_tracking": "curves over days, of all customers",
    "value_plots.plot_value_intervals": "a bar a customer, without her name",
}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_every_function_groups_people_or_says_what_its_rows_are():
    rooms = ["crm_course.analysis.value", "crm_course.plots.value"]

    check_all_are_named(rooms, {**TABLES, **COUNTS, **AMOUNTS, **NUMBERS, **HIDDEN_WITHIN}, OTHERS)


@pytest.mark.parametrize(("make", "small"), TABLES.values(), ids=TABLES.keys())
def test_a_group_of_few_is_hidden(make, small):
    check_hides(make(), small)


@pytest.mark.parametrize("make", COUNTS.values(), ids=COUNTS.keys())
def test_a_table_of_numbers_of_people_shows_none_below_five(make):
    assert is_marked(make())
    assert make().isin(FEW).any(axis=None) and not shown(make(), k=5).isin(FEW).any(axis=None)


@pytest.mark.parametrize("draw", AMOUNTS.values(), ids=AMOUNTS.keys())
def test_a_figure_draws_nothing_of_a_group_of_few(draw):
    check_draws_nothing_of(draw())


@pytest.mark.parametrize("draw", NUMBERS.values(), ids=NUMBERS.keys())
def test_a_figure_of_numbers_of_people_has_none_below_five(draw):
    ax = draw()

    written = {int(text.get_text().split()[0]) for text in ax.texts if text.get_text()[:1].isdigit()}
    assert max(written) >= 5
    assert not set(FEW) & (written | {patch.get_width() for patch in ax.patches})


def test_the_shares_of_moves_are_missing_where_too_few_moved():
    shares = lifecycle.move_shares(lifecycle.tier_moves(TIER, LATER))

    assert shares.loc["gold"].isna().any() and np.isnan(shares.loc["gold", "stayed"])
    assert shares.loc["silver", "one step down"] == 1


def test_beside_the_truth_no_group_is_smaller_than_is_shown():
    ax = value_plots.plot_estimate_against_truth(VALUE.iloc[:12], VALUE.iloc[:12], "margin (HKD)")

    assert len(ax.containers[0].lines[0].get_xdata()) == 2  # of six each
    with pytest.raises(LeftOut, match="Fewer than 5 customers: not shown"):
        value_plots.plot_estimate_against_truth(VALUE.iloc[:4], VALUE.iloc[:4], "margin (HKD)")


def test_one_group_is_left_out_where_it_is_small():
    with pytest.raises(LeftOut, match=r"^Fewer than 5 guests: not shown\.$"):
        enough(WHO[:4], "guests")
    assert enough(WHO[:5], "guests").equals(WHO[:5])


def test_a_curve_over_customers_has_no_step_of_a_few():
    spent = pd.Series([SECRET, *[10.0] * 28])
    ranking = pd.DataFrame({"by spend": spent})

    curve = lifecycle.gain(ranking, spent)["share_of_customers"]
    lorenz = value_plots.plot_lorenz(
        sales.lorenz(spent), sales.top_shares_shown(sales.concentration(spent, draws=5), len(spent))
    )

    assert np.diff(curve).min() * len(spent) > 4.999
    with pytest.raises(LeftOut, match="Fewer than 5 customers in the best fifth"):
        lifecycle.gain(ranking.head(24), spent)
    assert title(lorenz) == "Of too few customers to be shown"


def test_the_title_does_not_tell_that_a_few_bought_once():
    once = RFM.assign(frequency=[0] * 3 + [2] * 97)

    assert title(value_plots.plot_recency_frequency(once)) == "Of too few customers to be shown"
