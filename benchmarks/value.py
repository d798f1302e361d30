"""From transactions to twelve-month lifetime value: the course's chain beside lifetimes' own.

Both run in turn in one process on the same transactions; the ratio is what counts.

    python benchmarks/value.py [--customers 240000] [--repeats 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data

from crm_course.analysis.sales import rfm
from crm_course.analysis.value import customer_value

AS_OF = pd.Timestamp("2025-12-31")
MONTHS = 30.0 * np.arange(1, 13)
RATE = 0.01


def transactions(customers: int, days: int = 730, seed: int = 7) -> pd.DataFrame:
    """Draw customers who buy as BG/NBD and spend as Gamma-Gamma say, over two years of days."""
    rng = np.random.default_rng(seed)
    rate, leaving = rng.gamma(0.6, 1 / 60, customers), rng.beta(0.8, 2.5, customers)
    start = rng.integers(0, days, customers)
    who, when = _repeat_purchases(rng, rate, leaving, days - start)
    who = np.concatenate([np.arange(customers), who])
    day = np.concatenate([start, start[who[customers:]] + when.astype(int)])
    amount = rng.gamma(6.25, 1 / rng.gamma(3.74, 1 / 15.44, customers)[who])
    local = AS_OF - pd.to_timedelta(days - 1 - day, unit="D")
    table = pd.DataFrame({"customer_id": who, "day": local, "net_amount": amount.round(2)})
    table["customer_id"] = "C" + table["customer_id"].astype(str).str.zfill(7)
    return table.sample(frac=1, random_state=seed, ignore_index=True)


def _repeat_purchases(
    rng: np.random.Generator, rate: np.ndarray, leaving: np.ndarray, age: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draw customer and day of each repeat purchase before the customer leaves."""
    count = rng.poisson(rate * age)
    who = np.repeat(np.arange(len(rate)), count)
    when = rng.random(len(who)) * age[who]
    order = np.lexsort([when, who])
    who, when = who[order], when[order]
    number = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count) + 1
    stays = number <= rng.geometric(np.clip(leaving, 1e-9, 1))[who]
    return who[stays], when[stays]


def ours(purchases: pd.DataFrame) -> dict[str, float]:
    """Run the course's chain."""
    table = rfm.rfm(purchases, AS_OF)
    model, spend = customer_value.fit_purchases(table), customer_value.fit_spend(table)
    ahead = model.expected_by(table, MONTHS)
    value = customer_value.lifetime_value(ahead, spend.expected_spend(table), 1.0, RATE)
    return {**model.params, **spend.params, "clv": value.sum()}


def theirs(purchases: pd.DataFrame) -> dict[str, float]:
    """Run the chain of lifetimes' own documentation."""
    table = summary_data_from_transaction_data(
        purchases, "customer_id", "day", "net_amount", observation_period_end=AS_OF, freq="D"
    )
    model = BetaGeoFitter().fit(table["frequency"], table["recency"], table["T"])
    again = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    spend = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
    columns = (table[name] for name in ("frequency", "recency", "T", "monetary_value"))
    value = spend.customer_lifetime_value(model, *columns, time=12, discount_rate=RATE, freq="D")
    return {**model.params_, **spend.params_, "clv": value.sum()}


def timed(chain: Callable[[pd.DataFrame], dict[str, float]], purchases: pd.DataFrame) -> tuple[float, dict[str, float]]:
    """Run a chain and give its seconds and its figures."""
    start = time.perf_counter()
    figures = chain(purchases)
    return time.perf_counter() - start, figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=240_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    purchases = transactions(options.customers)
    runs = [(timed(theirs, purchases), timed(ours, purchases)) for _ in range(options.repeats)]
    slow, fast = (min(run[side][0] for run in runs) for side in (0, 1))
    their_figures, our_figures = runs[-1][0][1], runs[-1][1][1]
    apart = max(abs(our_figures[name] / their_figures[name] - 1) for name in their_figures)
    answer = {
        "figures": {"customers": options.customers, "transactions": len(purchases), "lifetimes_seconds": round(slow, 3),
                    "course_seconds": round(fast, 3), "largest_relative_difference": float(f"{apart:.2g}")},
        "ratios": {"lifetimes_over_course": round(slow / fast, 2)},
    }  # fmt: skip
    if options.json:
        print(json.dumps(answer))
        return
    for name, value in {**answer["figures"], **answer["ratios"]}.items():
        print(f"{name:<30}{value:>14,}")


if __name__ == "__main__":
    main()
