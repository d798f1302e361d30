"""What ``make quick`` keeps out by itself: a test that simulates, or starts a kernel, a sandbox or another Python.

Nobody marks such a test: where it comes to that, it is skipped by name, and ``make test`` runs it.
"""

from __future__ import annotations

import os
import subprocess
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

import pytest

from crm_course.simulator import chunk, simulation

PROGRAMS = ("python", "pypy", "bwrap", "chromium", "crm-course", "papermill", "jupyter")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which the quick tests are asked for."""
    parser.addoption("--quick", action="store_true", help="keep out what simulates or starts a kernel or a sandbox")


def pytest_configure(config: pytest.Config) -> None:
    """Keep such tests out for the whole session; who only hands tests to others must start them."""
    if config.getoption("quick") and not config.getoption("numprocesses", None):
        keep_out(pytest.MonkeyPatch())


def keep_out(patch: pytest.MonkeyPatch) -> None:
    """Let a test end as skipped where it would take long."""
    start = subprocess.Popen.__init__

    def start_what_is_light(self: subprocess.Popen[Any], args: Any, *others: Any, **named: Any) -> None:
        words = [args] if isinstance(args, str | bytes | os.PathLike) else list(args)
        program = Path(os.fsdecode(words[0])).name
        if program.startswith(PROGRAMS):
            _skip(f"it starts {program}")
        start(self, args, *others, **named)

    patch.setattr(subprocess.Popen, "__init__", start_what_is_light)
    patch.setattr(BaseProcess, "start", lambda *_: _skip("it starts another process"))
    for place, name in ((simulation, "build_world"), (chunk, "live")):
        patch.setattr(place, name, lambda *_, **__: _skip("it simulates"))


def _skip(why: str) -> NoReturn:
    pytest.skip(f"not among the quick tests: {why}")
