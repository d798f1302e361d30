"""Looks at customers' data by the staff: for their work, and the ones that ought not to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import pick
from crm_course.simulator.settings import identity_settings as spec
from crm_course.simulator.streams import Dice, stream
from crm_course.simulator.visits.encounters import PHONE
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.visits.visits import spread_over_day
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.identity import LOOK_PURPOSES

LOOK_KINDS = ["work", "curiosity", "out of hours", "no such case", "copied"]
_WORK, _CURIOUS, _NIGHT, _NO_CASE, _COPIED = range(5)
_ORDER, _RETURN, _ENQUIRY, _MARKETING = (
    LOOK_PURPOSES.index(name) for name in ("order", "return", "enquiry", "marketing")
)
_DAYS = 365.25
_SECONDS = 86_400
_WORK_MINUTES = 5
_NIGHT_HOURS = 5  # from midnight
_COPY_FROM, _COPY_HOURS = 20.5, 1.25
_PHONE_EVENT, _RETURN_EVENT = 1 << 40, 1 << 41  # where the numbers of those looks begin
_MOST_EACH = 60  # slots a customer for the looks of one kind
_USE_WAIT, _USE_HOUR, _USE_AGENT, _USE_CULPRIT, _USE_WHICH, _USE_KNOWN = range(6)
_CULPRITS = 0.8  # share of the looks of a planted kind that a few agents make


@dataclass(frozen=True)
class Looks:
    """Looks in order of time: agent's position, customer, seconds since 1970, purpose's and kind's positions."""

    agent: Ints
    customer: Ints
    time: Ints
    purpose: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.agent)


Part = tuple[Ints, Ints, Ints, Ints, Ints]
"""Customer, number of the event, time, purpose and kind of some looks."""


def draw_looks(
    world: World,
    settings: spec.Looks,
    agents: int,
    *,
    lifetimes: Lifetimes,
    orders: Orders,
    returned: tuple[Ints, Ints, Ints],
    chunk: int,
) -> Looks:
    """Draw the looks of the data's span.

    Parameters
    ----------
    agents : int
        How many members of staff there are.
    returned : tuple of int arrays
        Customer, number of her order and time of each line that came back.
    """
    dice, span = world.dice("accesses", chunk), world.span
    known = well_known(world, settings, len(lifetimes.first_time), chunk)
    rates = [
        (_ENQUIRY, _WORK, settings.enquiries_per_year, None),
        (_ENQUIRY, _CURIOUS, settings.curious_per_year, known),
        (_ENQUIRY, _NIGHT, settings.at_night_per_year, None),
        (_ORDER, _NO_CASE, settings.without_cause_per_year, None),
    ]
    parts = [_phone_orders(orders, dice), _returns(returned)]
    parts += [_at_random(world, dice, lifetimes, *rate) for rate in rates]
    parts.append(_copying(world, dice, settings.copied, lifetimes))
    customer, event, time, purpose, kind = (np.concatenate([part[k] for part in parts]) for k in range(5))
    seen = np.flatnonzero((time >= span.start_time) & (time < span.end_time) & (time >= lifetimes.first_time[customer]))
    seen = seen[np.argsort(time[seen], kind="stable")]
    agent = _agents(world, dice, agents, customer[seen], event[seen], kind[seen])
    return Looks(agent, customer[seen], time[seen], purpose[seen], kind[seen])


def well_known(world: World, settings: spec.Looks, count: int, chunk: int) -> Bools:
    """Say which customers everybody knows; in a chunk that has any customers, one at least."""
    dice = world.dice("accesses", chunk)
    draw = dice.uniform(np.arange(count), np.zeros(1, dtype=np.int64), _USE_KNOWN)
    known: Bools = (draw < settings.well_known) | ((draw == draw.min()) & (settings.well_known > 0))
    return known


def _phone_orders(orders: Orders, dice: Dice) -> Part:
    """Look somebody up some minutes before she orders by telephone."""
    row = np.flatnonzero(orders.channel[: orders.known] == PHONE)
    customer, time, event = orders.customer[row], orders.time[row], _PHONE_EVENT + orders.event[row]
    before = dice.uniform(customer, event, _USE_HOUR) * 60 * _WORK_MINUTES
    same = np.zeros(len(row), dtype=np.int64)
    return customer, event, time - before.astype(np.int64), same + _ORDER, same + _WORK


def _returns(returned: tuple[Ints, Ints, Ints]) -> Part:
    """Look somebody up when she brings goods back."""
    customer, order, time = returned
    same = np.zeros(len(customer), dtype=np.int64)
    return customer, _RETURN_EVENT + order, time, same + _RETURN, same + _WORK


def _at_random(
    world: World, dice: Dice, lifetimes: Lifetimes, purpose: int, kind: int, per_year: float, whom: Bools | None
) -> Part:
    """Look at customers at a constant rate while they are customers, by day or, in the dead of night, out of hours."""
    span = world.span
    years = (span.end - span.start) / _DAYS
    customer = np.arange(len(lifetimes.first_time)) if whom is None else np.flatnonzero(whom)
    slots = min(int(np.ceil(per_year * years * 3)) + 1, _MOST_EACH) if per_year else 0
    part = [np.zeros(0, dtype=np.int64)] * 3
    found = [part]
    for slot in range(slots):
        event = np.array([kind * 1000 + slot])
        draw = dice.uniform(customer, event, _USE_WAIT)
        happens = draw * slots < per_year * years
        chosen = customer[happens]
        into = draw[happens] * slots / (per_year * years)  # what is left of the number is uniform
        day = span.start + (into * (span.end - span.start)).astype(np.int64)
        hour = dice.uniform(chosen, event, _USE_HOUR)
        at_night = span.midnights[day] + (hour * _NIGHT_HOURS * 3600).astype(np.int64)
        time = at_night if kind == _NIGHT else spread_over_day(world, day, hour)
        found.append([chosen, np.full(len(chosen), event[0]), time])
    customer, event, time = (np.concatenate([one[k] for one in found]) for k in range(3))
    left = time < lifetimes.left_time[customer]
    customer, event, time = customer[left], event[left], time[left]
    same = np.zeros(len(customer), dtype=np.int64)
    purposes = same + purpose
    if kind == _NO_CASE:
        purposes = np.where(dice.uniform(customer, event, _USE_WHICH) < 0.5, _ORDER, _RETURN)
    return customer, event, time, purposes, same + kind


def _copying(world: World, dice: Dice, share: float, lifetimes: Lifetimes) -> Part:
    """Let one of the staff look through many customers in one evening, in the data's last third."""
    span = world.span
    part = stream(world.seed, "copying").random()
    day = span.end - 1 - int(part * (span.end - span.start) / 3)
    everyone, event = np.arange(len(lifetimes.first_time)), np.array([_COPIED * 1000])
    customer = np.flatnonzero(dice.uniform(everyone, event, _USE_WAIT) < share)
    moment = _COPY_FROM + _COPY_HOURS * dice.uniform(customer, event, _USE_HOUR)
    time = span.midnights[day] + (moment * 3600).astype(np.int64)
    same = np.zeros(len(customer), dtype=np.int64)
    return customer, same + event[0], time, same + _MARKETING, same + _COPIED


def _agents(world: World, dice: Dice, agents: int, customer: Ints, event: Ints, kind: Ints) -> Ints:
    """Say who looked: anybody at work, and mostly two of the staff for each planted kind, one for the copying."""
    rng = stream(world.seed, "staff")
    load = 0.5 + rng.random(agents)
    culprits = (
        rng.permutation(agents)[: 2 * len(LOOK_KINDS)]
        if agents >= 2 * len(LOOK_KINDS)
        else rng.integers(0, agents, 2 * len(LOOK_KINDS))
    )
    agent = pick(load, dice.uniform(customer, event, _USE_AGENT))
    which: Floats = dice.uniform(customer, event, _USE_CULPRIT)
    culprit = culprits[2 * kind + ((which < _CULPRITS / 2) & (kind != _COPIED))]
    return np.where((kind == _COPIED) | ((kind != _WORK) & (which < _CULPRITS)), culprit, agent)
