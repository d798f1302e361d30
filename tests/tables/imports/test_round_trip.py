"""A synthetic store, exported as each system would and imported again, has the same customers."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import shop_exports as exporting
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.simulator.simulation import simulate
from crm_course.tables.checks.checking import check
from crm_course.tables.imports.hiding import pseudonyms, read_key, tagged
from crm_course.tables.imports.importing import import_export
from crm_course.tables.store import Store, open_store


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory) -> Store:
    folder = tmp_path_factory.mktemp("synthetic") / "store"
    simulate(folder, customers=150, seed=11, months=18)
    return open_store(folder)


@pytest.fixture(scope="module", params=list(exporting.WRITERS))
def trip(request, synthetic, tmp_path_factory) -> tuple[str, Path, Store, Path]:
    """The name of the mapping, the export, the store that was made of it, and the key."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    export = exporting.WRITERS[name](synthetic, folder / "export.csv")
    result = import_export([export], name, folder / "store", key=folder / "key")
    assert result.rows_in == result.rows_taken + result.rows_refused
    assert result.reasons == {}
    return name, export, open_store(folder / "store"), folder / "key"


def customers(store: Store, returns: bool) -> pd.DataFrame:
    """Orders, first and last purchase, money kept, of each customer."""
    lines = store.table("order_lines").merge(store.table("orders"), on="order_id")
    if returns and store.has("returns"):
        back = store.table("returns").groupby("line_id")["amount"].sum()
        lines["amount"] -= lines["line_id"].map(back).fillna(0)
    table = lines[lines["customer_id"].notna()].groupby("customer_id")
    found = table.agg(orders=("order_id", "nunique"), first=("ordered_at", "min"), last=("ordered_at", "max"))
    return found.assign(money=(table["amount"].sum() * 100).round() / 100, units=table["quantity"].sum())


def test_the_customer_table_is_the_same(trip, synthetic):
    name, _, store, key = trip
    before = customers(synthetic, name in exporting.RETURNS)
    after = customers(store, name in exporting.RETURNS)
    kind = "email" if name in ("shopify_orders", "woocommerce_orders") else "number"
    values = [exporting.person(one)["email"] if kind == "email" else one for one in before.index]
    names = pseudonyms(tagged(pd.Series(values, dtype="str"), kind), read_key(key, Path("nowhere")))
    before = before.set_axis(pd.Index(names, name="customer_id")).sort_index()
    for column in ("first", "last"):
        before[column] = before[column].dt.floor("s")
    units = ["units"] if name != "square_transactions" else []  # where no export tells them

    pd.testing.assert_frame_equal(after.drop(columns="units"), before.drop(columns="units"), check_index_type=False)
    assert all((after[column] == before[column]).all() for column in units)


def test_the_form_of_cdnow_gives_the_same_customers_by_day(synthetic, tmp_path):
    export = exporting.cdnow(synthetic, tmp_path / "cdnow.txt")
    shop = {"as_of": f"{synthetic.as_of:%Y-%m-%d}", "currency": "HKD", "time_zone": synthetic.time_zone}
    changes: dict[str, object] = {f"store.{name}": value for name, value in shop.items()}

    result = import_export([export], "cdnow", tmp_path / "store", changes=changes)

    before, after = customers(synthetic, False), customers(open_store(tmp_path / "store"), False)
    for column in ("first", "last"):
        before[column] = before[column].dt.tz_convert(synthetic.time_zone).dt.normalize().dt.tz_convert("UTC")
    assert result.rows_refused == 0
    pd.testing.assert_frame_equal(after, before, check_index_type=False, check_freq=False)


def test_a_register_gives_the_same_complaints(synthetic, tmp_path):
    lines = exporting.invoice_lines(synthetic, tmp_path / "lines.csv")
    import_export([lines], "invoice_lines", tmp_path / "store", key=tmp_path / "key")
    register = exporting.complaints_register(synthetic, tmp_path / "register.csv")

    result = import_export([register], "complaints_register", tmp_path / "store", key=tmp_path / "key")

    assert (result.reasons, result.unknown) == ({}, {})
    store = open_store(tmp_path / "store")
    before = synthetic.table("complaints").set_index("complaint_id")
    after = store.table("complaints").set_index("complaint_id")
    before = before.loc[before["customer_id"].notna()]
    assert len(after) == len(before) > 10
    for column in ("order_id", "product_id", "service", "category", "severity", "outcome", "satisfied", "compensation"):
        told = before[column].astype("object").reindex(after.index)
        assert (after[column].astype("object").fillna("") == told.fillna("")).all(), column
    assert (after["accepted_at"] == before["accepted_at"].reindex(after.index).dt.floor("s")).all()
    one_each = pd.concat([after["customer_id"], before["customer_id"].rename("who").reindex(after.index)], axis=1)
    assert (one_each.drop_duplicates().groupby("who").size() == 1).all()
    assert check(store.path).empty
    told = "".join(_texts(path) for path in store.path.iterdir())
    assert not any(exporting.person(one)["phone"][-8:] in told for one in before["customer_id"])


def test_first_seen_is_the_first_purchase(trip):
    store = trip[2]
    seen = store.table("customers").set_index("customer_id")["first_seen_at"]

    assert (seen == customers(store, False)["first"].reindex(seen.index)).all()


def test_the_store_is_good(trip):
    assert check(trip[2].path).empty


def test_no_output_tells_who_anybody_is(trip, synthetic):
    store = trip[2]
    told = "".join(_texts(path) for path in store.path.iterdir()).casefold()
    people = [exporting.person(one) for one in synthetic.table("customers")["customer_id"]]

    for kind in ("name", "email", "phone", "address"):
        assert [one[kind] for one in people if one[kind].casefold() in told] == []
    assert [one["phone"] for one in people if one["phone"].removeprefix("+852 ") in told] == []


def _texts(path: Path) -> str:
    if path.suffix == ".parquet":
        return pd.read_parquet(path).astype("str").to_csv()
    return path.read_text(encoding="utf-8")


def test_the_same_file_twice_changes_nothing(trip):
    name, export, store, key = trip
    folder = store.path.parent / "twice"
    copy = export.with_name("copy.csv")
    copy.write_bytes(export.read_bytes())

    result = import_export([export, copy, export], name, folder, key=key)

    assert result.rows_refused * 3 == result.rows_in * 2
    for path in store.path.glob("*.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(folder / path.name), pd.read_parquet(path))


def test_the_same_import_again_leaves_the_store_as_it_is(trip):
    name, export, store, key = trip
    before = {path.name: path.stat().st_mtime_ns for path in store.path.iterdir()}

    import_export([export], name, store.path, key=key)

    assert {path.name: path.stat().st_mtime_ns for path in store.path.iterdir()} == before


def test_months_that_overlap_are_merged(trip):
    name, export, store, key = trip
    lines = pd.read_csv(export, dtype=str, keep_default_na=False)
    order = next(column for column in ("Name", "order_id", "Transaction ID", "Invoice") if column in lines)
    numbers = {one: position for position, one in enumerate(lines[order].unique())}
    position = lines[order].map(numbers)
    lines[position < len(numbers) * 0.6].to_csv(export.with_name("first.csv"), index=False)
    lines[position >= len(numbers) * 0.4].to_csv(export.with_name("second.csv"), index=False)

    result = import_export(
        [export.with_name("first.csv"), export.with_name("second.csv")], name, store.path.parent / "merged", key=key
    )

    assert result.rows_taken == len(lines)
    merged = open_store(store.path.parent / "merged")
    pd.testing.assert_frame_equal(customers(merged, True), customers(store, True))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_letters_and_separators_are_recognised(synthetic, tmp_path, encoding):
    export = exporting.invoice_lines(synthetic, tmp_path / "export.csv")
    rows = pd.read_csv(export, dtype=str).head(200)
    rows["Description"] = "护手霜 " + rows["Description"]
    rows["Price"] = rows["Price"].str.replace(".", ",")
    (tmp_path / "other.csv").write_bytes(rows.to_csv(index=False, sep=";").encode(encoding))

    result = import_export([tmp_path / "other.csv"], "invoice_lines", tmp_path / "store", key=tmp_path / "key")

    assert result.rows_refused == 0
    assert result.files[0]["separator"] == ";"
    assert result.files[0]["decimal"] == ","
    products = open_store(tmp_path / "store").table("products")
    assert products["name"].str.startswith("护手霜").all()


def test_an_excel_file_is_read(synthetic, tmp_path):
    export = exporting.invoice_lines(synthetic, tmp_path / "export.csv")
    rows = pd.read_csv(export, dtype={"Invoice": str, "Customer ID": str}, parse_dates=["InvoiceDate"]).head(200)
    rows.to_excel(tmp_path / "export.xlsx", index=False)

    result = import_export([tmp_path / "export.xlsx"], "invoice_lines", tmp_path / "store", key=tmp_path / "key")

    assert (result.rows_taken, result.rows_refused) == (200, 0)


def test_the_command_says_what_it_recognised_and_hid(synthetic, tmp_path):
    export = exporting.square_items(synthetic, tmp_path / "export.csv")
    call = ["import", str(export), "--map", "square_items", "-o", str(tmp_path / "s"), "--key", str(tmp_path / "key")]

    answer = json.loads(CliRunner().invoke(app, [*call, "--json"]).stdout)

    assert answer["rows_in"] == answer["rows_taken"]
    assert answer["identifiers"] == "hidden"
    assert answer["files"][0]["encoding"] == "utf-8"
    assert "identities are hidden" in CliRunner().invoke(app, call).stdout


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Store:
    folder = tmp_path_factory.mktemp("large") / "store"
    simulate(folder, customers=1000, seed=3, months=36)
    return open_store(folder)


@pytest.mark.long
@pytest.mark.parametrize("name", list(exporting.WRITERS))
def test_chapter_three_runs_on_every_export(large, tmp_path, name):
    export = exporting.WRITERS[name](large, tmp_path / "export.csv")
    store = ["import", str(export), "--map", name, "-o", str(tmp_path / "store"), "--key", str(tmp_path / "key")]
    chapter = ["run", "03", "--data", str(tmp_path / "store"), "-o", str(tmp_path / "03.ipynb"), "--html"]

    assert CliRunner().invoke(app, store).exit_code == 0
    assert CliRunner().invoke(app, chapter).exit_code == 0
    pages = "".join(_texts(tmp_path / f"03.{ending}") for ending in ("ipynb", "html")).casefold()
    who = {one for person in large.table("customers")["customer_id"] for one in exporting.person(person).values()}
    pseudonyms_of_store = set(open_store(tmp_path / "store").table("customers")["customer_id"])
    assert [one for one in who | pseudonyms_of_store if one.casefold() in pages] == []
