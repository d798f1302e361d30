"""The clock of service hours: it stands still while nobody serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import holidays
import numpy as np

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.service_rules import Opening
from crm_course.simulator.world.season import Span, anchor_day

_HOUR = 3600


@dataclass(frozen=True)
class ServiceClock:
    """Hours of service, day by day of the calendar.

    Attributes
    ----------
    midnights : int
        Seconds since 1970 (UTC) at which each day begins, and the one after the last.
    opens, closes : int
        Seconds since 1970 at which service begins and ends; equal on days without service.
    """

    midnights: Ints
    opens: Ints
    closes: Ints

    @classmethod
    def of(cls, scenario: Scenario, opening: Opening, ahead: Opening, span: Span) -> ServiceClock:
        """Lay out the hours of service over the calendar: in the data, and ahead of them."""
        hours = zip(_hours(scenario, opening, span), _hours(scenario, ahead, span), strict=True)
        later = np.arange(len(span.days)) >= span.end
        first, after = (np.where(later, new, now) for now, new in hours)
        midnights = span.midnights
        return cls(midnights, midnights[:-1] + first * _HOUR, midnights[:-1] + after * _HOUR)

    @cached_property
    def elapsed(self) -> Ints:
        """Seconds of service from the first day to each midnight."""
        return np.concatenate([[0], np.cumsum(self.closes - self.opens)])

    def day(self, time: Ints) -> Ints:
        """Give the local day of a time; the calendar's last for all later ones."""
        return np.minimum(np.searchsorted(self.midnights, time, side="right"), len(self.opens)) - 1

    def served(self, time: Ints) -> Ints:
        """Give the seconds of service that have passed at a time."""
        day = self.day(time)
        served: Ints = self.elapsed[day] + np.clip(time - self.opens[day], 0, self.closes[day] - self.opens[day])
        return served

    def after(self, time: Ints, hours: Floats) -> Ints:
        """Give the moment at which so many service hours have passed since a time; always in service."""
        served = np.minimum(self.served(time) + np.rint(hours * _HOUR).astype(np.int64), self.elapsed[-1] - 1)
        day = np.searchsorted(self.elapsed, served, side="right") - 1
        end: Ints = self.opens[day] + served - self.elapsed[day]
        return end

    def open(self, time: Ints) -> Bools:
        """Say whether somebody serves at a time."""
        day = self.day(time)
        return (time >= self.opens[day]) & (time < self.closes[day])

    def within(self, time: Ints, uniform: Floats, weights: Sequence[float]) -> Ints:
        """Leave times in service as they are; move others to the next day of service, by the hour's weight."""
        day = self.day(time)
        missed = (time >= self.closes[day]) | (self.closes[day] == self.opens[day])
        target = self._next_open[np.where(missed, np.minimum(day + 1, len(self.opens) - 1), day)]
        return np.where(self.open(time), time, self.moment(target, uniform, weights))

    def moment(self, day: Ints, uniform: Floats, weights: Sequence[float]) -> Ints:
        """Give a moment within the hours of service of a day, by the weight of the hours."""
        hours = np.arange(25) * float(_HOUR)
        reached = np.concatenate([[0.0], np.cumsum(np.asarray(weights) + 1e-9)])
        begin, end = (np.interp(edge[day] - self.midnights[day], hours, reached) for edge in (self.opens, self.closes))
        second = np.interp(begin + uniform * (end - begin), reached, hours).astype(np.int64)
        moment: Ints = np.clip(
            self.midnights[day] + second, self.opens[day], np.maximum(self.closes[day] - 1, self.opens[day])
        )
        return moment

    @cached_property
    def _next_open(self) -> Ints:
        """Position of each day, or of the next one with service."""
        days = np.where(self.closes > self.opens, np.arange(len(self.opens)), len(self.opens) - 1)
        return np.minimum.accumulate(days[::-1])[::-1]


def _hours(scenario: Scenario, opening: Opening, span: Span) -> tuple[Ints, Ints]:
    """Give the first hour of service of each day, and the hour after the last; equal on days without service."""
    years = range(span.days[0].year, span.days[-1].year + 1)
    public = holidays.country_holidays(scenario.country, years=years)
    special = np.array([day.date() in public for day in span.days])
    first, after = (np.where(special, opening.holiday_hours[k], opening.hours[k]) for k in (0, 1))
    for year in years:
        for closed in opening.closed:
            begin = span.position(anchor_day(closed.anchor, year, scenario.country))
            days = slice(max(begin, 0), max(begin + closed.days, 0))
            after[days] = first[days]
    return first, after
