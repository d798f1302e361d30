"""A register of complaints joins the store that has the orders."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import shop_exports

from crm_course.errors import CourseError, WrongCall
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.importing import import_export
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.store import Store, open_store

pytestmark = pytest.mark.skipif("complaints" not in SCHEMAS, reason="this version has no table of complaints")

HEADER = "Complaint no,Date received,Customer,Order,Product,Issue,Severity,Assigned,Closed,Outcome,Compensation,"
HEADER += "Disputed,Repeat of,Text\n"


@pytest.fixture(scope="module")
def imported(tmp_path_factory, made_folder) -> Path:
    """An export, and the store that was imported from it, without complaints; only to be copied."""
    folder = tmp_path_factory.mktemp("imported")
    synthetic = open_store(made_folder(customers=60, seed=5, months=12))
    export = shop_exports.invoice_lines(synthetic, folder / "lines.csv")
    import_export([export], "invoice_lines", folder / "shop", key=folder / "key")
    return folder


@pytest.fixture
def shop(imported, tmp_path) -> Store:
    """A store of the test's own."""
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return open_store(tmp_path / "shop")


@pytest.fixture
def sale(tmp_path, shop) -> dict[str, str]:
    """One line that was sold, as the shop's own system names it."""
    with (tmp_path / "lines.csv").open(encoding="utf-8") as file:
        return next(iter(csv.DictReader(file)))


def row(complaint: str, sale: dict[str, str], **other: str) -> str:
    cells = {
        "number": complaint,
        "received": "2025-09-01",
        "customer": sale["Customer ID"],
        "order": sale["Invoice"],
        "product": sale["Description"],
        "issue": "pump was broken",
        "severity": "high",
        "assigned": "2025-09-02 10:00",
        "closed": "",
        "outcome": "",
        "compensation": "",
        "disputed": "",
        "repeat": "",
        "text": "call me at 9123 4567",
    }
    return ",".join(f'"{one}"' for one in {**cells, **other}.values()) + "\n"


def bring(shop: Store, *rows: str):
    register = shop.path.parent / "register.csv"
    register.write_text(HEADER + "".join(rows), encoding="utf-8")
    return import_export([register], "complaints_register", shop.path, key=shop.path.parent / "key")


def test_a_complaint_is_linked_to_customer_order_and_product(shop, sale):
    result = bring(shop, row("k1", sale, closed="2025-09-03", outcome="refunded", compensation="1.00", disputed="No"))

    complaint = shop.table("complaints").iloc[0]
    orders = shop.table("orders").set_index("order_id")
    assert complaint["order_id"] == sale["Invoice"]
    assert complaint["customer_id"] == orders.loc[sale["Invoice"], "customer_id"]
    assert complaint["product_id"] == sale["StockCode"].upper()
    assert complaint[["category", "severity", "outcome", "satisfied"]].tolist() == ["defect", "high", "refund", "yes"]
    assert complaint["compensation"] == 1.0
    assert complaint["accepted_at"].tz_convert("Asia/Hong_Kong").isoformat() == "2025-09-01T00:00:00+08:00"
    assert (result.rows_taken, result.unknown) == (1, {})
    assert check(shop.path).empty


def test_links_that_the_store_does_not_know_are_left_empty_and_counted(shop, sale):
    result = bring(
        shop,
        row("k1", sale),
        row("k2", sale, customer="nobody", order="none", product="other"),
        row("k3", sale, repeat="k1", received="2025-09-02"),
        row("k4", sale, repeat="k9"),
    )

    assert result.unknown == {"customer_id": 1, "order_id": 1, "product_id": 1, "repeat_of": 1}
    assert shop.table("complaints")["repeat_of"].fillna("").tolist() == ["", "", "k1", ""]
    assert check(shop.path).empty


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"issue": "hm"}, "Issue is of no category that the mapping knows"),
        ({"received": "soon"}, "Date received is not a time written as"),
        ({"received": "2031-01-01"}, "Date received is after the store's last day"),
        ({"assigned": "2025-08-01"}, "Date sent to company is before an earlier stage"),
        ({"compensation": "a lot"}, "Compensation is not an amount"),
        ({"compensation": "99999.00"}, "Compensation is more than the order cost"),
        ({"number": ""}, "Complaint ID is empty"),
        ({"number": "k1"}, "Complaint ID is there already"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason(shop, sale, other, reason):
    result = bring(shop, row("k1", sale), row("k2", sale, **other))

    assert (result.rows_in, result.rows_taken, result.rows_refused) == (2, 1, 1)
    assert [one.startswith(reason) for one in result.reasons] == [True]
    assert (shop.path / "refused_complaints.csv").is_file()
    assert check(shop.path).empty


def test_words_of_the_customer_are_in_no_output(shop, sale):
    bring(shop, row("k1", sale), row("k2", sale, issue="rang from 9123 4567"))

    assert "9123 4567" not in "".join(path.read_text() for path in shop.path.glob("*complaints*.csv"))


def test_the_same_register_again_changes_nothing(shop, sale):
    first = bring(shop, row("k1", sale))

    assert bring(shop, row("k1", sale)) == first
    with pytest.raises(WrongCall, match="has complaints already"):
        bring(shop, row("k2", sale))


def test_complaints_need_a_store_with_orders(shop, sale, tmp_path):
    (tmp_path / "register.csv").write_text(HEADER + row("k1", sale), encoding="utf-8")

    with pytest.raises(CourseError, match="there is no such folder"):
        import_export([tmp_path / "register.csv"], "complaints_register", tmp_path / "nowhere", key=tmp_path / "key")


def test_the_columns_of_a_public_register_are_known(shop, tmp_path):
    header = "Date received,Product,Issue,Consumer complaint narrative,Date sent to company,"
    header += "Company response to consumer,Consumer disputed?,Complaint ID\n"
    rows = "2025-09-01,Mortgage,Billing disputes,words,2025-09-02,Closed with non-monetary relief,N/A,77\n"
    (tmp_path / "register.csv").write_text(header + rows)

    result = import_export([tmp_path / "register.csv"], "complaints_register", shop.path, key=tmp_path / "key")

    complaint = shop.table("complaints").iloc[0]
    assert complaint[["complaint_id", "category", "outcome"]].tolist() == ["77", "payment", "apology"]
    assert result.unknown == {"product_id": 1}
