"""Contacts that orders bring: where is it, how does it work, may I change it, and questions before buying."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.distributions import exponential
from crm_course.simulator.people.people import pick
from crm_course.simulator.settings.service_settings import Topic
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.encounters import SHOP
from crm_course.simulator.visits.fulfilment import CARRY_OUT, DELIVERY, Handover
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import LIVE_CHANNELS, SERVICE_CHANNELS, TOPICS

_DAY = 86_400
_ATTENDED = np.array([name in (*LIVE_CHANNELS, "shop") for name in SERVICE_CHANNELS])


@dataclass(frozen=True)
class Contacts:
    """Contacts of identified customers, one element each.

    Attributes
    ----------
    order : int
        Position of the order that brought it.
    named : bool
        Whether the shop knows the order.
    product, topic, channel : int
        Positions; product -1 where not known.
    time : int
        When it was opened, seconds since 1970 (UTC).
    complex : bool
        Whether it cannot be settled at once.
    key : int
        Number of the event among the customer's.
    """

    order: Ints
    named: Bools
    product: Ints
    topic: Ints
    channel: Ints
    time: Ints
    complex: Bools
    key: Ints

    def __len__(self) -> int:
        return len(self.order)


def topic_probabilities(topics: dict[str, Topic], *, sent: bool, late: bool, warranty: bool) -> Floats:
    """Give the probability that an order brings a contact of each topic, in the order of `topics`."""
    return np.array(
        [
            0.0
            if topic.when == "callers only"
            or (topic.when == "before delivery" and not sent)
            or (topic.warranty and not warranty)
            else topic.probability * (topic.late_factor if late else 1.0)
            for topic in topics.values()
        ]
    )


def draw_enquiries(
    world: World,
    room: Room,
    orders: Orders,
    lines: Lines,
    handover: Handover,
    events: Ints,
    chunk: int,
    deflection: Floats | None = None,
) -> Contacts:
    """Draw the contacts that orders bring, one at most from each.

    Parameters
    ----------
    events : int array
        Number of each order among its customer's.
    deflection : float array, optional
        Factor on the probability of a contact, one an order: what a prompt or page leaves of it.
    """
    topics, dice = list(room.spec.topics.values()), world.dice("enquiries", chunk)
    guaranteed = world.catalogue.warranty[lines.product] > 0
    with_warranty = np.full(len(orders), -1)
    with_warranty[lines.order[guaranteed]] = lines.product[guaranteed]
    sent = handover.collection != CARRY_OUT
    late = late_deliveries(handover)
    ladder = np.array(
        [
            np.cumsum(topic_probabilities(room.spec.topics, sent=bool(k & 1), late=bool(k & 2), warranty=bool(k & 4)))
            for k in range(8)
        ]
    )
    uniform = dice.uniform(orders.customer, events, 0)
    if deflection is not None:  # below 1, some contacts do not happen, and the others stay as they are
        deflected = dice.uniform(orders.customer, events, 7) >= deflection
        uniform = np.where(deflected, 1.0, uniform / np.maximum(deflection, 1.0))
    case = sent + 2 * late + 4 * (with_warranty >= 0)
    order = np.flatnonzero(uniform < ladder[case, -1])
    local = (uniform[order, None] >= ladder[case[order]]).sum(axis=1)

    wait, other, way, settled, which, moved = (
        dice.uniform(orders.customer[order], events[order], k) for k in range(1, 7)
    )
    when = np.array(
        [("before order", "before delivery", "after delivery", "callers only").index(t.when) for t in topics]
    )
    days = np.array([topic.days for topic in topics])[local]
    time = _times(room, orders, handover, order, when[local], days, wait, other)
    channel = choose_channels(room, orders, order, way)
    time = np.where(_ATTENDED[channel], room.clock.within(time, moved, room.spec.talk.hours), time)

    asked_of = with_warranty[order]
    first = np.searchsorted(lines.order, order)
    count = np.searchsorted(lines.order, order, side="right") - first
    asked_of = np.where(
        np.array([topic.warranty for topic in topics])[local],
        asked_of,
        lines.product[first + (which * count).astype(np.int64)] if len(lines) else -1,
    )
    about_goods = np.array(
        [topic.when == "after delivery" and topic.after_sale != "extra benefits" for topic in topics]
    )
    first_time = np.full(int(orders.customer.max(initial=-1)) + 1, -1)
    first_time[orders.customer[::-1]] = orders.time[::-1]
    keep = time >= first_time[orders.customer[order]]  # before her first order nobody knows who asks
    return Contacts(
        order=order[keep],
        named=(when[local] > 0)[keep],
        product=np.where(about_goods[local], asked_of, -1)[keep],
        topic=np.array([TOPICS.index(name) for name in room.spec.topics])[local][keep],
        channel=channel[keep],
        time=time[keep],
        complex=(settled < np.array([topic.complex for topic in topics])[local])[keep],
        key=events[order][keep] << 1,
    )


def late_deliveries(handover: Handover) -> Bools:
    """Say which orders were delivered after the promise; who collects comes when it suits."""
    late: Bools = (handover.collection == DELIVERY) & (handover.delivered > handover.promised)
    return late


def _times(
    room: Room, orders: Orders, handover: Handover, order: Ints, when: Ints, days: Floats, wait: Floats, other: Floats
) -> Ints:
    placed, delivered = orders.time[order], handover.delivered[order]
    lag = exponential(wait, days) * _DAY
    later = exponential(wait, room.spec.before_sale.later_days) * _DAY
    before = np.where(other < room.spec.before_sale.no_order, placed + later, placed - lag)
    choices = [before, placed + wait * (delivered - placed), delivered + lag]
    return np.select([when == 0, when == 1], choices[:2], choices[2]).astype(np.int64)


def choose_channels(room: Room, orders: Orders, order: Ints, uniform: Floats) -> Ints:
    """Choose the way of a contact: those who order in shops call or come, those who order online write."""
    in_shop = orders.channel[order] == SHOP
    ways = [
        np.array([mix.get(name, 0.0) for name in SERVICE_CHANNELS])
        for mix in (room.spec.mix.online, room.spec.mix.shop)
    ]
    return np.where(in_shop, pick(ways[1], uniform), pick(ways[0], uniform))
