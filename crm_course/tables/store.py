"""A store folder, opened: its tables, and its truth where there is one."""

from __future__ import annotations

import datetime as dt
import inspect
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar, cast, overload

import pandas as pd
import pyarrow.parquet as pq

from crm_course.errors import LeftOut, MissingTable, NothingToAnalyse, StoreError
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.faults import what_to_do
from crm_course.tables.storage.glance import ROWS, Glance, speaks_of_people
from crm_course.tables.storage.info import StoreInfo, read_info
from crm_course.tables.storage.judging import judge
from crm_course.tables.storage.known import (
    DAY,
    Cut,
    days_of,
    events_of,
    known_by,
    local_day,
    own_columns,
    own_event,
    with_days,
)
from crm_course.tables.storage.sold import purchases, sold_lines
from crm_course.tables.storage.table_files import columns_of, empty_table, files_of, has_rows, read_table

MARGIN_RATE = 0.30  # margin as a share of sales, where no cost is known
SYNTHETIC = "synthetic"  # how the source of a store begins whose people are made up

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
    today : Timestamp
        The last local day that counts: what came later is not known, whatever the files hold.
    """

    path: Path
    info: StoreInfo
    today: pd.Timestamp = field(default=None)  # where it is not named, the last day of the data
    _computed: _Computed = field(default_factory=_Computed, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.today is None:
            object.__setattr__(self, "today", self.as_of)

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

    @property
    def first_day(self) -> pd.Timestamp | None:
        """The local day of the first order; None where nothing was ordered."""
        return _first_day(self)

    def at(self, day: str | dt.date) -> Store:
        """Give the same store as of another day: what came later is not known yet.

        Rows are there from their event on; what is known later, as how a complaint was solved, is missing until
        then. The data dictionary says of every column when it is known.

        Parameters
        ----------
        day : str or date
            The last local day that counts, such as ``2025-12-31``.

        Raises
        ------
        StoreError
            If it is no day, or lies before the first order or after the last day of the data.

        Examples
        --------
        >>> store = open_store("datasets/demo")
        >>> then = store.at("2024-06-30")
        >>> len(then.table("orders")) < len(store.table("orders"))
        True
        """
        return replace(self, today=self.day(day))

    def day(self, day: str | dt.date) -> pd.Timestamp:
        """Read a day of the data that a user gave; an empty text stands for the store's last day.

        Raises
        ------
        StoreError
            If it is no day, or lies before the first order or after the last day of the data.
        """
        if day == "":
            return self.as_of
        try:
            found = pd.Timestamp(dt.date.fromisoformat(day) if isinstance(day, str) else day)
        except (ValueError, TypeError):
            raise StoreError(f"as_of {day!r} is not a day; write it as 2025-12-31") from None
        if isinstance(day, (int, float)) or found is pd.NaT or found != found.normalize() or found.tz is not None:
            raise StoreError(f"as_of {day!r} is not a day; write it as 2025-12-31")
        if found > self.as_of:
            raise StoreError(
                f"as_of {found:%Y-%m-%d} is in the future of {self.name}, whose data end {self.as_of:%Y-%m-%d}"
            )
        if self.first_day is not None and found < self.first_day:
            raise StoreError(
                f"as_of {found:%Y-%m-%d} is before the first order of {self.name}, on {self.first_day:%Y-%m-%d}"
            )
        return found.as_unit("us")

    def has(self, name: str) -> bool:
        """Say whether the store has a table with something in it that is known."""
        path = self._file(name)
        if path is None or not has_rows(path):
            return False
        events = events_of(name)
        return self._whole or not events or not self.table(name, own_columns(name, events)).empty

    def _lack(self, name: str, left_out: str) -> str:
        nothing = "no table" if self._file(name) is None else "nothing in table"
        return f"{self.name} has {nothing} `{name}`: {left_out} is left out."

    def table(self, name: str, columns: list[str] | None = None, *, for_: str = "", optional: str = "") -> pd.DataFrame:
        """Read a table and validate what is read.

        Parameters
        ----------
        name : str
            One of the course's tables, such as ``"orders"``.
        columns : list of str, optional
            The columns to read; all by default.
        for_ : str, optional
            What the table is needed for. Where the store has nothing in it, that is left out, and whatever needs it
            after it: see `crm_course.errors.LeftOut`.
        optional : str, optional
            What the table adds. Where the store has nothing in it, a line says so and the table is empty.

        Returns
        -------
        DataFrame
            Types as the schema says: ids ``str``, vocabularies ``category``, times
            ``datetime64[us, UTC]``, money ``float64`` in the store's currency.

        Raises
        ------
        LeftOut
            If the store has nothing in the table and `for_` says what is left out then.
        MissingTable
            If the store has no such table.
        StoreError
            If a column is missing, has another type, or holds a value that cannot be.

        Examples
        --------
        >>> store = open_store("datasets/demo")
        >>> invoices = store.table("invoices", for_="credit behaviour")
        >>> words = store.table("contacts", optional="the words of the call")
        """
        if (for_ or optional) and not self.has(name):
            if for_:
                raise LeftOut(self._lack(name, for_))
            print(self._lack(name, optional))
        path = self._file(name)
        if path is None and not optional:
            raise MissingTable(f"{self.name} ({self.path}) has no table `{name}`; import or simulate one that has")
        of, asked = days_of(name), _asked(name, columns)
        days, stored = [one for one in asked if one in of], [one for one in asked if one not in of]
        needed = list(dict.fromkeys([*stored, *self._needed(name, stored, days)]))
        table = empty_table(name, needed) if path is None else self._judged(path, name, needed)
        cut = Cut(self.today, self.time_zone)
        table = cut.come(table, name) if self._whole else cut.known(table, name, self._look)
        return with_days(table, name, days, self.time_zone, self._look)[asked]

    def _judged(self, path: Path, name: str, columns: list[str]) -> pd.DataFrame:
        table = read_table(path, name, columns)
        faults = judge(table, name)
        if faults:
            raise StoreError(f"{path}: {faults[0]}; {what_to_do(path)}")
        return table

    @property
    def synthetic(self) -> bool:
        """Whether its people are made up, so that one of them may be shown."""
        return self.info.source.startswith(SYNTHETIC)

    def head(self, name: str) -> Glance:
        """Look at a table: its first five rows, and what its columns mean.

        On a real shop's data the rows of single people stay hidden.

        Parameters
        ----------
        name : str
            One of the course's tables, such as ``"orders"``.

        Raises
        ------
        MissingTable
            If the store has no such table.

        Examples
        --------
        >>> open_store("datasets/demo").head("orders").rows["channel"].notna().all()
        np.True_
        """
        table = self.table(name)
        shown = self.synthetic or not speaks_of_people(name)
        return Glance(name, table.head(ROWS if shown else 0), len(table))

    def customers(self) -> pd.DataFrame:
        """Give the customers whom the shop knows, by ``customer_id``: see the data dictionary for their columns."""
        return self.table("customers").set_index("customer_id")

    def purchases(self, margin_rate: float = MARGIN_RATE, whose: pd.Series | None = None) -> pd.DataFrame:
        """Give the days on which customers bought, and what stayed of it after returns.

        Who pays twice at the till on one afternoon has not come back: a day counts once. A return lowers the day of
        the order that it belongs to; one that came back later than today changes nothing. Orders of nobody known
        are left out.

        Parameters
        ----------
        margin_rate : float
            Margin as a share of the net amount, for lines whose cost is not known.
        whose : Series, optional
            By ``order_id``, whose an order is taken to be, such as the record under which it is filed; one that it
            does not name is left out. By default the customer's.

        Returns
        -------
        DataFrame
            One row per customer and day: ``customer_id``, ``day``, ``gross_amount``, ``net_amount``, ``net_margin``
            (all currency), ``account`` (whether she is a customer who buys on account).

        Raises
        ------
        NothingToAnalyse
            If nobody known had ordered anything.

        Examples
        --------
        >>> days = open_store("datasets/demo").purchases()
        >>> bool(days.duplicated(["customer_id", "day"]).any())
        False
        """
        lines = self.table("order_lines", ["line_id", "order_id", "quantity", "amount", "unit_cost"])
        columns = ["return_id", "line_id", "quantity", "amount", "restocked"]
        returns = self.table("returns", columns) if self.has("returns") else None
        orders = self._known_orders()
        orders = orders if whose is None else orders.assign(customer_id=orders["order_id"].map(whose))
        return self._of_accounts(purchases(orders, lines, returns, margin_rate))

    def lines(self) -> pd.DataFrame:
        """Give what was in the baskets of customers whom the shop knows: a row a line, as paid at the till.

        Returns
        -------
        DataFrame
            ``order_id``, ``customer_id``, ``day``, ``product_id``, ``category``, ``item`` (the product's name
            without its brand), ``quantity``, ``amount`` (currency: after discount, before returns), ``account``.
            In a store without products all is one category, ``"everything"``.

        Raises
        ------
        NothingToAnalyse
            If nobody known had ordered a known product.
        """
        lines = self.table("order_lines", ["line_id", "order_id", "product_id", "quantity", "amount"])
        goods = self.table("products") if self.has("products") else None
        sold = sold_lines(self._known_orders(), lines, goods)
        if sold.empty:
            raise NothingToAnalyse(f"order_lines: no known product sold to a known customer by {self.today:%Y-%m-%d}")
        return self._of_accounts(sold)

    def _known_orders(self) -> pd.DataFrame:
        orders = self.table("orders", ["order_id", "customer_id", "day"])
        if orders["customer_id"].isna().all():
            advice = "column customer_id says who bought" if self._whole else "choose a later as_of"
            raise NothingToAnalyse(f"orders: no order of a known customer on or before {self.today:%Y-%m-%d}; {advice}")
        return orders

    def _of_accounts(self, sold: pd.DataFrame) -> pd.DataFrame:
        if not self.has("customers"):
            return sold.assign(account=False)
        customers = self.table("customers", ["customer_id", "account"])
        return sold.assign(account=sold["customer_id"].isin(customers.loc[customers["account"], "customer_id"]))

    @property
    def _whole(self) -> bool:
        return bool(self.today == self.as_of)

    def _needed(self, name: str, stored: list[str], days: list[str]) -> list[str]:
        """Give the columns by which days are made, and by which it is known what a day knows."""
        of, events = days_of(name), events_of(name)
        needed = own_columns(name, events if DAY in days or not self._whole else own_event(name))
        needed += [of[one] for one in days if of[one]]
        if not self._whole:
            needed += [time for one in [*stored, *needed] for time in known_by(name, one)]
        return needed

    def _look(self, name: str, column: str) -> pd.Series:
        """Give the times of another table by its key; none where the store has no such table."""
        key, path = SCHEMAS[name].to_schema().unique[0], self._file(name)
        if path is None:
            return pd.Series(dtype="datetime64[us, UTC]")
        return read_table(path, name, [key, column]).drop_duplicates(key).set_index(key)[column]

    @overload
    def truth(self, name: str) -> pd.DataFrame | None: ...

    @overload
    def truth(self, name: str, *, for_: str) -> pd.DataFrame: ...

    def truth(self, name: str, *, for_: str = "") -> pd.DataFrame | None:
        """Give a table of what the simulator knows; None on a real export, a trainee's own store and an earlier day.

        Parameters
        ----------
        name : str
            The table's name.
        for_ : str, optional
            What it is needed for; where it is not known, that is left out.

        Returns
        -------
        DataFrame or None

        Raises
        ------
        LeftOut
            If it is not known and `for_` says what is left out then.
        """
        path = self.path / "truth" / f"{name}.parquet"
        if self._whole and path.is_file():
            return pq.read_table(path).to_pandas()
        if for_:
            day = "" if self._whole else f" on {self.today:%d %B %Y}"
            raise LeftOut(f"Nobody knows the truth about {self.name}{day}: {for_} is left out.")
        return None

    def scenario(self, *, for_: str) -> dict[str, Any]:
        """Give what the simulator was told about the customers, on whatever day: a scenario's sections.

        Parameters
        ----------
        for_ : str
            What it is needed for; where it is not known, that is left out.

        Raises
        ------
        LeftOut
            If it is not known, as on a real export and on a trainee's own store.
        """
        path = self.path / "truth" / "parameters.json"
        if not path.is_file():
            raise LeftOut(f"Nobody knows the truth about {self.name}: {for_} is left out.")
        scenario: dict[str, Any] = json.loads(path.read_text("utf-8"))["scenario"]
        return scenario

    def _file(self, name: str) -> Path | None:
        if name not in SCHEMAS:
            raise MissingTable(f"`{name}` is not a table of the course; there are {', '.join(SCHEMAS)}")
        return next(iter(files_of(self.path, name)), None)


def _asked(name: str, columns: list[str] | None) -> list[str]:
    there = [*columns_of(name), *days_of(name)]
    if isinstance(columns, str):
        raise StoreError(f"`{name}`: columns are a list; write {[columns]}")
    unknown = [column for column in columns or () if column not in there]
    if unknown:
        raise StoreError(f"`{name}` has no column {', '.join(map(str, unknown))}; it has {', '.join(there)}")
    return there if columns is None else list(dict.fromkeys(columns))


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


@once_per_store
def _first_day(store: Store) -> pd.Timestamp | None:
    path = store._file("orders")
    if path is None:
        return None
    first = read_table(path, "orders", ["ordered_at"]).min()
    day = local_day(first, store.time_zone).iloc[0]
    return None if day is pd.NaT else day


def open_store(path: str | Path, as_of: str = "") -> Store:
    """Open a store folder; nothing but ``store.json`` is read yet.

    Parameters
    ----------
    path : str or Path
        The folder.
    as_of : str
        The last local day that counts, such as ``2025-12-31``; empty: the last day of the data. See `Store.at`.

    Raises
    ------
    StoreError
        If the folder is none, its ``store.json`` is not what it should be, or `as_of` is no day of the data.

    Examples
    --------
    >>> store = open_store("datasets/demo")
    >>> store.currency
    'HKD'
    """
    folder = Path(path).expanduser()
    store = Store(folder, read_info(folder))
    return store if isinstance(as_of, str) and not as_of else store.at(as_of)
