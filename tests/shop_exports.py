"""A synthetic store written as the exports of real systems, with people who do not exist."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from crm_course.tables.store import Store

FAMILY = ["Chan", "Wong", "Lee", "Cheung", "Lau", "Ng", "Ho", "Kwok"]
GIVEN = ["Siu Ming", "Ka Yan", "Wai Man", "Mei Ling", "Chi Keung", "Yuk Lan"]


def person(customer: str) -> dict[str, str]:
    """Everything that tells who a customer is."""
    number = int("".join(filter(str.isdigit, customer)) or 0)
    name = f"{FAMILY[number % 8]} {GIVEN[number % 6]} {_letters(number)}"
    return {
        "name": name,
        "email": f"{_letters(number).lower()}.{number}@mail.example",
        "phone": f"+852 {51_000_000 + 7919 * number % 9_000_000:08d}",
        "address": f"Flat {number}, {number % 90 + 1} Made-up Street",
    }


def _letters(number: int) -> str:
    return "Q" + "".join(chr(97 + int(digit)) for digit in f"{number:05d}")


def sales(store: Store, zone: str) -> pd.DataFrame:
    """One row per line of customers who are known, with everything that an export may tell."""
    orders = store.table("orders")
    lines = store.table("order_lines").merge(orders, on="order_id")
    products = store.table("products").set_index("product_id")
    lines = lines[lines["customer_id"].notna()]
    for column in ("name", "category"):
        lines[f"product_{column}"] = lines["product_id"].map(products[column].astype("str"))
    lines["local"] = lines["ordered_at"].dt.tz_convert(zone)
    return lines.reset_index(drop=True)


def back(store: Store, lines: pd.DataFrame) -> pd.DataFrame:
    """The returned lines, beside the lines that they come from."""
    columns = ["line_id", "returned_at", "quantity", "amount"]
    return store.table("returns")[columns].merge(lines, on="line_id", suffixes=("_back", ""))


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def shopify(store: Store, path: Path) -> Path:
    lines = sales(store, "America/New_York")
    refunded = back(store, lines).groupby("order_id")["amount_back"].sum()
    total = lines.groupby("order_id")["amount"].sum().round(2)
    rows: list[dict[str, object]] = []
    for order, part in lines.groupby("order_id", sort=False):
        for position, one in enumerate(part.itertuples()):
            who = person(one.customer_id)
            whole = {
                "Financial Status": "paid",
                "Accepts Marketing": "yes",
                "Currency": "HKD",
                "Subtotal": f"{total[order]:.2f}",
                "Total": f"{total[order]:.2f}",
                "Created at": f"{one.local:%Y-%m-%d %H:%M:%S %z}",
                "Billing Name": who["name"],
                "Billing Street": who["address"],
                "Billing Phone": who["phone"],
                "Notes": f'ring "{who["name"]}"\nbefore noon: {who["phone"]}',
                "Cancelled at": "",
                "Refunded Amount": f"{refunded.get(order, 0):.2f}",
            }
            item = {
                "Lineitem quantity": one.quantity,
                "Lineitem name": one.product_name,
                "Lineitem price": f"{one.unit_price:.2f}",
                "Lineitem sku": one.product_id,
                "Lineitem discount": f"{one.discount:.2f}",
            }
            first = whole if position == 0 else dict.fromkeys(whole, "")
            rows.append({"Name": f"#{order}", "Email": who["email"], **first, **item})
    return written(path, rows)


def woocommerce(store: Store, path: Path) -> Path:
    """Orders that were given back in part stand as if they had been kept: this export does not tell."""
    lines = sales(store, store.time_zone)
    most = lines.groupby("order_id").size().max()
    rows: list[dict[str, object]] = []
    for order, part in lines.groupby("order_id", sort=False):
        one = part.iloc[0]
        who = person(one["customer_id"])
        family, given = who["name"].split(" ", 1)
        items = [
            f"name:{line.product_name}|product_id:{line.product_id}|sku:{line.product_id}|quantity:{line.quantity}"
            f"|total:{line.amount:.2f}|sub_total:{line.quantity * line.unit_price:.2f}"
            for line in part.itertuples()
        ]
        rows.append(
            {
                "order_id": order,
                "order_date": f"{one['local']:%m/%d/%Y %H:%M:%S}",
                "status": "completed",
                "order_currency": "HKD",
                "customer_email": who["email"],
                "billing_first_name": given,
                "billing_last_name": family,
                "billing_phone": who["phone"],
                "billing_address_1": who["address"],
                **{f"line_item_{n + 1}": items[n] if n < len(items) else "" for n in range(most)},
            }
        )
    return written(path, rows)


def square_items(store: Store, path: Path) -> Path:
    lines = sales(store, store.time_zone)
    rows = [_square(one, one.order_id, one.local, one.quantity, one.discount) for one in lines.itertuples()]
    for one in back(store, lines).itertuples():
        gross = one.unit_price * one.quantity_back
        local = one.returned_at.tz_convert(store.time_zone)
        rows.append(_square(one, one.order_id, local, -one.quantity_back, gross - one.amount_back, "Refund"))
    return written(path, rows)


def _square(
    one, order: str, local: pd.Timestamp, quantity: int, off: float, event: str = "Payment"
) -> dict[str, object]:
    gross = one.unit_price * quantity
    return {
        "Date": f"{local:%Y-%m-%d}",
        "Time": f"{local:%H:%M:%S}",
        "Time Zone": "Hong Kong",
        "Category": one.product_category,
        "Item": one.product_name,
        "Qty": quantity,
        "SKU": one.product_id,
        "Gross Sales": f"{'-' if gross < 0 else ''}${abs(gross):,.2f}",
        "Discounts": f"{'-' if quantity > 0 else ''}${off:,.2f}",
        "Transaction ID": order,
        "Event Type": event,
        "Location": "Shop",
        "Customer ID": one.customer_id,
        "Customer Name": person(one.customer_id)["name"],
        "Notes": f"ask for {person(one.customer_id)['name']}",
    }


def square_transactions(store: Store, path: Path) -> Path:
    lines = sales(store, store.time_zone)
    refunded = back(store, lines).groupby("order_id")["amount_back"].sum()
    rows: list[dict[str, object]] = []
    for order, part in lines.groupby("order_id", sort=False):
        one = part.iloc[0]
        gross = (part["quantity"] * part["unit_price"]).sum()
        rows.append(
            {
                "Date": f"{one['local']:%Y-%m-%d}",
                "Time": f"{one['local']:%H:%M:%S}",
                "Gross Sales": f"${gross:,.2f}",
                "Discounts": f"-${part['discount'].sum():,.2f}",
                "Total Collected": f"${part['amount'].sum():,.2f}",
                "Partial Refunds": f"-${refunded.get(order, 0):,.2f}",
                "Transaction ID": order,
                "Event Type": "Payment",
                "Customer ID": one["customer_id"],
                "Customer Name": person(one["customer_id"])["name"],
            }
        )
    return written(path, rows)


def invoice_lines(store: Store, path: Path) -> Path:
    """Discounts are in the price; a line whose sum does not divide is written as two."""
    lines = sales(store, store.time_zone)
    rows: list[dict[str, object]] = []
    for one in lines.itertuples():
        cents = round(one.amount * 100)
        price, left = divmod(cents, one.quantity)
        for units, each in ((one.quantity - left, price), (left, price + 1)):
            if units:
                rows.append(_invoice(one, one.order_id, one.local, units, each))
    return written(path, rows)


def _invoice(one, order: str, local: pd.Timestamp, units: int, cents: int) -> dict[str, object]:
    return {
        "Invoice": order,
        "StockCode": one.product_id,
        "Description": one.product_name,
        "Quantity": units,
        "InvoiceDate": f"{local:%Y-%m-%d %H:%M:%S}",
        "Price": f"{cents / 100:.2f}",
        "Customer ID": one.customer_id,
        "Country": "Hong Kong",
    }


def cdnow(store: Store, path: Path) -> Path:
    """One line an order, without a header: two numbers, the day, units, money."""
    orders = sales(store, store.time_zone).groupby(["order_id", "customer_id", "local"], sort=False)
    rows = [
        f" {customer} {customer} {local:%Y%m%d} {int(part['quantity'].sum()):2d} {part['amount'].sum():8.2f}\n"
        for (_, customer, local), part in orders
    ]
    path.write_text("".join(rows))
    return path


def complaints_register(store: Store, path: Path) -> Path:
    """The complaints of customers who are known, as a shop writes them down."""
    names = store.table("products").set_index("product_id")["name"].astype("str")
    complaints = store.table("complaints")
    rows: list[dict[str, object]] = []
    for one in complaints[complaints["customer_id"].notna()].astype(object).itertuples():
        product = one.service if pd.isna(one.product_id) else names[one.product_id]
        rows.append(
            {
                "Complaint no": one.complaint_id,
                "Received": _local(one.accepted_at, store),
                "Customer": one.customer_id,
                "Order": one.order_id,
                "Product": product,
                "Category": one.category,
                "Severity": one.severity,
                "Assigned": _local(one.assigned_at, store),
                "Closed": _local(one.solved_at, store),
                "Replied": _local(one.replied_at, store),
                "Outcome": one.outcome,
                "Compensation": "" if pd.isna(one.compensation) else f"{one.compensation:.2f}",
                "Dissatisfied": {"yes": "No", "no": "Yes"}.get(one.satisfied, ""),
                "Text": f"{person(one.customer_id)['name']} rang from {person(one.customer_id)['phone']}",
            }
        )
    return written(path, [{name: "" if pd.isna(cell) else cell for name, cell in row.items()} for row in rows])


def _local(moment: pd.Timestamp, store: Store) -> str:
    return "" if pd.isna(moment) else f"{moment.tz_convert(store.time_zone):%Y-%m-%d %H:%M:%S}"


WRITERS = {
    "shopify_orders": shopify,
    "woocommerce_orders": woocommerce,
    "square_items": square_items,
    "square_transactions": square_transactions,
    "invoice_lines": invoice_lines,
}
RETURNS = {"shopify_orders", "square_items", "square_transactions"}
