"""A real export turned into a store folder: every row is taken or refused with a reason."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crm_course.errors import WrongCall
from crm_course.tables.exports import PLACE, read_export
from crm_course.tables.mapping import Columns, Mapping, read_mapping
from crm_course.tables.writing import TableWriter, new_store

REFUSED = "refused.csv"
EARLIEST = pd.Timestamp("1970-01-01")  # a slip in the year, in any shop's export
LARGEST = 1e10  # what decimal128(12, 2) holds


@dataclass(frozen=True)
class Imported:
    """What came of an import: rows in are rows taken and rows refused.

    Attributes
    ----------
    rows_in, rows_taken, rows_refused : int
        Rows of the export, empty lines left out.
    reasons : dict of str to int
        How many rows each reason refused.
    """

    rows_in: int
    rows_taken: int
    rows_refused: int
    reasons: dict[str, int]

    def as_dict(self) -> dict[str, object]:
        """Give the same for JSON."""
        return asdict(self)


def import_export(files: list[Path], mapping: str, folder: str | Path) -> Imported:
    """Import an export into a new store folder.

    Refused rows are listed with file, line and reason in ``refused.csv`` of the folder, which is
    written only when there are any.

    Parameters
    ----------
    files : list of Path
        The export; empty for the file that the mapping itself brings.
    mapping : str
        Name of a mapping of the course, or a ``.yml`` file.
    folder : str or Path
        Store folder to write, new or empty.

    Raises
    ------
    WrongCall
        If there is no such mapping or file, or not a single row can be taken.
    StoreError
        If the folder is not empty or cannot be written.
    """
    chosen = read_mapping(mapping)
    paths = list(files) or _own_file(chosen, mapping)
    rows, broken = read_export(paths, chosen.reader)
    taken, strange = _take(rows, chosen, paths[0])
    refused = pd.concat([broken, strange], ignore_index=True).sort_values(PLACE, kind="stable")
    result = Imported(
        rows_in=len(taken) + len(refused),
        rows_taken=len(taken),
        rows_refused=len(refused),
        reasons={str(reason): int(number) for reason, number in refused["reason"].value_counts().items()},
    )
    if taken.empty:
        raise WrongCall(_nothing(paths, mapping, result))
    _write(folder, chosen, taken, refused)
    return result


def _own_file(mapping: Mapping, name: str) -> list[Path]:
    if mapping.default_file is None:
        raise WrongCall(f"mapping {name!r} brings no file of its own; name the file to import")
    return [mapping.default_file.find()]


def _nothing(paths: list[Path], mapping: str, result: Imported) -> str:
    where = ", ".join(str(path) for path in paths)
    if not result.rows_in:
        return f"{where}: there are no rows in it; name the export"
    reason = next(iter(result.reasons))
    return f"{where}: none of {result.rows_in:,} rows fits mapping {mapping!r} ({reason}); is it the right file?"


def _take(rows: pd.DataFrame, mapping: Mapping, path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the rows into those taken, with the course's types, and those refused with a reason."""
    names = mapping.columns
    _demand(rows, names, path)
    text = {field: rows[f"={column}"].str.strip() for field, column in names.model_dump().items()}
    day = pd.to_datetime(text["ordered_at"], format=mapping.date_format, errors="coerce").dt.as_unit("us")
    moment = _moment(day, mapping.store.time_zone)
    quantity = pd.to_numeric(text["quantity"], errors="coerce")
    cents = pd.to_numeric(text["amount"], errors="coerce") * 100
    refusals = [
        ("customer_id", text["customer_id"] == "", "is empty"),
        ("ordered_at", moment.isna(), f"is not a day written as {mapping.date_format}"),
        ("ordered_at", day < EARLIEST, f"is before {EARLIEST:%Y-%m-%d}"),
        ("ordered_at", moment >= mapping.store.end, f"is after the last day, {mapping.store.as_of}"),
        ("quantity", ~(np.isfinite(quantity) & (quantity % 1 == 0)), "is not a whole number"),
        ("quantity", quantity < 1, "is below 1"),
        ("amount", ~np.isfinite(cents), "is not an amount"),
        ("amount", cents < 0, "is negative"),
        ("amount", (cents - cents.round()).abs() > 1e-4, "has fractions of a cent"),
        ("amount", cents >= LARGEST * 100, "is too large"),
    ]
    refused = _refused(rows, names, [(field, mask.to_numpy(), problem) for field, mask, problem in refusals])
    keep = ~rows.index.isin(refused.index)
    taken = pd.DataFrame({"customer_id": text["customer_id"], "ordered_at": moment})[keep]
    return taken.assign(quantity=quantity[keep].astype("int64"), cents=cents[keep].round().astype("int64")), refused


def _demand(rows: pd.DataFrame, names: Columns, path: Path) -> None:
    missing = [column for column in names.model_dump().values() if f"={column}" not in rows]
    if missing:
        has = ", ".join(column.removeprefix("=") for column in rows.columns if column not in PLACE)
        raise WrongCall(f"{path}: the header has no column {', '.join(missing)}; it has {has or 'none'}")


def _moment(day: pd.Series, time_zone: str) -> pd.Series:
    """Give local midnight in UTC; of a midnight that is there twice or not at all, the first moment of the day."""
    first = np.ones(len(day), dtype=bool)
    return day.dt.tz_localize(time_zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")


def _refused(rows: pd.DataFrame, names: Columns, refusals: list[tuple[str, np.ndarray, str]]) -> pd.DataFrame:
    """List the rows that are refused, each once, with the first reason."""
    columns = names.model_dump()
    parts = [
        rows.loc[mask, PLACE].assign(
            column=columns[field], value=rows.loc[mask, f"={columns[field]}"], reason=f"{columns[field]} {problem}"
        )
        for field, mask, problem in refusals
    ]
    every = pd.concat(parts)
    return every[~every.index.duplicated()]


def _write(folder: str | Path, mapping: Mapping, taken: pd.DataFrame, refused: pd.DataFrame) -> None:
    width = len(str(taken.index.max() + 1))
    taken = taken.assign(order_id=[f"{number + 1:0{width}d}" for number in taken.index])
    first_seen = taken.groupby("customer_id")["ordered_at"].min().rename("first_seen_at").reset_index()
    tables = {
        "customers": first_seen.assign(account=False),
        "orders": taken[["order_id", "customer_id", "ordered_at"]],
        "order_lines": order_lines(taken),
    }
    with new_store(folder, mapping.store) as partial:
        for name, table in tables.items():
            with TableWriter(partial, name) as writer:
                writer.write(table)
        if len(refused):
            refused.to_csv(partial / REFUSED, index=False)


def order_lines(orders: pd.DataFrame) -> pd.DataFrame:
    """Give the lines of orders of which only the units and the sum are known.

    A sum that does not divide into equal prices becomes two lines: 29.33 for 2 units is one unit at
    14.66 and one at 14.67. So units and sums stay exact, no discount is invented, and an amount is
    quantity x unit price.

    Parameters
    ----------
    orders : DataFrame
        One row per order: ``order_id``, ``quantity`` (units, at least 1), ``cents`` (the sum).

    Returns
    -------
    DataFrame
        ``line_id``, ``order_id``, ``quantity``, ``unit_price``, ``discount``, ``amount``; one or two
        rows per order, in the order of `orders`.
    """
    price, left = orders["cents"] // orders["quantity"], orders["cents"] % orders["quantity"]
    parts = [
        orders.assign(units=orders["quantity"] - left, price=price, line=1),
        orders.assign(units=left, price=price + 1, line=2)[left > 0],
    ]
    lines = pd.concat(parts).sort_index(kind="stable")
    return pd.DataFrame(
        {
            "line_id": lines["order_id"] + "-" + lines["line"].astype(str),
            "order_id": lines["order_id"],
            "quantity": lines["units"],
            "unit_price": lines["price"] / 100,
            "discount": 0.0,
            "amount": lines["units"] * lines["price"] / 100,
        }
    )
