"""Looks at customers' data: the planted ones can be found by the right question, and only by it."""

import pandas as pd
import pytest


@pytest.fixture(scope="module", params=[5, pytest.param(6, marks=pytest.mark.long)])
def store(made, request):
    return made("beauty", customers=8000, seed=request.param)


@pytest.fixture(scope="module")
def looks(store):
    table = store.table("accesses").merge(store.truth("accesses"), on="access_id")
    local = table["at"].dt.tz_convert(store.time_zone)
    well_known = store.truth("persons").set_index("customer_id")["well_known"]
    return table.assign(hour=local.dt.hour, day=local.dt.date, known=table["customer_id"].map(well_known))


def test_looks_are_in_order_of_time_and_at_customers_of_the_time(store, looks):
    seen = store.table("customers").set_index("customer_id")["first_seen_at"]
    assert looks["at"].is_monotonic_increasing
    assert (looks["at"] >= looks["customer_id"].map(seen)).all()
    assert looks["at"].min() >= store.table("orders")["ordered_at"].min().floor("D") - pd.Timedelta(days=2)
    assert looks["agent_id"].nunique() > 20


def test_who_looks_is_one_of_the_agents(store, looks):
    assert set(looks["agent_id"]) <= set(store.table("agents")["agent_id"])


def test_looks_of_every_kind_are_planted_and_few(looks):
    shares = looks["kind"].value_counts(normalize=True)

    assert set(shares.index) == {"work", "curiosity", "out of hours", "no such case", "copied"}
    assert shares["work"] > 0.9
    assert shares.drop("work").min() > 0.0005


def test_looks_out_of_hours_are_at_night(looks):
    night = looks["hour"] < 5

    assert (night == looks["kind"].eq("out of hours")).all()


def test_curiosity_is_about_well_known_people_and_not_about_the_best_customers(store, looks):
    curious = looks[looks["kind"] == "curiosity"]
    counts = looks["customer_id"].value_counts()
    by_enquiries = looks[looks["purpose"] == "enquiry"]["customer_id"].value_counts()
    known = set(curious["customer_id"])

    assert curious["known"].all()
    most_asked = set(by_enquiries.head(3 * len(known)).index)
    assert len(known & most_asked) > 0.5 * len(known)
    assert len(known & set(counts.head(len(known)).index)) < len(known)  # the busiest are account customers at work


def test_an_order_that_never_was_is_found_in_the_orders(store, looks):
    orders = store.table("orders")
    phoned = orders[orders["channel"] == "phone"]
    claimed = looks[looks["purpose"] == "order"]
    nearby = claimed.merge(phoned[["customer_id", "ordered_at"]], on="customer_id")
    wait = nearby["ordered_at"] - nearby["at"]
    caused = set(nearby.loc[wait.between(pd.Timedelta(0), pd.Timedelta(minutes=6)), "access_id"])
    without = ~claimed["access_id"].isin(caused)

    assert (without == claimed["kind"].eq("no such case")).all()
    assert without.sum() > 0


def test_a_return_has_its_look(store, looks):
    returns = store.table("returns").merge(store.table("order_lines")[["line_id", "order_id"]], on="line_id")
    returns = returns.merge(store.table("orders")[["order_id", "customer_id"]], on="order_id")
    caused = looks.merge(returns, left_on=["customer_id", "at"], right_on=["customer_id", "returned_at"])

    assert set(caused["purpose"]) == {"return"}
    assert caused["return_id"].nunique() == len(returns)


def test_one_of_the_staff_copied_many_customers_in_one_evening(looks):
    most = looks.groupby(["agent_id", "day"]).size().sort_values()
    agent, day = most.index[-1]
    copied = looks[looks["kind"] == "copied"]

    assert set(zip(copied["agent_id"], copied["day"], strict=True)) == {(agent, day)}
    assert most.iloc[-1] > 2 * most.iloc[-2]


def test_a_few_of_the_staff_make_most_of_the_planted_looks(looks):
    for kind in ("curiosity", "out of hours"):
        agents = looks.loc[looks["kind"] == kind, "agent_id"].value_counts(normalize=True)
        assert agents.iloc[:2].sum() > 0.6, kind
    work = looks.loc[looks["kind"] == "work", "agent_id"].value_counts(normalize=True)
    assert work.iloc[:2].sum() < 0.25
