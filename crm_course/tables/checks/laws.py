"""What must hold between the columns and tables of a store, beyond each value by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from crm_course.tables.checks.law import HALF_A_CENT, Law, Tables, not_before, of_each
from crm_course.tables.checks.laws_of_contact import CONTACT_LAWS, CONTACT_PAST
from crm_course.tables.checks.laws_of_identity import IDENTITY_LAWS, IDENTITY_PAST
from crm_course.tables.checks.laws_of_service import SERVICE_LAWS, SERVICE_PAST, laws_of_zone
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.faults import Fault, fault_where
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.table_files import columns_of


def broken_laws(tables: Tables, info: StoreInfo | None) -> Iterator[tuple[str, Fault]]:
    """Give every broken law with the table to blame; laws whose tables or columns are not there are left out.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The tables that could be read, with the columns that could be read.
    info : StoreInfo, optional
        What ``store.json`` says; without it, no time is held against the store's last day.
    """
    for law in (*_links(), *laws(), *((*_last_day(info), *laws_of_zone(info)) if info else ())):
        if law.applies(tables):
            for fault in fault_where(law.broken(tables), tables[law.table][law.column], law.problem):
                yield law.table, fault


def laws() -> tuple[Law, ...]:
    """Give the laws that hold in every store, whatever its last day."""
    return _LAWS


def _links() -> Iterator[Law]:
    for table in SCHEMAS:
        for column, spec in columns_of(table).items():
            if "references" in spec.metadata:
                yield _link(table, column, *spec.metadata["references"].split("."))


def _link(table: str, column: str, other: str, key: str) -> Law:
    def broken(tables: Tables) -> pd.Series[bool]:
        ids = tables[table][column]
        known = pd.Index(tables[other][key].dropna().unique())
        return ids.notna() & (known.get_indexer(ids) < 0)  # isin of texts is a loop in Python

    return Law(table, column, f"is not in table {other}", broken, elsewhere={other: (key,)})


def _last_day(info: StoreInfo) -> Iterator[Law]:
    end = pd.Timestamp(info.end)

    def after(table: str, column: str) -> Callable[[Tables], pd.Series[bool]]:
        return lambda tables: tables[table][column] >= end

    def before_computers(table: str, column: str) -> Callable[[Tables], pd.Series[bool]]:
        return lambda tables: tables[table][column] < pd.Timestamp(0, tz="UTC")

    for table, column in _PAST:
        yield Law(table, column, f"is after the store's last day, {info.as_of}", after(table, column))
        yield Law(table, column, "is before 1970", before_computers(table, column))


def _amount(tables: Tables) -> pd.Series[bool]:
    lines = tables["order_lines"]
    expected = lines["quantity"].astype("float64") * lines["unit_price"] - lines["discount"]
    return (expected - lines["amount"]).abs() > HALF_A_CENT


def _too_many_back(tables: Tables) -> pd.Series[bool]:
    returns = tables["returns"]
    back = returns.groupby("line_id")["quantity"].transform("sum")
    return (back > of_each(returns["line_id"], tables["order_lines"], "line_id", "quantity")).fillna(False)


def _too_much_back(tables: Tables) -> pd.Series[bool]:
    returns = tables["returns"]
    back = returns.groupby("line_id")["amount"].transform("sum")
    return back > of_each(returns["line_id"], tables["order_lines"], "line_id", "amount") + HALF_A_CENT


def _back_before_sold(tables: Tables) -> pd.Series[bool]:
    returns = tables["returns"]
    order = of_each(returns["line_id"], tables["order_lines"], "line_id", "order_id")
    return returns["returned_at"] < of_each(order, tables["orders"], "order_id", "ordered_at")


_PAST = (
    ("customers", "first_seen_at"),
    ("orders", "ordered_at"),
    ("returns", "returned_at"),
    ("invoices", "issued_at"),
    ("invoices", "paid_at"),
    ("consents", "recorded_at"),
    *SERVICE_PAST,
    *CONTACT_PAST,
    *IDENTITY_PAST,
)

_LAWS = (
    not_before("promotions", "ends_on", "starts_on", "is before the promotion starts"),
    not_before("orders", "delivered_at", "ordered_at", "is before the order was placed"),
    Law(
        "order_lines",
        "amount",
        "is not quantity x unit_price - discount",
        _amount,
        needs=("quantity", "unit_price", "discount"),
    ),
    Law(
        "returns",
        "quantity",
        "brings back more than the line sold",
        _too_many_back,
        needs=("line_id",),
        elsewhere={"order_lines": ("line_id", "quantity")},
    ),
    Law(
        "returns",
        "amount",
        "gives back more money than the line cost",
        _too_much_back,
        needs=("line_id",),
        elsewhere={"order_lines": ("line_id", "amount")},
    ),
    Law(
        "returns",
        "returned_at",
        "is before the order was placed",
        _back_before_sold,
        needs=("line_id",),
        elsewhere={"order_lines": ("line_id", "order_id"), "orders": ("order_id", "ordered_at")},
    ),
    not_before("invoices", "due_at", "issued_at", "is before the invoice was issued"),
    not_before("invoices", "paid_at", "issued_at", "is before the invoice was issued"),
    *SERVICE_LAWS,
    *CONTACT_LAWS,
    *IDENTITY_LAWS,
)
