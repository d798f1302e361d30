"""Complaints, and what each could have happened to: units sold, parcels, purchases, contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.errors import NothingToAnalyse

COUNTED = "counted"
PRODUCT_CATEGORIES = ("defect",)  # a wrong parcel names a product, and is no fault of it
SERVICE_EXPOSURES = {
    "late delivery": "deliveries and collections",
    "wrong item": "lines sent",
    "staff": "shop purchases",
    "payment": "online orders",
    "poor answer": "contacts",
}


def sold_units(orders: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Give the day on which the units of every line reached the customer.

    Parameters
    ----------
    orders : DataFrame
        ``order_id``, ``day`` (of the order) and, where known, ``delivered_day``.
    lines : DataFrame
        ``order_id``, ``product_id``, ``quantity`` (units).

    Returns
    -------
    DataFrame
        One row per line with a product that has been handed over: ``order_id``, ``product_id``, ``quantity``,
        ``day``. In a store that knows no delivery the day of the order stands for it.

    Raises
    ------
    NothingToAnalyse
        If there is none.
    """
    known = "delivered_day" in orders and orders["delivered_day"].notna().any()
    day = orders.set_index("order_id")["delivered_day" if known else "day"]
    units = lines.loc[lines["product_id"].notna(), ["order_id", "product_id", "quantity"]]
    units = units.assign(day=units["order_id"].map(day))
    units = units[units["day"].notna()].reset_index(drop=True)
    if units.empty:
        raise NothingToAnalyse("order_lines: no product has been handed over yet; choose a later as_of")
    return units


def known_complaints(complaints: pd.DataFrame) -> pd.DataFrame:
    """Give the complaints of which the day is known on which each was made.

    Parameters
    ----------
    complaints : DataFrame
        As in the store, with ``day``: when the customer called or wrote, else when the complaint was accepted.

    Returns
    -------
    DataFrame
        The same columns; complaints without any day are left out.

    Raises
    ------
    NothingToAnalyse
        If there is none.
    """
    known = complaints[complaints["day"].notna()].reset_index(drop=True)
    if known.empty:
        raise NothingToAnalyse("complaints: of none it is known when it was made; choose a later as_of")
    return known


def product_complaints(
    complaints: pd.DataFrame, units: pd.DataFrame, today: pd.Timestamp, window_days: int = 60
) -> pd.DataFrame:
    """Say of every complaint about a product whether it counts, and if not, why.

    Only units that have been with the customer for `window_days` count, and of them the complaints of these days:
    a unit sold last week has hardly had time to fail.

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them.
    units : DataFrame
        As `sold_units` gives them.
    today : Timestamp
        The day up to which units have had time to fail.
    window_days : int
        Days after the delivery.

    Returns
    -------
    DataFrame
        The complaints of a product's defect, with ``delivered`` (day), ``days`` (from then to the complaint) and
        ``fate``: "counted", "made again", "unit not known", "before delivery", "unit too young", "after the window".
    """
    about = complaints[complaints["category"].isin(PRODUCT_CATEGORIES)]
    day = units.drop_duplicates(["order_id", "product_id"]).set_index(["order_id", "product_id"])["day"]
    delivered = day.reindex(pd.MultiIndex.from_frame(about[["order_id", "product_id"]])).set_axis(about.index)
    days = (about["day"] - delivered).dt.days
    reasons = {
        "made again": about["repeat_of"].notna(),
        "unit not known": delivered.isna(),
        "before delivery": days < 0,
        "unit too young": delivered > today - pd.Timedelta(days=window_days),
        "after the window": days > window_days,
    }
    fate = np.select(list(reasons.values()), list(reasons), COUNTED)
    return about.assign(delivered=delivered, days=days, fate=fate)


def product_rates(
    complaints: pd.DataFrame,
    units: pd.DataFrame,
    products: pd.DataFrame,
    today: pd.Timestamp,
    window_days: int = 60,
) -> pd.DataFrame:
    """Count complaints and mature units of every product.

    Parameters
    ----------
    complaints : DataFrame
        As `product_complaints` gives them.
    units, today, window_days
        As in `product_complaints`.
    products : DataFrame
        ``product_id``, ``name``, ``category``, ``list_price`` (currency). If it is empty, all products are one group.

    Returns
    -------
    DataFrame
        By ``product_id``: ``name``, ``group`` (category), ``price`` (band: thirds of the products), ``events``
        (complaints that count), ``exposure`` (mature units), ``young`` (units too young to count).
    """
    mature = units["day"] <= today - pd.Timedelta(days=window_days)
    sums = units.assign(exposure=units["quantity"].where(mature, 0), young=units["quantity"].mask(mature, 0))
    table = sums.groupby("product_id")[["exposure", "young"]].sum()
    counted = complaints[complaints["fate"] == COUNTED]
    table.insert(0, "events", counted["product_id"].value_counts().reindex(table.index, fill_value=0))
    facts = _facts(products).reindex(table.index)
    facts["name"] = facts["name"].fillna(pd.Series(table.index, table.index))
    facts["group"] = facts["group"].fillna("no category")
    return facts.join(table)


def _facts(products: pd.DataFrame) -> pd.DataFrame:
    known = products.drop_duplicates("product_id").set_index("product_id")
    third = (known["list_price"].rank(pct=True) * 3).apply(np.ceil)
    price = third.map({1.0: "low", 2.0: "middle", 3.0: "high"})
    columns = {"name": known["name"], "group": known["category"], "price": price.fillna("not known")}
    return pd.DataFrame({name: column.astype(object) for name, column in columns.items()})


def service_rates(
    complaints: pd.DataFrame,
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    contacts: pd.DataFrame,
    by_store: bool = False,
) -> pd.DataFrame:
    """Count complaints about services, and what each could have happened to.

    A late parcel or a rude word is noticed at once, so there is no window to wait for.

    Parameters
    ----------
    complaints : DataFrame
        As `known_complaints` gives them.
    orders : DataFrame
        ``order_id``, ``channel``, ``store_id``; ``collection``, where known.
    lines : DataFrame
        ``order_id``.
    contacts : DataFrame
        ``topic``, ``customer_id``, ``store_id``; may be empty.
    by_store : bool
        Whether each shop has rows of its own.

    Returns
    -------
    DataFrame
        By ``category`` (and ``store_id``): ``events`` (complaints made for the first time), ``exposure``, ``unit``.
        Services that nothing was exposed to are left out.
    """
    collected = orders.get("collection", pd.Series(None, orders.index, dtype=object))
    sent = orders[collected.isin(["delivery", "click-and-collect"])]
    stores = orders.drop_duplicates("order_id").set_index("order_id")["store_id"]
    asked = (contacts["topic"] != "complaint") & contacts["customer_id"].notna()
    exposed = {
        "late delivery": sent["store_id"],
        "wrong item": lines.loc[lines["order_id"].isin(sent["order_id"]), "order_id"].map(stores),
        "staff": orders.loc[orders["channel"] == "shop", "store_id"],
        "payment": orders.loc[orders["channel"].isin(["web", "app"]), "store_id"],
        "poor answer": contacts.loc[asked, "store_id"],
    }
    long = pd.concat([pd.DataFrame({"category": name, "store_id": stores}) for name, stores in exposed.items()])
    by = ["category", "store_id"] if by_store else ["category"]
    table = long.groupby(by, dropna=by_store).size().to_frame("exposure")
    first = complaints[complaints["repeat_of"].isna()].astype({"category": object})
    table.insert(0, "events", first.groupby(by, dropna=by_store).size().reindex(table.index, fill_value=0))
    table["unit"] = table.index.get_level_values("category").map(SERVICE_EXPOSURES)
    return table
