"""What customers say of their wallets, joined to what the shop's own records know of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.analysis.statistics.ridge import logistic, standardised
from crm_course.errors import NothingToAnalyse
from crm_course.tables.small_groups import PEOPLE, groups_of_people

YEAR = pd.Timedelta(days=365)
COVARIATES = ["log_here", "log_total", "log_orders", "log_silence", "log_missed"]
PENALTY = 4.0  # a coefficient of a covariate, one standard deviation up, is taken to lie within about 1 of zero
LARGEST_WEIGHT = 4.0  # of the mean


def spend(sold: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Spend here in the 365 days up to a day.

    Parameters
    ----------
    sold : DataFrame
        As `Store.lines` gives it.
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
        As `Store.lines` gives it.
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


def survey_answers(wallet: pd.DataFrame, sold: pd.DataFrame, first_seen: pd.Series) -> pd.DataFrame:
    """Join what customers said of their wallets to what the shop knows of them.

    Own spend is that of the 365 days before the wave's first answer. A wave whose 365 days reach back before the
    first sale on record cannot be held against the records: it is left out. So is who bought nothing in them.

    Parameters
    ----------
    wallet : DataFrame
        ``customer_id``, ``category``, ``spend_here``, ``spend_elsewhere`` (currency, as recalled), ``wave``,
        ``day`` (on which she answered).
    sold, first_seen
        As for `wallet_frame`.

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
    first_day = said.groupby("wave")["day"].min()
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

    The weighted sum said over the weighted sum known: a mean of single ratios would hang on who spent next to nothing.

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


def recall_interval(answers: pd.DataFrame, draws: int, seed: int, level: float = 0.90) -> tuple[float, float]:
    """Interval of `recall_ratio`: customers drawn again and again, all answers of one together (bootstrap).

    Somewhat too narrow with few answers: of 90 % intervals about 85 % cover with 100 (200 made-up surveys).
    """
    parts = answers[["said_here", "here"]].mul(answers["weight"], axis=0).groupby(answers["customer_id"]).sum()
    picks = np.random.default_rng(seed).integers(len(parts), size=(draws, len(parts)))
    said, known = (parts[name].to_numpy()[picks].sum(axis=1) for name in parts)
    low, high = np.quantile(said / np.maximum(known, 1e-9), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def recalled_total(answers: pd.DataFrame, customers: int) -> float:
    """Spend elsewhere taken at face value (currency): the unweighted mean of what was recalled, times customers."""
    sheets = answers.groupby(["customer_id", "wave"]).ngroups
    total: float = float(answers["said_elsewhere"].sum()) / sheets * customers
    return total


def survey_shares(answers: pd.DataFrame) -> pd.DataFrame:
    """Shares of wallet as the survey alone gives them, by ways that are often met.

    Parameters
    ----------
    answers : DataFrame
        As `survey_answers` returns them.

    Returns
    -------
    DataFrame
        By category, with a last row ``all``: ``people`` (who say that they spent anything), ``as recalled`` (sums of
        what was said, unweighted), ``till against recall`` (known spend here, recalled spend elsewhere), ``mean of
        persons`` (each customer's own share counts the same, whoever spent nothing left out). Its rows are marked as
        groups of people.
    """
    everything = answers.groupby(["customer_id", "wave"])[["said_here", "said_elsewhere", "here"]].sum().reset_index()
    parts = [*answers.groupby("category"), ("all", everything)]
    rows = {}
    for name, part in parts:
        said = part["said_here"] + part["said_elsewhere"]
        rows[name] = {
            PEOPLE: part.loc[said > 0, "customer_id"].nunique(),
            "as recalled": part["said_here"].sum() / said.sum(),
            "till against recall": part["here"].sum() / (part["here"].sum() + part["said_elsewhere"].sum()),
            "mean of persons": (part["said_here"] / said.where(said > 0)).mean(),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("category")
    return groups_of_people(table)


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
