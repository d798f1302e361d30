"""What holds in every store, whatever its seed, size and length."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm_course import open_store
from crm_course.simulator.simulation import simulate
from crm_course.tables.schemas import SCHEMAS

SCENARIOS = ["beauty", "electronics", "fashion", "grocery", "plain"]


def cents(amount):
    return np.rint(amount * 100).astype("int64")


def after_the_end(store):
    """First moment after the data."""
    return (store.as_of + pd.Timedelta(days=1)).tz_localize(store.time_zone)


def every_table_is_what_its_schema_says(store):
    for name in SCHEMAS:
        if store.has(name):
            store.table(name)


def every_reference_is_known(store):
    customers, orders, lines = store.table("customers"), store.table("orders"), store.table("order_lines")
    assert orders["customer_id"].isin(customers["customer_id"]).all()
    assert orders["store_id"].isin(store.table("stores")["store_id"]).all()
    assert orders["promotion_id"].dropna().isin(store.table("promotions")["promotion_id"]).all()
    assert set(lines["order_id"]) == set(orders["order_id"])
    assert lines["product_id"].isin(store.table("products")["product_id"]).all()
    assert not lines.duplicated(["order_id", "product_id"]).any()


def every_line_adds_up(store):
    lines = store.table("order_lines")
    gross = lines["quantity"] * cents(lines["unit_price"])
    assert (cents(lines["amount"]) == gross - cents(lines["discount"])).all()


def a_discount_is_its_promotions(store):
    lines = store.table("order_lines").merge(store.table("orders"), on="order_id")
    rate = lines.merge(store.table("promotions"), on="promotion_id", how="left")["discount_y"].fillna(0)
    expected = np.rint(lines["quantity"] * cents(lines["unit_price"]) * rate)
    assert (cents(lines["discount"]) == expected).all()


def a_promotion_runs_where_and_when_it_is_used(store):
    orders = store.table("orders").merge(store.table("promotions"), on="promotion_id")
    day = orders["ordered_at"].dt.tz_convert(store.time_zone).dt.tz_localize(None).dt.normalize()
    assert day.between(orders["starts_on"], orders["ends_on"]).all()
    assert all(shop in shops.split() for shop, shops in zip(orders["store_id"], orders["store_ids"], strict=True))


def no_more_comes_back_than_was_bought(store):
    lines = store.table("order_lines").merge(store.table("orders"), on="order_id")
    returns = store.table("returns").merge(lines, on="line_id", suffixes=("", "_bought"))
    assert len(returns) == len(store.table("returns"))
    assert returns["line_id"].is_unique
    assert (returns["quantity"] <= returns["quantity_bought"]).all()
    assert (cents(returns["amount"]) <= cents(returns["amount_bought"])).all()
    wait = returns["returned_at"] - returns["delivered_at"]
    assert wait.between(pd.Timedelta(0), pd.Timedelta(days=30)).all()


def times_are_in_order_and_in_the_data(store):
    orders, end = store.table("orders"), after_the_end(store)
    customers = store.table("customers").set_index("customer_id")
    assert (orders["ordered_at"] >= orders["customer_id"].map(customers["first_seen_at"])).all()
    assert (orders["delivered_at"].dropna() >= orders.loc[orders["delivered_at"].notna(), "ordered_at"]).all()
    carried = orders["collection"] == "carry-out"
    assert orders.loc[carried, "promised_at"].isna().all()
    assert (orders.loc[carried, "delivered_at"] == orders.loc[carried, "ordered_at"]).all()
    assert orders["delivery_fee"].isna().eq(carried).all()
    moments = [customers["first_seen_at"], orders["ordered_at"], orders["delivered_at"]]
    moments += [store.table("returns")["returned_at"], store.table("invoices")["paid_at"]]
    moments += [store.table("consents")["recorded_at"]]
    assert all((moment.dropna() < end).all() for moment in moments)
    assert orders["order_id"].is_monotonic_increasing
    assert orders["ordered_at"].is_monotonic_increasing


def nobody_buys_after_she_left(store):
    orders = store.table("orders")
    truth = store.truth("customers").set_index("customer_id")
    assert list(truth.index) == list(store.table("customers")["customer_id"])
    assert (truth["left_at"].isna() == truth["active"]).all()
    left = orders["customer_id"].map(truth["left_at"])
    assert (orders["ordered_at"] <= left)[left.notna()].all()
    gone = truth[~truth["active"]]
    future = ["expected_purchases_12m", "expected_margin_12m", "realised_purchases_12m", "realised_margin_12m"]
    assert (gone[future] == 0).all(axis=None)


def who_buys_on_account_is_invoiced_to_the_cent(store):
    orders = store.table("orders")
    on_account = store.table("customers").query("account")["customer_id"]
    owed = store.table("order_lines").groupby("order_id")["amount"].sum()
    invoices = store.table("invoices").set_index("order_id")
    assert set(invoices.index) == set(orders.loc[orders["customer_id"].isin(on_account), "order_id"])
    assert (orders["payment"].eq("account") == orders["customer_id"].isin(on_account)).all()
    assert (cents(invoices["amount"]) == cents(owed.reindex(invoices.index))).all()
    assert (invoices["due_at"] - invoices["issued_at"] == pd.Timedelta(days=30)).all()
    assert (invoices["paid_at"].dropna() >= invoices.loc[invoices["paid_at"].notna(), "issued_at"]).all()


def consent_is_given_or_withdrawn_after_the_first_visit(store):
    consents = store.table("consents").merge(store.table("customers"), on="customer_id")
    assert len(consents) == len(store.table("consents"))
    assert (consents["recorded_at"] >= consents["first_seen_at"]).all()
    assert consents["customer_id"].is_monotonic_increasing
    choices = consents.sort_values(["customer_id", "purpose", "channel", "recorded_at"])
    before = choices.groupby(["customer_id", "purpose", "channel"], observed=True)["granted"].shift()
    assert not (choices["granted"] == before).any()  # nobody says the same again


def a_visit_is_somebodys_and_its_order_too(store):
    if not store.has("sessions"):
        return
    sessions, orders = store.table("sessions"), store.table("orders").set_index("order_id")
    ended = sessions.dropna(subset="order_id")
    assert ended["order_id"].is_unique
    assert (orders["customer_id"].reindex(ended["order_id"]).to_numpy() == ended["customer_id"].to_numpy()).all()
    assert sessions["started_at"].is_monotonic_increasing
    assert (sessions["started_at"] < after_the_end(store)).all()
    assert (sessions["chat_offered"] | ~sessions["chat_used"]).all()
    assert set(store.truth("sessions")["session_id"]) == set(sessions["session_id"])


LAWS = [
    every_table_is_what_its_schema_says,
    every_reference_is_known,
    every_line_adds_up,
    a_discount_is_its_promotions,
    a_promotion_runs_where_and_when_it_is_used,
    no_more_comes_back_than_was_bought,
    times_are_in_order_and_in_the_data,
    nobody_buys_after_she_left,
    who_buys_on_account_is_invoiced_to_the_cent,
    consent_is_given_or_withdrawn_after_the_first_visit,
    a_visit_is_somebodys_and_its_order_too,
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_in_this_store(law, scenario, made):
    law(made(scenario, customers=400 if scenario == "grocery" else 1500, seed=11))


any_store = given(
    scenario=some.sampled_from(SCENARIOS),
    customers=some.integers(1, 60),
    seed=some.integers(0, 2**128 - 1),
    months=some.integers(1, 60),
    policies=some.sampled_from([("usual", "usual"), ("usual", "none"), ("none", "none")]),
)


@any_store
@settings(max_examples=3, deadline=None)
def test_in_any_store(**parameters):
    hold(**parameters)


@pytest.mark.long
@any_store
@settings(max_examples=60, deadline=None)
def test_in_many_stores(**parameters):
    hold(**parameters)


def hold(scenario, customers, seed, months, policies):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        policy, ahead = policies
        rows = simulate(path, scenario, customers=customers, seed=seed, months=months, policy=policy, ahead=ahead)
        store = open_store(path)
        assert rows == {name: len(store.table(name)) for name in rows}
        for law in LAWS:
            law(store)


def test_history_is_as_long_as_asked(made):
    store = made("beauty", customers=400, seed=2, months=14)
    days = store.table("orders")["ordered_at"].dt.tz_convert(store.time_zone)

    assert days.min() >= pd.Timestamp("2024-11-01", tz=store.time_zone)
    assert days.min() < pd.Timestamp("2024-11-10", tz=store.time_zone)
    assert days.max() > pd.Timestamp("2025-12-28", tz=store.time_zone)


def test_customers_of_the_run_in_are_kept_without_an_order(beauty):
    customers = beauty.table("customers")
    silent = customers[~customers["customer_id"].isin(beauty.table("orders")["customer_id"])]

    assert len(silent) > 100
    assert (silent["first_seen_at"] < pd.Timestamp("2023-01-01", tz=beauty.time_zone)).all()


def test_shops_open_at_ten_and_close_at_ten(beauty):
    orders = beauty.table("orders")
    hour = orders["ordered_at"].dt.tz_convert(beauty.time_zone).dt.hour

    assert hour[orders["channel"] == "shop"].between(10, 21).all()
    assert set(hour[orders["channel"] == "web"]) == set(range(24))


def test_plain_is_one_product_without_discount_return_or_account(plain):
    lines = plain.table("order_lines")

    assert list(plain.table("products")["name"]) == ["Assorted goods"]
    assert (lines["quantity"] == 1).all()
    assert (lines["amount"] == lines["unit_price"]).all()
    assert np.allclose(lines["unit_cost"], 0.55 * lines["unit_price"], atol=0.005001)
    assert plain.table("returns").empty
    assert plain.table("invoices").empty
    assert plain.table("promotions").empty
    assert plain.table("calendar")["season"].isna().all()
