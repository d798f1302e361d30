"""The chapter on stores that lack something: one line each, the rest is done, nothing is lost."""

import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pytest
import shop_exports
from chapter_runs import run, texts, told

from crm_course.tables.imports.importing import import_export
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.writing import write_store
from crm_course.tables.store import open_store

CHAPTER = "04_share_of_wallet"
QUICK = {"draws": 20}
INFO = StoreInfo(
    name="Corner shop", currency="HKD", time_zone="Asia/Hong_Kong", as_of=dt.date(2025, 12, 31), source="a test"
)


@pytest.fixture
def without(tmp_path, demo):
    """Make a copy of the demo store without some tables, and without its truth."""

    def make(*names):
        folder = tmp_path / "less"
        shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("truth", *(f"{name}.parquet" for name in names)))
        return folder

    return make


def test_on_the_demo_store_every_estimate_has_its_truth_beside_it(shown):
    assert shown["share_low"] < shown["true_share"] < shown["share_high"]
    assert 0 <= shown["bound_share_low"] < shown["true_share"] < shown["bound_share_high"] == 1
    assert shown["rank_imputed"] > shown["rank_own_sales"]
    assert shown["planted_found"] >= 4 / 6 and shown["false_pairs"] <= 1
    assert shown["truths_inside"] >= 4 / 6
    assert 0 < shown["elsewhere_one_or_two"] < shown["elsewhere"]
    assert shown["invited"] * 3.0 == shown["cost"] <= min(shown["value"], 300)
    assert shown["break_even"] * shown["value"] == pytest.approx(0.5 * shown["cost"], rel=1e-6)


def test_without_a_survey_only_bounds_are_left_and_rules_and_forecast_go_on(tmp_path, without):
    outcome = run(CHAPTER, without("wallet"), tmp_path, **QUICK)

    assert told(outcome) == []
    assert "has no table `wallet`: the survey (only bounds remain) is left out" in texts(outcome)
    assert "Left out: Jade Mirror Beauty has no table `wallet`." in texts(outcome)
    assert {"bound_share_low", "rules", "hits_one", "may_be_invited"} <= set(outcome.figures)
    assert not {"share", "stake", "invited"} & set(outcome.figures)


@pytest.mark.long
def test_without_consents_and_messages_the_list_is_called_a_draft(tmp_path, without):
    outcome = run(CHAPTER, without("consents", "messages", "returns"), tmp_path, **QUICK)

    assert told(outcome) == []
    assert "Nobody knows the truth about Jade Mirror Beauty: every look at the true wallets is left out" in texts(
        outcome
    )
    assert not {"true_share", "elsewhere_error", "planted_found", "prize_our_list"} & set(outcome.figures)
    assert "the check of consent (the list is a draft) is left out" in texts(outcome)
    assert "the check of how often we write is left out" in texts(outcome)
    assert outcome.figures["invited"] > 0


@pytest.mark.long
def test_where_consent_cannot_be_checked_because_of_a_slip_there_is_no_list(tmp_path, demo):
    outcome = run(CHAPTER, demo, tmp_path, **QUICK, channel="e-mail")

    (problem,) = told(outcome)
    assert "channel 'e-mail': nobody was asked for marketing by it" in problem
    assert not {"may_be_invited", "invited", "value"} & set(outcome.figures)


@pytest.mark.long
def test_where_no_invitation_earns_its_cost_the_chapter_says_write_to_nobody(tmp_path, without):
    outcome = run(CHAPTER, without(), tmp_path, **QUICK, invitation_cost=9_999.0)

    assert told(outcome) == []
    assert "No invitation that may be sent earns what it costs: write to nobody" in texts(outcome)
    assert not {"invited", "value", "break_even"} & set(outcome.figures)


@pytest.mark.long
def test_an_earlier_as_of_knows_no_later_survey_and_no_truth(tmp_path, demo):
    outcome = run(CHAPTER, demo, tmp_path, **QUICK, as_of="2024-06-30")

    problems = told(outcome)
    assert any("wallet: no wave asks about a year of which the orders are known" in line for line in problems)
    assert "bound_share_low" in outcome.figures and "true_share" not in outcome.figures


@pytest.mark.long
def test_too_few_answers_cost_the_survey_alone(tmp_path, without):
    folder = without()
    wallet = pd.read_parquet(folder / "wallet.parquet")
    few = wallet["customer_id"].unique()[-15:]
    wallet[wallet["customer_id"].isin(few)].to_parquet(folder / "wallet.parquet")

    outcome = run(CHAPTER, folder, tmp_path, **QUICK)

    (problem,) = [line for line in told(outcome) if "customers answered, a fit needs 30" in line]
    assert "until then use bounds" in problem
    assert {"bound_share_low", "rules", "hits_one", "may_be_invited"} <= set(outcome.figures)


def test_cdnow_runs_to_its_end_and_names_what_it_lacks(tmp_path, cdnow):
    outcome = run(CHAPTER, cdnow, tmp_path, **QUICK)

    assert told(outcome) == []
    for table in ("products", "wallet", "consents", "messages"):
        assert f"CDNOW has no table `{table}`" in texts(outcome)
    assert outcome.figures["customers"] > 0
    assert "one_category" not in outcome.figures  # nobody knows from how many she bought
    assert 0 < outcome.figures["bound_share_low"] < 1


@pytest.mark.long
def test_a_shop_with_products_and_nothing_else(tmp_path):
    rng = np.random.default_rng(3)
    count = 3000
    who, day = rng.integers(0, 300, count), rng.integers(0, 1095, count)
    number = pd.Series([f"{i:05d}" for i in range(count)])
    moment = pd.Timestamp("2023-01-01 04:00", tz="UTC") + pd.to_timedelta(day, unit="D")
    orders = pd.DataFrame({"order_id": "O" + number, "customer_id": [f"c{i}" for i in who], "ordered_at": moment})
    goods = [f"P{i}" for i in range(8)]
    lines = pd.DataFrame(
        {
            "line_id": "L" + number,
            "order_id": "O" + number,
            "product_id": rng.choice(goods, count),
            "quantity": 1,
            "unit_price": 50.0,
            "discount": 0.0,
            "amount": 50.0,
        }
    )
    products = pd.DataFrame({"product_id": goods, "name": goods, "category": list("aabbccdd")})
    first = orders.groupby("customer_id")["ordered_at"].min().rename("first_seen_at").reset_index()
    tables = {"customers": first.assign(account=False), "orders": orders, "order_lines": lines, "products": products}
    write_store(tmp_path / "shop", INFO, tables)

    outcome = run(CHAPTER, tmp_path / "shop", tmp_path, **QUICK)

    problems = told(outcome)  # one line an order: nothing is ever bought together
    assert {"bound_share_low", "hits_one"} <= set(outcome.figures)
    assert all("order" in line or "pair" in line for line in problems)


@pytest.mark.long
def test_an_imported_export_runs_to_its_end(tmp_path, demo):
    export = shop_exports.shopify(open_store(demo), tmp_path / "orders.csv")
    import_export([export], "shopify_orders", tmp_path / "imported")

    outcome = run(CHAPTER, tmp_path / "imported", tmp_path, **QUICK, margin_rate=0.4)

    (problem,) = told(outcome)
    assert "everybody bought every category; there is no next one" in problem  # the export names no category
    assert "has no table `wallet`" in texts(outcome)
    assert "bound_share_low" in outcome.figures
