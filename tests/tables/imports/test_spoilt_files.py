"""Every mapping on files that something happened to: rows are taken or refused, or one line says why not."""

from __future__ import annotations

import random
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_course.errors import CourseError
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.importing import import_export
from crm_course.tables.imports.sources.mapping import mapping_names
from crm_course.tables.imports.suggesting import suggest

ROWS = 24
HIDDEN = ("chan tai man", "@mail.example", "5123 45", "made-up street")


def who(n: int) -> str:
    return f"ann{n % 5}@mail.example"


def day(n: int) -> str:
    return f"2025-01-{n % 28 + 1:02d}"


def shopify() -> list[str]:
    head = "Name,Email,Financial Status,Accepts Marketing,Currency,Subtotal,Total,Created at,Lineitem quantity,"
    head += "Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing Phone,Cancelled at,"
    head += "Refunded Amount,Lineitem discount,Notes"
    item = "1,護手霜 {n},15.00,S{n},Chan Tai Man,{n} Made-up Street,+852 5123 45{n:02d},,"
    note = ',0.00,"ring ""Chan Tai Man""\nbefore noon"'
    return [head] + [
        f"#{n // 2},{who(n // 2)},"
        + ("paid,yes,HKD,30.00,30.00," if n % 2 == 0 else ",,,,,")
        + f"{day(n // 2)} 10:00:00 +0800,"
        + item.format(n=n % 4)
        + ("0.00" if n % 2 == 0 else "")
        + note
        for n in range(ROWS)
    ]


def woocommerce() -> list[str]:
    head = "order_id,order_date,status,order_currency,customer_email,billing_first_name,billing_last_name,line_item_1,"
    head += "line_item_2"
    item = "name:護手霜 {n}|product_id:{n}|sku:S{n}|quantity:{n}|total:{n}5.00|sub_total:{n}5.00"
    return [head] + [
        f"{n},01/{n % 28 + 1:02d}/2025 10:00:00,completed,HKD,{who(n)},Tai Man,Chan,"
        + item.format(n=n % 4 + 1) + "," + (item.format(n=n % 3 + 1) if n % 2 else "")
        for n in range(ROWS)
    ]  # fmt: skip


def square_items() -> list[str]:
    head = "Date,Time,Time Zone,Category,Item,Qty,SKU,Gross Sales,Discounts,Transaction ID,Event Type,Location,"
    head += "Customer ID,Customer Name,Notes"
    return [head] + [
        f'{day(n)},10:{n:02d}:00,Hong Kong,Hands,護手霜 {n % 4},{n % 3 + 1},S{n % 4},"$1,{n:03d}.00",$0.00,t{n},'
        f'Payment,Shop,c{n % 5},Chan Tai Man,"call 5123 45{n:02d}"'
        for n in range(ROWS)
    ]


def square_transactions() -> list[str]:
    head = "Date,Time,Gross Sales,Discounts,Total Collected,Partial Refunds,Transaction ID,Event Type,Customer ID,"
    head += "Customer Name"
    return [head] + [
        f"{day(n)},10:{n:02d}:00,${n + 5}.00,-$1.00,${n + 4}.00,$0.00,t{n},Payment,c{n % 5},Chan Tai Man"
        for n in range(ROWS)
    ]


def invoice_lines() -> list[str]:
    return ["Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"] + [
        f"5{n:03d},S{n % 7},護手霜 {n % 7},{n % 5 + 1},{day(n)} 10:00,{n % 9 + 1}.50,c{n % 11},HK" for n in range(ROWS)
    ]


def cdnow() -> list[str]:
    return [f" {n:05d} {n % 9:04d} 199701{n % 28 + 1:02d}  {n % 3 + 1}  {n % 30 + 5}.33" for n in range(ROWS)]


def register() -> list[str]:
    return ["Complaint no,Date received,Customer,Order,Product,Issue,Severity,Outcome,Compensation,Text"] + [
        f'k{n},{day(n)},c{n % 11},5{n:03d},護手霜 {n % 7},pump was broken,high,refunded,,"Chan Tai Man, 5123 45{n:02d}"'
        for n in range(ROWS)
    ]


def cfpb() -> list[str]:
    return ["Date received,Product,Issue,Consumer complaint narrative,State,Date sent to company,Complaint ID"] + [
        f'{day(n)},Debt,Fees or interest,"I, Chan Tai Man, said XXXX\nand ""no"".",FL,{day(n)},{n}' for n in range(ROWS)
    ]


FILES: dict[str, Callable[[], list[str]]] = {
    "shopify_orders": shopify,
    "woocommerce_orders": woocommerce,
    "square_items": square_items,
    "square_transactions": square_transactions,
    "invoice_lines": invoice_lines,
    "cdnow": cdnow,
    "complaints_register": register,
    "cfpb_complaints": cfpb,
}


@pytest.fixture(scope="module")
def key(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(scope="module")
def shop(tmp_path_factory, key) -> Path:
    """A store that a register of complaints can join."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "lines.csv").write_text("\n".join(invoice_lines()), encoding="utf-8")
    import_export([folder / "lines.csv"], "invoice_lines", folder / "store", key=key)
    return folder / "store"


def bring(name: str, content: bytes, shop: Path, key: Path):
    """Import a file and hold what must hold of every import; None when it was refused in one line."""
    with tempfile.TemporaryDirectory() as place:
        file, store = Path(place) / "export.csv", Path(place) / "store"
        file.write_bytes(content)
        if name == "complaints_register":
            shutil.copytree(shop, store)
        try:
            result = import_export([file], name, store, key=key)
        except CourseError as error:
            assert "\n" not in str(error)
            return None
        assert result.rows_in == result.rows_taken + result.rows_refused
        assert result.rows_taken > 0 and all(
            result.tables[one] for one in ("orders", "complaints") if one in result.tables
        )
        lists = [pd.read_csv(path, dtype=str) for path in store.glob("refused*.csv")]
        assert sum(map(len, lists)) == result.rows_refused == sum(result.reasons.values())
        assert check(store).empty, check(store)
        return result


def text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("name", FILES)
def test_the_good_file_is_taken_whole(name, shop, key):
    result = bring(name, text(FILES[name]()), shop, key)

    assert (result.rows_in, result.rows_taken) == (ROWS, ROWS)


def test_every_mapping_is_here():
    assert set(FILES) == set(mapping_names())


def reordered(lines: list[str], order: random.Random, doubled: bool) -> bytes:
    """Put the columns in another order; one of them may come twice."""
    rows = [re.findall(r'("(?:[^"]|"")*"|[^,]*)(?:,|$)', line)[: lines[0].count(",") + 1] for line in lines]
    places = order.sample(range(len(rows[0])), len(rows[0])) + ([order.randrange(len(rows[0]))] if doubled else [])
    return text([",".join(row[place] for place in places) for row in rows])


@pytest.mark.parametrize("name", [name for name in FILES if name != "cdnow"])
@pytest.mark.parametrize("seeds", [1, pytest.param(20, marks=pytest.mark.long)])
def test_columns_in_another_order_change_nothing_and_a_double_is_told(name, seeds, shop, key):
    for seed in range(seeds):
        assert bring(name, reordered(FILES[name](), random.Random(seed), False), shop, key).rows_taken == ROWS
        doubled = bring(name, reordered(FILES[name](), random.Random(seed), True), shop, key)
        assert doubled is None or doubled.rows_taken == ROWS


FIT_AS_WELL = {("square_transactions", "square_items"), ("complaints_register", "cfpb_complaints")}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_format_is_told(name, shop, key):
    taken = [other for other in FILES if other != name and bring(name, text(FILES[other]()), shop, key)]

    assert taken == [other for mapping, other in FIT_AS_WELL if mapping == name]


NOTHING = [b"", b"\n \n", b"\0" * 99, b"\xff\xfe", b"PK\x03\x04", b"\xef\xbb\xbf", b"\x1f\x8b\x08\x00"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_nothing_is_told(name, shop, key):
    only_a_header = [text(FILES[name]()[:1])] if name != "cdnow" else []

    assert [content for content in [*NOTHING, *only_a_header] if bring(name, content, shop, key)] == []


KINDS = [
    "cut",
    "quote",
    "nul",
    "byte",
    "comma",
    "newline",
    "return",
    "repeat",
    "drop",
    "digit",
    "minus",
    "other letters",
]
spoilers = st.lists(
    st.tuples(st.integers(0, 6000), st.sampled_from(KINDS), st.integers(0, 255)), min_size=1, max_size=12
)


def spoilt(content: bytes, spoils: list[tuple[int, str, int]]) -> bytes:
    for position, kind, byte in spoils:
        at = position % (len(content) + 1)
        piece = {
            "quote": b'"',
            "nul": b"\0",
            "byte": bytes([byte]),
            "comma": b",",
            "newline": b"\n",
            "return": b"\r",
            "repeat": content[at : at + byte],
            "digit": b"9" * (byte % 12),
            "minus": b"-",
            "other letters": "護手霜紅色".encode(("big5", "gb18030", "utf-16", "utf-8")[byte % 4]),
        }.get(kind, b"")
        rest = content[at + byte :] if kind == "drop" else b"" if kind == "cut" and byte < 20 else content[at:]
        content = content[:at] + piece + rest
    return content


def lines_in(content: bytes) -> int:
    """Count the lines that are not empty, by another way than the import: only where no quote joins lines."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return sum(bool(line.strip(b" \t,")) for line in lines)


def hold(name: str, spoils: list[tuple[int, str, int]], shop: Path, key: Path) -> None:
    content = spoilt(text(FILES[name]()), spoils)
    result = bring(name, content, shop, key)
    if result and b'"' not in content and name != "cdnow" and result.files[0]["separator"] == ",":
        assert result.rows_in == lines_in(content) - 1
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "export.csv").write_bytes(content)
        try:
            suggest(Path(place) / "export.csv")
        except CourseError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=3, deadline=None)
@given(spoils=spoilers)
@example(spoils=[(0, "byte", 255), (1, "byte", 254)])
def test_a_spoilt_file_is_taken_or_refused_or_told(name, spoils, shop, key):
    hold(name, spoils, shop, key)


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
@settings(max_examples=400, deadline=None)
@given(spoils=spoilers)
def test_many_spoilt_files_are_taken_or_refused_or_told(name, spoils, shop, key):
    hold(name, spoils, shop, key)
