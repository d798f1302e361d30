"""Complaints of a register brought into a store folder that is there already."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path

import pandas as pd

from crm_course.errors import StoreError, WrongCall
from crm_course.tables.imports.complaint_register import STAGES, complaint_lines, linked, unpaid
from crm_course.tables.imports.hiding import pseudonyms
from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.lines import Text
from crm_course.tables.imports.privacy import Privacy
from crm_course.tables.imports.sources.exports import Export
from crm_course.tables.imports.sources.mapping import Mapping
from crm_course.tables.storage.writing import TableWriter
from crm_course.tables.store import Store, open_store

NAMES = {"refused": "refused_complaints.csv", "log": "privacy_log_complaints.csv", "summary": "import_complaints.json"}


def open_for_complaints(folder: Path) -> Store:
    """Open the store that complaints are to be added to.

    Raises
    ------
    WrongCall
        If it has complaints already, or no orders.
    """
    store = open_store(folder)
    if not store.has("orders"):
        raise WrongCall(f"{folder}: has no orders; import them first, the complaints are added to them")
    if store.has("complaints"):
        raise WrongCall(
            f"{folder}: has complaints already; import the orders into a new folder, then all registers at once"
        )
    return store


def complaints_of(
    export: Export, mapping: Mapping, ledger: Ledger, store: Store, key: bytes | None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Give the table ``complaints``, and how many links of each kind the store does not know."""
    lines = complaint_lines(Text(export, mapping), ledger, pd.Timestamp(store.info.end))
    if lines.empty:
        return lines, {}
    customer = lines["customer"]
    lines["customer_id"] = pseudonyms(customer, key) if key else customer.where(customer != "")
    names = [name for name in ("customers", "orders", "order_lines", "products") if store.has(name)]
    tables = {name: store.table(name) for name in names}
    lines, unknown = linked(lines, tables)
    more = unpaid(lines, tables["order_lines"])
    ledger.refuse(
        lines.index[more].to_numpy(dtype=int),
        mapping.complaint.compensation if mapping.complaint else "",
        "is more than the order cost",
    )
    lines = lines[~more]
    lines["repeat_of"] = lines["repeat_of"].where(lines["repeat_of"].isin(lines["complaint_id"]))
    return lines, unknown


def complaints_alone(export: Export, mapping: Mapping, ledger: Ledger) -> pd.DataFrame:
    """Give the table ``complaints`` of a register that names no customer and no order of a shop."""
    last = mapping.store.as_of
    end = pd.Timestamp(mapping.store.info(last).end) if last else pd.Timestamp.now(tz="UTC")
    lines = complaint_lines(Text(export, mapping), ledger, end)
    return lines.drop(columns=["customer", "order_id", "product_name", "repeat_of"])


def last_day_of(complaints: pd.DataFrame, time_zone: str) -> dt.date:
    """Give the last local day of which a register of complaints tells."""
    stages = [name for name in STAGES if name in complaints]
    day: dt.date = pd.Timestamp(complaints[stages].max().max()).tz_convert(time_zone).date()
    return day


def add_to(
    folder: Path, table: pd.DataFrame, refused: pd.DataFrame, privacy: Privacy, summary: dict[str, object]
) -> None:
    """Write the complaints beside the tables that are there; the table takes its name last.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".complaints-") as place:
            with TableWriter(Path(place), "complaints") as writer:
                writer.write(table)
            if len(refused):
                privacy.refused(refused).to_csv(folder / NAMES["refused"], index=False)
            privacy.log().to_csv(folder / NAMES["log"], index=False)
            told = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
            (folder / NAMES["summary"]).write_text(told, encoding="utf-8")
            (Path(place) / "complaints.parquet").replace(folder / "complaints.parquet")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written ({error.strerror or error}); free space") from error
