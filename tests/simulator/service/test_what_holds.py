"""What holds in the service of every store, and that a store in which it did not would be found out."""

import re

import numpy as np
import pandas as pd
import pytest

from crm_course import open_store
from crm_course.simulator.settings.settings_file import HERE
from crm_course.simulator.simulation import simulate
from crm_course.tables.checks.laws import broken_laws
from crm_course.tables.schemas.service import SERVICE
from crm_course.tables.storage.info import read_info

USUAL = (HERE / "policies" / "usual.toml").read_text()
STAGES = ["accepted_at", "classified_at", "assigned_at", "solved_at", "replied_at", "followed_up_at"]
OTHERS = ("orders", "order_lines", "customers", "products", "stores")
POLICIES = {
    "usual": USUAL,
    "no change": re.sub(r"\[service.complaint_change\].*?\n\n", "", USUAL, flags=re.DOTALL),
    "few agents": USUAL.replace("safety = 0.3", "safety = -2"),
    "generous": USUAL.replace("voucher = [0.0, 0.10, 0.20]", "voucher = [0.5, 1, 1]").replace(
        "most = 200", "most = 5000"
    ),
}


def tables_of(store):
    return {name: store.table(name) for name in (*SERVICE, *OTHERS)}


def broken(store, tables):
    return [f"{table}: {fault}" for table, fault in broken_laws(tables, read_info(store.path))]


@pytest.mark.parametrize(
    ("policy", "seed"), [("usual", 3), ("usual", 4), ("no change", 5), ("few agents", 6), ("generous", 7)]
)
def test_every_law(tmp_path, policy, seed):
    path = tmp_path / "policy.toml"
    path.write_text(POLICIES[policy])
    simulate(tmp_path / "store", customers=250, seed=seed, policy=path)
    store = open_store(tmp_path / "store")
    tables = tables_of(store)

    assert broken(store, tables) == []
    assert len(tables["complaints"]) > 10
    nobody_answers_two_calls_at_once(tables["contacts"])
    every_complaint_is_a_true_failure(store)


def nobody_answers_two_calls_at_once(contacts):
    live = contacts[contacts["channel"].isin(["phone", "chat"]) & contacts["agent_id"].notna()]
    live = live.sort_values(["agent_id", "first_reply_at"])
    free = live["first_reply_at"] + pd.to_timedelta(live["handling_minutes"] - 0.05, unit="m")
    same = live["agent_id"].eq(live["agent_id"].shift())
    assert same.sum() > 100
    assert (live["first_reply_at"] >= free.shift())[same].all()


def every_complaint_is_a_true_failure(store):
    complaints, failures = store.table("complaints"), store.truth("failures")
    known = failures[failures["complained"]].groupby(["order_id", "kind"], observed=True).size()
    told = complaints[complaints["repeat_of"].isna()].groupby(["order_id", "category"], observed=True).size()
    both = told.to_frame("told").join(known.rename_axis(["order_id", "category"]).rename("known"), how="left")
    assert (both["told"] <= both["known"].fillna(0)).all()
    assert told.sum() > 0.9 * known.sum()  # the rest speaks up after the data


def wrong(column, rows, value):
    def spoil(tables, table):
        tables[table] = tables[table].copy()
        there = np.flatnonzero(tables[table][column].notna() & rows(tables[table]))[:1]
        assert len(there)
        tables[table].loc[there, column] = value(tables[table].loc[there])

    return spoil


def some(table):
    return pd.Series(True, index=table.index)


@pytest.mark.parametrize(
    ("table", "spoil", "problem"),
    [
        (
            "complaints",
            wrong("solved_at", some, lambda row: row["accepted_at"] - pd.Timedelta("1s")),
            "an earlier stage",
        ),
        (
            "complaints",
            wrong("accepted_at", some, lambda row: row["accepted_at"] - pd.Timedelta("99D")),
            "contact was opened",
        ),
        ("complaints", wrong("compensation", some, lambda row: 1e6), "more than the order cost"),
        ("complaints", wrong("product_id", some, lambda row: "P0079"), "is not in the order"),
        ("complaints", wrong("customer_id", some, lambda row: "C0000001"), "is not the customer"),
        ("complaints", wrong("repeat_of", some, lambda row: row["complaint_id"]), "is not an earlier complaint"),
        (
            "contacts",
            wrong("agent_id", lambda t: t["channel"].eq("phone"), lambda row: "A0001"),
            "outside the agent's shift",
        ),
        (
            "contacts",
            wrong("closed_at", some, lambda row: row["opened_at"] - pd.Timedelta("1s")),
            "before the first reply",
        ),
        (
            "posts",
            wrong("at", lambda t: t["reply_to"].notna(), lambda row: pd.Timestamp("2020-01-01", tz="UTC")),
            "before the question",
        ),
    ],
)
def test_what_breaks_a_law_is_found(beauty, table, spoil, problem):
    tables = tables_of(beauty)
    if "shift" in problem:  # an early agent takes a late call
        late = tables["contacts"]["first_reply_at"].dt.tz_convert("Asia/Hong_Kong").dt.hour >= 17
        tables["contacts"] = tables["contacts"][late & tables["contacts"]["channel"].eq("phone")].reset_index(drop=True)
    spoil(tables, table)

    assert any(problem in fault for fault in broken(beauty, tables))


def test_open_complaints_are_censored_at_the_end_of_the_data(made):
    complaints = made("beauty", customers=20_000, seed=5).table("complaints")
    last = complaints.tail(40)

    assert last["solved_at"].isna().any()
    assert complaints.head(1000)["solved_at"].notna().all()
    assert (
        last.loc[last["solved_at"].isna(), ["outcome", "compensation", "satisfied", "replied_at"]].isna().all(axis=None)
    )


def test_rows_are_numbered_in_order_of_time_and_callers_are_logged_late(beauty):
    contacts = beauty.table("contacts")
    callers = contacts[contacts["customer_id"].isna()]

    assert contacts["contact_id"].is_monotonic_increasing
    assert contacts["opened_at"].is_monotonic_increasing
    assert (callers["opened_at"] >= pd.Timestamp("2025-10-01", tz=beauty.time_zone)).all()
    assert callers["order_id"].isna().all()
    heard = beauty.table("complaints")["contact_id"]
    assert heard.is_monotonic_increasing


def test_a_text_speaks_of_its_product(beauty):
    contacts = beauty.table("contacts")
    told = contacts[contacts["topic"].isin(["complaint", "how to use", "warranty", "return"])]
    told = told[told["product_id"].notna() & told["text"].notna()]
    name = told["product_id"].map(beauty.table("products").set_index("product_id")["name"])

    spoken = [product in text for product, text in zip(name, told["text"], strict=True)]
    assert len(spoken) > 100
    assert all(spoken)


def test_a_store_without_service_has_none_of_its_tables(plain):
    assert not any(plain.has(name) for name in SERVICE)
    assert plain.truth("failures") is None
