"""Whatever is in a file: rows are taken or refused and counted, or one line says what is wrong."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_course.errors import CourseError, WrongCall
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.importing import import_export
from crm_course.tables.imports.sources.text_files import decoded
from crm_course.tables.store import open_store

HEADER = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
ROWS = [
    f"5{n:03d},S{n % 7},Item {n % 7},{n % 5 + 1},2025-01-{n % 28 + 1:02d} 10:00,{n % 9 + 1}.50,c{n % 11},HK\n"
    for n in range(60)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("bad")


def bring(place: Path, content: bytes, name: str = "lines.csv"):
    """Import a file; what was taken is a good store, and no row is lost."""
    folder = place / f"store-{len(list(place.iterdir()))}"
    (place / name).write_bytes(content)
    result = import_export([place / name], "invoice_lines", folder, key=place / "key")
    assert result.rows_in == result.rows_taken + result.rows_refused == result.rows_taken + sum(result.reasons.values())
    assert check(folder).empty
    refused = pd.read_csv(folder / "refused.csv") if result.rows_refused else pd.DataFrame()
    assert len(refused) == result.rows_refused
    assert json.loads((folder / "import.json").read_text())["rows_in"] == result.rows_in
    return result


def text(*rows: str) -> bytes:
    return (HEADER + "".join(rows)).encode()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROWS[1][:25] + "\n", "line does not have 8 columns"),
        (ROWS[1].replace("Item", '"Item'), "a quote is not closed on its line"),
        (ROWS[1].replace("Item", "It\0em"), "line holds a NUL byte"),
        (ROWS[1].replace("2025", "2225"), "InvoiceDate is in the future"),
        (ROWS[1].replace("2025-01", "2025-13"), "InvoiceDate is not a time written as"),
        (ROWS[1].replace("2.50", "2,5,0"), "line does not have 8 columns"),
        (ROWS[1].replace("2.50", "two"), "UnitPrice is not an amount"),
        (ROWS[1].replace("5001", ""), "InvoiceNo is empty"),
        (ROWS[0].replace("5000", "C5000").replace(",1,", ",-1,").replace("S0", "S9"), "StockCode is given back"),
    ],
)
def test_a_bad_line_is_refused_alone(place, row, reason):
    result = bring(place, text(*ROWS[10:20], row, *ROWS[20:30]))

    assert result.rows_taken == 20
    assert [one.startswith(reason) for one in result.reasons] == [True]


@pytest.mark.parametrize("sign", list(",;\t|"))
@pytest.mark.parametrize(
    ("encoding", "word", "recognised"),
    [
        ("utf-8", "ñ", "utf-8"),
        ("utf-8-sig", "護手霜", "utf-8"),
        ("utf-16", "護手霜", "utf-16"),
        ("gb18030", "护手霜红色", "gb18030"),
        ("big5", "護手霜紅色", "big5"),
        ("cp1252", "Crème brûlée", "cp1252"),
        ("latin-1", "Café", "cp1252"),
    ],
)
def test_letters_and_signs_are_recognised(place, encoding, word, recognised, sign):
    content = text(*ROWS[:30]).decode().replace("Item", word).replace(",", sign)

    result = bring(place, content.encode(encoding))

    assert (result.rows_taken, result.files[0]["encoding"]) == (30, recognised)


TRADITIONAL = "護手霜 洗面乳 紅色唇膏 禮券 送貨 面膜 香水 旺角店 沙田 睫毛膏 粉底液 眼影 防曬乳 保濕精華 身體乳".split()  # noqa: SIM905
SIMPLIFIED = "护手霜 洗面奶 红色唇膏 礼券 送货 面膜 香水 旺角店 沙田 睫毛膏 粉底液 眼影 防晒乳 保湿精华 身体乳".split()  # noqa: SIM905


@pytest.mark.parametrize(
    ("words", "encoding"), [(TRADITIONAL, "big5"), (TRADITIONAL, "gb18030"), (SIMPLIFIED, "gb18030")]
)
def test_few_chinese_words_are_recognised_or_asked_for_and_never_garbled(words, encoding):
    asked = 0
    for pair in itertools.combinations(words, 2):
        try:
            lines, _ = decoded(Path("few.csv"), "\n".join(["Item", *pair]).encode(encoding), "auto")
            assert lines == ["Item", *pair]
        except WrongCall as error:
            assert "name it, as --encoding" in str(error)
            asked += 1
    assert asked < 6  # of 105


@pytest.mark.parametrize(
    "word",
    ["Stück", "Größe", "Café", "Crème brûlée", "ñandú", "Señor Muñoz", "naïve Œuvre", "ÄÖÜ", "Übergröße"],
)
def test_a_single_word_with_accents_is_not_taken_for_chinese(word):
    assert decoded(Path("few.csv"), f"Item,{word}\n1,2".encode("cp1252"), "auto")[0] == [f"Item,{word}", "1,2"]


def test_letters_of_hong_kong_alone_are_known():
    lines, encoding = decoded(Path("hk.csv"), "靚靚嘅護手霜\n喺旺角買咗".encode("big5hkscs"), "auto")

    assert (lines, encoding) == (["靚靚嘅護手霜", "喺旺角買咗"], "big5hkscs")


def test_letters_of_two_kinds_in_one_file(place):
    good = [row.replace("Item", "護手霜") for row in ROWS[:20]]
    result = bring(place, text(*good) + ROWS[30].replace("Item", "護手霜").encode("big5"))

    assert result.reasons == {"line is not text in the file's encoding": 1}
    assert result.files[0]["encoding"] == "utf-8"


def test_a_note_over_several_lines_is_one_row(place):
    result = bring(place, text(ROWS[0], ROWS[1].replace("Item 1", '"Item\n1, ""large""\nblue"'), ROWS[2]))

    assert (result.rows_in, result.rows_refused) == (3, 0)


MONTH_FIRST = [
    row.replace(f"2025-01-{n % 28 + 1:02d}", f"{n % 12 + 1}/{n % 28 + 1}/2025") for n, row in enumerate(ROWS)
]


def test_days_with_the_month_first_are_recognised_and_never_read_both_ways(place):
    assert bring(place, text(*MONTH_FIRST[:40])).rows_taken == 40
    lines = open_store(newest(place)).table("orders")["ordered_at"].dt.tz_convert("Asia/Hong_Kong")
    assert f"{lines.max():%Y-%m-%d}" <= "2025-12-28" and lines.dt.month.nunique() == 12

    day_first = [row.replace("2025-01-", "").replace(" 10:00", "/02/2025 10:00") for row in ROWS]
    result = bring(place, text(*day_first[12:27], "9000,S1,x,1,1/13/2025 10:00,9.50,c1,HK\n"))
    assert (result.rows_taken, result.rows_refused) == (15, 1)


def test_days_that_can_be_read_both_ways_have_the_day_first(place):
    bring(place, text("9000,S1,x,1,3/12/2024 10:00,9.50,c1,HK\n"))

    moment = open_store(newest(place)).table("orders")["ordered_at"][0]
    assert f"{moment:%d %B}" == "03 December"


def newest(place: Path) -> Path:
    return max(place.glob("store-*"), key=lambda path: path.stat().st_mtime_ns)


def test_a_spreadsheet_with_day_and_time_in_cells_of_their_own(place):
    rows = [
        {
            "Date": dt.datetime(2025, 1, n + 1),
            "Time": dt.time(10, n),
            "Item": f"Cream {n % 3}",
            "Qty": 1,
            "SKU": f"S{n}",
            "Gross Sales": 15.5,
            "Transaction ID": f"t{n}",
            "Event Type": "Payment",
            "Customer ID": f"c{n}",
        }
        for n in range(9)
    ]
    pd.DataFrame(rows).to_excel(place / "square.xlsx", index=False)

    result = import_export([place / "square.xlsx"], "square_items", place / "store-xlsx", key=place / "key")

    assert (result.rows_taken, result.rows_refused) == (9, 0)
    moment = open_store(place / "store-xlsx").table("orders")["ordered_at"].dt.tz_convert("Asia/Hong_Kong").max()
    assert f"{moment:%d %H:%M}" == "09 10:08"


def test_another_currency_is_named(place):
    (place / "usd.csv").write_text(
        "Name,Email,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"
        "#1,a@mail.example,USD,9.00,9.00,2025-01-01 10:00:00 +0800,1,Fern,9.00\n"
    )

    with pytest.raises(WrongCall, match="Currency is not HKD in any of 1 rows; name the shop's currency with"):
        import_export([place / "usd.csv"], "shopify_orders", place / "store-usd", key=place / "key")


def test_columns_in_another_order(place):
    table = pd.DataFrame([row.strip().split(",") for row in ROWS], columns=HEADER.strip().split(","))

    result = bring(place, table[table.columns[::-1]].to_csv(index=False).encode())

    assert (result.rows_taken, result.rows_refused) == (60, 0)


def test_a_column_that_is_there_twice_is_told_when_it_is_needed(place):
    doubled = HEADER.replace("Country", "Price") + "".join(ROWS)
    with pytest.raises(WrongCall, match="the header names UnitPrice more than once"):
        bring(place, doubled.encode())

    assert (
        bring(place, (HEADER.replace("\n", ",Country\n") + "".join(ROWS).replace("\n", ",HK\n")).encode()).rows_taken
        == 60
    )


def test_amounts_with_commas_and_points_alike_are_asked_for(place):
    rows = [
        row.replace(".50", ",50").replace(",", ";").replace(f"{n % 9 + 1};50", f"{n % 9 + 1},50")
        for n, row in enumerate(ROWS[:4])
    ]
    rows += [row.replace(",", ";") for row in ROWS[4:8]]

    with pytest.raises(WrongCall, match=r"cents after commas and points alike; name one, as --decimal ,"):
        bring(place, (HEADER.replace(",", ";") + "".join(rows)).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n \n",
        b"\0" * 1000,
        HEADER.encode(),
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"PK\x03\x04" + bytes(range(256)),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        b"\xff\xfe\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old excel",
        b'{"orders": [{"id": 1}]}',
        b"<html><body>please sign in</body></html>",
        b"Order,When,Who\n1,2025-01-01,ann\n",
    ],
)
def test_a_file_of_another_form_is_told_in_one_line(place, content):
    with pytest.raises(CourseError) as error:
        bring(place, content)

    assert "\n" not in str(error.value)


spoilers = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.sampled_from(["cut", "quote", "nul", "byte", "comma", "newline", "repeat", "drop", "digit"]),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilers)
def test_a_spoilt_file_is_taken_or_refused_or_told(place, spoils):
    hold(place, spoils)


@pytest.mark.long
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilers)
def test_many_spoilt_files_are_taken_or_refused_or_told(place, spoils):
    hold(place, spoils)


def hold(place, spoils):
    content = text(*ROWS)
    for position, kind, byte in spoils:
        at = min(position, len(content))
        piece = {
            "cut": b"",
            "quote": b'"',
            "nul": b"\0",
            "byte": bytes([byte]),
            "comma": b",",
            "newline": b"\n",
            "repeat": content[at : at + byte],
            "drop": b"",
            "digit": b"9" * (byte % 12),
        }[kind]
        rest = content[at + byte :] if kind == "drop" else b"" if kind == "cut" and byte < 20 else content[at:]
        content = content[:at] + piece + rest
    try:
        bring(place, content)
    except CourseError as error:
        assert "\n" not in str(error)
