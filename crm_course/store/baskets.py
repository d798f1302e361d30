"""What is in a purchase: lines of products, or one line of Gamma-Gamma value (Fader, Hardie and Lee 2005b)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from crm_course.store.columns import Floats, Ints
from crm_course.store.people import People
from crm_course.store.purchases import Orders
from crm_course.store.scenario import Baskets, GammaGamma
from crm_course.store.world import World


@dataclass(frozen=True)
class Lines:
    """Lines of the orders, in their order; money in cents.

    Attributes
    ----------
    order, product, quantity : int
        Position of the order and product; units.
    price, discount, amount, cost : int
        Price of a unit before discount; taken off the line; paid for the line; cost of a unit.
    """

    order: Ints
    product: Ints
    quantity: Ints
    price: Ints
    discount: Ints
    amount: Ints
    cost: Ints

    def __len__(self) -> int:
        return len(self.order)


@dataclass(frozen=True)
class Worth:
    """What a purchase of each customer brings on average, currency units.

    With a discount of d (share of the list price), the shop keeps ``kept * (1 - d)`` after
    returns and spends ``cost`` on goods that it does not get back.
    """

    kept: Floats
    cost: Floats


def fill_baskets(world: World, people: People, orders: Orders, chunk: int) -> tuple[Lines, Worth]:
    """Draw the lines of every order, and work out what they bring on average."""
    if isinstance(world.scenario.spend, GammaGamma):
        return _whole_values(world, world.scenario.spend, people, orders, chunk)
    return _products(world, world.scenario.spend, people, orders, chunk)


def _whole_values(world: World, spend: GammaGamma, people: People, orders: Orders, chunk: int) -> tuple[Lines, Worth]:
    value_rate = world.stream("spend", chunk).gamma(spend.heterogeneity, size=len(people)) / spend.scale
    drawn = world.stream("baskets", chunk).gamma(spend.shape, size=len(orders)) / value_rate[orders.customer]
    price = np.maximum(np.rint(drawn * 100).astype(np.int64), 1)
    discount = np.rint(price * orders.percent / 100).astype(np.int64)
    everything = np.arange(len(orders))
    cost = np.rint(price * spend.cost_share).astype(np.int64)
    ones, product = np.ones(len(orders), dtype=np.int64), np.zeros(len(orders), dtype=np.int64)
    mean = spend.shape / value_rate
    return Lines(everything, product, ones, price, discount, price - discount, cost), Worth(
        mean, mean * spend.cost_share
    )


def _products(world: World, spend: Baskets, people: People, orders: Orders, chunk: int) -> tuple[Lines, Worth]:
    catalogue, segments = world.catalogue, world.scenario.segments
    rng = world.stream("baskets", chunk)
    level = np.minimum((ndtr(people.taste) * spend.price_levels).astype(np.int64), spend.price_levels - 1)
    kind = people.segment * spend.price_levels + level
    order = np.repeat(np.arange(len(orders)), 1 + rng.poisson(people.lines[orders.customer] - 1))
    customer = orders.customer[order]
    ladder = (np.cumsum(catalogue.choice, axis=1) + np.arange(len(catalogue.choice))[:, None]).ravel()
    product = np.searchsorted(ladder, rng.random(len(order)) + kind[customer], side="right")
    product = np.minimum(product - kind[customer] * len(catalogue), len(catalogue) - 1)
    units = np.array([segment.units_mean for segment in segments])
    quantity = 1 + rng.poisson(units[people.segment[customer]] - 1)
    order, product, quantity = _merge(order, product, quantity, len(catalogue))

    price = catalogue.price[product]
    listed = quantity * price
    discount = np.rint(listed * orders.percent[order] / 100).astype(np.int64)
    lines = Lines(order, product, quantity, price, discount, listed - discount, catalogue.cost[product])

    pieces = people.lines * units[people.segment]
    kept = catalogue.choice @ (catalogue.price * (1 - catalogue.returned)) / 100
    cost = catalogue.choice @ (catalogue.cost * (1 - catalogue.returned * catalogue.restocked)) / 100
    return lines, Worth(pieces * kept[kind], pieces * cost[kind])


def _merge(order: Ints, product: Ints, quantity: Ints, products: int) -> tuple[Ints, Ints, Ints]:
    """Put equal products of an order on one line."""
    both = order * products + product
    sequence = np.argsort(both, kind="stable")
    both = both[sequence]
    first = np.flatnonzero(np.concatenate([[True], both[1:] != both[:-1]])) if len(both) else both
    together = np.add.reduceat(quantity[sequence], first) if len(both) else quantity
    order, product = np.divmod(both[first], products)
    return order, product, together
