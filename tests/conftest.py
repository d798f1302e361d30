"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def house() -> Path:
    """The folder of the whole project."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def demo(house: Path) -> Path:
    """The demo store that is shipped."""
    return house / "datasets" / "demo"
