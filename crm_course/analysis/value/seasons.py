"""Season: how much faster or slower purchases come, net of how many customers there are.

Operational time counts a busy day as more than one day and a quiet day as less, so that a model
of steady buying can be fitted to customers who buy with the festivals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from crm_course.analysis.sales.rfm import purchase_days, rfm
from crm_course.analysis.value.customer_value import PurchaseModel, fit_purchases

ORDINARY = "ordinary days"
FEWEST_EXPECTED = 20.0
TWO_YEARS = 2 * 365 - 1


def season_of_days(calendar: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    """Name the season of every day.

    Parameters
    ----------
    calendar : DataFrame
        ``day`` and ``season`` (missing on ordinary days). On days that it does not have, which of an empty one are
        all, the month is the season.
    first, last : Timestamp
        The days to name.

    Returns
    -------
    Series of str
        Season by day.
    """
    days = pd.date_range(first, last, unit="us", name="day")
    months = pd.Series(days.month_name(), days).str[:3]
    named = calendar.set_index("day")["season"].astype(object).fillna(ORDINARY)
    return named.reindex(days).fillna(months).rename("season")


def seasonal_index(purchases: pd.Series, expected: pd.Series, seasons: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Actual purchases against those that the number of customers alone would bring, by season.

    Parameters
    ----------
    purchases : Series
        Repeat purchases of each day.
    expected : Series
        Repeat purchases of each day that a model without season expects of the customers there were.
    seasons : Series
        Season of each day; it may reach beyond the days that were seen.
    level : float
        Coverage of the interval, which takes purchases as Poisson.

    Returns
    -------
    DataFrame
        By season: ``days``, ``actual``, ``expected``, ``index`` (1: as on the average day),
        ``low``, ``high``. A season with fewer than 20 expected purchases keeps the index 1.
    """
    seen = seasons.reindex(purchases.index)
    table = pd.DataFrame({"actual": purchases, "expected": expected, "days": 1}).groupby(seen).sum()
    enough = table["expected"] >= FEWEST_EXPECTED
    tail = (1 - level) / 2
    table["index"] = (table["actual"] / table["expected"]).where(enough, 1.0)
    table["low"] = (stats.gamma.ppf(tail, table["actual"].clip(lower=0.5)) / table["expected"]).where(enough)
    table["high"] = (stats.gamma.ppf(1 - tail, table["actual"] + 1) / table["expected"]).where(enough)
    mean = seasons.map(table["index"]).fillna(1.0).mean()
    table[["index", "low", "high"]] /= mean
    return table[["days", "actual", "expected", "index", "low", "high"]]


def operational_clock(index: pd.DataFrame, seasons: pd.Series) -> pd.Series:
    """Operational days that have passed at the end of each day.

    Parameters
    ----------
    index : DataFrame
        As `seasonal_index` returns it.
    seasons : Series
        Season of each day, from the first day of the data to the end of the forecast.

    Returns
    -------
    Series
        By day; a year has about 365 operational days.
    """
    return seasons.map(index["index"]).fillna(1.0).astype(float).cumsum().rename("operational_days")


def newcomers(table: pd.DataFrame, first_seen: pd.Series, data_start: pd.Timestamp) -> pd.Series:
    """Tell who was seen from her first purchase on.

    Who already bought before the data start is a survivor of unknown age: a model that takes her
    first purchase in the file for her first ever believes that customers stay longer than they do.

    Parameters
    ----------
    table : DataFrame
        As `rfm.rfm` returns it.
    first_seen : Series of day
        First local day that the shop knows of, by customer.
    data_start : Timestamp
        First local day of the data.

    Returns
    -------
    Series of bool
        By customer of `table`.
    """
    return (first_seen.reindex(table.index) >= data_start).rename("newcomer")


@dataclass(frozen=True)
class SeasonalFit:
    """A BG/NBD model in operational time.

    Attributes
    ----------
    model : PurchaseModel
        In operational days.
    index : DataFrame
        As `seasonal_index` returns it; empty when the data are too short to see a season.
    clock : Series
        As `operational_clock` returns it.
    note : str
        What a reader should know of the fit; may be empty.
    """

    model: PurchaseModel
    index: pd.DataFrame
    clock: pd.Series
    note: str

    @property
    def time(self) -> str:
        """In which time the model runs."""
        return "calendar time" if self.note else "operational time"

    def horizons(self, today: pd.Timestamp, months: int) -> np.ndarray:
        """Give the operational days from a day to the end of each of the following months."""
        ends = pd.DatetimeIndex([today + pd.DateOffset(months=month) for month in range(1, months + 1)])
        days: np.ndarray = (self.clock.reindex(ends) - self.clock.loc[today]).to_numpy()
        return days

    def tested_by(self, earlier: SeasonalFit) -> str:
        """Say whether the hold-out that judged an earlier fit judged this kind of model."""
        if earlier.time == self.time:
            return f"The hold-out tested a model of this kind, in {self.time}."
        return (
            "This model has a season, and the one in the hold-out had none:\n"
            "the model used from here on was not tested."
        )


def fit_with_season(purchases: pd.DataFrame, today: pd.Timestamp, seasons: pd.Series, rounds: int = 2) -> SeasonalFit:
    """Fit BG/NBD in operational time, with the seasonal index found by turns.

    Fit; compare each season's repeat purchases with what the fit expects of the customers there
    were; stretch time by the ratio; fit again. With less than two years of data season and trend
    cannot be told apart: then calendar time is used, and the note says so.

    Parameters
    ----------
    purchases : DataFrame
        Of newcomers, as for `rfm.rfm`.
    today : Timestamp
        The last day that counts.
    seasons : Series
        Season of each day, from the first day of the data to the end of the forecast.
    rounds : int
        How many times the index is estimated.

    Raises
    ------
    NothingToAnalyse, FitFailed
        As `customer_value.fit_purchases`.

    References
    ----------
    Operational time: Lundberg (1903), Approximerad framställning av sannolikhetsfunktionen. The steady buying that
    the model takes for granted: Ehrenberg (1988), Repeat-Buying.
    """
    days = purchase_days(purchases, today)
    first = days["day"].min()
    clock = pd.Series(np.arange(1.0, len(seasons) + 1), seasons.index, name="operational_days")
    index = pd.DataFrame(columns=["days", "actual", "expected", "index", "low", "high"])
    if (today - first).days < TWO_YEARS:
        note = (
            f"Data from {first:%Y-%m-%d} to {today:%Y-%m-%d}: less than two years, no season can be seen. "
            "Calendar time is used."
        )
        return SeasonalFit(fit_purchases(rfm(purchases, today, clock)), index, clock, note)
    is_first = days["customer"].diff().fillna(1) > 0
    seen = pd.date_range(first, today, unit="us")
    started, came_back = (
        days.loc[rows, "day"].value_counts().reindex(seen, fill_value=0) for rows in (is_first, ~is_first)
    )
    for _ in range(rounds):
        model = fit_purchases(rfm(purchases, today, clock))
        speed = clock.diff().fillna(1.0).reindex(seen)
        index = seasonal_index(came_back, expected_by_day(model, started, clock) / speed, seasons)
        clock = operational_clock(index, seasons)
    return SeasonalFit(fit_purchases(rfm(purchases, today, clock)), index, clock, "")


def expected_by_day(model: PurchaseModel, started: pd.Series, clock: pd.Series) -> pd.Series:
    """Repeat purchases that a model expects on each day of the customers who had started by then.

    Parameters
    ----------
    model : PurchaseModel
        In the clock's time.
    started : Series
        New customers of each day.
    clock : Series
        Time that has passed at the end of each day.

    Returns
    -------
    Series
        By day of `started`.
    """
    passed = clock.reindex(started.index).to_numpy()
    grid = np.linspace(0, passed[-1] - passed[0] + 1, 2_000)
    curve = model.expected_new(grid)
    total = np.zeros(len(passed))
    for position in np.flatnonzero(started.to_numpy()):
        total[position:] += started.iloc[position] * np.interp(passed[position:] - passed[position], grid, curve)
    return pd.Series(np.diff(total, prepend=0.0), started.index, name="expected")
