"""What was in the baskets: one row a line, with its day, category and kind of goods."""

from __future__ import annotations

import pandas as pd

from crm_course.errors import NothingToAnalyse
from crm_course.tables.storage.known import local_day

EVERYTHING = "everything"  # the one category of a store without products


def sold_lines(
    orders: pd.DataFrame, lines: pd.DataFrame, products: pd.DataFrame | None, as_of: pd.Timestamp, time_zone: str
) -> pd.DataFrame:
    """Give every line of every identified order up to a day, with category and kind of goods.

    Parameters
    ----------
    orders : DataFrame
        ``order_id``, ``customer_id`` (may be missing: left out), ``ordered_at`` (UTC).
    lines : DataFrame
        ``order_id``, ``product_id`` (may be missing: left out where products are known), ``amount`` (currency, as
        paid at the till: after discount, before returns).
    products : DataFrame or None
        ``product_id``, ``name``, ``category``, ``brand`` (may be missing).
    as_of : Timestamp
        The last local day that counts.
    time_zone : str
        The zone that decides what a day is.

    Returns
    -------
    DataFrame
        ``order_id``, ``customer_id``, ``day`` (local), ``category``, ``item`` (the product's name without its
        brand: two brands of shampoo are one item), ``amount`` (currency). Without products there is one category
        and one item, `EVERYTHING`.

    Raises
    ------
    NothingToAnalyse
        If no line is left.
    """
    known = orders.loc[orders["customer_id"].notna(), ["order_id", "customer_id", "ordered_at"]]
    known = known.assign(day=local_day(known["ordered_at"], time_zone)).drop(columns="ordered_at")
    known = known[known["day"] <= as_of]
    names = ["order_id", "amount"] if products is None else ["order_id", "product_id", "amount"]
    table = lines[names].merge(known, on="order_id")
    if products is None:
        table = table.assign(category=EVERYTHING, item=EVERYTHING)
    else:
        table = table.merge(_goods(products), on="product_id")
    if table.empty:
        raise NothingToAnalyse(f"order_lines: no known product sold to a known customer by {as_of:%Y-%m-%d}")
    return table[["order_id", "customer_id", "day", "category", "item", "amount"]]


def _goods(products: pd.DataFrame) -> pd.DataFrame:
    brand = products["brand"].astype(object) if "brand" in products else pd.Series(None, products.index, dtype=object)
    item = [
        name.removeprefix(f"{one}").strip() or name if isinstance(one, str) else name
        for name, one in zip(products["name"], brand, strict=True)
    ]
    return products[["product_id"]].assign(category=products["category"].astype(str), item=item)
