"""Sign-ups: when and where each customer's records were made, and when each was last confirmed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.identity_settings import Forms, IdentitySettings
from crm_course.simulator.streams import Dice
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.identity import RECORD_CHANNELS

TILL, WEB_FORM, APP_FORM, HOTLINE, STALL = range(5)
FORMS = ("till", "web", "app", "hotline", "market_stall")
_FORM_OF = np.array([TILL, WEB_FORM, APP_FORM, HOTLINE, TILL])  # in the order of an order's channels
_YEAR = 365.25 * 86_400
_CHANNELS = len(RECORD_CHANNELS)
# Numbers of a customer's sign-ups, the same whatever else happens to her.
_FIRST, _NEW, _EXTRA, _AGAIN = 0, 1, 16, 64
_EXTRA_EACH = 2
_USE_FIRST, _USE_SIGNS, _USE_WAIT, _USE_LAG, _USE_CONFIRMED = range(5)
FIRST_FREE_USE = 8


@dataclass(frozen=True)
class SignUps:
    """Records in order of time: customer, sign-up's number among hers, channel, times in seconds since 1970."""

    customer: Ints
    event: Ints
    channel: Ints
    created: Ints
    updated: Ints

    def __len__(self) -> int:
        return len(self.customer)


def of_form(forms: Forms, key: str) -> Floats:
    """Give a figure of every channel's form."""
    return np.array([getattr(getattr(forms, name), key) for name in FORMS])


def sign_up(
    world: World,
    settings: IdentitySettings,
    forms: Forms,
    people: People,
    *,
    lifetimes: Lifetimes,
    orders: Orders,
    chunk: int,
) -> SignUps:
    """Sign customers up: at the first purchase, at later orders, and now and then without one while active."""
    dice, end = world.dice("records", chunk), world.span.end_time
    customer, channel, time = (part[: orders.known] for part in (orders.customer, orders.channel, orders.time))
    form = _FORM_OF[channel]
    rank = _rank(customer, len(people))
    number = orders.event[: orders.known]
    opens = (rank == 0) & (lifetimes.first_time[customer] >= world.span.start_time)
    first_form = _usual_form(world, people, dice)
    first_form[customer[opens]] = form[opens]
    parts = [
        (np.arange(len(people)), np.full(len(people), _FIRST), first_form, lifetimes.first_time),
        *_at_orders(forms, settings, dice, (customer, form, time, rank, number), ~opens, first_form),
        *_without_order(settings, dice, lifetimes, end),
    ]
    who, event, where, at = (np.concatenate([part[k] for part in parts]) for k in range(4))
    known = at < end
    who, event, where, at = who[known], event[known], where[known], at[known]
    lag = -np.log(dice.uniform(who, event, _USE_LAG)) * of_form(forms, "hours_behind")[where] * 3600
    created = at + lag.astype(np.int64)
    created = np.where(created < end, created, at)
    order = np.argsort(created, kind="stable")
    who, event, where, created = who[order], event[order], where[order], created[order]
    with np.errstate(divide="ignore"):
        years = -np.log(dice.uniform(who, event, _USE_CONFIRMED)) / of_form(forms, "confirmed_per_year")[where]
    last = np.minimum(lifetimes.left_time[who], end) - 1
    confirmed = (last - np.minimum(years, 200.0) * _YEAR).astype(np.int64)
    return SignUps(who, event, where, created, np.maximum(created, confirmed))


def _rank(customer: Ints, people: int) -> Ints:
    """Number the orders of each customer from 0."""
    order = np.argsort(customer.astype(np.uint16), kind="stable")  # fewer than 65,536 in a chunk: a radix sort
    count = np.bincount(customer, minlength=people)
    rank = np.empty(len(customer), dtype=np.int64)
    rank[order] = np.arange(len(customer)) - np.repeat(np.cumsum(count) - count, count)
    return rank


def _usual_form(world: World, people: People, dice: Dice) -> Ints:
    """Draw where those signed up whose first purchase is older than the data."""
    everyone = np.arange(len(people))
    first, second = (dice.uniform(everyone, np.zeros(1, dtype=np.int64), use) for use in (_USE_FIRST, _USE_SIGNS))
    app, phone = (
        np.array([getattr(spec, key) for spec in world.scenario.segments])[people.segment]
        for key in ("app_share", "phone_share")
    )
    online = first < people.online
    return np.where(online, np.where(second < app, APP_FORM, WEB_FORM), np.where(second < phone, HOTLINE, TILL))


Part = tuple[Ints, Ints, Ints, Ints]


def _at_orders(
    forms: Forms,
    settings: IdentitySettings,
    dice: Dice,
    orders: tuple[Ints, Ints, Ints, Ints, Ints],
    later: Bools,
    first_form: Ints,
) -> list[Part]:
    """Sign up at orders: in a channel that is new to her, or once more where she has a record."""
    customer, form, time, rank, number = orders
    pair = customer * _CHANNELS + form
    earliest = np.full(len(first_form) * _CHANNELS, -1)
    earliest[pair[::-1]] = np.arange(len(pair))[::-1]  # of equal places the last one written stays: the earliest order
    new = later & (earliest[pair] == np.arange(len(pair))) & (form != first_form[customer])
    event = np.where(new, _NEW + form, _AGAIN + number)
    chance = np.where(new, of_form(forms, "signs_up")[form], settings.sign_ups.again / np.maximum(rank, 1))
    signs = later & (dice.uniform(customer, event, _USE_SIGNS) < chance)
    return [(customer[signs], event[signs], form[signs], time[signs])]


def _without_order(settings: IdentitySettings, dice: Dice, lifetimes: Lifetimes, end: int) -> list[Part]:
    """Sign up without an order, at a constant rate from the first purchase until she leaves."""
    habits = settings.sign_ups
    rates = {APP_FORM: habits.app_per_year, HOTLINE: habits.hotline_per_year, STALL: habits.market_stall_per_year}
    everyone = np.arange(len(lifetimes.first_time))
    until = np.minimum(lifetimes.left_time, end)
    parts = []
    for form, rate in rates.items():
        at = lifetimes.first_time.astype(float)
        for turn in range(_EXTRA_EACH if rate else 0):
            event = _EXTRA + form * _EXTRA_EACH + turn
            at = at - np.log(dice.uniform(everyone, np.array([event]), _USE_WAIT)) / rate * _YEAR
            there = np.flatnonzero(at < until)
            numbers = np.full(len(there), event), np.full(len(there), form)
            parts.append((there, *numbers, at[there].astype(np.int64)))
    return parts
