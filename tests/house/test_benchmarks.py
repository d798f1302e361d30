import json
import subprocess
import sys

import pytest


def test_the_value_benchmark_compares_equal_figures(house):
    command = [sys.executable, house / "benchmarks" / "value.py", "--customers", "3000", "--repeats", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    answer = json.loads(done.stdout)

    assert answer["figures"]["largest_relative_difference"] < 1e-3
    assert answer["figures"]["customers"] == pytest.approx(3000)
    assert answer["ratios"]["lifetimes_over_course"] > 0
