from functools import cache, cached_property

import pytest

from crm_course import open_store
from crm_course.tables.store import Store


class ReadOnce(Store):
    """A store whose tables are read from the disk once, for all tests; each gets what it may change."""

    @cached_property
    def _read(self):
        return cache(super().table), cache(super().truth)

    def table(self, name, columns=None):
        table = self._read[0](name)
        return (table if columns is None else table[columns]).copy(deep=False)

    def truth(self, name):
        table = self._read[1](name)
        return None if table is None else table.copy(deep=False)


@pytest.fixture(scope="session")
def made(made_folder):
    """Make a store once for each set of parameters."""

    @cache
    def make(scenario="beauty", **parameters):
        store = open_store(made_folder(scenario, **parameters))
        return ReadOnce(store.path, store.info)

    return make


@pytest.fixture(scope="session")
def beauty(made):
    return made("beauty", customers=1500, seed=11)


@pytest.fixture(scope="session")
def plain(made):
    return made("plain", customers=1500, seed=11)


@pytest.fixture(scope="session")
def large(made):
    """The one large store, on which chance tells what it must."""
    return made("beauty", customers=20_000, seed=5)
