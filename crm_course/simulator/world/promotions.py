"""Promotions: which stores give which discount on which days, and what that does to the flow of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.settings.policy import Policy, PromotionPlan
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.streams import stream
from crm_course.simulator.world.season import Span, anchor_day, intensity

_LONGEST = 366  # days of a wave, at most


@dataclass(frozen=True)
class Promotion:
    """A wave of a promotion: days counted from the span's first, `stores` as positions."""

    promotion_id: str
    name: str
    season: str
    first: int
    last: int
    percent: int
    stores: tuple[int, ...]


def plan_promotions(scenario: Scenario, policies: tuple[Policy, Policy], span: Span, seed: int) -> list[Promotion]:
    """Lay out every promotion that touches the span up to twelve months beyond the data, in order of time.

    Each year and promotion the stores are drawn anew into waves, so that some run a promotion
    while others do not yet. What begins in the data is the first policy's, what begins later the second's.
    """
    waves = [
        wave
        for policy, days in zip(policies, ((-_LONGEST, span.end), (span.end, span.horizon)), strict=True)
        for plan in policy.promotions
        for year in range(span.first_day.year - 1, span.days[-1].year + 1)
        for wave in _waves(scenario, plan, year, span, seed)
        if days[0] <= wave[0] < days[1] and wave[1] >= 0
    ]
    return [
        Promotion(f"M{number:04d}", name, season, max(first, 0), last, percent, stores)
        for number, (first, last, name, season, percent, stores) in enumerate(sorted(waves), start=1)
    ]


def _waves(
    scenario: Scenario, plan: PromotionPlan, year: int, span: Span, seed: int
) -> Iterator[tuple[int, int, str, str, int, tuple[int, ...]]]:
    """Give a year's waves of a promotion: the stores' lots belong to promotion and year."""
    anchor = anchor_day(plan.anchor, year, scenario.country)
    waiting = stream(seed, f"promotion {plan.name}", year).permutation(len(scenario.stores))
    for number, wave in enumerate(plan.waves):
        count = max(1, round(wave.stores_share * len(scenario.stores)))
        stores, waiting = waiting[:count], waiting[count:]
        first = span.position(anchor + dt.timedelta(days=wave.first_day))
        if len(stores):
            name = f"{plan.name} {year}" + (f", wave {number + 1}" if len(plan.waves) > 1 else "")
            percent = round(plan.discount * 100)
            yield first, first + wave.days - 1, name, plan.season, percent, tuple(sorted(int(k) for k in stores))


def promotions_table(promotions: list[Promotion], store_ids: list[str], span: Span) -> pd.DataFrame:
    """Give the ``promotions`` table."""
    first_day = pd.Timestamp(span.first_day).as_unit("us")
    return pd.DataFrame(
        {
            "promotion_id": pd.Series([promo.promotion_id for promo in promotions], dtype="str"),
            "name": pd.Series([promo.name for promo in promotions], dtype="str"),
            "festival": pd.Series([promo.season or None for promo in promotions], dtype="str"),
            "starts_on": first_day + pd.to_timedelta([promo.first for promo in promotions], unit="D"),
            "ends_on": first_day + pd.to_timedelta([promo.last for promo in promotions], unit="D"),
            "discount": np.array([promo.percent / 100 for promo in promotions], dtype=float),
            "store_ids": pd.Series([" ".join(store_ids[k] for k in promo.stores) for promo in promotions], dtype="str"),
        }
    )


@dataclass(frozen=True)
class Clock:
    """Operational time: it runs fast on busy days and slowly on quiet ones, store by store.

    Attributes
    ----------
    elapsed : array of shape (stores, days + 1)
        Operational days from the span's first midnight to each later one.
    promotion : array of shape (stores, days)
        Position of the promotion that runs; -1 without one.
    percent : array of shape (stores, days)
        Its discount, percent of the list price.
    """

    elapsed: Floats
    promotion: Ints
    percent: Ints

    @classmethod
    def of(cls, scenario: Scenario, promotions: list[Promotion], span: Span) -> Clock:
        """Set the clock of every store up to twelve months beyond the data."""
        running = np.full((len(scenario.stores), span.horizon), -1)
        percent = np.zeros_like(running)
        for place, promo in enumerate(promotions):
            for store in promo.stores:
                days = slice(promo.first, promo.last + 1)
                better = promo.percent > percent[store, days]
                running[store, days][better] = place
                percent[store, days][better] = promo.percent
        speed = intensity(scenario, span.days[: span.horizon]) * (1 + scenario.promotion_response * percent / 100)
        elapsed = np.zeros((len(scenario.stores), span.horizon + 1))
        np.cumsum(speed, axis=1, out=elapsed[:, 1:])
        return cls(elapsed, running, percent)

    def days(self, store: Ints, operational: Floats) -> tuple[Ints, Floats]:
        """Turn operational times of stores into days and the part of each day that has gone by."""
        stores, length = self.elapsed.shape
        apart = self.elapsed.max() + 1
        ladder = (self.elapsed + np.arange(stores)[:, None] * apart).ravel()
        day = np.searchsorted(ladder, operational + store * apart, side="right") - 1 - store * length
        day = np.clip(day, 0, length - 2)
        begin = self.elapsed[store, day]
        part = (operational - begin) / (self.elapsed[store, day + 1] - begin)
        return day, np.clip(part, 0, np.nextafter(1, 0))
