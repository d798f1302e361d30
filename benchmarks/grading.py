"""Running and showing a batch of submissions: the course's slots beside papermill, and beside the limit.

The work is a notebook of six answers and six tests on a table of 50,000 rows (pandas, a seaborn plot, a regression),
with other constants in each submission. Every way runs every submission and writes it as a page. What is started once
(imports, workers, slots) is started before the clock, and told apart. All ways take turns in one run; ratios count.

    python benchmarks/grading.py [--submissions 12] [--repeats 2] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from nbformat import NotebookNode, v4

from crm_course.running.page import page_of
from crm_course.running.pool import Pool, pool
from crm_course.running.slots import slot
from crm_course.running.warm import Limits

WORKERS = 2
ROWS = 50_000
IMPORTS = """import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import statsmodels.formula.api as smf
sales = pd.read_csv("data/sales.csv", parse_dates=["day"])"""
ANSWERS = """q1 = sales["amount"].sum() + {n}
---
q2 = sales.groupby("shop")["amount"].agg(["sum", "mean", "count"]).sort_values("sum", ascending=False).head(5 + {n} % 3)
q2
---
q3 = sales.groupby([sales["day"].dt.to_period("M"), "category"])["amount"].sum().unstack().pct_change().round(3)
q3.tail(3 + {n} % 4)
---
monthly = sales.groupby(sales["day"].dt.to_period("M").astype(str))["amount"].sum().reset_index()
figure, q4 = plt.subplots(figsize=(6, 3))
sns.lineplot(monthly, x="day", y="amount", ax=q4)
q4.set(xlabel="month", ylabel="sales (HK$)", title="Submission {n}")
---
q5 = smf.ols("amount ~ C(category) + quantity", sales.head(5_000 + {n})).fit().params
q5
---
usual = sales.groupby("customer")["amount"].mean().rename("usual")
q6 = sales.merge(usual, on="customer").eval("amount / usual").median() + {n}"""
TESTS = """assert q1 > 0
---
assert list(q2.columns) == ["sum", "mean", "count"]
---
assert len(q3) >= 12
---
assert q4.get_xlabel() == "month"
---
assert len(q5) >= 2
---
assert np.isfinite(q6)"""


def submission(number: int) -> NotebookNode:
    """Give a submission that no other is equal to."""
    cells = [IMPORTS]
    for answer, test in zip(ANSWERS.split("\n---\n"), TESTS.split("\n---\n"), strict=True):
        cells += [answer.replace("{n}", str(number)), test]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return v4.new_notebook(cells=[v4.new_code_cell(one) for one in cells], metadata=kernel)


def make(folder: Path, number: int) -> list[Path]:
    """Write the data and the submissions."""
    rng = np.random.default_rng(7)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 730, ROWS), unit="D")
    columns = {"day": days, "shop": rng.integers(0, 30, ROWS), "category": rng.choice(list("abcdef"), ROWS)}
    sold = {"customer": rng.integers(0, 4_000, ROWS), "quantity": rng.integers(1, 5, ROWS)}
    table = pd.DataFrame({**columns, **sold, "amount": rng.gamma(2, 120, ROWS).round(2)})
    (folder / "home" / "data").mkdir(parents=True)
    table.to_csv(folder / "home" / "data" / "sales.csv", index=False)
    paths = [folder / f"{one}.ipynb" for one in range(number)]
    for one, path in enumerate(paths):
        nbformat.write(submission(one), path)
    return paths


# The ways -----------------------------------------------------------------------------------------


@cache
def exporter() -> object:
    """Give nbconvert's exporter, made once."""
    from nbconvert.exporters import HTMLExporter

    return HTMLExporter(template_name="lab")


def by_papermill(folder: Path, path: Path) -> None:
    """Run a submission with papermill and ipykernel, and write nbconvert's page."""
    import papermill

    done = folder / f"{path.stem}-papermill.ipynb"
    quiet = {"progress_bar": False, "kernel_name": "python3", "cwd": str(folder / "home")}
    notebook = papermill.execute_notebook(str(path), str(done), **quiet)
    text, _ = exporter().from_notebook_node(notebook)  # type: ignore[attr-defined]
    done.with_suffix(".html").write_text(text, encoding="utf-8")


def by_slot(sandbox: bool, folder: Path, path: Path) -> None:
    """Run a submission in a warm slot, and write the course's page."""
    result = slot(sandbox).run(nbformat.read(path, as_version=4), folder / "home", Limits())
    assert result.ended == "finished", result.ended
    assert not [one for cell in result.notebook.cells for one in cell.outputs if one.output_type == "error"]
    page = page_of(result.notebook)
    (folder / f"{path.stem}-slot-{sandbox}.html").write_text(page, encoding="utf-8")


def at_the_limit(folder: Path, path: Path, shown: NotebookNode) -> None:
    """Run the cells as plain Python in a fork of this process, and write a page: no notebook machinery at all."""
    os.chdir(folder / "home")
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        exec(compile(cell.source, path.name, "exec"), names)
    names["figure"].savefig(io.BytesIO(), format="png")  # type: ignore[attr-defined]
    (folder / f"{path.stem}-limit.html").write_text(page_of(shown), encoding="utf-8")


def forks(folder: Path, paths: list[Path], shown: NotebookNode) -> None:
    """Fork for each submission, as many at once as there are workers."""
    running = 0
    for path in paths:
        if running == WORKERS:
            running -= _ended()
        if os.fork() == 0:
            status = 1
            try:
                at_the_limit(folder, path, shown)
                status = 0
            finally:
                os._exit(status)
        running += 1
    while running:
        running -= _ended()


def _ended() -> int:
    _, status = os.wait()
    assert status == 0, "a submission failed at the limit"
    return 1


def _each(workers: Pool, task: Callable[[Path], None], paths: list[Path]) -> None:
    problems = [done.problem for done in workers.run(task, [(path,) for path in paths]) if done.problem]
    assert not problems, problems[0]


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Send what kernels and their processes say on stderr nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def seconds(work: Callable[[], object]) -> float:
    """Give the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# Measuring ----------------------------------------------------------------------------------------


def measure(folder: Path, paths: list[Path], repeats: int) -> tuple[dict[str, float], dict[str, float]]:
    """Give seconds a submission of each way, the best of the repeats, and the seconds of each start."""
    locked = partial(by_slot, True, folder)
    plain = partial(by_slot, False, folder)
    with pool(WORKERS) as locking, pool(WORKERS) as plainly, ProcessPoolExecutor(WORKERS, get_context("spawn")) as two:
        started = {
            "slots_sandboxed": seconds(lambda: _each(locking, locked, paths[:1] * (2 * WORKERS))),
            "slots_plain": seconds(lambda: _each(plainly, plain, paths[:1] * (2 * WORKERS))),
        }
        list(two.map(partial(by_papermill, folder), paths[:WORKERS]))
        shown = _shown(folder, paths[0])
        ways: dict[str, Callable[[], object]] = {
            "papermill": lambda: [by_papermill(folder, path) for path in paths],
            "papermill_2_processes": lambda: list(two.map(partial(by_papermill, folder), paths)),
            "slots_sandboxed": lambda: _each(locking, locked, paths),
            "slots_plain": lambda: _each(plainly, plain, paths),
            "limit": lambda: forks(folder, paths, shown),
        }
        taken = {name: [seconds(work) for work in [ways[name]] * repeats] for name in ways}
    return {name: min(times) / len(paths) for name, times in taken.items()}, started


def _shown(folder: Path, path: Path) -> NotebookNode:
    """Give an executed submission for the limit to show; what is needed to run one is imported on the way."""
    at_the_limit(folder, path, nbformat.read(path, as_version=4))
    return nbformat.read(folder / f"{path.stem}-papermill.ipynb", as_version=4)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    import matplotlib

    matplotlib.use("agg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with silent():
            taken, started = measure(folder, make(folder, options.submissions), options.repeats)
    answer = {
        "figures": {f"{way}_seconds": round(each, 3) for way, each in taken.items()}
        | {f"{way}_start_seconds": round(once, 1) for way, once in started.items()},
        "ratios": {
            "sandboxed_over_limit": round(taken["slots_sandboxed"] / taken["limit"], 2),
            "sandboxed_over_plain": round(taken["slots_sandboxed"] / taken["slots_plain"], 2),
            "papermill_over_sandboxed": round(taken["papermill"] / taken["slots_sandboxed"], 2),
            "papermill_2_processes_over_sandboxed": round(taken["papermill_2_processes"] / taken["slots_sandboxed"], 2),
        },
    }
    if options.json:
        print(json.dumps(answer))
        return
    for name, value in {**answer["figures"], **answer["ratios"]}.items():
        print(f"{name:<40}{value:>10,}")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
