"""What goes wrong: defects of goods and failures of service, each with its own exposure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.distributions import lognormal
from crm_course.simulator.people.people import pick
from crm_course.simulator.service.enquiries import Contacts, late_deliveries
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.encounters import APP, SHOP, WEB
from crm_course.simulator.visits.fulfilment import CARRY_OUT, Handover
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import CATEGORIES

DEFECT, LATE, WRONG, STAFF, PAYMENT, ANSWER = range(len(CATEGORIES))
_DAY = 86_400
_PRODUCT_BITS, _KIND_BITS = 14, 3


@dataclass(frozen=True)
class Failures:
    """Failures, one element each.

    Attributes
    ----------
    order, product : int
        Positions; product -1 when a service failed.
    kind, severity : int
        Positions in the categories of complaints and in low, medium, high.
    amount : int
        At stake: of the line or of the order, cents.
    time : int
        When the customer noticed, seconds since 1970 (UTC).
    key : int
        Number of the event among the customer's.
    """

    order: Ints
    product: Ints
    kind: Ints
    severity: Ints
    amount: Ints
    time: Ints
    key: Ints

    def __len__(self) -> int:
        return len(self.order)


def draw_failures(
    world: World,
    room: Room,
    orders: Orders,
    lines: Lines,
    handover: Handover,
    contacts: Contacts,
    amounts: Ints,
    events: Ints,
    chunk: int,
) -> Failures:
    """Draw what goes wrong with every order; the same dice whatever the shop's rules."""
    dice = world.dice("failures", chunk)
    customer, store = orders.customer, orders.store
    delivered = handover.delivered

    def of_order(kind: int, exposed: Ints, use: int) -> Ints:
        failed: Ints = exposed[dice.uniform(customer[exposed], events[exposed], use) < room.rates[kind, store[exposed]]]
        return failed

    late = of_order(LATE, np.flatnonzero(late_deliveries(handover)), 1)
    staff = of_order(STAFF, np.flatnonzero(orders.channel == SHOP), 2)
    payment = of_order(PAYMENT, np.flatnonzero((orders.channel == WEB) | (orders.channel == APP)), 3)

    line_event = (events[lines.order] << _PRODUCT_BITS) | lines.product
    chance = -np.expm1(lines.quantity * np.log1p(-room.defects)[lines.product])
    defect = np.flatnonzero(dice.uniform(customer[lines.order], line_event, 4) < chance)
    sent = np.flatnonzero((handover.collection != CARRY_OUT)[lines.order])
    order = lines.order[sent]
    wrong = sent[dice.uniform(customer[order], line_event[sent], 5) < room.rates[WRONG, store[order]]]
    asked = contacts.order
    answer = np.flatnonzero(dice.uniform(customer[asked], contacts.key, 6) < room.rates[ANSWER, store[asked]])

    noticed = lognormal(
        dice.uniform(customer[lines.order[defect]], line_event[defect], 7),
        room.spec.defects.report_days,
        room.spec.defects.report_spread,
    )
    parts = [
        (
            DEFECT,
            lines.order[defect],
            lines.product[defect],
            lines.amount[defect],
            _after(delivered, lines.order[defect], noticed),
        ),
        (LATE, late, _none(late), amounts[late], handover.promised[late] + 1),
        (WRONG, lines.order[wrong], lines.product[wrong], lines.amount[wrong], delivered[lines.order[wrong]]),
        (STAFF, staff, _none(staff), amounts[staff], orders.time[staff]),
        (PAYMENT, payment, _none(payment), amounts[payment], orders.time[payment]),
        (ANSWER, asked[answer], _none(answer), amounts[asked[answer]], contacts.time[answer]),
    ]
    kind = np.concatenate([np.full(len(part[1]), part[0]) for part in parts])
    order, product, amount, time = (np.concatenate([part[k] for part in parts]) for k in range(1, 5))
    key = (((events[order] << _PRODUCT_BITS) | (product + 1)) << _KIND_BITS) | kind
    return Failures(order, product, kind, _severity(world, room, customer[order], kind, key, chunk), amount, time, key)


def _none(like: Ints) -> Ints:
    return np.full(len(like), -1)


def _after(moment: Ints, order: Ints, days: Floats) -> Ints:
    return moment[order] + np.minimum(days * _DAY, 3650 * _DAY).astype(np.int64)


def _severity(world: World, room: Room, customer: Ints, kind: Ints, key: Ints, chunk: int) -> Ints:
    draw = world.dice("severity", chunk).uniform(customer, key)
    severity = np.zeros(len(kind), dtype=np.int64)
    for place, name in enumerate(CATEGORIES):
        here = kind == place
        severity[here] = pick(np.array(room.spec.failures[name].severity), draw[here])
    return severity
