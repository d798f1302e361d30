"""From the lines of an export to the tables of a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.returned_goods import matched_returns, refunded_orders, spread
from crm_course.tables.imports.sources.exports import plain
from crm_course.tables.imports.sources.mapping import Mapping

NO_CATEGORY = "other"
_UNITS_OF_ID = r"\s+"


@dataclass(slots=True)
class Piece:
    """What of a piece of a sold line has not come back yet."""

    line_id: str
    units: int
    cents: int


def whole_orders(lines: pd.DataFrame, mapping: Mapping, ledger: Ledger) -> pd.DataFrame:
    """Settle what belongs to an order as a whole: its customer, its moment, its discount.

    Parameters
    ----------
    lines : DataFrame
        What ``read_lines`` gives.
    mapping : Mapping
        What the columns mean.
    ledger : Ledger
        Where lines go whose order names another customer.

    Returns
    -------
    DataFrame
        The lines that are open, with ``product`` (what is the same item), ``net`` (cents after all discounts),
        ``customer`` and ``moment`` of the order.
    """
    if not mapping.columns.order_id:
        width = len(str(len(lines)))
        lines["order_id"] = pd.Series([f"{number + 1:0{width}d}" for number in lines["row"]], dtype="str")
    named = lines["customer"].where(lines["customer"] != "")
    first = named.where(ledger.open[lines["row"]]).groupby(lines["order_id"]).transform("first").fillna("")
    other = (lines["customer"] != "") & (lines["customer"] != first)
    ledger.refuse(
        lines.loc[other, "row"], mapping.columns.customer_id, "is not the customer of the order's other lines"
    )
    lines["customer"] = first
    refused = ~pd.Series(ledger.open[lines["row"]], index=lines.index)
    lines["cut"] = refused.groupby(lines["order_id"]).transform("any")
    lines = lines[~refused].copy()
    lines["moment"] = lines.groupby(["order_id", "back"])["moment"].transform("min")
    lines["product"] = _items(lines)
    lines["net"] = lines["gross"] - lines["discount"]
    lines["discount"] += _of_order(lines)
    lines["net"] = lines["gross"] - lines["discount"]
    return lines.reset_index(drop=True)


def _items(lines: pd.DataFrame) -> pd.Series:
    """Give what is the same for all spellings of an item: its number, else its name without blanks and signs."""
    number = lines["product_id"].str.upper().str.replace(_UNITS_OF_ID, " ", regex=True)
    codes, names = pd.factorize(lines["product_name"])
    name = pd.Series([plain(one) for one in names], dtype="str").iloc[codes].set_axis(lines.index)
    return number.where(number != "", name)


def _of_order(lines: pd.DataFrame) -> pd.Series:
    """Spread a discount of the whole order over its lines, where all of them are there."""
    net = lines.groupby("order_id")["net"].transform("sum")
    taken_off = (net - lines["order_amount"]).where(~lines["cut"] & ~lines["back"]).clip(lower=0).fillna(0)
    return spread(taken_off, lines)


def store_tables(lines: pd.DataFrame, mapping: Mapping, ledger: Ledger) -> dict[str, pd.DataFrame]:
    """Make the tables of a store; empty ones are left out.

    Parameters
    ----------
    lines : DataFrame
        What ``whole_orders`` gives; texts that name nobody, ``customer_id`` in place of who it is.
    mapping : Mapping
        What the columns mean.
    ledger : Ledger
        Where goods go that come back without having been sold.

    Returns
    -------
    dict of str to DataFrame
        ``customers``, ``orders``, ``order_lines``, and where there are any ``products``, ``stores``,
        ``returns``.
    """
    back = matched_returns(lines, mapping, ledger)
    sold = lines[~lines["back"]].sort_values(["moment", "order_id", "row"], kind="stable")
    back = pd.concat([part for part in (back, refunded_orders(sold)) if len(part)] or [back])
    pieces = pieces_of(sold)
    orders = sold.drop_duplicates("order_id")
    tables = {
        "stores": _stores(sold),
        "products": _products(sold),
        "customers": _customers(orders),
        "orders": _orders(orders, mapping),
        "order_lines": _order_lines(pieces),
        "returns": _returns(back, pieces),
    }
    needed = ("customers", "orders", "order_lines")
    return {name: table for name, table in tables.items() if len(table) or name in needed}


def _customers(orders: pd.DataFrame) -> pd.DataFrame:
    first = orders.groupby("customer_id")["moment"].min().rename("first_seen_at").reset_index()
    return first.assign(account=False)


def _orders(orders: pd.DataFrame, mapping: Mapping) -> pd.DataFrame:
    table = orders[["order_id", "customer_id"]].assign(ordered_at=orders["moment"])
    if mapping.channel:
        table["channel"] = mapping.channel
    table["store_id"] = orders["store"].where(orders["store"] != "")
    return table


def _stores(sold: pd.DataFrame) -> pd.DataFrame:
    names = np.sort(sold.loc[sold["store"] != "", "store"].unique())
    return pd.DataFrame({"store_id": names, "name": names, "format": "other"})


def _products(sold: pd.DataFrame) -> pd.DataFrame:
    """Give each item the name and the category under which most of its lines stand."""
    named = sold[sold["product"] != ""]
    table = pd.DataFrame({"product_id": np.sort(named["product"].unique())})
    for column, source in (("name", "product_name"), ("category", "category")):
        often = named[named[source] != ""].groupby(["product", source]).size().rename("times").reset_index()
        often = often.sort_values(["times", source], ascending=[False, True]).drop_duplicates("product")
        table[column] = table["product_id"].map(often.set_index("product")[source])
    table["name"] = table["name"].fillna(table["product_id"])
    return table.assign(category=table["category"].astype("str").fillna(NO_CATEGORY))


def pieces_of(lines: pd.DataFrame) -> pd.DataFrame:
    """Cut lines whose sum does not divide into equal prices into two.

    29.33 for 2 units is one unit at 14.66 and one at 14.67. So units and sums stay exact, no discount is
    invented, and an amount is quantity x unit price - discount.

    Parameters
    ----------
    lines : DataFrame
        ``order_id``, ``quantity`` (at least 1), ``gross`` and ``discount`` (cents of the line).

    Returns
    -------
    DataFrame
        The same columns, with ``line`` (index in `lines`), ``price`` (cents of a unit) and ``line_id``.
    """
    quantity, gross = lines["quantity"].astype("int64"), lines["gross"].astype("int64")
    price, left = gross // quantity, gross % quantity
    low = lines.assign(line=lines.index, quantity=quantity - left, price=price)
    low["discount"] = np.minimum(lines["discount"], low["quantity"] * price)
    high = lines.assign(line=lines.index, quantity=left, price=price + 1, discount=lines["discount"] - low["discount"])
    pieces = pd.concat([low.assign(at=range(len(low))), high.assign(at=range(len(high)))[left.to_numpy() > 0]])
    pieces = pieces.sort_values("at", kind="stable").reset_index(drop=True)
    number = pieces.groupby("order_id").cumcount() + 1
    return pieces.assign(line_id=pieces["order_id"] + "-" + number.astype("str"))


def _order_lines(pieces: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "line_id": pieces["line_id"],
            "order_id": pieces["order_id"],
            "product_id": pieces["product"].where(pieces["product"] != ""),
            "quantity": pieces["quantity"].astype("int64"),
            "unit_price": pieces["price"] / 100,
            "discount": pieces["discount"] / 100,
            "amount": (pieces["quantity"] * pieces["price"] - pieces["discount"]) / 100,
        }
    )


def _returns(back: pd.DataFrame, pieces: pd.DataFrame) -> pd.DataFrame:
    """Give back from the pieces of a line in turn, no more units and money than each has."""
    columns = ["line_id", "returned_at", "quantity", "amount"]
    rest = _rest(pieces[pieces["line"].isin(back["line"])])
    rows = []
    for line, moment, units, cents in zip(
        *(back[name] for name in ("line", "moment", "quantity", "cents")), strict=True
    ):
        rows += [
            (piece, moment, taken, money / 100) for piece, taken, money in _taken(rest[line], int(units), int(cents))
        ]
    table = pd.DataFrame(rows, columns=columns)
    table["returned_at"] = pd.to_datetime(table["returned_at"], utc=True).astype("datetime64[us, UTC]")
    return table.assign(
        return_id=[f"r{number}" for number in range(1, len(table) + 1)], reason="other", restocked=False
    )


def _rest(pieces: pd.DataFrame) -> dict[int, list[Piece]]:
    """List the pieces of each line."""
    found: dict[int, list[Piece]] = defaultdict(list)
    cents = pieces["quantity"] * pieces["price"] - pieces["discount"]
    for line, piece, units, money in zip(pieces["line"], pieces["line_id"], pieces["quantity"], cents, strict=True):
        found[line].append(Piece(piece, int(units), int(money)))
    return found


def _taken(pieces: list[Piece], units: int, cents: int) -> Iterator[tuple[str, int, int]]:
    for piece in pieces:
        take = min(units, piece.units)
        if take:
            money = min(cents if take == units else round(cents * take / units), piece.cents)
            piece.units -= take
            piece.cents -= money
            units -= take
            cents -= money
            yield piece.line_id, take, money
