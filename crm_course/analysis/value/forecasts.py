"""What customers may still buy, with all that is uncertain about it, and how forecasts did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from crm_course.analysis.value.customer_value import PurchaseModel, SpendModel
from crm_course.errors import LeftOut, NothingToAnalyse
from crm_course.tables.small_groups import groups_of_people

YEAR = 12  # months that the simulator plays ahead


@dataclass(frozen=True)
class ValueDraws:
    """Possible futures of each customer.

    Attributes
    ----------
    customers : Index
        The customers, one a column of the arrays.
    purchases : ndarray, shape (draws, customers)
        Purchases that come about.
    expected : ndarray, shape (draws, customers)
        What each customer would bring on average, if her habits were known (currency). Its spread is
        what we do not know about her.
    realised : ndarray, shape (draws, customers)
        What she does bring (currency): the chance of a single year added.
    """

    customers: pd.Index
    purchases: np.ndarray
    expected: np.ndarray
    realised: np.ndarray

    def intervals(self, level: float = 0.9) -> pd.DataFrame:
        """Give ``expected_low``, ``expected_high``, ``realised_low``, ``realised_high`` by customer."""
        tails = [(1 - level) / 2, (1 + level) / 2]
        columns = {
            f"{kind}_{end}": np.quantile(getattr(self, kind), tail, axis=0)
            for kind in ("expected", "realised")
            for end, tail in zip(("low", "high"), tails, strict=True)
        }
        return pd.DataFrame(columns, index=self.customers)

    def total(self, kind: str = "realised", who: pd.Index | None = None, level: float = 0.9) -> pd.Series:
        """Give ``mean``, ``low``, ``high`` of the total over some customers; all by default."""
        array = getattr(self, kind)
        chosen = array if who is None else array[:, self.customers.get_indexer(who)]
        totals = chosen.sum(axis=1)
        low, high = np.quantile(totals, [(1 - level) / 2, (1 + level) / 2])
        return pd.Series({"mean": totals.mean(), "low": low, "high": high})


def value_draws(
    purchase_model: PurchaseModel,
    spend_model: SpendModel,
    table: pd.DataFrame,
    horizons: np.ndarray,
    margin_share: float,
    discount_rate: float,
    draws: int = 200,
    seed: int = 7,
) -> ValueDraws:
    """Draw possible futures: parameters, then each customer's habits, then her purchases.

    What comes is discounted as what is expected of the customer: on which day a purchase falls is left out.

    Given her history, a customer who has not left buys at a rate that is Gamma(r + x, alpha + T), leaves after a
    purchase with a probability that is Beta(a, b + x), and spends a mean of p / nu with nu Gamma(q + p x, v + x m).

    Parameters
    ----------
    purchase_model, spend_model
        Fitted models.
    table : DataFrame
        As `rfm.rfm` returns it, in the purchase model's time.
    horizons : ndarray
        Time from now to the end of each period, in the purchase model's time.
    margin_share : float
        Margin as a share of spend.
    discount_rate : float
        Per period.
    draws : int
        Number of futures.
    seed : int
        Seed of the draws.

    References
    ----------
    Fader, Hardie and Lee (2005), Marketing Science 24(2), the posteriors behind equations 8 and 10.
    """
    rng = np.random.default_rng(seed)
    bought = _parameter_draws(purchase_model.params, purchase_model.log_covariance, draws, rng)
    spent = _parameter_draws(spend_model.params, spend_model.log_covariance, draws, rng)
    by_period = np.diff(purchase_model.expected_by(table, horizons).to_numpy(), axis=1, prepend=0.0)
    discount = by_period @ (1 + discount_rate) ** -np.arange(1.0, len(horizons) + 1)
    worth = margin_share * discount / np.maximum(by_period.sum(axis=1), 1e-300)
    spends = table["monetary_value"] > 0
    times = table["frequency"].where(spends, 0).to_numpy(float)
    total = times * table["monetary_value"].where(spends, 0.0).to_numpy(float)
    shape = (draws, len(table))
    result = ValueDraws(
        table.index, np.empty(shape, np.float32), np.empty(shape, np.float32), np.empty(shape, np.float32)
    )
    for row in range(draws):
        model = PurchaseModel(bought.iloc[row], purchase_model.log_covariance, 0.0, 0)
        purchases, expected = _one_future(model, table, float(horizons[-1]), rng)
        p, q, v = spent.iloc[row]
        mean_spend = p * (v + total) / rng.gamma(q + p * times)
        pieces = np.maximum(p * purchases, 1e-9)
        result.purchases[row] = purchases
        result.expected[row] = expected * mean_spend * worth
        result.realised[row] = purchases * mean_spend * worth * rng.gamma(pieces) / pieces
    return result


def total_purchases(
    model: PurchaseModel, table: pd.DataFrame, horizon: float, draws: int = 200, seed: int = 7, level: float = 0.9
) -> pd.Series:
    """Purchases that known customers may make together, with the interval in which they should lie.

    Parameters
    ----------
    model : PurchaseModel
        A fitted model.
    table : DataFrame
        As `rfm.rfm` returns it, in the model's time.
    horizon : float
        How far ahead, in the model's time.
    draws : int
        Possible futures, drawn as in `value_draws`.
    seed : int
        Seed of the draws.
    level : float
        Coverage of the interval.

    Returns
    -------
    Series
        ``mean``, ``low``, ``high`` (purchases).
    """
    rng = np.random.default_rng(seed)
    params = _parameter_draws(model.params, model.log_covariance, draws, rng)
    models = [PurchaseModel(row, model.log_covariance, 0.0, 0) for _, row in params.iterrows()]
    totals = [_one_future(one, table, horizon, rng)[0].sum() for one in models]
    low, high = np.quantile(totals, [(1 - level) / 2, (1 + level) / 2])
    return pd.Series({"mean": np.mean(totals), "low": low, "high": high})


def _parameter_draws(
    params: pd.Series, log_covariance: pd.DataFrame, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    logs = rng.multivariate_normal(np.log(params.to_numpy(float)), log_covariance.to_numpy(), size=draws, method="eigh")
    return pd.DataFrame(np.exp(logs), columns=params.index)


def _one_future(
    model: PurchaseModel, table: pd.DataFrame, horizon: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw habits and purchases: those that come, and those that the habits let expect."""
    seen = table["frequency"].to_numpy(float)
    active = rng.random(len(table)) < model.probability_alive(table).to_numpy()
    rate = rng.gamma(model.params["r"] + seen) / (model.params["alpha"] + table["T"].to_numpy(float))
    leaving = np.clip(rng.beta(model.params["a"], model.params["b"] + seen), 1e-12, 1 - 1e-12)
    purchases = np.minimum(rng.poisson(rate * horizon), rng.geometric(leaving)) * active
    return purchases, -np.expm1(-rate * leaving * horizon) / leaving * active


def played_year(truth: pd.DataFrame, customers: pd.Index, months: int) -> pd.DataFrame:
    """What customers' true habits promised for the next year, and what came, as the simulator played it.

    Parameters
    ----------
    truth : DataFrame
        By customer: ``expected_margin_12m``, ``realised_margin_12m`` (currency).
    customers : Index
        Whose year is wanted.
    months : int
        How far ahead the forecast looks that is to be compared.

    Returns
    -------
    DataFrame
        By customer: ``promised by true habits``, ``came`` (currency, not discounted).

    Raises
    ------
    LeftOut
        If the forecast is not of twelve months.
    """
    if months != YEAR:
        raise LeftOut(f"The simulator played {YEAR} months, not {months}: the comparison with them is left out.")
    columns = {"expected_margin_12m": "promised by true habits", "realised_margin_12m": "came"}
    return truth[list(columns)].rename(columns=columns).reindex(customers)


def holdout(table: pd.DataFrame, purchases: pd.Series, predicted: pd.Series) -> pd.DataFrame:
    """Put each customer's forecast beside what she bought afterwards.

    Parameters
    ----------
    table : DataFrame
        As `rfm.rfm` returned it on the day of the forecast.
    purchases : Series
        Purchase days after that day, by customer; who is not in it bought nothing.
    predicted : Series
        The forecast, by customer.

    Returns
    -------
    DataFrame
        By customer: ``frequency``, ``predicted``, ``actual``.
    """
    actual = purchases.reindex(table.index).fillna(0).astype(int)
    return pd.DataFrame({"frequency": table["frequency"], "predicted": predicted, "actual": actual})


def holdout_measures(check: pd.DataFrame) -> pd.Series:
    """Sum up a hold-out: totals, their error, rank correlation and mean absolute error.

    Parameters
    ----------
    check : DataFrame
        As `holdout` returns it.

    Returns
    -------
    Series
        ``actual``, ``predicted`` (purchases), ``error`` (share of actual), ``rank_correlation``
        (Spearman), ``mean_absolute_error`` (purchases a customer).
    """
    actual, predicted = check["actual"], check["predicted"]
    if actual.sum() == 0:
        raise NothingToAnalyse("hold-out: nobody bought after the day of the forecast; choose an earlier day")
    return pd.Series(
        {
            "actual": float(actual.sum()),
            "predicted": predicted.sum(),
            "error": predicted.sum() / actual.sum() - 1,
            "rank_correlation": stats.spearmanr(actual, predicted).statistic,
            "mean_absolute_error": (actual - predicted).abs().mean(),
        }
    )


def holdout_by_frequency(check: pd.DataFrame, most: int = 7, level: float = 0.95) -> pd.DataFrame:
    """Mean purchases in the hold-out by how often customers had bought before.

    Parameters
    ----------
    check : DataFrame
        As `holdout` returns it.
    most : int
        The last group holds this many repeat purchases and more.
    level : float
        Coverage of the interval of the actual mean.

    Returns
    -------
    DataFrame
        By ``frequency``: ``people``, ``predicted``, ``actual``, ``low``, ``high`` (purchases a customer).
    """
    groups = check.groupby(check["frequency"].clip(upper=most))
    table = groups.agg(
        people=("actual", "size"), predicted=("predicted", "mean"), actual=("actual", "mean"), sd=("actual", "std")
    )
    reach = stats.norm.ppf((1 + level) / 2) * table.pop("sd").fillna(0.0) / np.sqrt(table["people"])
    table = table.assign(low=(table["actual"] - reach).clip(lower=0), high=table["actual"] + reach)
    return groups_of_people(table)


def cumulative(purchases: pd.DataFrame, customers: pd.Index, days: pd.DatetimeIndex) -> pd.Series:
    """Cumulative purchases of some customers by each of several days.

    Parameters
    ----------
    purchases : DataFrame
        Later purchases, as `Store.purchases` gives them.
    customers : Index
        Whose purchases count.
    days : DatetimeIndex
        The days, without gaps.

    Returns
    -------
    Series
        Purchases by the end of each day.
    """
    counted = purchases.loc[purchases["customer_id"].isin(customers), "day"].value_counts()
    return counted.reindex(days, fill_value=0).cumsum().rename("purchases")


def tracking(model: PurchaseModel, table: pd.DataFrame, clock: pd.Series | None, days: pd.DatetimeIndex) -> pd.Series:
    """Cumulative purchases that a model expects of known customers by each of several days.

    Parameters
    ----------
    model : PurchaseModel
        In the clock's time.
    table : DataFrame
        As `rfm.rfm` returned it on the day before the first of `days`, with the same clock.
    clock : Series or None
        Operational days passed by day; None for calendar time.
    days : DatetimeIndex
        Days after the forecast was made; the first one counts from the day before it.

    Returns
    -------
    Series
        Expected purchases by the end of each day.
    """
    start = days[0] - pd.Timedelta(days=1)
    passed = (
        (days - start).days.to_numpy(float) if clock is None else (clock.reindex(days) - clock.loc[start]).to_numpy()
    )
    return pd.Series(model.expected_by(table, passed).sum().to_numpy(), days, name="expected_purchases")
