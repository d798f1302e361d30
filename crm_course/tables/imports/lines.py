"""From the text of an export to lines with times, units and money; what cannot be read is refused."""

from __future__ import annotations

import re
from functools import reduce

import numpy as np
import pandas as pd

from crm_course.tables.imports.hiding import tagged
from crm_course.tables.imports.item_columns import item_lines
from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.sources.exports import Export
from crm_course.tables.imports.sources.mapping import Mapping
from crm_course.tables.imports.sources.numbers import cents, moments, units

EARLIEST = pd.Timestamp("1970-01-01")  # a slip in the year, in any shop's export
LARGEST = 1e12  # cents: what decimal128(12, 2) holds
CENT = 1e-4
MOST_UNITS = 10_000_000  # of a line; what is more is a telephone number or an item's
NOBODY = ["0", "n/a", "none", "null", "nan", "-"]


class Text:
    """The fields of a mapping as text, without what stands for nothing."""

    def __init__(self, export: Export, mapping: Mapping) -> None:
        self.rows, self.mapping = export.rows, mapping
        signs = np.array([file.decimal == "," for file in export.files])
        self.comma = signs[self.rows["part"].to_numpy()]
        self._empty = {word.casefold() for word in mapping.reader.empty}

    def column(self, name: str) -> pd.Series:
        """Give a column of the export; empty texts where the export has none of that name."""
        if f"={name}" not in self.rows:
            return pd.Series("", index=self.rows.index, dtype="str")
        text = self.rows[f"={name}"].str.strip()
        text = text.where(~text.str.casefold().isin(self._empty), "") if self._empty else text
        return self._filled(text) if name in self.mapping.first_line_only else text

    def _filled(self, text: pd.Series) -> pd.Series:
        """Give every line of an order what stands on the first line of it, in the same file."""
        order = self.rows[f"={self.mapping.columns.order_id}"].str.strip()
        return text.where(text != "").groupby([self.rows["part"], order], sort=False).transform("first").fillna("")

    def field(self, name: str) -> pd.Series:
        """Give a field of the mapping; of several columns the first that is filled, of a time all."""
        columns = self.mapping.columns.of(name)
        texts = [self.column(column) for column in columns]
        if not texts:
            return pd.Series("", index=self.rows.index, dtype="str")
        if name == "ordered_at":
            days = [text.str.removesuffix(" 00:00:00") for text in texts[:-1]]  # as a spreadsheet writes a day
            return reduce(lambda first, other: first.str.cat(other, sep=" "), [*days, texts[-1]]).str.strip()
        return reduce(lambda first, other: first.where(first != "", other), texts)


def read_lines(export: Export, mapping: Mapping, ledger: Ledger, today: pd.Timestamp) -> pd.DataFrame:
    """Read every line, and refuse what cannot be read.

    Parameters
    ----------
    export : Export
        The rows as text.
    mapping : Mapping
        What they mean.
    ledger : Ledger
        Where refused rows go.
    today : Timestamp
        Moment after which nothing can have been sold.

    Returns
    -------
    DataFrame
        One row per line, with ``row`` (of the export), ``order_id``, ``customer``, ``moment``, ``day``,
        ``quantity``, ``gross`` and ``discount`` (cents), ``order_amount``, ``order_total`` and
        ``order_refunded`` (cents, NaN where the export says nothing), ``product``, ``product_name``,
        ``category``, ``store``, ``back`` (whether goods came back).
    """
    text = Text(export, mapping)
    lines = pd.DataFrame({"row": np.arange(len(export.rows)), "customer": read_customers(text)})
    lines["order_id"] = text.field("order_id")
    lines["moment"], lines["day"] = moments(text.field("ordered_at"), mapping.date_format, mapping.store.time_zone)
    lines["back"] = _back(text, lines)
    for field in ("product_id", "product_name", "category", "store"):
        lines[field] = text.field(field)
    _refuse_rows(lines, text, ledger, today)
    for field in ("order_amount", "order_total", "order_refunded"):
        told = text.field(field)
        lines[field] = cents(told, text.comma).abs()
        ledger.refuse(lines[field].isna() & (told != ""), mapping.columns.of(field), "is not an amount")
    lines["order_refunded"] = lines["order_refunded"].mask(_given_back(text), np.inf)
    if mapping.items:
        return item_lines(lines, export, mapping, ledger)
    _read_amounts(lines, text, ledger)
    return lines


def read_customers(text: Text) -> pd.Series:
    """Give each row's customer as kind and value: the same e-mail address is one customer in any export."""
    mapping = text.mapping
    found = pd.Series("", index=text.rows.index, dtype="str")
    for column in mapping.columns.customer_id:
        values = text.column(column)
        values = values.where(~values.str.casefold().isin(NOBODY), "")
        if not mapping.customers_are_pseudonyms:
            values = tagged(values, mapping.identity_columns.get(column, "number"))
        found = found.where(found != "", values)
    return found


def _back(text: Text, lines: pd.DataFrame) -> pd.Series:
    rule = text.mapping.returns
    if rule is None:
        return pd.Series(False, index=lines.index)
    if rule.order_prefix:
        return lines["order_id"].str.casefold().str.startswith(rule.order_prefix.casefold())
    return _holds(text, rule.column, rule.words)


def _given_back(text: Text) -> pd.Series:
    """Say which rows belong to orders that were given back as a whole."""
    rule = text.mapping.returns
    return _holds(text, rule.column, rule.whole_order) if rule else _holds(text, "", [])


def _holds(text: Text, column: str, words: list[str]) -> pd.Series:
    if not words:
        return pd.Series(False, index=text.rows.index)
    return text.column(column).str.casefold().isin([word.casefold() for word in words])


def _refuse_rows(lines: pd.DataFrame, text: Text, ledger: Ledger, today: pd.Timestamp) -> None:
    mapping, columns = text.mapping, text.mapping.columns
    for rule in mapping.not_sales:
        found = text.column(rule.column)
        words = found.str.casefold()
        mask = (found != "") & rule.filled
        if rule.words:
            mask |= words.isin([word.casefold() for word in rule.words])
        if rule.other_than:
            mask |= (found != "") & ~words.isin([word.casefold() for word in rule.other_than])
        if rule.pattern:
            mask |= found.isin([one for one in found.unique() if re.search(rule.pattern, one)])
        ledger.refuse(mask, rule.column, f"says that it is no sale: {rule.reason}")
    if columns.order_id:
        ledger.refuse(lines["order_id"] == "", columns.order_id, "is empty")
    if mapping.unknown_customers == "refuse":
        ledger.refuse(lines["customer"] == "", columns.customer_id, "is empty")
    if columns.currency:
        found = text.field("currency").str.upper()
        ledger.refuse(
            (found != "") & (found != mapping.store.currency), columns.currency, f"is not {mapping.store.currency}"
        )
    written = " or ".join(mapping.date_format)
    what = "a day" if "%H" not in written and "%I" not in written else "a time"
    ledger.refuse(lines["moment"].isna(), columns.ordered_at, f"is not {what} written as {written}")
    ledger.refuse(lines["day"] < EARLIEST, columns.ordered_at, f"is before {EARLIEST:%Y-%m-%d}")
    if mapping.store.as_of:
        end = mapping.store.info(mapping.store.as_of).end
        ledger.refuse(lines["moment"] >= end, columns.ordered_at, f"is after the last day, {mapping.store.as_of}")
    ledger.refuse(lines["moment"] > today, columns.ordered_at, "is in the future")


def _read_amounts(lines: pd.DataFrame, text: Text, ledger: Ledger) -> None:
    mapping, columns = text.mapping, text.mapping.columns
    quantity = units(text.field("quantity"), text.comma) if columns.quantity else pd.Series(1.0, index=lines.index)
    names = columns.of("quantity")
    ledger.refuse(quantity.isna(), names, "is not a whole number")
    ledger.refuse((quantity < 1) & ~lines["back"], names, _below(mapping))
    lines["quantity"] = quantity.abs()
    ledger.refuse(quantity == 0, names, "is 0")
    ledger.refuse(quantity.abs() > MOST_UNITS, names, "is too large")
    lines["gross"] = _money(text, lines, ledger)
    lines["discount"] = _discount(text, ledger)
    ledger.refuse(lines["discount"] > lines["gross"], columns.of("discount"), "is more than the line costs")


def _below(mapping: Mapping) -> str:
    return "is below 1" if mapping.returns is None else "is below 1 and no goods came back: an adjustment of stock"


def _money(text: Text, lines: pd.DataFrame, ledger: Ledger) -> pd.Series:
    """Give what each line costs before discount, in cents."""
    columns = text.mapping.columns
    name = columns.amount or columns.unit_price or ""
    found = cents(text.field("amount" if columns.amount else "unit_price"), text.comma)
    ledger.refuse(found.isna(), name, "is not an amount")
    found = found.abs().where(lines["back"], found) if columns.amount else found
    ledger.refuse(found < 0, name, "is negative")
    units_each = lines["quantity"] if columns.amount else 1
    ledger.refuse(found < text.mapping.lowest_price * 100 * units_each, name, "is no price that is asked of anybody")
    ledger.refuse((found - found.round()).abs() > CENT, name, "has fractions of a cent")
    gross = found if columns.amount else found * lines["quantity"]
    ledger.refuse(gross >= LARGEST, name, "is too large")
    return gross.round()


def _discount(text: Text, ledger: Ledger) -> pd.Series:
    name = text.mapping.columns.discount
    told = text.field("discount")
    found = cents(told, text.comma).abs().mask(told == "", 0.0)
    ledger.refuse(found.isna(), name or "", "is not an amount")
    ledger.refuse((found - found.round()).abs() > CENT, name or "", "has fractions of a cent")
    return found.round()
