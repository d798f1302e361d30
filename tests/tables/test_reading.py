from __future__ import annotations

import codecs
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from crm_course.errors import MissingTable, StoreError
from crm_course.tables.store import Store, open_store


def as_csv(shop, table: str, text: str):
    (shop / f"{table}.parquet").unlink()
    (shop / f"{table}.csv").write_text(text, encoding="utf-8")
    return open_store(shop)


def test_types_are_those_of_the_data_dictionary(shop):
    orders = open_store(shop).table("orders")

    assert orders.dtypes.astype(str).to_dict() == {
        "order_id": "str",
        "customer_id": "str",
        "ordered_at": "datetime64[us, UTC]",
        "channel": "category",
        "store_id": "str",
        "promotion_id": "str",
        "collection": "category",
        "delivery_fee": "float64",
        "payment": "category",
        "promised_at": "datetime64[us, UTC]",
        "delivered_at": "datetime64[us, UTC]",
        **dict.fromkeys(["day", "promised_day", "delivered_day"], "datetime64[us]"),
    }


def test_the_first_table_is_read_without_dask(shop):
    code = (
        "import sys; from crm_course.tables.store import open_store; "
        f"open_store({str(shop)!r}).table('orders'); sys.exit('dask' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_csv_and_parquet_give_the_same_table(shop):
    store = open_store(shop)
    for name in ("customers", "orders", "order_lines", "returns", "invoices"):
        from_parquet = store.table(name)
        from_parquet.to_csv(shop / f"{name}.csv", index=False)
        (shop / f"{name}.parquet").unlink()
        pd.testing.assert_frame_equal(store.table(name), from_parquet)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_column_that_may_be_empty_and_is_missing_is_read_as_empty(shop, suffix):
    orders = open_store(shop).table("orders", ["order_id", "ordered_at"])
    (shop / "orders.parquet").unlink()
    getattr(orders, f"to_{suffix}")(shop / f"orders.{suffix}", index=False)

    read = open_store(shop).table("orders")

    assert read["customer_id"].isna().all()
    assert str(read["customer_id"].dtype) == "str"
    assert str(read["delivered_at"].dtype) == "datetime64[us, UTC]"
    assert list(read["channel"].cat.categories) == ["shop", "web", "app", "phone", "other"]
    assert len(open_store(shop).table("orders", ["channel"])) == 3


def test_vocabularies_keep_their_order(shop):
    channel = open_store(shop).table("orders")["channel"]

    assert list(channel.cat.categories) == ["shop", "web", "app", "phone", "other"]


def test_an_empty_csv_column_is_empty_and_a_name_may_be_null(shop):
    store = open_store(shop)
    (shop / "stores.csv").write_text("store_id,name,district,format\ns1,NULL,,mall\n")

    row = store.table("stores").iloc[0]

    assert row["name"] == "NULL"
    assert pd.isna(row["district"])


@pytest.mark.parametrize("word", ["", "NA", "NaN", "null"])
def test_words_for_nothing_are_empty_in_number_columns(shop, word):
    text = f"line_id,order_id,quantity,unit_price,discount,amount,unit_cost\nl1,o1,1,5,0,5,{word}\n"

    assert np.isnan(as_csv(shop, "order_lines", text).table("order_lines")["unit_cost"].iloc[0])


def test_csv_as_a_spreadsheet_saves_it_is_read(shop):
    text = 'customer_id,first_seen_at,account\r\n"ann\nand co",2025-01-01T12:00:00+08:00,FALSE\r\n'
    (shop / "customers.parquet").unlink()
    (shop / "customers.csv").write_bytes(codecs.BOM_UTF8 + text.encode())

    row = open_store(shop).table("customers").iloc[0]

    assert row["customer_id"] == "ann\nand co"
    assert row["first_seen_at"] == pd.Timestamp("2025-01-01 04:00", tz="UTC")
    assert row["account"] == np.False_


def test_a_csv_with_no_rows_is_an_empty_table(shop):
    store = as_csv(shop, "customers", "customer_id,first_seen_at,account\n")

    assert store.table("customers").empty


def test_whole_numbers_that_were_saved_as_fractions_are_read(shop):
    lines = pd.read_parquet(shop / "order_lines.parquet").assign(quantity=[2.0, 1.0, 3.0])
    lines.to_parquet(shop / "order_lines.parquet", index=False)

    assert open_store(shop).table("order_lines")["quantity"].tolist() == [2, 1, 3]


def test_a_folder_that_looks_like_a_partition_adds_no_column(shop, tmp_path):
    odd = tmp_path / "customer_id=x"
    shop.rename(odd)

    assert open_store(odd).table("orders")["customer_id"].dropna().tolist() == ["ann", "bo"]


# messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "message"),
    [
        (
            "order_lines",
            "quantity",
            2,
            0,
            "order_lines.parquet: column quantity, row 2: '0' is below 1; correct",
        ),
        ("orders", "order_id", 3, "o1", "column order_id, row 1: 'o1' is there more than once (and 1 more);"),
        ("orders", "channel", 1, "pigeon", "row 1: 'pigeon' is none of: shop, web, app, phone, other;"),
        ("customers", "account", 2, None, "customers.parquet: column account, row 2: it is empty and must not be;"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(spoil, table, column, row, value, message):
    store = open_store(spoil(table, column, row, value))

    with pytest.raises(StoreError) as error:
        store.table(table)

    assert message in str(error.value)
    assert f"`crm-course check {store.path}` lists everything" in str(error.value)
    assert "\n" not in str(error.value)


def test_only_what_is_read_is_judged(spoil):
    store = open_store(spoil("order_lines", "quantity", 2, 0))

    assert len(store.table("order_lines", ["line_id", "amount"])) == 3


def test_a_csv_value_is_told_with_its_data_row(shop):
    store = as_csv(shop, "customers", "customer_id,first_seen_at,account\nann,2025-01-01,no\nbo,yesterday,no\n")

    with pytest.raises(StoreError, match="column first_seen_at, row 2: 'yesterday' is not a time such as"):
        store.table("customers")


def test_a_missing_column_is_told(shop):
    pd.read_parquet(shop / "orders.parquet").drop(columns="ordered_at").to_parquet(shop / "orders.parquet", index=False)

    with pytest.raises(StoreError, match=r"orders\.parquet: column ordered_at is missing; correct the file"):
        open_store(shop).table("orders")


def test_a_column_that_is_there_twice_is_told(shop):
    store = as_csv(shop, "customers", "customer_id,customer_id,first_seen_at,account\nann,ann,2025-01-01,no\n")

    with pytest.raises(StoreError, match="column customer_id is there more than once; keep one"):
        store.table("customers")


def test_names_that_do_not_exist_are_told(shop):
    store = open_store(shop)

    with pytest.raises(MissingTable, match="`order` is not a table of the course; there are stores, products"):
        store.table("order")
    with pytest.raises(MissingTable, match="has no table `consents`"):
        store.table("consents")
    with pytest.raises(StoreError, match="`orders` has no column colour; it has order_id, customer_id"):
        store.table("orders", ["order_id", "colour"])
    with pytest.raises(StoreError, match=r"`orders` has no column ordered_day; it has .*, day, promised_day"):
        store.table("orders", ["ordered_day"])


def test_one_column_is_asked_for_in_a_list_too(shop):
    with pytest.raises(StoreError, match=r"`orders`: columns are a list; write \['order_id'\]"):
        open_store(shop).table("orders", "order_id")


def test_a_customer_without_a_name_is_nobody_in_parquet_as_in_csv(shop, spoil):
    store = open_store(spoil("orders", "customer_id", 1, ""))

    assert store.table("orders")["customer_id"].isna().tolist() == [True, False, True]
    assert store.purchases()["customer_id"].tolist() == ["bo"]


@pytest.mark.parametrize(("table", "key"), [("returns", "return_id"), ("order_lines", "line_id")])
def test_what_is_there_twice_is_never_counted_twice(shop, table, key):
    rows = pd.read_parquet(shop / f"{table}.parquet")
    pd.concat([rows, rows.head(1)]).to_parquet(shop / f"{table}.parquet", index=False)

    for ask in (Store.purchases, Store.lines) if table == "order_lines" else (Store.purchases,):
        with pytest.raises(StoreError, match=f"column {key}, row 1: .* is there more than once"):
            ask(open_store(shop))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"\xff\xfe\x00"])
@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_broken_file_is_told_in_one_line(shop, suffix, content):
    (shop / "orders.parquet").unlink()
    (shop / f"orders.{suffix}").write_bytes(content)

    with pytest.raises(StoreError) as error:
        open_store(shop).table("orders")

    assert str(error.value).startswith(f"{shop}/orders.{suffix}: ")
    assert "\n" not in str(error.value)


def test_a_broken_file_is_told_in_one_line_where_a_table_is_looked_for_too(shop):
    (shop / "returns.parquet").write_bytes(b"PAR1")

    for ask in (Store.purchases, lambda store: store.table("returns", for_="taking returns off")):
        with pytest.raises(StoreError, match=r"returns.parquet: cannot be read .*; copy the file again$"):
            ask(open_store(shop))


@pytest.mark.parametrize(("rows", "has"), [("", False), ("\n\n", False), ("r1,l1,2025-01-05,1,7.5,yes\n", True)])
def test_a_csv_that_holds_its_header_alone_has_nothing_in_it(shop, rows, has):
    store = as_csv(shop, "returns", f"return_id,line_id,returned_at,quantity,amount,restocked\n{rows}")

    assert store.has("returns") is has


@pytest.mark.parametrize(
    ("day", "message"),
    [("2026-01-01", "is in the future of Mei's shop, whose data end 2025-12-31"), ("soon", "'soon' is not a day")],
)
def test_a_day_that_cannot_be_is_told(shop, day, message):
    with pytest.raises(StoreError, match=message):
        open_store(shop).day(day)


@pytest.mark.parametrize("day", ["2025-06-30"])
def test_a_day_is_read(shop, day):
    assert open_store(shop).day(day) == pd.Timestamp("2025-06-30")
