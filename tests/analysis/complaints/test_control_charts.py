"""Control charts: limits by hand, false alarms of the plain ones, and how soon a change is seen."""

import numpy as np
import pandas as pd
import pytest

from crm_course.analysis.complaints.control_charts import (
    counts_chart,
    detection,
    direction,
    monthly_rates,
    trend,
    u_chart,
)
from crm_course.errors import NothingToAnalyse


def periods(seed, number=36, exposure=20_000, rate=0.01, extra=0.0, grows=1.0):
    """Draw periods; `extra` is the spread of the rate from one to the next beyond chance."""
    dice = np.random.default_rng(seed)
    exposed = (exposure * np.linspace(1, grows, number)).round()
    rates = rate * np.exp(extra * dice.standard_normal(number) - extra**2 / 2)
    return pd.DataFrame({"events": dice.poisson(rates * exposed), "exposure": exposed})


def test_the_limits_are_those_of_laney_by_hand():
    table = pd.DataFrame({"events": [9, 4, 1, 17, 0, 8, 9, 2], "exposure": [100, 200] * 4})
    chart = u_chart(table)

    centre = 50 / 1200
    sigma = np.sqrt(centre / table["exposure"])
    z = (table["events"] / table["exposure"] - centre) / sigma
    sigma_z = np.abs(np.diff(z)).mean() / 1.128
    assert chart["centre"].iloc[0] == pytest.approx(1_000 * centre)
    assert chart["sigma_z"].iloc[0] == pytest.approx(sigma_z)
    assert sigma_z > 1
    assert chart["high"].tolist() == pytest.approx((1_000 * (centre + 3 * sigma * sigma_z)).tolist())
    assert chart["u_high"].tolist() == pytest.approx((1_000 * (centre + 3 * sigma)).tolist())
    assert (chart["low"] >= 0).all()


def test_much_sold_and_ordinary_variation_make_the_plain_limits_cry_wolf():
    charts = [u_chart(periods(seed, extra=0.25)) for seed in range(20)]

    assert np.mean([chart["u_out"].sum() for chart in charts]) > 4
    assert np.mean([chart["out"].sum() for chart in charts]) < 0.6


def test_without_extra_variation_both_limits_agree():
    sigma_z = [u_chart(periods(seed))["sigma_z"].iloc[0] for seed in range(20)]

    assert np.mean(sigma_z) == pytest.approx(1.0, abs=0.08)


def test_months_more_alike_than_chance_do_not_narrow_the_limits():
    chart = u_chart(pd.DataFrame({"events": [10, 11] * 8, "exposure": 1_000}))

    assert (chart["sigma_z"] < 0.5).all()
    assert chart["high"].equals(chart["u_high"]) and chart["low"].equals(chart["u_low"])


def test_a_growing_shop_is_no_alarm_by_rate_and_one_by_count():
    tables = [periods(seed, exposure=3_000, grows=4.0) for seed in range(12)]

    assert np.mean([counts_chart(table)["out"].sum() for table in tables]) > 3
    assert np.mean([u_chart(table)["out"].sum() for table in tables]) < 0.5


def test_a_real_change_is_seen_as_often_as_is_said():
    chart = u_chart(periods(1, exposure=800))
    told = detection(chart, (1.0, 2.0, 3.0))
    last, dice = chart.tail(12), np.random.default_rng(5)
    seen = dice.poisson(2 * last["centre"] / 1_000 * last["exposure"], (4_000, 12)) / last["exposure"].to_numpy()

    assert told.loc[2.0, "chance"] == pytest.approx((1_000 * seen > last["high"].to_numpy()).mean(), abs=0.02)
    assert told["chance"].is_monotonic_increasing and told.loc[1.0, "chance"] < 0.05
    assert told.loc[3.0, "periods"] == pytest.approx(1 / told.loc[3.0, "chance"])


def test_where_months_vary_more_than_by_chance_false_alarms_are_as_frequent_as_is_said():
    chart = u_chart(periods(1, exposure=20_000)).assign(sigma_z=2.5)
    centre, sigma = chart["centre"] / 1_000, np.sqrt(chart["centre"] / 1_000 / chart["exposure"])
    chart = chart.assign(low=1_000 * (centre - 7.5 * sigma), high=1_000 * (centre + 7.5 * sigma))
    mean, dice = (centre * chart["exposure"]).tail(12).to_numpy(), np.random.default_rng(5)
    counts = dice.poisson(dice.gamma(mean / 5.25, 5.25, (40_000, 12)))  # variance: 2.5 squared times the mean
    rates = 1_000 * counts / chart["exposure"].tail(12).to_numpy()
    last = chart.tail(12)
    outside = ((rates > last["high"].to_numpy()) | (rates < last["low"].to_numpy())).mean()

    told = detection(chart, (1.0,)).loc[1.0]

    assert told["chance"] == pytest.approx(outside, rel=0.15)
    assert 100 < told["periods"] < 1_000


def test_a_month_below_the_limits_is_outside_too():
    chart = u_chart(periods(1, exposure=20_000))

    assert detection(chart, (0.1,)).loc[0.1, "chance"] > 0.99


def test_the_trend_is_found_and_its_interval_holds_as_often_as_it_says():
    years = np.arange(36) / 12
    held, grown = [], []
    for seed in range(60):
        dice = np.random.default_rng(seed)
        months = pd.date_range("2023-01-01", periods=36, freq="MS")
        rate = 0.01 * np.exp(0.25 * dice.standard_normal(36))  # more than chance
        flat = pd.DataFrame({"events": dice.poisson(20_000 * rate), "exposure": 20_000}, months)
        found = trend(u_chart(flat))
        held.append(found["low"] <= 1 <= found["high"])
        growing = flat.assign(events=dice.poisson(20_000 * rate * 1.5**years))
        grown.append(trend(u_chart(growing))["ratio"])

    assert np.mean(held) == pytest.approx(0.9, abs=0.1)
    assert np.mean(grown) == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(1.1, 1.4, "It is getting worse."), (0.7, 0.9, "It is getting better."), (0.9, 1.2, "these months cannot tell")],
)
def test_a_trend_is_called_worse_or_better_only_where_its_interval_is_clear_of_1(low, high, told):
    assert told in direction(pd.Series({"ratio": 1.05, "low": low, "high": high}))


@pytest.mark.parametrize("table", [periods(1).head(7), periods(1).assign(events=0), periods(1).assign(exposure=0)])
def test_too_little_for_a_chart_is_named(table):
    with pytest.raises(NothingToAnalyse, match="the least"):
        u_chart(table)


def test_a_complaint_belongs_to_the_month_of_its_unit_and_half_mature_months_are_left_out():
    days = pd.to_datetime(["2025-09-30", "2025-10-01", "2025-10-31", "2025-11-01", "2025-12-02"])
    units = pd.DataFrame({"day": days, "quantity": [1, 2, 3, 4, 5]})
    goods = pd.DataFrame({"delivered": days, "fate": ["counted", "counted", "made again", "counted", "unit too young"]})

    table = monthly_rates(goods, units, pd.Timestamp("2025-12-31"))

    assert table["exposure"].tolist() == [1, 5]
    assert table["events"].tolist() == [1, 1]
    assert table.index.strftime("%Y-%m").tolist() == ["2025-09", "2025-10"]
    assert len(monthly_rates(goods, units, pd.Timestamp("2026-01-29"))) == 3  # all of November is mature
