"""A store folder, opened: its tables, and its truth where there is one."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast

import pandas as pd
import pyarrow.parquet as pq

from crm_course.errors import MissingTable, StoreError
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.faults import what_to_do
from crm_course.tables.storage.info import StoreInfo, read_info
from crm_course.tables.storage.judging import judge
from crm_course.tables.storage.table_files import files_of, read_table

OfStore = TypeVar("OfStore", bound=Callable[..., Any])


@dataclass
class _Once:
    """A value that is computed by whoever comes first, while the others wait."""

    lock: RLock = field(default_factory=RLock)  # re-entrant, so that a function that calls itself is told so
    value: Any = None
    known: bool = False

    def get(self, compute: Callable[[], Any]) -> Any:
        if not self.known:
            with self.lock:
                if not self.known:
                    self.value = compute()
                    self.known = True
        return self.value


class _Computed(dict[Hashable, _Once]):
    """What was computed of one store; it stays there when the store is copied or pickled."""

    def __reduce__(self) -> tuple[type[_Computed], tuple[()]]:
        return _Computed, ()


@dataclass(frozen=True)
class Store:
    """A store folder.

    Attributes
    ----------
    path : Path
        The folder.
    info : StoreInfo
        What ``store.json`` says.
    """

    path: Path
    info: StoreInfo
    _computed: _Computed = field(default_factory=_Computed, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the shop is called."""
        return self.info.name

    @property
    def currency(self) -> str:
        """ISO code of the store's currency."""
        return self.info.currency

    @property
    def time_zone(self) -> str:
        """The zone that decides what a day is."""
        return self.info.time_zone

    @property
    def as_of(self) -> pd.Timestamp:
        """The last local day that the data cover."""
        return pd.Timestamp(self.info.as_of)

    def day(self, text: str) -> pd.Timestamp:
        """Read a day that a user gave; an empty text stands for the store's last day.

        Raises
        ------
        StoreError
            If the text is no day, or the day lies after the store's last one.
        """
        if not text:
            return self.as_of
        try:
            day = pd.Timestamp(dt.date.fromisoformat(text))
        except ValueError:
            raise StoreError(f"as_of {text!r} is not a day; write it as 2025-12-31") from None
        if day > self.as_of:
            raise StoreError(
                f"as_of {day:%Y-%m-%d} is in the future of {self.name}, whose data end {self.as_of:%Y-%m-%d}"
            )
        return day

    def has(self, name: str) -> bool:
        """Say whether the store has a table with something in it."""
        path = self._file(name)
        return path is not None and (path.suffix == ".csv" or pq.read_metadata(path).num_rows > 0)

    def missing(self, name: str, left_out: str) -> bool:
        """Say whether a table is missing and, if so, print a line that tells what is left out.

        Examples
        --------
        >>> from crm_course import open_store
        >>> store = open_store("datasets/demo")
        >>> if not store.missing("invoices", "credit behaviour"):
        ...     invoices = store.table("invoices")
        """
        if self.has(name):
            return False
        nothing = "no table" if self._file(name) is None else "nothing in table"
        print(f"{self.name} has {nothing} `{name}`: {left_out} is left out.")
        return True

    def table(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table and validate what is read.

        Parameters
        ----------
        name : str
            One of the course's tables, such as ``"orders"``.
        columns : list of str, optional
            The columns to read; all by default.

        Returns
        -------
        DataFrame
            Types as the schema says: ids ``str``, vocabularies ``category``, times
            ``datetime64[us, UTC]``, money ``float64`` in the store's currency.

        Raises
        ------
        MissingTable
            If the store has no such table.
        StoreError
            If a column is missing, has another type, or holds a value that cannot be.
        """
        path = self._file(name)
        if path is None:
            raise MissingTable(f"{self.name} ({self.path}) has no table `{name}`; import or simulate one that has")
        table = read_table(path, name, columns)
        faults = judge(table, name)
        if faults:
            raise StoreError(f"{path}: {faults[0]}; {what_to_do(path)}")
        return table

    def truth(self, name: str) -> pd.DataFrame | None:
        """Give a table of what the simulator knows; None on a real export and on a trainee's own store."""
        path = self.path / "truth" / f"{name}.parquet"
        return pq.read_table(path).to_pandas() if path.is_file() else None

    def _file(self, name: str) -> Path | None:
        if name not in SCHEMAS:
            raise MissingTable(f"`{name}` is not a table of the course; there are {', '.join(SCHEMAS)}")
        return next(iter(files_of(self.path, name)), None)


def once_per_store(compute: OfStore) -> OfStore:
    """Compute once a store, in whatever thread; another `Store`, of the same folder even, begins anew.

    Parameters
    ----------
    compute : callable
        Of a `Store` and hashable choices. What it returns is shared, so nobody may change it, and lives as long as
        the `Store` does.

    Examples
    --------
    >>> @once_per_store
    ... def customers(store, accounts=False):
    ...     return store.table("customers").query("account == @accounts")
    >>> store = open_store("datasets/demo")
    >>> customers(store) is customers(store, accounts=False)
    True
    """
    signature = inspect.signature(compute)

    @wraps(compute)
    def once(store: Store, *args: Any, **choice: Any) -> Any:
        call = signature.bind(store, *args, **choice)
        call.apply_defaults()
        key = compute, call.args[1:], frozenset(call.kwargs.items())
        return store._computed.setdefault(key, _Once()).get(lambda: compute(store, *args, **choice))

    return cast(OfStore, once)


def open_store(path: str | Path) -> Store:
    """Open a store folder; nothing but ``store.json`` is read yet.

    Raises
    ------
    StoreError
        If the folder is none, or its ``store.json`` is not what it should be.

    Examples
    --------
    >>> store = open_store("datasets/demo")
    >>> store.currency
    'HKD'
    """
    folder = Path(path).expanduser()
    return Store(folder, read_info(folder))
