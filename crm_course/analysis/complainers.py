"""Who complains more than once: of new troubles, or of the same one again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from crm_course.analysis.sales import local_day
from crm_course.errors import NothingToAnalyse


def complainers(complaints: pd.DataFrame, orders: pd.DataFrame, as_of: pd.Timestamp, time_zone: str) -> pd.DataFrame:
    """Count customers by their complaints, and how many chance would give.

    If complaints fell on orders by chance, a customer with so many orders would have a Poisson number of them.

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them; those made again of the same trouble count once.
    orders : DataFrame
        ``customer_id``, ``ordered_at``.
    as_of, time_zone
        As in `sold_units`.

    Returns
    -------
    DataFrame
        By ``complaints`` ("0", "1", "2", "3+"): ``customers`` who bought, ``by_chance``, ``orders_each``.
    """
    sold = orders[(local_day(orders["ordered_at"], time_zone) <= as_of) & orders["customer_id"].notna()]
    bought = sold["customer_id"].value_counts()
    first = complaints[complaints["repeat_of"].isna() & complaints["customer_id"].isin(bought.index)]
    made = first["customer_id"].value_counts().reindex(bought.index, fill_value=0)
    expected = bought.to_numpy() * len(first) / bought.sum()
    names = ["0", "1", "2", "3+"]
    group = made.clip(upper=3).map(dict(enumerate(names)))
    chance = [stats.poisson.pmf(number, expected).sum() for number in range(3)]
    return pd.DataFrame(
        {
            "customers": group.value_counts().reindex(names, fill_value=0),
            "by_chance": [*chance, len(bought) - sum(chance)],
            "orders_each": bought.groupby(group).mean().reindex(names),
        }
    ).rename_axis("complaints")


def made_again(complaints: pd.DataFrame, within_hours: float = 24.0, level: float = 0.90) -> pd.DataFrame:
    """Give the share of answered complaints that were made again, by how they had been settled.

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them. Only those with a reply count: nobody asks again before an answer.
    within_hours : float
        Hours from assignment to solution that still count as quick.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        By ``settled`` ("mended quickly", "mended slowly", "turned down"): ``complaints``, ``again``, ``share``,
        ``low``, ``high`` (exact interval of Clopper and Pearson, 1934).

    Raises
    ------
    NothingToAnalyse
        If none was answered.
    """
    answered = complaints[complaints["replied_at"].notna() & complaints["solved_at"].notna()]
    if answered.empty:
        raise NothingToAnalyse("complaints: none has been answered, so none can have been made again")
    since = answered["assigned_at"].fillna(answered["accepted_at"])
    quick = (answered["solved_at"] - since).dt.total_seconds() <= 3600 * within_hours
    settled = pd.Series(np.where(quick, "mended quickly", "mended slowly"), answered.index)
    settled = settled.mask((answered["outcome"] == "rejected").to_numpy(), "turned down")
    again = answered["complaint_id"].isin(complaints["repeat_of"].dropna())
    table = again.groupby(settled).agg(complaints="size", again="sum").rename_axis("settled")
    table = table.reindex(["mended quickly", "mended slowly", "turned down"], fill_value=0)
    tail, size, hits = (1 - level) / 2, table["complaints"], table["again"]
    low = pd.Series(stats.beta.ppf(tail, hits, size - hits + 1), table.index).fillna(0.0)
    high = pd.Series(stats.beta.ppf(1 - tail, hits + 1, size - hits), table.index).fillna(1.0)
    return table.assign(share=hits / size.where(size > 0), low=low, high=high)


def slow_by_month(complaints: pd.DataFrame, within_hours: float = 24.0) -> pd.DataFrame:
    """Give by month the share of solved complaints that took longer than so many hours from assignment.

    Parameters
    ----------
    complaints, within_hours
        As in `made_again`.

    Returns
    -------
    DataFrame
        By ``month`` (its first day) in which the complaint was made: ``complaints`` (solved ones), ``slow`` (share).
    """
    solved = complaints[complaints["solved_at"].notna()]
    since = solved["assigned_at"].fillna(solved["accepted_at"])
    slow = (solved["solved_at"] - since).dt.total_seconds() > 3600 * within_hours
    month = solved["day"].dt.to_period("M").dt.to_timestamp().rename("month")
    return slow.groupby(month).agg(complaints="size", slow="mean")
