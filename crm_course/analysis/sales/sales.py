"""What was sold, after returns: the ground that every chapter stands on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.errors import NothingToAnalyse
from crm_course.tables.small_groups import fewest, groups_of_people, shown


def margin_share(values: pd.DataFrame) -> float:
    """Margin as a share of net sales, over all orders together.

    Raises
    ------
    NothingToAnalyse
        If net sales are not above zero.
    """
    net = float(values["net_amount"].sum())
    if net <= 0:
        raise NothingToAnalyse("order_lines: net sales are not above zero; check amounts and returns")
    return float(values["net_margin"].sum()) / net


def contactable(consents: pd.DataFrame, purpose: str, channel: str | None = None) -> pd.Index:
    """Customers whose latest explicit choice for a purpose is yes.

    Parameters
    ----------
    consents : DataFrame
        ``customer_id``, ``purpose``, ``channel``, ``granted``, ``recorded_at`` (UTC).
    purpose : str
        For example ``"marketing"``.
    channel : str, optional
        For example ``"sms"``; by default the latest choice counts on whatever channel, as for ``"profiling"``, which
        sends nothing.

    Returns
    -------
    Index of customer_id
        Who never chose is not among them.
    """
    asked = consents[consents["purpose"] == purpose]
    asked = asked if channel is None else asked[asked["channel"] == channel]
    latest = asked.sort_values("recorded_at").groupby("customer_id")["granted"].last()
    return latest.index[latest.to_numpy(bool)]


def concentration(amounts: pd.Series, draws: int = 500, seed: int = 7, level: float = 0.95) -> pd.DataFrame:
    """How unequally an amount is spread over customers, with bootstrap intervals.

    The intervals are too narrow where a few customers carry most of the total: of 95 % intervals of the
    Gini coefficient of 300 log-normal amounts (sigma 2) about 65 % cover.

    Parameters
    ----------
    amounts : Series
        One amount per customer (currency). Negative ones count as zero.
    draws : int
        Bootstrap samples of customers.
    seed : int
        Seed of the resampling.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Rows ``gini``, ``top_10_share``, ``top_20_share``; columns ``estimate``, ``low``, ``high``.

    References
    ----------
    Efron (1979), Bootstrap methods: another look at the jackknife, Annals of Statistics 7(1).
    """
    values = np.sort(amounts.clip(lower=0).to_numpy(float))
    if values.sum() <= 0:
        raise NothingToAnalyse("amounts: nothing was sold, so there is nothing to spread; check as_of")
    rng = np.random.default_rng(seed)
    evenly = np.full(len(values), 1 / len(values))
    samples = np.array([_shares(values, rng.multinomial(len(values), evenly)) for _ in range(draws)])
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.nanquantile(samples, tails, axis=0)
    names = ["gini", "top_10_share", "top_20_share"]
    estimate = _shares(values, np.ones(len(values), int))
    return pd.DataFrame({"estimate": estimate, "low": low, "high": high}, index=pd.Index(names, name="measure"))


def _shares(values: np.ndarray, counts: np.ndarray) -> list[float]:
    """Give Gini and top shares of sorted values, each counted so many times."""
    customers = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    money = np.concatenate([[0.0], np.cumsum(values * counts)])
    if money[-1] == 0:
        return [np.nan] * 3
    money = money / money[-1]
    gini = 1 - np.trapezoid(money, customers) * 2
    return [gini, *(1 - np.interp([0.9, 0.8], customers, money))]


def top_shares_shown(concentration: pd.DataFrame, customers: int) -> pd.DataFrame:
    """Leave out shares of so few customers that, less the largest `k`, they would tell of fewer than `k`.

    Parameters
    ----------
    concentration : DataFrame
        As `concentration` returns it.
    customers : int
        How many there are.
    """
    people = customers * pd.Series({"gini": 1.0, "top_10_share": 0.1, "top_20_share": 0.2})
    least = 2 * fewest() * (people < customers)
    return concentration.where(people >= least, axis=0)


def middle_and_largest(figures: pd.DataFrame) -> pd.DataFrame:
    """Mean, median and mean of the `k` largest of some figures of customers, `k` the fewest people that are shown.

    Parameters
    ----------
    figures : DataFrame
        By customer; what is missing does not count.

    Returns
    -------
    DataFrame
        Rows ``mean``, ``median``, ``mean of the … largest``. Missing where fewer than `k` customers have the figure,
        and the last row where fewer than `k` would be left beside the largest.

    Examples
    --------
    >>> middle_and_largest(pd.DataFrame({"spent": [1.0, 1, 1, 1, 6, 6, 6, 6, 6]}))["spent"].tolist()
    [3.7777777777777777, 6.0, nan]
    """
    least, known = fewest(), figures.count()
    table = figures.agg(["mean", "median"]).T.where(known >= least, axis=0)
    largest = figures.apply(lambda one: one.nlargest(least).mean())
    table[f"mean of the {least} largest"] = largest.where(known >= 2 * least)
    return table.T


def lorenz(amounts: pd.Series) -> pd.DataFrame:
    """Lorenz curve, richest first: which share of the money the top share of customers brings.

    Parameters
    ----------
    amounts : Series
        One amount per customer (currency). Negative ones count as zero.

    Returns
    -------
    DataFrame
        ``share_of_customers``, ``share_of_amount``, both rising from 0 to 1.
    """
    values = np.sort(amounts.clip(lower=0).to_numpy(float))[::-1]
    money = np.concatenate([[0.0], np.cumsum(values)])
    return pd.DataFrame(
        {"share_of_customers": np.linspace(0, 1, len(money)), "share_of_amount": money / max(money[-1], 1e-12)}
    )


def abc_classes(amounts: pd.Series, cuts: tuple[float, float] = (0.8, 0.95)) -> pd.Series:
    """Sort customers into A, B, C by the cumulative share of the amount they bring.

    Parameters
    ----------
    amounts : Series
        One amount per customer (currency).
    cuts : tuple of float
        A ends where the first share of the total is reached, B where the second is.
        Customers with the same amount are in the same class.

    Returns
    -------
    Series of category
        ``A``, ``B`` or ``C``; who brought nothing is C.
    """
    by_amount = amounts.clip(lower=0).groupby(amounts.clip(lower=0)).sum().sort_index(ascending=False)
    reached_before = (by_amount.cumsum() - by_amount) / max(by_amount.sum(), 1e-12)
    share = amounts.clip(lower=0).map(reached_before)
    label = np.select([share < cuts[0], share < cuts[1]], ["A", "B"], "C")
    label = np.where(amounts > 0, label, "C")
    return pd.Series(pd.Categorical(label, ["A", "B", "C"], ordered=True), amounts.index, name="abc")


def by_group(figures: pd.DataFrame, group: pd.Series, how: str = "mean") -> pd.DataFrame:
    """Sum up figures of customers, group by group.

    Parameters
    ----------
    figures : DataFrame
        By customer, numbers or truth values; what is missing is left out.
    group : Series
        The group of each customer.
    how : str
        ``"mean"`` or ``"sum"``.

    Returns
    -------
    DataFrame
        By group: ``people``, and the columns of `figures`.

    Examples
    --------
    >>> spent = pd.DataFrame({"spent": [10.0, 30.0, 50.0]})
    >>> by_group(spent, pd.Series(["new", "new", "mature"]))["spent"].to_dict()
    {'mature': 50.0, 'new': 20.0}
    """
    groups = figures.groupby(group, observed=False)
    table = groups.agg(how)
    table.insert(0, "people", groups.size())
    return groups_of_people(table)


def class_a(classes: pd.DataFrame) -> str:
    """Say which share of the customers is in class A.

    Parameters
    ----------
    classes : DataFrame
        By class, ``people``, as `by_group` gives it of `abc_classes`.
    """
    share = shown(classes).loc["A", "people"] / classes["people"].sum()
    told = f"{share:.0%} of the customers bring 80 % of net sales."
    return told if share > 0 else "How many customers bring 80 % of net sales is not shown: they are too few."
