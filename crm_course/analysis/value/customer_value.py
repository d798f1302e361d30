"""Customer value: who buys, how often, how recently, for how much, and what is still to come.

The purchase and spend models are those of ``lifetimes``; this is the only module that imports it.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import minimize
from scipy.special import hyp2f1

from crm_course.analysis.statistics.intervals import rank_correlation
from crm_course.analysis.value import likelihoods
from crm_course.errors import FitFailed, NothingToAnalyse

with warnings.catch_warnings():  # its import changes warning filters and a pandas option of the whole process
    warnings.simplefilter("ignore")
    _chained_assignment = pd.options.mode.chained_assignment
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import ConvergenceError

    pd.options.mode.chained_assignment = _chained_assignment

FEWEST_REPEAT_CUSTOMERS = 30
RUN_AWAY = 100.0
NEARLY_FLAT = 1e-5
ROWS_TO_START = 5_000
STEP = 1e-5
WIDEST = 1.0  # standard error of a parameter's logarithm


@dataclass(frozen=True)
class PurchaseModel:
    """A fitted BG/NBD model: how often customers buy, and when they stop.

    Attributes
    ----------
    params : Series
        ``r``, ``alpha`` (time units of the table), ``a``, ``b``.
    log_covariance : DataFrame
        Covariance of the logarithms of the parameters.
    log_likelihood : float
        In the table's time unit.
    customers : int
        Customers fitted.
    """

    params: pd.Series
    log_covariance: pd.DataFrame
    log_likelihood: float
    customers: int

    @property
    def mean_rate(self) -> float:
        """Mean purchases a time unit of those who have not left."""
        return float(self.params["r"] / self.params["alpha"])

    @property
    def share_leaving(self) -> float:
        """Mean probability of leaving after a repeat purchase."""
        return float(self.params["a"] / (self.params["a"] + self.params["b"]))

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Give ``estimate``, ``low``, ``high`` of each parameter (Wald, on the logarithm)."""
        return _log_intervals(self.params, self.log_covariance, level)

    def expected_purchases(self, table: pd.DataFrame, horizon: float) -> pd.Series:
        """Purchases to expect of each customer over the next `horizon` time units."""
        return self.expected_by(table, np.array([horizon])).iloc[:, 0].rename("expected_purchases")

    def expected_by(self, table: pd.DataFrame, horizons: np.ndarray) -> pd.DataFrame:
        """Purchases to expect of each customer by each of several times, one column each."""
        ages, position = _unique(table, ["frequency", "T"])
        if_alive = np.column_stack([_expected_if_alive(self.params, ages, horizon) for horizon in horizons])
        values = if_alive[position] * self.probability_alive(table).to_numpy()[:, None]
        return pd.DataFrame(values, index=table.index, columns=horizons)

    def probability_alive(self, table: pd.DataFrame) -> pd.Series:
        """Probability that each customer has not yet left."""
        columns = (table[name].to_numpy(float) for name in ("frequency", "recency", "T"))
        values = _fitter(self.params).conditional_probability_alive(*columns)
        return pd.Series(values, table.index, name="probability_alive")

    def expected_new(self, times: np.ndarray) -> np.ndarray:
        """Repeat purchases to expect of a new customer within each of several times."""
        times = np.asarray(times, float)
        result = np.zeros_like(times)
        later = times > 0
        result[later] = _fitter(self.params).expected_number_of_purchases_up_to_time(times[later])
        return result


def fit_purchases(table: pd.DataFrame) -> PurchaseModel:
    """Fit BG/NBD to frequency, recency and T by maximum likelihood.

    Customers with the same history are one row with a weight, which changes nothing but the time
    it takes.

    Parameters
    ----------
    table : DataFrame
        ``frequency``, ``recency``, ``T`` as `rfm.rfm` returns them, in one time unit.

    Raises
    ------
    NothingToAnalyse
        If fewer than 30 customers came back: no model can be told from such data.
    FitFailed
        If the fit does not converge, or a parameter runs away so that it says nothing.

    References
    ----------
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way: An alternative to the
    Pareto/NBD model, Marketing Science 24(2).
    """
    repeat = int((table["frequency"] > 0).sum())
    if repeat < FEWEST_REPEAT_CUSTOMERS:
        raise NothingToAnalyse(
            f"BG/NBD: {repeat} of {len(table)} customers came back, a fit needs {FEWEST_REPEAT_CUSTOMERS}; "
            "take a longer period or more customers"
        )
    rows, position = _unique(table, ["frequency", "recency", "T"])
    weights = np.bincount(position, minlength=len(rows))
    fitted = _quietly(
        "BG/NBD",
        _closed_form(BetaGeoFitter, likelihoods.bg_nbd),
        rows["frequency"],
        rows["recency"],
        rows["T"],
        weights=weights,
    )
    log_likelihood = -fitted._negative_log_likelihood_ * len(table) + table["frequency"].sum() * np.log(fitted._scale)
    model = PurchaseModel(fitted.params_, _log_covariance(fitted, len(table)), float(log_likelihood), len(table))
    _refuse_runaway("BG/NBD", model.params.drop("alpha"), model.log_covariance)
    return model


@dataclass(frozen=True)
class SpendModel:
    """A fitted Gamma-Gamma model: how much a purchase is worth.

    Attributes
    ----------
    params : Series
        ``p``, ``q``, ``v`` (currency).
    log_covariance : DataFrame
        Covariance of the logarithms of the parameters.
    log_likelihood : float
        Log-likelihood.
    customers : int
        Customers fitted: those with a repeat purchase above zero.
    """

    params: pd.Series
    log_covariance: pd.DataFrame
    log_likelihood: float
    customers: int

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Give ``estimate``, ``low``, ``high`` of each parameter (Wald, on the logarithm)."""
        return _log_intervals(self.params, self.log_covariance, level)

    @property
    def population_mean(self) -> float:
        """Mean spend of a purchase over all customers (currency)."""
        return float(self.params["v"] * self.params["p"] / (self.params["q"] - 1))

    def expected_spend(self, table: pd.DataFrame) -> pd.Series:
        """Spend to expect of each customer's next purchase (currency).

        The customer's own mean and the population's, weighted by how often she was seen.
        """
        seen = table["frequency"].where(table["monetary_value"] > 0, 0)
        weight = self.params["p"] * seen / (self.params["p"] * seen + self.params["q"] - 1)
        own = table["monetary_value"].fillna(0.0)
        return ((1 - weight) * self.population_mean + weight * own).rename("expected_spend")


def fit_spend(table: pd.DataFrame) -> SpendModel:
    """Fit Gamma-Gamma to the mean spend of customers who came back.

    Parameters
    ----------
    table : DataFrame
        ``frequency`` and ``monetary_value`` (currency) as `rfm.rfm` returns them. Customers without a
        repeat purchase, or whose repeat purchases net to nothing, are left out.

    Raises
    ------
    NothingToAnalyse
        If fewer than 30 customers remain.
    FitFailed
        If the fit does not converge, a parameter runs away, or the mean spend is not finite (q <= 1).

    References
    ----------
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025.
    """
    rows = table.loc[(table["frequency"] > 0) & (table["monetary_value"] > 0), ["frequency", "monetary_value"]]
    if len(rows) < FEWEST_REPEAT_CUSTOMERS:
        raise NothingToAnalyse(
            f"Gamma-Gamma: {len(rows)} customers have a repeat purchase above zero, a fit needs "
            f"{FEWEST_REPEAT_CUSTOMERS}; take a longer period or more customers"
        )
    unit = float(rows["monetary_value"].mean())
    fitter = _closed_form(GammaGammaFitter, likelihoods.gamma_gamma)
    fitted = _quietly("Gamma-Gamma", fitter, rows["frequency"], rows["monetary_value"] / unit)
    params = fitted.params_ * pd.Series({"p": 1.0, "q": 1.0, "v": unit})
    log_likelihood = -fitted._negative_log_likelihood_ * len(rows) - len(rows) * np.log(unit)
    model = SpendModel(params, _log_covariance(fitted, len(rows)), float(log_likelihood), len(rows))
    _refuse_runaway("Gamma-Gamma", params.drop("v"), model.log_covariance)
    if params["q"] <= 1:
        raise FitFailed(
            f"Gamma-Gamma: q is {params['q']:.2f}, so the mean spend is not finite; "
            "look for a few huge orders and set them apart"
        )
    return model


def spend_independence(table: pd.DataFrame, level: float = 0.95) -> pd.Series:
    """Check what Gamma-Gamma takes for granted: that spend does not go with frequency.

    Each customer gives one purchase, her first. The mean of her repeat purchases would not do: the middle
    of a mean of skewed amounts rises with their number, as if those who come often spent more.

    Parameters
    ----------
    table : DataFrame
        As `rfm.rfm` returns it.
    level : float
        Coverage of the interval.

    Returns
    -------
    Series
        ``correlation`` (Spearman, of frequency and the net amount of the first day, where that is above
        zero), ``low``, ``high``.

    Raises
    ------
    NothingToAnalyse
        If fewer than 30 customers came back.
    """
    repeat = int((table["frequency"] > 0).sum())
    if repeat < FEWEST_REPEAT_CUSTOMERS:
        raise NothingToAnalyse(f"spend: {repeat} repeat customers are too few to see a relation; take a longer period")
    first = table["spent"] - table["frequency"] * table["monetary_value"].fillna(0.0)
    rows = first > 0
    return rank_correlation(table.loc[rows, "frequency"], first[rows], level)


def lifetime_value(purchases: pd.DataFrame, spend: pd.Series, margin_share: float, discount_rate: float) -> pd.Series:
    """Discounted margin to expect of each customer, period by period.

    Parameters
    ----------
    purchases : DataFrame
        Expected purchases by the end of each period, one column per period, as
        `PurchaseModel.expected_by` gives them.
    spend : Series
        Expected spend of a purchase (currency).
    margin_share : float
        Margin as a share of spend; applied after the spend model, which needs amounts above zero.
    discount_rate : float
        Per period: a margin at the end of period k counts 1 / (1 + rate) ** k.

    Returns
    -------
    Series
        Currency, by customer.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4).
    """
    each = np.diff(purchases.to_numpy(), axis=1, prepend=0.0)
    discount = (1 + discount_rate) ** -np.arange(1.0, each.shape[1] + 1)
    return pd.Series(each @ discount * spend.to_numpy() * margin_share, purchases.index, name="lifetime_value")


def _fitter(params: pd.Series) -> BetaGeoFitter:
    fitter = BetaGeoFitter()
    fitter.params_ = params
    return fitter


def _expected_if_alive(params: pd.Series, ages: pd.DataFrame, horizon: float) -> np.ndarray:
    """Purchases to expect of customers who have not left: their last purchase then does not matter."""
    if horizon <= 0:
        return np.zeros(len(ages))
    x, age = (ages[name].to_numpy(float) for name in ("frequency", "T"))
    fitter = _fitter(params)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = fitter.conditional_expected_number_of_purchases_up_to_time(horizon, x, age, age)
        values: np.ndarray = expected / fitter.conditional_probability_alive(x, age, age)
    lost = ~np.isfinite(values) & (x == 0)
    values[lost] = _expected_of_newest(params, age[lost], horizon)
    if not np.isfinite(values).all():
        raise FitFailed(f"BG/NBD: the forecast over {horizon:.0f} days is not a number; take a shorter period")
    return values


def _expected_of_newest(params: pd.Series, age: np.ndarray, horizon: float) -> np.ndarray:
    """Equation 10 without logarithms, for customers who bought once.

    lifetimes takes the logarithm of the hypergeometric term, which is negative here when a + b < 1.
    """
    r, alpha, a, b = params[["r", "alpha", "a", "b"]]
    shrink = ((alpha + age) / (alpha + age + horizon)) ** r
    term = shrink * hyp2f1(r, b, a + b - 1, horizon / (alpha + age + horizon))
    expected: np.ndarray = (a + b - 1) / (a - 1) * (1 - term)
    return expected


def _unique(table: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Give the different rows of some columns and, for each customer, the number of hers."""
    groups = table.groupby(columns, sort=False)
    return groups.head(1)[columns].reset_index(drop=True), groups.ngroup().to_numpy()


def _closed_form(fitter_class: Any, likelihood: Callable[..., likelihoods.Likelihood]) -> Any:
    """Give a fitter of lifetimes that climbs with a gradient in closed form instead of its own.

    A large fit begins where a fit to every k-th row ends.
    """

    class Fitter(fitter_class):  # type: ignore[misc] # lifetimes has no types
        def _fit(
            self, rows: Any, _initial_params: Any, params_size: int, _disp: bool, tol: float = 1e-7, **_: Any
        ) -> Any:
            *columns, _penalizer = (np.asarray(column, float) for column in rows)
            start = 0.1 * np.ones(params_size)
            for step in [len(columns[0]) // ROWS_TO_START, 1] if len(columns[0]) > 2 * ROWS_TO_START else [1]:
                function = likelihood(*(column[::step] for column in columns))
                found = minimize(function, start, method="BFGS", jac=True, tol=tol)
                start = found.x
            if not found.success and not np.abs(found.jac).max() <= NEARLY_FLAT:
                raise ConvergenceError(found.message)
            hessian = np.array(
                [(function(found.x + step)[1] - found.jac) / STEP for step in STEP * np.eye(params_size)]
            )
            return found.x, found.fun, (hessian + hessian.T) / 2

    return Fitter()


def _quietly(name: str, fitter: Any, *columns: pd.Series, **options: object) -> Any:
    """Fit, and turn every way of failing into one sentence."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return fitter.fit(*columns, **options)
    except (ConvergenceError, np.linalg.LinAlgError, ValueError) as error:
        raise FitFailed(
            f"{name}: the fit to {len(columns[0])} histories did not converge ({type(error).__name__}); "
            "take a longer period"
        ) from error


def _log_covariance(fitted: Any, customers: int) -> pd.DataFrame:
    names = fitted.params_.index
    return pd.DataFrame(np.linalg.inv(fitted._hessian_) / customers, names, names)


def _refuse_runaway(name: str, params: pd.Series, log_covariance: pd.DataFrame) -> None:
    """Name a parameter that ran away, or that could as well be several times as large or small."""
    for parameter, value in params.items():
        variance = log_covariance.loc[parameter, parameter]
        if value > RUN_AWAY:
            why = f"ran away to {value:,.0f}"
        elif not 0 < variance < WIDEST**2:
            why = f"came out as {value:.2g}, but the data would fit a very different one as well"
        else:
            continue
        raise FitFailed(
            f"{name}: parameter {parameter} {why}: customers do not differ visibly in that respect; "
            "take a longer period or more customers"
        )


def _log_intervals(params: pd.Series, log_covariance: pd.DataFrame, level: float) -> pd.DataFrame:
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt(np.diag(log_covariance))
    return pd.DataFrame({"estimate": params, "low": params * np.exp(-reach), "high": params * np.exp(reach)})
