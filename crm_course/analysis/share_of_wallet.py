"""Share of wallet: what customers spend on a category here, and what they spend on it elsewhere."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.analysis.sales import local_day
from crm_course.analysis.shrunken import logistic, poisson, standardised
from crm_course.analysis.sold_lines import EVERYTHING, sold_lines
from crm_course.errors import FitFailed, NothingToAnalyse

__all__ = [
    "EVERYTHING",
    "WalletModel",
    "fit_wallet",
    "imagined_answers",
    "recall_ratio",
    "recalled_total",
    "resampled_fits",
    "response_weights",
    "sold_lines",
    "spend",
    "survey_answers",
    "survey_shares",
    "survey_sizes",
    "wallet_bounds",
    "wallet_frame",
    "wallet_shares",
]

YEAR = pd.Timedelta(days=365)
COVARIATES = ["log_here", "log_total", "log_orders", "log_silence", "log_missed"]
FEWEST_ANSWERS = 30
PENALTY = 4.0  # a coefficient of a covariate, one standard deviation up, is taken to lie within about 1 of zero
LARGEST_WEIGHT = 4.0  # of the mean
LARGEST_LOG = np.log(1e7)  # currency units a year on one category


def spend(sold: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Spend here in the 365 days up to a day.

    Parameters
    ----------
    sold : DataFrame
        As `sold_lines.sold_lines` returns it.
    until : Timestamp
        The last local day that counts.

    Returns
    -------
    DataFrame
        Customers who bought in that time × all categories of `sold` (currency, 0 where she bought none).

    Raises
    ------
    NothingToAnalyse
        If nothing was sold in that time.
    """
    year = sold[(sold["day"] <= until) & (sold["day"] > until - YEAR)]
    if year.empty:
        raise NothingToAnalyse(f"orders: nothing was sold in the 365 days up to {until:%Y-%m-%d}")
    table = year.groupby(["customer_id", "category"])["amount"].sum().unstack(fill_value=0.0)
    return table.reindex(columns=pd.Index(sorted(sold["category"].unique()), name="category"), fill_value=0.0)


def wallet_frame(sold: pd.DataFrame, first_seen: pd.Series, until: pd.Timestamp) -> pd.DataFrame:
    """What own records say of each customer who bought in the last 365 days, category by category.

    Parameters
    ----------
    sold : DataFrame
        As `sold_lines.sold_lines` returns it.
    first_seen : Series
        Local day on which each customer was first seen, by ``customer_id``.
    until : Timestamp
        The last local day that counts; nothing later is used.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id`` and ``category``: ``here`` (currency, in the 365 days) and the covariates
        `COVARIATES`: logarithms of 1 + spend on the category, 1 + spend on all, orders, 1 + days since the last
        one, and 1 + orders that her own rhythm would have brought in those days.
    """
    here = spend(sold, until)
    mine = sold[(sold["day"] <= until) & sold["customer_id"].isin(here.index)]
    year = mine[mine["day"] > until - YEAR]
    orders = year.groupby("customer_id")["order_id"].nunique()
    silence = (until - mine.groupby("customer_id")["day"].max()).dt.days
    known = (until - first_seen.reindex(here.index)).dt.days.clip(30, 365).fillna(365)
    person = pd.DataFrame(
        {
            "log_total": np.log1p(here.sum(axis=1)),
            "log_orders": np.log(orders),
            "log_silence": np.log1p(silence),
            "log_missed": np.log1p(silence * orders / known),
        }
    )
    table = here.stack().rename("here").to_frame()
    return table.assign(log_here=np.log1p(table["here"])).join(person, on="customer_id")


def survey_answers(
    wallet: pd.DataFrame, sold: pd.DataFrame, first_seen: pd.Series, as_of: pd.Timestamp, time_zone: str
) -> pd.DataFrame:
    """Join what customers said of their wallets to what the shop knows of them.

    Own spend is that of the 365 days before the wave's first answer. A wave whose 365 days reach back before the
    first sale on record cannot be held against the records: it is left out. So is who bought nothing in them.

    Parameters
    ----------
    wallet : DataFrame
        ``customer_id``, ``category``, ``spend_here``, ``spend_elsewhere`` (currency, as recalled), ``wave``,
        ``answered_at`` (UTC).
    sold, first_seen
        As for `wallet_frame`.
    as_of : Timestamp
        The last local day that counts; later answers are left out.
    time_zone : str
        The zone that decides what a day is.

    Returns
    -------
    DataFrame
        One row per answer and category: ``customer_id``, ``category``, ``wave``, ``said_here``, ``said_elsewhere``,
        ``weight`` (see `response_weights`; mean 1) and the columns of `wallet_frame`.

    Raises
    ------
    NothingToAnalyse
        If no wave can be held against the records.
    """
    said = wallet.rename(columns={"spend_here": "said_here", "spend_elsewhere": "said_elsewhere"})
    said = said.assign(category=said["category"].astype(str), wave=said["wave"].astype(str))
    day = local_day(said["answered_at"], time_zone)
    said = said[day <= as_of]
    first_day = day[day <= as_of].groupby(said["wave"]).min()
    parts = []
    for wave, opened in first_day.items():
        until = opened - pd.Timedelta(days=1)
        if until - YEAR < sold["day"].min() - pd.Timedelta(days=7):  # a shop may have been shut in the first days
            continue
        frame = wallet_frame(sold, first_seen, until)
        part = said[said["wave"] == wave].merge(frame, on=["customer_id", "category"])
        weight = response_weights(frame, part["customer_id"].unique())
        parts.append(part.assign(weight=part["customer_id"].map(weight)))
    if not parts or not sum(map(len, parts)):
        raise NothingToAnalyse("wallet: no wave asks about a year of which the orders are known; only bounds are left")
    columns = ["customer_id", "category", "wave", "said_here", "said_elsewhere", "weight", "here", *COVARIATES]
    joined = pd.concat(parts, ignore_index=True)[columns]
    return joined.assign(weight=joined["weight"] / joined["weight"].mean())


def response_weights(frame: pd.DataFrame, answered: pd.Index | np.ndarray) -> pd.Series:
    """How many customers each answer stands for, so that those who answered look like all.

    A logistic model gives the chance of an answer from orders, spend, silence and time known; the weight is its
    inverse, at most `LARGEST_WEIGHT` times the mean. It mends only what own records can see: who is content
    answers more often, and no column says who is.

    Parameters
    ----------
    frame : DataFrame
        As `wallet_frame` returns it, of all who could have been asked.
    answered : Index or array
        Those who answered.

    Returns
    -------
    Series
        By ``customer_id`` of `answered`; they sum up to the customers of the frame, but for what is cut off.

    References
    ----------
    Little and Rubin (2019), Statistical analysis with missing data, 3rd edition, chapter 3.
    """
    people = frame.groupby("customer_id")[COVARIATES[1:]].first()
    mean, spread = standardised(people.to_numpy(float))
    design = np.column_stack([np.ones(len(people)), (people.to_numpy(float) - mean) / spread])
    yes = people.index.isin(answered).astype(float)
    if yes.all():
        return pd.Series(1.0, people.index)
    beta = logistic(design, yes, np.array([0.0] + [PENALTY] * people.shape[1]))
    weight = pd.Series(1 + np.exp(-design @ beta), people.index)[yes > 0]
    return weight.clip(upper=LARGEST_WEIGHT * weight.mean())


def recall_ratio(answers: pd.DataFrame) -> float:
    """How much of a dollar spent here customers recall: above 1, they recall too much.

    The sum said over the sum known: a mean of single ratios would hang on who spent next to nothing.

    Parameters
    ----------
    answers : DataFrame
        As `survey_answers` returns them.

    Raises
    ------
    NothingToAnalyse
        If nobody who answered spent anything, or recalls anything.
    """
    said, known = (float(answers["weight"] @ answers[name]) for name in ("said_here", "here"))
    if said <= 0 or known <= 0:
        raise NothingToAnalyse("wallet: spend here is 0, in the answers or in the orders; recall cannot be calibrated")
    return said / known


@dataclass(frozen=True)
class WalletModel:
    """What own records say of spend elsewhere: a log-linear model, learnt from the survey.

    Attributes
    ----------
    coefficients : Series
        By covariate, one standard deviation up, and by category; logarithms.
    mean, spread : array
        Of each covariate among the answers.
    recall : float
        Spend recalled in relation to spend made; what was said was divided by it.
    """

    coefficients: pd.Series
    mean: np.ndarray
    spread: np.ndarray
    recall: float

    def elsewhere(self, frame: pd.DataFrame) -> pd.Series:
        """Give the expected spend elsewhere in 365 days (currency) of each row of a `wallet_frame`.

        Raises
        ------
        FitFailed
            If the frame holds a category that nobody was asked about.
        """
        logs, category = self._parts(frame)
        slopes, level = self.coefficients[COVARIATES].to_numpy(), self.coefficients.to_numpy()[category]
        return pd.Series(_amount(logs @ slopes + level), frame.index, name="elsewhere")

    def elsewhere_draws(self, fits: pd.DataFrame, frame: pd.DataFrame, times: np.ndarray | float = 1.0) -> pd.DataFrame:
        """Give the total elsewhere by category under each resampled fit: draws × categories (currency).

        `times`, a number for each row of the frame, is what its spend is multiplied by.
        """
        logs, category = self._parts(frame)
        totals = []
        for one in fits.to_numpy():
            amount = _amount(logs @ one[: len(COVARIATES)] + one[category]) * times
            totals.append(np.bincount(category, weights=amount, minlength=len(one)))
        return pd.DataFrame(totals, columns=fits.columns)[np.unique(self.coefficients.index[category])]

    def _parts(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Give the standardised covariates of each row, and the place of its category among the coefficients."""
        names = frame.index.get_level_values("category")
        category = self.coefficients.index.get_indexer(names)
        if (category < 0).any():
            unknown = ", ".join(sorted(set(names[category < 0])))
            raise FitFailed(f"wallet: nobody was asked about {unknown}; leave it out of the sales")
        return (frame[COVARIATES].to_numpy(float) - self.mean) / self.spread, category


def _amount(logarithm: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(logarithm, LARGEST_LOG))


def fit_wallet(answers: pd.DataFrame) -> WalletModel:
    """Learn from the survey how spend elsewhere goes with what own records know.

    A log-linear model of the mean, which takes zeros as they come. Each answer counts with its weight; slopes are
    shrunk towards zero as far as the answers are few. By category, what is fitted sums up to what was said, divided
    by the ratio of recall.

    Parameters
    ----------
    answers : DataFrame
        As `survey_answers` returns them.

    Raises
    ------
    FitFailed
        If fewer than `FEWEST_ANSWERS` customers answered, or the fit does not settle.

    References
    ----------
    Glady and Croux (2009), Predicting customer wallet without survey data, Journal of Service Research 11(3), for
    what own data alone can and cannot do; `shrunken.poisson` for the fit.
    """
    people = answers["customer_id"].nunique()
    if people < FEWEST_ANSWERS:
        raise FitFailed(
            f"wallet: {people} customers answered, a fit needs {FEWEST_ANSWERS}; ask more, until then use bounds"
        )
    mean, spread = standardised(answers[COVARIATES].to_numpy(float))
    beta = _coefficients(answers, _design(answers, mean, spread), answers["weight"].to_numpy(float))
    names = [*COVARIATES, *sorted(answers["category"].unique())]
    return WalletModel(pd.Series(beta, names), mean, spread, recall_ratio(answers))


def _design(answers: pd.DataFrame, mean: np.ndarray, spread: np.ndarray) -> np.ndarray:
    dummies = pd.get_dummies(answers["category"], dtype=float)
    dummies = dummies[sorted(dummies)]
    return np.column_stack([(answers[COVARIATES].to_numpy(float) - mean) / spread, dummies])


def _coefficients(
    answers: pd.DataFrame, design: np.ndarray, weight: np.ndarray, start: np.ndarray | None = None
) -> np.ndarray:
    """Fit with given weights; recall is calibrated with the same."""
    recall = recall_ratio(answers.assign(weight=weight))
    ridge = np.array([PENALTY] * len(COVARIATES) + [0.0] * (design.shape[1] - len(COVARIATES)))
    return poisson(design, answers["said_elsewhere"].to_numpy(float) / recall, weight, ridge, start)


def resampled_fits(model: WalletModel, answers: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    """Fit the model to customers drawn again and again, all answers of one together (bootstrap).

    Recall is calibrated anew in each. A draw that cannot be fitted is drawn again.

    Parameters
    ----------
    model : WalletModel
        Fitted to all answers.
    answers : DataFrame
        As `survey_answers` returns them.
    draws : int
        Fits.
    seed : int
        Of the draws.

    Returns
    -------
    DataFrame
        Draws × coefficients.

    Raises
    ------
    FitFailed
        If more draws fail than succeed.
    """
    rng = np.random.default_rng(seed)
    person, people = pd.factorize(answers["customer_id"], sort=True)
    design, weight = _design(answers, model.mean, model.spread), answers["weight"].to_numpy(float)
    fits: list[np.ndarray] = []
    for _ in range(2 * draws):
        times = np.bincount(rng.integers(len(people), size=len(people)), minlength=len(people))
        with contextlib.suppress(FitFailed, NothingToAnalyse):
            fits.append(_coefficients(answers, design, weight * times[person], model.coefficients.to_numpy()))
        if len(fits) == draws:
            return pd.DataFrame(fits, columns=model.coefficients.index)
    raise FitFailed("wallet: most resampled surveys cannot be fitted; ask more customers, until then use bounds")


def wallet_shares(frame: pd.DataFrame, model: WalletModel, fits: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """Share of wallet of all customers of a frame, with intervals.

    Spend here is known to the cent; only spend elsewhere is estimated. The interval holds what the luck of the
    survey's draw could have changed, recall included; that the contented answer more often is not in it. It is
    somewhat too narrow where a few large wallets carry the total: of 90 % intervals about 80 % cover with 140
    answers, and 85 % with 500 (36 simulated beauty stores).

    Parameters
    ----------
    frame : DataFrame
        As `wallet_frame` returns it: the customers that are asked about.
    model : WalletModel
        Fitted to all answers.
    fits : DataFrame
        As `resampled_fits` returns them.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        By category, with a last row ``all``: ``here``, ``elsewhere``, ``elsewhere_low``, ``elsewhere_high``
        (currency), ``share``, ``share_low``, ``share_high``.
    """
    here = frame.groupby("category")["here"].sum()
    elsewhere = model.elsewhere(frame).groupby("category").sum()
    draws = model.elsewhere_draws(fits, frame)
    here["all"], elsewhere["all"], draws["all"] = here.sum(), elsewhere.sum(), draws.sum(axis=1)
    low, high = (draws.quantile(q) for q in ((1 - level) / 2, (1 + level) / 2))
    table = pd.DataFrame({"here": here, "elsewhere": elsewhere, "elsewhere_low": low, "elsewhere_high": high})
    for name, other in (("share", elsewhere), ("share_low", high), ("share_high", low)):
        table[name] = here / (here + other)
    return table.rename_axis("category")


def survey_shares(answers: pd.DataFrame) -> pd.DataFrame:
    """Shares of wallet as the survey alone gives them, by ways that are often met.

    Parameters
    ----------
    answers : DataFrame
        As `survey_answers` returns them.

    Returns
    -------
    DataFrame
        By category, with a last row ``all``: ``as recalled`` (sums of what was said, unweighted), ``till against
        recall`` (known spend here, recalled spend elsewhere), ``mean of persons`` (each customer's own share counts the
        same, whoever spent nothing left out).
    """
    everything = answers.groupby(["customer_id", "wave"])[["said_here", "said_elsewhere", "here"]].sum()
    parts = [*answers.groupby("category"), ("all", everything)]
    rows = {}
    for name, part in parts:
        said = part["said_here"] + part["said_elsewhere"]
        rows[name] = {
            "as recalled": part["said_here"].sum() / said.sum(),
            "till against recall": part["here"].sum() / (part["here"].sum() + part["said_elsewhere"].sum()),
            "mean of persons": (part["said_here"] / said.where(said > 0)).mean(),
        }
    return pd.DataFrame(rows).T.rename_axis("category")


def wallet_bounds(here: pd.DataFrame, most: pd.Series) -> pd.DataFrame:
    """What a share of wallet can be when nobody was asked.

    Spend elsewhere is not below 0; and a customer's whole wallet is taken to be no larger than `most`, or than
    what she spends here. Nothing between the two bounds is likelier than anything else.

    Parameters
    ----------
    here : DataFrame
        As `spend` returns it.
    most : Series
        Largest believable wallet of a customer by category, currency a year: from a household survey, or from the
        shop's own best customers.

    Returns
    -------
    DataFrame
        By category, with a last row ``all``: ``here``, ``elsewhere_low`` (0), ``elsewhere_high`` (currency),
        ``share_low``, ``share_high`` (1).

    References
    ----------
    Manski (2003), Partial identification of probability distributions.
    """
    room = (most.reindex(here.columns) - here).clip(lower=0.0).sum()
    table = pd.DataFrame({"here": here.sum(), "elsewhere_low": 0.0, "elsewhere_high": room})
    table.loc["all"] = table.sum()
    table["share_low"] = table["here"] / (table["here"] + table["elsewhere_high"])
    return table.assign(share_high=1.0).rename_axis("category")


def imagined_answers(frame: pd.DataFrame, elsewhere: pd.Series, recall: float, noise: float, seed: int) -> pd.DataFrame:
    """What everybody would say if asked, where spend elsewhere is known: for trying a survey out.

    Parameters
    ----------
    frame : DataFrame
        As `wallet_frame` returns it.
    elsewhere : Series
        Known spend elsewhere (currency) along its rows.
    recall : float
        Spend recalled in relation to spend made, on average.
    noise : float
        Standard deviation of a recalled amount, log units.
    seed : int
        Of the noise.

    Returns
    -------
    DataFrame
        As `survey_answers` gives it, of all customers.
    """
    error = np.exp(noise * np.random.default_rng(seed).standard_normal((2, len(frame))) - noise**2 / 2)
    said = frame.assign(said_here=recall * frame["here"] * error[0], said_elsewhere=recall * elsewhere * error[1])
    return said.assign(wave="imagined", weight=1.0).reset_index()


def survey_sizes(
    answers: pd.DataFrame, frame: pd.DataFrame, sizes: list[int], repeats: int, seed: int, level: float = 0.90
) -> pd.DataFrame:
    """What smaller surveys would have said of the money spent elsewhere: part of the answers, again and again.

    Parameters
    ----------
    answers, frame
        As for `fit_wallet` and `wallet_shares`.
    sizes : list of int
        Customers who answer.
    repeats : int
        Surveys of each size, drawn without replacement; fits that do not settle are left out.
    seed : int
        Of the draws.
    level : float
        Share of the surveys between ``low`` and ``high``.

    Returns
    -------
    DataFrame
        By ``size``: ``low``, ``mean``, ``high`` of the model's total and of the naive one, ``naive_low``,
        ``naive_mean``, ``naive_high`` (currency): mean recalled spend elsewhere times customers.
    """
    rng = np.random.default_rng(seed)
    people, customers = answers["customer_id"].unique(), frame.index.get_level_values("customer_id").nunique()
    rows = {}
    for size in sizes:
        totals = []
        for _ in range(repeats):
            sample = answers[answers["customer_id"].isin(rng.choice(people, size, replace=False))]
            with contextlib.suppress(FitFailed, NothingToAnalyse):
                totals.append((fit_wallet(sample).elsewhere(frame).sum(), recalled_total(sample, customers)))
        if totals:
            low, high = np.quantile(totals, [(1 - level) / 2, (1 + level) / 2], axis=0)
            rows[size] = [low[0], np.mean(totals, axis=0)[0], high[0], low[1], np.mean(totals, axis=0)[1], high[1]]
    names = ["low", "mean", "high", "naive_low", "naive_mean", "naive_high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("size")


def recalled_total(answers: pd.DataFrame, customers: int) -> float:
    """Spend elsewhere taken at face value (currency): the unweighted mean of what was recalled, times customers."""
    sheets = answers.groupby(["customer_id", "wave"]).ngroups
    return float(answers["said_elsewhere"].sum()) / sheets * customers
