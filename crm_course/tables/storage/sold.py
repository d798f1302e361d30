"""What was sold, after returns: the customer's day and the line, on which every chapter stands."""

from __future__ import annotations

import pandas as pd

EVERYTHING = "everything"  # the one category of a store without products


def purchases(
    orders: pd.DataFrame, lines: pd.DataFrame, returns: pd.DataFrame | None, margin_rate: float
) -> pd.DataFrame:
    """Net amount and net margin of every day on which an identified customer bought.

    A return lowers the day of the order that it belongs to, not the day on which it comes back.

    Parameters
    ----------
    orders : DataFrame
        ``order_id``, ``customer_id`` (may be missing: left out), ``day`` (local).
    lines : DataFrame
        ``line_id``, ``order_id``, ``quantity`` (units), ``amount`` (currency, after discount), ``unit_cost``
        (currency; may be missing).
    returns : DataFrame or None
        ``line_id``, ``quantity``, ``amount`` (currency given back), ``restocked`` (whether the goods can be sold
        again, so that their cost comes back too).
    margin_rate : float
        Margin as a share of the net amount, for lines without a cost.

    Returns
    -------
    DataFrame
        One row per customer and day, the customers as they first appear, their days in order: ``customer_id``,
        ``day``, ``gross_amount``, ``net_amount``, ``net_margin`` (all currency).
    """
    known = orders.loc[orders["customer_id"].notna(), ["order_id", "customer_id", "day"]]
    by_order = _line_values(lines, _netted(returns), margin_rate).groupby(lines["order_id"], sort=False).sum()
    known = known.join(by_order, on="order_id").fillna(dict.fromkeys(by_order, 0.0)).drop(columns="order_id")
    codes, customers = pd.factorize(known["customer_id"])
    by_day = known.drop(columns="customer_id").groupby([codes, "day"]).sum().reset_index(names=["customer_id", "day"])
    return by_day.assign(customer_id=customers.take(by_day["customer_id"]))


def _netted(returns: pd.DataFrame | None) -> pd.DataFrame:
    """Sum up, by line, the money given back and the units that can be sold again."""
    if returns is None:
        return pd.DataFrame(columns=["refunded", "units_back"], dtype=float)
    back = {"refunded": returns["amount"], "units_back": returns["quantity"].where(returns["restocked"], 0)}
    return pd.DataFrame(back).groupby(returns["line_id"]).sum()


def _line_values(lines: pd.DataFrame, netted: pd.DataFrame, margin_rate: float) -> pd.DataFrame:
    back = netted.reindex(lines["line_id"]).fillna(0.0).set_axis(lines.index)
    net = lines["amount"] - back["refunded"]
    margin = net - lines["unit_cost"] * (lines["quantity"] - back["units_back"])
    return pd.DataFrame(
        {"gross_amount": lines["amount"], "net_amount": net, "net_margin": margin.fillna(margin_rate * net)}
    )


def sold_lines(orders: pd.DataFrame, lines: pd.DataFrame, products: pd.DataFrame | None) -> pd.DataFrame:
    """Every line of every identified order, with category and kind of goods.

    Parameters
    ----------
    orders : DataFrame
        ``order_id``, ``customer_id`` (may be missing: left out), ``day`` (local).
    lines : DataFrame
        ``order_id``, ``product_id`` (may be missing: left out where products are known), ``quantity`` (units),
        ``amount`` (currency, as paid at the till: after discount, before returns).
    products : DataFrame or None
        ``product_id``, ``name``, ``category``, ``brand`` (may be missing).

    Returns
    -------
    DataFrame
        ``order_id``, ``customer_id``, ``day``, ``product_id``, ``category``, ``item`` (the product's name without
        its brand: two brands of shampoo are one item), ``quantity``, ``amount`` (currency). Without products there is
        one category and one item, `EVERYTHING`.
    """
    known = orders.loc[orders["customer_id"].notna(), ["order_id", "customer_id", "day"]]
    table = lines[["order_id", "product_id", "quantity", "amount"]].merge(known, on="order_id")
    if products is None:
        table = table.assign(category=EVERYTHING, item=EVERYTHING)
    else:
        table = table.merge(_goods(products), on="product_id")
    return table[["order_id", "customer_id", "day", "product_id", "category", "item", "quantity", "amount"]]


def _goods(products: pd.DataFrame) -> pd.DataFrame:
    brand = products["brand"].astype(object) if "brand" in products else pd.Series(None, products.index, dtype=object)
    item = [
        name.removeprefix(f"{one}").strip() or name if isinstance(one, str) else name
        for name, one in zip(products["name"], brand, strict=True)
    ]
    return products[["product_id"]].assign(category=products["category"].astype(str), item=item)
