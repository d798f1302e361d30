"""Figures of small groups, left out of what others may read."""

from __future__ import annotations

import pandas as pd

K = 5


def without_small_groups(table: pd.DataFrame, people: str, k: int = K) -> pd.DataFrame:
    """Leave out the figures of groups of fewer than `k` people.

    Where one group alone is left out, its figures could be had from the total: the next smallest is left
    out with it (complementary suppression).

    Parameters
    ----------
    table : DataFrame
        One row per group.
    people : str
        Column with the number of people in each.
    k : int
        Fewest people whose figures are shown.

    Returns
    -------
    DataFrame
        The same rows; of groups left out every number is missing, that of people too.

    Examples
    --------
    >>> groups = pd.DataFrame({"district": ["Sai Kung", "Sha Tin", "Tai Po"], "people": [2, 40, 9]})
    >>> groups["spent"] = [9.0, 8.0, 7.0]
    >>> without_small_groups(groups, "people")["spent"].tolist()
    [nan, 8.0, nan]
    """
    small = (table[people] > 0) & (table[people] < k)
    others = table[people].where((table[people] > 0) & ~small)
    if small.sum() == 1 and others.notna().any():
        small |= table.index == others.idxmin()
    shown = table.copy()
    for column in table.select_dtypes("number"):
        shown[column] = table[column].astype("float64").mask(small)
    return shown
