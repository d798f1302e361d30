import json
import subprocess
import sys

import pytest
from system import require_program


def test_the_value_benchmark_compares_equal_figures(house):
    command = [sys.executable, house / "benchmarks" / "value.py", "--customers", "3000", "--repeats", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    answer = json.loads(done.stdout)

    assert answer["figures"]["largest_relative_difference"] < 1e-3
    assert answer["figures"]["customers"] == pytest.approx(3000)
    assert answer["ratios"]["lifetimes_over_course"] > 0


@pytest.mark.long
def test_the_grading_benchmark_runs_every_way(house):
    require_program("bwrap", "bubblewrap")
    command = [sys.executable, house / "benchmarks" / "grading.py", "--submissions", "2", "--repeats", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    answer = json.loads(done.stdout)

    ways = {"papermill", "papermill_2_processes", "slots_sandboxed", "slots_plain", "limit", "whole_of_grading"}
    assert {f"{way}_seconds" for way in ways} <= set(answer["figures"])
    assert all(ratio > 0 for ratio in answer["ratios"].values())


@pytest.mark.long
def test_the_benchmark_of_chapters_runs_each_on_both_stores(house):
    command = [sys.executable, house / "benchmarks" / "chapters.py", "--customers", "3000", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    answer = json.loads(done.stdout)

    chapters = {path.stem for path in (house / "notebooks").glob("[0-9]*.py")}
    assert set(answer["ratios"]) == {f"{name}_{kind}_over_start" for name in chapters for kind in ("demo", "large")}
    assert all(ratio > 1 for ratio in answer["ratios"].values())
