"""Next category: who is likely to begin with a category that she has not bought lately."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.analysis.statistics.ridge import logistic, standardised
from crm_course.analysis.wallet.wallet_survey import spend
from crm_course.errors import FitFailed, NothingToAnalyse
from crm_course.tables.small_groups import groups_of_people

PERSON = ["log_orders", "log_silence", "log_total", "breadth"]
BOUGHT = "bought "
PENALTY = 4.0
FEWEST_BEGUN = 30


def open_categories(sold: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Give every category that a customer of the last 365 days did not buy in them, with what is known of her.

    Parameters
    ----------
    sold : DataFrame
        As `Store.lines` gives it.
    until : Timestamp
        The last local day that counts; nothing later is used.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id`` and ``category`` (not bought): `PERSON` (logarithms of orders, of 1 + days since the
        last, of 1 + spend, all in the 365 days; number of categories bought) and one column ``bought <category>``
        (0 or 1) for each category.

    Raises
    ------
    NothingToAnalyse
        If nothing was sold in that time, or nobody left a category open.
    """
    here = spend(sold, until)
    bought = (here > 0).astype(float)
    year = sold[(sold["day"] <= until) & (sold["day"] > until - pd.Timedelta(days=365))]
    visits = year.groupby("customer_id").agg(orders=("order_id", "nunique"), last=("day", "max"))
    person = pd.DataFrame(
        {
            "log_orders": np.log(visits["orders"]),
            "log_silence": np.log1p((until - visits["last"]).dt.days),
            "log_total": np.log1p(here.sum(axis=1).clip(lower=0)),
            "breadth": bought.sum(axis=1),
        }
    )
    is_open = bought.stack().rename("open")
    is_open = is_open[is_open == 0]
    if is_open.empty:
        raise NothingToAnalyse("order_lines: everybody bought every category; there is no next one")
    return is_open.to_frame()[[]].join(person.join(bought.add_prefix(BOUGHT)), on="customer_id")


def begun(sold: pd.DataFrame, frame: pd.DataFrame, after: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Say which open categories were bought after one day and up to another.

    Returns
    -------
    Series of bool
        Along the rows of `frame`, which `open_categories` returns.
    """
    later = sold[(sold["day"] > after) & (sold["day"] <= until)]
    pairs = pd.MultiIndex.from_frame(later[["customer_id", "category"]]).unique()
    return pd.Series(frame.index.isin(pairs), frame.index, name="begun")


@dataclass(frozen=True)
class NextCategory:
    """A fitted model of who begins with which category.

    Attributes
    ----------
    coefficients : array
        Of the columns that `_design` lays out.
    categories, others : list of str
        In order: the categories that were open, and the columns that say what else was bought.
    mean, spread : array
        Of the columns of `PERSON` in the fit.
    popularity : Series
        Share that began with each category in the fit: the simplest forecast.
    """

    coefficients: np.ndarray
    categories: list[str]
    others: list[str]
    mean: np.ndarray
    spread: np.ndarray
    popularity: pd.Series

    def chance(self, frame: pd.DataFrame) -> pd.Series:
        """Give the chance that each open category is bought within the time that the model was fitted to.

        Raises
        ------
        FitFailed
            If the frame holds a category that the fit did not.
        """
        unknown = set(frame.index.get_level_values("category")) - set(self.categories)
        if unknown:
            raise FitFailed(
                f"next category: {', '.join(sorted(unknown))} was not on sale when the model learnt; leave it out"
            )
        score = _design(frame, self.categories, self.others, self.mean, self.spread) @ self.coefficients
        return pd.Series(1 / (1 + np.exp(-score)), frame.index, name="chance")

    def popular(self, frame: pd.DataFrame) -> pd.Series:
        """Give the share that began with the category in the fit, the same for every customer."""
        shares = self.popularity.reindex(frame.index.get_level_values("category"))
        return pd.Series(shares.to_numpy(), frame.index, name="popularity")


def _design(
    frame: pd.DataFrame, categories: list[str], others: list[str], mean: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Lay out category, person, and which other category she bought, for each category anew."""
    place = pd.Index(categories).get_indexer(frame.index.get_level_values("category"))
    level = np.eye(len(categories))[place]
    person = (frame[PERSON].to_numpy(float) - mean) / spread
    bought = frame.reindex(columns=others, fill_value=0.0).to_numpy(float)
    affinity = (level[:, :, None] * bought[:, None, :]).reshape(len(frame), -1)
    return np.column_stack([level, person, affinity])


def fit_next_category(frame: pd.DataFrame, began: pd.Series) -> NextCategory:
    """Fit who began with a category, from what was known before.

    Logistic regression: how popular the category is, how busy the customer is, and which other categories she
    bought; all but the first are shrunk.

    Parameters
    ----------
    frame : DataFrame
        As `open_categories` returns it.
    began : Series of bool
        As `begun` returns it, for a time *after* the frame's day.

    Raises
    ------
    FitFailed
        If fewer than `FEWEST_BEGUN` began, or one category was begun by nobody or everybody.

    References
    ----------
    Knott, Hayes and Neslin (2002), Next-product-to-buy models for cross-selling applications, Journal of
    Interactive Marketing 16(3).
    """
    shares = began.groupby(frame.index.get_level_values("category")).mean()
    if began.sum() < FEWEST_BEGUN:
        raise FitFailed(
            f"next category: {began.sum()} customers began with one, a fit needs {FEWEST_BEGUN}; take longer"
        )
    if ((shares == 0) | (shares == 1)).any():
        never = ", ".join(shares.index[(shares == 0) | (shares == 1)])
        raise FitFailed(f"next category: of {never}, nobody or everybody began; put it together with another category")
    mean, spread = standardised(frame[PERSON].to_numpy(float))
    categories = list(shares.index)
    others = [name for name in frame if name.startswith(BOUGHT)]
    design = _design(frame, categories, others, mean, spread)
    ridge = np.array([0.0] * len(categories) + [PENALTY] * (design.shape[1] - len(categories)))
    coefficients = logistic(design, began.to_numpy(float), ridge)
    return NextCategory(coefficients, categories, others, mean, spread, shares)


def hits(scores: pd.Series, began: pd.Series, offers: int) -> pd.Series:
    """Say which customers get an offer, and whether they began with it anyway.

    Every customer's best category is her offer; the `offers` customers with the highest scores get one. Equal
    scores stand in an order drawn by lot.

    Parameters
    ----------
    scores : Series
        By ``customer_id`` and ``category``; more is likelier.
    began : Series of bool
        By the same.
    offers : int
        How many customers get one.

    Returns
    -------
    Series
        By ``customer_id`` of all customers in `scores`: 1 where an offer was made and the category was begun, 0 else.
    """
    by_lot = scores.sort_index().sample(frac=1, random_state=7).sort_values(ascending=False, kind="stable")
    best = by_lot[~by_lot.index.get_level_values("customer_id").duplicated()].index[:offers]
    who = scores.index.get_level_values("customer_id").unique().sort_values()
    found = began.loc[best].droplevel("category").astype(int)
    return found.reindex(who, fill_value=0).rename("hit")


def hit_difference(one: pd.Series, other: pd.Series, draws: int, seed: int, level: float = 0.90) -> pd.Series:
    """How many more offers one list got right than another, customers drawn again and again (bootstrap).

    Parameters
    ----------
    one, other : Series
        As `hits` returns them, of the same customers.
    draws : int
        Samples.
    seed : int
        Of the samples.
    level : float
        Coverage of the interval.

    Returns
    -------
    Series
        ``one``, ``other``, ``difference``, ``low``, ``high`` (offers).
    """
    each = (one - other).to_numpy()
    values, counts = np.unique(each, return_counts=True)
    samples = np.random.default_rng(seed).multinomial(len(each), counts / len(each), size=draws) @ values
    low, high = np.quantile(samples, [(1 - level) / 2, (1 + level) / 2])
    return pd.Series({"one": one.sum(), "other": other.sum(), "difference": each.sum(), "low": low, "high": high})


def calibration(chance: pd.Series, began: pd.Series, groups: int = 8) -> pd.DataFrame:
    """Compare chances with what came, in groups of about the same size.

    Returns
    -------
    DataFrame
        By group: ``people``, ``rows``, ``expected``, ``came`` (shares), ``low``, ``high`` (95 %, Wilson). Its rows are
        marked as groups of people.
    """
    from statsmodels.stats.proportion import proportion_confint

    group = pd.qcut(chance.rank(method="first"), min(groups, len(chance)), labels=False)
    table = pd.DataFrame({"expected": chance, "came": began.astype(float)}).groupby(group)
    who = chance.index.get_level_values("customer_id").to_series(chance.index)
    result = table.mean().assign(rows=table.size(), people=who.groupby(group).nunique())
    low, high = proportion_confint(table["came"].sum(), table.size(), method="wilson")
    return groups_of_people(result.assign(low=low, high=high).rename_axis("group"))
