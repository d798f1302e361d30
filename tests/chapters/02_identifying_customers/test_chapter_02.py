"""The chapter on stores that lack something: one line each, the rest is done, nothing is lost."""

import json
import shutil

import nbformat
import pandas as pd
import pytest
import shop_exports
from chapter_runs import run as run_chapter
from chapter_runs import texts, told

from crm_course import open_store
from crm_course.errors import WrongCall
from crm_course.tables.imports.importing import import_export

CHAPTER = "02_identifying_customers"


def run(folder, tmp_path, **parameters):
    return run_chapter(CHAPTER, folder, tmp_path, **parameters)


@pytest.fixture
def without(demo, tmp_path):
    """Give the demo store without some of its files."""

    def make(*names):
        folder = tmp_path / "lacking"
        shutil.copytree(demo, folder)
        for name in names:
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return folder

    return make


def test_cdnow_has_no_records_and_runs_to_its_end(tmp_path, cdnow):
    outcome = run(cdnow, tmp_path)

    assert told(outcome) == []
    assert outcome.without == [
        "CDNOW has no table `records`: linking (to have it, import with --keep-identifiers) is left out.",
        "CDNOW has no table `consents`: consent along the merge is left out.",
    ]
    assert "CDNOW has no table `invoices`: what an open invoice holds back is left out." in texts(outcome)
    assert outcome.figures["orders_named"] == 1.0
    assert outcome.figures["outdated"] == 0  # all 18 months are younger than the rule
    assert "f1 of exact keys" not in outcome.figures


def test_the_demo_store_shows_each_way_beside_its_truth(shown):
    assert shown["f1 of as entered"] < shown["f1 of exact keys"] < 0.90 < shown["f1 of score"]
    assert shown["f1 of splink"] > 0.90
    assert shown["came_back_before"] + 0.05 < shown["came_back_after"]
    assert shown["changes_naive"] < shown["changes_per_year"]
    assert shown["deleted_too_early"] > 0
    assert shown["f1 of as entered"] < shown["f1 of written one way"] < shown["f1 of exact keys"]
    assert 0 < shown["never_meet"] < 0.2 * shown["true_pairs"]
    assert shown["groups_that_lose"] > 0 and shown["least_recall"] < 0.5  # the average hides them
    assert shown["to_ask_at_least"] < shown["to_ask"] < shown["to_ask_at_most"]
    assert 0 < shown["deleted_in_touch"] < shown["outdated"]
    assert shown["in_doubt"] > 50  # who never chose counts as well


def built_cells(house):
    return nbformat.read(house / "notebooks" / f"{CHAPTER}.ipynb", as_version=4).cells


def test_what_is_printed_agrees_with_what_is_reported(house, shown):
    told = " ".join(output.get("text", "") for cell in built_cells(house) for output in cell.get("outputs", [])).split()
    told = " ".join(told)

    assert f"{shown['may_be_mailed']:,.0f} people may get e-mail. {shown['in_doubt']:,.0f} people who chose" in told
    assert f"Of {shown['outdated']:,.0f} outdated records {shown['deleted_in_touch']:,.0f} belong" in told
    assert f"and {shown['never_meet']:,.0f} never meet" in told
    assert "Axes" not in "".join(
        output["data"].get("text/plain", "")
        for cell in built_cells(house)
        for output in cell.get("outputs", [])
        if "image/png" not in output.get("data", {"image/png": ""})
    )


@pytest.mark.long
def test_where_asking_does_not_pay_nobody_is_asked(tmp_path, demo):
    outcome = run(demo, tmp_path, answering=0.05, keep_months=120, k=1000)

    assert told(outcome) == [] and outcome.left_out == 0
    assert "Nobody is worth asking at this price" in texts(outcome) and "nan years" not in texts(outcome)
    assert "Nothing is outdated" in texts(outcome)
    assert outcome.figures["to_ask"] == 0 == outcome.figures["outdated"]


@pytest.mark.long
def test_an_export_imported_with_its_identifiers_runs_to_its_end(tmp_path, demo):
    export = shop_exports.shopify(open_store(demo), tmp_path / "orders.csv")
    import_export([export], "shopify_orders", tmp_path / "imported", keep_identifiers=True)

    outcome = run(tmp_path / "imported", tmp_path)

    (problem,) = told(outcome)
    assert "0 pairs with two mobile numbers, a fit needs 30" in problem
    assert outcome.figures["records"] > 1_000
    assert "No two records agree in anything: nothing to review" in texts(outcome)  # keyed by e-mail
    assert "outdated" in outcome.figures


@pytest.mark.long
def test_without_the_truth_the_line_set_by_hand_stays(tmp_path, without):
    real = without("truth")
    info = json.loads((real / "store.json").read_text())
    (real / "store.json").write_text(json.dumps(info | {"source": "an export"}))

    outcome = run(real, tmp_path)

    assert told(outcome) == []
    truth, review = outcome.without
    assert truth.startswith("Nobody knows the truth about ")
    assert review == "Nobody has reviewed the sample yet: the line set by hand stays."
    assert "f1 of score" not in outcome.figures and "threshold" not in outcome.figures
    assert outcome.figures["customers_after"] < outcome.figures["customers_before"]
    assert "Real people's forms are not shown." in texts(outcome)


@pytest.mark.long
def test_a_store_without_links_consents_and_invoices_says_so(tmp_path, without):
    outcome = run(without("links.parquet", "consents.parquet", "invoices.parquet"), tmp_path)

    assert told(outcome) == []
    assert [line.partition(" has no table ")[2] for line in outcome.without] == [
        "`links`: what hangs on the shop's own links is left out.",
        "`consents`: consent along the merge is left out.",
    ]
    assert "has no table `invoices`: what an open invoice holds back is left out." in texts(outcome)
    assert "f1 of score" in outcome.figures and "customers_after" not in outcome.figures


@pytest.mark.long
def test_a_store_of_few_records_says_what_cannot_be_learnt(tmp_path, demo):
    folder = tmp_path / "few"
    shutil.copytree(demo, folder)
    for name in ("records", "links", "truth/records"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        table[table["record_id"] <= "E00000000100"].to_parquet(folder / f"{name}.parquet")

    outcome = run(folder, tmp_path)

    assert any("splink: 100 records, a fit needs 200" in line for line in told(outcome))
    assert "outdated" in outcome.figures


@pytest.mark.long
def test_an_earlier_day_sees_fewer_records(tmp_path, demo):
    outcome = run(demo, tmp_path, as_of="2024-06-30")

    assert told(outcome) == []
    assert outcome.figures["records"] < 3000


def test_an_unknown_parameter_is_refused_before_anything_runs(tmp_path, demo):
    with pytest.raises(WrongCall, match="keep_months"):
        run(demo, tmp_path, keep_month=12)
    assert not (tmp_path / "chapter.ipynb").exists()
