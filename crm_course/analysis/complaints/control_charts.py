"""Control charts of rates: whether a month is unlike the others, or chance makes it so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from crm_course.analysis.complaints.exposures import COUNTED
from crm_course.analysis.statistics.rates import PER, fit_poisson
from crm_course.errors import NothingToAnalyse

FEWEST_PERIODS = 8
MEAN_RANGE = 1.128  # of two draws from a standard normal distribution


def monthly_rates(
    complaints: pd.DataFrame, units: pd.DataFrame, today: pd.Timestamp, window_days: int = 60
) -> pd.DataFrame:
    """Count the complaints about the units of each month.

    A complaint belongs to the month in which its unit was handed over. Months of which some units are too young
    are left out.

    Parameters
    ----------
    complaints : DataFrame
        As `exposures.product_complaints` gives them.
    units : DataFrame
        As `exposures.sold_units` gives them.
    today : Timestamp
        The day up to which units have had time to fail.
    window_days : int
        Days after the delivery.

    Returns
    -------
    DataFrame
        By ``month`` (its first day): ``events``, ``exposure`` (units). The rate is their ratio; `u_chart` gives it.
    """
    mature = today - pd.Timedelta(days=window_days)
    month, last = _month(units["day"]), _month(pd.Series([mature + pd.Timedelta(days=1)])).iloc[0]
    exposure = units["quantity"].groupby(month).sum()
    exposure = exposure[exposure.index < last]
    counted = complaints.loc[complaints["fate"] == COUNTED, "delivered"]
    events = _month(counted).value_counts().reindex(exposure.index, fill_value=0)
    return pd.DataFrame({"events": events, "exposure": exposure}).rename_axis("month")


def _month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M").dt.to_timestamp().astype("datetime64[us]")


def u_chart(table: pd.DataFrame) -> pd.DataFrame:
    """Make Laney's u' chart: limits for varying exposure, as wide as the periods really vary.

    The limits of a plain u chart know Poisson chance alone. Where much is sold they are so narrow that ordinary
    months fall outside. Laney measures how much standardised neighbours differ (``sigma_z``) and widens by that. He
    also lets a ``sigma_z`` below 1 narrow the limits; here it does not: counts of separate troubles do not vary less
    than by chance, so what is measured below 1 is chance itself, and narrow limits would be false alarms.

    Parameters
    ----------
    table : DataFrame
        ``events``, ``exposure``; one row a period, in order.

    Returns
    -------
    DataFrame
        Index of `table`: ``events``, ``exposure``, ``rate``, ``centre``, ``low``, ``high`` (per 1,000; u'),
        ``u_low``, ``u_high`` (plain u), ``z`` (standardised by the plain limits), ``sigma_z`` (as measured,
        the same in all rows), ``out`` (outside u'), ``u_out`` (outside u).

    Raises
    ------
    NothingToAnalyse
        If there are fewer than eight periods with exposure, or no event.

    References
    ----------
    Laney (2002), Improved control charts for attributes, Quality Engineering 14(4).
    """
    rows = table[table["exposure"] > 0]
    if len(rows) < FEWEST_PERIODS or not rows["events"].sum():
        raise NothingToAnalyse(
            f"control chart: {len(rows)} periods with {rows['events'].sum():,.0f} events; "
            f"{FEWEST_PERIODS} periods and an event are the least"
        )
    rate, centre = rows["events"] / rows["exposure"], rows["events"].sum() / rows["exposure"].sum()
    sigma = np.sqrt(centre / rows["exposure"])
    z = (rate - centre) / sigma
    sigma_z = float(z.diff().abs().mean() / MEAN_RANGE)
    wide = max(1.0, sigma_z)
    limits = {
        "low": (centre - 3 * sigma * wide).clip(lower=0),
        "high": centre + 3 * sigma * wide,
        "u_low": (centre - 3 * sigma).clip(lower=0),
        "u_high": centre + 3 * sigma,
    }
    chart = PER * pd.DataFrame({"rate": rate, "centre": centre, **limits})
    chart = rows[["events", "exposure"]].join(chart).assign(z=z, sigma_z=sigma_z)
    return chart.assign(
        out=(chart["rate"] > chart["high"]) | (chart["rate"] < chart["low"]),
        u_out=(chart["rate"] > chart["u_high"]) | (chart["rate"] < chart["u_low"]),
    )


def counts_chart(table: pd.DataFrame) -> pd.DataFrame:
    """Make a chart of counts (c chart), which takes every period for equally exposed: the usual mistake.

    Parameters
    ----------
    table : DataFrame
        As in `u_chart`.

    Returns
    -------
    DataFrame
        Index of `table`: ``events``, ``centre``, ``low``, ``high``, ``out``.
    """
    events, centre = table["events"], table["events"].mean()
    low, high = max(centre - 3 * centre**0.5, 0.0), centre + 3 * centre**0.5
    return pd.DataFrame(
        {"events": events, "centre": centre, "low": low, "high": high, "out": (events > high) | (events < low)}
    )


def detection(chart: pd.DataFrame, factors: tuple[float, ...] = (1.0, 1.5, 2.0, 3.0)) -> pd.DataFrame:
    """Say how soon the chart would show that the rate has changed.

    Where periods differ by more than chance (``sigma_z`` above 1), so do those to come: their counts are
    negative-binomial, with ``sigma_z`` squared times the variance of Poisson counts.

    Parameters
    ----------
    chart : DataFrame
        As `u_chart` gives it; exposure and limits of its last twelve periods stand for those to come.
    factors : tuple of float
        The rate afterwards, as a multiple of the rate so far; 1 is a false alarm.

    Returns
    -------
    DataFrame
        By ``factor``: ``chance`` (that a period lies outside its limits, above or below), ``periods`` (until one
        does, on average).
    """
    last = chart.tail(12)
    most = np.floor(last["high"] * last["exposure"] / PER + 1e-9)
    fewest = np.ceil(last["low"] * last["exposure"] / PER - 1e-9)
    mean, times = last["centre"] * last["exposure"] / PER, max(1.0, last["sigma_z"].iloc[0]) ** 2
    counts = [_counts(factor * mean, times) for factor in factors]
    chance = [float((one.sf(most) + one.cdf(fewest - 1)).mean()) for one in counts]
    table = pd.DataFrame({"chance": chance}, index=pd.Index(factors, name="factor"))
    return table.assign(periods=1 / table["chance"])


def _counts(mean: pd.Series, times: float) -> Any:
    """Give the distribution of counts with so many times the variance of Poisson counts."""
    return stats.poisson(mean) if times < 1 + 1e-6 else stats.nbinom(mean / (times - 1), 1 / times)


def trend(chart: pd.DataFrame, level: float = 0.90) -> pd.Series:
    """Say by how much the rate grows in a year: Poisson regression on time, with exposure.

    Parameters
    ----------
    chart : DataFrame
        As `u_chart` gives it, by month. Where ``sigma_z`` is above 1, the interval is wider by that much.
    level : float
        Coverage of the interval.

    Returns
    -------
    Series
        ``ratio`` (rate as a multiple of that a year earlier), ``low``, ``high``.

    Raises
    ------
    FitFailed
        If the fit does not converge.
    """
    days = (chart.index - chart.index[0]).days.to_numpy()
    years = pd.DataFrame({"const": 1.0, "year": days / 365.25}, chart.index)
    fit = fit_poisson(chart, years)
    reach = stats.norm.ppf((1 + level) / 2) * fit.bse["year"] * max(1.0, chart["sigma_z"].iloc[0])
    slope = fit.params["year"]
    return np.exp(pd.Series({"ratio": slope, "low": slope - reach, "high": slope + reach}))


def direction(growth: pd.Series) -> str:
    """Say in a sentence whether a rate gets better or worse, or that nobody can tell.

    Parameters
    ----------
    growth : Series
        As `trend` gives it.

    Examples
    --------
    >>> direction(pd.Series({"ratio": 1.3, "low": 1.1, "high": 1.5}))
    'It is getting worse.'
    """
    if growth["low"] <= 1 <= growth["high"]:
        return "1 lies inside. Better, worse, as ever: these months cannot tell."
    return f"It is getting {'worse' if growth['low'] > 1 else 'better'}."
