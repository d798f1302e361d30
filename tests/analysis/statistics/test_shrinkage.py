"""Shrunken rates: nearer to the truth than raw ones, intervals that hold, the bad ones found by probability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from crm_course.analysis.complaints.priorities import found_in_first, larger_shops, rankings
from crm_course.analysis.statistics.rates import PER, group_rates
from crm_course.analysis.statistics.shrinkage import SPREADS, Mixture, Shrinkage, above_limit, fit_shrinkage
from crm_course.errors import FitFailed


def shop(seed, times=1.0, shape=4.0, number=80):
    """Draw a shop of four categories: its table, and the true rates."""
    dice = np.random.default_rng(seed)
    exposed = (dice.gamma(1.0, 240.0 * times, number) + 10).round()
    group = np.arange(number) % 4
    true = 0.008 * (1 + 0.4 * group) * dice.gamma(shape, 1 / shape, number)
    return pd.DataFrame({"events": dice.poisson(true * exposed), "exposure": exposed, "group": group}), true


def test_a_shrunken_rate_lies_between_its_own_and_its_groups_and_nearer_to_its_own_with_more_units():
    table = pd.DataFrame({"events": [3, 30], "exposure": [60, 600], "group": ["soap", "soap"]})
    table = pd.concat([table, pd.DataFrame({"events": 10, "exposure": 1_000, "group": ["soap"] * 20})])
    table = table.reset_index(drop=True)

    rates = Shrinkage(np.array([0.5]), np.array([1.0])).rates(table)

    assert (rates["rate"].iloc[:2] == 50).all()
    assert rates["group_rate"].iloc[0] < rates["shrunken"].iloc[0] < rates["shrunken"].iloc[1] < 50
    assert rates["p_above"].iloc[0] < rates["p_above"].iloc[1]


def test_where_the_spread_and_the_groups_rate_are_sure_it_is_the_gamma_posterior():
    table = pd.DataFrame({"events": [5, 5, *[10] * 2_000], "exposure": [200, 800, *[1_000] * 2_000], "group": "a"})

    rates = Shrinkage(np.array([0.5]), np.array([1.0])).rates(table)

    shape, mean = 4.0, table["events"].sum() / table["exposure"].sum()
    expected = [PER * (shape + 5) / (shape / mean + exposure) for exposure in (200, 800)]
    assert rates["shrunken"].iloc[:2].tolist() == pytest.approx(expected, rel=2e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.3, 40), min_size=1, max_size=5), st.floats(0.02, 0.98))
def test_a_quantile_of_a_mixture_is_where_its_probability_is_reached(shapes, tail):
    parts = np.array([shapes])
    mixture = Mixture(parts, 1 + 50 * parts, np.full(len(shapes), 1 / len(shapes)))

    assert mixture.below(mixture.quantile(tail))[0] == pytest.approx(tail, abs=1e-3)


def of_many(times, seeds=range(14), shape=4.0):
    """Mean over shops: error raw and shrunken, coverage, and coverage with the best spread alone."""
    rows = []
    for seed in seeds:
        table, true = shop(seed, times, shape)
        model = fit_shrinkage(table)
        best = Shrinkage(SPREADS, (model.weight == model.weight.max()).astype(float))
        rows.append(
            {
                "raw": np.abs(table["events"] / table["exposure"] - true).mean() * PER,
                "shrunken": np.abs(model.posterior(table).mean() - true).mean() * PER,
                "held": held(model, table, true),
                "held_by_best": held(best, table, true),
            }
        )
    return pd.DataFrame(rows).mean()


def held(model, table, true):
    below = model.posterior(table).below(true)
    return ((below >= 0.05) & (below <= 0.95)).mean()


def test_shrunken_rates_are_nearer_to_the_truth_and_close_in_on_it_with_more_data():
    small, large = of_many(1.0), of_many(16.0)

    assert small["shrunken"] < 0.6 * small["raw"]
    assert large["shrunken"] < large["raw"] < small["raw"]
    assert large["shrunken"] < 0.65 * small["shrunken"]


def test_the_intervals_hold_and_those_of_one_best_spread_do_not():
    small, large = of_many(0.4), of_many(16.0)

    assert small["held"] > 0.83
    assert small["held_by_best"] < small["held"] - 0.02
    assert large["held"] == pytest.approx(0.9, abs=0.04)


def test_a_probability_is_as_often_right_as_it_says():
    claims = []
    for seed in range(20):
        table, true = shop(seed, times=4.0)
        group = group_rates(table.assign(events=true * table["exposure"]))
        claims.append(pd.DataFrame({"p": fit_shrinkage(table).rates(table)["p_above"], "bad": true > 1.5 * group}))
    claims = pd.concat(claims)

    for low, high in ((0.0, 0.1), (0.3, 0.7), (0.8, 1.0)):
        some = claims[claims["p"].between(low, high)]
        assert some["bad"].mean() == pytest.approx(some["p"].mean(), abs=0.13)


def test_with_more_data_probability_finds_the_bad_ones_and_counts_do_not():
    share = {times: [] for times in (1.0, 25.0)}
    for times, found in share.items():
        for seed in range(12):
            table, true = shop(seed, times)
            bad = pd.Series(true > 1.5 * group_rates(table.assign(events=true * table["exposure"])))
            first = found_in_first(rankings(table, fit_shrinkage(table).rates(table)), bad, min(int(bad.sum()), 10))
            found.append(first / min(int(bad.sum()), 10))
    small, large = (pd.DataFrame(found).mean() for found in share.values())

    assert large["probability"] > 0.8 > small["probability"]
    assert large["count"] < 0.5
    assert large["shrunken rate"] > large["count"] + 0.3


def test_possible_shops_tell_the_same():
    table, _ = shop(5)
    played = larger_shops(table, fit_shrinkage(table), times=(1.0, 16.0), draws=6, seed=3)

    assert played.loc[16.0, "probability"] > played.loc[1.0, "probability"]
    assert played.loc[16.0, "probability"] > played.loc[16.0, "count"] + 0.15
    assert (played["error of the shrunken rate"] < played["error of the rate"]).all()
    assert (played["error of the shrunken rate"] < played["error of the category's rate"]).all()
    assert (played["coverage_error"] > 0).all()
    pd.testing.assert_frame_equal(played, larger_shops(table, fit_shrinkage(table), (1.0, 16.0), 6, 3))


def test_shops_too_small_to_learn_from_are_named():
    table, _ = shop(5)
    with pytest.raises(FitFailed, match="too few"):
        larger_shops(table, fit_shrinkage(table), times=(0.001,), draws=2)


def test_innocent_products_are_called_by_p_values_and_not_by_q_values():
    by_p, by_q = 0, 0
    for seed in range(30):
        table, _ = shop(seed, shape=1e9)
        tests = above_limit(table, limit=1.0)
        by_p += (tests["p_value"] < 0.05).sum()
        by_q += (tests["q_value"] <= 0.1).sum()
        assert (tests["q_value"] >= tests["p_value"]).all()

    assert by_p > 30
    assert by_q <= 6


@pytest.mark.parametrize("limit", [1.0, 1.5])
def test_the_innocent_that_chance_calls_are_counted_as_they_are_called(limit):
    table, _ = shop(3, shape=1e9)
    expected = (table["exposure"] * group_rates(table)).to_numpy()
    drawn = np.random.default_rng(1).poisson(expected, (4_000, len(table)))
    called = stats.poisson.sf(drawn - 1, limit * expected) < 0.05

    assert above_limit(table, limit)["by_chance"].sum() == pytest.approx(called.sum(axis=1).mean(), rel=0.05)


def test_too_few_events_are_named():
    table = pd.DataFrame({"events": [1] * 9, "exposure": 100, "group": "soap"})
    with pytest.raises(FitFailed, match="9 events in 9 rows"):
        fit_shrinkage(table)
    with pytest.raises(FitFailed, match="in 3 rows"):
        fit_shrinkage(table.head(3).assign(events=20))


def test_the_order_of_rows_does_not_count():
    table, _ = shop(9)
    again = table.sample(frac=1, random_state=1)

    pd.testing.assert_frame_equal(
        fit_shrinkage(table).rates(table), fit_shrinkage(again).rates(again).sort_index(), rtol=1e-6
    )
