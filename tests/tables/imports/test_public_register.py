"""The public register of complaints: no customer, no order, a store of its own."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import CourseError
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.importing import import_export
from crm_course.tables.store import open_store

OLD = [
    "Date received",
    "Product",
    "Sub-product",
    "Issue",
    "Sub-issue",
    "Consumer complaint narrative",
    "Company public response",
    "Company",
    "State",
    "ZIP code",
    "Tags",
    "Consumer consent provided?",
    "Submitted via",
    "Date sent to company",
    "Company response to consumer",
    "Timely response?",
    "Consumer disputed?",
    "Complaint ID",
]
NEW = [name for name in OLD if name not in ("Consumer consent provided?", "Consumer disputed?")]
STORY = (
    'On XX/XX/XXXX I called XXXX XXXX.\nShe said: "pay {$1200.00}", to acct XXXX.\n\nRing 9123 4567, ask for Mr. Lam.'
)


def complaint(number: str, **other: str) -> dict[str, str]:
    usual = {
        "Date received": "2019-09-24",
        "Product": "Debt collection",
        "Issue": "Attempts to collect debt not owed",
        "Consumer complaint narrative": STORY,
        "State": "FL",
        "ZIP code": "335XX",
        "Tags": "Older American",
        "Date sent to company": "2019-09-25",
        "Company response to consumer": "Closed with explanation",
        "Consumer disputed?": "N/A",
        "Complaint ID": number,
    }
    return {**usual, **other}


def register(path: Path, header: list[str], *rows: dict[str, str]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def bring(tmp_path: Path, *files: Path):
    return import_export(list(files), "cfpb_complaints", tmp_path / "store", key=tmp_path / "key")


@pytest.mark.parametrize("header", [OLD, NEW], ids=["18 columns", "16 columns"])
def test_the_register_becomes_a_store_that_is_good(tmp_path, header):
    rows = [complaint("1"), complaint("2", **{"Date received": "2020-01-06", "Date sent to company": "2020-01-06"})]

    result = bring(tmp_path, register(tmp_path / "cfpb.csv", header, *rows))

    assert (result.rows_in, result.rows_taken, result.tables) == (2, 2, {"complaints": 2})
    assert result.not_there == ([] if header == OLD else ["Consumer disputed?"])
    store = open_store(tmp_path / "store")
    assert store.as_of == pd.Timestamp("2020-01-06")
    assert not store.has("orders") and not store.has("customers")
    assert check(store.path).empty


@pytest.mark.parametrize("written", ["2019-03-12", "03/12/19", "03/12/2019", "2019-03-12T12:00:00-05:00"])
def test_days_come_in_several_forms(tmp_path, written):
    bring(tmp_path, register(tmp_path / "cfpb.csv", OLD, complaint("1", **{"Date received": written})))

    moment = open_store(tmp_path / "store").table("complaints")["accepted_at"][0]
    assert f"{moment.tz_convert('America/New_York'):%d %B %Y}" == "12 March 2019"


@pytest.mark.parametrize(
    ("issue", "category"),
    [
        ("Attempts to collect debt not owed", "payment"),
        ("Incorrect information on your report", "poor answer"),
        ("Communication tactics", "staff"),
        ("Closing an account", "defect"),
    ],
)
def test_what_happened_is_told_in_the_words_of_the_course(tmp_path, issue, category):
    bring(tmp_path, register(tmp_path / "cfpb.csv", OLD, complaint("1", Issue=issue)))

    assert open_store(tmp_path / "store").table("complaints")["category"].tolist() == [category]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("Closed with monetary relief", "refund"),
        ("Closed with non-monetary relief", "apology"),
        ("Closed with explanation", "apology"),
        ("Closed without relief", "rejected"),
        ("In progress", ""),
    ],
)
def test_what_was_decided(tmp_path, answer, outcome):
    row = complaint("1", **{"Company response to consumer": answer, "Consumer disputed?": "Yes"})
    bring(tmp_path, register(tmp_path / "cfpb.csv", OLD, row))

    told = open_store(tmp_path / "store").table("complaints")[["outcome", "satisfied"]].astype("str").fillna("").iloc[0]
    assert told.tolist() == [outcome, "no"]


def test_what_people_wrote_and_where_they_live_is_in_no_output(tmp_path):
    rows = [complaint("1"), complaint("2", **{"Date received": "9123 4567"}), complaint("3", Issue="")]

    result = bring(tmp_path, register(tmp_path / "cfpb.csv", OLD, *rows))

    assert (result.rows_taken, result.rows_refused) == (1, 2)
    told = "".join(
        pd.read_parquet(path).astype("str").to_csv() if path.suffix == ".parquet" else path.read_text()
        for path in (tmp_path / "store").iterdir()
    )
    assert [word for word in ("XXXX", "Lam", "9123 4567", "335XX", "Older", "FL,") if word in told] == []
    log = pd.read_csv(tmp_path / "store" / "privacy_log.csv").set_index("column")
    assert log.loc[["Consumer complaint narrative", "ZIP code", "Company"], "done"].tolist() == ["dropped"] * 3


def test_of_a_complaint_in_two_files_the_later_counts(tmp_path):
    first = register(tmp_path / "jan.csv", OLD, complaint("1", **{"Company response to consumer": "In progress"}))
    second = register(tmp_path / "feb.csv", NEW, complaint("1"), complaint("2"))

    result = bring(tmp_path, first, second)

    assert result.reasons == {"Complaint ID is in a later file as well": 1}
    assert open_store(tmp_path / "store").table("complaints")["outcome"].tolist() == ["apology", "apology"]


@pytest.mark.parametrize("header", [OLD, NEW], ids=["18 columns", "16 columns"])
def test_the_register_is_recognised_with_rows_and_without(tmp_path, header):
    for rows in ([complaint("1")], []):
        file = register(tmp_path / "cfpb.csv", header, *rows)

        answer = json.loads(CliRunner().invoke(app, ["import", str(file), "--suggest", "--json"]).stdout)

        assert answer["known"] == "cfpb_complaints"
        assert {one["field"]: one["sure"] for one in answer["guesses"]}["category"] == 100


def test_a_shops_own_register_is_not_taken_for_it(tmp_path):
    (tmp_path / "own.csv").write_text(
        "Complaint ID,Date received,Customer ID,Order ID,Product,Issue,Severity\n1,2025-01-01,c1,o1,Soap,broken,high\n"
    )

    answer = json.loads(CliRunner().invoke(app, ["import", str(tmp_path / "own.csv"), "--suggest", "--json"]).stdout)

    assert answer["known"] == "complaints_register"


def test_the_command_names_the_file_of_refused_rows(tmp_path):
    file = register(tmp_path / "cfpb.csv", OLD, complaint("1"), complaint("1"))
    call = ["import", str(file), "--map", "cfpb_complaints", "-o", str(tmp_path / "s"), "--key", str(tmp_path / "key")]

    result = CliRunner().invoke(app, call)

    assert result.exit_code == 1
    assert f"1 refused; each with its reason in {tmp_path / 's' / 'refused.csv'}" in result.stdout.replace("\n", "")
    assert (tmp_path / "s" / "refused.csv").is_file()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    file = register(tmp_path / "cfpb.csv", OLD, complaint("1"))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "here.txt").touch()

    with pytest.raises(CourseError, match="there is something in it already"):
        bring(tmp_path, file)


def test_orders_are_still_missed_where_there_are_customers(tmp_path):
    bring(tmp_path, register(tmp_path / "cfpb.csv", OLD, complaint("1")))
    pd.DataFrame({"customer_id": ["a"], "account": [False]}).to_csv(tmp_path / "store" / "customers.csv", index=False)

    found = check(tmp_path / "store")

    assert found.loc[found["problem"].str.contains("is missing"), "table"].tolist()[-2:] == ["orders", "order_lines"]
