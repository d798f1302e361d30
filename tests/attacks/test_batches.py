"""All attacks in one batch, with an honest trainee among them: the long form."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from attacks import (
    test_endless,
    test_escapes,
    test_memory_and_disk,
    test_neighbours,
    test_output,
    test_scoring,
    test_secrets_and_files,
)

from crm_course.grading.gradebook import Gradebook
from crm_course.grading.intake.notebook_file import MAX_SOURCE
from crm_course.grading.results import results

NOTEBOOKS = [
    test_secrets_and_files.READ,
    test_secrets_and_files.WRITE,
    test_escapes.REACH,
    test_escapes.WORK,
    test_escapes.FOR_ROOT,
    test_escapes.NOWHERE,
    test_endless.LOOPS,
    test_endless.ENDS,
    test_memory_and_disk.BOMBS,
    test_memory_and_disk.GREEDY,
    test_memory_and_disk.UNSEEN,
    test_output.FLOODS,
    {name: f"send(bytes.fromhex({body.hex()!r}))" for name, body in test_output.NO_OUTPUT.items()},
    test_output.FORGED,
    test_scoring.CHEATS,
    test_neighbours.STRIKES,
    {"leave": test_neighbours.LEAVE, "daemon": test_endless.DAEMON.format(mark="985.25")},
]
CODES = dict.fromkeys(code for attacks in NOTEBOOKS for code in attacks.values() if len(code) < MAX_SOURCE / 2)


GRADER = """
import re, sys
from pathlib import Path
from crm_course.cli import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.long
@pytest.mark.processes
def test_a_batch_of_all_attacks_grades_the_honest_as_one_without_them(
    house, bench, notebook, hand_in, confined, canary
):
    """By the command, with worker processes; with `best` all that the trainee who attacks hands in is run."""
    files = {
        f"mallory_{number:03}": notebook(
            q1=f"{confined.begin}\n{code}\nanswer('q1', lines['amount'].sum(), unit='HK$')"
        )
        for number, code in enumerate(CODES)
    }
    folder = hand_in(ann=notebook(), bo=notebook(), **files)
    command = [sys.executable, "-c", GRADER, "grade", bench.exercise, folder, "--release", bench.release]
    options = ["-o", bench.out, "--policy", "best", "--cell-seconds", "3", "--run-seconds", "10", "--json"]
    options += ["--memory-mb", "600"]  # which a slow machine reaches in three seconds as well
    environment = {**os.environ, "PYTHONPATH": str(house)}
    done = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=True)
    batch, used = json.loads(done.stdout.splitlines()[0]), int(done.stdout.splitlines()[1]) // 1024
    with Gradebook(bench.out) as book:
        found = {one.trainee.id: one.model_dump(mode="json") for one in results(book)}
        ends = Counter(row["ended"] for row in book.rows("runs"))

    assert (batch["submissions"], batch["problems"]) == (len(files) + 2, {})
    assert ends.total() == 2 * batch["submissions"]
    assert {"finished", "time limit", "memory limit", "output limit", "kernel died", "protocol error"} == set(ends)
    assert (found["ann"]["marks"]["got"], found["bo"]["marks"]["got"]) == (5, 5)
    assert used < 250
    made = [path for path in bench.out.rglob("*") if path.is_file()]
    assert [path for path in made if canary.encode() in path.read_bytes()] == []
    assert test_endless.with_argument("985.25") == []
