"""The queue is Erlang A where theory knows the answer, and keeps its order and shifts everywhere."""

import numpy as np
import pytest

from crm_course.simulator.service.hotline import serve

ALWAYS = (np.array([0]), np.array([10**12]))


def erlang_a(load, agents, patience_per_service):
    """Probability to abandon of M/M/n+M, from the balance of its states (Palm 1957)."""
    weight, abandons, total, served_weight = 1.0, 0.0, 0.0, 0.0
    for state in range(2000):
        total += weight
        waiting = max(state - agents, 0)
        abandons += weight * waiting / patience_per_service
        served_weight += weight * min(state, agents)
        rate_out = min(state + 1, agents) + max(state + 1 - agents, 0) / patience_per_service
        weight *= load / rate_out
    return abandons / (abandons + served_weight)


@pytest.mark.parametrize(("load", "agents", "patience"), [(4.0, 4, 1.0), (6.0, 5, 0.5), (2.0, 4, 2.0)])
def test_as_many_hang_up_as_erlang_a_says(load, agents, patience):
    rng, count, unit = np.random.default_rng(1), 60_000, 100_000
    arrivals = np.cumsum(rng.exponential(unit / load, count)).astype(np.int64)
    handling, waits = (rng.exponential(mean, count).astype(np.int64) for mean in (unit, unit * patience))
    begins, _ = serve(arrivals, waits, handling, [ALWAYS] * agents)

    assert (begins < 0).mean() == pytest.approx(erlang_a(load, agents, patience), abs=0.008)


def test_first_in_first_out_by_the_agent_who_has_been_free_longest():
    arrivals, handling = np.array([0, 1, 2, 3]), np.array([10, 4, 10, 10])
    begins, agents = serve(arrivals, np.full(4, 100), handling, [ALWAYS, ALWAYS])

    assert begins.tolist() == [0, 1, 5, 10]
    assert agents.tolist() == [0, 1, 1, 0]


def test_who_hangs_up_keeps_no_agent():
    begins, agents = serve(np.array([0, 1, 2]), np.array([9, 3, 20]), np.array([10, 50, 5]), [ALWAYS])

    assert begins.tolist() == [0, -1, 10]
    assert agents.tolist() == [0, -1, 0]


def test_nobody_answers_before_a_shift_or_begins_after_it():
    morning, evening = (np.array([100]), np.array([200])), (np.array([180]), np.array([300]))
    arrivals = np.array([50, 150, 190, 250, 299, 300])
    begins, agents = serve(arrivals, np.full(6, 60), np.full(6, 45), [morning, evening])

    assert begins.tolist() == [100, 150, 190, 250, 299, -1]
    assert agents.tolist() == [0, 0, 1, 1, 1, -1]


def test_agents_come_back_for_their_next_shift():
    two_days = (np.array([100, 1100]), np.array([200, 1200]))
    begins, agents = serve(np.array([199, 250, 1050]), np.full(3, 60), np.full(3, 30), [two_days])

    assert begins.tolist() == [199, -1, 1100]
    assert agents.tolist() == [0, -1, 0]
