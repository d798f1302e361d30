import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_course.analysis.sales import sales
from crm_course.errors import NothingToAnalyse

AS_OF, HONG_KONG = pd.Timestamp("2026-01-31"), "Asia/Hong_Kong"


def moments(*texts):
    return pd.Series(pd.to_datetime(list(texts), utc=True))


ORDERS = pd.DataFrame(
    {
        "order_id": ["o1", "o2", "o3"],
        "customer_id": ["ann", "bo", None],
        "ordered_at": moments("2026-01-02", "2026-01-03", "2026-01-04"),
    }
)
LINES = pd.DataFrame(
    {
        "line_id": ["l1", "l2", "l3", "l4"],
        "order_id": ["o1", "o1", "o2", "o3"],
        "quantity": [2, 1, 1, 1],
        "amount": [100.0, 50.0, 80.0, 999.0],
        "unit_cost": [20.0, 10.0, np.nan, 1.0],
    }
)


def returned(line_id, at, quantity, amount, restocked):
    return pd.DataFrame(
        {
            "line_id": [line_id],
            "returned_at": moments(at),
            "quantity": [quantity],
            "amount": [amount],
            "restocked": [restocked],
        }
    )


def values(returns=None, as_of=AS_OF):
    return sales.order_values(ORDERS, LINES, returns, as_of, HONG_KONG, 0.3).set_index("order_id")


def test_margin_is_what_stays_after_the_cost():
    assert values().loc["o1", ["gross_amount", "net_amount", "net_margin"]].tolist() == [150.0, 150.0, 100.0]


def test_a_line_without_a_cost_takes_the_assumed_margin():
    assert values().loc["o2", "net_margin"] == pytest.approx(0.3 * 80)


def test_returns_are_netted_before_value():
    netted = values(returned("l1", "2026-01-10", 1, 50.0, True)).loc["o1"]

    assert netted["net_amount"] == 100.0
    assert netted["net_margin"] == 100.0 - 20.0 - 10.0


def test_goods_that_cannot_be_sold_again_keep_their_cost():
    netted = values(returned("l1", "2026-01-10", 1, 50.0, False)).loc["o1"]

    assert netted["net_margin"] == 100.0 - 2 * 20.0 - 10.0


def test_a_return_after_as_of_is_not_known_yet():
    pd.testing.assert_frame_equal(values(returned("l1", "2026-02-01", 1, 50.0, True)), values())


def test_orders_of_nobody_known_are_left_out():
    assert list(values().index) == ["o1", "o2"]


def test_orders_after_as_of_are_left_out_and_none_at_all_is_said():
    assert list(values(as_of=pd.Timestamp("2026-01-02")).index) == ["o1"]
    with pytest.raises(NothingToAnalyse, match="orders: no order of a known customer on or before 2025-01-01"):
        values(as_of=pd.Timestamp("2025-01-01"))


def test_an_order_without_lines_is_worth_nothing():
    orphan = sales.order_values(ORDERS, LINES[LINES["order_id"] != "o2"], None, AS_OF, HONG_KONG, 0.3)

    assert orphan.set_index("order_id").loc["o2", "net_amount"] == 0.0


def test_margin_share_is_over_all_orders_together():
    assert sales.margin_share(values()) == pytest.approx((100 + 24) / 230)


def test_no_net_sales_have_no_margin_share():
    with pytest.raises(NothingToAnalyse, match="net sales are not above zero"):
        sales.margin_share(pd.DataFrame({"net_amount": [0.0], "net_margin": [0.0]}))


def test_everyone_alike_is_no_concentration():
    table = sales.concentration(pd.Series(np.full(1000, 5.0)), draws=20)

    assert table.loc["gini", "estimate"] == pytest.approx(0, abs=1e-9)
    assert table.loc["top_20_share", "estimate"] == pytest.approx(0.2)


def test_one_customer_with_everything_is_all_concentration():
    table = sales.concentration(pd.Series([1.0] + [0.0] * 999), draws=20)

    assert table.loc["gini", "estimate"] == pytest.approx(0.999)


def test_the_gini_of_an_exponential_is_a_half_and_its_interval_covers_it():
    hits = 0
    for seed in range(40):
        amounts = pd.Series(np.random.default_rng(seed).exponential(size=400))
        low, high = sales.concentration(amounts, draws=200, seed=seed).loc["gini", ["low", "high"]]
        hits += low <= 0.5 <= high
    assert hits >= 35


def test_nothing_sold_has_no_concentration():
    with pytest.raises(NothingToAnalyse, match="nothing was sold"):
        sales.concentration(pd.Series([0.0, -3.0]))


@given(st.lists(st.floats(-100, 1e5), min_size=1, max_size=60))
def test_the_lorenz_curve_rises_from_nothing_to_everything_above_the_diagonal(amounts):
    curve = sales.lorenz(pd.Series(amounts))

    assert curve.iloc[0].tolist() == [0, 0]
    if max(amounts) > 1e-6:
        assert curve.iloc[-1].tolist() == pytest.approx([1, 1])
        assert (curve["share_of_amount"] >= curve["share_of_customers"] - 1e-9).all()


def test_abc_cuts_where_the_share_is_reached():
    classes = sales.abc_classes(pd.Series({"a": 80.0, "b": 10.0, "c": 5.0, "d": 5.0, "e": 0.0, "f": -5.0}))

    assert classes.astype(str).to_dict() == {"a": "A", "b": "B", "c": "B", "d": "B", "e": "C", "f": "C"}


def test_customers_with_the_same_amount_are_in_the_same_class():
    classes = sales.abc_classes(pd.Series([10.0] * 10))

    assert classes.nunique() == 1


def choices(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "purpose", "channel", "granted", "recorded_at"])
    return table.assign(recorded_at=moments(*table["recorded_at"]))


def test_the_latest_explicit_choice_holds():
    table = choices(
        ("ann", "marketing", "email", True, "2025-01-01"),
        ("ann", "marketing", "email", False, "2025-06-01"),
        ("bo", "marketing", "email", False, "2025-01-01"),
        ("bo", "marketing", "email", True, "2025-06-01"),
        ("cy", "marketing", "sms", True, "2025-06-01"),
        ("di", "profiling", "email", True, "2025-06-01"),
        ("ed", "marketing", "email", True, "2026-06-01"),
    )

    assert list(sales.contactable(table, AS_OF, HONG_KONG, "marketing", "email")) == ["bo"]
    assert list(sales.contactable(table, pd.Timestamp("2025-03-01"), HONG_KONG, "marketing", "email")) == ["ann"]
