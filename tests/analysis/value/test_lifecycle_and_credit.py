import numpy as np
import pandas as pd
import pytest

from crm_course.analysis.value import credit, lifecycle
from crm_course.errors import NothingToAnalyse
from crm_course.tables.store import open_store

TODAY = pd.Timestamp("2025-12-31")


def purchases_on(**days_ago):
    rows = [(who, TODAY - pd.Timedelta(days=ago)) for who, all_days in days_ago.items() for ago in all_days]
    return pd.DataFrame(rows, columns=["customer_id", "day"]).assign(net_amount=10.0)


def test_each_stage_is_read_from_behaviour():
    stages = lifecycle.lifecycle_stages(
        purchases_on(new=[20], growing=[10, 60, 100, 500, 700], mature=[100, 150, 200, 250, 300], gone=[400, 410, 420]),
        TODAY,
    )["stage"]

    assert stages.astype(str).to_dict() == {"new": "new", "growing": "growing", "mature": "mature", "gone": "declining"}


def test_decline_is_measured_by_the_customers_own_rhythm():
    table = lifecycle.lifecycle_stages(purchases_on(weekly=[90, 97, 104, 111], seasonal=[90, 180, 270, 360]), TODAY)

    assert table.loc["weekly", "stage"] == "declining"
    assert table.loc["seasonal", "stage"] != "declining"
    assert table["silence"].tolist() == [90, 90]


def test_stages_of_customers_with_one_order_only():
    table = lifecycle.lifecycle_stages(purchases_on(a=[10], b=[900]), TODAY)

    assert table["stage"].astype(str).to_dict() == {"a": "new", "b": "declining"}


def test_tiers_hold_their_shares_and_ties_the_better_one():
    assert lifecycle.tiers(pd.Series(range(100))).value_counts().to_dict() == {"bronze": 80, "silver": 15, "gold": 5}
    assert set(lifecycle.tiers(pd.Series([1.0] * 10))) == {"gold"}
    with pytest.raises(NothingToAnalyse, match="no customer to grade"):
        lifecycle.tiers(pd.Series(dtype=float))


def test_moves_count_everyone_who_had_a_tier_once_and_by_her_steps():
    before = lifecycle.tiers(pd.Series(range(100), index=[f"c{i}" for i in range(100)]))
    after = lifecycle.tiers(pd.Series(range(120, 0, -1), index=[f"c{i}" for i in range(120)]))

    moves = lifecycle.tier_moves(before, after)

    assert moves.sum(axis=1).to_dict() == {"gold": 5, "silver": 15, "bronze": 80}  # the 20 new ones had no tier
    assert moves.loc["gold"].to_dict() == {"moved up": 0, "stayed": 0, "one step down": 0, "two steps down": 5}
    assert moves.loc["silver", "one step down"] == 15
    assert moves.loc["bronze", "moved up"] == 24  # to silver and to gold together


def test_moves_of_nobody_are_a_table_of_zeros():
    tier = lifecycle.tiers(pd.Series([1.0] * 10))

    assert lifecycle.tier_moves(tier, tier).to_numpy().sum() == 10
    assert lifecycle.tier_moves(tier.iloc[:0], tier).to_numpy().tolist() == [[0] * 4] * 3


def test_the_plan_gives_back_the_share_of_the_value():
    value = pd.Series([100.0, 50.0, 10.0, 10.0, 10.0])
    tier = lifecycle.tiers(value, gold=0.2, silver=0.4)

    plan = lifecycle.tier_plan(tier, value, share=0.1)

    assert plan["share_of_value"].sum() == pytest.approx(1)
    assert (plan["budget_each"] * plan["people"]).sum() == pytest.approx(0.1 * value.sum())


def test_lists_agree_with_themselves_and_count_what_is_shared():
    lists = lifecycle.top_lists(pd.DataFrame({"up": [1, 2, 3, 4], "down": [4, 3, 2, 1]}, index=list("abcd")), 3)

    table = lifecycle.agreement(lists)

    assert np.diag(table).tolist() == [1, 1]
    assert table.loc["up", "down"] == pytest.approx(2 / 3)


def test_the_list_made_by_the_outcome_itself_gains_most():
    outcome = pd.Series(np.random.default_rng(1).exponential(size=200))
    scores = pd.DataFrame({"hindsight": outcome, "lottery": np.random.default_rng(2).random(200)})

    curves = lifecycle.gain(scores, outcome).pivot(
        index="share_of_customers", columns="ranking", values="share_of_outcome"
    )

    assert (curves["hindsight"] >= curves["lottery"] - 1e-12).all()
    assert curves.iloc[-1].tolist() == pytest.approx([1, 1])


def test_the_top_share_of_a_list_is_read_off_its_curve():
    outcome = pd.Series(np.repeat([4.0, 3.0, 2.0, 1.0, 0.0], 5))
    scores = pd.DataFrame({"right way": outcome, "wrong way": -outcome})

    found = lifecycle.found_by_top(lifecycle.gain(scores, outcome), share=0.4)

    assert found.to_dict() == pytest.approx({"right way": 0.7, "wrong way": 0.1})


def two_lists(seed, n=400):
    """An outcome, and two lists that know as much of it as each other."""
    rng = np.random.default_rng(seed)
    outcome = pd.Series(rng.exponential(size=n))
    return outcome, pd.DataFrame({name: outcome + rng.exponential(2.0, n) for name in ("a", "b")})


def test_a_difference_of_lists_is_that_of_their_curves_and_its_interval_holds_it():
    outcome, scores = two_lists(1)
    scores["lottery"] = np.random.default_rng(2).random(len(scores))

    table = lifecycle.gain_differences(scores, outcome, "a", draws=100)

    found = lifecycle.found_by_top(lifecycle.gain(scores, outcome))
    assert table["difference"].to_dict() == pytest.approx({name: found["a"] - found[name] for name in ("b", "lottery")})
    assert ((table["low"] <= table["difference"]) & (table["difference"] <= table["high"])).all()
    assert table.loc["lottery", "low"] > 0


def test_lists_that_know_as_much_seldom_seem_to_differ():
    without = 0
    for seed in range(60):
        outcome, scores = two_lists(seed)
        low, high = lifecycle.gain_differences(scores, outcome, "a", draws=100, seed=seed).loc["b", ["low", "high"]]
        without += not low <= 0 <= high

    assert without <= 12  # 90 % intervals: about 6


def test_an_outcome_of_nothing_is_no_difference():
    _, scores = two_lists(3)

    table = lifecycle.gain_differences(scores, pd.Series(dtype=float), "a", draws=10)

    assert table.to_numpy().tolist() == [[0.0, 0.0, 0.0]]


def invoices(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "due_day", "paid_day", "amount"])
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("due_day", "paid_day")})


INVOICES = invoices(
    ("prompt", "2025-01-31", "2025-01-30", 100.0),
    ("late", "2025-01-31", "2025-03-02", 100.0),
    ("never", "2025-01-31", None, 500.0),
    ("not yet", "2026-01-19", None, 50.0),
)


def test_who_never_paid_is_the_latest_of_all_and_not_left_out():
    behaviour = credit.credit_behaviour(credit.invoice_states(INVOICES, TODAY))

    assert behaviour["median_days_late"].idxmax() == "never"
    assert behaviour.loc["never", ["outstanding", "overdue", "on_time"]].tolist() == [500.0, 500.0, 0.0]
    assert behaviour.loc["late", "on_time"] == 0
    assert behaviour.loc["prompt", "on_time"] == 1


def test_an_invoice_that_is_not_due_yet_is_neither_late_nor_on_time():
    behaviour = credit.credit_behaviour(credit.invoice_states(INVOICES, TODAY))

    assert behaviour.loc["not yet", "outstanding"] == 50.0
    assert behaviour.loc["not yet", "overdue"] == 0
    assert np.isnan(behaviour.loc["not yet", "on_time"])


def test_an_invoice_that_is_paid_later_is_open_so_far(demo):
    store = open_store(demo)
    invoices, then = store.table("invoices"), store.at("2025-06-30")
    later = invoices[(invoices["day"] <= then.today) & (invoices["paid_day"] > then.today)]

    states = credit.invoice_states(then.table("invoices"), then.today)

    open_then = invoices.loc[invoices["day"] <= then.today, "paid_day"].isna().sum() + len(later)
    assert len(later) and states["open"].sum() == open_then
    assert states.loc[states["open"] & states["due"], "days_late"].ge(0).all()


def test_the_ages_hold_all_that_is_open():
    table = credit.ageing(credit.invoice_states(INVOICES, TODAY))

    assert table["amount"].sum() == 550.0
    assert table.loc["over 60 days", "amount"] == 500.0
    assert table.loc["not yet due", "invoices"] == 1


def test_no_invoice_says_what_to_do():
    with pytest.raises(NothingToAnalyse, match="invoices: none issued on or before 2020-01-01"):
        credit.invoice_states(INVOICES.iloc[:0], pd.Timestamp("2020-01-01"))


def test_a_rule_is_counted_against_the_habit():
    called = pd.Series({"a": True, "b": True, "c": False})

    table = credit.rule_and_habit(called, pd.Series({"a": True, "b": False, "c": False, "consumer": True}))

    assert table.loc["called late"].to_dict() == {"late": 1, "prompt": 1}
    assert table.loc["not called"].to_dict() == {"late": 0, "prompt": 1}
