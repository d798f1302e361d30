from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_course.analysis.sales import rfm


@pytest.fixture(scope="session")
def cdnow_orders():
    file = Path(find_spec("lifetimes").origin).parent / "datasets" / "CDNOW_sample.txt"
    raw = pd.read_csv(file, sep=r"\s+", header=None, names=["master", "customer_id", "date", "cds", "value"], dtype=str)
    return pd.DataFrame(
        {
            "customer_id": raw["customer_id"],
            "day": pd.to_datetime(raw["date"]).astype("datetime64[us]"),
            "net_amount": raw["value"].astype(float),
        }
    )


@pytest.fixture(scope="session")
def cdnow_weeks(cdnow_orders):
    """CDNOW's first 39 weeks, days divided by 7."""
    table = rfm.rfm(cdnow_orders, pd.Timestamp("1997-09-30"))
    return table.assign(recency=table["recency"] / 7, T=table["T"] / 7)


def bg_nbd_histories(customers, seed, r=0.8, alpha=60.0, a=0.8, b=2.5, length=730.0, p=6.0, q=4.0, v=500.0):
    """Draw frequency, recency, T and mean spend as the models say, in continuous time."""
    rng = np.random.default_rng(seed)
    age = rng.uniform(30, length, customers)
    rate, leaving = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    frequency, recency, spend = np.zeros(customers, int), np.zeros(customers), np.full(customers, np.nan)
    active = np.ones(customers, bool)
    nu = rng.gamma(q, 1 / v, customers)
    for i in range(customers):
        times = np.cumsum(
            rng.exponential(1 / rate[i], int(rng.geometric(max(leaving[i], 1e-9))) if leaving[i] > 1e-3 else 2000)
        )
        kept = times[times <= age[i]]
        frequency[i], active[i] = len(kept), len(kept) < len(times)
        if len(kept):
            recency[i], spend[i] = kept[-1], rng.gamma(p * len(kept)) / nu[i] / len(kept)
    table = pd.DataFrame({"frequency": frequency, "recency": recency, "T": age, "monetary_value": spend})
    return table.assign(rate=rate, leaving=leaving, active=active, mean_spend=p / nu)


@pytest.fixture(scope="session")
def histories():
    return bg_nbd_histories
