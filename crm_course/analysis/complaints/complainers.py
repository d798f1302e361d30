"""Who complains more than once: of new troubles, or of the same one again."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from crm_course.errors import LeftOut, NothingToAnalyse
from crm_course.tables.small_groups import groups_of_people

GROUPS = ["0", "1", "2", "3+"]
DRAWS = 200
DAYS_TO_RETURN = pd.Timedelta(days=30)


def complainers(complaints: pd.DataFrame, orders: pd.DataFrame, seed: int = 7) -> pd.DataFrame:
    """Count customers by their complaints, what these add up to, and how many chance would give of both.

    If complaints fell on orders by chance, a customer with so many orders would have a Poisson number of them.

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them; those made again of the same trouble count once.
    orders : DataFrame
        ``customer_id``, a row an order.
    seed : int
        Of the draws behind ``low`` and ``high``.

    Returns
    -------
    DataFrame
        By ``complaints`` ("0", "1", "2", "3+"): ``people`` (customers who bought), ``by_chance``, ``orders_each``;
        ``troubles`` (complaints of the group, all together), ``troubles_by_chance`` with ``low`` and ``high``: between
        them lie 90 % of draws by chance. The last group is open: a few customers with very many stand out in its
        troubles only. Small groups are hidden where it is shown.

    Raises
    ------
    LeftOut
        If no complaint names a customer.
    """
    if complaints["customer_id"].isna().all():
        raise LeftOut("The complaints name no customer: who complains of another trouble is left out.")
    bought = orders["customer_id"].value_counts()
    first = complaints[complaints["repeat_of"].isna() & complaints["customer_id"].isin(bought.index)]
    made = first["customer_id"].value_counts().reindex(bought.index, fill_value=0)
    expected = bought.to_numpy() * len(first) / bought.sum()
    group = made.clip(upper=3).map(dict(enumerate(GROUPS)))
    chance = [stats.poisson.pmf(number, expected).sum() for number in range(3)]
    troubles_by_chance = [0.0, chance[1], 2 * chance[2], expected.sum() - chance[1] - 2 * chance[2]]
    dice = np.random.default_rng(seed)
    drawn = [_troubles(dice.poisson(expected)) for _ in range(DRAWS)]
    table = pd.DataFrame(
        {
            "people": group.value_counts().reindex(GROUPS, fill_value=0),
            "by_chance": [*chance, len(bought) - sum(chance)],
            "orders_each": bought.groupby(group).mean().reindex(GROUPS),
            "troubles": _troubles(made.to_numpy()).astype(int),
            "troubles_by_chance": troubles_by_chance,
            "low": np.quantile(drawn, 0.05, axis=0),
            "high": np.quantile(drawn, 0.95, axis=0),
        }
    )
    return groups_of_people(table.rename_axis("complaints"))


def _troubles(made: np.ndarray) -> np.ndarray:
    """Add up the complaints of those with none, one, two, three or more."""
    return np.bincount(made.clip(max=3), weights=made, minlength=4)


def made_again(
    complaints: pd.DataFrame, within_hours: float = 24.0, today: pd.Timestamp | None = None, level: float = 0.90
) -> pd.DataFrame:
    """Give the share of answered complaints that were made again, by how they had been settled.

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them. Only those with a reply count: nobody asks again before an answer.
    within_hours : float
        Hours from assignment to solution that still count as quick.
    today : Timestamp, optional
        Complaints answered in the thirty days before it are left out: they had hardly the time to come back. Without
        it none is.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        By ``settled`` ("mended quickly", "mended slowly", "turned down"), marked as groups of people: ``people`` (who
        complained; without a name each complaint is somebody's), ``complaints``, ``again``, ``share``, ``low``,
        ``high`` (exact interval of Clopper and Pearson, 1934).

    Raises
    ------
    NothingToAnalyse
        If none was answered.
    """
    answered = complaints[complaints["replied_at"].notna() & complaints["solved_at"].notna()]
    if today is not None:
        answered = answered[answered["replied_day"] < today - DAYS_TO_RETURN]
    if answered.empty:
        raise NothingToAnalyse("complaints: none has been answered in time, so none can have been made again")
    since = answered["assigned_at"].fillna(answered["accepted_at"])
    quick = (answered["solved_at"] - since).dt.total_seconds() <= 3600 * within_hours
    settled = pd.Series(np.where(quick, "mended quickly", "mended slowly"), answered.index)
    settled = settled.mask((answered["outcome"] == "rejected").to_numpy(), "turned down")
    again = answered["complaint_id"].isin(complaints["repeat_of"].dropna())
    table = again.groupby(settled).agg(complaints="size", again="sum").rename_axis("settled")
    table.insert(0, "people", answered["customer_id"].fillna(answered["complaint_id"]).groupby(settled).nunique())
    table = table.reindex(["mended quickly", "mended slowly", "turned down"], fill_value=0)
    tail, size, hits = (1 - level) / 2, table["complaints"], table["again"]
    low = pd.Series(stats.beta.ppf(tail, hits, size - hits + 1), table.index).fillna(0.0)
    high = pd.Series(stats.beta.ppf(1 - tail, hits + 1, size - hits), table.index).fillna(1.0)
    return groups_of_people(table.assign(share=hits / size.where(size > 0), low=low, high=high))


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
