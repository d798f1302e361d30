"""A shop small enough to read: two customers, three orders, one return, one invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.writing import write_store

INFO = StoreInfo(
    name="Mei's shop", currency="HKD", time_zone="Asia/Hong_Kong", as_of=dt.date(2025, 12, 31), source="made up"
)


def at(*moments: str | None) -> pd.Series:
    """Give moments in UTC."""
    return pd.Series(pd.to_datetime(list(moments), utc=True)).dt.as_unit("us")


@pytest.fixture(autouse=True, scope="session")
def home_of_ones_own(tmp_path_factory) -> Iterator[None]:
    """Keys of pseudonyms are made here, not in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    return {
        "customers": pd.DataFrame(
            {
                "customer_id": ["ann", "bo"],
                "first_seen_at": at("2025-01-01 04:00", "2025-02-01 04:00"),
                "account": [False, True],
            }
        ),
        "orders": pd.DataFrame(
            {
                "order_id": ["o1", "o2", "o3"],
                "customer_id": ["ann", "bo", None],
                "ordered_at": at("2025-01-01 04:00", "2025-02-01 04:00", "2025-03-01 04:00"),
                "channel": ["shop", "web", "shop"],
                "delivered_at": at(None, "2025-02-03 04:00", None),
            }
        ),
        "order_lines": pd.DataFrame(
            {
                "line_id": ["l1", "l2", "l3"],
                "order_id": ["o1", "o2", "o3"],
                "quantity": [2, 1, 3],
                "unit_price": [10.0, 99.9, 0.1],
                "discount": [5.0, 0.0, 0.0],
                "amount": [15.0, 99.9, 0.3],
            }
        ),
        "returns": pd.DataFrame(
            {
                "return_id": ["r1"],
                "line_id": ["l1"],
                "returned_at": at("2025-01-05 04:00"),
                "quantity": [1],
                "amount": [7.5],
                "restocked": [True],
            }
        ),
        "invoices": pd.DataFrame(
            {
                "invoice_id": ["i1"],
                "customer_id": ["bo"],
                "issued_at": at("2025-02-01 04:00"),
                "due_at": at("2025-03-01 04:00"),
                "paid_at": at(None),
                "amount": [99.9],
            }
        ),
    }


@pytest.fixture
def shop(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> Path:
    """The shop as a store folder, as the course writes it."""
    write_store(tmp_path / "shop", INFO, tables)
    return tmp_path / "shop"


@pytest.fixture
def spoil(shop: Path) -> Callable[[str, str, int, object], Path]:
    """Put a value in a column of a table (the row counted from 1), whatever the schema says."""

    def put(table: str, column: str, row: int, value: object) -> Path:
        path = shop / f"{table}.parquet"
        frame = pd.read_parquet(path)
        values = frame[column].astype(object).tolist()
        values[row - 1] = value
        frame[column] = pd.Series(values) if column not in MONEY else pd.Series(values).astype(float)
        frame.to_parquet(path, index=False)
        return shop

    return put


MONEY = {"unit_price", "discount", "amount", "unit_cost"}
