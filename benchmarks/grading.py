"""Running and showing a batch of submissions: the course's slots beside papermill, and beside the limit.

The work is a notebook of six answers and six tests on a table of 50,000 rows (pandas, a seaborn plot, a regression),
with other constants in each submission. Every way runs every submission and writes it as a page (otter makes none).
What is started once (imports, workers, slots) is started before the clock, and told apart. All ways take turns in one
run; ratios count. nbgrader and otter-grader are run where they are installed; they are no dependencies of the course:

    python -m venv peers && peers/bin/pip install nbgrader otter-grader pandas seaborn statsmodels ipykernel
    python benchmarks/grading.py [--submissions 12] [--repeats 2] [--peers peers/bin/python] [--json]
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from nbformat import NotebookNode

from crm_course.exercise.notebook import read_exercise, solution_notebook
from crm_course.grading.batch import grade
from crm_course.grading.bench import Bench
from crm_course.grading.pages import report
from crm_course.release.release import release
from crm_course.running.notebooks import new_cell, new_notebook, read_notebook, write_notebook
from crm_course.running.page import page_of
from crm_course.running.pool import Pool, pool, slot
from crm_course.running.sandbox.limits import Limits

if TYPE_CHECKING:
    from nbconvert.exporters import HTMLExporter

WORKERS = 2
PEERS = ("nbgrader", "otter")
ROWS = 50_000
CUT = "\n---\n"
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
    for answer, test in zip(ANSWERS.split(CUT), TESTS.split(CUT), strict=True):
        cells += [answer.replace("{n}", str(number)), test]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook([new_cell("code", one) for one in cells], kernel)


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
        write_notebook(path, submission(one))
    return paths


# The ways -----------------------------------------------------------------------------------------


@cache
def exporter() -> HTMLExporter:
    """Give nbconvert's exporter, made once."""
    from nbconvert.exporters import HTMLExporter

    return HTMLExporter(template_name="lab")


def by_papermill(folder: Path, path: Path) -> None:
    """Run a submission with papermill and ipykernel, and write nbconvert's page."""
    import papermill

    done = folder / f"{path.stem}-papermill.ipynb"
    quiet = {"progress_bar": False, "kernel_name": "python3", "cwd": str(folder / "home")}
    notebook = papermill.execute_notebook(str(path), str(done), **quiet)
    text, _ = exporter().from_notebook_node(notebook)
    done.with_suffix(".html").write_text(text, encoding="utf-8")


def by_slot(sandbox: bool, folder: Path, path: Path) -> None:
    """Run a submission in a warm slot, and write the course's page."""
    result = slot(sandbox).run(read_notebook(path), folder / "home", Limits())
    assert result.ended == "finished", result.ended
    assert not [one for cell in result.notebook.cells for one in cell.outputs if one.output_type == "error"]
    page = page_of(result.notebook)
    (folder / f"{path.stem}-slot-{sandbox}.html").write_text(page, encoding="utf-8")


def at_the_limit(folder: Path, path: Path, shown: NotebookNode) -> None:
    """Run the cells as plain Python in a fork of this process, and write a page: no notebook machinery at all."""
    os.chdir(folder / "home")
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in read_notebook(path).cells:
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


def installed(python: str) -> list[str]:
    """Name the peers that a Python has."""
    return [name for name in PEERS if not subprocess.run([python, "-c", f"import {name}"], check=False).returncode]


def by_peer(python: str, peer: str, folder: Path, number: int) -> float:
    """Let a peer grade the submissions in a process of its own; give the seconds that it took."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        shutil.copytree(folder / "home", place / "home")
        work = [[cell.source for cell in submission(one).cells] for one in range(number)]
        (place / "work.json").write_text(json.dumps(work), encoding="utf-8")
        others = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        environment = {**others, "PATH": os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])}
        command = [python, str(Path(__file__).with_name("_peers.py")), peer, name]
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{peer}: {done.stderr.strip()[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def seconds(work: Callable[[], object]) -> float:
    """Give the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# The whole of grading -----------------------------------------------------------------------------

EXERCISE = "90_benchmark"
QUESTIONS = """
- {id: q1, title: Sum, criteria: [2.2a], marks: 1, core: true, kind: number, compare: {rel: 1.0e-6}, read_again: "-"}
- {id: q2, title: Best, criteria: [2.2a], marks: 1, core: true, kind: table, form: {columns: [sum, mean, count]},
   compare: {columns: {sum: {rel: 1.0e-6}, mean: {rel: 1.0e-6}}}, read_again: "-"}
- {id: q6, title: Usual, criteria: [2.2a], marks: 1, core: true, kind: number, compare: {rel: 1.0e-6}, read_again: "-"}
"""
HANDED_IN = ("q1", "q2", "q6")


def exercise(folder: Path) -> Path:
    """Write the same work as an exercise: three of its six answers are handed in and scored."""
    home = folder / EXERCISE
    home.mkdir()
    cells = ["# %% [markdown]\n# # Benchmark", f"# %%\nfrom crm_course import answer\n{IMPORTS}"]
    for number, (work, test) in enumerate(zip(ANSWERS.split(CUT), TESTS.split(CUT), strict=True), start=1):
        given = f'\nanswer("q{number}", q{number})' if f"q{number}" in HANDED_IN else ""
        solved = work.replace("{n}", "0")
        cells += [f"# %%\n### BEGIN SOLUTION\n{solved}\n### END SOLUTION{given}", f"# %%\n{test}"]
    (home / "solution.py").write_text("\n\n".join(cells) + "\n", encoding="utf-8")
    (home / "questions.yml").write_text(QUESTIONS, encoding="utf-8")
    (home / "slips.py").write_text("", encoding="utf-8")
    return home


def class_of(folder: Path, number: int) -> Bench:
    """Release the exercise to a class, each with data of her own size, and let everybody hand in the solution."""
    home = exercise(folder)
    roster = "".join(f"s{one:03},Trainee {one}\n" for one in range(number))
    (folder / "class.csv").write_text("id,name\n" + roster, encoding="utf-8")
    release(home, folder / "class.csv", folder / "release", customers=40, accept=lambda _: None)
    table = pd.read_csv(folder / "home" / "data" / "sales.csv")
    hidden = sorted((folder / "release" / "instructor" / "hidden").iterdir())
    for number_, place in enumerate([*sorted((folder / "release" / "packets").glob("s*[0-9]")), *hidden]):
        (place / "data").mkdir()
        table.iloc[number_:].to_csv(place / "data" / "sales.csv", index=False)
    (folder / "returned").mkdir()
    solution = solution_notebook(read_exercise(home))
    for one in range(number):
        solution.metadata["handed_in_by"] = one  # no two files are the same
        write_notebook(folder / "returned" / f"s{one:03}.ipynb", solution)
    return Bench(home, folder / "release", folder / "graded", Limits(), sandbox=True)


def whole(folder: Path, bench: Bench, workers: Pool) -> None:
    """Grade everything: key, own store, hidden store, scores, gradebook, a report for each and one for the class."""
    shutil.rmtree(bench.out, ignore_errors=True)
    graded = grade(bench, folder / "returned", workers=workers)
    pages = report(bench.out, workers=workers)
    assert not graded.problems and not pages.problems, (graded.problems, pages.problems)


# Measuring ----------------------------------------------------------------------------------------


def measure(folder: Path, paths: list[Path], repeats: int, python: str) -> tuple[dict[str, float], dict[str, float]]:
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
        bench = class_of(folder, len(paths))
        ways: dict[str, Callable[[], object]] = {
            "papermill": lambda: list(map(partial(by_papermill, folder), paths)),
            "papermill_2_processes": lambda: list(two.map(partial(by_papermill, folder), paths)),
            "slots_sandboxed": lambda: _each(locking, locked, paths),
            "slots_plain": lambda: _each(plainly, plain, paths),
            "limit": lambda: forks(folder, paths, shown),
            "whole_of_grading": lambda: whole(folder, bench, locking),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        told: dict[str, list[float]] = {peer: [] for peer in installed(python)}
        for _ in range(repeats):  # in turns, since the machine may be slower for a while
            for name, work in ways.items():
                taken[name].append(seconds(work))
            for peer, times in told.items():
                times.append(by_peer(python, peer, folder, len(paths)))
        taken |= told
    return {name: min(times) / len(paths) for name, times in taken.items()}, started


def _shown(folder: Path, path: Path) -> NotebookNode:
    """Give an executed submission for the limit to show; what is needed to run one is imported on the way."""
    at_the_limit(folder, path, read_notebook(path))
    return read_notebook(folder / f"{path.stem}-papermill.ipynb")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--peers", default=sys.executable, help="a Python that has nbgrader or otter-grader")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    import matplotlib

    matplotlib.use("agg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with silent():
            taken, started = measure(folder, make(folder, options.submissions), options.repeats, options.peers)
    answer = {
        "figures": {f"{way}_seconds": round(each, 3) for way, each in taken.items()}
        | {f"{way}_start_seconds": round(once, 1) for way, once in started.items()},
        "ratios": {
            "sandboxed_over_limit": round(taken["slots_sandboxed"] / taken["limit"], 2),
            "sandboxed_over_plain": round(taken["slots_sandboxed"] / taken["slots_plain"], 2),
            "papermill_over_sandboxed": round(taken["papermill"] / taken["slots_sandboxed"], 2),
            "whole_of_grading_over_papermill": round(taken["whole_of_grading"] / taken["papermill"], 2),
            "papermill_2_processes_over_sandboxed": round(taken["papermill_2_processes"] / taken["slots_sandboxed"], 2),
        }
        | {f"{one}_over_sandboxed": round(taken[one] / taken["slots_sandboxed"], 2) for one in PEERS if one in taken}
        | {
            f"whole_of_grading_over_{one}": round(taken["whole_of_grading"] / taken[one], 2)
            for one in PEERS
            if one in taken
        },
    }
    if options.json:
        print(json.dumps(answer))
        return
    for name, value in {**answer["figures"], **answer["ratios"]}.items():
        print(f"{name:<40}{value:>10,}")


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
