"""Intervals that several analyses need: of counts, and of rank correlations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.rates import confint_poisson


def poisson_interval(events: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Exact interval of the means of Poisson counts.

    Parameters
    ----------
    events : array
        Counts; where one is missing, so are its ends.
    level : float
        Coverage.

    Returns
    -------
    low, high : array

    References
    ----------
    Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28.

    Examples
    --------
    >>> low, high = poisson_interval(np.array([0, 5]), level=0.95)
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.0, 1.62], [3.69, 11.67])
    """
    events = np.asarray(events, dtype=float)
    low, high = confint_poisson(events, 1, method="exact-c", alpha=1 - level)
    return np.where(np.isnan(events), np.nan, low), high  # it takes a missing count for none


def rank_correlation(one: pd.Series, other: pd.Series, level: float = 0.90) -> pd.Series:
    """Say how far two series are in the same order: 1 in the same, -1 in the contrary one, 0 in none.

    Parameters
    ----------
    one, other : Series
        Rows of one index; where either is missing, the row is left out.
    level : float
        Coverage of the interval.

    Returns
    -------
    Series
        ``correlation`` (Spearman), ``low``, ``high``; missing with fewer than five rows.

    References
    ----------
    Bonett and Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
    Psychometrika 65(1), for the interval.
    """
    both = pd.concat([one, other], axis=1).dropna()
    value = float(stats.spearmanr(both.iloc[:, 0], both.iloc[:, 1]).statistic) if len(both) > 4 else np.nan
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt((1 + value**2 / 2) / max(len(both) - 3, 1))
    low, high = np.tanh(np.arctanh(np.clip(value, -0.999, 0.999)) + np.array([-reach, reach]))
    return pd.Series({"correlation": value, "low": low, "high": high})
