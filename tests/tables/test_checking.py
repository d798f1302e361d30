from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import StoreError
from crm_course.tables.checks.checking import check


def found(path: Path) -> list[tuple]:
    """Every failure as table, column, row, value, problem."""
    table = check(path)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in table.itertuples(index=False)]


def utc(moment: str) -> pd.Timestamp:
    return pd.Timestamp(moment, tz="UTC")


def test_nothing_is_wrong_with_a_good_store(shop):
    assert found(shop) == []


# one value ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "told", "problem"),
    [
        ("order_lines", "unit_price", 2, -1.0, "-1", "is negative"),
        ("order_lines", "quantity", 1, 0, "0", "is below 1"),
        ("orders", "channel", 2, "pigeon", "pigeon", "is none of: shop, web, app, phone, other"),
        ("orders", "ordered_at", 2, None, None, "is empty and must not be"),
        ("customers", "account", 1, None, None, "is empty and must not be"),
        ("order_lines", "quantity", 3, None, None, "is empty and must not be"),
        ("order_lines", "amount", 3, float("inf"), "inf", "is not a number"),
        ("orders", "customer_id", 1, "cy", "cy", "is not in table customers"),
        ("order_lines", "order_id", 3, "o9", "o9", "is not in table orders"),
        ("returns", "line_id", 1, "l9", "l9", "is not in table order_lines"),
        ("invoices", "customer_id", 1, "cy", "cy", "is not in table customers"),
        ("order_lines", "amount", 1, 15.01, "15.01", "is not quantity x unit_price - discount"),
        ("returns", "quantity", 1, 3, "3", "brings back more than the line sold"),
        ("returns", "returned_at", 1, utc("2024-12-31"), "2024-12-31 00:00:00 UTC", "is before the order was placed"),
        ("orders", "delivered_at", 2, utc("2025-01-31"), "2025-01-31 00:00:00 UTC", "is before the order was placed"),
        ("invoices", "due_at", 1, utc("2025-01-31"), "2025-01-31 00:00:00 UTC", "is before the invoice was issued"),
        ("invoices", "paid_at", 1, utc("2025-01-31"), "2025-01-31 00:00:00 UTC", "is before the invoice was issued"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(spoil, table, column, row, value, told, problem):
    assert (table, column, row, told, problem) in found(spoil(table, column, row, value))


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("customers", "first_seen_at"),
        ("orders", "ordered_at"),
        ("returns", "returned_at"),
        ("invoices", "issued_at"),
        ("invoices", "paid_at"),
    ],
)
def test_the_last_day_ends_at_the_shops_own_midnight(spoil, table, column):
    last_moment, next_day = utc("2025-12-31 15:59:59.999999"), utc("2025-12-31 16:00")  # Hong Kong is 8 hours ahead
    problem = "is after the store's last day, 2025-12-31"

    assert problem not in [row[-1] for row in found(spoil(table, column, 1, last_moment))]
    assert (table, column, 1, "2025-12-31 16:00:00 UTC", problem) in found(spoil(table, column, 1, next_day))


def test_a_consent_after_the_last_day_is_found(shop):
    consents = pd.DataFrame(
        {
            "customer_id": ["ann"],
            "purpose": ["marketing"],
            "channel": ["email"],
            "granted": [True],
            "recorded_at": [utc("2026-01-01 04:00")],
            "source": ["till"],
        }
    )
    consents.to_parquet(shop / "consents.parquet", index=False)

    assert [row[:3] for row in found(shop)] == [("consents", "recorded_at", 1)]


def test_every_row_of_a_doubled_key_is_found(spoil):
    rows = found(spoil("orders", "order_id", 3, "o1"))

    assert ("orders", "order_id", 1, "o1", "is there more than once") in rows
    assert ("orders", "order_id", 3, "o1", "is there more than once") in rows


def test_returns_of_one_line_are_added_up(shop, tables):
    twice = pd.concat([tables["returns"], tables["returns"].assign(return_id="r2", quantity=2)])
    twice.to_parquet(shop / "returns.parquet", index=False)

    assert [row[:4] for row in found(shop)] == [("returns", "quantity", 1, "1"), ("returns", "quantity", 2, "2")]


def test_more_money_back_than_the_line_cost_is_found(spoil):
    assert [row[:3] for row in found(spoil("returns", "amount", 1, 99_999.0))] == [("returns", "amount", 1)]


def test_a_slip_in_the_year_is_found(spoil):
    (row,) = found(spoil("orders", "ordered_at", 1, pd.Timestamp("1823-05-01", tz="UTC")))

    assert row[:3] == ("orders", "ordered_at", 1) and row[4] == "is before 1970"


def test_cents_are_not_held_against_binary_fractions(spoil):
    assert found(spoil("order_lines", "amount", 3, 0.1 + 0.2)) == []


# columns, tables, files ---------------------------------------------------------------------------


def test_a_missing_column_is_an_error_only_where_nothing_may_be_empty(shop):
    orders = pd.read_parquet(shop / "orders.parquet")

    orders.drop(columns=["channel", "delivered_at"]).to_parquet(shop / "orders.parquet", index=False)
    assert found(shop) == []

    orders.drop(columns=["ordered_at"]).to_parquet(shop / "orders.parquet", index=False)
    assert found(shop) == [("orders", "ordered_at", None, None, "is missing")]


@pytest.mark.parametrize(
    ("column", "values", "problem"),
    [
        ("order_id", [1, 2, 3], "holds numbers, expected text"),
        ("ordered_at", ["2025-01-01"] * 3, "holds text, expected a time such as 2025-12-31T18:30:00Z"),
        (
            "ordered_at",
            pd.to_datetime(["2025-01-01"] * 3),
            "holds times without a time zone, expected a time such as 2025-12-31T18:30:00Z",
        ),
        ("delivery_fee", ["a", "b", "c"], "holds text, expected a number"),
    ],
)
def test_a_column_of_another_type_is_found(shop, column, values, problem):
    orders = pd.read_parquet(shop / "orders.parquet").assign(**{column: values})
    orders.to_parquet(shop / "orders.parquet", index=False)

    assert ("orders", column, None, None, problem) in found(shop)


@pytest.mark.parametrize("table", ["customers", "orders", "order_lines"])
def test_a_table_that_every_store_needs_is_missed(shop, table):
    (shop / f"{table}.parquet").unlink()

    assert found(shop) == [(table, None, None, None, "is missing; every store needs it")]


def test_other_tables_may_be_missing(shop):
    (shop / "returns.parquet").unlink()

    assert found(shop) == []


def test_a_broken_file_does_not_hide_the_others(spoil, shop):
    spoil("order_lines", "unit_price", 2, -1.0)
    (shop / "returns.parquet").write_bytes(b"PAR1 this is not Parquet")

    rows = found(shop)

    assert ("order_lines", "unit_price", 2, "-1", "is negative") in rows
    assert [row[:4] for row in rows if row[0] == "returns"] == [("returns", None, None, None)]
    assert "cannot be read" in next(row[4] for row in rows if row[0] == "returns")


def test_a_table_that_is_there_as_parquet_and_csv_is_found(shop):
    (shop / "orders.csv").write_text("order_id\n")

    assert found(shop) == [("orders", None, None, None, "is there twice: orders.parquet is read, remove orders.csv")]


def test_everything_wrong_with_store_json_is_told(shop):
    (shop / "store.json").write_text(
        json.dumps({"name": "", "currency": "dollars", "time_zone": "Mars", "as_of": "2025-12-31", "source": "x"})
    )

    assert [(table, column) for table, column, *_ in found(shop)] == [
        ("store.json", "name"),
        ("store.json", "currency"),
        ("store.json", "time_zone"),
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_store_json_that_is_no_json_is_told(shop, content):
    (shop / "store.json").write_bytes(content)

    assert {row[0] for row in found(shop)} == {"store.json"}


def test_a_folder_without_store_json_is_told(shop):
    (shop / "store.json").unlink()

    assert [row[:2] for row in found(shop)] == [("store.json", None)]


# CSV ----------------------------------------------------------------------------------------------

LINES = "line_id,order_id,quantity,unit_price,discount,amount\n"


@pytest.mark.parametrize(
    ("line", "column", "value", "problem"),
    [
        ("l1,o1,two,10,0,20", "quantity", "two", "is not a whole number"),
        ("l1,o1,1.5,10,0,15", "quantity", "1.5", "is not a whole number"),
        ('l1,o1,1,"1,000",0,1000', "unit_price", "1,000", "is not a number"),
        ("l1,o1,1,,0,10", "unit_price", None, "is empty and must not be"),
    ],
)
def test_a_wrong_csv_value_is_told_once_with_its_data_row(shop, line, column, value, problem):
    (shop / "order_lines.parquet").unlink()
    (shop / "returns.parquet").unlink()
    (shop / "order_lines.csv").write_text(f"{LINES}l0,o1,1,5,0,5\n{line}\n")

    assert found(shop) == [("order_lines", column, 2, value, problem)]


def test_a_csv_line_that_is_too_long_is_told(shop):
    (shop / "order_lines.parquet").unlink()
    (shop / "order_lines.csv").write_text(f"{LINES}l0,o1,1,5,0,5,surplus\n")

    assert [row[:3] for row in found(shop)] == [("order_lines", None, None)]


# many, and the command ----------------------------------------------------------------------------


def test_many_failures_are_listed_in_part_and_counted(shop):
    lines = pd.DataFrame(
        {
            "line_id": [f"l{number}" for number in range(1000)],
            "order_id": "o1",
            "quantity": 1,
            "unit_price": 1.0,
            "discount": 0.0,
            "amount": 2.0,
        }
    )
    lines.to_parquet(shop / "order_lines.parquet", index=False)
    (shop / "returns.parquet").unlink()

    table = check(shop, limit=5)

    assert table["row"].dropna().tolist() == [1, 2, 3, 4, 5]
    assert table["problem"].iloc[-1] == "is not quantity x unit_price - discount, in 995 more rows"


def test_the_command_says_that_nothing_is_wrong(shop):
    result = CliRunner().invoke(app, ["check", str(shop)])

    assert result.exit_code == 0
    assert result.stdout == f"{shop}: nothing is wrong\n"


def test_the_command_lists_and_counts(spoil):
    result = CliRunner().invoke(app, ["check", str(spoil("orders", "channel", 2, "[bold]pigeon"))])

    assert result.exit_code == 1
    assert "[bold]pigeon" in result.stdout
    assert result.stdout.endswith(": 1 failure\n")


def test_the_commands_json_can_be_read(spoil):
    result = CliRunner().invoke(app, ["check", str(spoil("order_lines", "quantity", 1, None)), "--json"])

    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["failures"] == 1
    assert answer["listed"] == [
        {
            "table": "order_lines",
            "column": "quantity",
            "row": 1,
            "value": None,
            "problem": "is empty and must not be",
        }
    ]


def test_a_folder_that_is_not_there_is_a_wrong_call(tmp_path):
    with pytest.raises(StoreError, match="there is no such folder"):
        check(tmp_path / "nowhere")
