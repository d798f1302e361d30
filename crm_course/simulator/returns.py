"""What follows a purchase: goods that customers did not want after all, and faulty ones, come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.distributions import exponential
from crm_course.simulator.people.people import pick
from crm_course.simulator.service.chunk_service import Service
from crm_course.simulator.service.complaints import REFUND, REPLACEMENT
from crm_course.simulator.service.enquiries import late_deliveries
from crm_course.simulator.service.failures import DEFECT, WRONG
from crm_course.simulator.service.leaving import mean_complaint_probability
from crm_course.simulator.streams import Dice, binomial_of
from crm_course.simulator.visits.baskets import Lines, line_event
from crm_course.simulator.visits.fulfilment import Handover
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.visits.visits import spread_over_day
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import REASONS
from crm_course.tables.schemas.service import CATEGORIES

_CHANGED_MIND, _DEFECTIVE, _WRONG, _LATE = (
    REASONS.index(name) for name in ("changed mind", "defective", "wrong item", "late")
)
_UNITS, _DAY, _HOUR, _REASON, _RESTOCK, _BRINGS, _LAG = range(7)


@dataclass(frozen=True)
class Returns:
    """Returned goods: position of the line, units, money given back (cents), time, reason, sold again or not."""

    line: Ints
    quantity: Ints
    amount: Ints
    time: Ints
    reason: Ints
    restocked: Bools


def take_back(
    world: World, orders: Orders, lines: Lines, handover: Handover, service: Service | None, chunk: int
) -> Returns:
    """Take back what customers do not want, each unit with its product's probability, and what is faulty.

    Both only within the shop's window. A faulty unit comes back by a probability of the scenario, unless a
    complaint about it was settled by a refund or another unit; of a line that comes back anyway it does not.
    """
    catalogue, span = world.catalogue, world.span
    dice = world.dice("returns", chunk)
    event = line_event(orders.event[lines.order], catalogue.kind[lines.product])

    def uniform(line: Ints, use: int) -> Floats:
        return dice.uniform(orders.customer[lines.order[line]], event[line], use)

    back = binomial_of(uniform(np.arange(len(lines)), _UNITS), lines.quantity, catalogue.returned[lines.product])
    window = np.where(orders.day < span.end, world.policy.return_window_days, world.ahead.return_window_days)
    arrived = np.searchsorted(span.midnights, handover.delivered, side="right") - 1
    unwanted = np.flatnonzero(back)
    order = lines.order[unwanted]
    part = 1 - (1 - uniform(unwanted, _DAY)) ** (1 / world.scenario.returns.days_shape)
    day = arrived[order] + 1 + (part * (window[order] - 1)).astype(np.int64)
    reason = _reasons(world, uniform(unwanted, _REASON), late_deliveries(handover)[order])

    faulty, faulty_day, why = _faulty(world, dice, orders, lines, arrived, service)
    taken = (back[faulty] == 0) & (faulty_day < (arrived + window)[lines.order[faulty]])
    line = np.concatenate([unwanted, faulty[taken]])
    day = np.concatenate([day, faulty_day[taken]])
    reason = np.concatenate([reason, why[taken]])
    quantity = np.maximum(back[line], 1)
    return Returns(
        line=line,
        quantity=quantity,
        amount=np.rint(lines.amount[line] * quantity / lines.quantity[line]).astype(np.int64),
        time=spread_over_day(world, np.minimum(day, span.planned - 1), uniform(line, _HOUR)),
        reason=reason,
        restocked=(uniform(line, _RESTOCK) < catalogue.restocked[lines.product[line]]) & (reason != _DEFECTIVE),
    )


def _reasons(world: World, uniform: Floats, late: Bools) -> Ints:
    """Give reasons that have nothing to do with a fault; only what came late comes back for that."""
    reasons = world.scenario.returns.reasons
    known = np.array([REASONS.index(name) for name in reasons])[pick(np.array(list(reasons.values())), uniform)]
    return np.where((known == _LATE) & ~late, _CHANGED_MIND, known)


def _faulty(
    world: World, dice: Dice, orders: Orders, lines: Lines, arrived: Ints, service: Service | None
) -> tuple[Ints, Ints, Ints]:
    """Give the lines with a faulty unit that is brought back, on which day, and the reason."""
    room = world.service
    if room is None or service is None:
        return (np.zeros(0, dtype=np.int64),) * 3
    failures, complaints = service.failures, service.complaints
    settled = np.zeros(len(failures), dtype=bool)
    settled[complaints.failure[np.isin(complaints.outcome, (REPLACEMENT, REFUND))]] = True
    fault = np.flatnonzero(np.isin(failures.kind, (DEFECT, WRONG)) & ~settled)
    customer = orders.customer[failures.order]
    brings = dice.uniform(customer[fault], failures.key[fault], _BRINGS) < world.scenario.returns.faulty
    line = _lines_of(lines, failures.order[fault[brings]], failures.product[fault[brings]])
    line, first = np.unique(line, return_index=True)
    fault = fault[brings][first]
    lag = exponential(dice.uniform(customer[fault], failures.key[fault], _LAG), room.spec.complaining.lag_days)
    noticed = np.searchsorted(world.span.midnights, failures.time[fault], side="right") - 1
    day = np.maximum(noticed, arrived[failures.order[fault]]) + 1 + lag.astype(np.int64)
    return line, day, np.where(failures.kind[fault] == DEFECT, _DEFECTIVE, _WRONG)


def _lines_of(lines: Lines, order: Ints, product: Ints) -> Ints:
    """Find lines by order and product; an order has a product on one line."""
    near = np.flatnonzero(np.isin(lines.order, order))
    products = int(lines.product.max(initial=0)) + 1
    key = lines.order[near] * products + lines.product[near]
    sequence = np.argsort(key)
    return near[sequence[np.searchsorted(key[sequence], order * products + product)]]


def returned_share(world: World) -> Floats:
    """Give the probability that a unit of each product sold in the twelve months comes back.

    Wrong items that are brought back, less than a thousandth of all, are left out.
    """
    catalogue, room, faulty = world.catalogue, world.service, world.scenario.returns.faulty
    if room is None or not faulty:
        return catalogue.returned
    spec, kind = room.spec, CATEGORIES.index("defect")
    price = np.maximum(catalogue.price / 100, 1.0)
    settled = mean_complaint_probability(room, kind, price) * (1 - spec.failures["defect"].rejected)
    left = max(world.ahead.return_window_days - spec.complaining.lag_days, 0.5)
    in_time = ndtr(np.log(left / spec.defects.report_days) / spec.defects.report_spread)
    share: Floats = catalogue.returned + (1 - catalogue.returned) * room.defects * faulty * (1 - settled) * in_time
    return share
