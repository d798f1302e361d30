"""Rows a second of the simulator, Parquet written, beside Faker row by row and mimesis.

Rows are those of all tables written, the truth's as well. Faker and mimesis write a table of people and of order
lines without any truth behind them, as tutorials do. All take turns in one run; ratios count. mimesis takes part
where it is installed.

    python benchmarks/simulate.py [--customers 50000] [--repeats 2] [--largest 0] [--json]

``--largest 1000000`` also makes one store of that size in a process of its own and tells its memory.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from faker import Faker

from crm_course.simulator.simulation import simulate

PEOPLE, LINES = 1_500, 7_500
ALONE = """
import resource, sys, time
from crm_course.simulator.simulation import simulate
began = time.perf_counter()
rows = sum(simulate(sys.argv[1], customers=int(sys.argv[2]), seed=7).values())
print(rows, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def ours(folder: Path, customers: int) -> int:
    """Make a whole store, truth and all."""
    return sum(simulate(folder / "store", customers=customers, seed=7).values()) + truth_rows(folder / "store")


def truth_rows(store: Path) -> int:
    """Count the rows of the truth's tables."""
    return sum(pq.read_metadata(path).num_rows for path in (store / "truth").glob("*.parquet"))


def by_faker(folder: Path, _: int) -> int:
    """Make people and order lines with Faker, row by row."""
    fake = Faker(["zh_TW", "en_US"])
    Faker.seed(7)
    people = [
        {"name": fake.name(), "phone": fake.phone_number(), "email": fake.email(), "address": fake.address()}
        for _ in range(PEOPLE)
    ]
    lines = [
        {"product": fake.word(), "quantity": fake.random_int(1, 5), "day": fake.date_this_decade()}
        for _ in range(LINES)
    ]
    return _written(folder, people, lines)


def by_mimesis(folder: Path, _: int) -> int:
    """Make the same with mimesis."""
    from mimesis import Generic
    from mimesis.locales import Locale

    make = Generic(Locale.EN, seed=7)
    people = [
        {
            "name": make.person.full_name(),
            "phone": make.person.telephone(),
            "email": make.person.email(),
            "address": make.address.address(),
        }
        for _ in range(PEOPLE)
    ]
    lines = [
        {"product": make.text.word(), "quantity": make.numeric.integer_number(1, 5), "day": make.datetime.date()}
        for _ in range(LINES)
    ]
    return _written(folder, people, lines)


Row = Mapping[str, object]


def _written(folder: Path, people: Sequence[Row], lines: Sequence[Row]) -> int:
    pd.DataFrame(people).to_parquet(folder / "people.parquet")
    pd.DataFrame(lines).to_parquet(folder / "lines.parquet")
    return len(people) + len(lines)


def ways() -> dict[str, Callable[[Path, int], int]]:
    """Give the ways that can run here."""
    found: dict[str, Callable[[Path, int], int]] = {"crm_course": ours, "Faker row by row": by_faker}
    try:
        import mimesis  # noqa: F401
    except ImportError:
        print("mimesis is not installed: left out", file=sys.stderr)
    else:
        found["mimesis row by row"] = by_mimesis
    return found


def speed(way: Callable[[Path, int], int], customers: int) -> float:
    """Give rows a second."""
    folder = Path(tempfile.mkdtemp())
    try:
        began = time.perf_counter()
        rows = way(folder, customers)
        return rows / (time.perf_counter() - began)
    finally:
        shutil.rmtree(folder)


def largest(customers: int) -> dict[str, float]:
    """Make one large store in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [sys.executable, "-c", ALONE, f"{folder}/store", str(customers)], check=True, capture_output=True, text=True
        )
        of_truth = truth_rows(Path(folder) / "store")
    rows, seconds, kilobytes = map(float, told.stdout.split())
    name = f"{customers:,} customers"
    return {
        f"{name}: rows": rows,
        f"{name}: seconds": seconds,
        f"{name}: rows of the truth": of_truth,
        f"{name}: rows a second": (rows + of_truth) / seconds,
        f"{name}: memory, MB": kilobytes / 1024,
    }


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--largest", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    ours_first = ways()
    speed(ours, 100)  # imports are paid for once
    runs = [{name: speed(way, asked.customers) for name, way in ours_first.items()} for _ in range(asked.repeats)]
    figures = {f"{name}: rows a second": float(np.median([run[name] for run in runs])) for name in ours_first}
    ratios = {
        f"crm_course against {name}": float(np.median([run["crm_course"] / run[name] for run in runs]))
        for name in ours_first
        if name != "crm_course"
    }
    if asked.largest:
        figures |= largest(asked.largest)
    if asked.json:
        print(json.dumps({"figures": figures, "ratios": ratios}))
        return
    for name, value in (figures | ratios).items():
        print(f"{name:55s} {value:14,.1f}")


if __name__ == "__main__":
    main()
