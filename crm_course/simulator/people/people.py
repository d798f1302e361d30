"""Customers: who they are, when they came, and what the shop will never see of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, ndtri

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.settings.scenario import GammaGamma
from crm_course.simulator.world.season import intensity
from crm_course.simulator.world.world import World

_DAYS_PER_YEAR = 365.25
_NEVER_ZERO = 1e-12
_KEEN_WITH_RATE = 0.6  # correlation of keenness with the purchase rate, on the normal scale
_SMALLEST_SHARE = 0.05


@dataclass(frozen=True)
class People:
    """The customers of a chunk, one element each.

    Attributes
    ----------
    segment, home : int
        Positions in the scenario's segments and stores.
    entry_day, entry_time : int, float
        Day of the first purchase, and its operational time at the home store.
    rate : float
        lambda, purchases per operational day.
    dropout : float
        p, probability of leaving after a repeat purchase.
    online : float
        Share of the purchases made in the web shop.
    taste : float
        Standard normal: how dear the goods she likes are, among her segment.
    lines : float
        Mean number of lines of a purchase.
    delivery, openness : float
        Standard normals: liking of delivery, willingness to give consent.
    late : bool
        Whether she pays invoices late as a habit.
    keen : float
        Standard normal that goes with the rate: what she uses of the shop's offers goes with it.
    prompted : bool
        Whether she drew the information box.
    wallet : float array of shape (customers, categories)
        Share of what she needs of a category that she buys here.
    """

    segment: Ints
    home: Ints
    entry_day: Ints
    entry_time: Floats
    rate: Floats
    dropout: Floats
    online: Floats
    taste: Floats
    lines: Floats
    delivery: Floats
    openness: Floats
    late: Bools
    keen: Floats
    prompted: Bools
    wallet: Floats

    def __len__(self) -> int:
        return len(self.segment)


def pick(weights: Floats, uniform: Floats) -> Ints:
    """Turn uniform numbers into positions in `weights`, each as likely as its weight."""
    cumulative = np.cumsum(weights)
    picked: Ints = np.minimum(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"), len(weights) - 1)
    return picked


def draw_people(world: World, chunk: int, count: int) -> People:
    """Draw the customers of a chunk, independent of each other and of their ids."""
    scenario, clock = world.scenario, world.clock
    rng = world.stream("people", chunk)
    segment = pick(np.array([spec.share for spec in scenario.segments]), rng.random(count))

    def of_segment(key: str) -> Floats:
        return np.array([getattr(spec, key) for spec in scenario.segments], dtype=float)[segment]

    home = pick(np.array([store.weight for store in scenario.stores]), rng.random(count))
    rate = rng.gamma(of_segment("rate_shape")) / of_segment("rate_days")
    dropout = rng.beta(of_segment("dropout_a"), of_segment("dropout_b"))
    taste = rng.standard_normal(count)
    lines = 1 + (of_segment("lines_mean") - 1) * rng.gamma(of_segment("lines_shape")) / of_segment("lines_shape")
    mean_online = of_segment("online_share")
    between = np.clip(mean_online, 1e-3, 1 - 1e-3)
    online = rng.beta(scenario.online_concentration * between, scenario.online_concentration * (1 - between))
    online = np.where((mean_online > 0) & (mean_online < 1), online, mean_online)
    delivery, openness = rng.standard_normal((2, count))
    late = rng.random(count) < scenario.payers.late_share
    score = ndtri(np.clip(gammainc(of_segment("rate_shape"), rate * of_segment("rate_days")), 1e-9, 1 - 1e-9))
    noise = world.stream("keenness", chunk).standard_normal(count)
    keen = _KEEN_WITH_RATE * score + np.sqrt(1 - _KEEN_WITH_RATE**2) * noise

    day = _entry_days(world, world.stream("entries", chunk).random((2, count)))
    part = world.stream("entry hours", chunk).random(count)
    begin, end = clock.elapsed[home, day], clock.elapsed[home, day + 1]
    return People(
        segment=segment,
        home=home,
        entry_day=day,
        entry_time=begin + part * (end - begin),
        rate=np.maximum(rate, _NEVER_ZERO),
        dropout=np.maximum(dropout, _NEVER_ZERO),
        online=np.where(home == scenario.web_store, 1.0, online) if scenario.web_store is not None else online,
        taste=taste,
        lines=lines,
        delivery=delivery,
        openness=openness,
        late=late,
        keen=keen,
        prompted=world.stream("information box", chunk).random(count) < world.offers.information_share,
        wallet=_wallet(world, chunk, count),
    )


def _wallet(world: World, chunk: int, count: int) -> Floats:
    """Draw what share of each category a customer buys here; all of it where the scenario does not say."""
    spend = world.scenario.spend
    if isinstance(spend, GammaGamma) or spend.wallet is None:
        return np.ones((count, len(world.catalogue.shelves)))
    means = np.array([spend.wallet.shares.get(name, spend.wallet.share) for name in world.catalogue.shelves])
    here, elsewhere = spend.wallet.concentration * means, spend.wallet.concentration * (1 - means)
    return np.maximum(world.stream("wallet", chunk).beta(here, elsewhere, size=(count, len(means))), _SMALLEST_SHARE)


def _entry_days(world: World, uniform: Floats) -> Ints:
    """Draw first days: some in the run-in, the others over the data, more of them with growth and season."""
    weights, start = _entry_weights(world), world.span.start
    entered = start + pick(weights[start:], uniform[1])
    if start == 0:
        return entered
    return np.where(uniform[0] < world.scenario.entry.run_in_share, pick(weights[:start], uniform[1]), entered)


def _entry_weights(world: World) -> Floats:
    entry, span = world.scenario.entry, world.span
    years = np.arange(span.end) / _DAYS_PER_YEAR
    busy = intensity(world.scenario, span.days[: span.end]) if entry.with_season else np.ones(span.end)
    return busy * (1 + entry.growth_per_year) ** years
