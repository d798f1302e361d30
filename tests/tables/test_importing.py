from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import CourseError, StoreError, WrongCall
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.building import pieces_of
from crm_course.tables.imports.importing import import_export
from crm_course.tables.store import open_store

GOOD = " 00004 0001 19970101  2   29.33\n"


def cdnow(tmp_path: Path, text: str) -> Path:
    (tmp_path / "export.txt").write_text(text)
    return tmp_path / "export.txt"


# the CDNOW sample, against what is published of it ------------------------------------------------


@pytest.fixture(scope="module")
def cdnow_store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cdnow") / "store"
    assert import_export([], "cdnow", folder).rows_taken == 6919
    return open_store(folder)


def test_cdnow_has_the_published_customers(cdnow_store):
    orders = cdnow_store.table("orders")
    day = orders["ordered_at"].dt.tz_convert(cdnow_store.time_zone).dt.tz_localize(None)
    days = orders.assign(day=day)[day <= "1997-09-30"].drop_duplicates(["customer_id", "day"]).groupby("customer_id")
    repeat = days.size() - 1

    assert len(cdnow_store.table("customers")) == 2357
    assert len(repeat) == 2357
    assert (repeat > 0).sum() == 946
    assert (day == day.dt.normalize()).all()
    assert cdnow_store.as_of == pd.Timestamp("1998-06-30")


def test_cdnow_keeps_every_cent_and_every_unit(cdnow_store):
    lines = cdnow_store.table("order_lines")

    assert round(lines["amount"].sum(), 2) == 244_091.94
    assert lines["quantity"].sum() == 16_479
    assert (lines["discount"] == 0).all()
    assert (lines.groupby("order_id")["amount"].sum() == 0).sum() > 0


def test_cdnow_is_a_good_store_of_three_tables(cdnow_store):
    assert check(cdnow_store.path).empty
    assert sorted(path.name for path in cdnow_store.path.iterdir()) == [
        "customers.parquet",
        "import.json",
        "order_lines.parquet",
        "orders.parquet",
        "privacy_log.csv",
        "store.json",
    ]


def test_first_seen_is_the_first_purchase(cdnow_store):
    customers = cdnow_store.table("customers").set_index("customer_id")

    assert customers.loc["0001", "first_seen_at"] == pd.Timestamp("1997-01-01 05:00", tz="UTC")
    assert not customers["account"].any()


def test_lifetimes_itself_is_not_imported(tmp_path):
    code = (
        "import sys; from crm_course.tables.imports.importing import import_export; "
        f"import_export([], 'cdnow', {str(tmp_path / 's')!r}); sys.exit('lifetimes' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "cents", "lines"),
    [
        (2, 2933, [(1, 14.66, 14.66), (1, 14.67, 14.67)]),
        (3, 6334, [(2, 21.11, 42.22), (1, 21.12, 21.12)]),
        (2, 2648, [(2, 13.24, 26.48)]),
        (1, 0, [(1, 0.0, 0.0)]),
        (3, 2, [(1, 0.0, 0.0), (2, 0.01, 0.02)]),
    ],
)
def test_a_sum_that_does_not_divide_becomes_two_lines(quantity, cents, lines):
    table = pieces_of(pd.DataFrame({"order_id": ["7"], "quantity": [quantity], "gross": [cents], "discount": [0]}))
    amount = table["quantity"] * table["price"] / 100

    assert list(zip(table["quantity"], table["price"] / 100, amount, strict=True)) == lines
    assert table["line_id"].tolist() == ["7-1", "7-2"][: len(lines)]


# refused rows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "column", "value", "reason"),
    [
        (" 00004 0001 19970101  2", "", "4 columns", "line does not have 5 columns"),
        (" 00004 0001 19970101  2 29.33 x", "", "6 columns", "line does not have 5 columns"),
        (" 00004 0001 19970231  2 29.33", "date", "19970231", "date is not a day written as %Y%m%d"),
        (" 00004 0001 soon  2 29.33", "date", "soon", "date is not a day written as %Y%m%d"),
        (" 00004 0001 19980701  2 29.33", "date", "19980701", "date is after the last day, 1998-06-30"),
        (" 00004 0001 19970101 -2 29.33", "cds", "-2", "cds is below 1"),
        (" 00004 0001 19970101  0 29.33", "cds", "0", "cds is below 1"),
        (" 00004 0001 19970101 1.5 29.33", "cds", "1.5", "cds is not a whole number"),
        (" 00004 0001 19970101  2 free", "dollars", "free", "dollars is not an amount"),
        (" 00004 0001 19970101  2 inf", "dollars", "inf", "dollars is not an amount"),
        (" 00004 0001 19970101  2 -1", "dollars", "-1", "dollars is negative"),
        (" 00004 0001 19970101  2 1.999", "dollars", "1.999", "dollars has fractions of a cent"),
        (" 00004 0001 19970101  2 1e10", "dollars", "1e10", "dollars is too large"),
    ],
)
def test_a_refused_row_is_counted_and_listed_with_its_reason(tmp_path, line, column, value, reason):
    export = cdnow(tmp_path, GOOD + "\n" + line + "\n" + GOOD)

    result = import_export([export], "cdnow", tmp_path / "s")

    assert (result.rows_in, result.rows_taken, result.rows_refused) == (3, 2, 1)
    assert result.reasons == {reason: 1}
    refused = pd.read_csv(tmp_path / "s" / "refused.csv", dtype=str, keep_default_na=False)
    assert refused.to_dict("records") == [
        {"file": str(export), "line": "3", "column": column, "value": value, "reason": reason}
    ]
    assert check(tmp_path / "s").empty


def test_the_last_day_itself_is_taken(tmp_path):
    export = cdnow(tmp_path, " 00004 0001 19980630  2   29.33\n")

    assert import_export([export], "cdnow", tmp_path / "s").rows_refused == 0


def test_several_files_make_one_store(tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(" 00021 0002 19970101  3   63.34\n")

    assert import_export([cdnow(tmp_path, GOOD), other], "cdnow", tmp_path / "s").rows_taken == 2
    assert open_store(tmp_path / "s").table("customers")["customer_id"].tolist() == ["0001", "0002"]


# wrong calls --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "there are no rows in it"),
        (b"\n\n", "there are no rows in it"),
        (b"Order ID,Date,Total\n1,2025-01-01,9.90\n", "none of 2 rows fits mapping 'cdnow' .*is it the right file"),
        (b"a b c d e\nf g h i j\n", "none of 2 rows fits mapping 'cdnow'"),
        (b"PK\x03\x04\xff\xfe\x00\x00", "is no Excel file that can be read"),
        (b"\xff\xfd\xff", "is not ascii text; is it the right file"),
        (b"PAR1\x00\x00 no text", "none of 1 rows fits"),
    ],
)
def test_a_file_of_another_form_is_refused_whole(tmp_path, content, message):
    (tmp_path / "export.txt").write_bytes(content)

    with pytest.raises(WrongCall, match=message):
        import_export([tmp_path / "export.txt"], "cdnow", tmp_path / "s")

    assert not (tmp_path / "s").exists()


def test_a_file_that_is_not_there_is_told(tmp_path):
    for path in (tmp_path / "nowhere.txt", tmp_path):
        with pytest.raises(WrongCall, match="there is no such file; name the export"):
            import_export([path], "cdnow", tmp_path / "s")


def test_an_unknown_mapping_lists_those_that_exist(tmp_path):
    with pytest.raises(WrongCall, match=r"there is no mapping 'shoppify'; there are .*cdnow"):
        import_export([], "shoppify", tmp_path / "s")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    with pytest.raises(StoreError, match="name an empty or new folder"):
        import_export([cdnow(tmp_path, GOOD)], "cdnow", tmp_path)


# mappings -----------------------------------------------------------------------------------------

MAPPING = """
store: {name: Shop, currency: HKD, time_zone: Asia/Hong_Kong, as_of: 2025-12-31, source: the till}
reader: {separator: ",", header: true}
row_is: order
columns: {customer_id: member, ordered_at: day, quantity: units, amount: total}
date_format: "%d/%m/%Y"
"""


def mapping(tmp_path: Path, text: str = MAPPING) -> str:
    (tmp_path / "till.yml").write_text(text)
    return str(tmp_path / "till.yml")


def test_a_mapping_of_ones_own_reads_a_file_with_a_header(tmp_path):
    export = tmp_path / "till.csv"
    export.write_text('day,member,units,total,note\n31/12/2025,ann,1,9.90,"a, b"\n,ann,1,9.90,\n30/12/2025,,1,9.90,\n')

    result = import_export([export], mapping(tmp_path), tmp_path / "s")

    assert (result.rows_in, result.rows_taken) == (3, 1)
    assert result.reasons == {"day is not a day written as %d/%m/%Y": 1, "member is empty": 1}
    assert open_store(tmp_path / "s").table("orders")["ordered_at"][0] == pd.Timestamp("2025-12-30 16:00", tz="UTC")


def test_a_midnight_that_a_clock_change_skips_is_the_first_moment_of_the_day(tmp_path):
    export = tmp_path / "till.csv"
    export.write_text("day,member,units,total\n09/09/2012,ann,1,9.90\n28/10/2012,bo,1,9.90\n")
    beirut = MAPPING.replace("Asia/Hong_Kong", "Asia/Beirut")

    import_export([export], mapping(tmp_path, beirut), tmp_path / "s")

    assert check(tmp_path / "s").empty


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("separator:", "seperator:", r"till\.yml: .*reader\.seperator: is no key of a mapping"),
        ("row_is: order", "row_is: visit", r"till\.yml: row_is: Input should be 'order', 'line' or 'complaint'"),
        ("row_is: order", "row_is: line", "rows that are lines need columns.order_id"),
        ("HKD", "dollars", r"till\.yml: store\.currency: "),
        ("header: true", "header: false", r"till\.yml: reader: .*name the columns where there is no header"),
        ("header: true", "header: true, encoding: morse", r"reader\.encoding: .*'morse' is not an encoding"),
        (
            "header: true",
            "header: false, columns: [day, member]",
            "names total, units, which reader.columns does",
        ),
        ("row_is: order", "", r"row_is: is missing"),
        ("row_is: order", "row_is: [", r"till\.yml, line \d+: is not YAML"),
        (MAPPING, "just a word", r"till\.yml: the file: "),
        (MAPPING, "", r"till\.yml: the file: "),
    ],
)
def test_a_wrong_mapping_is_told_with_file_and_key(tmp_path, old, new, message):
    with pytest.raises(WrongCall, match=message) as error:
        import_export([], mapping(tmp_path, MAPPING.replace(old, new)), tmp_path / "s")

    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("day,member\n", "the header has no column units, total; it has day, member"),
        ("day,day,member,units,total\n", "the header names day more than once"),
        ("", "the header has no column member, day, units, total; it has none"),
    ],
)
def test_a_header_that_does_not_fit_is_told(tmp_path, content, message):
    (tmp_path / "till.csv").write_text(content)

    with pytest.raises(WrongCall, match=message):
        import_export([tmp_path / "till.csv"], mapping(tmp_path), tmp_path / "s")


def test_a_mapping_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WrongCall, match=r"nowhere\.yml: cannot be read"):
        import_export([], str(tmp_path / "nowhere.yml"), tmp_path / "s")


def test_a_mapping_without_a_file_of_its_own_asks_for_one(tmp_path):
    with pytest.raises(CourseError, match="brings no file of its own; name the file to import"):
        import_export([], mapping(tmp_path), tmp_path / "s")


# the command --------------------------------------------------------------------------------------


def test_the_command_tells_the_numbers(tmp_path):
    export = cdnow(tmp_path, GOOD * 2 + "broken\n")

    result = CliRunner().invoke(app, ["import", str(export), "--map", "cdnow", "-o", str(tmp_path / "s"), "--json"])

    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["rows_in"], answer["rows_taken"], answer["rows_refused"]) == (3, 2, 1)


def test_the_command_says_what_was_refused_and_where(tmp_path):
    export = cdnow(tmp_path, GOOD * 2 + "broken\n")

    result = CliRunner().invoke(app, ["import", str(export), "--map", "cdnow", "-o", str(tmp_path / "s")])

    assert "2 of 3 rows taken, 1 refused; each with its reason in" in result.stdout
    assert "1 x line does not have 5 columns" in result.stdout


def test_the_command_without_refusals_ends_with_0(tmp_path):
    result = CliRunner().invoke(app, ["import", "--map", "cdnow", "-o", str(tmp_path / "s")])

    assert result.exit_code == 0
    assert "6,919 of 6,919 rows taken, 0 refused\n" in result.stdout


def test_a_quote_that_is_not_closed_swallows_no_other_line(tmp_path):
    rows = [f"{day:02d}/01/2025,m{day},1,10.00" for day in range(1, 29)]
    rows[3] = '04/01/2025,"m4,1,10.00'
    (tmp_path / "till.csv").write_text("day,member,units,total\n" + "\n".join(rows) + "\n")

    result = import_export([tmp_path / "till.csv"], mapping(tmp_path), tmp_path / "store")

    assert (result.rows_in, result.rows_taken, result.rows_refused) == (28, 27, 1)
    assert result.reasons == {"a quote is not closed on its line": 1}


def test_a_day_before_computers_is_refused(tmp_path):
    (tmp_path / "till.csv").write_text("day,member,units,total\n04/01/1823,m1,1,10.00\n05/01/2025,m2,1,10.00\n")

    result = import_export([tmp_path / "till.csv"], mapping(tmp_path), tmp_path / "store")

    assert result.reasons == {"day is before 1970-01-01": 1}
