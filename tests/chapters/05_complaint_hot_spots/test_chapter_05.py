"""The chapter on complaints on stores that lack something: one line each, and on to the end."""

import csv
import shutil
from functools import partial

import chapter_runs
import pandas as pd
import pytest
import shop_exports
from chapter_runs import texts, told

from crm_course.simulator.simulation import simulate
from crm_course.tables.imports.importing import import_export
from crm_course.tables.store import open_store

CHAPTER = "05_complaint_hot_spots"
run = partial(chapter_runs.run, CHAPTER, draws=2)


@pytest.fixture
def copy(tmp_path, demo):
    """Give a copy of the demo store without some tables."""

    def without(*names):
        folder = tmp_path / "copy"
        shutil.copytree(demo, folder)
        for name in names:
            (shutil.rmtree if name == "truth" else type(folder).unlink)(
                folder / (name if name == "truth" else f"{name}.parquet")
            )
        return folder

    return without


def test_cdnow_has_no_complaints_and_the_chapter_says_so(tmp_path, cdnow):
    outcome = run(cdnow, tmp_path)

    assert told(outcome) == []
    assert "CDNOW has no table `complaints`: everything but this line is left out." in texts(outcome)
    assert outcome.figures == {}


@pytest.mark.long
def test_without_contacts_and_products_the_rates_are_still_there(tmp_path, copy):
    outcome = run(copy("contacts", "products", "truth"), tmp_path)

    assert told(outcome) == []
    for table in ("contacts", "products"):
        assert f"has no table `{table}`" in texts(outcome)
    assert "Nobody knows the truth about" in texts(outcome)
    assert "Nobody noted what customers said: the words of complaints are left out." in texts(outcome)
    assert outcome.figures["rate"] > 0 and "rate of poor answer" not in outcome.figures
    assert "found by count" not in outcome.figures and "no_rule" not in outcome.figures


def test_without_orders_exposure_is_unknown_and_what_is_left_is_told(tmp_path, copy):
    outcome = run(copy("orders", "truth"), tmp_path)

    assert told(outcome) == []
    assert "nobody knows what was sold" in texts(outcome)
    assert "again, turned down" in outcome.figures and "no_rule" in outcome.figures
    assert "rate" not in outcome.figures


@pytest.mark.long
def test_too_few_complaints_leave_what_needs_no_fit(tmp_path, copy):
    folder = copy("truth")
    path = folder / "complaints.parquet"
    pd.read_parquet(path).query("category == 'defect'").head(6).assign(repeat_of=None).astype(
        {"repeat_of": "str"}
    ).to_parquet(path)

    outcome = run(folder, tmp_path)

    problems = told(outcome)
    assert any("Poisson" in line and "too few" in line for line in problems)
    assert any("shrinkage" in line and "do not tell how rates differ" in line for line in problems)
    assert outcome.figures["counted"] <= 6 and "listed" not in outcome.figures


@pytest.mark.long
def test_an_earlier_as_of_sees_nothing_later_and_compares_with_no_truth(tmp_path, demo):
    outcome = run(demo, tmp_path, as_of="2023-12-31")

    assert told(outcome) == []
    assert outcome.figures["complaints"] < 332
    shown = texts(outcome)
    assert "Nobody knows the truth about Jade Mirror Beauty on 31 December 2023" in shown
    assert "Too few to judge any shop." in shown
    orders = open_store(demo).table("orders")["ordered_at"].dt.tz_convert("Asia/Hong_Kong") < "2024-01-01"
    assert f"*orders*: {1_000 * 30 / orders.sum():.1f}" in shown  # 30 complaints about defects by then
    assert not {"coverage", "silent", "found by count"} & set(outcome.figures)


@pytest.mark.long
def test_a_register_without_order_numbers_counts_nothing_and_says_why(tmp_path):
    simulate(tmp_path / "synthetic", customers=120, seed=5, months=18)
    export = shop_exports.invoice_lines(open_store(tmp_path / "synthetic"), tmp_path / "lines.csv")
    import_export([export], "invoice_lines", tmp_path / "shop", key=tmp_path / "key")
    with export.open(encoding="utf-8") as file:
        sold = list(csv.DictReader(file))[:40]
    register = tmp_path / "register.csv"
    header = "Complaint no,Date received,Customer,Order,Product,Issue,Severity,Assigned,Closed,Outcome\n"
    rows = [
        f'K{k},2025-09-01,{one["Customer ID"]},,"{one["Description"]}",pump was broken,low,2025-09-02 10:00,,\n'
        for k, one in enumerate(sold)
    ]
    register.write_text(header + "".join(rows), encoding="utf-8")
    import_export([register], "complaints_register", tmp_path / "shop", key=tmp_path / "key")

    outcome = run(tmp_path / "shop", tmp_path)

    problems = told(outcome)
    assert outcome.figures["complaints"] == 40 and outcome.figures["counted"] == 0
    assert all("KeyError" not in line and "NameError" not in line for line in problems)
    page = outcome.page.read_text(encoding="utf-8")
    assert "unit not known" in page


def test_on_the_demo_store_every_figure_is_reported(shown):
    assert shown["without_cause"] == 0
    assert shown["error_shrunken"] < shown["error_raw"]
    assert shown["again, mended quickly"] < shown["again, mended slowly"]
    assert shown["share_of_3+"] > 0.3
    assert shown["called by chance"] < 1
    assert shown["error_shrunken"] < shown["error_category"] < shown["error_raw"]
