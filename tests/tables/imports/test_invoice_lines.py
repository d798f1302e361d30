"""Invoice lines with the vices of real files: what is taken, what is refused, what the chapter makes of it."""

from __future__ import annotations

import pandas as pd
import pytest
from invoices import invoice_file

from crm_course.tables.checks.checking import check
from crm_course.tables.imports.importing import import_export
from crm_course.tables.store import open_store


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return invoice_file(1500)


@pytest.fixture(scope="module")
def imported(lines, tmp_path_factory):
    folder = tmp_path_factory.mktemp("invoices")
    lines.drop(columns="vice").to_csv(folder / "lines.csv", index=False)
    result = import_export([folder / "lines.csv"], "invoice_lines", folder / "store", key=folder / "key")
    return result, open_store(folder / "store")


def test_the_file_has_the_vices_of_real_ones(lines):
    share = lines["vice"].value_counts(normalize=True)
    money = (lines["Quantity"] * lines["Price"]).where(lines["vice"] == "", 0)
    orders = lines[lines["Customer ID"] != ""].groupby("Customer ID")["Invoice"].nunique()

    assert 0.015 < share["refund"] < 0.025
    assert 0.2 < (lines["Customer ID"] == "").mean() < 0.3
    assert (orders == 1).mean() > 0.5
    assert 0.009 < money[lines["Customer ID"] == "20000000"].sum() / money.sum() < 0.012


def test_each_vice_is_refused_with_its_reason_and_the_rest_is_taken(lines, imported):
    result, _ = imported
    number = lines["vice"].value_counts()

    assert result.rows_in == len(lines)
    assert result.rows_taken == number[""] + number["refund"]
    assert result.reasons == {
        "Price is no price that is asked of anybody".replace("Price", "UnitPrice"): number["zero"],
        "UnitPrice is negative": number["below"],
        "Quantity is below 1 and no goods came back: an adjustment of stock": number["stock"],
        "StockCode says that it is no sale: postage, fee, adjustment or discount": number["postage"],
        "line is there already": number["double"],
    }


def test_money_of_the_store_is_money_of_the_good_rows(lines, imported):
    store = imported[1]
    money = lines["Quantity"] * lines["Price"]

    assert store.table("order_lines")["amount"].sum() == pytest.approx(money[lines["vice"] == ""].sum())
    assert store.table("returns")["amount"].sum() == pytest.approx(-money[lines["vice"] == "refund"].sum())


def test_two_spellings_are_one_item(imported):
    products = imported[1].table("products")

    assert len(products) == 300
    assert products["name"].str.startswith("Item No. ").all()
    assert products["product_id"].str.startswith("SKU").all()


def test_orders_without_a_customer_stay_orders(lines, imported):
    orders = imported[1].table("orders")
    good = lines[lines["vice"] == ""]

    assert orders["customer_id"].isna().sum() == good.loc[good["Customer ID"] == "", "Invoice"].nunique()


def test_the_store_is_good(imported):
    assert check(imported[1].path).empty


def test_items_without_a_number_are_known_by_their_name(tmp_path):
    (tmp_path / "lines.csv").write_text(
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID\n"
        "1,,Hand Cream,1,2025-01-01,9.90,a\n2,,hand-cream,2,2025-01-02,9.90,b\n3,,Hand Cream,1,2025-01-03,9.90,a\n"
    )

    import_export([tmp_path / "lines.csv"], "invoice_lines", tmp_path / "store", key=tmp_path / "key")

    assert open_store(tmp_path / "store").table("products")["name"].tolist() == ["Hand Cream"]
