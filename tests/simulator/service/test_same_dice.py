"""What happens to a customer depends on her, not on the shop's rules, on others, or on what else is drawn."""

from dataclasses import fields

import numpy as np
import pytest


def same(one, other, *but):
    for spec in fields(one):
        if spec.name not in but:
            assert np.array_equal(getattr(one, spec.name), getattr(other, spec.name)), spec.name


def test_new_rules_change_how_complaints_end_and_nothing_else(drawn):
    old, new = drawn(3, complaint_change=None).service, drawn(3).service

    same(old.traits, new.traits)
    same(old.contacts, new.contacts)
    same(old.failures, new.failures)
    firsts = [service.complaints.earlier < 0 for service in (old, new)]
    for name in ("failure", "opened", "channel", "complex", "outcome"):
        assert np.array_equal(*(getattr(s.complaints, name)[f] for s, f in zip((old, new), firsts, strict=True))), name
    lasts = [(s.complaints.times[3] - s.complaints.times[2])[f] for s, f in zip((old, new), firsts, strict=True)]
    assert (lasts[1] <= lasts[0]).mean() > 0.999
    assert (lasts[1] < lasts[0]).any()
    assert (new.leave_factor <= old.leave_factor + 1e-12).all()
    assert (new.leave_factor < old.leave_factor).any()


def test_fewer_customers_are_the_same_customers(drawn):
    """Traits are drawn by number of customers; what happens is the same for the same person."""
    chunk = drawn(3)
    service, orders = chunk.service, chunk.orders
    half = orders.customer % 2 == 0
    kept = service.kept(half)
    number = np.cumsum(half) - 1

    assert np.array_equal(kept.leave_factor, service.leave_factor[half])
    assert np.array_equal(kept.failures.key, service.failures.key[half[service.failures.order]])
    assert np.array_equal(kept.failures.order, number[service.failures.order[half[service.failures.order]]])
    repeats = kept.complaints.earlier >= 0
    assert repeats.any()
    earlier = kept.complaints.earlier[repeats]
    assert np.array_equal(kept.complaints.failure[earlier], kept.complaints.failure[repeats])
    assert np.array_equal(kept.complaints.key[earlier] + 1, kept.complaints.key[repeats])


@pytest.mark.parametrize("deflection", [0.0, 0.5])
def test_deflection_takes_contacts_away_and_adds_none(drawn, deflection):
    all_of_them, fewer = drawn(3).service.contacts, drawn(3, deflection=deflection).service.contacts

    assert np.isin(fewer.order, all_of_them.order).all()
    assert len(fewer) == pytest.approx(deflection * len(all_of_them), rel=0.1)
