import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_course.analysis.sales import sales
from crm_course.errors import NothingToAnalyse


def moments(*texts):
    return pd.Series(pd.to_datetime(list(texts), utc=True))


def test_margin_share_is_over_all_orders_together():
    values = pd.DataFrame({"net_amount": [150.0, 80.0], "net_margin": [100.0, 24.0]})

    assert sales.margin_share(values) == pytest.approx((100 + 24) / 230)


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


def test_figures_are_summed_up_group_by_group_with_the_number_of_people():
    figures = pd.DataFrame({"spent": [10.0, 30.0, 50.0], "once": [True, False, True]}, index=["ann", "bo", "cy"])
    stage = pd.Series(pd.Categorical(["new", "new", "mature"], ["new", "mature", "gone"]), figures.index)

    means, sums = sales.by_group(figures, stage), sales.by_group(figures, stage, "sum")

    assert means["people"].to_dict() == {"new": 2, "mature": 1, "gone": 0}
    assert means.loc["new", ["spent", "once"]].tolist() == [20.0, 0.5]
    assert sums["spent"].to_dict() == {"new": 40.0, "mature": 50.0, "gone": 0.0}


@pytest.mark.parametrize(("a", "told"), [(20, "20% of the customers bring 80 %"), (3, "is not shown")])
def test_what_class_a_brings_is_told_where_it_is_large_enough(a, told):
    classes = sales.by_group(
        pd.DataFrame({"spent": np.ones(100)}), pd.Series(["A"] * a + ["B"] * 30 + ["C"] * (70 - a))
    )

    assert told in sales.class_a(classes)


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
    )

    assert list(sales.contactable(table, "marketing", "email")) == ["bo"]
    assert list(sales.contactable(table[table["recorded_at"] < "2025-03-01"], "marketing", "email")) == ["ann"]
