"""Visits: what they hold, what chance decided, and what customers chose themselves."""

import numpy as np
import pandas as pd
import pytest

from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import read_settings

ONLINE = ("web", "app")


@pytest.fixture(scope="module", params=[[5], pytest.param([1, 2, 3], marks=pytest.mark.long)], ids=str)
def stores(made, request):
    return [made("beauty", customers=20_000, seed=seed) for seed in request.param]


def later_visits(store):
    """Give the visits after each customer's first, which is an order by definition."""
    sessions = store.table("sessions")
    known = sessions["customer_id"].map(store.table("customers").set_index("customer_id")["first_seen_at"])
    return sessions[sessions["started_at"] > known].assign(ordered=lambda table: table["order_id"].notna())


def lift(table, treated):
    return table.loc[treated, "ordered"].mean() / table.loc[~treated, "ordered"].mean() - 1


def test_an_order_is_the_end_of_one_visit_by_the_same_customer_in_the_same_place(beauty):
    sessions, orders = beauty.table("sessions"), beauty.table("orders")
    both = sessions.dropna(subset="order_id").merge(orders, on="order_id", suffixes=("", "_ordered"))

    assert len(both) == sessions["order_id"].notna().sum() == sessions["order_id"].nunique() > 1000
    for column in ("customer_id", "channel", "store_id"):
        assert (both[column].astype(str) == both[f"{column}_ordered"].astype(str)).all()
    wait = both["ordered_at"] - both["started_at"]
    assert wait.between(pd.Timedelta(0), pd.Timedelta(minutes=30)).all()
    assert (sessions["last_stage"] == "ordered").equals(sessions["order_id"].notna())
    since = sessions["started_at"].min() + pd.Timedelta(minutes=30)
    assert set(orders.loc[orders["ordered_at"] > since, "order_id"]) <= set(both["order_id"])


def test_what_is_offered_is_offered_in_time_and_place(beauty):
    policy = read_settings(Policy, "usual").sessions
    sessions = beauty.table("sessions")
    local = sessions["started_at"].dt.tz_convert(beauty.time_zone)
    online = sessions["channel"].isin(ONLINE)
    showroom = sessions["showroom"]

    assert local[sessions["chat_offered"]].dt.hour.between(*np.array(policy.chat_hours) - (0, 1)).all()
    assert sessions.loc[sessions["chat_used"], "chat_offered"].all()
    assert online[sessions["chat_offered"] | sessions["recommendation"] | sessions["device"].notna()].all()
    opened = pd.Timestamp(policy.showroom_pilot.opens_on, tz=beauty.time_zone)
    assert (local[showroom == "real"] >= opened).all()
    assert sessions.loc[showroom == "real", "store_id"].nunique() == policy.showroom_pilot.shops
    assert online[showroom == "virtual"].all()
    assert sessions.loc[sessions["channel"] == "shop", "wait_seconds"].notna().all()


def test_chat_looks_better_than_it_is_and_the_experiment_tells_how_good(stores):
    """Naive: users against the others. Instrument: hours in which chance offered the chat (Wald's ratio)."""
    truth = read_settings(Scenario, "beauty").sessions.chat.effect
    naive, ratio, spread = [], [], []
    for store in stores:
        visits = later_visits(store).query("channel in @ONLINE")
        slot = visits["started_at"].dt.tz_convert(store.time_zone).dt.strftime("%Y-%m-%dT%H")
        arms = store.table("assignments").query("experiment == 'chat offer'").set_index("unit_id")["arm"]
        visits = visits.assign(arm=slot.map(arms.astype(str)))
        tried = visits.dropna(subset="arm")
        offered = tried["arm"] == "offered"
        assert (tried["chat_offered"] == offered).all()
        naive.append(lift(visits[visits["chat_offered"]], visits["chat_used"][visits["chat_offered"]]))
        used = tried.loc[offered, "chat_used"].mean()
        effect = tried.loc[offered, "ordered"].mean() - tried.loc[~offered, "ordered"].mean()
        # what those who use it would do without it is not seen; the naive comparison's own bias bounds it
        ratio.append(effect / used / tried.loc[~offered, "ordered"].mean())
        share = tried["ordered"].mean()
        spread.append(2 * (share * (1 - share) / len(tried)) ** 0.5 / used / share)
    assert min(naive) > truth + 0.15
    assert abs(np.mean(ratio) - truth) < 3 * np.mean(spread) / len(ratio) ** 0.5 + 0.1


def test_the_information_box_is_read_by_chance_and_does_what_the_truth_says(stores):
    settings = read_settings(Scenario, "beauty").sessions
    read, lifts, naive = [], [], []
    for store in stores:
        policy = read_settings(Policy, "usual").sessions.information_trial
        visits = later_visits(store).query("channel in @ONLINE")
        day = visits["started_at"].dt.tz_convert(store.time_zone).dt.tz_localize(None).dt.normalize()
        visits = visits[day.between(pd.Timestamp(policy.first_day), pd.Timestamp(policy.last_day))]
        arms = store.table("assignments").query("experiment == 'information'").set_index("unit_id")["arm"]
        arm = visits["customer_id"].map(arms.astype(str))
        assert arm.notna().all()
        assert (arms == "box").mean() == pytest.approx(policy.share, abs=0.03)
        informed = visits["information_page"].notna()
        read.append(informed[arm == "box"].mean() - informed[arm == "none"].mean())
        lifts.append(lift(visits, arm == "box"))
        naive.append(lift(visits[arm == "none"], informed[arm == "none"]))
    assert min(read) > 0.15
    assert np.mean(naive) > settings.information.effect + 0.05
    # intention to treat: a fifth more of the visits read a page, and each of those gains the effect
    assert np.mean(lifts) == pytest.approx(np.mean(read) * settings.information.effect, abs=0.07 / len(stores) ** 0.5)


def test_intention_is_what_misleads_and_only_the_truth_knows_it(stores):
    store = stores[0]
    visits = later_visits(store).merge(store.truth("sessions"), on="session_id").query("channel in @ONLINE")

    offered = visits[visits["chat_offered"]]
    pull = offered.groupby("chat_used")["intention"].mean()

    assert pull[True] - pull[False] > 0.6
    assert not {"intention"} & set(store.table("sessions"))


def test_payment_failures_end_where_the_payment_is(beauty):
    visits = later_visits(beauty)
    online = visits[visits["channel"].isin(ONLINE)]
    failed = (online["last_stage"] == "payment").sum()
    paid = (online["last_stage"] == "ordered").sum()

    assert failed / (failed + paid) == pytest.approx(read_settings(Policy, "usual").sessions.payment_failure, abs=0.02)
