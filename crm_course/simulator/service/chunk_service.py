"""The service of a chunk of customers: drawn before anybody leaves, and kept for those who stayed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from crm_course.simulator import streams
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.people.service_traits import Traits, draw_traits
from crm_course.simulator.service.case_texts import Texts
from crm_course.simulator.service.cases import Cases, Part
from crm_course.simulator.service.complaints import Complaints, draw_complaints
from crm_course.simulator.service.enquiries import Contacts, draw_enquiries
from crm_course.simulator.service.failures import Failures, draw_failures
from crm_course.simulator.service.leaving import leave_factors
from crm_course.simulator.service.log import Log, draw_needs
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.fulfilment import Handover, order_amounts
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import TOPICS

_COMPLAINT = TOPICS.index("complaint")
ORDERS_OF_CHUNK = 10**8  # order ids carry the chunk's number in front of eight digits


@dataclass(frozen=True)
class Service:
    """What service an order brings, before it is known who leaves.

    Attributes
    ----------
    events : int
        Number of each order among its customer's.
    leave_factor : float
        Factor on the probability of leaving at each order, at least the setting ``recovery.least``.
    """

    traits: Traits
    events: Ints
    contacts: Contacts
    failures: Failures
    complaints: Complaints
    leave_factor: Floats

    def kept(self, orders: Bools) -> Service:
        """Give the service of some of the orders, which are numbered anew."""
        number = np.cumsum(orders) - 1
        contacts = _rows(self.contacts, orders[self.contacts.order])
        stays = orders[self.failures.order]
        failures = _rows(self.failures, stays)
        of_failure, there = np.cumsum(stays) - 1, stays[self.complaints.failure]
        complaints = _rows(self.complaints, there)
        earlier = np.where(complaints.earlier >= 0, (np.cumsum(there) - 1)[complaints.earlier], -1)
        return Service(
            traits=self.traits,
            events=self.events[orders],
            contacts=replace(contacts, order=number[contacts.order]),
            failures=replace(failures, order=number[failures.order]),
            complaints=replace(complaints, failure=of_failure[complaints.failure], earlier=earlier),
            leave_factor=self.leave_factor[orders],
        )


Arrays = TypeVar("Arrays", Contacts, Failures, Complaints)


def _rows(arrays: Arrays, rows: Bools) -> Arrays:
    return type(arrays)(*(getattr(arrays, spec.name)[..., rows] for spec in fields(arrays)))


def service_of(
    world: World,
    people: People,
    orders: Orders,
    lines: Lines,
    handover: Handover,
    chunk: int,
    deflection: Floats | None = None,
) -> Service | None:
    """Draw contacts, failures and complaints of all orders that may be; None where the store has no such room.

    Parameters
    ----------
    deflection : float array, optional
        Factor on the probability that an order brings a contact, one an order.
    """
    room = world.service
    if room is None:
        return None
    traits, events = draw_traits(world, room, people, chunk), orders.event
    amounts = order_amounts(orders, lines)
    contacts = draw_enquiries(world, room, orders, lines, handover, events, chunk, deflection)
    failures = draw_failures(world, room, orders, lines, handover, contacts, amounts, events, chunk)
    complaints = draw_complaints(world, room, traits, orders, failures, amounts, chunk)
    factor = leave_factors(room, failures, complaints, len(orders))
    return Service(traits, events, contacts, failures, complaints, factor)


def service_part(world: World, orders: Orders, service: Service, chunk: int) -> Part:
    """Give the contacts and complaints that lie in the data, for the hotline that all chunks share."""
    room, span = _room(world), world.span
    contacts, failures, complaints = service.contacts, service.failures, service.complaints
    asked = np.flatnonzero((contacts.time >= span.start_time) & (contacts.time < span.end_time))
    filed = np.flatnonzero((complaints.opened >= span.start_time) & (complaints.opened < span.end_time))
    trouble = complaints.failure[filed]
    order = np.concatenate([contacts.order[asked], failures.order[trouble]])
    named = np.concatenate([contacts.named[asked], np.ones(len(filed), dtype=bool)])
    product = np.concatenate([contacts.product[asked], failures.product[trouble]])
    topic = np.concatenate([contacts.topic[asked], np.full(len(filed), _COMPLAINT)])
    kind = np.concatenate([np.full(len(asked), -1), failures.kind[trouble]])
    channel = np.concatenate([contacts.channel[asked], complaints.channel[filed]])
    hard = np.concatenate([contacts.complex[asked], complaints.complex[filed]]).astype(np.int64)
    key = np.concatenate([contacts.key[asked], complaints.key[filed]])
    customer = orders.customer[order]
    dice = world.dice("contacts", chunk)
    noted = dice.uniform(customer, key, 9) < room.spec.notes.noted
    chinese = (service.traits.chinese[customer] < room.spec.notes.chinese).astype(np.int64)
    text = Texts(world.catalogue.names).choose(topic, kind, product, chinese, dice.uniform(customer, key, 8))
    needs = draw_needs(
        room,
        channel=channel,
        hard=hard,
        mood=service.traits.mood[customer],
        complaint=(kind >= 0).astype(np.int64),
        uniforms=[dice.uniform(customer, key, use) for use in range(8)],
    )
    small = np.int32
    log = Log(
        opened=np.concatenate([contacts.time[asked], complaints.opened[filed]]),
        customer=(chunk * streams.CHUNK + 1 + customer).astype(small),
        order=np.where(named, chunk * ORDERS_OF_CHUNK + order + 1, 0),
        product=product.astype(small),
        store=orders.store[order].astype(small),
        channel=channel.astype(small),
        topic=topic.astype(small),
        text=np.where(noted, text, -1).astype(small),
        complex=hard.astype(small),
        case=np.concatenate([np.full(len(asked), -1), np.arange(len(filed))]).astype(small),
        **needs,
    )
    number = np.full(len(complaints) + 1, -1)
    number[filed] = np.arange(len(filed))
    cases = Cases(
        contact=len(asked) + np.arange(len(filed)),
        kind=failures.kind[trouble],
        severity=failures.severity[trouble],
        times=complaints.times[:, filed],
        outcome=complaints.outcome[filed],
        compensation=complaints.compensation[filed],
        satisfied=complaints.satisfied[filed],
        earlier=number[complaints.earlier[filed]],
    )
    return Part(log, cases)


def _room(world: World) -> Room:
    if world.service is None:
        raise ValueError("this world has no service room")
    return world.service
