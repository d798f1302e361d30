"""What a chapter asks a store for: customer-days, lines, a first look, and a table that may be missing."""

import datetime as dt
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from crm_course import open_store
from crm_course.errors import LeftOut, NothingToAnalyse
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.glance import speaks_of_people
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.writing import write_store

INFO = StoreInfo(
    name="Corner shop", currency="HKD", time_zone="Asia/Hong_Kong", as_of=dt.date(2025, 12, 31), source="an export"
)


@pytest.fixture(scope="module")
def folder(made_folder):
    return made_folder("beauty", customers=300, months=18, seed=5)


@pytest.fixture(scope="module")
def store(folder):
    return open_store(folder)


@pytest.fixture
def without(folder, tmp_path):
    """The same store without some tables."""

    def lacking(*names):
        shutil.copytree(folder, tmp_path / "store")
        for name in names:
            (tmp_path / "store" / f"{name}.parquet").unlink()
        return open_store(tmp_path / "store")

    return lacking


def test_a_day_of_a_customer_counts_once_and_nothing_is_lost(store):
    days = store.purchases()

    orders = store.table("orders").dropna(subset="customer_id")
    lines = store.table("order_lines")
    assert not days.duplicated(["customer_id", "day"]).any()
    assert len(days) == len(orders.drop_duplicates(["customer_id", "day"]))
    sold = lines.loc[lines["order_id"].isin(orders["order_id"]), "amount"].sum()
    assert days["gross_amount"].sum() == pytest.approx(sold)
    back = store.table("returns").merge(lines[["line_id", "order_id"]], on="line_id")
    back = back.loc[back["order_id"].isin(orders["order_id"]), "amount"].sum()
    assert days["net_amount"].sum() == pytest.approx(sold - back)


def test_an_order_counts_for_whom_it_is_taken_to_be(store):
    orders = store.table("orders").dropna(subset="customer_id").set_index("order_id")
    same, of_shops = store.purchases(), store.purchases(whose=orders["channel"].astype("str"))

    pd.testing.assert_frame_equal(store.purchases(whose=orders["customer_id"]), same)
    assert set(of_shops["customer_id"]) == set(orders["channel"])
    assert len(of_shops) == len(orders.drop_duplicates(["channel", "day"]))
    assert of_shops["net_amount"].sum() == pytest.approx(same["net_amount"].sum())
    assert store.purchases(whose=orders["customer_id"].iloc[:1])["customer_id"].tolist() == [
        orders["customer_id"].iloc[0]
    ]


def test_without_a_list_of_customers_nobody_buys_on_account(store, without):
    days, lacking = store.purchases(), without("customers").purchases()

    pd.testing.assert_frame_equal(lacking, days.assign(account=False))


def test_a_return_that_is_not_known_yet_changes_nothing(store):
    split = pd.Timestamp("2025-06-30")
    then, now = store.at(split).purchases(), store.purchases()

    assert then["day"].max() <= split
    same = then.merge(now, on=["customer_id", "day"], suffixes=("", "_now"))
    assert len(same) == len(then)
    assert (same["net_amount"] >= same["net_amount_now"] - 1e-9).all()
    assert (same["net_amount"] > same["net_amount_now"] + 1e-9).any()
    assert same["gross_amount"].tolist() == pytest.approx(same["gross_amount_now"].tolist())


def test_accounts_are_told_apart(store):
    customers = store.customers()
    for table in (store.purchases(), store.lines()):
        assert table["account"].tolist() == customers["account"].reindex(table["customer_id"]).tolist()
        assert table["account"].any() and not table["account"].all()


def test_lines_add_up_to_what_was_paid_at_the_till(store):
    assert store.lines()["amount"].sum() == pytest.approx(store.purchases()["gross_amount"].sum())


def test_without_products_all_is_one_category(without):
    assert set(without("products").lines()["category"]) == {"everything"}


def test_where_nobody_is_known_one_line_says_so(tmp_path):
    orders = pd.DataFrame({"order_id": ["o"], "customer_id": pd.array([None], "str")})
    orders = orders.assign(ordered_at=pd.Timestamp("2025-06-01", tz="UTC"))
    line = {"line_id": "l", "order_id": "o", "quantity": 1, "unit_price": 1.0, "discount": 0.0, "amount": 1.0}
    nobody = pd.DataFrame({"customer_id": pd.array([], "str"), "account": pd.array([], bool)})
    nobody = nobody.assign(first_seen_at=pd.Series(dtype="datetime64[us, UTC]"))
    tables = {"customers": nobody, "orders": orders, "order_lines": pd.DataFrame([line])}
    store = write_store(tmp_path / "shop", INFO, tables) or open_store(tmp_path / "shop")

    for ask in (store.purchases, store.lines):
        with pytest.raises(NothingToAnalyse, match="on or before 2025-12-31; column customer_id says who bought"):
            ask()
    for ask in (store.at("2025-06-30").purchases, store.at("2025-06-30").lines):
        with pytest.raises(NothingToAnalyse, match="on or before 2025-06-30; choose a later as_of"):
            ask()


def test_what_a_table_is_needed_for_is_left_out_in_one_line(without, capsys):
    store = without("invoices")

    with pytest.raises(LeftOut, match=r"^.* has no table `invoices`: credit behaviour is left out\.$") as told:
        store.table("invoices", for_="credit behaviour")
    assert told.value._render_traceback_() == [str(told.value)]
    assert told.value.why == f"{store.name} has no table `invoices`"
    assert store.table("orders", for_="nothing").equals(store.table("orders"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_optional_table_is_empty_and_of_the_same_types(store, without, name, capsys):
    if not store.has(name):
        pytest.skip("the scenario has none")
    table = without(name).table(name, optional="the rest")

    assert table.empty
    assert table.dtypes.drop(table.select_dtypes("category").columns).to_dict() == {
        column: kind for column, kind in store.table(name).dtypes.items() if not isinstance(kind, pd.CategoricalDtype)
    }
    assert list(table) == list(store.table(name))
    assert capsys.readouterr().out == f"{store.name} has no table `{name}`: the rest is left out.\n"


def test_a_table_without_a_row_is_as_good_as_none(store):
    before = store.at(store.first_day)
    nothing = next(name for name in ("returns", "complaints", "invoices") if not before.has(name))

    with pytest.raises(LeftOut, match=f"has nothing in table `{nothing}`: rates is left out"):
        before.table(nothing, for_="rates")


def test_an_unknown_truth_is_left_out_in_one_line(store):
    assert len(store.truth("customers", for_="a look")) == len(store.truth("customers"))
    with pytest.raises(LeftOut, match=r"^Nobody knows the truth about .* on 30 June 2025: a look is left out\.$"):
        store.at("2025-06-30").truth("customers", for_="a look")
    assert store.at("2025-06-30").truth("customers") is None


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_first_look_shows_five_rows_and_says_what_every_column_means(store, name):
    if not store.has(name):
        pytest.skip("the scenario has none")
    look = store.head(name)

    table = store.table(name)
    assert len(look.rows) == min(5, len(table))
    assert f"{len(table):,} rows" in str(look)
    for column in table:
        line = next(line for line in str(look).splitlines() if line.split()[0] == column)
        assert len(line.split()) > 2
    assert look._repr_html_().count("<tr") == len(table.columns) + 2


def test_on_real_data_nobody_is_shown_but_the_goods_are(store):
    export = replace(store, info=store.info.model_copy(update={"source": "an export of the till"}))

    assert store.synthetic and not export.synthetic
    for name in ("customers", "orders", "order_lines", "returns", "complaints", "records"):
        assert speaks_of_people(name)
        assert export.head(name).rows.empty
        assert "synthetic stores only" in str(export.head(name))
    for name in ("products", "stores", "calendar"):
        assert len(export.head(name).rows) == 5 or len(export.head(name).rows) == len(export.table(name))


def test_what_the_simulator_was_told_is_known_on_any_day_and_left_out_of_a_real_export(store, tmp_path):
    told = store.scenario(for_="which goods call for which")

    assert told["spend"]["complements"]
    assert store.at(store.today - pd.Timedelta(days=100)).scenario(for_="it") == told
    with pytest.raises(LeftOut, match=r"^Nobody knows the truth about .*: which goods call for which is left out"):
        replace(store, path=tmp_path).scenario(for_="which goods call for which")
