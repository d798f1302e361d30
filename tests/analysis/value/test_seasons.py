from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crm_course.analysis.value import seasons
from crm_course.errors import NothingToAnalyse

START, TODAY, END = pd.Timestamp("2022-01-01"), pd.Timestamp("2024-12-31"), pd.Timestamp("2025-12-31")
BUSY, QUIET = 2.0, 0.5


def calendar():
    days = pd.date_range(START, END, unit="us")
    season = pd.Series(pd.NA, days, dtype="object")
    season[days.month == 12] = "christmas"
    season[(days.month == 3) | (days.month == 4)] = "after the festival"
    return pd.DataFrame({"day": days, "season": season.to_numpy()})


NO_CALENDAR = calendar().iloc[:0]


def seasonal_purchases(customers, seed):
    """Draw steady buyers in a time that runs twice as fast in December and half as fast in spring."""
    rng = np.random.default_rng(seed)
    speed = calendar()["season"].map({"christmas": BUSY, "after the festival": QUIET}).fillna(1.0).to_numpy(float)
    passed = np.concatenate([[0.0], np.cumsum(speed)])
    length = (TODAY - START).days + 1
    growing = (length * np.sqrt(rng.random(customers))).astype(int)
    parts = []
    for who, first in enumerate(growing):
        gaps = rng.exponential(1 / rng.gamma(2.0, 1 / 100), rng.geometric(rng.beta(1.0, 8.0)))
        times = passed[first] + 0.5 + np.cumsum(gaps)
        days = np.floor(np.interp(times, passed, np.arange(len(passed)))).astype(int)
        parts += [(f"c{who:05d}", day) for day in [first, *days[days < length]]]
    table = pd.DataFrame(parts, columns=["customer_id", "day"])
    day = (START + pd.to_timedelta(table["day"], unit="D")).dt.as_unit("us")
    return pd.DataFrame({"customer_id": table["customer_id"], "day": day, "net_amount": 100.0})


@pytest.fixture(scope="module")
def purchases():
    return seasonal_purchases(4000, seed=1)


@pytest.fixture(scope="module")
def fitted(purchases):
    season = seasons.season_of_days(calendar(), START, END)
    return seasons.fit_with_season(purchases, TODAY, season), season


def test_the_index_finds_the_planted_season_although_the_shop_grows(fitted):
    season = fitted[1]
    planted = pd.Series({"christmas": BUSY, "after the festival": QUIET, seasons.ORDINARY: 1.0})
    planted /= season.map(planted).mean()
    found = [seasons.fit_with_season(seasonal_purchases(4000, seed), TODAY, season).index for seed in (2, 3, 4)]
    found.append(fitted[0].index)

    mean = sum(index["index"] for index in found) / len(found)
    inside = [(index["low"] < planted[index.index]) & (index["high"] > planted[index.index]) for index in found]

    assert mean.to_dict() == pytest.approx(planted.to_dict(), rel=0.03)
    assert sum(one.sum() for one in inside) >= 10  # of 12


def test_raw_counts_would_have_shown_the_growth_and_not_the_season(purchases):
    """The naive index, monthly sales against their mean, is far off: that is why growth is taken out."""
    by_month = purchases["day"].dt.month.value_counts()

    assert by_month[12] / by_month.mean() > 1.15 * BUSY


def test_a_year_has_about_365_operational_days(fitted):
    clock = fitted[0].clock

    assert clock["2025-12-31"] - clock["2024-12-31"] == pytest.approx(365, rel=0.02)
    assert (clock.diff().dropna() > 0).all()


def test_operational_time_recovers_the_parameters(fitted):
    interval = fitted[0].model.intervals(0.99)

    assert interval.loc["r", "low"] < 2.0 < interval.loc["r", "high"]
    assert interval.loc["b", "low"] < 8.0 < interval.loc["b", "high"]


def test_with_less_than_two_years_calendar_time_is_used_and_said():
    purchases = seasonal_purchases(1500, seed=2)
    short = purchases[purchases["day"] >= pd.Timestamp("2023-06-01")]
    season = seasons.season_of_days(NO_CALENDAR, pd.Timestamp("2023-06-01"), END)

    fit = seasons.fit_with_season(short, TODAY, season)

    assert "less than two years" in fit.note
    assert fit.index.empty
    assert fit.clock.diff().dropna().eq(1.0).all()
    assert fit.time == "calendar time"


def test_a_hold_out_without_a_season_has_not_tested_a_model_with_one(fitted):
    season_fit = fitted[0]
    without = replace(season_fit, note="less than two years")

    assert season_fit.tested_by(season_fit) == "The hold-out tested a model of this kind, in operational time."
    assert "the model used from here on was not tested" in season_fit.tested_by(without)


def test_without_a_calendar_the_months_are_the_seasons():
    season = seasons.season_of_days(NO_CALENDAR, pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01"))

    assert season.tolist() == ["Jan", "Feb"]


def test_days_beyond_the_calendar_fall_back_to_the_month():
    season = seasons.season_of_days(calendar(), END, END + pd.Timedelta(days=1))

    assert season.tolist() == ["christmas", "Jan"]


def test_a_season_with_few_purchases_keeps_the_index_one():
    days = pd.date_range("2024-01-01", periods=40)
    season = pd.Series(["rare"] * 2 + ["usual"] * 38, days)

    index = seasons.seasonal_index(pd.Series([9, 9] + [2] * 38, days), pd.Series(2.0, days), season)

    assert index.loc["rare", "index"] == pytest.approx(index.loc["usual", "index"])
    assert np.isnan(index.loc["rare", "low"])


def test_the_horizons_are_month_ends_in_operational_days(fitted):
    horizons = fitted[0].horizons(TODAY, 12)

    assert len(horizons) == 12
    assert np.diff(horizons, prepend=0)[11] > 1.5 * np.diff(horizons, prepend=0)[0]


def test_who_was_seen_before_the_data_start_is_no_newcomer():
    table = pd.DataFrame({"frequency": [1, 1, 1]}, index=["early", "new", "unheard of"])
    first_seen = pd.Series({"early": pd.Timestamp("2021-12-31"), "new": START})

    assert seasons.newcomers(table, first_seen, START).tolist() == [False, True, False]


def test_no_orders_end_in_one_line():
    empty = pd.DataFrame(
        {
            "customer_id": pd.Series(dtype=str),
            "day": pd.to_datetime(pd.Series(dtype=str)),
            "net_amount": 0.0,
        }
    )

    with pytest.raises(NothingToAnalyse, match="choose a later as_of"):
        seasons.fit_with_season(empty, TODAY, seasons.season_of_days(NO_CALENDAR, START, END))
