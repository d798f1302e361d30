"""Households: who shares an address and a line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.settings import identity_settings as spec

_ALONE, _LEADS, _SIBLING, _PARENT, _COUPLE = range(5)
_GENERATION, _GENERATION_SPREAD = 24.0, 10.0
_YOUNGER = 50.0  # whose relative of another generation is a parent, not a child
_YOUNGEST = 15.0


@dataclass(frozen=True)
class Households:
    """Households of a chunk.

    Attributes
    ----------
    leader : int
        Position of the household's first member; her own where she lives alone.
    other : int
        Position of another member; her own where she lives alone.
    role : int
        What a member is to the leader.
    """

    leader: Ints
    other: Ints
    role: Ints

    @property
    def couple(self) -> Bools:
        """Say who is the leader's spouse."""
        couples: Bools = self.role == _COUPLE
        return couples

    @property
    def siblings(self) -> Bools:
        """Say who is the leader's brother or sister."""
        siblings: Bools = self.role == _SIBLING
        return siblings


def form_households(settings: spec.Households, store: Ints, account: Bools, uniform: Floats) -> Households:
    """Put people of the same shop in groups of three, of whom two or three may live together.

    Parameters
    ----------
    store, account : arrays
        Home store of each customer, and whether she is a company: companies live alone.
    uniform : float array of shape (4, n)
        Random numbers: order, size, kin, and kin of the third.
    """
    count = len(store)
    order = np.argsort(store + uniform[0], kind="stable")
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    rank = place % 3
    leader = order[place - rank]
    fits = (store == store[leader]) & ~account & ~account[leader]
    size = uniform[1][leader]
    member = fits & (rank > 0) & ((size < settings.threes) | ((rank == 1) & (size < settings.threes + settings.pairs)))
    kin = uniform[2][leader]
    first = np.where(
        kin < settings.parents, _PARENT, np.where(kin < settings.parents + settings.couples, _COUPLE, _SIBLING)
    )
    role = np.where(member, np.where(rank == 1, first, np.where(first == _PARENT, _PARENT, _SIBLING)), _ALONE)
    leader = np.where(member, leader, np.arange(count))
    other = leader.copy()
    other[leader[member]] = np.flatnonzero(member)
    role[leader[member]] = _LEADS
    return Households(leader, other, role)


def relatives_birthday(household: Households, age: Floats, uniform: Floats) -> Floats:
    """Give ages that fit: parent and child a generation apart, the others some years."""
    led = age[household.leader]
    gap = _GENERATION + _GENERATION_SPREAD * uniform
    generation = np.where(led < _YOUNGER, led + gap, led - gap)
    near = led + np.where(uniform < 0.5, -1.2 - 8 * uniform, 1.2 + 8 * (uniform - 0.5))
    fitting = np.where(household.role == _PARENT, generation, near)
    return np.where(household.role > _LEADS, _YOUNGEST + np.abs(fitting - _YOUNGEST), age)
