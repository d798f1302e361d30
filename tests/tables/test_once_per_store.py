"""What is computed once a store is that store's, whoever asks, and goes with it."""

from __future__ import annotations

import copy
import datetime as dt
import gc
import pickle
import threading
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.store import Store, once_per_store

INFO = StoreInfo(
    name="Mei's shop", currency="HKD", time_zone="Asia/Hong_Kong", as_of=dt.date(2025, 12, 31), source="made up"
)
CALLS, THREADS, STORES = 10_000, 8, 2


def two_stores() -> list[Store]:
    return [Store(Path(f"shop{number}"), INFO) for number in range(STORES)]


def test_many_threads_never_get_another_stores_value_and_each_is_computed_once():
    stores, computed = two_stores(), Counter()

    @once_per_store
    def share(store: Store, of: int = 0) -> tuple[Path, int]:
        computed[store.path, of] += 1
        return store.path, of

    @once_per_store
    def both(store: Store, of: int = 0) -> list[tuple[Path, int]]:
        computed[store.path, "both", of] += 1
        return [share(store, of=of), share(store)]

    def call(number: int) -> bool:
        store, of = stores[number % STORES], number // STORES % 3
        return share(store, of=of) == (store.path, of) and both(store, of=of) == [(store.path, of), (store.path, 0)]

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(call, range(CALLS)))
    assert set(computed.values()) == {1}
    assert len(computed) == 2 * 3 * STORES


def test_who_comes_while_it_is_computed_waits_and_computes_nothing():
    store, begun, go_on, computed = two_stores()[0], threading.Event(), threading.Event(), []

    @once_per_store
    def slow(store: Store) -> object:
        computed.append(store)
        begun.set()
        assert go_on.wait(10)
        return object()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(slow, store)
        assert begun.wait(10)
        second = threads.submit(slow, store)
        go_on.set()
        assert first.result(10) is second.result(10)
    assert computed == [store]


def test_a_choice_is_the_same_however_it_is_made():
    store, computed = two_stores()[0], []

    @once_per_store
    def rows(store: Store, accounts: bool = False, **more: bool) -> int:
        computed.append((accounts, more))
        return len(computed)

    assert {rows(store), rows(store, False), rows(store, accounts=False)} == {1}
    assert {rows(store, one=True, two=False), rows(store, two=False, one=True)} == {2}
    assert rows(store, accounts=True) == 3


def test_what_failed_is_tried_again():
    store, tries = two_stores()[0], []

    @once_per_store
    def settles_later(store: Store) -> str:
        tries.append(store)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "settled"

    with pytest.raises(ValueError, match="not yet"):
        settles_later(store)
    assert settles_later(store) == settles_later(store) == "settled"
    assert len(tries) == 2


@pytest.mark.parametrize(
    "another",
    [
        copy.deepcopy,
        replace,
        lambda store: pickle.loads(pickle.dumps(store)),
        lambda store: Store(store.path, store.info),
    ],
)
def test_another_store_of_the_same_folder_begins_anew(another):
    store = two_stores()[0]

    @once_per_store
    def thing(store: Store) -> object:
        return threading.Lock()  # which nobody could copy or pickle

    first = thing(store)
    other = another(store)

    assert other == store
    assert repr(other) == repr(store)
    assert thing(other) is not first
    assert thing(store) is first


def test_the_values_go_with_the_store():
    store = two_stores()[0]

    class Table:
        pass

    @once_per_store
    def table(store: Store) -> Table:
        return Table()

    value = weakref.ref(table(store))
    gc.disable()
    try:
        assert value() is not None
        del store
        assert value() is None
    finally:
        gc.enable()
