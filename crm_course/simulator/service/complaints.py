"""From a failure to a complaint and through its stages, or to silence."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.distributions import exponential, lognormal
from crm_course.simulator.people.service_traits import Traits
from crm_course.simulator.service.enquiries import choose_channels
from crm_course.simulator.service.failures import Failures
from crm_course.simulator.streams import Dice
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import CATEGORIES, LIVE_CHANNELS, OUTCOMES, SERVICE_CHANNELS

STAGES = ("accepted", "classified", "assigned", "solved", "replied", "followed_up")
ROUNDS = 3
APOLOGY, REPLACEMENT, REFUND, VOUCHER, REJECTED = range(len(OUTCOMES))
_DAY, _HOUR = 86_400, 3600
_ATTENDED = np.array([name in (*LIVE_CHANNELS, "shop") for name in SERVICE_CHANNELS])


@dataclass(frozen=True)
class Complaints:
    """Complaints, one element each; repeats after those that they repeat.

    Attributes
    ----------
    failure, earlier : int
        Positions: of the failure, and of the complaint that it repeats (-1: none).
    opened : int
        When the customer called, wrote or came, seconds since 1970 (UTC).
    channel, outcome : int
        Positions in the vocabularies.
    complex, recovered : bool
        Whether it needs more than a word; whether it was mended in time and not turned down.
    times : array of shape (6, complaints)
        Moments of the stages, seconds since 1970 (UTC); -1 where there is none.
    compensation : int
        Cents.
    satisfied : int
        1 yes, 0 no, -1 without an answer.
    key : int
        Number of the event among the customer's.
    """

    failure: Ints
    earlier: Ints
    opened: Ints
    channel: Ints
    outcome: Ints
    complex: Bools
    recovered: Bools
    times: Ints
    compensation: Ints
    satisfied: Ints
    key: Ints

    def __len__(self) -> int:
        return len(self.failure)


def complaint_log_odds(room: Room, kind: Ints, severity: Ints, amount: Floats, temper: Floats) -> Floats:
    """Give the log odds that a customer complains of a failure; `amount` in currency units."""
    spec = room.spec.complaining
    base = np.array([room.spec.failures[name].complaint for name in CATEGORIES])
    stake = np.log(np.maximum(amount, 1) / spec.reference)
    return base[kind] + spec.temper * temper + spec.severity * (severity - 1) + spec.value * stake


def draw_complaints(
    world: World, room: Room, traits: Traits, orders: Orders, failures: Failures, amounts: Ints, chunk: int
) -> Complaints:
    """Say who complains, how each complaint is handled, and who complains again of the same."""
    dice, spec = world.dice("complaints", chunk), room.spec.complaining
    customer = orders.customer[failures.order]
    odds = complaint_log_odds(room, failures.kind, failures.severity, failures.amount / 100, traits.temper[customer])
    who = np.flatnonzero(dice.uniform(customer, failures.key, 0) < expit(odds))
    opened = failures.time[who] + _days(exponential(dice.uniform(customer[who], failures.key[who], 1), spec.lag_days))
    earlier, before = np.full(len(who), -1), 0
    rounds = []
    for number in range(ROUNDS):
        part = _handle(room, traits, orders, failures, amounts, dice, who, earlier, opened, number)
        rounds.append(part)
        again = ~part.recovered & (dice.uniform(customer[who], part.key, 20) < spec.repeat)
        lag = exponential(dice.uniform(customer[who[again]], part.key[again], 21), spec.repeat_days)
        opened = part.times[STAGES.index("replied")][again] + _days(lag)
        earlier, before, who = np.flatnonzero(again) + before, before + len(who), who[again]
    return Complaints(
        *(np.concatenate([getattr(part, f.name) for part in rounds], axis=-1) for f in fields(Complaints))
    )


def _days(days: Floats) -> Ints:
    return (days * _DAY).astype(np.int64)


def _handle(
    room: Room,
    traits: Traits,
    orders: Orders,
    failures: Failures,
    amounts: Ints,
    dice: Dice,
    who: Ints,
    earlier: Ints,
    opened: Ints,
    number: int,
) -> Complaints:
    """Take complaints through the stages."""
    order, kind = failures.order[who], failures.kind[who]
    customer = orders.customer[order]
    key = ((failures.key[who] << 2) | number) + (1 << 40)
    channel_draw, moved, mixed, turned_down, kind_of, followed, answered = (
        dice.uniform(customer, key, use) for use in range(2, 9)
    )
    channel = choose_channels(room, orders, order, channel_draw)
    opened = np.where(_ATTENDED[channel], room.clock.within(opened, moved, room.spec.talk.hours), opened)
    kinds = [room.spec.failures[name] for name in CATEGORIES]
    hard = mixed < np.array([spec.complex for spec in kinds])[kind]
    rejected = turned_down < np.array([spec.rejected for spec in kinds])[kind]
    times, hours = _stages(room, orders.store[order], opened, hard, dice, customer, key)
    times[-1] = np.where(followed < room.spec.handling.follow_up, times[-1], -1)
    outcome, compensation = _settle(room, failures, who, opened, rejected, kind_of, amounts[order])
    satisfied = _satisfaction(room, traits.temper[customer], outcome, hours, dice.uniform(customer, key, 9), answered)
    return Complaints(
        failure=who,
        earlier=earlier,
        opened=opened,
        channel=channel,
        outcome=outcome,
        complex=hard,
        recovered=~rejected & (hours <= room.spec.recovery.within),
        times=times,
        compensation=compensation,
        satisfied=satisfied,
        key=key,
    )


def _stages(
    room: Room, store: Ints, opened: Ints, hard: Bools, dice: Dice, customer: Ints, key: Ints
) -> tuple[Ints, Floats]:
    """Give the moments of the stages, and the service hours from assignment to solution."""
    spec, clock = room.spec.handling, room.clock
    medians = (spec.accepted, spec.classified, spec.assigned, 0.0, spec.replied, spec.followed_up)
    times: list[Ints] = []
    now, hours = opened, np.zeros(len(opened))
    for place, median in enumerate(medians):
        draw = dice.uniform(customer, key, 10 + place)
        if STAGES[place] == "solved":
            usual = np.where(hard, spec.solved_complex, spec.solved_simple)
            lasts = hours = lognormal(draw, usual * np.exp(room.pace[store, clock.day(times[0])]), spec.solved_spread)
        else:
            lasts = lognormal(draw, median, spec.stage_spread)
        now = clock.after(now, lasts)
        times.append(now)
    return np.array(times), hours


def _settle(
    room: Room, failures: Failures, who: Ints, opened: Ints, rejected: Bools, uniform: Floats, order_amount: Ints
) -> tuple[Ints, Ints]:
    """Decide by the shop's rule of the day: goods are replaced or refunded, failed service brings a voucher or not."""
    rules, later = (room.policy.compensation, room.ahead.compensation), (opened >= room.ahead_from).astype(np.int64)
    most, refunded = (np.array([getattr(rule, name) for rule in rules])[later] for name in ("most", "refund"))
    goods = failures.product[who] >= 0
    share = np.array([rule.voucher for rule in rules])[later, failures.severity[who]]
    voucher = np.minimum(np.floor(share * order_amount / 100), np.floor(most)).astype(np.int64) * 100
    refund = goods & (uniform < refunded)
    outcome = np.where(goods, np.where(refund, REFUND, REPLACEMENT), np.where(voucher > 0, VOUCHER, APOLOGY))
    outcome = np.where(rejected, REJECTED, outcome)
    paid = np.where(outcome == REFUND, failures.amount[who], np.where(outcome == VOUCHER, voucher, 0))
    return outcome, paid


def _satisfaction(room: Room, temper: Floats, outcome: Ints, hours: Floats, uniform: Floats, answered: Floats) -> Ints:
    spec = room.spec.recovery
    odds = spec.satisfied - spec.satisfied_temper * temper - spec.satisfied_slow * np.log(np.maximum(hours, 0.1) / 8)
    odds = odds + spec.satisfied_refund * np.isin(outcome, (REPLACEMENT, REFUND, VOUCHER)) - 3 * (outcome == REJECTED)
    content = uniform < expit(odds)
    return np.where(answered < spec.answered * np.where(content, 1.0, 0.5), content, -1)
