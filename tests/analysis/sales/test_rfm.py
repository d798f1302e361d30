import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_course.analysis.sales.rfm import rfm, rfm_scores
from crm_course.errors import NothingToAnalyse
from crm_course.tables.storage.known import local_day

AS_OF = pd.Timestamp("2026-01-31")
HONG_KONG = "Asia/Hong_Kong"


def orders(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "net_amount"])
    moments = pd.to_datetime(table.pop("ordered_at"), utc=True, format="ISO8601")
    return table.assign(day=local_day(moments, HONG_KONG))


def test_two_orders_on_one_local_day_are_one_purchase():
    late_evening_and_next_utc_day = orders(("ann", "2026-01-10 23:00", 30.0), ("ann", "2026-01-11 01:00", 50.0))

    table = rfm(late_evening_and_next_utc_day, AS_OF)

    assert table.loc["ann", "frequency"] == 0
    assert table.loc["ann", "spent"] == 80.0


def test_an_order_after_as_of_changes_nothing():
    known = [("ann", "2026-01-01", 100.0), ("ann", "2026-01-11", 40.0)]

    before = rfm(orders(*known), AS_OF)
    after = rfm(orders(*known, ("ann", "2026-03-01", 999.0), ("bo", "2026-02-01", 5.0)), AS_OF)

    pd.testing.assert_frame_equal(before, after)


def test_as_of_is_the_end_of_a_local_day():
    last_minute = orders(("ann", "2026-01-31 15:59", 10.0), ("bo", "2026-01-31 16:01", 10.0))

    assert list(rfm(last_minute, AS_OF).index) == ["ann"]


def test_monetary_value_is_the_mean_of_repeat_days_only():
    table = rfm(orders(("ann", "2026-01-01", 900.0), ("ann", "2026-01-05", 40.0), ("ann", "2026-01-09", 60.0)), AS_OF)

    assert table.loc["ann", ["frequency", "recency", "T", "monetary_value"]].tolist() == [2, 8.0, 30.0, 50.0]


def test_a_customer_with_one_purchase_has_no_repeat_spend():
    table = rfm(orders(("bo", "2026-01-05", 70.0)), AS_OF)

    assert np.isnan(table.loc["bo", "monetary_value"])
    assert table.loc["bo", "recency"] == 0


def test_orders_of_unknown_customers_are_left_out():
    table = rfm(orders(("ann", "2026-01-05", 70.0), (None, "2026-01-06", 1e6)), AS_OF)

    assert list(table.index) == ["ann"]


def test_operational_time_stretches_recency_and_age():
    days = pd.date_range("2026-01-01", "2026-01-31")
    twice_as_fast = pd.Series(2.0 * np.arange(1, 32), days)

    calendar = rfm(orders(("ann", "2026-01-02", 1.0), ("ann", "2026-01-09", 1.0)), AS_OF)
    stretched = rfm(orders(("ann", "2026-01-02", 1.0), ("ann", "2026-01-09", 1.0)), AS_OF, twice_as_fast)

    assert stretched.loc["ann", "recency"] == 2 * calendar.loc["ann", "recency"]
    assert stretched.loc["ann", "T"] == 2 * calendar.loc["ann", "T"]


def test_nothing_to_analyse_says_what_to_do():
    with pytest.raises(NothingToAnalyse, match="no order on or before 2026-01-31; choose a later as_of"):
        rfm(orders(("ann", "2026-02-01 12:00", 100.0)), AS_OF)


def test_no_orders_at_all_say_the_same():
    with pytest.raises(NothingToAnalyse, match="no order on or before"):
        rfm(orders(("ann", "2026-01-01", 1.0)).iloc[:0], AS_OF)


some_orders = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.integers(1, 10_000)),
    min_size=1,
    max_size=40,
)


def built(rows):
    start = pd.Timestamp("2025-12-01")
    return pd.DataFrame(
        {
            "customer_id": [who for who, *_ in rows],
            "day": pd.DatetimeIndex([start + pd.Timedelta(days=day) for _, day, _ in rows]).as_unit("us"),
            "net_amount": [cents / 100 for *_, cents in rows],
        }
    )


@given(some_orders, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, shuffler):
    mixed = list(rows)
    shuffler.shuffle(mixed)
    as_of = pd.Timestamp("2026-03-01")

    pd.testing.assert_frame_equal(rfm(built(rows), as_of).sort_index(), rfm(built(mixed), as_of).sort_index())


@given(some_orders)
def test_counts_and_sums_agree_with_plain_counting(rows):
    table = rfm(built(rows), pd.Timestamp("2026-03-01"))

    for who in {who for who, *_ in rows}:
        days = sorted({day for name, day, _ in rows if name == who})
        assert table.loc[who, "frequency"] == len(days) - 1
        assert table.loc[who, "recency"] == days[-1] - days[0]
        assert table.loc[who, "spent"] == pytest.approx(sum(cents for name, _, cents in rows if name == who) / 100)


def test_the_same_value_gets_the_same_score():
    bought_once = orders(*((name, f"2026-01-{day:02d}", 10.0) for day, name in enumerate("abcdefghij", 1)))

    scores = rfm_scores(rfm(bought_once, AS_OF))

    assert scores["F"].nunique() == 1
    assert scores["M"].nunique() == 1
    assert scores.loc["j", "R"] == 5
    assert scores.loc["a", "R"] == 1
