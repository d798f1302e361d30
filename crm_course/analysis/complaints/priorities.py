"""What to look at first: rankings, how far each can be trusted, and the list that a buyer acts on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.analysis.complaints.exposures import COUNTED, PRODUCT_CATEGORIES
from crm_course.analysis.statistics.rates import PER, group_rates
from crm_course.analysis.statistics.shrinkage import Shrinkage, fit_shrinkage
from crm_course.errors import FitFailed, NothingToAnalyse
from crm_course.tables.small_groups import enough

SEVERITIES = ("low", "medium", "high")


def severity_weighted(complaints: pd.DataFrame, table: pd.DataFrame, weights: tuple[float, float, float]) -> pd.Series:
    """Weigh complaints by how bad they are.

    Parameters
    ----------
    complaints : DataFrame
        As `product_complaints` gives them.
    table : DataFrame
        As `product_rates` gives it.
    weights : tuple of float
        Of low, medium and high; a complaint without a severity counts as medium.

    Returns
    -------
    Series
        By product: sum of weights per 1,000 mature units, in medium complaints (weight of medium = 1).
    """
    counted = complaints[complaints["fate"] == COUNTED]
    weight = counted["severity"].astype(object).map(dict(zip(SEVERITIES, weights, strict=True))).fillna(weights[1])
    sums = (weight / weights[1]).groupby(counted["product_id"]).sum().reindex(table.index, fill_value=0.0)
    return PER * (sums / table["exposure"].where(table["exposure"] > 0)).rename("weighted")


def rankings(table: pd.DataFrame, shrunken: pd.DataFrame) -> pd.DataFrame:
    """Give what each way of ranking products goes by, largest first.

    Parameters
    ----------
    table : DataFrame
        As `product_rates` gives it.
    shrunken : DataFrame
        As `analysis.shrinkage.Shrinkage.rates` gives it.

    Returns
    -------
    DataFrame
        By product: ``count``, ``rate``, ``shrunken rate`` (as a multiple of the category's), ``probability``.
    """
    columns = {"count": table["events"], "rate": shrunken["rate"], "shrunken rate": shrunken["times"]}
    return pd.DataFrame({**columns, "probability": shrunken["p_above"]}).reindex(shrunken.index)


def truly_bad(table: pd.DataFrame, truth: pd.DataFrame | None, limit: float = 1.5) -> pd.Series | None:
    """Say which products are bad in truth: above so many times the rate that their category has in truth.

    Parameters
    ----------
    table : DataFrame
        As `product_rates` gives it.
    truth : DataFrame or None
        ``product_id``, ``complaints_60d``: true rate of each product, in complaints per unit. None: nobody knows.
    limit : float
        Times the category's rate.

    Returns
    -------
    Series of bool or None
        By product; None where nobody knows.
    """
    if truth is None:
        return None
    true = truth.set_index("product_id")["complaints_60d"].reindex(table.index)
    return true > limit * group_rates(table.assign(events=true * table["exposure"]))


def found_in_first(scores: pd.DataFrame, bad: pd.Series, first: int = 10) -> pd.Series:
    """Count how many of the truly bad stand among the first of each ranking.

    Parameters
    ----------
    scores : DataFrame
        One column a ranking, largest first; ties by the order of rows.
    bad : Series of bool
        Which are truly bad, as a simulator knows.
    first : int
        Length of the list.

    Returns
    -------
    Series
        By ranking.
    """
    order = scores.rank(ascending=False, method="first")
    return (order <= first).mul(bad.reindex(scores.index).astype(bool), axis=0).sum().rename("found")


def larger_shops(
    table: pd.DataFrame,
    model: Shrinkage,
    times: tuple[float, ...] = (0.5, 1.0, 4.0, 16.0),
    draws: int = 15,
    seed: int = 7,
    limit: float = 1.5,
) -> pd.DataFrame:
    """Play shops of other sizes, whose products differ as the model says, and see who finds the bad ones.

    Parameters
    ----------
    table : DataFrame
        ``events``, ``exposure``, ``group``; see `analysis.rates.checked`.
    model : Shrinkage
        How true rates differ.
    times : tuple of float
        Sizes, as multiples of what was sold here.
    draws : int
        Shops of each size.
    seed : int
        Of the draws.
    limit : float
        A product is bad when its true rate is above so many times its group's.

    Returns
    -------
    DataFrame
        One row per ``times``: by ranking the mean share of the bad products, at most ten, among as many first
        places; ``error of the rate``, of the ``category's rate`` and ``of the shrunken rate`` (mean, per 1,000);
        ``coverage`` of the 90 % intervals, and ``coverage_error``: how far its mean may be off by the draws alone
        (standard error). The same true rates are sold in all sizes, so that sizes differ by size alone.
    """
    rows = table.loc[table["exposure"] > 0, ["events", "exposure", "group"]].reset_index(drop=True)
    rows["group"] = pd.factorize(rows["group"])[0]
    mean, dice = group_rates(rows).to_numpy(), np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        spread = float(dice.choice(model.spread, p=model.weight))
        true = mean * dice.gamma(spread**-2, spread**2, len(rows))
        for size in times:
            exposure = (rows["exposure"] * size).round().clip(lower=1)
            shop = rows.assign(exposure=exposure, events=dice.poisson(true * exposure))
            try:
                found.append({"times": size, **_found(shop, true, limit)})
            except (FitFailed, NothingToAnalyse):  # too small to learn from
                continue
    if not found:
        raise FitFailed("larger shops: even the largest had too few complaints; take larger ones")
    played = pd.DataFrame(found).groupby("times")
    return played.mean().assign(coverage_error=played["coverage"].sem())


def _found(shop: pd.DataFrame, true: np.ndarray, limit: float) -> dict[str, float]:
    group = group_rates(shop).to_numpy()
    posterior, rate = fit_shrinkage(shop).posterior(shop), (shop["events"] / shop["exposure"]).to_numpy()
    scores = {
        "count": shop["events"],
        "rate": rate,
        "shrunken rate": posterior.mean() / group,
        "probability": -posterior.below(limit * group),
    }
    bad = pd.Series(true > limit * group_rates(shop.assign(events=true * shop["exposure"])))
    first = int(min(bad.sum(), 10))
    shares = found_in_first(pd.DataFrame(scores), bad, first) / (first or np.nan)
    below = posterior.below(true)
    return {
        **shares,
        "error of the rate": PER * float(np.abs(rate - true).mean()),
        "error of the category's rate": PER * float(np.abs(group - true).mean()),
        "error of the shrunken rate": PER * float(np.abs(posterior.mean() - true).mean()),
        "coverage": float(((below >= 0.05) & (below <= 0.95)).mean()),
    }


def surest_shop(shops: pd.DataFrame, limit: float = 1.5) -> str:
    """Say in a sentence how sure one can be that the worst shop is too bad.

    Parameters
    ----------
    shops : DataFrame
        ``events``, ``exposure``, ``group``, a row a shop.
    limit : float
        A rate above so many times the group's is too high.
    """
    try:
        sure = fit_shrinkage(shops).rates(shops, limit)["p_above"].max()
    except (FitFailed, NothingToAnalyse) as problem:
        return f"Too few to judge any shop. {problem}"
    return f"The surest is above {limit:g} times the mean with probability {sure:.2f}."


def buyers_list(
    table: pd.DataFrame,
    shrunken: pd.DataFrame,
    cost: float,
    days: int,
    sure: float = 0.90,
) -> pd.DataFrame:
    """List the products to act on, with what their extra complaints cost in a year.

    Parameters
    ----------
    table, shrunken : DataFrame
        As in `rankings`.
    cost : float
        Of one complaint to the shop, currency.
    days : int
        Length of the time in which the mature units were sold.
    sure : float
        Smallest probability that the rate exceeds the limit.

    Returns
    -------
    DataFrame
        By product, the surest first: ``name``, ``group``, ``events``, ``exposure``, ``rate``, ``shrunken``, ``low``,
        ``high``, ``group_rate`` (per 1,000), ``p_above``, ``extra_a_year`` (complaints above those of the category's
        rate), ``cost_a_year`` (currency) with ``cost_low`` and ``cost_high`` (90 %; below 0: fewer than the
        category's).
    """
    chosen = shrunken[shrunken["p_above"] >= sure].sort_values("p_above", ascending=False)
    listed = table.loc[chosen.index, ["name", "group", "events", "exposure"]].join(
        chosen[["rate", "shrunken", "low", "high", "group_rate", "p_above"]]
    )
    a_year = listed["exposure"] * 365.25 / max(days, 1)
    extra = {name: (listed[name] - listed["group_rate"]) / PER * a_year for name in ("shrunken", "low", "high")}
    money = {"cost_a_year": "shrunken", "cost_low": "low", "cost_high": "high"}
    listed = listed.assign(extra_a_year=extra["shrunken"])
    return listed.assign(**{column: cost * extra[name] for column, name in money.items()})


def cost_of_complaint(complaints: pd.DataFrame, contacts: pd.DataFrame) -> float:
    """Give the mean cost of a product's first complaint: what was given, and all contacts it took (currency).

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them.
    contacts : DataFrame
        ``contact_id``, ``cost`` (currency); may be empty.

    Raises
    ------
    LeftOut
        If too few customers complained for what they were given to be shown.
    """
    about = complaints[complaints["category"].isin(PRODUCT_CATEGORIES)]
    enough(about["customer_id"].fillna(about["complaint_id"]).unique(), "customers with a complaint about a product")
    given = float(about["compensation"].sum())
    taken = float(contacts.loc[contacts["contact_id"].isin(about["contact_id"].dropna()), "cost"].sum())
    return (given + taken) / max(int(about["repeat_of"].isna().sum()), 1)
