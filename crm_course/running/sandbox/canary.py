"""Does the sandbox hold on this machine? A notebook that tries to get out is asked, not the list of programs."""

from __future__ import annotations

import functools
import sys
import tempfile
from pathlib import Path

from nbformat import NotebookNode

from crm_course.running.notebooks import new_cell, new_notebook
from crm_course.running.sandbox.inside import landlock
from crm_course.running.sandbox.limits import FINISHED, TOLD, Limits, SandboxUnavailable
from crm_course.running.sandbox.slot import Result, Slot
from crm_course.running.sandbox.zygote import MARKED

MARK = "application/vnd.crm-course.canary+json"
LIMITS = Limits(cell_seconds=20, run_seconds=40)
ADVICE = "grade on Linux where user namespaces are allowed; in Windows take WSL2"

TRIES = """
import os, pathlib, socket, subprocess

def fails(action, *words):
    try:
        action(*words)
    except OSError:
        return True
    return False

status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
rights = [int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")]
display({MARK: {
    "the data are not shown": open("data.txt").read() == "seen",
    "the data can be changed": fails(open, "data.txt", "w"),
    "other files are visible": not os.path.exists(OUTSIDE),
    "the environment is not empty": MARKED not in os.environ,
    "other processes are visible": sorted(filter(str.isdigit, os.listdir("/proc"))) == ["1", str(os.getpid())],
    "there is a network": fails(socket.socket),
    "the system can be written to": all(fails(pathlib.Path(place, "x").touch) for place in ("/", "/usr", "/dev")),
    "it keeps rights of an administrator": not any(rights) and os.getuid() != 0,
    "no program can be started": subprocess.run(["true"]).returncode == 0,
    "it may get new rights": status["NoNewPrivs"].strip() == "1",
    "system calls are not filtered": status["Seccomp"].strip() == "2",
    "Landlock does not hold": not LANDLOCK or fails(open, "/proc/self/oom_score_adj", "w"),
}}, raw=True)
"""


def canary(outside: Path) -> NotebookNode:
    """Make the notebook that tries to get out; `outside` is a file that it must not see."""
    values = MARK, MARKED, str(outside), landlock.version() > 0  # without Landlock the other walls must do
    names = f"MARK, MARKED, OUTSIDE, LANDLOCK = {values!r}"
    return new_notebook([new_cell("code", names), new_cell("code", TRIES)])


@functools.cache
def sandbox_problem() -> str | None:
    """Say why submissions cannot be run here; None where a notebook was run and confined as it should be."""
    if sys.platform != "linux":
        return f"submissions can be confined on Linux only, not on {sys.platform}: {ADVICE}"
    try:
        with Slot() as slot:
            return tried(slot)
    except SandboxUnavailable as problem:
        return f"{problem}; {ADVICE}"


def tried(slot: Slot) -> str | None:
    """Let a notebook try to get out of a slot; say what it could do that it should not, if anything."""
    with tempfile.TemporaryDirectory() as folder:
        outside, data = Path(folder, "outside.txt"), Path(folder, "data")
        outside.write_text("hidden", encoding="utf-8")
        data.mkdir()
        (data / "data.txt").write_text("seen", encoding="utf-8")
        return problem_of(slot.run(canary(outside), data, LIMITS))


def problem_of(result: Result) -> str | None:
    """Say in one sentence what a canary's run shows to be wrong, if anything."""
    cell = result.notebook.cells[-1]
    if result.ended != FINISHED:
        return f"the notebook that tries the sandbox did not finish ({_reason(result)}): {ADVICE}"
    answers: dict[str, object] = next((one.data[MARK] for one in cell.outputs if MARK in one.get("data", {})), {})
    wrong = [name for name, holds in answers.items() if holds is not True]
    if wrong or not answers:
        return f"the sandbox does not hold ({', '.join(wrong) or 'its notebook failed'}): {ADVICE}"
    return None


def _reason(result: Result) -> str:
    """Give what the process said when it could not start, or how it ended."""
    said = [one.text.strip() for cell in result.notebook.cells for one in cell.outputs if one.output_type == "stream"]
    return said[-1].splitlines()[-1] if said else TOLD[result.ended]
