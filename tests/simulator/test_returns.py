"""Goods come back because somebody changed her mind, or because of a fault that is there."""

import pytest

from crm_course import open_store
from crm_course.errors import WrongCall
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import read_settings
from crm_course.simulator.simulation import simulate


@pytest.fixture(scope="module")
def store(made):
    return made("beauty", customers=4700, seed=5)


@pytest.fixture(scope="module")
def back(store):
    """Every return with its order, its product and the faults of the line that were there."""
    lines = store.table("order_lines")[["line_id", "order_id", "product_id"]]
    faults = store.truth("failures").query("kind in ['defect', 'wrong item']")
    faults = faults.drop_duplicates(["order_id", "product_id", "kind"])
    kinds = faults.groupby(["order_id", "product_id"], observed=True)["kind"].agg(lambda kinds: set(map(str, kinds)))
    table = store.table("returns").merge(lines, on="line_id").merge(store.table("orders"), on="order_id")
    return table.merge(kinds.rename("faults").reset_index(), on=["order_id", "product_id"], how="left")


@pytest.mark.parametrize(("reason", "kind"), [("defective", "defect"), ("wrong item", "wrong item")])
def test_what_comes_back_for_a_fault_has_it(back, reason, kind):
    faulty = back[back["reason"] == reason]

    assert len(faulty) > 20
    assert faulty["faults"].map(lambda faults: kind in faults).all()


def test_what_comes_back_for_being_late_was_late(back):
    late = back[back["reason"] == "late"]

    assert len(late) > 5
    assert (late["delivered_at"] > late["promised_at"]).all()


def test_defective_goods_are_not_sold_again(back):
    assert not back.loc[back["reason"] == "defective", "restocked"].any()
    assert back.loc[back["reason"] == "changed mind", "restocked"].mean() > 0.1


def test_nobody_is_paid_twice_for_one_fault(store, back):
    """A complaint that was settled by money or another unit, and goods brought back for it: one or the other."""
    settled = store.table("complaints").query("outcome in ['refund', 'replacement']")
    both = back[back["reason"].isin(["defective", "wrong item"])].merge(settled, on=["order_id", "product_id"])

    fault = both["reason"].astype("str").map({"defective": "defect", "wrong item": "wrong item"})
    assert not (both["category"].astype("str") == fault).any()


def test_bad_products_come_back_more_often(store, back):
    sold = store.table("order_lines").groupby("product_id")["quantity"].sum()
    faulty = back[back["reason"] == "defective"].groupby("product_id")["quantity"].sum().reindex(sold.index).fillna(0)
    planted = store.truth("products").set_index("product_id")["planted"]

    assert faulty[planted].sum() / sold[planted].sum() > 2 * faulty[~planted].sum() / sold[~planted].sum()


def own(folder, reasons):
    """Write a scenario like beauty, in which no fault brings goods back."""
    text = f'like = "beauty"\n[returns]\ndays_shape = 2.5\nreasons = {reasons}\n'
    (folder / "own.toml").write_text(text)
    return folder / "own.toml"


def test_without_faulty_goods_brought_back_there_is_no_such_reason(tmp_path):
    simulate(tmp_path / "store", own(tmp_path, '{ "changed mind" = 1, late = 1 }'), customers=300, seed=3)

    reasons = open_store(tmp_path / "store").table("returns")["reason"]
    assert set(reasons.astype("str")) <= {"changed mind", "late"}


def test_a_fault_is_no_reason_that_a_scenario_may_name(tmp_path):
    with pytest.raises(WrongCall, match="'defective' is not one of changed mind, late, other"):
        read_settings(Scenario, own(tmp_path, "{ defective = 1 }"))
