"""The store as of a day: what is known then is there, what comes later is not, and nothing of it shows through."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_course import open_store
from crm_course.errors import MissingTable, StoreError
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.known import DAY, days_of, events_of, known_by, local_day
from crm_course.tables.storage.table_files import columns_of
from crm_course.tables.storage.writing import write_store
from crm_course.tables.store import once_per_store

ZONE = "Asia/Hong_Kong"
WHOLE = [name for name in SCHEMAS if not events_of(name)]
SPAN = (dt.date(2025, 1, 15), dt.date(2025, 12, 30))


@pytest.fixture(scope="module")
def folder(made_folder):
    return made_folder("beauty", customers=300, months=18, seed=5)


@pytest.fixture(scope="module")
def store(folder):
    return open_store(folder)


@once_per_store
def whole_table(store, name):
    return store.table(name)


@once_per_store
def times_of(store, name, times):
    """The first of some times that each row has, found by merging whole tables: another way than the store's."""
    table, found = whole_table(store, name), None
    for time in times:
        other, _, column = time.rpartition(".")
        values = table[time] if not other else None
        if other:
            key = SCHEMAS[other].to_schema().unique[0]
            values = (
                table[[key]].merge(store.table(other)[[key, column]], on=key, how="left")[column].set_axis(table.index)
            )
        found = values if found is None else found.fillna(values)
    return found


def unique_of(name):
    return SCHEMAS[name].to_schema().unique


def key_of(name):
    return unique_of(name)[0]


def has_come(times, day):
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        return local_day(times, ZONE) <= day
    return times <= day


@settings(max_examples=3, deadline=None)
@given(day=st.dates(*SPAN))
def test_a_day_knows_the_rows_and_the_columns_that_the_schemas_say(store, day):
    held_to_the_schemas(store, day)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(day=st.dates(*SPAN))
def test_many_days_know_the_rows_and_the_columns_that_the_schemas_say(store, day):
    held_to_the_schemas(store, day)


def held_to_the_schemas(store, day):
    day = pd.Timestamp(day)
    then = store.at(day.date())
    for name in SCHEMAS:
        whole, known = whole_table(store, name), then.table(name)
        if name in WHOLE:
            pd.testing.assert_frame_equal(whole, known)
            continue
        rows = has_come(times_of(store, name, events_of(name)), day)
        assert (
            known[SCHEMAS[name].to_schema().unique[0]].tolist()
            == whole.loc[rows, SCHEMAS[name].to_schema().unique[0]].tolist()
        )
        for column in columns_of(name):
            times, expected = known_by(name, column), whole.loc[rows, column]
            if times:
                expected = expected.mask(~has_come(times_of(store, name, times), day)[rows])
            pd.testing.assert_series_equal(known[column], expected.reset_index(drop=True), check_categorical=False)


@settings(max_examples=3, deadline=None)
@given(day=st.dates(*SPAN))
def test_no_time_that_a_day_knows_lies_after_it_unless_it_was_set_ahead(store, day):
    then = store.at(day)
    for name in set(SCHEMAS) - set(WHOLE):
        table, schema = then.table(name), columns_of(name)
        for column, of in days_of(name).items():
            if not (of and schema[of].metadata["ahead"]):
                assert not (table[column] > pd.Timestamp(day)).any(), (name, column)


def test_the_last_day_is_the_whole_store(store):
    last = store.at(store.as_of.date())

    for name in SCHEMAS:
        pd.testing.assert_frame_equal(last.table(name), store.table(name))
    assert store.truth("customers") is not None
    assert last.truth("customers").equals(store.truth("customers"))


def test_an_earlier_day_has_no_truth(store):
    assert store.at("2025-06-30").truth("customers") is None


@pytest.mark.parametrize("day", ["2025-03-31", "2025-09-30"])
def test_a_spoilt_future_changes_nothing(store, tmp_path, day):
    dice = np.random.default_rng(7)
    end = pd.Timestamp(day) + pd.Timedelta(days=1)
    spoilt = {}
    for name in SCHEMAS:
        table = store.table(name)[list(columns_of(name))]
        if events_of(name):
            rows = has_come(times_of(store, name, events_of(name)), pd.Timestamp(day))
            for column, spec in columns_of(name).items():
                unknown = ~rows
                if times := known_by(name, column):
                    unknown = unknown | ~has_come(times_of(store, name, times), pd.Timestamp(day))
                if spec.metadata["kind"] == "time" and known_by(name, column):
                    later = end.tz_localize(ZONE).tz_convert("UTC") + pd.to_timedelta(
                        dice.integers(1, 9**6, len(table)), "s"
                    )
                    table[column] = table[column].mask(unknown & table[column].notna(), pd.Series(later, table.index))
                elif spec.metadata["kind"] in ("words", "money", "number") and column not in unique_of(name):
                    table[column] = table[column].mask(unknown, table[column].iloc[0])
        spoilt[name] = table
    write_store(tmp_path / "spoilt", store.info, spoilt)

    for name in SCHEMAS:
        pd.testing.assert_frame_equal(open_store(tmp_path / "spoilt", day).table(name), store.at(day).table(name))


def test_some_columns_of_a_day_are_those_of_the_whole_table_on_that_day(store):
    then = store.at("2025-06-30")
    for name in SCHEMAS:
        table = then.table(name)
        for column in table:
            pd.testing.assert_frame_equal(then.table(name, [column]), table[[column]])


def test_days_are_days_of_the_shop_and_a_complaint_is_made_when_its_contact_opens(store):
    complaints, contacts = store.table("complaints"), store.table("contacts").set_index("contact_id")

    assert complaints[DAY].tolist() == local_day(contacts["opened_at"], ZONE)[complaints["contact_id"]].tolist()
    assert complaints["solved_day"].equals(local_day(complaints["solved_at"], ZONE))
    assert store.table("calendar")[DAY].is_unique


def test_days_are_not_written(store, tmp_path):
    tables = {name: store.table(name) for name in ("customers", "orders", "order_lines")}
    write_store(tmp_path / "written", store.info, tables)

    assert DAY not in pq.read_schema(tmp_path / "written" / "orders.parquet").names


def test_a_moment_just_before_midnight_counts_and_midnight_does_not(tmp_path):
    moments = pd.to_datetime(
        ["2025-03-01T04:00Z", "2025-06-30T15:59:59.999999Z", "2025-06-30T16:00Z"], format="ISO8601"
    )
    write_store(tmp_path / "shop", info(), tables_of(moments))

    assert open_store(tmp_path / "shop", "2025-06-30").table("orders")["order_id"].tolist() == ["o0", "o1"]
    assert open_store(tmp_path / "shop", "2025-07-01").table("orders")["order_id"].tolist() == ["o0", "o1", "o2"]


@pytest.mark.parametrize(
    ("zone", "day", "last", "next_day"),
    [
        ("Africa/Cairo", "2024-04-25", "2024-04-25T21:59:59Z", "2024-04-25T22:00Z"),  # from 00:00 to 01:00
        ("America/Havana", "2024-11-02", "2024-11-03T03:59:59Z", "2024-11-03T04:00Z"),  # from 01:00 back to 00:00
        ("Africa/Cairo", "2024-10-31", "2024-10-31T21:59:59Z", "2024-10-31T22:00Z"),  # from 24:00 back to 23:00
    ],
)
def test_a_day_ends_where_the_next_begins_also_when_clocks_change_at_midnight(tmp_path, zone, day, last, next_day):
    moments = pd.to_datetime(["2024-03-01T04:00Z", last, next_day], format="ISO8601")
    write_store(tmp_path / "shop", info().model_copy(update={"time_zone": zone}), tables_of(moments))

    known = open_store(tmp_path / "shop", day).table("orders")
    assert known["order_id"].tolist() == ["o0", "o1"]
    assert known["day"].max() == pd.Timestamp(day)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-01-01", "as_of 2026-01-01 is in the future of Mei's, whose data end 2025-12-31"),
        ("2025-02-28", "as_of 2025-02-28 is before the first order of Mei's, on 2025-03-01"),
        ("31/12/2025", "as_of '31/12/2025' is not a day; write it as 2025-12-31"),
        ("2025-13-01", "is not a day; write it as 2025-12-31"),
        ("yesterday", "is not a day; write it as 2025-12-31"),
        ("2025-06-30T12:00", "is not a day; write it as 2025-12-31"),
        (20250630, "is not a day; write it as 2025-12-31"),
        (0, "is not a day; write it as 2025-12-31"),
        (None, "is not a day; write it as 2025-12-31"),
        (pd.NaT, "is not a day; write it as 2025-12-31"),
        (pd.Timestamp("2025-06-30 12:00"), "is not a day; write it as 2025-12-31"),
    ],
)
def test_a_day_that_cannot_be_is_told_in_a_line(tmp_path, day, told):
    write_store(tmp_path / "shop", info(), tables_of(pd.to_datetime(["2025-03-01T04:00Z"])))

    with pytest.raises(StoreError) as error:
        open_store(tmp_path / "shop").at(day)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(StoreError, match=re.escape(told)):
        open_store(tmp_path / "shop", day)


def test_what_lies_after_the_last_day_of_the_data_is_left_out_on_that_day_too(tmp_path):
    tables = tables_of(pd.to_datetime(["2025-03-01T04:00Z", "2025-12-31T15:59Z", "2025-12-31T16:00Z"]))
    back = {"return_id": ["r0", "r1"], "line_id": ["l0", "l0"], "quantity": 1, "amount": [3.0, 4.0], "restocked": True}
    moments = pd.to_datetime(["2025-04-01T04:00Z", "2026-01-09T04:00Z"])
    write_store(tmp_path / "shop", info(), {**tables, "returns": pd.DataFrame({**back, "returned_at": moments})})
    store = open_store(tmp_path / "shop")

    assert store.table("orders", ["order_id"])["order_id"].tolist() == ["o0", "o1"]
    assert store.purchases()["net_amount"].tolist() == [10.0 - 3.0, 10.0]
    assert store.lines()["order_id"].tolist() == ["o0", "o1"]


def test_a_store_without_orders_has_no_first_day_and_takes_any_day_of_its_data(tmp_path):
    write_store(tmp_path / "shop", info(), {})

    assert open_store(tmp_path / "shop", "2024-01-01").has("orders") is False
    with pytest.raises(MissingTable):
        open_store(tmp_path / "shop", "2024-01-01").table("orders")


def test_where_nobody_wrote_down_when_a_complaint_was_classified_its_category_comes_with_it(tmp_path):
    book = pd.DataFrame(
        {
            "complaint_id": ["k1", "k2", "k3"],
            "category": pd.Categorical(["defect"] * 3),
            "accepted_at": pd.to_datetime(["2025-03-01T04:00Z", "2025-08-01T04:00Z", None], utc=True),
            "outcome": pd.Categorical(["refund"] * 3),
            "replied_at": pd.to_datetime(["2025-07-01T04:00Z"] * 3, utc=True),
        }
    )
    write_store(tmp_path / "shop", info(), {**tables_of(pd.to_datetime(["2025-03-01T04:00Z"])), "complaints": book})
    known = open_store(tmp_path / "shop", "2025-06-30").table("complaints")

    assert known["complaint_id"].tolist() == ["k1"]
    assert known["category"].tolist() == ["defect"]
    assert known["outcome"].isna().all()


def test_a_table_in_which_nothing_is_known_yet_is_missing_on_that_day(tmp_path):
    tables = tables_of(pd.to_datetime(["2025-03-01T04:00Z", "2025-08-01T04:00Z"]))
    back = {"return_id": ["r0"], "line_id": ["l0"], "returned_at": pd.to_datetime(["2025-09-01T04:00Z"], utc=True)}
    tables["returns"] = pd.DataFrame({**back, "quantity": 1, "amount": 10.0, "restocked": True})
    write_store(tmp_path / "shop", info(), tables)

    assert open_store(tmp_path / "shop").has("returns")
    assert not open_store(tmp_path / "shop", "2025-06-30").has("returns")


def info():
    return StoreInfo(name="Mei's", currency="HKD", time_zone=ZONE, as_of=dt.date(2025, 12, 31), source="made up")


def tables_of(moments):
    """A shop with an order of one line at each moment."""
    moments = pd.DatetimeIndex(moments).tz_convert("UTC")
    orders = [f"o{number}" for number in range(len(moments))]
    lines = {"line_id": [f"l{number}" for number in range(len(moments))], "order_id": orders, "quantity": 1}
    return {
        "customers": pd.DataFrame({"customer_id": ["c1"], "first_seen_at": moments[:1], "account": False}),
        "orders": pd.DataFrame({"order_id": orders, "customer_id": "c1", "ordered_at": moments}),
        "order_lines": pd.DataFrame({**lines, "unit_price": 10.0, "discount": 0.0, "amount": 10.0}),
    }
