"""A file of invoice lines with the vices of real ones, and what should come of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

ITEMS = 300


def invoice_file(invoices: int, seed: int = 1) -> pd.DataFrame:
    """Make invoice lines: about five a row of invoices, over two years, as a real shop would write them.

    A fiftieth of the rows are refunds (letter C before the number), a quarter have no customer; there are
    prices of zero and below, adjustments of stock, doubled lines, postage, two spellings of items,
    midnight times; most customers come once, one brings a hundredth of the revenue. The column ``vice``
    says what is wrong with a row; it is no part of the file.
    """
    dice = np.random.default_rng(seed)
    sales = _sales(dice, invoices)
    plain = np.flatnonzero(sales["vice"] == "")
    chosen = dice.permutation(plain)
    tenth = max(len(sales) // 200, 1)
    parts = {name: chosen[tenth * n : tenth * (n + 1)] for n, name in enumerate(("zero", "below", "stock", "postage"))}
    sales.loc[parts["zero"], "Price"] = 0.0
    sales.loc[parts["below"], "Price"] *= -1
    sales.loc[parts["stock"], "Quantity"] *= -1
    sales.loc[parts["postage"], ["StockCode", "Description"]] = ["POST", "POSTAGE"]
    for name, rows in parts.items():
        sales.loc[rows, "vice"] = name
    good = sales[(sales["vice"] == "") & (sales["Customer ID"] != "")]
    refunds = good.drop_duplicates(["Customer ID", "StockCode"]).sample(len(sales) // 50, random_state=seed)
    refunds = refunds.assign(Invoice="C" + refunds["Invoice"], Quantity=-refunds["Quantity"], vice="refund")
    refunds["InvoiceDate"] += pd.Timedelta(days=3)
    doubles = good.sample(tenth, random_state=seed + 1).assign(vice="double")
    rows = pd.concat([sales, refunds, doubles]).sort_values("InvoiceDate", kind="stable").reset_index(drop=True)
    return rows.assign(InvoiceDate=rows["InvoiceDate"].dt.strftime("%Y-%m-%d %H:%M:%S"))


def _sales(dice: np.random.Generator, invoices: int) -> pd.DataFrame:
    people, days = _visits(dice, invoices)
    taste = dice.lognormal(0, 0.6, people.max() + 1)  # some buy more at a time
    start = pd.Timestamp("2024-01-01")
    moment = start + pd.to_timedelta((1440 * days).astype(int), unit="min")
    moment = np.where(dice.random(invoices) < 0.1, moment.normalize(), moment)
    lines = dice.integers(1, 10, invoices)
    at = np.repeat(np.arange(invoices), lines)
    item = np.concatenate([dice.choice(ITEMS, number, replace=False) for number in lines])
    known = dice.random(invoices) >= 0.25
    customer = np.where(known, np.char.add("1", np.char.zfill(people.astype(str), 7)), "")
    price = (100 + item * 37 % 4900) / 100
    spelling = np.where(dice.random(len(at)) < 0.05, "ITEM no ", "Item No. ")
    rows = pd.DataFrame(
        {
            "Invoice": np.char.add("5", np.char.zfill(at.astype(str), 7)),
            "StockCode": np.char.add(np.where(dice.random(len(at)) < 0.05, "sku", "SKU"), item.astype(str)),
            "Description": np.char.add(spelling, item.astype(str)),
            "Quantity": np.ceil(dice.integers(1, 13, len(at)) * taste[people][at]).astype(int),
            "InvoiceDate": pd.to_datetime(moment)[at],
            "Price": price,
            "Customer ID": customer[at],
            "Country": "Hong Kong",
            "vice": "",
        }
    )
    return _with_a_large_one(rows)


def _visits(dice: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Who comes on which day: buyers at rates of their own, who stay away for good after a visit by chance."""
    visits: list[tuple[int, float]] = []
    person = 0
    while len(visits) < number:
        day, rate, leaves = dice.uniform(0, 600), dice.gamma(0.3, 1 / 20), dice.beta(0.8, 1.4)
        while day < 700:
            visits.append((person, day))
            if dice.random() < leaves:
                break
            day += dice.exponential(1 / max(rate, 1e-6))
        person += 1
    found = np.array(visits[:number])
    return found[:, 0].astype(int), found[:, 1]


def _with_a_large_one(rows: pd.DataFrame) -> pd.DataFrame:
    revenue = (rows["Quantity"] * rows["Price"]).sum()
    large = rows.iloc[[0]].assign(Invoice="99999999", StockCode="SKU1", Description="Item No. 1", Price=1.37)
    large["Quantity"] = int(revenue / 99 / 1.37)
    return pd.concat([rows, large.assign(**{"Customer ID": "20000000"})], ignore_index=True)
