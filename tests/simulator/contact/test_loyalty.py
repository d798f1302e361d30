"""Points are what was bought and kept; who joins bought more anyway."""

import numpy as np
import pandas as pd
import pytest

from crm_course.simulator.people.contact_traits import draw_members, loyalty_factor

DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module", params=[11, *(pytest.param(seed, marks=pytest.mark.long) for seed in (12, 13))])
def store(request, made):
    return made("beauty", customers=1500, seed=request.param)


def kept(store):
    """Points of every member's orders whose return window has closed, as a customer would count them."""
    lines = store.table("order_lines")
    back = store.table("returns").groupby("line_id")["amount"].sum()
    lines["kept"] = (lines["amount"] - lines["line_id"].map(back).fillna(0)).round(2)
    orders = store.table("orders").set_index("order_id")
    orders["kept"] = np.floor(lines.groupby("order_id")["kept"].sum().round(2))
    ripe = orders["delivered_at"] + 31 * DAY < (store.as_of + DAY).tz_localize(store.time_zone)
    members = store.table("loyalty")["customer_id"].unique()
    return orders[ripe & orders["customer_id"].isin(members)]


def test_points_earned_are_the_dollars_kept(store):
    earned = store.table("loyalty").query("reason == 'purchase'").groupby("customer_id")["points"].sum()
    expected = kept(store).groupby("customer_id")["kept"].sum()
    expected = expected[expected > 0]

    assert set(earned.index) == set(expected.index)
    assert (earned == expected.reindex(earned.index)).all()


def test_no_balance_is_ever_negative_and_gifts_cost_whole_multiples(store):
    loyalty = store.table("loyalty")
    balance = loyalty.groupby("customer_id")["points"].cumsum()

    assert loyalty["at"].is_monotonic_increasing
    assert (balance >= 0).all()
    assert (loyalty.loc[loyalty["reason"] == "gift", "points"] % 500 == 0).all()
    assert (balance[loyalty["reason"] == "expired"] == 0).all()
    assert loyalty["reason"].value_counts().min() > 5


def test_points_expire_a_year_after_the_last_were_earned_and_none_is_forgotten(store):
    loyalty = store.table("loyalty")
    earned = loyalty["at"].where(loyalty["reason"] == "purchase").groupby(loyalty["customer_id"]).ffill()
    year = pd.Timedelta(days=365.25)
    gone = loyalty["reason"] == "expired"
    assert ((loyalty["at"] - earned)[gone] - year).abs().max() < pd.Timedelta(minutes=1)

    end = (store.as_of + DAY).tz_localize(store.time_zone)
    last = loyalty.assign(earned=earned).groupby("customer_id").agg(points=("points", "sum"), earned=("earned", "last"))
    assert (last.loc[last["points"] > 0, "earned"] > end - year - pd.Timedelta(minutes=1)).all()


def test_a_tier_is_that_of_the_points_of_the_last_twelve_months(store):
    loyalty = store.table("loyalty")
    earned = loyalty[loyalty["reason"] == "purchase"]
    sample = loyalty.sample(300, random_state=1)
    for _, row in sample.iterrows():
        own = earned[(earned["customer_id"] == row["customer_id"]) & (earned["at"] <= row["at"])]
        points = own.loc[own["at"] > row["at"] - 365 * DAY, "points"].sum()
        assert row["tier"] == ("Gold" if points >= 8000 else "Silver" if points >= 2500 else "Jade")


def test_members_bought_more_anyway(made):
    """A plain comparison shows many times the true effect."""
    store = made("beauty", customers=20_000, seed=5)
    truth = store.truth("contact").set_index("customer_id")
    orders = store.table("orders").groupby("customer_id").size().reindex(truth.index).fillna(0)
    effect = store.truth("effects").set_index("measure").loc["loyalty programme", "effect"]

    naive = orders[truth["member"]].mean() / orders[~truth["member"]].mean() - 1
    assert naive > 10 * effect
    assert set(truth.loc[truth["member"], "loyalty_factor"]) == {1 + effect}
    assert set(truth.loc[~truth["member"], "loyalty_factor"]) == {1.0}
    assert set(truth.index[truth["member"]]) == set(store.table("loyalty")["customer_id"])


def test_joining_does_not_depend_on_the_policy_but_its_effect_needs_a_programme(draw):
    usual, other = draw(), draw(policy={"contact__loyalty": None, "contact__letters": [], "contact__frequency": None})
    members = draw_members(usual.world, usual.people, 0)

    assert np.array_equal(members, draw_members(other.world, other.people, 0))
    assert members.mean() == pytest.approx(0.45, abs=0.04)
    assert (loyalty_factor(usual.world, usual.people, 0) > 1).sum() == members.sum()
    assert (loyalty_factor(other.world, other.people, 0) == 1).all()
