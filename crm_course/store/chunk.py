"""A chunk of customers from first purchase to the tables of a store."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.store import columns
from crm_course.store.baskets import Lines, fill_baskets
from crm_course.store.columns import Bools, Ints
from crm_course.store.consents import SOURCES, Choices, ask_consent
from crm_course.store.fulfilment import Handover, Invoices, hand_over, on_account, order_amounts, send_invoices
from crm_course.store.identity.tables import identity_tables
from crm_course.store.names import Names
from crm_course.store.people import People, draw_people
from crm_course.store.purchases import Lifetimes, Orders, place_orders, who_stays
from crm_course.store.returns import Returns, take_back
from crm_course.store.service.cases import Part
from crm_course.store.service.chunk import service_of, service_part, service_tables
from crm_course.store.service.leaving import expected_leave_factor, least_factor
from crm_course.store.sessions.tables import sessions_tables
from crm_course.store.truth import customers_truth
from crm_course.store.visits import draw_visits
from crm_course.store.world import World
from crm_course.tables.schemas import CHANNELS, COLLECTIONS, PAYMENTS


def simulate_chunk(world: World, chunk: int, count: int) -> tuple[dict[str, pd.DataFrame], Part | None]:
    """Simulate the customers of a chunk.

    Returns
    -------
    tables : dict of str to DataFrame
        Their part of each table, and of each table of the truth.
    part : Part or None
        Their contacts and complaints, which wait for the hotline that all chunks share.
    """
    people = draw_people(world, chunk, count)
    visits = draw_visits(world, people, chunk, least_factor(world))
    orders = place_orders(world, people, visits)
    lines, worth = fill_baskets(world, people, orders, chunk)
    handover = hand_over(world, people, orders, order_amounts(orders, lines), chunk)
    service = service_of(world, people, orders, lines, handover, chunk)
    factor = np.ones(len(orders)) if service is None else service.leave_factor
    there, lifetimes = who_stays(people, visits, orders, factor)
    kept = there[orders.visit]
    if service is not None:
        service = service.kept(kept)
    visits, orders, lines, handover = visits.take(there), orders.take(kept), lines.of(kept), handover.take(kept)
    amounts = order_amounts(orders, lines)
    returns = take_back(world, orders, lines, handover, chunk)
    truth = customers_truth(
        world,
        people,
        lifetimes,
        worth,
        dropout=people.dropout * expected_leave_factor(world, people, chunk),
        orders=orders,
        lines=lines,
        returns=returns,
    )

    names = Names(world, chunk, count)
    known_lines = int(np.searchsorted(lines.order, orders.known))
    invoices = send_invoices(world, people, orders, chunk)
    sessions = sessions_tables(world, names, people, visits, orders, chunk)
    tables = sessions | {
        "customers": _customers(world, names, people, lifetimes),
        "orders": _orders(world, names, orders, handover),
        "order_lines": _order_lines(names, lines, known_lines),
        "returns": _returns(world, names, orders, lines, returns),
        "invoices": _invoices(names, orders, invoices, amounts),
        "consents": _consents(world, names, ask_consent(world, people, lifetimes.first_time, chunk)),
        "truth/customers": truth.assign(customer_id=names.customer(np.arange(count)))[["customer_id", *truth]],
        **identity_tables(
            world,
            names,
            people,
            lifetimes=lifetimes,
            orders=orders,
            lines=lines,
            returns=returns,
            chunk=chunk,
        ),
    }
    if service is None:
        return tables, None
    tables |= service_tables(world, names, people, orders, handover, lifetimes, service, chunk)
    return tables, service_part(world, orders, service, chunk)


def _customers(world: World, names: Names, people: People, lifetimes: Lifetimes) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": names.customer(np.arange(len(people))),
            "first_seen_at": columns.times(lifetimes.first_time),
            "home_store_id": columns.texts(people.home, names.stores),
            "account": on_account(world, people),
        }
    )


def _orders(world: World, names: Names, orders: Orders, handover: Handover) -> pd.DataFrame:
    known = slice(0, orders.known)
    end = world.span.end_time
    return pd.DataFrame(
        {
            "order_id": names.numbered("O", np.arange(orders.known)),
            "customer_id": names.customer(orders.customer[known]),
            "ordered_at": columns.times(orders.time[known]),
            "channel": columns.words(orders.channel[known], list(CHANNELS)),
            "store_id": columns.texts(orders.store[known], names.stores),
            "promotion_id": columns.texts(orders.promotion[known], names.promotions),
            "collection": columns.words(handover.collection[known], list(COLLECTIONS)),
            "delivery_fee": columns.money(handover.fee[known], handover.fee[known] < 0),
            "payment": columns.words(handover.payment[known], list(PAYMENTS)),
            "promised_at": columns.times(handover.promised[known], handover.promised[known] < 0),
            "delivered_at": columns.times(handover.delivered[known], handover.delivered[known] >= end),
        }
    )


def _order_lines(names: Names, lines: Lines, known: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "line_id": names.numbered("L", np.arange(known)),
            "order_id": names.numbered("O", lines.order[:known]),
            "product_id": columns.series(columns.ids("P", lines.product[:known] + 1, 4)),
            "quantity": lines.quantity[:known],
            "unit_price": columns.money(lines.price[:known]),
            "discount": columns.money(lines.discount[:known]),
            "amount": columns.money(lines.amount[:known]),
            "unit_cost": columns.money(lines.cost[:known]),
        }
    )


def _returns(world: World, names: Names, orders: Orders, lines: Lines, returns: Returns) -> pd.DataFrame:
    """Give the returns in the data, in order of time."""
    seen: Bools = (lines.order[returns.line] < orders.known) & (returns.time < world.span.end_time)
    rows = np.flatnonzero(seen)
    rows = rows[np.argsort(returns.time[rows], kind="stable")]
    return pd.DataFrame(
        {
            "return_id": names.numbered("R", np.arange(len(rows))),
            "line_id": names.numbered("L", returns.line[rows]),
            "returned_at": columns.times(returns.time[rows]),
            "quantity": returns.quantity[rows],
            "amount": columns.money(returns.amount[rows]),
            "reason": columns.words(returns.reason[rows], list(world.scenario.returns.reasons)),
            "restocked": returns.restocked[rows],
        }
    )


def _invoices(names: Names, orders: Orders, invoices: Invoices, amounts: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "invoice_id": names.numbered("I", np.arange(len(invoices.order))),
            "customer_id": names.customer(orders.customer[invoices.order]),
            "order_id": names.numbered("O", invoices.order),
            "issued_at": columns.times(orders.time[invoices.order]),
            "due_at": columns.times(invoices.due),
            "paid_at": columns.times(invoices.paid, invoices.paid < 0),
            "amount": columns.money(amounts[invoices.order]),
        }
    )


def _consents(world: World, names: Names, choices: Choices) -> pd.DataFrame:
    spec = world.scenario.consents.choices
    return pd.DataFrame(
        {
            "customer_id": names.customer(choices.customer),
            "purpose": columns.texts(choices.choice, [choice.purpose for choice in spec]),
            "channel": columns.texts(choices.choice, [choice.channel for choice in spec]),
            "granted": choices.granted,
            "recorded_at": columns.times(choices.time),
            "source": columns.words(choices.source, SOURCES),
        }
    )
