"""When customers come: BG/NBD in operational time (Fader, Hardie and Lee 2005a), thinned by what they find.

A visit is a chance of an order. Between visits lie exponential gaps of operational time; each ends in an
order with a probability of its own, so that orders are a Poisson process again while the customer stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.streams import Dice
from crm_course.simulator.visits.encounters import APP, PHONE, SHOP, WEB, base_chances, encounter
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import CHANNELS

ENTRY = 0
EXTRA = 1 << 14  # the event of a visit that something from outside brought about
_GAP, _WHERE, _LEAVE, _MINUTES, _COMES = range(5)
_SHORTEST, _LONGEST = 90, 1_500  # seconds from the beginning of a visit to its order
_HOUR = 3_600
_NARROWEST, _WIDEST = 8, 64  # events of a customer drawn in one go


@dataclass(frozen=True)
class Visits:
    """Visits by customer and in order of time, from each customer's first purchase to the clock's end.

    Attributes
    ----------
    customer, event : int
        Position in the chunk, and number among the customer's chances of an order.
    day, time, order_time : int
        Local day of the span; when it began and when an order came of it, seconds since 1970 (UTC),
        within the same hour.
    channel : int
        Position in the channels.
    bought : bool
        Whether it ended in an order.
    leaving : float
        The customer's die on leaving: she leaves after an order if it lies below her drop-out
        probability times what the order went through.
    """

    customer: Ints
    event: Ints
    day: Ints
    time: Ints
    order_time: Ints
    channel: Ints
    bought: Bools
    leaving: Floats

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Ints | Bools) -> Visits:
        """Give some of the visits."""
        return Visits(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def channel_shares(world: World, people: People) -> Floats:
    """Give the share of each customer's orders in each channel: shop, web, app, telephone."""
    app, phone = (
        np.array([getattr(spec, key) for spec in world.scenario.segments])[people.segment]
        for key in ("app_share", "phone_share")
    )
    online = people.online
    shares = np.zeros((len(people), len(CHANNELS)))
    shares[:, SHOP], shares[:, WEB] = (1 - online) * (1 - phone), online * (1 - app)
    shares[:, APP], shares[:, PHONE] = online * app, (1 - online) * phone
    return shares


@dataclass(frozen=True)
class Pull:
    """What makes customers come more often than they would by themselves.

    Attributes
    ----------
    always : float array
        Factor on each customer's rate of visits.
    now : callable
        From customers and moments to the factor on the rate then, at most `most`.
    most : float
    """

    always: Floats
    now: Callable[[Ints, Ints], Floats]
    most: float


def first_visits(world: World, people: People, chunk: int) -> Visits:
    """Give each customer's first visit, which is a purchase."""
    shares = np.cumsum(channel_shares(world, people), axis=1)
    return _look(world, people, chunk, world.dice("visits", chunk), ladder=shares, operational=people.entry_time)


def extra_visits(world: World, people: People, chunk: int, *, customer: Ints, day: Ints, time: Ints) -> Visits:
    """Give visits that something brought about from outside: each is a purchase, and nobody leaves after it."""
    dice, event = world.dice("visits", chunk), np.full(len(customer), EXTRA)
    ladder = np.cumsum(channel_shares(world, people), axis=1)[customer]
    channel = (dice.uniform(customer, event, _WHERE)[:, None] * ladder[:, -1:] >= ladder).sum(axis=1)
    bought, stays = np.ones(len(customer), dtype=bool), np.full(len(customer), np.inf)
    order_time = time + np.minimum(_SHORTEST, _to_the_hour(world.span.midnights, day, time))
    return Visits(customer, event, day, time, order_time, channel, bought, stays)


def draw_visits(world: World, people: People, chunk: int, pull: Pull, least: float = 1.0) -> Visits:
    """Draw every visit from each customer's first purchase on, as long as she surely stays.

    A visit is left out when it lies behind an order after which she would leave whatever it went through.

    Parameters
    ----------
    pull : Pull
        What makes customers come more often.
    least : float
        The least that an order can make of its customer's drop-out probability, as a factor.
    """
    dice = world.dice("visits", chunk)
    shares = channel_shares(world, people)
    settings = world.scenario.sessions
    ladder = np.cumsum(shares / base_chances(settings), axis=1)
    speed = people.rate * ladder[:, -1] * pull.always * pull.most
    parts = [first_visits(world, people, chunk)]
    customer, reached, event, width = np.arange(len(people)), people.entry_time, ENTRY + 1, _NARROWEST
    ends = world.clock.elapsed[people.home, -1]
    while len(customer):
        gap = -np.log(dice.uniform(customer[:, None], event + np.arange(width), _GAP)) / speed[customer, None]
        operational = reached[:, None] + np.cumsum(gap, axis=1)
        row, place = np.nonzero(operational < ends[customer, None])
        part = _look(
            world,
            people,
            chunk,
            dice,
            ladder=ladder,
            operational=operational[row, place],
            customer=customer[row],
            event=event + place,
        )
        part = part.take(
            dice.uniform(part.customer, part.event, _COMES) * pull.most < pull.now(part.customer, part.time)
        )
        row, place = np.searchsorted(customer, part.customer), part.event - event
        last = part.bought & (part.leaving < least * people.dropout[part.customer])
        first_last = np.full(len(customer), width)
        np.minimum.at(first_last, row[last], place[last])
        parts.append(part.take(place <= first_last[row]))
        goes_on = (operational[:, -1] < ends[customer]) & (first_last == width)
        customer, reached = customer[goes_on], operational[goes_on, -1]
        event, width = event + width, min(2 * width, _WIDEST)
    return _after_the_first(joined(parts))


def _look(
    world: World,
    people: People,
    chunk: int,
    dice: Dice,
    *,
    ladder: Floats,
    operational: Floats,
    customer: Ints | None = None,
    event: Ints | None = None,
) -> Visits:
    """Say where and when visits take place, and whether they end in an order; a first purchase does."""
    entry = customer is None
    if customer is None or event is None:
        customer, event = np.arange(len(people)), np.full(len(people), ENTRY)
    day, part = world.clock.days(people.home[customer], operational)
    draw = dice.uniform(customer, event, _WHERE) * ladder[customer, -1]
    channel = (draw[:, None] >= ladder[customer]).sum(axis=1)
    time = clock_time(world, day, part, (channel == WEB) | (channel == APP))
    if entry or world.scenario.sessions is None:
        bought = np.ones(len(customer), dtype=bool)
    else:
        bought = encounter(
            world, people, chunk, customer=customer, event=event, day=day, time=time, channel=channel
        ).buys
    leaving = np.full(len(customer), np.inf) if entry else dice.uniform(customer, event, _LEAVE)
    if world.scenario.sessions is None:
        return Visits(customer, event, day, time, time, channel, bought, leaving)
    minutes = dice.uniform(customer, event, _MINUTES)
    length = (_SHORTEST + (_LONGEST - _SHORTEST) * minutes).astype(np.int64)
    order_time = time + np.minimum(length, _to_the_hour(world.span.midnights, day, time))
    return Visits(customer, event, day, time, order_time, channel, bought, leaving)


def joined(parts: list[Visits]) -> Visits:
    """Put visits together, by customer and in order of time."""
    whole = Visits(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Visits)))
    return whole.take(np.lexsort((whole.event, whole.time, whole.customer)))


def _after_the_first(visits: Visits) -> Visits:
    """Leave out what the hours of its channel put before the customer's first purchase, on the same day."""
    first = visits.time[visits.event == ENTRY]
    return visits.take(visits.time >= first[visits.customer])


def _to_the_hour(midnights: Ints, day: Ints, time: Ints) -> Ints:
    """Give the seconds that are left of the hour."""
    return _HOUR - 1 - (time - midnights[day]) % _HOUR


def clock_time(world: World, day: Ints, part: Floats, online: Bools) -> Ints:
    """Spread a day's visits over its busy hours; the day stays, and the order within a channel."""
    scenario, midnights = world.scenario, world.span.midnights
    hours = np.arange(25) / 24
    spread = np.empty(len(part))
    for weights, here in ((scenario.shop_hours, ~online), (scenario.online_hours, online)):
        reached = np.concatenate([[0.0], np.cumsum(weights)]) / np.sum(weights)
        spread[here] = np.interp(part[here], reached, hours)
    length = midnights[day + 1] - midnights[day]
    time: Ints = midnights[day] + np.minimum((spread * length).astype(np.int64), length - 1)
    return time


def spread_over_day(world: World, day: Ints, uniform: Floats) -> Ints:
    """Give a moment of a day in shop hours, seconds since 1970 (UTC)."""
    return clock_time(world, day, uniform, np.zeros(len(day), dtype=bool))
