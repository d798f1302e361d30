"""Seconds of each chapter on the demo store and on a large one, beside a notebook that only starts.

The start is what no chapter can do without: a kernel, the libraries, one figure. It runs in turn with the chapters,
and the ratios count: machines differ by two and more.

    python benchmarks/chapters.py [--customers 100000] [--store FOLDER] [--json]

``--store`` takes a store that is there in place of making one.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from crm_course.resources import datasets
from crm_course.running.chapters import chapters
from crm_course.running.notebooks import new_cell, new_notebook, write_notebook
from crm_course.running.run import run_chapter
from crm_course.simulator.simulation import simulate

START = [
    'data: str = "../datasets/demo"  # store folder',
    "import pandas as pd\nimport seaborn as sns\nfrom scipy import stats\nfrom crm_course import open_store",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
    'orders = open_store(data).table("customers")',
]


def start(folder: Path) -> Path:
    """Write the notebook that only starts."""
    cells = [new_cell("code", source) for source in START]
    cells[0].metadata["tags"] = ["parameters"]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    write_notebook(folder / "start.ipynb", new_notebook(cells, kernel))
    return folder / "start.ipynb"


def seconds(chapter: str | Path, store: Path, folder: Path) -> float:
    """Run a chapter and tell its time; one that was not whole has none."""
    run = run_chapter(str(chapter), store, output=folder / "runs")
    assert run.whole, run
    return run.seconds


def main() -> None:
    """Run all of them and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures: dict[str, float] = {}
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        large = asked.store or folder / "large"
        if not asked.store:
            simulate(large, customers=asked.customers, seed=7)
        empty = start(folder)
        for chapter in chapters():
            for kind, store in (("demo", datasets() / "demo"), ("large", large)):
                name = f"{chapter}_{kind}"
                starting = seconds(empty, datasets() / "demo", folder)
                figures[f"{name}_seconds"] = seconds(chapter, store, folder)
                ratios[f"{name}_over_start"] = round(figures[f"{name}_seconds"] / starting, 1)
                if not asked.json:
                    print(f"{name:36} {figures[f'{name}_seconds']:6.1f} s  {ratios[f'{name}_over_start']:5.1f} starts")
    if asked.json:
        print(json.dumps({"figures": figures, "ratios": ratios}))


if __name__ == "__main__":
    main()
