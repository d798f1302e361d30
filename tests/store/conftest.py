from pathlib import Path

import pytest

from crm_course import open_store
from crm_course.store import simulate
from crm_course.tables import Store


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Make a store once for each set of parameters."""
    stores: dict[tuple, Store] = {}

    def make(scenario: str = "beauty", **parameters) -> Store:
        key = (scenario, *sorted(parameters.items()))
        if key not in stores:
            folder: Path = tmp_path_factory.mktemp("stores") / "store"
            simulate(folder, scenario, **parameters)
            stores[key] = open_store(folder)
        return stores[key]

    return make


@pytest.fixture(scope="session")
def beauty(made):
    return made("beauty", customers=1500, seed=11)


@pytest.fixture(scope="session")
def plain(made):
    return made("plain", customers=1500, seed=11)
