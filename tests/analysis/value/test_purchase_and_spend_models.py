import contextlib
import io
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter, GammaGammaFitter
from scipy.optimize import check_grad

from crm_course.analysis.sales.rfm import rfm
from crm_course.analysis.value import likelihoods
from crm_course.analysis.value.customer_value import fit_purchases, fit_spend, lifetime_value, spend_independence
from crm_course.errors import FitFailed, NothingToAnalyse


def test_cdnow_has_its_published_customers(cdnow_weeks):
    assert len(cdnow_weeks) == 2357
    assert (cdnow_weeks["frequency"] > 0).sum() == 946


def test_bg_nbd_on_cdnow_gives_the_published_fit(cdnow_weeks):
    model = fit_purchases(cdnow_weeks)

    assert model.params.to_dict() == pytest.approx({"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}, rel=1e-3)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    assert model.expected_new(np.array([39.0]))[0] == pytest.approx(1.1950, rel=1e-3)


def test_a_known_customer_of_cdnow_is_expected_to_buy_as_published(cdnow_weeks):
    customer = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})

    assert fit_purchases(cdnow_weeks).expected_purchases(customer, 39)[0] == pytest.approx(1.2259, rel=1e-3)


def test_gamma_gamma_on_cdnow_gives_the_published_fit(cdnow_weeks):
    model = fit_spend(cdnow_weeks)

    assert model.params.to_dict() == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.44}, rel=2e-3)
    assert model.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert model.population_mean == pytest.approx(35.171, rel=1e-3)
    assert model.customers == 946


def test_lifetime_value_of_cdnow_over_a_year_at_one_per_cent_a_month(cdnow_weeks):
    ahead = fit_purchases(cdnow_weeks).expected_by(cdnow_weeks, 4.345 * np.arange(1, 13))

    value = lifetime_value(ahead, fit_spend(cdnow_weeks).expected_spend(cdnow_weeks), 1.0, 0.01)

    assert value.sum() == pytest.approx(71_509.90, rel=1e-3)


def test_holdout_of_cdnow_is_1653_against_1882(cdnow_orders, cdnow_weeks):
    to_the_end = rfm(cdnow_orders, pd.Timestamp("1998-06-30"))

    predicted = fit_purchases(cdnow_weeks).expected_purchases(cdnow_weeks, 39).sum()
    actual = (to_the_end["frequency"] - cdnow_weeks["frequency"]).sum()

    assert round(predicted) == 1653
    assert actual == 1882


def test_the_fit_is_the_one_of_lifetimes_alone(histories):
    table = histories(3000, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        purchases = BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])
        again = table[table["frequency"] > 0]
        spend = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])

    assert fit_purchases(table).params.to_dict() == pytest.approx(purchases.params_.to_dict(), rel=1e-3)
    assert fit_spend(table).params.to_dict() == pytest.approx(spend.params_.to_dict(), rel=1e-3)
    ours = fit_purchases(table)
    errors = np.sqrt(np.diag(ours.log_covariance)) * ours.params
    assert errors.to_dict() == pytest.approx(purchases.standard_errors_.to_dict(), rel=1e-2)


def test_a_large_fit_that_starts_from_a_sample_ends_at_the_same_place(histories, monkeypatch):
    table = histories(3000, seed=2)
    direct = fit_purchases(table).params
    monkeypatch.setattr("crm_course.analysis.value.customer_value.ROWS_TO_START", 200)

    assert fit_purchases(table).params.to_dict() == pytest.approx(direct.to_dict(), rel=1e-4)


def test_forecasts_are_those_of_lifetimes(histories):
    table = histories(500, seed=3)
    model = fit_purchases(table)
    fitter = BetaGeoFitter()
    fitter.params_ = model.params
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = fitter.conditional_expected_number_of_purchases_up_to_time(
            90, table["frequency"], table["recency"], table["T"]
        )

    np.testing.assert_allclose(model.expected_purchases(table, 90), theirs, rtol=1e-9)


def test_customers_who_bought_once_have_a_forecast_where_lifetimes_gives_none(histories):
    """With a + b < 1 lifetimes takes the logarithm of a negative number."""
    model = fit_purchases(histories(2000, seed=4, a=0.2, b=0.5))
    assert model.params["a"] + model.params["b"] < 1
    newest = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [1.0]})

    over_time = model.expected_by(newest, np.array([1.0, 30.0, 365.0])).iloc[0].to_numpy()

    assert (np.diff(over_time) > 0).all()
    assert np.isfinite(over_time).all()


@pytest.mark.parametrize("point", [[0.2, 1.5, -0.2, 0.9], [-1.4, 1.5, -0.2, 0.9], [0.1, 0.1, 0.1, 0.1]])
def test_the_gradients_are_those_of_the_likelihoods(histories, point):
    table = histories(300, seed=5)
    weights = np.random.default_rng(0).integers(1, 5, len(table)).astype(float)
    columns = [table[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    purchases = likelihoods.bg_nbd(*columns[:1], columns[1] / 100, columns[2] / 100, weights)
    again = (table["frequency"] > 0).to_numpy()
    spend = likelihoods.gamma_gamma(columns[0][again], table["monetary_value"].to_numpy()[again] / 100, weights[again])

    for function, at in ((purchases, np.array(point)), (spend, np.array(point[:3]))):
        assert check_grad(lambda x, f=function: f(x)[0], lambda x, f=function: f(x)[1], at) < 1e-5


def test_weights_stand_for_repeated_rows():
    x, t_x, age = np.array([0.0, 2.0, 5.0]), np.array([0.0, 3.0, 9.0]), np.array([4.0, 5.0, 10.0])
    times = np.array([3, 1, 2])
    at = np.zeros(4)

    weighted = likelihoods.bg_nbd(x, t_x, age, times.astype(float))(at)
    repeated = likelihoods.bg_nbd(*(np.repeat(column, times) for column in (x, t_x, age)), np.ones(6))(at)

    assert weighted[0] == pytest.approx(repeated[0])
    np.testing.assert_allclose(weighted[1], repeated[1])


def test_all_customers_with_one_order_cannot_be_fitted():
    once = pd.DataFrame({"frequency": 0, "recency": 0.0, "T": np.arange(100.0), "monetary_value": np.nan})

    with pytest.raises(NothingToAnalyse, match="BG/NBD: 0 of 100 customers came back"):
        fit_purchases(once)
    with pytest.raises(NothingToAnalyse, match="Gamma-Gamma: 0 customers"):
        fit_spend(once)
    with pytest.raises(NothingToAnalyse, match="too few"):
        spend_independence(once)


def test_one_customer_cannot_be_fitted():
    one = pd.DataFrame({"frequency": [7], "recency": [60.0], "T": [70.0], "monetary_value": [50.0]})

    with pytest.raises(NothingToAnalyse, match="1 of 1 customers came back, a fit needs 30"):
        fit_purchases(one)


@pytest.mark.parametrize("seed", range(4))
def test_a_shop_that_nobody_leaves_is_named_and_not_reported(seed):
    rng = np.random.default_rng(seed)
    times = [np.sort(rng.uniform(0, 300, n)) for n in rng.poisson(rng.gamma(2.0, 3.0, 2000))]
    last = [times_of_one[-1] if len(times_of_one) else 0.0 for times_of_one in times]
    never_leave = pd.DataFrame({"frequency": [len(one) for one in times], "recency": last, "T": 300.0})

    with pytest.raises(FitFailed, match=r"BG/NBD: parameter [ab] .*take a longer period"):
        fit_purchases(never_leave)


def test_customers_who_are_all_alike_are_named_and_not_reported():
    rng = np.random.default_rng(2)
    counts = rng.poisson(5.0, 3000)
    alike = pd.DataFrame(
        {"frequency": counts, "monetary_value": [rng.gamma(4.0 * n) / n if n else np.nan for n in counts]}
    )

    with pytest.raises(FitFailed, match=r"Gamma-Gamma: parameter . ran away.*take a longer period"):
        fit_spend(alike)


def test_a_few_huge_orders_are_named():
    rng = np.random.default_rng(3)
    heavy = pd.DataFrame({"frequency": 1, "monetary_value": 10 * (1 + rng.pareto(0.6, 3000))})

    with pytest.raises(FitFailed, match="Gamma-Gamma"):
        fit_spend(heavy)


def test_a_fit_that_does_not_converge_says_so_in_one_line(cdnow_weeks, monkeypatch):
    def lost(*_):
        return lambda at: (float("nan"), np.full(len(at), np.nan))

    monkeypatch.setattr(likelihoods, "bg_nbd", lost)
    with (
        pytest.raises(FitFailed, match=r"BG/NBD: the fit to .* histories did not converge") as caught,
        contextlib.redirect_stdout(io.StringIO()) as out,
    ):
        fit_purchases(cdnow_weeks)
    assert "\n" not in str(caught.value)
    assert not out.getvalue()


def test_importing_the_models_leaves_pandas_and_the_warnings_as_they_were():
    program = """
import warnings, pandas as pd, scipy.stats, scipy.optimize, scipy.special, statsmodels.stats.rates
warnings.simplefilter("ignore")
def state():
    return list(warnings.filters), pd.options.mode.chained_assignment
before = state()
import crm_course.analysis.value.customer_value
assert state() == before, (before, state())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_expected_spend_lies_between_the_own_mean_and_everyones(cdnow_weeks):
    model = fit_spend(cdnow_weeks)
    again = cdnow_weeks[cdnow_weeks["monetary_value"] > 0]
    spend = model.expected_spend(again)
    low, high = (
        np.minimum(again["monetary_value"], model.population_mean),
        np.maximum(again["monetary_value"], model.population_mean),
    )

    assert spend.between(low - 1e-9, high + 1e-9).all()
    assert model.expected_spend(cdnow_weeks)[cdnow_weeks["frequency"] == 0].eq(model.population_mean).all()


def test_probability_alive_falls_with_silence(cdnow_weeks):
    model = fit_purchases(cdnow_weeks)
    silent_for = pd.DataFrame({"frequency": 3, "recency": [30.0, 20.0, 10.0], "T": 38.0})

    assert (model.probability_alive(silent_for).diff().dropna() < 0).all()


def test_a_later_margin_counts_for_less():
    ahead = pd.DataFrame([[1.0, 2.0]], index=["ann"])

    value = lifetime_value(ahead, pd.Series([100.0], index=["ann"]), 0.5, 0.1)

    assert value["ann"] == pytest.approx(50 / 1.1 + 50 / 1.1**2)
