"""Orders whose items stand in columns beside each other, one column an item."""

from __future__ import annotations

import pandas as pd

from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.sources.exports import Export
from crm_course.tables.imports.sources.mapping import Mapping
from crm_course.tables.imports.sources.mapping_parts import Items
from crm_course.tables.imports.sources.numbers import cents, units

_PART = r"(?:^|\|)\s*{}\s*:(?P<value>[^|]*)"


def item_lines(lines: pd.DataFrame, export: Export, mapping: Mapping, ledger: Ledger) -> pd.DataFrame:
    """Give one line per item; an order with an item that cannot be read is refused as a whole.

    Parameters
    ----------
    lines : DataFrame
        One row per order, as ``read_lines`` has read it so far.
    export : Export
        The rows as text.
    mapping : Mapping
        Its ``items`` say how an item is written.
    ledger : Ledger
        Where refused rows go.
    """
    assert mapping.items is not None
    columns = [str(name)[1:] for name in export.rows if str(name).startswith(f"={mapping.items.starts_with}")]
    parts = [_one_column(lines, export.rows[f"={name}"], name, mapping.items, ledger) for name in columns]
    taken = pd.concat(parts).sort_values("row", kind="stable") if parts else _none(lines)
    without = ~lines["row"].isin(taken["row"])
    ledger.refuse(lines.loc[without, "row"], mapping.items.starts_with, "holds no item")
    return taken.reset_index(drop=True)


def _none(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.iloc[:0].assign(quantity=0.0, gross=0.0, discount=0.0)


def _one_column(lines: pd.DataFrame, texts: pd.Series, name: str, items: Items, ledger: Ledger) -> pd.DataFrame:
    there = (texts.str.strip() != "").to_numpy()
    found, texts = lines[there].copy(), texts[there]
    point = there[there] & False
    quantity = units(_part(texts, items.quantity), point)
    gross, net = (cents(_part(texts, part), point) for part in (items.amount, items.net))
    gross = gross.fillna(net)
    net = net.fillna(gross)
    for broken, what in (
        (quantity.isna() | (quantity < 1), f"holds no {items.quantity} of 1 or more"),
        (net.isna(), f"holds no {items.net}"),
        ((gross < 0) | (net < 0) | (net > gross), f"holds a {items.net} that cannot be"),
        ((gross - gross.round()).abs() > 1e-4, "has fractions of a cent"),
        ((net - net.round()).abs() > 1e-4, "has fractions of a cent"),
    ):
        ledger.refuse(found.loc[broken.to_numpy(), "row"], name, what)
    found["quantity"], found["gross"], found["discount"] = quantity, gross.round(), (gross - net).round()
    found["product_name"] = _part(texts, items.name)
    ids = [_part(texts, one) for one in items.product_id]
    first = ids[0]
    for other in ids[1:]:
        first = first.where(first != "", other)
    found["product_id"] = first
    return found


def _part(texts: pd.Series, name: str) -> pd.Series:
    return texts.str.extract(_PART.format(name), expand=True)["value"].fillna("").str.strip()
