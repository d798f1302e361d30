"""Recency, frequency, monetary value: what a till knows of each customer on a day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from crm_course.errors import NothingToAnalyse
from crm_course.tables.small_groups import numbers_of_people


def rfm(purchases: pd.DataFrame, today: pd.Timestamp, clock: pd.Series | None = None) -> pd.DataFrame:
    """Recency, frequency and monetary value of every customer on a day.

    Two rows of one day are one purchase: a customer who pays twice at the till has not come back.

    Parameters
    ----------
    purchases : DataFrame
        As `Store.purchases` gives them: ``customer_id``, ``day`` (local), ``net_amount`` (currency, after
        discounts and returns) and, if known, ``net_margin`` (currency).
    today : Timestamp
        The last day that counts; later purchases are left out.
    clock : Series, optional
        Operational time: by local day, the operational days that have passed at its end
        (see `crm_course.analysis.value.seasons.operational_clock`). Calendar days by default.

    Returns
    -------
    DataFrame
        Indexed by ``customer_id``, one row per customer who bought by `today`: ``frequency``
        (purchase days after the first), ``recency`` (days from the first to the last), ``T`` (days
        from the first to `today`), ``monetary_value`` (mean net amount of a repeat day; missing
        without one), ``spent`` and, where known, ``margin`` (totals), ``first_day``, ``last_day``.

    Raises
    ------
    NothingToAnalyse
        If no purchase lies on or before `today`.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV: Using iso-value curves for customer base
    analysis, Journal of Marketing Research 42(4).

    Examples
    --------
    >>> purchases = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bo"],
    ...     "day": pd.to_datetime(["2026-01-01", "2026-01-11", "2026-01-05"]),
    ...     "net_amount": [100.0, 40.0, 70.0],
    ... })
    >>> table = rfm(purchases, pd.Timestamp("2026-01-31"))
    >>> table[["frequency", "recency", "T", "monetary_value"]]  # doctest: +NORMALIZE_WHITESPACE
                 frequency  recency     T  monetary_value
    customer_id
    ann                  1     10.0  30.0            40.0
    bo                   0      0.0  26.0             NaN
    """
    days = purchase_days(purchases, today)
    codes = days["customer"].to_numpy()
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    purchases = np.diff(np.append(starts, len(codes)))
    first, last = days["day"].to_numpy()[starts], days["day"].to_numpy()[starts + purchases - 1]
    passed = _days_passed(clock)
    sums = {
        name: np.add.reduceat(days[name].to_numpy(), starts) for name in ("net_amount", "net_margin") if name in days
    }
    first_amount = days["net_amount"].to_numpy()[starts]
    table = {
        "frequency": purchases - 1,
        "recency": passed(last) - passed(first),
        "T": passed(np.array([today.to_datetime64()], first.dtype)) - passed(first),
        "monetary_value": np.divide(
            sums["net_amount"] - first_amount, purchases - 1, where=purchases > 1, out=np.full(len(starts), np.nan)
        ),
        "spent": sums["net_amount"],
        **({"margin": sums["net_margin"]} if "net_margin" in sums else {}),
        "first_day": first,
        "last_day": last,
    }
    return pd.DataFrame(table, index=pd.Index(days.attrs["customers"], name="customer_id"))


def purchase_days(purchases: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Put what a customer bought on one day together.

    Parameters
    ----------
    purchases, today
        As in `rfm`.

    Returns
    -------
    DataFrame
        One row per customer and day, sorted by both: ``customer`` (number of the customer in
        ``attrs["customers"]``), ``day``, ``net_amount`` and, where known, ``net_margin``.

    Raises
    ------
    NothingToAnalyse
        If no purchase lies on or before `today`.
    """
    day = purchases["day"].to_numpy("datetime64[D]")
    codes, customers = pd.factorize(purchases["customer_id"])
    kept = (day <= np.datetime64(today, "D")) & (codes >= 0)
    if not kept.any():
        raise NothingToAnalyse(f"orders: no order on or before {today:%Y-%m-%d}; choose a later as_of")
    numbers = day[kept].astype(np.int64)
    earliest, span = numbers.min(), int(np.ptp(numbers)) + 1
    key = codes[kept].astype(np.int64) * span + (numbers - earliest)
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    codes_of_rows, days_of_rows = np.divmod(key[order][starts], span)
    seen, numbered = np.unique(codes_of_rows, return_inverse=True)
    table = pd.DataFrame(
        {"customer": numbered, "day": (days_of_rows + earliest).astype("datetime64[D]").astype("datetime64[us]")}
    )
    for name in ("net_amount", "net_margin"):
        if name in purchases:
            table[name] = np.add.reduceat(purchases[name].to_numpy(float)[kept][order], starts)
    table.attrs["customers"] = customers.take(seen)
    return table


def _days_passed(clock: pd.Series | None) -> Callable[[np.ndarray], np.ndarray]:
    if clock is None:
        return lambda days: days.astype("datetime64[D]").astype(float)
    known = clock.index.to_numpy("datetime64[D]").astype(float)
    return lambda days: np.interp(days.astype("datetime64[D]").astype(float), known, clock.to_numpy(float))


def rfm_scores(table: pd.DataFrame, groups: int = 5) -> pd.DataFrame:
    """Score recency, frequency and spend from 1 (worst) to `groups` (best).

    Customers with the same value get the same score, so groups need not be of one size.

    Parameters
    ----------
    table : DataFrame
        As `rfm` returns it.
    groups : int
        Number of scores.

    Returns
    -------
    DataFrame
        ``R`` (from the days since the last purchase), ``F``, ``M`` (from ``spent``), whole numbers.
    """
    since_last = table["T"] - table["recency"]
    columns = {"R": -since_last, "F": table["frequency"], "M": table["spent"]}
    return pd.DataFrame({name: _score(values, groups) for name, values in columns.items()})


def score_counts(scores: pd.DataFrame) -> pd.DataFrame:
    """Count the customers who got each score.

    Parameters
    ----------
    scores : DataFrame
        As `rfm_scores` returns them.

    Returns
    -------
    DataFrame
        By score, columns as in `scores`: numbers of people.
    """
    counts = scores.apply(lambda column: column.value_counts()).sort_index().fillna(0).astype(int)
    return numbers_of_people(counts, "columns")


def _score(values: pd.Series, groups: int) -> pd.Series:
    """Score by the average rank of ties."""
    share_below = (values.rank(method="average") - 0.5) / len(values)
    return np.floor(share_below * groups).astype(int).clip(0, groups - 1) + 1
