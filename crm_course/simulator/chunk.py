"""A chunk of customers from first purchase to the tables of a store."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.campaigns.messages import Messages, draw_messages
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.identity.identity_tables import identity_tables
from crm_course.simulator.lives import Lives
from crm_course.simulator.people.consents import SOURCES, Choices, ask_consent
from crm_course.simulator.people.contact_traits import loyalty_factor
from crm_course.simulator.people.people import People, draw_people
from crm_course.simulator.records.customer_truth import customers_truth
from crm_course.simulator.records.message_tables import loyalty_table, message_tables, with_withdrawals
from crm_course.simulator.records.service_tables import service_tables
from crm_course.simulator.records.session_tables import sessions_tables
from crm_course.simulator.returns import Returns, returned_share, take_back
from crm_course.simulator.service.cases import Part
from crm_course.simulator.service.chunk_service import service_of, service_part
from crm_course.simulator.service.leaving import expected_leave_factor, least_factor
from crm_course.simulator.surveys.survey_tables import survey_tables
from crm_course.simulator.visits.baskets import Lines, fill_baskets
from crm_course.simulator.visits.fulfilment import (
    Handover,
    Invoices,
    hand_over,
    on_account,
    order_amounts,
    send_invoices,
)
from crm_course.simulator.visits.purchases import Lifetimes, Orders, place_orders, who_stays
from crm_course.simulator.visits.visits import Pull, Visits, draw_visits, extra_visits, first_visits, joined
from crm_course.simulator.visits.win_back import WinBack, win_back
from crm_course.simulator.world.row_names import Names
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import CHANNELS, COLLECTIONS, PAYMENTS, REASONS

Tables = dict[str, pd.DataFrame]


def live(world: World, chunk: int, count: int, deflection: Floats | None = None) -> Lives:
    """Let customers live: messages make them come, visits become orders, what goes wrong makes them leave.

    Parameters
    ----------
    deflection : float array, optional
        Factor on the contacts that each order would bring, by customer; 1 by default.
    """
    people = draw_people(world, chunk, count)
    choices = ask_consent(world, people, first_visits(world, people, chunk).time, chunk)
    messages = draw_messages(world, people, choices, chunk)
    vouchers = win_back(world, people, chunk) if messages else None
    reachable = np.zeros(count, dtype=bool)
    if messages is not None:
        choices = with_withdrawals(world, choices, messages)
        reachable = messages.reachable if messages.reachable is not None else reachable

    visits = draw_visits(world, people, chunk, _pull(world, people, messages, chunk), least_factor(world))
    visits = _with_vouchers(world, people, visits, vouchers, reachable, chunk)
    orders = place_orders(world, people, visits)
    lines, worth = fill_baskets(world, people, orders, returned_share(world), chunk)
    amounts = order_amounts(orders, lines)
    handover = hand_over(world, people, orders, amounts, chunk)
    calls = None if deflection is None else deflection[orders.customer]
    service = service_of(world, people, orders, lines, handover, chunk, calls)
    factor = np.ones(len(orders)) if service is None else service.leave_factor
    there, lifetimes = who_stays(people, visits, orders, factor, vouchers, reachable)
    kept = there[orders.visit]
    orders, lines, handover = orders.take(kept), lines.of(kept), handover.take(kept)
    service = service.kept(kept) if service is not None else None
    return Lives(
        chunk=chunk,
        people=people,
        choices=choices,
        messages=messages,
        vouchers=vouchers,
        visits=visits.take(there),
        orders=orders,
        lines=lines,
        worth=worth,
        amounts=amounts[kept],
        handover=handover,
        service=service,
        returns=take_back(world, orders, lines, handover, service, chunk),
        lifetimes=lifetimes,
    )


def simulate_chunk(world: World, chunk: int, count: int) -> tuple[Tables, Part | None]:
    """Simulate the customers of a chunk.

    Returns
    -------
    tables : dict of str to DataFrame
        Their part of each table, and of each table of the truth.
    part : Part or None
        Their contacts and complaints, which wait for the hotline that all chunks share.
    """
    lives = live(world, chunk, count)
    names = Names(world, chunk, count)
    tables = _together(
        [
            _selling(world, names, lives),
            sessions_tables(world, names, lives),
            identity_tables(world, names, lives),
            loyalty_table(world, names, lives),
            survey_tables(world, names, lives),
            message_tables(world, names, lives),
            service_tables(world, names, lives),
        ]
    )
    part = None if lives.service is None else service_part(world, lives.orders, lives.service, chunk)
    return tables, part


def _selling(world: World, names: Names, lives: Lives) -> Tables:
    """Give the tables of selling, and what is true of the customers."""
    people, orders, lines, chunk = lives.people, lives.orders, lives.lines, lives.chunk
    truth = customers_truth(
        world,
        lives,
        pull=_mean_pull(world, people, lives.messages, chunk),
        dropout=people.dropout * expected_leave_factor(world, people, chunk),
    )
    known_lines = int(np.searchsorted(lines.order, orders.known))
    invoices = send_invoices(world, people, orders, chunk)
    return {
        "customers": _customers(world, names, people, lives.lifetimes),
        "orders": _orders(world, names, orders, lives.handover),
        "order_lines": _order_lines(names, lines, known_lines),
        "returns": _returns(world, names, orders, lines, lives.returns),
        "invoices": _invoices(names, orders, invoices, lives.amounts),
        "consents": _consents(world, names, lives.choices),
        "truth/customers": truth.assign(customer_id=names.customer(np.arange(len(people))))[["customer_id", *truth]],
    }


def _pull(world: World, people: People, messages: Messages | None, chunk: int) -> Pull:
    """Give what makes customers come more often: the loyalty programme and messages."""
    always, ahead = (loyalty_factor(world, people, chunk, ahead=later) for later in (False, True))
    lost, end = ahead / always, world.span.end_time

    def now(customer: Ints, time: Ints) -> Floats:
        told = messages.uplift(customer, time) if messages else 1.0
        return np.where(time < end, told, told * lost[customer])

    return Pull(always, now, messages.most if messages else 1.0)


def _mean_pull(world: World, people: People, messages: Messages | None, chunk: int) -> Floats:
    """Give the mean factor on each customer's rate in the twelve months beyond the data."""
    always = loyalty_factor(world, people, chunk, ahead=True)
    if messages is None:
        return always
    return always * messages.mean_factor(world, people, world.span.end, world.span.horizon)


def _with_vouchers(
    world: World, people: People, visits: Visits, vouchers: WinBack | None, reachable: Bools, chunk: int
) -> Visits:
    """Add the visits that vouchers would bring to those who have lapsed by then."""
    if vouchers is None:
        return visits
    who = np.flatnonzero(reachable & vouchers.treated & vouchers.would_buy & (vouchers.extra_day < world.span.end))
    day, time = vouchers.extra_day[who], vouchers.extra_time[who]
    extra = extra_visits(world, people, chunk, customer=who, day=day, time=time)
    return joined([visits, extra])


def _together(parts: Iterable[Tables]) -> Tables:
    """Join the rooms' tables; what two of them give of one table goes one after the other."""
    tables: Tables = {}
    for part in parts:
        for name, rows in part.items():
            tables[name] = pd.concat([tables[name], rows], ignore_index=True) if name in tables else rows
    return tables


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
            "reason": columns.words(returns.reason[rows], list(REASONS)),
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
