"""A register of complaints, added to a store that has the orders."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.lines import CENT, Text, read_customers
from crm_course.tables.imports.sources.exports import plain
from crm_course.tables.imports.sources.mapping_parts import Complaint, Vocabulary
from crm_course.tables.imports.sources.numbers import cents, moments

STAGES = ("accepted_at", "classified_at", "assigned_at", "solved_at", "replied_at", "followed_up_at")


def complaint_lines(text: Text, ledger: Ledger, end: pd.Timestamp) -> pd.DataFrame:
    """Read the complaints of a register, and refuse what cannot be read.

    Parameters
    ----------
    text : Text
        The rows as text.
    ledger : Ledger
        Where refused rows go.
    end : Timestamp
        The end of the store's last day.

    Returns
    -------
    DataFrame
        One row per complaint that is open in the ledger: the columns of the table ``complaints``, with
        ``customer`` (kind and value), ``product_name`` and ``order_id`` as they stand in the register.
    """
    rule = text.mapping.complaint
    assert rule is not None
    lines = pd.DataFrame({"complaint_id": text.column(rule.complaint_id), "customer": read_customers(text)})
    ledger.refuse(lines["complaint_id"] == "", rule.complaint_id, "is empty")
    open_ones = lines.loc[ledger.open, "complaint_id"]
    ledger.refuse(open_ones.index[open_ones.duplicated()].to_numpy(dtype=int), rule.complaint_id, "is there already")
    for field, words in rule.words.items():
        lines[field] = _word(text.column(words.column), words)
    told = rule.words["category"]
    ledger.refuse(lines["category"].isna(), told.column, "is of no category that the mapping knows")
    _read_stages(lines, text, rule, ledger, end)
    money = text.column(rule.compensation) if rule.compensation else pd.Series("", index=lines.index, dtype="str")
    lines["compensation"] = cents(money, text.comma)
    broken = (lines["compensation"].isna() & (money != "")) | (lines["compensation"] < 0)
    broken |= (lines["compensation"] - lines["compensation"].round()).abs() > CENT
    ledger.refuse(broken, rule.compensation, "is not an amount")
    lines["compensation"] /= 100
    lines["order_id"], lines["product_name"] = text.field("order_id"), text.field("product_id")
    lines["repeat_of"] = text.column(rule.repeat_of) if rule.repeat_of else ""
    return lines[ledger.open].copy()


def _word(texts: pd.Series, words: Vocabulary) -> pd.Series:
    """Give the first word of which the pattern is found in a text; missing where none is."""
    found = {
        text: next((word for word, form in words.words.items() if re.search(form, text)), None)
        for text in texts.unique()
    }
    return texts.map(found).astype("str")


def _read_stages(lines: pd.DataFrame, text: Text, rule: Complaint, ledger: Ledger, end: pd.Timestamp) -> None:
    latest = pd.Series(pd.NaT, index=lines.index, dtype="datetime64[us, UTC]")
    columns: dict[str, str] = {
        "accepted_at": text.mapping.columns.ordered_at[0],
        **{str(stage): name for stage, name in rule.stages.items()},
    }
    for stage in (stage for stage in STAGES if stage in columns):
        told = text.field("ordered_at") if stage == "accepted_at" else text.column(columns[stage])
        moment, _ = moments(told, text.mapping.date_format, text.mapping.store.time_zone)
        there = (told != "") | (stage == "accepted_at")
        ledger.refuse(
            moment.isna() & there, columns[stage], "is not a time written as " + " or ".join(text.mapping.date_format)
        )
        ledger.refuse(moment >= end, columns[stage], "is after the store's last day")
        ledger.refuse(moment < latest, columns[stage], "is before an earlier stage")
        latest = latest.where(moment.isna() | (moment < latest), moment)
        lines[stage] = moment


def linked(lines: pd.DataFrame, store: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep the links of complaints that the store knows; the others are left empty and counted.

    Parameters
    ----------
    lines : DataFrame
        What ``complaint_lines`` gives, with ``customer_id``.
    store : dict of str to DataFrame
        ``customers``, ``orders``, ``order_lines`` and, where there are any, ``products`` of the store.

    Returns
    -------
    lines : DataFrame
        With ``customer_id``, ``order_id``, ``product_id``, ``repeat_of`` that hold.
    unknown : dict of str to int
        How many of each were given in the register and are not known, or belong to another customer.
    """
    given: dict[str, pd.Series] = {name: lines[name] for name in ("customer_id", "order_id", "repeat_of")} | {
        "product_id": lines["product_name"]
    }
    orders = store["orders"].drop_duplicates("order_id").set_index("order_id")
    lines["customer_id"] = lines["customer_id"].where(lines["customer_id"].isin(store["customers"]["customer_id"]))
    buyer = lines["order_id"].map(orders["customer_id"])
    lines["customer_id"] = lines["customer_id"].fillna(buyer)
    lines["product_id"] = _products(lines, store.get("products"))
    of_order = store["order_lines"]["order_id"] + "\0" + store["order_lines"]["product_id"].fillna("")
    right = lines["order_id"].isin(orders.index) & (buyer.isna() | (buyer == lines["customer_id"]))
    right &= lines["product_id"].isna() | (lines["order_id"] + "\0" + lines["product_id"].fillna("")).isin(of_order)
    lines["order_id"] = lines["order_id"].where(right)
    first = lines.set_index("complaint_id")
    before = lines["repeat_of"].map(first["accepted_at"]) < lines["accepted_at"]
    lines["repeat_of"] = lines["repeat_of"].where(
        before & (lines["repeat_of"].map(first["customer_id"]) == lines["customer_id"])
    )
    if "service" in lines:
        lines["service"] = lines["service"].mask(lines["product_id"].notna())
        given["product_id"] = given["product_id"].mask(lines["service"].notna())  # it is told, as a service
    lost = {name: int(((texts.fillna("") != "") & lines[name].isna()).sum()) for name, texts in given.items()}
    return lines, {name: number for name, number in lost.items() if number}


def _products(lines: pd.DataFrame, products: pd.DataFrame | None) -> pd.Series:
    """Find products by their number, else by their name."""
    if products is None:
        return pd.Series(np.nan, index=lines.index, dtype="str")
    known = {plain(name): number for number, name in zip(products["product_id"], products["name"], strict=True)}
    known |= {plain(number): number for number in products["product_id"]}
    return lines["product_name"].map(lambda text: known.get(plain(text))).astype("str")


def unpaid(lines: pd.DataFrame, order_lines: pd.DataFrame) -> pd.Series:
    """Say which complaints were compensated with more than the order cost."""
    spent = order_lines.groupby("order_id")["amount"].sum()
    return lines["compensation"] > lines["order_id"].map(spent) + 0.005
