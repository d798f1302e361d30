"""What the tests of chapters and of exercises share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml
from filelock import FileLock
from proofs import Proof

from crm_course.running.outcome import figures
from crm_course.tables.imports.importing import import_export

SEEDS = Path(__file__).with_name("seeds.yml")
FEW = 1  # store that the quick tests look at


@pytest.fixture(scope="session")
def seeds():
    """The seeds of each exercise's stores."""
    return yaml.safe_load(SEEDS.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def proof_of(house, seeds, place):
    """Give the proof of an exercise by name, on some of its stores; what it computes is there for all tests."""

    @cache
    def make(name, stores=FEW):
        return Proof(house / "exercises" / name, seeds[name][:stores], place / "proofs" / name)

    return make


@pytest.fixture(scope="session")
def cdnow(place):
    """CDNOW as a store, which has orders and nothing else; imported once for all processes that test."""
    folder = place / "cdnow"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            import_export([], "cdnow", folder)
    return folder


@pytest.fixture
def shown(house, request):
    """The figures that the built chapter shows of the demo store; that it gives them is what nbval sees to."""
    path = house / "notebooks" / f"{request.module.CHAPTER}.ipynb"
    return figures(nbformat.read(path, as_version=4))
