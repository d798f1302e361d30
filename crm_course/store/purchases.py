"""When customers buy: BG/NBD in operational time (Fader, Hardie and Lee 2005a)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.store.columns import Bools, Floats, Ints
from crm_course.store.people import People
from crm_course.store.world import World
from crm_course.tables.schemas import CHANNELS

SHOP, WEB, APP, PHONE = (CHANNELS.index(name) for name in ("shop", "web", "app", "phone"))
_STAYS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Orders:
    """Purchases in order of time: those in the data first, then those of the twelve months beyond.

    Attributes
    ----------
    customer : int
        Position in the chunk.
    day, time : int
        Local day of the span; seconds since 1970 (UTC).
    channel, store, promotion, percent : int
        Position in the channels, stores and promotions (-1: none), and the discount in percent.
    known : int
        Number of purchases that lie in the data.
    """

    customer: Ints
    day: Ints
    time: Ints
    channel: Ints
    store: Ints
    promotion: Ints
    percent: Ints
    known: int

    def __len__(self) -> int:
        return len(self.customer)


@dataclass(frozen=True)
class Lifetimes:
    """What became of each customer of a chunk.

    Attributes
    ----------
    first_time : int
        First purchase, seconds since 1970 (UTC).
    left_time : int
        Purchase after which she left; a number beyond all times when she has not by the end.
    """

    first_time: Ints
    left_time: Ints

    def active(self, moment: int) -> Bools:
        """Say who has not left before a moment."""
        return self.left_time >= moment


def draw_visits(world: World, people: People, chunk: int) -> tuple[Ints, Floats, Bools]:
    """Draw every purchase from each customer's first to the end of the clock.

    Between purchases lie exponential gaps of operational time; after each repeat purchase the
    customer leaves with her drop-out probability.

    Returns
    -------
    tuple of arrays
        Customer and operational time of each purchase, by customer and in order of time; and for
        each customer whether she leaves before the clock ends.
    """
    rng = world.stream("visits", chunk)
    everyone = np.arange(len(people))
    time_left = world.clock.elapsed[people.home, -1] - people.entry_time
    chances = rng.poisson(people.rate * time_left)
    leaves_after = rng.geometric(people.dropout)
    repeats = np.repeat(everyone, chances)
    # A customer's number plus a part of her time: one sort puts all in order, her first purchase at its head.
    position = np.sort(np.concatenate([everyone, repeats + rng.random(len(repeats))]))
    customer = position.astype(np.int64)
    first = np.searchsorted(customer, everyone)
    rank = np.arange(len(customer)) - first[customer]
    stays = rank <= leaves_after[customer]
    customer, part = customer[stays], (position - customer)[stays]
    return customer, people.entry_time[customer] + part * time_left[customer], leaves_after <= chances


def place_orders(world: World, people: People, chunk: int) -> tuple[Orders, Lifetimes]:
    """Draw the purchases of a chunk with channel, store and clock time; only those from the data's start on."""
    span, clock = world.span, world.clock
    customer, operational, leaves = draw_visits(world, people, chunk)
    day, part = clock.days(people.home[customer], operational)
    channel = _channels(world, people, customer, chunk)
    online = (channel == WEB) | (channel == APP)
    time = _clock_time(world, day, part, online)
    first = np.searchsorted(customer, np.arange(len(people)))
    last_time = np.maximum.reduceat(time, first)
    lifetimes = Lifetimes(np.minimum.reduceat(time, first), np.where(leaves, last_time, _STAYS))

    in_data = np.flatnonzero(day >= span.start)
    keep = in_data[np.argsort(time[in_data], kind="stable")]
    store = people.home[customer]
    if (web := world.scenario.web_store) is not None:
        store = np.where(online, web, store)
    store, day = store[keep], day[keep]
    return Orders(
        customer=customer[keep],
        day=day,
        time=time[keep],
        channel=channel[keep],
        store=store,
        promotion=clock.promotion[store, day],
        percent=clock.percent[store, day],
        known=int(np.searchsorted(time[keep], span.end_time)),
    ), lifetimes


def _channels(world: World, people: People, customer: Ints, chunk: int) -> Ints:
    where, how = world.stream("channels", chunk).random((2, len(customer)))
    app, phone = (
        np.array([getattr(spec, key) for spec in world.scenario.segments])[people.segment[customer]]
        for key in ("app_share", "phone_share")
    )
    online = where < people.online[customer]
    return np.where(online, np.where(how < app, APP, WEB), np.where(how < phone, PHONE, SHOP))


def _clock_time(world: World, day: Ints, part: Floats, online: Bools) -> Ints:
    """Spread a day's purchases over its busy hours; the day stays, and the order within a channel."""
    scenario, midnights = world.scenario, world.span.midnights
    hours = np.arange(25) / 24
    spread = np.empty(len(part))
    for weights, here in ((scenario.shop_hours, ~online), (scenario.online_hours, online)):
        reached = np.concatenate([[0.0], np.cumsum(weights)]) / np.sum(weights)
        spread[here] = np.interp(part[here], reached, hours)
    length = midnights[day + 1] - midnights[day]
    return midnights[day] + np.minimum((spread * length).astype(np.int64), length - 1)


def spread_over_day(world: World, day: Ints, uniform: Floats) -> Ints:
    """Give a moment of a day in shop hours, seconds since 1970 (UTC)."""
    return _clock_time(world, day, uniform, np.zeros(len(day), dtype=bool))
