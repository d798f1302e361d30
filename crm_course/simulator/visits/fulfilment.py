"""How goods and money change hands: delivery and its fee, payment, invoices."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People, pick
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.encounters import APP, PHONE, SHOP, WEB
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.visits.visits import spread_over_day
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import COLLECTIONS, PAYMENTS

CARRY_OUT, COLLECT, DELIVERY = (COLLECTIONS.index(name) for name in ("carry-out", "click-and-collect", "delivery"))
_ACCOUNT = PAYMENTS.index("account")
_DAY = 86_400


@dataclass(frozen=True)
class Handover:
    """How each order reached its customer.

    Attributes
    ----------
    collection, payment : int
        Positions in the vocabularies.
    fee : int
        Price at which delivery was offered, cents; -1 when it was not.
    promised, delivered : int
        Seconds since 1970 (UTC); -1 when nothing was promised.
    """

    collection: Ints
    payment: Ints
    fee: Ints
    promised: Ints
    delivered: Ints

    def take(self, kept: Bools) -> Handover:
        """Give those of some of the orders."""
        return Handover(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})


def order_amounts(orders: Orders, lines: Lines) -> Ints:
    """Sum the lines of every order, cents."""
    return np.bincount(lines.order, weights=lines.amount, minlength=len(orders)).astype(np.int64)


def hand_over(world: World, people: People, orders: Orders, amounts: Ints, chunk: int) -> Handover:
    """Choose collection and payment, and say when the goods were promised and when they came."""
    span, ways = world.span, world.scenario.delivery
    dice = world.dice("delivery", chunk)
    fee_draw, wish_draw, days_draw, hour_draw = (dice.uniform(orders.customer, orders.event, use) for use in range(4))
    offered = (orders.channel == WEB) | (orders.channel == APP) | (orders.channel == PHONE)
    fee, promise = np.zeros(len(orders), dtype=np.int64), np.zeros(len(orders), dtype=np.int64)
    for policy, here in ((world.policy, orders.day < span.end), (world.ahead, orders.day >= span.end)):
        terms = policy.delivery
        fees = np.rint(np.array(terms.fees) * 100).astype(np.int64)
        tried = fees[pick(np.ones(len(fees)), fee_draw[here])]
        fee[here] = np.where(amounts[here] >= terms.free_from * 100, 0, tried)
        promise[here] = terms.promise_days

    liking = ways.liking + ways.liking_spread * people.delivery[orders.customer] - ways.fee_dislike * fee / 100
    delivered = offered & ((wish_draw < 1 / (1 + np.exp(-liking))) | (orders.channel == PHONE))
    collection = np.where(delivered, DELIVERY, np.where(offered, COLLECT, CARRY_OUT))
    days = 1 + np.where(
        delivered,
        pick(np.array(ways.days_probability), days_draw),
        pick(np.array(ways.collect_days_probability), days_draw),
    )
    arrival = spread_over_day(world, np.minimum(orders.day + days, span.planned - 1), hour_draw)
    promised_day = orders.day + np.where(delivered, promise, 1)
    return Handover(
        collection=collection,
        payment=_payments(world, people, orders, chunk),
        fee=np.where(offered, fee, -1),
        promised=np.where(offered, span.midnights[np.minimum(promised_day, span.planned - 1) + 1] - 1, -1),
        delivered=np.where(offered, arrival, orders.time),
    )


def _payments(world: World, people: People, orders: Orders, chunk: int) -> Ints:
    draw = world.dice("payments", chunk).uniform(orders.customer, orders.event)
    way = np.empty(len(orders), dtype=np.int64)
    at_till = orders.channel == SHOP
    for ways, here in ((world.scenario.shop_payments, at_till), (world.scenario.online_payments, ~at_till)):
        known = np.array([PAYMENTS.index(name) for name in ways])
        way[here] = known[pick(np.array(list(ways.values())), draw[here])]
    return np.where(on_account(world, people)[orders.customer], _ACCOUNT, way)


def on_account(world: World, people: People) -> Bools:
    """Say which customers buy on account."""
    return np.array([segment.account for segment in world.scenario.segments])[people.segment]


@dataclass(frozen=True)
class Invoices:
    """Invoices of the account customers' orders; times in seconds since 1970, `paid` -1 while open."""

    order: Ints
    due: Ints
    paid: Ints


def send_invoices(world: World, people: People, orders: Orders, chunk: int) -> Invoices:
    """Invoice every order on account in the data: most are paid in time, some payers are late as a habit."""
    order = np.flatnonzero(on_account(world, people)[orders.customer[: orders.known]])
    dice = world.dice("invoices", chunk)
    slips, never, early, last = (dice.uniform(orders.customer[order], orders.event[order], use) for use in range(4))
    wait: Floats = -np.log(last)
    payers = world.scenario.payers
    late = people.late[orders.customer[order]]
    issued, terms = orders.time[order], world.policy.invoice_terms_days * _DAY
    slipped = ~late & (slips < payers.slip_probability)
    behind = np.where(late, payers.late_days, payers.slip_days) * wait * _DAY
    paid = np.where(late | slipped, issued + terms + behind, issued + early * terms).astype(np.int64)
    unpaid = (never < payers.never_probability) | (paid >= world.span.end_time)
    return Invoices(order, issued + terms, np.where(unpaid, -1, paid))
