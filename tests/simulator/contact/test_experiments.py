"""What was drawn by lot tells the truth; what customers chose themselves does not."""

import numpy as np
import pandas as pd
import pytest

from crm_course.simulator.campaigns.experiments import assign
from crm_course.simulator.campaigns.sent import Sent
from crm_course.simulator.visits.win_back import win_back

DAY = 86_400


def midnight(store, assigned):
    return assigned["assigned_at"].iloc[0].tz_convert(store.time_zone).normalize()


def visits(part, seed, rate=0.03):
    """Let customers visit at random in clock time, their messages' uplift upon their own rate."""
    rng = np.random.default_rng(seed)
    first, last = (int(part.world.span.midnights[day]) for day in part.messages.plan.trial)
    count = len(part.people)
    own = rate * np.exp(0.5 * part.messages.traits.opening)  # who opens more comes more often anyway
    most = part.messages.most
    who = np.repeat(np.arange(count), rng.poisson(own * most * (last - first) / DAY))
    time = rng.integers(first, last, len(who))
    kept = rng.random(len(who)) < part.messages.uplift(who, time) / most
    return np.bincount(who[kept], minlength=count), own


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_lot_finds_the_effect_of_frequency_and_openers_mislead(draw, seed):
    part = draw(20_000, seed=seed, scenario={"contact__uplift": 1.5, "contact__uplift_fatigue": 0.05})
    trial = part.messages.trial
    came, own = visits(part, seed)
    by_arm = [came[trial.customer[trial.arm == arm]] for arm in range(3)]

    found = by_arm[2].mean() / by_arm[0].mean() - 1
    weight = own[trial.customer]
    true = (trial.factor[2] * weight).sum() / (trial.factor[0] * weight).sum() - 1
    error = np.sqrt(sum(arm.var() / len(arm) / arm.mean() ** 2 for arm in (by_arm[0], by_arm[2])))
    assert abs(found - true) < 3 * error
    assert true > 3 * error  # and it is there to be found

    sent = Sent.all(part.messages.sent)
    first, last = part.world.span.midnights[list(part.messages.plan.trial)]
    inside = (sent.time >= first) & (sent.time < last) & sent.opened
    opened = np.bincount(sent.customer[inside], minlength=20_000)[trial.customer] > 0
    naive = came[trial.customer][opened].mean() / came[trial.customer][~opened].mean() - 1
    by_truth = np.where(opened, trial.factor[trial.arm, np.arange(len(opened))], 1).mean() - 1
    assert naive > 2 * by_truth


def test_what_the_truth_says_of_the_given_arm_is_what_happened(draw):
    part = draw()
    trial, plan = part.messages.trial, part.messages.plan
    happened = part.messages.mean_factor(part.world, part.people, *plan.trial)[trial.customer]

    given = trial.factor[trial.arm, np.arange(len(trial.customer))]
    assert np.array_equal(given, happened)
    assert trial.factor[2].mean() > trial.factor[0].mean()
    assert trial.stopped[2].sum() > trial.stopped[0].sum()


def test_arms_get_what_they_were_promised(draw):
    part = draw(scenario={"contact__unsubscribed": 0.0}, policy={"contact__most_in_30_days": 60})
    trial, plan = part.messages.trial, part.messages.plan
    letters = [sent for sent, week in zip(part.messages.sent, plan.week, strict=True) if week >= 0]
    got = np.bincount(np.concatenate([sent.customer for sent in letters]), minlength=3000)[trial.customer]
    for arm, often in enumerate(trial.letters):
        assert np.median(got[trial.arm == arm]) == 6 * often  # 24 weeks
    assert len(plan) == len(part.messages.sent)


def test_arms_are_alike_and_known_neither_by_number_nor_by_trait(draw):
    trial, part = draw(20_000).messages.trial, draw(20_000)
    counts = np.bincount(trial.arm)
    assert abs(counts - len(trial.arm) / 3).max() < 4 * (len(trial.arm) * 2 / 9) ** 0.5
    for told in (trial.customer, part.people.rate[trial.customer], part.messages.traits.opening[trial.customer]):
        assert abs(pd.Series(told).rank().corr(pd.Series(trial.arm))) < 4 / len(trial.arm) ** 0.5


def test_a_units_arm_depends_on_no_other_unit(draw):
    world = draw().world
    slots = np.arange(50_000, 170_000)
    arms = assign(world, "chat offer", slots, 2)

    assert np.array_equal(arms[100:200], assign(world, "chat offer", slots[100:200], 2))
    assert abs(arms.mean() - 0.5) < 4 * 0.5 / len(slots) ** 0.5
    assert not np.array_equal(arms, assign(world, "information", slots, 2))
    few = assign(world, "information", slots, 2, weights=np.array([0.9, 0.1]))
    assert few.mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("seed", [5, pytest.param(6, marks=pytest.mark.long)])
def test_win_back_is_found_by_the_lot_and_missed_by_who_opened(made, draw, seed):
    """Control against voucher tells the effect; those who never lapsed are no control."""
    store = made("beauty", customers=20_000, seed=seed)
    truth = store.truth("win_back").set_index("customer_id")
    effect = store.truth("effects").set_index("measure").loc["win-back voucher", "effect"]
    assigned = store.table("assignments").query("experiment == 'win-back'").set_index("unit_id")
    assert set(assigned.index) == set(truth.index)
    assert (assigned["arm"].eq("voucher") == truth["voucher"].reindex(assigned.index)).all()

    start = midnight(store, assigned)
    orders = store.table("orders")
    since = (orders["ordered_at"] >= start) & (orders["ordered_at"] < start + pd.Timedelta(days=61))
    bought = orders[since].groupby("customer_id").size().reindex(truth.index).fillna(0)
    got = truth["voucher"]
    found = bought[got].mean() - bought[~got].mean()
    error = np.sqrt(bought[got].var() / got.sum() + bought[~got].var() / (~got).sum())
    assert abs(found - effect) < 3 * error
    assert effect > 3 * error

    everyone = orders[since].groupby("customer_id").size().reindex(store.table("customers")["customer_id"]).fillna(0)
    against_all = bought[got].mean() - everyone[~everyone.index.isin(truth.index)].mean()
    assert against_all < 0  # those who never lapsed buy more, voucher or not


def test_all_the_lapsed_who_agreed_take_part_and_only_treated_get_the_voucher(made):
    """Who takes part is known before anybody's lot: what she buys later does not count."""
    store = made("beauty", customers=20_000, seed=5)
    assigned = store.table("assignments").query("experiment == 'win-back'")
    start, sending = midnight(store, assigned), assigned["assigned_at"].iloc[0]
    since = start - pd.Timedelta(days=180)
    orders, customers = store.table("orders"), store.table("customers")
    before = orders[(orders["ordered_at"] < start) & (orders["ordered_at"] >= since)]
    lapsed = set(customers.loc[customers["first_seen_at"] < since, "customer_id"]) - set(before["customer_id"])
    consents = store.table("consents").query("purpose == 'marketing' and channel == 'email'")

    def agreed(moment):
        said = consents[consents["recorded_at"] <= moment].sort_values("recorded_at").groupby("customer_id").last()
        return set(said.index[said["granted"]])

    expected = lapsed & agreed(sending) & agreed(sending + pd.Timedelta(hours=1))
    assert set(assigned["unit_id"]) == expected
    assert expected & set(orders.loc[orders["ordered_at"] >= start, "customer_id"])

    campaign = store.table("campaigns").query("name == 'We miss you'")["campaign_id"].item()
    messages = store.table("messages")
    got = messages.loc[messages["campaign_id"] == campaign, "customer_id"]
    assert set(got) == set(assigned.loc[assigned["arm"] == "voucher", "unit_id"])
    extra = store.truth("win_back")["extra_at"].dropna() - start
    assert extra.between(pd.Timedelta(days=1), pd.Timedelta(days=61)).all()


def test_win_back_rolls_the_same_dice_whatever_else_the_shop_sends(draw):
    usual, other = draw(), draw(policy={"contact__letters": [], "contact__frequency": None})
    one, two = (win_back(part.world, part.people, 0) for part in (usual, other))

    assert np.array_equal(one.treated, two.treated)
    assert np.array_equal(one.would_buy, two.would_buy)
    assert np.array_equal(one.extra_time, two.extra_time)
    later = draw(policy={"contact__win_back__lapsed_days": 720})
    assert win_back(later.world, later.people, 0) is not None
    assert win_back(draw(months=6).world, draw(months=6).people, 0) is None
