from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as pq
import pytest

from crm_course.errors import StoreError
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.writing import TableWriter, arrow_schema, new_store, write_store
from crm_course.tables.store import open_store

INFO = StoreInfo(name="Shop", currency="HKD", time_zone="Asia/Hong_Kong", as_of=dt.date(2025, 12, 31), source="made up")


def lines(**columns: object) -> pd.DataFrame:
    plain = {"line_id": ["l1"], "order_id": ["o1"], "quantity": [1], "unit_price": [1.0], "discount": [0.0]}
    return pd.DataFrame(plain | {"amount": [1.0]} | columns)


def test_what_is_written_is_read_again(shop, tables):
    store = open_store(shop)
    for name, table in tables.items():
        read = store.table(name, list(table.columns))
        assert (
            read.astype(object).where(read.notna(), None).to_dict()
            == table.astype(object).where(table.notna(), None).to_dict()
        )


@pytest.mark.parametrize(("amount", "on_disk"), [(29.33, "29.33"), (0.1 + 0.2, "0.30"), (2.675, "2.68"), (7, "7.00")])
def test_money_lies_on_disk_as_exact_cents(tmp_path, amount, on_disk):
    write_store(tmp_path / "s", INFO, {"order_lines": lines(amount=[amount])})

    stored = pq.read_table(tmp_path / "s" / "order_lines.parquet")

    assert stored.schema.field("amount").type == arrow.decimal128(12, 2)
    assert str(stored["amount"][0]) == on_disk


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_column_has_a_form_on_disk(name):
    assert len(arrow_schema(name)) == len(SCHEMAS[name].to_schema().columns)


def test_parts_make_one_table(tmp_path):
    with new_store(tmp_path / "s", INFO) as partial, TableWriter(partial, "order_lines") as writer:
        writer.write(lines())
        writer.write(lines(line_id=["l2"]))
        assert writer.rows == 2

    assert open_store(tmp_path / "s").table("order_lines")["line_id"].tolist() == ["l1", "l2"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (lines().drop(columns="amount"), "order_lines: column amount is missing and cannot be left empty"),
        (lines(amount=["a lot"]), "order_lines: column amount: "),
        (lines(amount=[1e12]), "order_lines: column amount: "),
        (lines(quantity=[1.5]), "order_lines: column quantity: "),
        (lines(order_id=[17]), "order_lines: column order_id: "),
    ],
)
def test_a_table_that_cannot_be_written_leaves_nothing_behind(tmp_path, table, message):
    with pytest.raises(StoreError, match=message):
        write_store(tmp_path / "s", INFO, {"order_lines": table})

    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "letter.txt").write_text("dear Mei")

    with pytest.raises(StoreError, match="there is something in it already; name an empty or new folder"):
        write_store(tmp_path / "s", INFO, {})

    assert (tmp_path / "s" / "letter.txt").read_text() == "dear Mei"
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_store_broken_off_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyboardInterrupt), new_store(tmp_path / "s", INFO) as partial:
        (partial / "half").write_text("half")
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("zone", "end"),
    [("Asia/Hong_Kong", "2025-12-31 16:00+00:00"), ("America/New_York", "2026-01-01 05:00+00:00")],
)
def test_the_data_end_with_the_last_local_day(zone, end):
    assert INFO.model_copy(update={"time_zone": zone}).end == pd.Timestamp(end)


@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31", "soon"])
def test_a_last_day_that_no_shop_has_is_refused(shop, as_of):
    text = (shop / "store.json").read_text()
    (shop / "store.json").write_text(text.replace("2025-12-31", as_of))

    with pytest.raises(StoreError, match=r"store\.json: as_of: .*; correct the file"):
        open_store(shop)
