"""Goods that came back, found among the lines that sold them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.sources.mapping import Mapping

COLUMNS = ["line", "moment", "quantity", "cents"]

Key = tuple[str, str, str]  # order or customer, which, product


def matched_returns(lines: pd.DataFrame, mapping: Mapping, ledger: Ledger) -> pd.DataFrame:
    """Find the sold line of every row that gives goods back; a row without one is refused.

    The goods of the same order are looked for first, then those that the same customer bought earlier,
    the latest first. A row may take from several lines, and is taken as a whole or not at all.

    Parameters
    ----------
    lines : DataFrame
        What ``read_lines`` gives, of the rows that are open; ``back`` marks the rows in question. Sold
        lines have ``product`` and ``net``.
    mapping : Mapping
        For the letters before the number of an order that gives back.
    ledger : Ledger
        Where rows without a sold line go.

    Returns
    -------
    DataFrame
        ``line`` (position of the sold line in `lines`), ``moment``, ``quantity``, ``cents``.
    """
    prefix = len(mapping.returns.order_prefix) if mapping.returns else 0
    back = lines[lines["back"]].sort_values("moment", kind="stable")
    wanted = {
        ("order", order[prefix:], product) for order, product in zip(back["order_id"], back["product"], strict=True)
    }
    wanted |= {
        ("customer", one, product) for one, product in zip(back["customer"], back["product"], strict=True) if one
    }
    left = Left(lines[~lines["back"] & lines["product"].isin(back["product"])], wanted)
    found: list[tuple[int, pd.Timestamp, int, int]] = []
    without: list[int] = []
    for one in back.itertuples():
        keys = [("order", one.order_id[prefix:], one.product), ("customer", one.customer, one.product)]
        parts = left.take(keys, one.moment, int(one.quantity), int(one.gross - one.discount))
        found += [(line, one.moment, quantity, cents) for line, quantity, cents in parts]
        if not parts:
            without.append(one.row)
    names = mapping.columns.of("product_id") or mapping.columns.of("product_name") or mapping.columns.customer_id
    ledger.refuse(np.array(without, dtype=int), names[0], "is given back, but no row before sells so many")
    return pd.DataFrame(found, columns=COLUMNS).astype({"line": "int64"})


@dataclass(slots=True)
class _Rest:
    sold_at: pd.Timestamp
    units: int
    cents: int


class Left:
    """What of every sold line has not come back yet."""

    def __init__(self, sold: pd.DataFrame, wanted: set[Key]) -> None:
        self._line: dict[int, _Rest] = {}
        self._lines: dict[Key, list[int]] = defaultdict(list)
        sold = sold.sort_values("moment", kind="stable")
        columns = (sold[name] for name in ("order_id", "customer", "product", "moment", "quantity", "net"))
        for line, order, customer, product, moment, quantity, net in zip(sold.index, *columns, strict=True):
            keys = {("order", order, product), ("customer", customer, product)} & wanted
            for key in keys:
                self._lines[key].append(line)
            if keys:
                self._line[line] = _Rest(moment, int(quantity), int(net))

    def take(self, keys: list[Key], moment: pd.Timestamp, quantity: int, cents: int) -> list[tuple[int, int, int]]:
        """Take units back, with their share of the money; nothing when there are not enough."""
        candidates = [line for key in keys for line in reversed(self._lines.get(key, []))]
        parts, missing = [], quantity
        for line in dict.fromkeys(candidates):
            rest = self._line[line]
            units = min(missing, rest.units) if rest.sold_at <= moment else 0
            if units:
                parts.append((line, units))
                missing -= units
            if not missing:
                return self._given(parts, quantity, cents)
        return []

    def _given(self, parts: list[tuple[int, int]], quantity: int, cents: int) -> list[tuple[int, int, int]]:
        given = []
        for line, units in parts:
            rest = self._line[line]
            share = min(round(cents * units / quantity), rest.cents)
            rest.units -= units
            rest.cents -= share
            given.append((line, units, share))
        return given


def refunded_orders(lines: pd.DataFrame) -> pd.DataFrame:
    """Give the returns of orders of which only the sum is known that was given back.

    The sum is that of the order's total, with tax and postage: the goods' part of it is spread over the
    lines by what they cost. When it was given back is not told: the moment of the order stands for it.

    Parameters
    ----------
    lines : DataFrame
        Sold lines with ``order_id``, ``moment``, ``quantity``, ``net``, ``order_total`` and
        ``order_refunded`` (cents; infinite for all of the order).

    Returns
    -------
    DataFrame
        As ``matched_returns`` gives.
    """
    asked = lines[(lines["order_refunded"] > 0) & ~lines["back"]]
    if asked.empty:
        return pd.DataFrame(columns=COLUMNS)
    net = asked.groupby("order_id")["net"].transform("sum")
    total = asked["order_total"].fillna(net).clip(lower=net)
    part = (asked["order_refunded"] / total.where(total > 0)).clip(upper=1).fillna(0)
    cents = spread((net * part).round(), asked)
    units = (asked["quantity"] * cents / asked["net"].where(asked["net"] > 0)).fillna(asked["quantity"] * (part == 1))
    back = pd.DataFrame({"line": asked.index, "moment": asked["moment"], "cents": cents})
    back["quantity"] = np.floor(units + 1e-9).clip(lower=1)
    return back[(cents > 0) | (part == 1)][COLUMNS]


def spread(sums: pd.Series, lines: pd.DataFrame) -> pd.Series:
    """Spread a sum of each order over its lines by what they cost, to the cent.

    Parameters
    ----------
    sums : Series
        Cents, the same on every line of an order, no more than its lines cost.
    lines : DataFrame
        ``order_id`` and ``net`` (cents).

    Returns
    -------
    Series
        Cents of each line, no more than it costs; they add up to the order's sum.
    """
    order = lines["order_id"]
    up_to = lines.groupby(order)["net"].cumsum()
    whole = lines.groupby(order)["net"].transform("sum")
    share = (sums * up_to / whole.where(whole > 0)).fillna(0).round()
    return share - share.groupby(order).shift(fill_value=0)
