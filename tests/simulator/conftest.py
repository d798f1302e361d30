from functools import cache

import pytest

from crm_course import open_store


@pytest.fixture(scope="session")
def made(made_folder):
    """Make a store once for each set of parameters."""

    @cache
    def make(scenario="beauty", **parameters):
        return open_store(made_folder(scenario, **parameters))

    return make


@pytest.fixture(scope="session")
def beauty(made):
    return made("beauty", customers=1500, seed=11)


@pytest.fixture(scope="session")
def plain(made):
    return made("plain", customers=1500, seed=11)
