"""Quick tests are quick by themselves: who simulates or starts a kernel or a sandbox is kept out, unasked."""

import subprocess
import sys
from multiprocessing import get_context

import pytest
import tiers
from jupyter_client.manager import KernelManager

from crm_course.running.sandbox.slot import Slot
from crm_course.simulator import chunk
from crm_course.simulator.simulation import simulate

SLOW = {
    "a store": lambda place: simulate(place / "store", customers=10, seed=1),
    "customers without a store": lambda place: chunk.live(None, 0, 10),
    "a kernel": lambda place: KernelManager().start_kernel(),
    "a slot": lambda place: Slot(sandbox=False),
    "another Python": lambda place: subprocess.run([sys.executable, "-c", "1"], check=True),
    "a worker": lambda place: get_context("spawn").Process().start(),
}


@pytest.mark.parametrize("what", SLOW)
def test_who_starts_it_is_skipped_by_name(what, tmp_path, monkeypatch):
    tiers.keep_out(monkeypatch)

    with pytest.raises(pytest.skip.Exception, match=r"not among the quick tests: it (starts|simulates)"):
        SLOW[what](tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_programs_may_be_started(monkeypatch):
    tiers.keep_out(monkeypatch)

    assert subprocess.run(["echo", "here"], capture_output=True, check=True).stdout == b"here\n"
