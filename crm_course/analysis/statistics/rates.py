"""Rates of rare events: what happened, for so much that it could have happened to."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson
from statsmodels.tools.tools import add_constant

from crm_course.analysis.statistics.intervals import poisson_interval
from crm_course.errors import FitFailed, NothingToAnalyse

PER = 1_000
FEWEST = 5  # events without which a group has no rate of its own
DRAWS = 999
SURELY = 0.05  # a p-value below it is more than chance
NO_SPREAD = 1e4  # a gamma distribution of this shape varies by 1 %


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that were exposed at all.

    Parameters
    ----------
    table : DataFrame
        ``events`` (whole number) and ``exposure`` (units, orders, visits), one row per thing that is compared.

    Raises
    ------
    NothingToAnalyse
        If nothing was exposed.
    ValueError
        If a number is negative or missing, or an event stands beside no exposure.
    """
    events, exposure = table["events"].to_numpy(float), table["exposure"].to_numpy(float)
    if not (events >= 0).all() or not (exposure >= 0).all():  # missing numbers are neither
        raise ValueError("events and exposure: numbers of 0 or more are expected, none missing")
    if ((events > 0) & (exposure == 0)).any():
        raise ValueError("exposure: 0 beside an event; count the events of what was exposed alone")
    exposed = table if (exposure > 0).all() else table[exposure > 0]
    if exposed.empty:
        raise NothingToAnalyse("exposure: all are 0, so there are no rates; choose a later as_of or a shorter window")
    return exposed


def rate_intervals(table: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """Rates per 1,000 with exact Poisson intervals.

    Parameters
    ----------
    table : DataFrame
        ``events`` and ``exposure``; see `checked`.
    level : float
        Coverage of the intervals; of exact ones it is at least this.

    Returns
    -------
    DataFrame
        Index of `table`: ``rate``, ``low``, ``high`` (events per 1,000 exposed).

    References
    ----------
    Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28.

    Examples
    --------
    >>> rate_intervals(pd.DataFrame({"events": [0, 5], "exposure": [100, 1000]}), level=0.95).round(2)
       rate   low   high
    0   0.0  0.00  36.89
    1   5.0  1.62  11.67
    """
    rows = checked(table)
    events, exposure = rows["events"], rows["exposure"]
    low, high = poisson_interval(events.to_numpy(), level)
    return pd.DataFrame({"rate": events, "low": low, "high": high}, index=rows.index).mul(PER / exposure, axis=0)


def group_rates(table: pd.DataFrame) -> pd.Series:
    """Rate of each row's group, all rows of the group together.

    A group with fewer than five events has no rate worth the name: it takes that of the whole table.

    Parameters
    ----------
    table : DataFrame
        ``events``, ``exposure``, ``group``.

    Returns
    -------
    Series
        Index of `table`: events per one exposed.

    Raises
    ------
    NothingToAnalyse
        If nothing happened at all.
    """
    rows = checked(table)
    if not rows["events"].sum():
        raise NothingToAnalyse("events: none, so there is no rate to compare with; take a longer period")
    sums = rows.groupby("group", observed=True)[["events", "exposure"]].sum()
    overall = sums["events"].sum() / sums["exposure"].sum()
    rates = (sums["events"] / sums["exposure"]).where(sums["events"] >= FEWEST, overall)
    return rows["group"].map(rates).astype(float).rename("group_rate")


@dataclass(frozen=True)
class RateRegression:
    """Poisson regression with exposure, a test of its variance, and negative-binomial regression.

    Attributes
    ----------
    poisson, negative_binomial : statsmodels results
        The two fits; the second is None where the counts vary no more than Poisson counts do.
    dispersion : Series
        ``ratio``: the variance of the counts about their means as a multiple of the Poisson one; ``statistic`` of the
        score test (Dean and Lawless) and its one-sided ``p_value``, of counts that vary *more* than chance: the share
        of simulated Poisson counts that vary as much, since counts are too small for a normal distribution.
    bases : dict
        Of each term the word whose rate is the base.
    tests : DataFrame
        By term: ``statistic``, ``df`` and ``p_value`` of the likelihood-ratio test of all its words at once.
    """

    poisson: Any
    negative_binomial: Any
    dispersion: pd.Series
    bases: dict[str, str]
    tests: pd.DataFrame

    @property
    def shape(self) -> float:
        """Shape of the gamma distribution of rates about what the regression expects; infinite without spread."""
        return np.inf if self.negative_binomial is None else 1 / float(self.negative_binomial.params["alpha"])

    def ratios(self, level: float = 0.90) -> pd.DataFrame:
        """Rate ratios (of the first row: the base rate) with the intervals that each model gives.

        Returns
        -------
        DataFrame
            By term: ``ratio``, ``low``, ``high`` (Poisson); ``nb_ratio``, ``nb_low``, ``nb_high``.
        """
        table = _ratios(self.poisson, level)
        if self.negative_binomial is None:
            return table
        return table.join(_ratios(self.negative_binomial, level).add_prefix("nb_"))

    @property
    def advice(self) -> str:
        """Which of the two intervals to believe, in a sentence."""
        if self.negative_binomial is None:
            return "There are no blue intervals: the counts show no spread beyond chance."
        if self.dispersion["p_value"] < SURELY:
            return "Like products differ by more than chance. Believe the blue intervals."
        return "Chance alone may give so much. The blue intervals are the careful choice."


def _ratios(fit: Any, level: float) -> pd.DataFrame:
    bounds = fit.conf_int(1 - level)
    parts = {"ratio": fit.params, "low": bounds[0], "high": bounds[1]}
    return np.exp(pd.DataFrame(parts)).drop(index="alpha", errors="ignore")


def rate_regression(table: pd.DataFrame, terms: list[str]) -> RateRegression:
    """Regress events on properties, with exposure.

    Rows with the same properties need not have the same rate: what varies more than Poisson counts do is
    over-dispersed. It is tested, and a negative-binomial model gives it a parameter of its own.

    Parameters
    ----------
    table : DataFrame
        ``events``, ``exposure`` and one column of words for each term.
    terms : list of str
        Columns; the most exposed word of each is the base. Words with fewer than five events become
        "other"; a term with one word left is dropped.

    Raises
    ------
    FitFailed
        If there are too few rows or events for so many terms, or a fit does not converge.

    References
    ----------
    Dean and Lawless (1989), Tests for detecting overdispersion in Poisson regression models, JASA 84.
    Cameron and Trivedi (2013), Regression Analysis of Count Data, ch. 3.
    """
    rows = checked(table)
    parts = {term: _dummies(rows, term) for term in terms}
    design = add_constant(pd.concat([part for _, part in parts.values()], axis=1), has_constant="add")
    if rows["events"].sum() < 2 * FEWEST or len(rows) < 2 * design.shape[1]:
        raise FitFailed(
            f"Poisson: {rows['events'].sum():,.0f} events in {len(rows)} rows are too few for "
            f"{design.shape[1]} parameters; take a longer period or fewer terms"
        )
    poisson, negative_binomial = _fits(rows, design)
    best, tests = _likelihood(poisson, negative_binomial), {}
    for term, (_, part) in parts.items():
        if len(part.columns):
            gain = max(2 * (best - _likelihood(*_fits(rows, design.drop(columns=part.columns)))), 0.0)
            tests[term] = {"statistic": gain, "df": len(part.columns), "p_value": stats.chi2.sf(gain, part.shape[1])}
    bases = {term: base for term, (base, _) in parts.items()}
    found = pd.DataFrame.from_dict(tests, orient="index", columns=["statistic", "df", "p_value"])
    return RateRegression(poisson, negative_binomial, _dispersion(rows, design, poisson), bases, found)


def _fits(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[Any, Any]:
    """Fit both models."""
    poisson = fit_poisson(rows, design)
    return poisson, _negative_binomial(rows, design, poisson)


def fit_poisson(rows: pd.DataFrame, design: pd.DataFrame) -> Any:
    """Fit a Poisson regression of events with exposure.

    Parameters
    ----------
    rows : DataFrame
        ``events``, ``exposure``.
    design : DataFrame
        A column for each parameter.

    Raises
    ------
    FitFailed
        If it does not converge.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fit = Poisson(rows["events"].astype(float), design, exposure=rows["exposure"]).fit(disp=0, maxiter=200)
    if not fit.mle_retvals["converged"]:
        raise FitFailed("Poisson: the fit did not converge; take fewer terms or a longer period")
    return fit


def _dispersion(rows: pd.DataFrame, design: pd.DataFrame, poisson: Any, seed: int = 7) -> pd.Series:
    """Test whether counts vary more than by chance, given that the means were fitted to them."""
    mean, terms = np.asarray(poisson.predict()), design.to_numpy()
    squares = float(((rows["events"] - mean) ** 2).sum())
    drawn = np.random.default_rng(seed).poisson(mean, (DRAWS, len(mean))) - mean
    weighted = terms * mean[:, None]
    drawn = drawn - drawn @ terms @ np.linalg.pinv(terms.T @ weighted) @ weighted.T  # what a fit would take out
    as_much = int(((drawn**2).sum(axis=1) >= squares).sum())
    ratio = squares / mean.sum() * len(rows) / poisson.df_resid
    score = (squares - mean.sum()) / (2 * (mean**2).sum()) ** 0.5
    return pd.Series({"ratio": ratio, "statistic": score, "p_value": (1 + as_much) / (1 + DRAWS)})


def _likelihood(poisson: Any, negative_binomial: Any) -> float:
    return float(poisson.llf if negative_binomial is None else negative_binomial.llf)


def _dummies(rows: pd.DataFrame, term: str) -> tuple[str, pd.DataFrame]:
    """Give the base word, and a column for each of the others."""
    words = rows[term].astype(object).fillna("not known")
    rare = rows["events"].groupby(words).transform("sum") < FEWEST
    words = words.mask(rare, "other")
    by_exposure = rows["exposure"].groupby(words).sum().sort_values(ascending=False).index
    columns = {f"{term}: {word}": (words == word).astype(float) for word in by_exposure[1:]}
    return str(by_exposure[0]), pd.DataFrame(columns, rows.index)


def _negative_binomial(rows: pd.DataFrame, design: pd.DataFrame, poisson: Any) -> Any:
    """Fit the negative-binomial model (NB2); None where its spread runs to 0."""
    expected = np.asarray(poisson.predict())
    excess = ((rows["events"] - expected) ** 2 - rows["events"]).sum() / (expected**2).sum()
    model = NegativeBinomial(rows["events"].astype(float), design, exposure=rows["exposure"])
    start = np.append(poisson.params, max(excess, 0.05))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        fit = model.fit(start_params=start, method="bfgs", disp=0, maxiter=500)
    alpha = float(fit.params["alpha"])
    if not np.isfinite(alpha) or alpha < 1 / NO_SPREAD or fit.llf < poisson.llf:
        return None
    if not fit.mle_retvals["converged"] and np.abs(fit.mle_retvals["gopt"]).max() > 1e-2:
        raise FitFailed("negative binomial: the fit did not converge; take fewer terms or a longer period")
    return fit
