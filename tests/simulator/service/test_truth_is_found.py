"""The right method finds the truth in the tables, the naive one does not."""

import numpy as np
import pandas as pd
import pytest

from crm_course.simulator.service.complaints import APOLOGY
from crm_course.simulator.service.failures import DEFECT
from crm_course.simulator.service.leaving import expected_leave_factor, recovered_failures

SEEDS = [5, pytest.param(6, marks=pytest.mark.long)]


@pytest.fixture(params=SEEDS)
def large(made, request):
    return made("beauty", customers=20_000, seed=request.param)


def units_and_complaints(store):
    """Mature units sold, and first complaints of defects within 60 days, by product."""
    lines = store.table("order_lines").merge(store.table("orders"), on="order_id")
    end = (store.as_of + pd.Timedelta(days=1)).tz_localize(store.time_zone)
    mature = lines[lines["delivered_at"] < end - pd.Timedelta(days=60)]
    units = mature.groupby("product_id")["quantity"].sum()
    complaints = store.table("complaints")
    first = complaints[complaints["category"].eq("defect") & complaints["repeat_of"].isna()]
    first = first.merge(mature[["order_id", "product_id", "delivered_at"]], on=["order_id", "product_id"])
    soon = first[first["accepted_at"] - first["delivered_at"] <= pd.Timedelta(days=60)]
    return units, soon["product_id"].value_counts().reindex(units.index, fill_value=0), complaints


def test_complaints_per_unit_find_the_bad_products_and_counts_do_not(large):
    truth = large.truth("products").set_index("product_id")
    units, count, complaints = units_and_complaints(large)
    ratio = (count + 5) / (units * truth["category_rate"] * 0.35 + 5)  # shrunk towards the category
    bad = set(truth.index[truth["planted"]])
    raw = set(complaints["product_id"].value_counts().head(len(bad)).index)

    assert len(bad) == 3
    assert bad <= set(ratio.nlargest(8).index)
    assert len(bad & raw) < len(bad)


def test_expected_complaints_of_a_product_are_what_the_truth_says(large):
    truth = large.truth("products").set_index("product_id")
    units, count, _ = units_and_complaints(large)
    expected = units * truth["complaints_60d"]
    z = (count - expected) / np.sqrt(expected)

    assert count.sum() == pytest.approx(expected.sum(), rel=0.08)
    assert z.std() < 1.3


def seconds(times):
    return times.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype("int64")


def service_hours_to_solution(store, complaints):
    """Hours on the clock of service from assignment to solution."""
    hours = store.table("service_hours").dropna()
    opens, closes = (seconds(hours[name]) for name in ("opens_at", "closes_at"))
    before = np.concatenate([[0], np.cumsum(closes - opens)])

    def served(moments):
        moment = seconds(moments)
        day = np.searchsorted(opens, moment, side="right") - 1
        return before[day] + np.minimum(moment - opens[day], closes[day] - opens[day])

    return (served(complaints["solved_at"]) - served(complaints["assigned_at"])) / 3600


@pytest.mark.parametrize("seeds", [[5], pytest.param([5, 6], marks=pytest.mark.long)], ids=str)
def test_the_new_rules_sped_solutions_up_against_shops_without_them_and_before_after_says_too_much(made, seeds):
    found, naive = [], []
    for seed in seeds:
        store = made("beauty", customers=20_000, seed=seed)
        change = store.table("policy_changes").iloc[0]
        complaints = store.table("complaints").dropna(subset=["solved_at"])
        hours = service_hours_to_solution(store, complaints)
        told = complaints.assign(log=np.log(np.maximum(hours, 0.01)), hard=complaints["service_class"].eq("complex"))
        day = told["accepted_at"].dt.tz_convert(store.time_zone).dt.tz_localize(None)
        told = told.assign(after=day >= change["in_force_on"], new=told["store_id"].isin(change["store_ids"].split()))
        told["log"] -= told.groupby("hard")["log"].transform("mean")
        mean = told.groupby(["new", "after"])["log"].mean()
        naive.append(mean[True, True] - mean[True, False])
        found.append(naive[-1] - (mean[False, True] - mean[False, False]))
        assert change["announced_on"] < change["in_force_on"]
    effect = np.log(0.7)

    assert np.mean(found) == pytest.approx(effect, abs=0.1)
    assert np.mean(naive) < effect - 0.05


def test_patience_is_found_when_the_answered_are_censored(large):
    calls = large.table("contacts").query("channel == 'phone'")
    waited = (calls["first_reply_at"].fillna(calls["abandoned_at"]) - calls["opened_at"]).dt.total_seconds() / 60
    hung_up = calls["abandoned_at"].notna()
    error = waited.sum() / hung_up.sum() / hung_up.sum() ** 0.5

    assert waited.sum() / hung_up.sum() == pytest.approx(4, abs=4 * error)
    assert waited[hung_up].mean() < 3


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_leave_factor_is_what_is_expected_of_each_customer(drawn, seed):
    chunk = drawn(seed, 30_000)
    expected = expected_leave_factor(chunk.world, chunk.people, 0)
    after = slice(chunk.orders.known, None)
    told, known = chunk.service.leave_factor[after], expected[chunk.orders.customer[after]]
    error = (told - known).std() / len(told) ** 0.5

    assert abs((told - known).mean()) < 3 * error + 0.002
    for part in np.array_split(np.argsort(known), 4):
        assert told[part].mean() == pytest.approx(known[part].mean(), abs=0.02)
    assert chunk.service.leave_factor.min() == chunk.world.service.spec.recovery.least


def test_recovery_mends_but_nothing_is_better_than_no_failure(drawn):
    chunk = drawn(1, 30_000)
    service, spec = chunk.service, chunk.world.service.spec.recovery
    mended = recovered_failures(service.failures, service.complaints)
    factor = service.leave_factor[service.failures.order]

    assert spec.least < factor[mended].mean() < factor[~mended].mean() - 0.3
    assert factor.min() > spec.least


def test_who_complains_is_not_who_suffers(drawn):
    chunk = drawn(1, 30_000)
    service = chunk.service
    temper = service.traits.temper[chunk.orders.customer[service.failures.order]]
    speaks = np.isin(np.arange(len(service.failures)), service.complaints.failure)

    assert 0.3 < speaks.mean() < 0.6
    assert temper[speaks].mean() > 0.2
    assert temper[~speaks].mean() < -0.1
    assert service.failures.severity[speaks].mean() > service.failures.severity[~speaks].mean() + 0.1


def test_members_of_the_community_buy_more_and_are_content(drawn):
    chunk = drawn(1, 30_000)
    member = chunk.service.traits.member

    assert 0.01 < member.mean() < 0.15
    assert np.median(chunk.people.rate[member]) > 2 * np.median(chunk.people.rate[~member])
    assert chunk.service.traits.mood[member].mean() > 0.2


def test_defects_are_reported_late_and_mostly_within_sixty_days(drawn):
    chunk = drawn(1, 30_000)
    failures = chunk.service.failures
    defect = failures.kind == DEFECT
    days = (failures.time - chunk.handover.delivered[failures.order])[defect] / 86_400

    assert np.median(days) == pytest.approx(12, rel=0.1)
    assert 0.03 < (days > 60).mean() < 0.12
    assert APOLOGY not in chunk.service.complaints.outcome[defect[chunk.service.complaints.failure]]
