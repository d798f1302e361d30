"""Shrunken rates: a rare product's rate is believed as far as its units carry it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

from crm_course.analysis.statistics.rates import FEWEST, PER, checked, group_rates
from crm_course.errors import FitFailed

SPREADS = np.arange(0.04, 2.0, 0.04)
UNLIKELY = 1e-3  # parts of a mixture that change no figure shown
STEPS = {-(3**0.5): 1 / 6, 0.0: 2 / 3, 3**0.5: 1 / 6}  # three points stand for a normal distribution


@dataclass(frozen=True)
class Shrinkage:
    """Gamma-Poisson model: true rates differ within a group, by a gamma distribution about the group's own rate.

    Attributes
    ----------
    spread : array
        Possible spreads of true rates: standard deviation over mean within a group (CV).
    weight : array
        How well each agrees with the data; they add up to 1. One best spread alone would claim too much: few
        events hardly tell a spread of 0 from one of 1/2.
    """

    spread: np.ndarray
    weight: np.ndarray

    @property
    def mean_spread(self) -> float:
        """Mean of the possible spreads."""
        return float(self.spread @ self.weight)

    def spread_interval(self, level: float = 0.90) -> tuple[float, float]:
        """Give the interval of the spread."""
        reached = np.cumsum(self.weight)
        low, high = (float(self.spread[np.searchsorted(reached, one)]) for one in ((1 - level) / 2, (1 + level) / 2))
        return low, high

    def rates(self, table: pd.DataFrame, limit: float = 1.5, level: float = 0.90) -> pd.DataFrame:
        """Shrink the rate of each row towards that of its group.

        The more was exposed, the more a row's own rate counts against the group's.

        Parameters
        ----------
        table : DataFrame
            ``events``, ``exposure``, ``group``.
        limit : float
            A rate above so many times the group's is called too high.
        level : float
            Probability that an interval holds.

        Returns
        -------
        DataFrame
            Index of `table`, rows that were exposed: ``rate``, ``group_rate``, ``shrunken`` (per 1,000), ``times``
            (shrunken rate as a multiple of the group's), ``low``, ``high`` (per 1,000), ``p_above`` (probability that
            the true rate exceeds `limit` times the group's).
        """
        rows = checked(table)
        tail = (1 - level) / 2
        posterior, group = self.posterior(rows), group_rates(rows).to_numpy()
        columns = {
            "rate": PER * rows["events"] / rows["exposure"],
            "group_rate": PER * group,
            "shrunken": PER * posterior.mean(),
            "times": posterior.mean() / group,
            "low": PER * posterior.quantile(tail),
            "high": PER * posterior.quantile(1 - tail),
            "p_above": 1 - posterior.below(limit * group),
        }
        return pd.DataFrame(columns, index=rows.index)

    def posterior(self, rows: pd.DataFrame) -> Mixture:
        """Give what is known of the true rate of each row, in events per one exposed.

        The group's rate is not sure either: it may lie higher or lower by its own standard error.
        """
        likely = self.weight > UNLIKELY
        spread, weight = self.spread[likely], self.weight[likely] / self.weight[likely].sum()
        events, exposure = (rows[name].to_numpy(float)[:, None] for name in ("events", "exposure"))
        error = _errors_of_groups(rows)[0][:, None] + np.outer(_errors_of_groups(rows)[1], spread**2)
        shape = np.tile(spread**-2, len(STEPS))
        factor = np.hstack([np.exp(step * np.sqrt(error) - error / 2) for step in STEPS])
        prior = shape / (group_rates(rows).to_numpy()[:, None] * factor)
        return Mixture(shape + events, prior + exposure, np.concatenate([part * weight for part in STEPS.values()]))


def _errors_of_groups(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Relative variance of each row's group rate: by chance, and for each unit of squared spread."""
    sums = (
        rows.assign(squares=rows["exposure"] ** 2).groupby("group")[["events", "exposure", "squares"]].transform("sum")
    )
    return (
        1 / sums["events"].clip(lower=FEWEST).to_numpy(float),
        (sums["squares"] / sums["exposure"] ** 2).to_numpy(float),
    )


@dataclass(frozen=True)
class Mixture:
    """Mixtures of gamma distributions, one a row: shapes and rates (rows by parts), weights of the parts."""

    shape: np.ndarray
    rate: np.ndarray
    weight: np.ndarray

    def mean(self) -> np.ndarray:
        """Give the mean of each row."""
        return np.asarray(self.shape / self.rate @ self.weight)

    def below(self, value: np.ndarray) -> np.ndarray:
        """Give the probability that each row's rate lies below its value."""
        return np.asarray(special.gammainc(self.shape, self.rate * value[:, None]) @ self.weight)

    def quantile(self, tail: float) -> np.ndarray:
        """Give a quantile of each row: halve the range that holds it, again and again."""
        low = np.zeros(len(self.shape))
        high: np.ndarray = ((self.shape + 10 * np.sqrt(self.shape) + 20) / self.rate).max(axis=1)
        for _ in range(24):
            middle = (low + high) / 2
            short = self.below(middle) < tail
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return high


def fit_shrinkage(table: pd.DataFrame) -> Shrinkage:
    """Learn from all rows how much their true rates differ, beyond chance.

    Each possible spread, from .04 to 2, all held equally likely before, is weighted by its likelihood: the counts
    are negative-binomial about what each row's group leads to expect.

    Parameters
    ----------
    table : DataFrame
        ``events``, ``exposure``, ``group``.

    Raises
    ------
    FitFailed
        If there are fewer than 10 events or 8 rows.

    References
    ----------
    Clayton and Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks, Biometrics 43; for the
    weights Kass and Steffey (1989), JASA 84; for the prior Gelman (2006), Bayesian Analysis 1(3).
    """
    rows = checked(table)
    if rows["events"].sum() < 2 * FEWEST or len(rows) < 8:
        raise FitFailed(
            f"shrinkage: {rows['events'].sum():,.0f} events in {len(rows)} rows do not tell how rates differ; "
            "take a longer period"
        )
    expected = (rows["exposure"] * group_rates(rows)).to_numpy()[:, None]
    shape = SPREADS**-2
    log_likelihood = stats.nbinom.logpmf(rows["events"].to_numpy()[:, None], shape, shape / (shape + expected)).sum(0)
    weight = np.exp(log_likelihood - log_likelihood.max())
    return Shrinkage(SPREADS, weight / weight.sum())


def above_limit(table: pd.DataFrame, limit: float = 1.5) -> pd.DataFrame:
    """Test of each row whether its rate exceeds so many times its group's, with care for many tests at once.

    Parameters
    ----------
    table : DataFrame
        ``events``, ``exposure``, ``group``.
    limit : float
        Times the group's rate.

    Returns
    -------
    DataFrame
        Index of `table`: ``p_value`` (exact, one-sided), ``q_value``: listing all rows with a q-value of at most
        .1 makes false ones, in the long run, at most a tenth of the list; ``by_chance``: the probability of a p-value
        below .05 if the row's true rate is its group's.

    References
    ----------
    Benjamini and Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
    """
    rows = checked(table)
    expected = rows["exposure"] * group_rates(rows)
    p_value = stats.poisson.sf(rows["events"] - 1, limit * expected)
    q_value = multipletests(p_value, method="fdr_bh")[1]
    by_chance = stats.poisson.sf(stats.poisson.isf(0.05, limit * expected), expected)
    return pd.DataFrame({"p_value": p_value, "q_value": q_value, "by_chance": by_chance}, index=rows.index)
