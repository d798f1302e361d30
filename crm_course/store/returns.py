"""What follows a purchase: returned goods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.store.baskets import Lines
from crm_course.store.columns import Bools, Ints
from crm_course.store.fulfilment import Handover
from crm_course.store.people import pick
from crm_course.store.purchases import spread_over_day
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


def take_back(world: World, lines: Lines, handover: Handover, chunk: int) -> Returns:
    """Draw what comes back of every line, each unit with its product's probability, within the shop's window."""
    catalogue, span, scenario = world.catalogue, world.span, world.scenario
    rng = world.stream("returns", chunk)
    back = rng.binomial(lines.quantity, catalogue.returned[lines.product])
    line = np.flatnonzero(back)
    quantity = back[line]
    day_draw = rng.beta(1, scenario.returns.days_shape, size=len(line))
    hour_draw, reason_draw, restock_draw = rng.random((3, len(line)))
    amount = np.rint(lines.amount[line] * quantity / lines.quantity[line]).astype(np.int64)
    arrival = handover.delivered[lines.order[line]]
    arrived_on = np.searchsorted(span.midnights, arrival, side="right") - 1
    day = arrived_on + 1 + (day_draw * (world.policy.return_window_days - 1)).astype(np.int64)
    return Returns(
        line=line,
        quantity=quantity,
        amount=amount,
        time=spread_over_day(world, np.minimum(day, span.planned - 1), hour_draw),
        reason=pick(np.array(list(scenario.returns.reasons.values())), reason_draw),
        restocked=restock_draw < catalogue.restocked[lines.product[line]],
    )
