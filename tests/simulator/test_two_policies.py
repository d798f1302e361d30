"""The same people roll the same dice, whatever the shop does."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from crm_course import open_store
from crm_course.errors import WrongCall
from crm_course.simulator.settings.policy import DeliveryTerms, Policy
from crm_course.simulator.settings.service_rules import Opening, Shift, Staffing
from crm_course.simulator.settings.settings_file import read_settings
from crm_course.simulator.simulation import simulate
from crm_course.simulator.streams import Dice, binomial_of, poisson_of

PARAMETERS = {"customers": 400, "seed": 21}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Play a store under the usual policy with some changes, in the data or ahead of them."""

    def play(where="policy", **changes):
        folder = tmp_path_factory.mktemp("played") / "store"
        simulate(folder, **PARAMETERS, **{where: read_settings(Policy, "usual").model_copy(update=changes)})
        return open_store(folder)

    return play


@pytest.fixture(scope="module")
def before(played):
    return played()


def differing(one, other):
    """Name the tables, the truth apart, that are not the same to the last value."""
    names = sorted(path.name for path in other.path.glob("*.parquet"))
    assert names == sorted(path.name for path in one.path.glob("*.parquet"))
    return [
        name.removesuffix(".parquet")
        for name in names
        if not pq.read_table(one.path / name).equals(pq.read_table(other.path / name))
    ]


def test_what_is_planned_for_later_changes_nothing_in_the_data(played, before):
    later = played("ahead", promotions=[])

    assert differing(later, before) == ["promotions"]
    planned = before.table("promotions")["starts_on"] > before.as_of
    assert planned.any()
    assert len(later.table("promotions")) == (~planned).sum()
    truth, other = before.truth("customers"), later.truth("customers")
    assert truth["realised_margin_12m"].sum() != other["realised_margin_12m"].sum()
    pd.testing.assert_frame_equal(truth[["left_at", "segment"]], other[["left_at", "segment"]])


def changed(section, **changes):
    """Give the usual policy with another section of a room."""
    rules = getattr(read_settings(Policy, "usual"), section)
    return {section: rules.model_copy(update=changes)}


AHEAD = {
    "no letters": changed("contact", letters=[], festivals=[], mistakes=[], frequency=None),
    "no loyalty programme": changed("contact", loyalty=None),
    "complaints handled as of old": changed("service", complaint_change=None),
    "late promises": {"delivery": DeliveryTerms(fees=[30], free_from=400, promise_days=1)},
}


@pytest.mark.parametrize("what", AHEAD)
def test_other_rules_ahead_leave_the_data_and_move_the_truth(played, before, what):
    later = played("ahead", **AHEAD[what])

    assert differing(later, before) == []
    truth, other = before.truth("customers"), later.truth("customers")
    assert other["expected_margin_12m"].sum() < truth["expected_margin_12m"].sum()


def test_service_round_the_clock_ahead_leaves_the_data(played, before):
    shifts = {"early": Shift(name="early", hours=(0, 12)), "late": Shift(name="late", hours=(12, 24))}
    later = played(
        "ahead",
        **changed(
            "service",
            opening=Opening(hours=(0, 24), holiday_hours=(0, 24)),
            staffing=Staffing(safety=1, replies_per_hour=10, **shifts),
        ),
    )

    assert differing(later, before) == ["service_hours"]  # which tell what is planned as well
    one, other = (store.table("service_hours") for store in (later, before))
    pd.testing.assert_frame_equal(one[one["day"] <= before.as_of], other[other["day"] <= before.as_of])


@pytest.mark.parametrize(
    ("data", "ahead", "message"),
    [
        ({"service": None}, {}, r"\[service\] is there ahead"),
        ({"contact": None}, {}, r"\[contact\] is there ahead"),
        (changed("contact", loyalty=None), {}, r"\[contact.loyalty\] is there ahead"),
    ],
)
def test_what_the_data_do_not_have_cannot_begin_ahead(tmp_path, data, ahead, message):
    policy, other = (read_settings(Policy, "usual").model_copy(update=each) for each in (data, ahead))

    with pytest.raises(WrongCall, match=message):
        simulate(tmp_path / "store", customers=50, seed=1, policy=policy, ahead=other)
    assert not (tmp_path / "store").exists()


def test_a_longer_time_to_return_moves_no_purchase(played, before):
    longer = played(return_window_days=60)

    for name in ("customers", "orders", "order_lines", "consents", "sessions"):
        pd.testing.assert_frame_equal(longer.table(name), before.table(name), obj=name)
    unwanted, unwanted_before = (
        set(store.table("returns").query("reason not in ['defective', 'wrong item']")["line_id"])
        for store in (longer, before)
    )
    assert unwanted < unwanted_before  # the last ones come back after the data


def test_without_promotions_the_same_people_still_buy_the_same_things(played, before):
    """Dates move, since a promotion makes them come earlier; a customer's first purchase has the same lines."""
    without = played(promotions=[])

    def first_baskets(store):
        orders = store.table("orders").drop_duplicates("customer_id")
        lines = store.table("order_lines").merge(orders[["order_id", "customer_id"]])
        return lines.groupby("customer_id")["product_id"].agg(lambda ids: " ".join(sorted(ids)))

    one, other = first_baskets(before), first_baskets(without)
    new = (
        before.table("customers").set_index("customer_id")["first_seen_at"] > before.table("orders")["ordered_at"].min()
    )
    both = one.index.intersection(other.index).intersection(new.index[new])
    assert len(both) > 200
    assert (one[both] == other[both]).mean() > 0.95


def test_a_die_does_not_ask_who_else_is_there():
    dice = Dice.of(7, "any", 0)
    customer, event = np.arange(1000), np.arange(1000) % 7

    everyone = dice.uniform(customer, event)

    assert (dice.uniform(customer[::3], event[::3]) == everyone[::3]).all()
    assert abs(np.corrcoef(everyone, dice.uniform(customer, event, 1))[0, 1]) < 0.1
    assert not (everyone == Dice.of(8, "any", 0).uniform(customer, event)).any()
    assert not (everyone == Dice.of(7, "other", 0).uniform(customer, event)).any()


@pytest.mark.parametrize("mean", [0.0, 0.3, 4.0])
def test_numbers_from_dice_are_poisson(mean):
    drawn = poisson_of(
        Dice.of(1, "poisson").uniform(np.arange(40_000), np.zeros(40_000, dtype=int)), np.full(40_000, mean)
    )

    assert drawn.mean() == pytest.approx(mean, abs=4 * (mean / 40_000) ** 0.5)
    assert drawn.var() == pytest.approx(mean, rel=0.05)


def test_numbers_from_dice_are_binomial():
    trials = np.arange(40_000) % 4
    drawn = binomial_of(Dice.of(1, "binomial").uniform(np.arange(40_000), trials), trials, np.full(40_000, 0.3))

    assert (drawn <= trials).all()
    assert drawn.mean() == pytest.approx(0.3 * trials.mean(), abs=0.02)
