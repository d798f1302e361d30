import numpy as np
import pandas as pd
import pytest

from crm_course.tables.storage.sold import EVERYTHING, purchases, sold_lines

ORDERS = pd.DataFrame(
    {
        "order_id": ["o1", "o2", "o3"],
        "customer_id": ["ann", "bo", None],
        "day": pd.to_datetime(["2026-01-02", "2026-01-03", "2026-01-04"]),
    }
)
LINES = pd.DataFrame(
    {
        "line_id": ["l1", "l2", "l3", "l4"],
        "order_id": ["o1", "o1", "o2", "o3"],
        "product_id": ["p1", "p2", "p1", "p1"],
        "quantity": [2, 1, 1, 1],
        "amount": [100.0, 50.0, 80.0, 999.0],
        "unit_cost": [20.0, 10.0, np.nan, 1.0],
    }
)
PRODUCTS = pd.DataFrame(
    {"product_id": ["p1"], "name": ["Dewdrop shampoo"], "brand": ["Dewdrop"], "category": pd.Categorical(["hair"])}
)


def returned(line_id, quantity, amount, restocked):
    return pd.DataFrame({"line_id": [line_id], "quantity": [quantity], "amount": [amount], "restocked": [restocked]})


def values(returns=None, orders=ORDERS, lines=LINES):
    return purchases(orders, lines, returns, 0.3).set_index("customer_id")


def test_margin_is_what_stays_after_the_cost():
    assert values().loc["ann", ["gross_amount", "net_amount", "net_margin"]].tolist() == [150.0, 150.0, 100.0]


def test_a_line_without_a_cost_takes_the_assumed_margin():
    assert values().loc["bo", "net_margin"] == pytest.approx(0.3 * 80)


def test_returns_are_netted_before_value():
    netted = values(returned("l1", 1, 50.0, True)).loc["ann"]

    assert netted["net_amount"] == 100.0
    assert netted["net_margin"] == 100.0 - 20.0 - 10.0


def test_goods_that_cannot_be_sold_again_keep_their_cost():
    assert values(returned("l1", 1, 50.0, False)).loc["ann", "net_margin"] == 100.0 - 2 * 20.0 - 10.0


def test_orders_of_nobody_known_are_left_out():
    assert list(values().index) == ["ann", "bo"]


def test_an_order_without_lines_is_worth_nothing():
    assert values(lines=LINES[LINES["order_id"] != "o2"]).loc["bo", "net_amount"] == 0.0


def test_a_day_counts_once_and_customers_stand_as_they_first_appear():
    twice = pd.DataFrame(
        {
            "order_id": ["o4", "o5", "o6"],
            "customer_id": ["bo", "ann", "bo"],
            "day": pd.to_datetime(["2026-01-09", "2026-01-03", "2026-01-03"]),
        }
    )
    lines = LINES.iloc[[0, 2, 2]].assign(order_id=["o4", "o5", "o6"])

    table = purchases(pd.concat([twice, ORDERS]), pd.concat([lines, LINES]), None, 0.3)

    assert table["customer_id"].tolist() == ["bo", "bo", "ann", "ann"]
    assert table["day"].dt.day.tolist() == [3, 9, 2, 3]
    assert table["net_amount"].tolist() == [160.0, 100.0, 150.0, 80.0]


def test_lines_carry_their_goods_and_two_brands_are_one_item():
    sold = sold_lines(ORDERS, LINES, PRODUCTS)

    assert sold["order_id"].tolist() == ["o1", "o2"]
    assert sold["item"].tolist() == ["shampoo", "shampoo"]


def test_without_products_all_is_one_category():
    sold = sold_lines(ORDERS, LINES, None)

    assert set(sold["category"]) == {EVERYTHING}
    assert len(sold) == 3
