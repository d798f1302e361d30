"""The loyalty programme: points for purchases kept, gifts, expiry and tiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.returns import Returns
from crm_course.simulator.settings.contact_settings import LoyaltyRules
from crm_course.simulator.streams import Dice
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.fulfilment import Handover
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.contacting import MOVEMENTS

_DAY = 86_400
_YEAR = 365 * _DAY
_MONTH = round(365.25 / 12 * _DAY)
_TIME_BITS = 33
PURCHASE, GIFT, EXPIRED, JOINED, TIER = (
    MOVEMENTS.index(word) for word in ("purchase", "gift", "expired", "joined", "tier")
)


@dataclass(frozen=True)
class Movements:
    """Movements in order of time: customer, second since 1970 (UTC), points, and positions of tier and reason."""

    customer: Ints
    time: Ints
    points: Ints
    tier: Ints
    reason: Ints


def kept_points(orders: Orders, lines: Lines, amounts: Ints, returns: Returns) -> Ints:
    """Give the points of every order: one for each currency unit that was kept, whenever the rest came back."""
    back = np.bincount(lines.order[returns.line], weights=returns.amount, minlength=len(orders))
    return (amounts - back.astype(np.int64)) // 100


def move_points(
    world: World,
    members: Bools,
    lifetimes: Lifetimes,
    orders: Orders,
    *,
    points: Ints,
    handover: Handover,
    redeems: float,
    chunk: int,
) -> Movements:
    """Book the points of all members, from the first day of the data to the last.

    Points are booked once the order's return window has closed, so that none is ever taken back; a
    member with enough of them may take gifts at a purchase; they expire some months after the last
    ones were earned; the tier is that of the points earned in the last 365 days.

    Parameters
    ----------
    points : int array
        Points of each order, as `kept_points` gives them.
    redeems : float
        Probability that a member with enough points takes a gift at a purchase.
    """
    rules = world.policy.contact.loyalty if world.policy.contact else None
    assert rules is not None
    end, start = world.span.end_time, world.span.start_time
    order = np.flatnonzero(members[orders.customer[: orders.known]])
    who, when = orders.customer[order], orders.time[order]
    ripe = handover.delivered[order] + (world.policy.return_window_days + 1) * _DAY
    earns = (ripe < end) & (points[order] > 0)
    gains = (who[earns], ripe[earns], points[order][earns])
    takes = world.dice("gifts", chunk)
    wish = _chances(takes, who, redeems)
    spent = _balances(rules, gains, (who[wish], when[wish]), end)
    tiers = _Tiers.of(rules, *gains)

    joined = np.flatnonzero(members)
    change = tiers.changes(end)
    parts = [
        (joined, np.maximum(lifetimes.first_time[joined], start), np.zeros(len(joined), dtype=np.int64), JOINED),
        (*gains, PURCHASE),
        *spent,
        (*change, np.zeros(len(change[0]), dtype=np.int64), TIER),
    ]
    customer, time, moved = (np.concatenate([part[place] for part in parts]) for place in range(3))
    reason = np.repeat([part[3] for part in parts], [len(part[0]) for part in parts])
    sequence = np.argsort(time, kind="stable")
    customer, time, moved, reason = (values[sequence] for values in (customer, time, moved, reason))
    return Movements(customer, time, moved, tiers.at(customer, time), reason)


def _chances(dice: Dice, customer: Ints, redeems: float) -> Ints:
    """Give the orders, by position, at which a member wishes for a gift; the rank of an order is its event."""
    sequence = np.argsort(customer, kind="stable")
    ranked = customer[sequence]
    rank = np.arange(len(ranked)) - np.searchsorted(ranked, ranked)
    return np.sort(sequence[dice.uniform(ranked, rank) < redeems])


def _balances(
    rules: LoyaltyRules, gains: tuple[Ints, Ints, Ints], wishes: tuple[Ints, Ints], end: int
) -> list[tuple[Ints, Ints, Ints, int]]:
    """Go through every member's gains and wishes for gifts, all members' first, then all their second."""
    customer = np.concatenate([gains[0], wishes[0]])
    time = np.concatenate([gains[1], wishes[1]])
    gained = np.concatenate([gains[2], np.zeros(len(wishes[0]), dtype=np.int64)])
    sequence = np.argsort((customer << _TIME_BITS) | time, kind="stable")
    customer, time, gained = customer[sequence], time[sequence], gained[sequence]
    member, first, events = np.unique(customer, return_index=True, return_counts=True)
    busiest = np.argsort(-events, kind="stable")
    member, first, events = member[busiest], first[busiest], events[busiest]
    balance, last_gain = np.zeros(len(member), dtype=np.int64), np.zeros(len(member), dtype=np.int64)
    keeps = rules.expire_months * _MONTH
    gifts, expiries = [], []

    def expire(now: Ints, count: int) -> None:
        gone = np.flatnonzero((balance[:count] > 0) & (last_gain[:count] + keeps <= now))
        expiries.append((member[gone], last_gain[gone] + keeps, -balance[gone]))
        balance[gone] = 0

    for step in range(int(events.max(initial=0))):
        count = int(np.searchsorted(-events, -step, side="left"))
        place = first[:count] + step
        now, gain = time[place], gained[place]
        expire(now, count)
        balance[:count] += gain
        last_gain[:count] = np.where(gain > 0, now, last_gain[:count])
        takes = np.flatnonzero((gain == 0) & (balance[:count] >= rules.gift_points))
        price = balance[takes] // rules.gift_points * rules.gift_points
        gifts.append((member[takes], now[takes], -price))
        balance[takes] -= price
    expire(np.full(len(member), end - 1), len(member))
    nothing = np.zeros(0, dtype=np.int64)
    return [
        (*(np.concatenate([nothing, *(part[place] for part in parts)]) for place in range(3)), reason)  # type: ignore[misc]
        for parts, reason in ((gifts, GIFT), (expiries, EXPIRED))
    ]


@dataclass(frozen=True)
class _Tiers:
    """Every member's tier from each moment on at which her points of the last 12 months change."""

    key: Ints
    tier: Ints

    @classmethod
    def of(cls, rules: LoyaltyRules, customer: Ints, time: Ints, points: Ints) -> _Tiers:
        key = (np.concatenate([customer, customer]) << _TIME_BITS) | np.concatenate([time, time + _YEAR])
        sequence = np.argsort(key, kind="stable")
        key = key[sequence]
        total = np.cumsum(np.concatenate([points, -points])[sequence])  # a member's own sum back to 0 at her end
        limits = np.array([tier.points for tier in rules.tiers])
        last = np.concatenate([key[1:] != key[:-1], [True]]) if len(key) else np.zeros(0, dtype=bool)
        return cls(key[last], np.searchsorted(limits, total[last], side="right") - 1)

    def at(self, customer: Ints, time: Ints) -> Ints:
        """Give the tiers that customers have at moments."""
        place = np.searchsorted(self.key, (customer << _TIME_BITS) | time, side="right") - 1
        here = np.maximum(place, 0)
        if not len(self.key):
            return np.zeros(len(customer), dtype=np.int64)
        return np.where((place >= 0) & (self.key[here] >> _TIME_BITS == customer), self.tier[here], 0)

    def changes(self, end: int) -> tuple[Ints, Ints]:
        """Give customer and moment of each change of tier before the end."""
        customer, time = self.key >> _TIME_BITS, self.key & (1 << _TIME_BITS) - 1
        new = np.concatenate([[True], customer[1:] != customer[:-1]]) if len(customer) else np.zeros(0, dtype=bool)
        before = np.where(new, 0, np.roll(self.tier, 1))
        rows = np.flatnonzero((self.tier != before) & (time < end))
        return customer[rows], time[rows]
