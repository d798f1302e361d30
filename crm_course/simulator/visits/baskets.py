"""What is in a purchase: lines of products, or one line of Gamma-Gamma value (Fader, Hardie and Lee 2005b)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import gammaincinv, ndtr

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.scenario import Baskets, GammaGamma
from crm_course.simulator.streams import poisson_of
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.catalogue import Catalogue
from crm_course.simulator.world.world import World

MOST_LINES = 64
_LINES, _SHELF, _PRODUCT, _UNITS, _CALLS, _CALLED = range(6)


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

    def of(self, kept: Bools) -> Lines:
        """Give the lines of some of the orders, which count anew."""
        rows = kept[self.order]
        arrays = {field.name: getattr(self, field.name)[rows] for field in fields(self) if field.name != "order"}
        return Lines(order=(np.cumsum(kept) - 1)[self.order[rows]], **arrays)


@dataclass(frozen=True)
class Worth:
    """What a purchase of each customer brings on average, currency units.

    With a discount of d (share of the list price), the shop keeps ``kept * (1 - d)`` after
    returns and spends ``cost`` on goods that it does not get back.
    """

    kept: Floats
    cost: Floats


def fill_baskets(world: World, people: People, orders: Orders, returned: Floats, chunk: int) -> tuple[Lines, Worth]:
    """Draw the lines of every order, and work out what they bring on average.

    Parameters
    ----------
    returned : float array
        Probability that a unit of each product comes back.
    """
    if isinstance(world.scenario.spend, GammaGamma):
        return _whole_values(world, world.scenario.spend, people, orders, chunk)
    return _products(world, world.scenario.spend, people, orders, returned, chunk)


def _whole_values(world: World, spend: GammaGamma, people: People, orders: Orders, chunk: int) -> tuple[Lines, Worth]:
    value_rate = world.stream("spend", chunk).gamma(spend.heterogeneity, size=len(people)) / spend.scale
    drawn = gammaincinv(spend.shape, world.dice("baskets", chunk).uniform(orders.customer, orders.event))
    price = np.maximum(np.rint(drawn / value_rate[orders.customer] * 100).astype(np.int64), 1)
    discount = np.rint(price * orders.percent / 100).astype(np.int64)
    everything = np.arange(len(orders))
    cost = np.rint(price * spend.cost_share).astype(np.int64)
    ones, product = np.ones(len(orders), dtype=np.int64), np.zeros(len(orders), dtype=np.int64)
    mean = spend.shape / value_rate
    return Lines(everything, product, ones, price, discount, price - discount, cost), Worth(
        mean, mean * spend.cost_share
    )


def _products(
    world: World, spend: Baskets, people: People, orders: Orders, returned: Floats, chunk: int
) -> tuple[Lines, Worth]:
    catalogue, segments = world.catalogue, world.scenario.segments
    dice = world.dice("baskets", chunk)
    shelves = shelves_of(world, spend, people)
    units = np.array([segment.units_mean for segment in segments])[people.segment]

    draw = dice.uniform(orders.customer, orders.event, _LINES)
    number = 1 + np.minimum(poisson_of(draw, people.lines[orders.customer] - 1), MOST_LINES - 1)
    order = np.repeat(np.arange(len(orders)), number)
    place = np.arange(len(order)) - np.repeat(np.cumsum(number) - number, number)
    customer, event = orders.customer[order], line_event(orders.event[order], place)
    product = shelves.take(customer, dice.uniform(customer, event, _SHELF), dice.uniform(customer, event, _PRODUCT))
    quantity = 1 + poisson_of(dice.uniform(customer, event, _UNITS), units[customer] - 1)

    calls = np.flatnonzero(dice.uniform(customer, event, _CALLS) < catalogue.calls[product])
    called = shelves.take_kind(
        customer[calls], catalogue.calls_for[product[calls]], dice.uniform(customer[calls], event[calls], _CALLED)
    )
    order, product = np.concatenate([order, order[calls]]), np.concatenate([product, called])
    quantity = np.concatenate([quantity, np.ones(len(calls), dtype=np.int64)])
    order, product, quantity = _merge(catalogue, order, product, quantity)

    price = catalogue.price[product]
    listed = quantity * price
    discount = np.rint(listed * orders.percent[order] / 100).astype(np.int64)
    lines = Lines(order, product, quantity, price, discount, listed - discount, catalogue.cost[product])
    kept = catalogue.price * (1 - returned) / 100
    cost = catalogue.cost * (1 - catalogue.returned * catalogue.restocked) / 100  # what was faulty is lost
    return lines, Worth(people.lines * shelves.mean(kept, units), people.lines * shelves.mean(cost, units))


def shelves_of(world: World, spend: Baskets, people: People) -> Shelves:
    """Give what each customer takes off which shelf."""
    level = np.minimum((ndtr(people.taste) * spend.price_levels).astype(np.int64), spend.price_levels - 1)
    return Shelves.of(world.catalogue, people.segment * spend.price_levels + level, people.wallet)


def line_event(event: Ints, place: Ints) -> Ints:
    """Number what happens to a line of an order, among all that happens to a customer."""
    return event * MOST_LINES + place


@dataclass(frozen=True)
class Shelves:
    """What each customer takes: first a shelf, by taste and by what she buys elsewhere, then a product.

    Attributes
    ----------
    catalogue : Catalogue
    kind : int
        Type of each customer: segment x level of price affinity.
    reached : float array of shape (types, products + 1)
        Cumulative probability of the products.
    shelf : float array of shape (customers, shelves)
        Probability of each shelf.
    """

    catalogue: Catalogue
    kind: Ints
    reached: Floats
    shelf: Floats

    @classmethod
    def of(cls, catalogue: Catalogue, kind: Ints, wallet: Floats) -> Shelves:
        """Lay out what customers of given types take."""
        reached = np.zeros((len(catalogue.choice), len(catalogue) + 1))
        np.cumsum(catalogue.choice, axis=1, out=reached[:, 1:])
        starts = np.searchsorted(catalogue.shelf, np.arange(len(catalogue.shelves) + 1))
        wanted = np.diff(reached[:, starts], axis=1)[kind] * wallet
        return cls(catalogue, kind, reached, wanted / wanted.sum(axis=1, keepdims=True))

    def take(self, customer: Ints, which_shelf: Floats, which: Floats) -> Ints:
        """Turn uniform numbers into products."""
        shelf = (which_shelf[:, None] >= np.cumsum(self.shelf, axis=1)[:, :-1][customer]).sum(axis=1)
        return self._between(customer, self.catalogue.shelf, shelf, which)

    def take_kind(self, customer: Ints, kind: Ints, which: Floats) -> Ints:
        """Turn uniform numbers into products of given kinds."""
        return self._between(customer, self.catalogue.kind, kind, which)

    def _between(self, customer: Ints, groups: Ints, group: Ints, which: Floats) -> Ints:
        first, end = np.searchsorted(groups, group), np.searchsorted(groups, group, side="right")
        kind = self.kind[customer]
        low, high = self.reached[kind, first], self.reached[kind, end]
        ladder = (self.reached[:, 1:] + np.arange(len(self.reached))[:, None]).ravel()
        at = np.searchsorted(ladder, kind + low + which * (high - low), side="right") - kind * len(self.catalogue)
        product: Ints = np.clip(at, first, end - 1)
        return product

    def mean(self, value: Floats, units: Floats) -> Floats:
        """Give what a line brings each customer on average, with what it calls for, from each product's value."""
        catalogue = self.catalogue
        starts = np.searchsorted(catalogue.kind, np.arange(catalogue.kind[-1] + 1))
        of_kind = np.add.reduceat(catalogue.choice * value, starts, axis=1)
        of_kind /= np.add.reduceat(catalogue.choice, starts, axis=1)
        called = self._by_shelf(catalogue.calls * of_kind[:, catalogue.calls_for])
        mean: Floats = (self.shelf * (units[:, None] * self._by_shelf(value) + called)).sum(axis=1)
        return mean

    def by_shelf(self, value: Floats) -> Floats:
        """Give what a unit brings on average, shelf by shelf and times the shelf's probability."""
        return self.shelf * self._by_shelf(value)

    def _by_shelf(self, value: Floats) -> Floats:
        choice = self.catalogue.choice
        starts = np.searchsorted(self.catalogue.shelf, np.arange(len(self.catalogue.shelves)))
        means = np.add.reduceat(choice * value, starts, axis=1) / np.add.reduceat(choice, starts, axis=1)
        return means[self.kind]


def _merge(catalogue: Catalogue, order: Ints, product: Ints, quantity: Ints) -> tuple[Ints, Ints, Ints]:
    """Put products of one kind in an order on one line: who takes two of a kind takes them of one brand."""
    both = order * (catalogue.kind[-1] + 1) + catalogue.kind[product]
    sequence = np.argsort(both, kind="stable")
    both = both[sequence]
    first = np.flatnonzero(np.concatenate([[True], both[1:] != both[:-1]])) if len(both) else both
    together = np.add.reduceat(quantity[sequence], first) if len(both) else quantity
    rows = sequence[first]
    return order[rows], product[rows], together
