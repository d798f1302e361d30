"""A mapping proposed for an unknown file: which columns, and how sure."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import WrongCall
from crm_course.tables.imports.importing import import_export
from crm_course.tables.imports.suggesting import suggest
from crm_course.tables.store import open_store

TILL = "Receipt no;Sold on day;Member no;E-mail;Article;Pieces;Unit price;Remark\n" + "".join(
    f"{1000 + n // 2};{n % 28 + 1:02d}.03.2025;{n // 2 % 17};m{n // 2 % 17}@mail.example;"
    f"Hand cream {n % 5};{n % 3 + 1};{n % 9 + 1},90;\n"
    for n in range(80)
)


@pytest.fixture
def till(tmp_path) -> Path:
    (tmp_path / "till.csv").write_text(TILL, encoding="utf-8")
    return tmp_path / "till.csv"


def test_each_field_gets_its_column(till):
    found = {guess.field: guess.column for guess in suggest(till).guesses}

    assert found["order_id"] == "Receipt no"
    assert found["ordered_at"] == "Sold on day"
    assert found["customer_id"] in ("Member no", "E-mail")
    assert found["product_name"] == "Article"
    assert (found["quantity"], found["unit_price"]) == ("Pieces", "Unit price")


def test_a_proposal_says_how_sure_it_is_of_each_column(till):
    guesses = {guess.field: guess for guess in suggest(till).guesses}

    assert guesses["unit_price"].sure > guesses["ordered_at"].sure >= 50
    assert guesses["product_id"].sure == 0
    assert all(guess.why for guess in guesses.values())


def test_a_proposal_is_a_mapping_that_imports_the_file(till, tmp_path):
    (tmp_path / "till.yml").write_text(suggest(till).text, encoding="utf-8")
    assert yaml.safe_load(suggest(till).text)["identities"] == {"email": ["E-mail"]}

    result = import_export([till], str(tmp_path / "till.yml"), tmp_path / "store", key=tmp_path / "key")

    assert (result.rows_in, result.rows_refused) == (80, 0)


def test_a_proposal_without_a_column_of_money_says_so(till):
    till.write_text(TILL.replace("Unit price", "Xyz"), encoding="utf-8")

    assert "# No column looks like money: name it under columns" in suggest(till).text


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "xlsx"])
def test_a_chinese_file_is_proposed_and_imported_with_nobody_named(tmp_path, encoding):
    numbers = pd.Series(range(80))
    who = (numbers // 2 % 17).astype("str").str.zfill(2)
    table = pd.DataFrame({"單號": "R" + (numbers // 2).astype("str")})
    table["日期"] = "2025/03/" + (numbers % 28 + 1).astype("str").str.zfill(2) + " 00:00"
    table["會員"], table["姓名"], table["電話"] = "M00" + who, "陳大文", "9123 45" + who
    table["品名"], table["數量"] = "護手霜 " + (numbers % 5).astype("str"), numbers % 3 + 1
    table["單價"], table["地址"] = (numbers % 9 + 1).astype("str") + ".90", "旺角道 7 號"
    file = tmp_path / ("till.xlsx" if encoding == "xlsx" else "till.csv")
    table.to_excel(file, index=False) if encoding == "xlsx" else table.to_csv(file, index=False, encoding=encoding)
    found = suggest(file)
    (tmp_path / "till.yml").write_text(found.text, encoding="utf-8")

    result = import_export([file], str(tmp_path / "till.yml"), tmp_path / "store", key=tmp_path / "key")

    assert (result.rows_in, result.rows_taken) == (80, 80)
    assert yaml.safe_load(found.text)["identities"] == {"name": ["姓名"], "phone": ["電話"], "address": ["地址"]}
    orders = open_store(tmp_path / "store").table("orders")
    assert set(orders["ordered_at"].dt.tz_convert("Asia/Hong_Kong").dt.hour) == {0}
    told = "".join(
        pd.read_parquet(path).astype("str").to_csv() if path.suffix == ".parquet" else path.read_text()
        for path in (tmp_path / "store").iterdir()
    )
    # four digits alone may stand in a pseudonym by chance
    assert [word for word in ("陳大文", "9123 45", "91234501", "M0001", "旺角") if word in told] == []


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "invoice_lines"),
        ("Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country", "invoice_lines"),
        ("Date,Time,Time Zone,Category,Item,Qty,SKU,Gross Sales,Discounts,Transaction ID,Event Type", "square_items"),
        ("Date,Time,Gross Sales,Discounts,Net Sales,Total Collected,Transaction ID,Event Type", "square_transactions"),
        ("order_id,order_number,order_date,status,order_currency,customer_email,line_item_1", "woocommerce_orders"),
        (
            "Name,Email,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price",
            "shopify_orders",
        ),
    ],
)
def test_a_known_export_is_recognised(tmp_path, header, name):
    (tmp_path / "file.csv").write_text(header + "\n" + ",".join("1" for _ in header.split(",")) + "\n")

    assert suggest(tmp_path / "file.csv").known == name


@pytest.mark.parametrize("content", ["", "a,b\n", "no table at all\nindeed\n", "a,b\n1,2\n"])
def test_a_file_that_is_no_export_is_told(tmp_path, content):
    (tmp_path / "file.csv").write_text(content)

    with pytest.raises(WrongCall, match=r"is no table with a header and rows|no column looks like"):
        suggest(tmp_path / "file.csv")


def test_the_command_writes_the_proposal(till, tmp_path):
    call = ["import", str(till), "--suggest", "-o", str(tmp_path / "own.yml")]

    result = CliRunner().invoke(app, call)

    assert result.exit_code == 0
    assert "read it over, then --map" in result.stdout
    assert "% sure" in (tmp_path / "own.yml").read_text(encoding="utf-8")
    assert json.loads(CliRunner().invoke(app, [*call[:3], "--json"]).stdout)["known"] == ""
