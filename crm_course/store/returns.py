"""What follows a purchase: returned goods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.store.baskets import Lines, line_event
from crm_course.store.columns import Bools, Ints
from crm_course.store.fulfilment import Handover
from crm_course.store.people import pick
from crm_course.store.purchases import Orders
from crm_course.store.streams import binomial_of
from crm_course.store.visits import spread_over_day
from crm_course.store.world import World


@dataclass(frozen=True)
class Returns:
    """Returned goods: position of the line, units, money given back (cents), time, reason, sold again or not."""

    line: Ints
    quantity: Ints
    amount: Ints
    time: Ints
    reason: Ints
    restocked: Bools


def take_back(world: World, orders: Orders, lines: Lines, handover: Handover, chunk: int) -> Returns:
    """Draw what comes back of every line, each unit with its product's probability, within the shop's window."""
    catalogue, span, scenario = world.catalogue, world.span, world.scenario
    dice = world.dice("returns", chunk)
    customer, event = orders.customer[lines.order], line_event(orders.event[lines.order], catalogue.kind[lines.product])
    back = binomial_of(dice.uniform(customer, event), lines.quantity, catalogue.returned[lines.product])
    line = np.flatnonzero(back)
    quantity = back[line]
    day_draw, hour_draw, reason_draw, restock_draw = (
        dice.uniform(customer[line], event[line], use) for use in range(1, 5)
    )
    day_draw = 1 - (1 - day_draw) ** (1 / scenario.returns.days_shape)
    amount = np.rint(lines.amount[line] * quantity / lines.quantity[line]).astype(np.int64)
    arrival = handover.delivered[lines.order[line]]
    arrived_on = np.searchsorted(span.midnights, arrival, side="right") - 1
    window = np.where(
        orders.day[lines.order[line]] < span.end, world.policy.return_window_days, world.ahead.return_window_days
    )
    day = arrived_on + 1 + (day_draw * (window - 1)).astype(np.int64)
    return Returns(
        line=line,
        quantity=quantity,
        amount=amount,
        time=spread_over_day(world, np.minimum(day, span.planned - 1), hour_draw),
        reason=pick(np.array(list(scenario.returns.reasons.values())), reason_draw),
        restocked=restock_draw < catalogue.restocked[lines.product[line]],
    )
