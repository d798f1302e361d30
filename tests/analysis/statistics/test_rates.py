"""Rates and their regression: published intervals, the truth recovered, chance not taken for a difference."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from crm_course.analysis.statistics.intervals import poisson_interval
from crm_course.analysis.statistics.rates import group_rates, rate_intervals, rate_regression
from crm_course.errors import FitFailed, NothingToAnalyse


def products(seed, number=80, shape=4.0, rate=0.01, exposure=400.0):
    """Draw products of two categories whose rates differ; an infinite shape: not at all within a category."""
    dice = np.random.default_rng(seed)
    exposed = dice.gamma(1.0, exposure, number).round() + 20
    group = np.where(np.arange(number) % 2, "tools", "soap")
    mean = rate * np.where(group == "tools", 2.0, 1.0)
    true = mean if np.isinf(shape) else mean * dice.gamma(shape, 1 / shape, number)
    table = pd.DataFrame({"events": dice.poisson(true * exposed), "exposure": exposed, "group": group})
    return table, pd.Series(true)


@pytest.mark.parametrize(("events", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)])
def test_the_intervals_are_garwoods(events, low, high):
    table = rate_intervals(pd.DataFrame({"events": [events], "exposure": [1_000]}), level=0.95)

    assert table.loc[0, ["low", "high"]].tolist() == pytest.approx([low, high], rel=1e-3)
    assert table.loc[0, "rate"] == events


@pytest.mark.parametrize("counts", [[0], [7], [np.nan], [0, 1, 2, 5, 40, np.nan, 1_000, 1e6]])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_an_interval_of_counts_is_that_of_chi_squares_and_a_missing_count_has_none(counts, level):
    events, tail = np.array(counts, dtype=float), (1 - level) / 2
    low, high = poisson_interval(events, level)

    np.testing.assert_allclose(low, np.where(events == 0, 0.0, chi2.ppf(tail, 2 * events) / 2), rtol=1e-12)
    np.testing.assert_allclose(high, chi2.isf(tail, 2 * events + 2) / 2, rtol=1e-12)


@pytest.mark.parametrize("mean", [0.7, 3.0, 12.0])
def test_exact_intervals_hold_at_least_as_often_as_they_say(mean):
    events = np.random.default_rng(3).poisson(mean, 4_000)
    table = rate_intervals(pd.DataFrame({"events": events, "exposure": 1_000.0}))

    assert ((table["low"] <= mean) & (mean <= table["high"])).mean() >= 0.89


@pytest.mark.parametrize(
    ("rows", "error", "told"),
    [
        ([(-1, 10)], ValueError, "0 or more"),
        ([(1, np.nan)], ValueError, "none missing"),
        ([(1, 0)], ValueError, "0 beside an event"),
        ([(0, 0)], NothingToAnalyse, "all are 0"),
        ([], NothingToAnalyse, "all are 0"),
    ],
)
def test_numbers_that_cannot_be_rates_are_named(rows, error, told):
    with pytest.raises(error, match=told):
        rate_intervals(pd.DataFrame(rows, columns=["events", "exposure"], dtype=float))


def test_what_was_not_exposed_has_no_rate():
    table = rate_intervals(pd.DataFrame({"events": [0, 2], "exposure": [0, 100]}, index=["new", "old"]))

    assert list(table.index) == ["old"]


def test_a_group_with_few_events_takes_the_rate_of_all():
    table = pd.DataFrame({"events": [9, 1], "exposure": [500, 500], "group": ["soap", "tools"]})

    assert group_rates(table).tolist() == [9 / 500, 10 / 1000]


def test_nothing_happened_at_all_is_said():
    with pytest.raises(NothingToAnalyse, match="none, so there is no rate"):
        group_rates(pd.DataFrame({"events": [0], "exposure": [5], "group": ["soap"]}))


def test_one_term_gives_the_ratio_of_the_pooled_rates():
    table, _ = products(1)
    sums = table.groupby("group")[["events", "exposure"]].sum()
    rate = sums["events"] / sums["exposure"]
    base = sums["exposure"].idxmax()
    other = next(name for name in rate.index if name != base)

    ratios = rate_regression(table, ["group"]).ratios()

    assert ratios.loc[f"group: {other}", "ratio"] == pytest.approx(rate[other] / rate[base], rel=1e-5)
    assert ratios.loc["const", "ratio"] == pytest.approx(rate[base], rel=1e-5)


def test_products_that_differ_are_over_dispersed_and_those_that_do_not_are_not():
    found = {
        shape: [rate_regression(products(seed, shape=shape)[0], ["group"]).dispersion["p_value"] for seed in range(12)]
        for shape in (3.0, np.inf)
    }

    assert sum(p < 0.05 for p in found[3.0]) >= 11
    assert sum(p < 0.05 for p in found[np.inf]) <= 3


def test_the_shape_and_the_ratio_are_recovered_and_poisson_intervals_are_too_narrow():
    fits = [rate_regression(products(seed, number=300)[0], ["group"]) for seed in range(12)]
    rows = [next(one for name, one in fit.ratios().iterrows() if name != "const") for fit in fits]
    towards = [1 if "tools" in fit.ratios().index[1] else -1 for fit in fits]

    assert np.median([fit.shape for fit in fits]) == pytest.approx(4.0, rel=0.25)
    assert np.mean([np.log(row["nb_ratio"]) * way for row, way in zip(rows, towards, strict=True)]) == pytest.approx(
        np.log(2), abs=0.08
    )
    assert all(row["nb_high"] / row["nb_low"] > row["high"] / row["low"] for row in rows)


def test_without_spread_there_is_no_negative_binomial():
    fits = [rate_regression(products(seed, shape=np.inf)[0], ["group"]) for seed in range(8)]
    without = [fit for fit in fits if fit.negative_binomial is None]

    assert without and all(np.isinf(fit.shape) and "nb_ratio" not in fit.ratios() for fit in without)


def test_the_intervals_to_believe_follow_from_the_spread_and_its_test():
    fit = rate_regression(products(1)[0], ["group"])

    assert "Believe the blue" in replace(fit, dispersion=pd.Series({"p_value": 0.049})).advice
    assert "careful choice" in replace(fit, dispersion=pd.Series({"p_value": 0.05})).advice
    assert "no blue intervals" in replace(fit, negative_binomial=None).advice


def test_rare_words_become_other_and_too_few_events_are_named():
    table, _ = products(2)
    table["brand"] = ["rare", *["usual"] * 79]
    table.loc[0, "events"] = 1

    assert "brand: other" in rate_regression(table, ["brand"]).ratios().index
    with pytest.raises(FitFailed, match="too few"):
        rate_regression(table.assign(events=0), ["brand"])
    with pytest.raises(FitFailed, match="too few"):
        rate_regression(table.head(2).assign(events=9), ["group"])


def test_counts_that_vary_less_than_by_chance_are_no_over_dispersion():
    alike = pd.DataFrame({"events": 4, "exposure": [400.0, 402.0] * 20, "group": "soap"})
    one_rare = pd.DataFrame({"events": [1], "exposure": [2.0], "group": ["soap"]})

    for table in (alike, pd.concat([alike, one_rare], ignore_index=True)):
        spread = rate_regression(table, ["group"]).dispersion
        assert spread["ratio"] < 0.5 and spread["statistic"] < -2
        assert spread["p_value"] > 0.95


def test_all_words_of_a_term_are_tested_at_once():
    found = {rate: [rate_regression(of_four(seed, rate), ["group"]) for seed in range(40)] for rate in (1.0, 2.5)}
    p = {rate: np.array([one.tests.loc["group", "p_value"] for one in fits]) for rate, fits in found.items()}

    assert (found[1.0][0].tests["df"] == 3).all()
    assert (p[1.0] < 0.1).mean() <= 0.2
    assert (p[2.5] < 0.1).mean() > 0.8


def of_four(seed, times):
    """Draw products of four categories, of which the last has so many times the rate of the others."""
    dice = np.random.default_rng(seed)
    group = np.arange(80) % 4
    exposure = dice.gamma(1.0, 400.0, 80).round() + 20
    rate = 0.01 * np.where(group == 3, times, 1.0) * dice.gamma(4.0, 1 / 4, 80)
    return pd.DataFrame({"events": dice.poisson(rate * exposure), "exposure": exposure, "group": group.astype(str)})


def test_the_base_is_named():
    table, _ = products(3)
    sold = table.groupby("group")["exposure"].sum()

    assert rate_regression(table, ["group"]).bases == {"group": sold.idxmax()}


def test_properties_that_nobody_knows_are_no_terms():
    table, _ = products(3)

    regression = rate_regression(table.assign(price=None, group="all"), ["group", "price"])

    assert regression.tests.empty and regression.bases == {"group": "all", "price": "not known"}
    assert list(regression.ratios().index) == ["const"]
