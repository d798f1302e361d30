"""The calendar: festivals, seasons and public holidays, and how busy each makes a day."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

import holidays
import numpy as np
import pandas as pd

from crm_course.errors import WrongCall
from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.settings.scenario import Scenario

FESTIVALS = {"lunar_new_year": r"(Chinese|Lunar) New Year", "mid_autumn": r"Day following Mid-Autumn"}
_DAYS_BEHIND = {"lunar_new_year": 0, "mid_autumn": 1}
_ORDINALS = {"second": 1, "third": 2, "fourth": 3}
_YEARS_OF_NORM = 10
_MONTHS_PLANNED = 24
_MONTHS_AHEAD = 12


@lru_cache(maxsize=256)
def festival_day(name: str, year: int, country: str) -> dt.date:
    """Give the day of a lunar festival, from the public holidays that hang on it.

    When the day itself is a Sunday, only its followers are public holidays: "The second day
    of Chinese New Year" is counted back to the first.

    Raises
    ------
    WrongCall
        If the country's public holidays do not know the festival.
    """
    for day, label in sorted(holidays.country_holidays(country, years=year, language="en_US").items()):
        if re.search(FESTIVALS[name], label, re.IGNORECASE) and "observed" not in label:
            ordinal = next((days for word, days in _ORDINALS.items() if f"{word} day" in label.lower()), 0)
            return day - dt.timedelta(days=ordinal + _DAYS_BEHIND[name])
    raise WrongCall(f"{name} is no public holiday of {country} in {year}; anchor the season to a day such as 09-15")


def anchor_day(anchor: str, year: int, country: str) -> dt.date:
    """Give the day in a year to which a season or promotion is anchored: a festival, or a day ``MM-DD``."""
    if anchor in FESTIVALS:
        return festival_day(anchor, year, country)
    try:
        return dt.date.fromisoformat(f"{year}-{anchor}")
    except ValueError:
        raise WrongCall(f"anchor {anchor!r}: expected {', '.join(FESTIVALS)} or a day such as 11-11") from None


@dataclass(frozen=True)
class Span:
    """The days of a simulation, counted from the first day of the run-in.

    Attributes
    ----------
    first_day : date
        Day 0.
    start, end, horizon, planned : int
        First day of the data; the days after their last, after the twelve months beyond it,
        and after the last day of the calendar.
    zone : str
        Time zone of the days.
    """

    first_day: dt.date
    start: int
    end: int
    horizon: int
    planned: int
    zone: str

    @classmethod
    def of(cls, scenario: Scenario, months: int) -> Span:
        """Lay out `months` full months up to the scenario's last day, and what is around them."""
        after = pd.Timestamp(scenario.as_of) + pd.Timedelta(days=1)
        start = after - pd.DateOffset(months=months)
        first = start - pd.DateOffset(months=scenario.entry.run_in_months)
        return cls(
            first_day=first.date(),
            start=(start - first).days,
            end=(after - first).days,
            horizon=(after + pd.DateOffset(months=_MONTHS_AHEAD) - first).days,
            planned=(after + pd.DateOffset(months=_MONTHS_PLANNED) - first).days,
            zone=scenario.time_zone,
        )

    @cached_property
    def days(self) -> pd.DatetimeIndex:
        """All days of the calendar."""
        return pd.date_range(self.first_day, periods=self.planned, unit="us")

    @cached_property
    def midnights(self) -> Ints:
        """Seconds since 1970 (UTC) at which each day begins, and the one after the last."""
        days = pd.date_range(self.first_day, periods=self.planned + 1, unit="s")
        local = days.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward")
        midnights: Ints = local.tz_convert("UTC").tz_localize(None).to_numpy().astype(np.int64)
        return midnights

    @property
    def start_time(self) -> int:
        """First second of the data, since 1970 (UTC)."""
        return int(self.midnights[self.start])

    @property
    def end_time(self) -> int:
        """First second after the data, since 1970 (UTC)."""
        return int(self.midnights[self.end])

    def position(self, day: dt.date) -> int:
        """Count days from day 0."""
        return (day - self.first_day).days


def season_of_days(scenario: Scenario, days: pd.DatetimeIndex) -> Ints:
    """Give the position in ``scenario.seasons`` of every day; -1 on ordinary ones; the first that fits counts."""
    season = np.full(len(days), -1)
    first = days[0].date()
    for place, spec in reversed(list(enumerate(scenario.seasons))):
        for year in range(days[0].year - 1, days[-1].year + 2):
            anchor = (anchor_day(spec.anchor, year, scenario.country) - first).days
            season[max(anchor + spec.first_day, 0) : max(anchor + spec.last_day + 1, 0)] = place
    return season


def intensity(scenario: Scenario, days: pd.DatetimeIndex) -> Floats:
    """How many purchases a day sees without promotions, in mean days.

    The mean is 1 over the ten calendar years that end with the scenario's last one, so that a
    rate means the same whatever the months simulated.
    """
    factors = np.array([*(season.intensity for season in scenario.seasons), 1.0])
    last = scenario.as_of.year
    norm = pd.date_range(f"{last - _YEARS_OF_NORM + 1}-01-01", f"{last}-12-31", unit="us")
    intensity: Floats = factors[season_of_days(scenario, days)] / factors[season_of_days(scenario, norm)].mean()
    return intensity


def calendar_table(scenario: Scenario, span: Span) -> pd.DataFrame:
    """Give the ``calendar`` table: every day of the span with its season and whether it is a public holiday."""
    names = [season.name for season in scenario.seasons]
    season = season_of_days(scenario, span.days)
    public = holidays.country_holidays(scenario.country, years=range(span.days[0].year, span.days[-1].year + 1))
    return pd.DataFrame(
        {
            "day": span.days,
            "season": pd.Series([names[place] if place >= 0 else None for place in season], dtype="str"),
            "public_holiday": [day.date() in public for day in span.days],
        }
    )
