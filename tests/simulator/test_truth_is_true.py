"""What the truth promises is what the simulation does, within Monte-Carlo error."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1

from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import read_settings
from crm_course.simulator.world.season import festival_day, intensity


def standard_errors_off(difference):
    return difference.sum() / (difference.std() * len(difference) ** 0.5)


def expected_repeats(days, r, alpha, a, b):
    """BG/NBD, a new customer's purchases in `days` (Fader, Hardie and Lee 2005a, equation 9)."""
    left = (alpha / (alpha + days)) ** r * hyp2f1(r, b, a + b - 1, days / (alpha + days))
    return (a + b - 1) / (a - 1) * (1 - left)


@pytest.mark.parametrize("scenario", ["beauty", "electronics", "fashion", "plain"])
@pytest.mark.parametrize("what", ["purchases", "margin"])
def test_expected_is_an_unbiased_forecast_of_realised(made, scenario, what):
    truth = made(scenario, customers=20_000, seed=5).truth("customers")

    difference = truth[f"realised_{what}_12m"] - truth[f"expected_{what}_12m"]

    assert truth[f"realised_{what}_12m"].sum() > 0
    assert abs(standard_errors_off(difference)) < 3


def test_plain_repeats_as_bg_nbd_expects(made):
    store = made("plain", customers=20_000, seed=5)
    customers = store.table("customers").set_index("customer_id")
    end = (store.as_of + pd.Timedelta(days=1)).tz_localize(store.time_zone)
    days = (end - customers["first_seen_at"]) / pd.Timedelta(days=1)

    repeats = store.table("orders").groupby("customer_id").size().reindex(customers.index) - 1

    difference = repeats - expected_repeats(days, r=0.8, alpha=150, a=0.8, b=2.5)
    assert abs(standard_errors_off(difference)) < 3


def test_plain_spends_as_gamma_gamma_expects(made):
    store = made("plain", customers=20_000, seed=5)
    truth = store.truth("customers").set_index("customer_id")
    orders = store.table("orders").merge(store.table("order_lines"), on="order_id").groupby("customer_id")["amount"]

    mean, count = orders.mean(), orders.size()
    known = truth["spend_per_purchase"].reindex(mean.index)

    # an order's value has the standard deviation mean / sqrt(p) around its customer's mean, p = 6
    z = (mean - known) / (known / 6**0.5) * count**0.5
    assert abs(z.mean()) < 3 / len(z) ** 0.5
    assert z.std() == pytest.approx(1, abs=0.05)
    assert truth["spend_per_purchase"].mean() == pytest.approx(6 * 500 / (4 - 1), rel=0.05)


def test_a_purchase_brings_what_the_truth_says_where_no_promotion_changes_it(made):
    """Margin per purchase, customer by customer, in the twelve months beyond the data."""
    truth = made("beauty", customers=20_000, seed=5).truth("customers")
    bought = truth[truth["realised_purchases_12m"] > 0]

    difference = bought["realised_margin_12m"] - bought["realised_purchases_12m"] * bought["margin_per_purchase"]

    assert abs(standard_errors_off(difference)) < 3


def test_two_purchases_on_one_day_are_one_purchase_day(made):
    truth = made("beauty", customers=20_000, seed=5).truth("customers")

    assert (truth["realised_purchase_days_12m"] <= truth["realised_purchases_12m"]).all()
    assert (truth["realised_purchase_days_12m"] < truth["realised_purchases_12m"]).any()


def gini(values):
    ranked = np.sort(values)
    return 2 * np.sum(np.arange(1, len(ranked) + 1) * ranked) / (len(ranked) * ranked.sum()) - 1 - 1 / len(ranked)


def test_consumers_of_the_beauty_store_buy_as_people_in_shops_do(made):
    store = made("beauty", customers=20_000, seed=5)
    consumers = store.table("customers").query("~account")["customer_id"]
    orders = store.table("orders").query("customer_id in @consumers")
    spent = store.table("order_lines").groupby("order_id")["amount"].sum()
    visits = orders.assign(amount=orders["order_id"].map(spent)).groupby("customer_id")["amount"]
    count, mean, total = visits.size(), visits.mean(), visits.sum()

    assert (count > 1).mean() == pytest.approx(0.55, abs=0.07)
    assert 3 <= count.mean() <= 5
    assert 0.6 <= gini(total.to_numpy()) <= 0.7
    assert abs(count.corr(mean)) < 0.1
    assert 0.02 <= 1 - len(consumers) / 20_000 <= 0.03


@pytest.mark.parametrize(
    ("festival", "day"),
    [
        ("lunar_new_year", dt.date(2023, 1, 22)),  # a Sunday: only the days after it are public holidays
        ("lunar_new_year", dt.date(2025, 1, 29)),
        ("lunar_new_year", dt.date(2026, 2, 17)),
        ("mid_autumn", dt.date(2020, 10, 1)),
        ("mid_autumn", dt.date(2022, 9, 10)),  # the day after it is a Sunday
        ("mid_autumn", dt.date(2025, 10, 6)),
    ],
)
def test_lunar_festivals_fall_on_their_days(festival, day):
    assert festival_day(festival, day.year, "HK") == day


def test_the_calendar_names_the_seasons_and_reaches_two_years_ahead(beauty):
    calendar = beauty.table("calendar").set_index("day")

    assert calendar.loc["2025-01-28", "season"] == "lunar_new_year"
    assert calendar.loc["2025-01-29", "season"] == "after_lunar_new_year"
    assert calendar.loc["2025-10-05", "season"] == "mid_autumn"
    assert calendar.loc["2025-11-11", "season"] == "singles_day"
    assert calendar.loc["2025-11-12", "season"] == "after_singles_day"
    assert calendar.loc["2025-12-25", "season"] == "christmas"
    assert calendar.loc["2025-07-15", "season"] == "summer_sale"
    assert pd.isna(calendar.loc["2025-05-15", "season"])
    assert calendar.loc["2025-10-01", "public_holiday"]
    assert (str(calendar.index.min().date()), str(calendar.index.max().date())) == ("2021-01-01", "2027-12-31")


def test_a_day_is_one_operational_day_on_average_over_ten_years():
    scenario = read_settings(Scenario, "beauty")

    assert intensity(scenario, pd.date_range("2016-01-01", "2025-12-31")).mean() == pytest.approx(1)


def test_promotions_come_to_different_shops_at_different_times_and_are_planned_ahead(beauty):
    promotions = beauty.table("promotions")
    first, second = promotions[promotions["name"].str.startswith("Singles' Day 2025")]["store_ids"]

    assert not set(first.split()) & set(second.split())
    assert promotions["starts_on"].max() > pd.Timestamp("2026-12-01")
