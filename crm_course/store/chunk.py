"""A chunk of customers from first purchase to the tables of a store."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.store import columns, streams
from crm_course.store.baskets import Lines, fill_baskets
from crm_course.store.columns import Bools, Ints
from crm_course.store.contact.messages import draw_messages
from crm_course.store.contact.tables import loyalty_table, message_tables, with_withdrawals
from crm_course.store.contact.winback import win_back
from crm_course.store.fulfilment import Handover, Invoices, hand_over, on_account, order_amounts, send_invoices
from crm_course.store.people import People, draw_people
from crm_course.store.purchases import Lifetimes, Orders, place_orders
from crm_course.store.service import SOURCES, Choices, Returns, ask_consent, take_back
from crm_course.store.surveys.tables import survey_tables
from crm_course.store.truth import customers_truth
from crm_course.store.world import World
from crm_course.tables.schemas import CHANNELS, COLLECTIONS, PAYMENTS


def simulate_chunk(world: World, chunk: int, count: int) -> dict[str, pd.DataFrame]:
    """Simulate the customers of a chunk and give their part of each table, and of each table of the truth."""
    people = draw_people(world, chunk, count)
    orders, lifetimes = place_orders(world, people, chunk)
    lines, worth = fill_baskets(world, people, orders, chunk)
    amounts = order_amounts(orders, lines)
    handover = hand_over(world, people, orders, amounts, chunk)
    returns = take_back(world, lines, handover, chunk)
    truth = customers_truth(world, people, lifetimes, worth, orders=orders, lines=lines, returns=returns)

    names = Names(world, chunk, count)
    known_lines = int(np.searchsorted(lines.order, orders.known))
    invoices = send_invoices(world, people, orders, chunk)
    choices = ask_consent(world, people, lifetimes, chunk)
    tables: dict[str, pd.DataFrame] = {}
    if (messages := draw_messages(world, people, choices, chunk)) is not None:
        choices = with_withdrawals(world, choices, messages)
        vouchers = win_back(world, people, chunk)
        tables |= message_tables(
            world, people, messages, vouchers, lifetimes=lifetimes, orders=orders, names=names, chunk=chunk
        )
    tables |= loyalty_table(
        world,
        people,
        lifetimes=lifetimes,
        orders=orders,
        lines=lines,
        amounts=amounts,
        returns=returns,
        handover=handover,
        names=names,
        chunk=chunk,
    )
    tables |= survey_tables(
        world,
        people,
        lifetimes=lifetimes,
        orders=orders,
        lines=lines,
        handover=handover,
        choices=choices,
        names=names,
        chunk=chunk,
    )
    return {
        "customers": _customers(world, names, people, lifetimes),
        "orders": _orders(world, names, orders, handover),
        "order_lines": _order_lines(names, lines, known_lines),
        "returns": _returns(world, names, orders, lines, returns),
        "invoices": _invoices(names, orders, invoices, amounts),
        "consents": _consents(world, names, choices),
        "truth/customers": truth.assign(customer_id=names.customer(np.arange(count)))[["customer_id", *truth]],
        **tables,
    }


class Names:
    """Ids of a chunk's rows: what is numbered within a chunk carries the chunk's number in front."""

    def __init__(self, world: World, chunk: int, count: int) -> None:
        self.stores = world.store_ids
        self.promotions = [promotion.promotion_id for promotion in world.promotions]
        self._chunk = chunk
        self._customers = columns.ids("C", chunk * streams.CHUNK + 1 + np.arange(count), 7)

    def customer(self, position: Ints) -> pd.Series:
        """Spell customers."""
        return columns.series(self._customers.take(position))

    def numbered(self, letter: str, position: Ints, width: int = 8) -> pd.Series:
        """Spell the rows of a table."""
        return columns.series(columns.ids(f"{letter}{self._chunk:03d}", position + 1, width))


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
