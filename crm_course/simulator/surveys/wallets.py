"""Wallets: what customers spend on each category here and elsewhere, and what they recall of it."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.scenario import GammaGamma
from crm_course.simulator.settings.survey_settings import SurveySettings
from crm_course.simulator.streams import Dice
from crm_course.simulator.visits.baskets import Lines, shelves_of
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.world.world import World

_YEAR_DAYS = 365
_YEAR = _YEAR_DAYS * 86_400
_ELSEWHERE, _RECALL_HERE, _RECALL_ELSEWHERE = range(3)
_CATEGORIES = 64  # at most; so a day and a category make one event


def categories(world: World) -> list[str]:
    """Give the categories of the catalogue, in its order."""
    return list(dict.fromkeys(world.catalogue.categories))


def category_of_product(world: World) -> Ints:
    """Give the position of every product's category."""
    names = categories(world)
    return np.array([names.index(name) for name in world.catalogue.categories])


def spend_per_purchase(world: World, people: People) -> Floats:
    """Give the expected spend of a purchase by category, currency units: (customers, categories).

    Before discount, and without the lines that others call for.
    """
    spend, catalogue = world.scenario.spend, world.catalogue
    if isinstance(spend, GammaGamma):
        return np.full((len(people), 1), spend.shape * spend.scale / (spend.heterogeneity - 1))
    units = np.array([segment.units_mean for segment in world.scenario.segments])
    pieces = people.lines * units[people.segment]
    spent: Floats = pieces[:, None] * shelves_of(world, spend, people).by_shelf(catalogue.price / 100)
    return spent


class Wallets:
    """The wallets of a chunk.

    Attributes
    ----------
    share : array of shape (customers, categories)
        Share of wallet while she buys here.
    wallet : array of shape (customers, categories)
        What she spends in a year on each category, wherever, currency units.
    """

    def __init__(
        self, world: World, people: People, settings: SurveySettings, share: Floats, *, dice: Dice, lifetimes: Lifetimes
    ) -> None:
        self.share = share
        yearly = people.rate[:, None] * _YEAR_DAYS * spend_per_purchase(world, people)
        self.wallet = yearly / share
        self._settings, self._dice, self._lifetimes = settings, dice, lifetimes
        self._shelf = category_of_product(world)

    def here(self, orders: Orders, lines: Lines, before: int) -> Floats:
        """Sum what was bought here in the 365 days before a moment, currency units: (customers, categories)."""
        wanted = (orders.time < before) & (orders.time >= before - _YEAR)
        rows = np.flatnonzero(wanted[lines.order])
        count = self.share.shape[1]
        place = orders.customer[lines.order[rows]] * count + self._shelf[lines.product[rows]]
        total = np.bincount(place, weights=lines.amount[rows], minlength=self.share.size)
        return total.reshape(self.share.shape) / 100

    def elsewhere(self, customer: Ints, day: int, before: int) -> Floats:
        """Give what customers spent elsewhere in the 365 days before a day; those who left spend it all there."""
        left = self._lifetimes.left_time[customer] < before
        usual = self.wallet[customer] * np.where(left[:, None], 1.0, 1 - self.share[customer])
        noise = self._settings.wallet_noise
        amount: Floats = usual * np.exp(noise * ndtri(self._roll(customer, day, _ELSEWHERE)) - noise**2 / 2)
        return amount

    def recalled(self, spent: Floats, recall: Floats, customer: Ints, day: int, *, here: bool) -> Ints:
        """Give what customers say they spent, cents: too much, as older purchases slip in, and in round numbers."""
        how = self._settings.answering
        error = ndtri(self._roll(customer, day, _RECALL_HERE if here else _RECALL_ELSEWHERE))
        factor = how.telescoping * np.exp(how.recall_spread * recall[:, None] + how.recall_noise * error)
        return 100 * rounded(spent * factor)

    def _roll(self, customer: Ints, day: int, use: int) -> Floats:
        event = day * _CATEGORIES + np.arange(self.share.shape[1])
        return self._dice.uniform(customer[:, None], event[None, :], use)


def rounded(amount: Floats) -> Ints:
    """Round as people do: to 50 below 500, to 100 below 2,000, to 500 above."""
    step = np.select([amount < 500, amount < 2000], [50.0, 100.0], 500.0)
    whole: Ints = (np.rint(amount / step) * step).astype(np.int64)
    return whole
