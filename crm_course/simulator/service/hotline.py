"""Phone and chat: one queue, first in first out; customers hang up when their patience ends."""

from __future__ import annotations

from heapq import heapify, heapreplace

import numpy as np

from crm_course.simulator.columns import Ints

_NEVER = 1 << 62


def serve(arrivals: Ints, patience: Ints, handling: Ints, spells: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Answer contacts in the order in which they came, each by the agent who has been free longest.

    Who hangs up takes no agent, so the wait that an arrival is offered depends only on those before
    it: one pass, a heap of the moments at which agents are next free and on shift.

    Parameters
    ----------
    arrivals, patience, handling : int array
        Seconds since 1970, in order; seconds she waits; seconds of work.
    spells : list of pairs of int arrays
        Beginnings and ends of the spells of work of each agent, in order; an agent finishes what
        was begun within a spell.

    Returns
    -------
    begins, agents : int array
        Moment of the answer and agent; -1 where she hung up.
    """
    starts = [begin.tolist() for begin, _ in spells]
    ends = [end.tolist() for _, end in spells]
    place = [0] * len(spells)
    heap = [(begin[0], agent) for agent, begin in enumerate(starts) if begin]
    heapify(heap)
    begins, agents = [-1] * len(arrivals), [-1] * len(arrivals)
    for contact, (now, waits, lasts) in enumerate(
        zip(arrivals.tolist(), patience.tolist(), handling.tolist(), strict=True)
    ):
        while heap:
            free, agent = heap[0]
            begin = free if free > now else now
            spell = place[agent]
            if free < _NEVER and begin >= ends[agent][spell]:
                heapreplace(heap, (_next_free(starts[agent], ends[agent], place, agent, free, begin), agent))
                continue
            if begin - now <= waits:
                begins[contact], agents[contact] = begin, agent
                heapreplace(heap, (begin + lasts, agent))
            break
    return np.array(begins, dtype=np.int64), np.array(agents, dtype=np.int64)


def _next_free(starts: list[int], ends: list[int], place: list[int], agent: int, free: int, moment: int) -> int:
    """Move an agent to the first spell that ends after a moment, and give when she is free in it."""
    spell = place[agent]
    while spell < len(ends) and ends[spell] <= moment:
        spell += 1
    if spell == len(ends):
        return _NEVER
    place[agent] = spell
    return max(free, starts[spell])
