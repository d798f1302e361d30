"""The chapter on stores that lack something: one line each, the rest is done, nothing is lost."""

import datetime as dt
import shutil

import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from chapter_runs import run, texts, told

from crm_course.analysis.sales import sales
from crm_course.analysis.value import lifecycle
from crm_course.errors import WrongCall
from crm_course.running.outcome import figures
from crm_course.simulator.simulation import simulate
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.writing import write_store
from crm_course.tables.store import open_store

INFO = StoreInfo(
    name="Corner shop",
    currency="HKD",
    time_zone="Asia/Hong_Kong",
    as_of=dt.date(2025, 12, 31),
    source="a test",
)
CHAPTER = "03_customer_value"


def tables_of(*rows):
    """Make customers, orders and order lines of (customer, day, amount)."""
    table = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    moment = pd.to_datetime(table["day"], utc=True) + pd.Timedelta(hours=4)
    number = pd.Series([f"{i:05d}" for i in range(len(table))], dtype="str")
    orders = pd.DataFrame({"order_id": "O" + number, "customer_id": table["customer_id"], "ordered_at": moment})
    lines = pd.DataFrame(
        {
            "line_id": "L" + number,
            "order_id": "O" + number,
            "quantity": 1,
            "unit_price": table["amount"],
            "discount": 0.0,
        }
    ).assign(unit_price=table["amount"], amount=table["amount"])
    first = orders.groupby("customer_id")["ordered_at"].min().rename("first_seen_at").reset_index()
    return {"customers": first.assign(account=False), "orders": orders, "order_lines": lines}


def quick(folder, tmp_path, **parameters):
    return run(CHAPTER, folder, tmp_path, draws=20, **parameters)


@pytest.mark.long
def test_no_table_tells_of_fewer_people_than_asked_for(tmp_path, demo, house):
    built = house / "notebooks" / f"{CHAPTER}.ipynb"
    assert numbers_of_people(built).between(5, 99).any()  # there are such groups

    outcome = quick(demo, tmp_path, k=100)

    assert told(outcome) == []
    assert len(numbers_of_people(outcome.notebook)) >= 10
    assert not numbers_of_people(outcome.notebook).between(1, 99).any()
    assert not numbers_of_people(built).between(1, 4).any()
    assert "Fewer than 100 accounts: not shown." in texts(outcome)
    assert "Left out: Fewer than 100 accounts." in texts(outcome)
    assert outcome.figures["gold_stayed"] is None and "overdue" not in outcome.figures


def numbers_of_people(notebook):
    """Give what stands in the columns that count people, of all tables that are shown."""
    cells = nbformat.read(notebook, as_version=4).cells
    pages = [output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", [])]
    tables = [table_of(table) for page in pages for table in BeautifulSoup(page, "html.parser").find_all("table")]
    counts = {"people", "R", "F", "M", "late", "prompt"}
    return pd.concat([table[name] for table in tables for name in counts & set(table.columns)]).dropna()


def table_of(table):
    head, *rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    rows = [row for row in rows if len(row) == len(head)]
    return pd.DataFrame(rows, columns=head).apply(pd.to_numeric, errors="coerce")


@pytest.fixture(scope="module")
def built_figures(house):
    return figures(nbformat.read(house / "notebooks" / f"{CHAPTER}.ipynb", as_version=4))


def test_who_did_not_allow_profiling_is_not_chosen_by_what_she_bought(demo, built_figures):
    store = open_store(demo)
    consents = store.table("consents")
    by_email, profiled = sales.contactable(consents, "marketing", "email"), sales.contactable(consents, "profiling")
    buyers = pd.Index(consumers(store)["customer_id"].unique())

    both = len(buyers.intersection(by_email).intersection(profiled)) / len(buyers)

    assert built_figures["may_be_asked"] == pytest.approx(both)
    assert both < len(buyers.intersection(by_email)) / len(buyers)


def test_a_list_is_judged_on_half_years_of_one_length_and_nets_what_had_come_back_by_then(demo, built_figures):
    store, half = open_store(demo), pd.Timedelta(days=184)
    split = store.as_of - half
    then = consumers(store.at(split))
    before = then[then["day"] > split - half]
    known = pd.Index(then["customer_id"].unique()).sort_values()
    sums = before.groupby("customer_id")[["net_amount", "net_margin"]].sum().reindex(known).fillna(0.0)

    own_time = lifecycle.gain(sums[["net_amount"]], sums["net_margin"])

    assert built_figures["list_promised"] == pytest.approx(lifecycle.found_by_top(own_time).iloc[0])
    assert built_figures["list_kept"] < built_figures["list_promised"]


def consumers(store):
    """Give what consumers bought, netted by what had come back until the store's day."""
    return store.purchases().query("~account")


def test_cdnow_runs_whole_and_names_what_it_lacks(tmp_path, cdnow):
    outcome = quick(cdnow, tmp_path, holdout_days=273)

    assert told(outcome) == []
    for table in ("returns", "calendar", "consents", "invoices"):
        assert f"CDNOW has no table `{table}`" in texts(outcome)
    assert outcome.figures["holdout_error_calendar"] == pytest.approx(1653.4 / 1882 - 1, abs=1e-3)
    assert outcome.figures["customers"] == 2357


@pytest.mark.long
def test_all_customers_with_one_order_leave_the_descriptive_half_standing(tmp_path):
    days = pd.date_range("2024-01-01", "2025-12-30", periods=200).strftime("%Y-%m-%d")
    write_store(tmp_path / "once", INFO, tables_of(*((f"c{i}", day, 100.0 + i) for i, day in enumerate(days))))

    outcome = quick(tmp_path / "once", tmp_path)

    first, *others = told(outcome)
    assert "BG/NBD: 0 of" in first and "take a longer period or more customers" in first
    assert all("NothingToAnalyse" not in line for line in others)
    assert outcome.figures["bought_once"] == 1.0
    assert "gini" in outcome.figures and "declining" in outcome.figures
    assert "clv_total" not in outcome.figures


@pytest.mark.long
def test_one_customer(tmp_path):
    visits = [("ann", f"2025-{month:02d}-03", 50.0) for month in range(1, 13)]
    write_store(tmp_path / "one", INFO, tables_of(*visits))

    assert "customers" not in quick(tmp_path / "one", tmp_path).figures  # one is fewer than are shown

    outcome = quick(tmp_path / "one", tmp_path, k=1)

    assert any("1 of 1 customers came back, a fit needs 30" in line for line in told(outcome))
    assert outcome.figures["customers"] == 1


@pytest.mark.long
def test_no_orders(tmp_path):
    tables = {name: table.iloc[:0] for name, table in tables_of(("ann", "2025-01-01", 1.0)).items()}
    write_store(tmp_path / "none", INFO, tables)

    (problem,) = told(quick(tmp_path / "none", tmp_path))

    assert "orders: no order of a known customer on or before 2025-12-31; column customer_id says who bought" in problem


@pytest.mark.long
def test_orders_in_the_future_are_left_out_and_the_check_names_them(tmp_path):
    known = [("ann", "2025-01-05", 10.0), ("bo", "2025-02-05", 20.0)]
    write_store(tmp_path / "future", INFO, tables_of(*known, ("ann", "2026-06-01", 1e6)))

    outcome = quick(tmp_path / "future", tmp_path, k=1)

    told(outcome)
    assert outcome.figures["net_sales"] == 30.0


def test_a_missing_table_and_a_wrong_type_are_named(tmp_path, demo):
    folder = tmp_path / "broken"
    shutil.copytree(demo, folder)
    (folder / "order_lines.parquet").unlink()
    invoices = pd.read_parquet(folder / "invoices.parquet")
    invoices.assign(due_at="soon").to_parquet(folder / "invoices.parquet")

    problems = told(quick(folder, tmp_path))

    assert any("has no table `order_lines`" in line for line in problems)


@pytest.mark.long
def test_a_wrong_type_in_a_table_of_the_last_section_costs_only_that_section(tmp_path, demo):
    folder = tmp_path / "late"
    shutil.copytree(demo, folder)
    invoices = pd.read_parquet(folder / "invoices.parquet")
    invoices.assign(due_at="soon").to_parquet(folder / "invoices.parquet")

    outcome = quick(folder, tmp_path)

    (problem,) = told(outcome)
    assert "invoices.parquet" in problem and "due_at" in problem and "crm-course check" in problem
    assert "clv_total" in outcome.figures and "overdue" not in outcome.figures


@pytest.mark.long
def test_a_shop_that_nobody_leaves_is_named_and_the_rest_is_done(tmp_path):
    rng = np.random.default_rng(4)
    days = pd.date_range("2024-01-01", "2025-12-31").strftime("%Y-%m-%d")
    rows = [
        (f"c{who}", day, 100.0)
        for who in range(300)
        for day in rng.choice(days, rng.poisson(rng.gamma(4.0, 3.0)) + 1, replace=False)
    ]
    write_store(tmp_path / "loyal", INFO, tables_of(*rows))

    outcome = quick(tmp_path / "loyal", tmp_path)

    assert any("BG/NBD: parameter" in line for line in told(outcome))
    assert "declining" in outcome.figures


@pytest.mark.long
def test_an_as_of_in_the_future_is_refused_in_one_line(tmp_path, demo):
    (problem,) = told(quick(demo, tmp_path, as_of="2031-01-01"))

    assert "2031-01-01" in problem and "2025-12-31" in problem


@pytest.mark.long
def test_an_earlier_as_of_sees_nothing_later(tmp_path, demo):
    outcome = quick(demo, tmp_path, as_of="2025-06-30")

    assert told(outcome) == []
    assert "realised" not in outcome.figures  # the truth of another day is not compared
    assert "less than two years, no season can be seen" in texts(outcome)  # at the split; today there are more
    assert "the model used from here on was not tested" in texts(outcome)


def test_an_unknown_parameter_is_refused_before_anything_runs(tmp_path, demo):
    with pytest.raises(WrongCall, match="holdout_days"):
        quick(demo, tmp_path, holdout_day=30)
    assert not (tmp_path / "chapter.ipynb").exists()


def test_the_shipped_store_is_what_simulate_makes(tmp_path, demo):
    simulate(tmp_path / "again", customers=2000, seed=7)

    for path in sorted(demo.rglob("*.parquet")):
        again = tmp_path / "again" / path.relative_to(demo)
        pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(again))
    assert sum(path.stat().st_size for path in demo.rglob("*")) < 10_000_000
    assert open_store(demo).truth("customers") is not None
