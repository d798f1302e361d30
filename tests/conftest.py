"""What all tests share."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import early  # noqa: F401 - before all that imports nbformat
import pytest
from filelock import FileLock
from hypothesis import settings
from tiers import pytest_addoption, pytest_configure

from crm_course.release.packet import build_wheel
from crm_course.running import pool
from crm_course.running.sandbox.slot import Slot
from crm_course.simulator.simulation import simulate

__all__ = ["pytest_addoption", "pytest_configure"]

settings.register_profile("the same every time", derandomize=True)
settings.load_profile("the same every time")


@pytest.fixture(scope="session")
def house() -> Path:
    """The folder of the whole project."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def demo(house: Path) -> Path:
    """The demo store that is shipped."""
    return house / "datasets" / "demo"


@pytest.fixture(scope="session")
def place(tmp_path_factory, request) -> Path:
    """A folder that all processes which test share."""
    own: Path = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def made_folder(place: Path) -> Callable[..., Path]:
    """Make a store once for each set of parameters, for all processes that test; only to be read."""

    def make(scenario: str = "beauty", **parameters) -> Path:
        key = repr((scenario, sorted(parameters.items())))
        folder = place / "stores" / hashlib.sha256(key.encode()).hexdigest()[:16]
        folder.parent.mkdir(exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                simulate(folder, scenario, **parameters)
        return folder

    return make


@pytest.fixture(autouse=True)
def _same_terminal(monkeypatch):
    """What rich draws hangs on the terminal that the tests were started in: bars, colours, width."""
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


class Slots:
    """The warm processes from which all tests of this process fork their runs, one of each kind.

    A slot is made anew when a test has killed it; it stays where a batch would close it.
    """

    def __init__(self) -> None:
        self.made: dict[bool, Slot] = {}

    def __call__(self, sandbox: bool = True) -> Slot:
        """Give the one with the sandbox, or the one without."""
        if sandbox not in self.made:
            self.made[sandbox] = Slot(sandbox=sandbox)
        return self.made[sandbox]


@pytest.fixture(scope="session", autouse=True)
def slots() -> Iterator[Slots]:
    """Slots that all tests share; outside them is a secret in the environment, and a canary that nobody can guess."""
    slots = Slots()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_COURSE_TEST_SECRET", "1")
        patch.setenv("CRM_COURSE_TEST_CANARY", secrets.token_hex(16))
        patch.setattr(pool, "Slot", slots)
        patch.setattr(pool, "close_slot", lambda: None)
        yield slots
    for slot in slots.made.values():
        slot.close()


@pytest.fixture(scope="session")
def wheel(place: Path) -> Path:
    """The course's wheel, built once for all processes that test."""
    folder = place / "wheel"
    folder.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not list(folder.glob("*.whl")):
            made, why = build_wheel(folder)
            assert made is not None, why
    return next(folder.glob("*.whl"))
