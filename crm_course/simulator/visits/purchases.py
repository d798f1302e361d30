"""Orders: the visits of the data, and of the twelve months beyond, that ended in a purchase."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.visits.encounters import APP, WEB
from crm_course.simulator.visits.visits import EXTRA, Visits
from crm_course.simulator.visits.win_back import WinBack
from crm_course.simulator.world.world import World

_STAYS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Orders:
    """Purchases in order of time: those in the data first, then those of the twelve months beyond.

    Attributes
    ----------
    visit : int
        Position among the visits.
    customer, event : int
        Position in the chunk, and number among the customer's chances of an order.
    day, time : int
        Local day of the span; seconds since 1970 (UTC).
    channel, store, promotion, percent : int
        Position in the channels, stores and promotions (-1: none), and the discount in percent.
    known : int
        Number of purchases that lie in the data.
    """

    visit: Ints
    customer: Ints
    event: Ints
    day: Ints
    time: Ints
    channel: Ints
    store: Ints
    promotion: Ints
    percent: Ints
    known: int

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, kept: Bools) -> Orders:
        """Give some of the orders."""
        arrays = {field.name: getattr(self, field.name)[kept] for field in fields(self) if field.name != "known"}
        return Orders(**arrays, known=int(kept[: self.known].sum()))


def place_orders(world: World, people: People, visits: Visits) -> Orders:
    """Give the purchases from the data's start on."""
    span, clock = world.span, world.clock
    rows = np.flatnonzero(visits.bought & (visits.day >= span.start))
    rows = rows[np.argsort(visits.order_time[rows], kind="stable")]
    bought = visits.take(rows)
    store = people.home[bought.customer]
    if (web := world.scenario.web_store) is not None:
        store = np.where((bought.channel == WEB) | (bought.channel == APP), web, store)
    return Orders(
        visit=rows,
        customer=bought.customer,
        event=bought.event,
        day=bought.day,
        time=bought.order_time,
        channel=bought.channel,
        store=store,
        promotion=clock.promotion[store, bought.day],
        percent=clock.percent[store, bought.day],
        known=int(np.searchsorted(bought.order_time, span.end_time)),
    )


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


def who_stays(
    people: People, visits: Visits, orders: Orders, factor: Floats, vouchers: WinBack | None, reachable: Bools
) -> tuple[Bools, Lifetimes]:
    """Say which visits take place, when an order may raise the chance of leaving after it.

    Parameters
    ----------
    factor : float array
        What each order makes of its customer's drop-out probability.
    vouchers : WinBack, optional
        The experiment that brings back, once, some of those who have not bought for long.
    reachable : bool array
        Who can be written to when the vouchers go out.

    Returns
    -------
    tuple
        Whether each visit takes place; and what became of each customer: who left and came back
        once has left after that purchase.
    """
    raised = np.ones(len(visits))
    raised[orders.visit] = factor
    leaves = visits.bought & (visits.leaving < people.dropout[visits.customer] * raised)
    gone: Ints = np.cumsum(leaves) - leaves
    first = np.searchsorted(visits.customer, np.arange(len(people)))
    extra = visits.event == EXTRA
    there: Bools = (gone == gone[first][visits.customer]) & ~extra
    left_time = np.full(len(people), _STAYS)
    last = leaves & there
    left_time[visits.customer[last]] = visits.order_time[last]
    if vouchers is not None:
        bought = there & visits.bought
        lapsed = vouchers.lapsed(visits.customer[bought], visits.order_time[bought], visits.time[first])
        back = extra & (lapsed & reachable)[visits.customer]
        there |= back
        again = visits.customer[back]
        left_time[again] = np.maximum(left_time[again], visits.order_time[back])
    return there, Lifetimes(visits.time[first], left_time)
