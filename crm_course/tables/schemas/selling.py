"""Shops, goods and what is sold: the tables that every chapter stands on."""

from __future__ import annotations

from typing import ClassVar

from crm_course.tables.schemas.base import Table, known_by
from crm_course.tables.schemas.fields import (
    Day,
    Time,
    WholeNumber,
    Words,
    count,
    day,
    flag,
    key,
    link,
    money,
    share,
    text,
    time,
    words,
)

CHANNELS = ("shop", "web", "app", "phone", "other")
COLLECTIONS = ("carry-out", "click-and-collect", "delivery")
PAYMENTS = ("cash", "octopus", "card", "fps", "wallet", "account", "other")
PURPOSES = ("marketing", "profiling", "service", "sharing")
CONTACT_CHANNELS = ("email", "sms", "whatsapp", "phone", "post")
CHOICE_SOURCES = ("till", "web", "app", "phone", "survey", "import", "message")
REASONS = ("changed mind", "defective", "wrong item", "late", "other")


class Stores(Table):
    """A place that sells: a shop, or the web shop."""

    store_id: str = key("the shop")
    name: str = text("what the staff call it")
    district: Words = words("district of Hong Kong, or 'online'", nullable=True)
    format: Words = words("kind of shop", "flagship", "mall", "street", "online", "other")

    class Config:
        """Key."""

        unique = "store_id"


class Products(Table):
    """A product in the catalogue."""

    product_id: str = key("the product")
    name: str = text("its name on the shelf")
    category: Words = words("shelf it belongs to")
    brand: Words = words("maker's brand", nullable=True)
    list_price: float = money("price before any discount", nullable=True)
    unit_cost: float = money("what one unit costs the shop", nullable=True)
    warranty_months: WholeNumber = count("length of the warranty", "months", nullable=True)

    class Config:
        """Key."""

        unique = "product_id"


class Promotions(Table):
    """A promotion in some of the shops over some days."""

    promotion_id: str = key("the promotion")
    name: str = text("what the poster says")
    festival: Words = words("festival season it belongs to", nullable=True)
    starts_on: Day = day("first day")
    ends_on: Day = day("last day")
    discount: float = share("part of the list price taken off")
    store_ids: str = text("shops that take part, separated by spaces")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("starts_on")
        unique = "promotion_id"


class Calendar(Table):
    """A day, of the past or planned: at least a year beyond the last day of the data."""

    day: Day = day("the day")
    season: Words = words("festival season or sale the day belongs to; missing on ordinary days", nullable=True)
    public_holiday: bool = flag("whether it is a public holiday")

    class Config:
        """Key."""

        unique = "day"


class Customers(Table):
    """An identified person or account."""

    customer_id: str = key("the customer")
    first_seen_at: Time = time("first purchase or sign-up that the shop knows of")
    home_store_id: str = link("shop where the customer signed up", "stores.store_id", nullable=True)
    account: bool = flag("whether the customer buys on account and is invoiced")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("first_seen_at")
        unique = "customer_id"


class Orders(Table):
    """One order, by an identified customer or an unknown one."""

    order_id: str = key("the order")
    customer_id: str = link("who bought; missing when nobody was identified", "customers.customer_id", nullable=True)
    ordered_at: Time = time("when it was placed")
    channel: Words = words("where it was placed", *CHANNELS, nullable=True)
    store_id: str = link("shop that sold it", "stores.store_id", nullable=True)
    promotion_id: str = link("promotion it profited from", "promotions.promotion_id", nullable=True)
    collection: Words = words("how the goods reached the customer", *COLLECTIONS, nullable=True)
    delivery_fee: float = money("price at which delivery was offered; missing when it was not", nullable=True)
    payment: Words = words("how it was paid", *PAYMENTS, nullable=True)
    promised_at: Time = time("when the goods were promised", nullable=True, ahead=True)
    delivered_at: Time = time("when the customer had them", nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("ordered_at")
        unique = "order_id"


class OrderLines(Table):
    """One product in one order."""

    line_id: str = key("the line")
    order_id: str = link("the order it belongs to", "orders.order_id")
    product_id: str = link("what was bought; missing in exports without products", "products.product_id", nullable=True)
    quantity: int = count("units", "units", at_least=1)
    unit_price: float = money("price of a unit before discount")
    discount: float = money("amount taken off the whole line")
    amount: float = money("quantity x unit price - discount, before tax and postage")
    unit_cost: float = money("what a unit cost the shop on that day", nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("orders.ordered_at")
        unique = "line_id"


class Returns(Table):
    """Goods of one line that came back."""

    return_id: str = key("the return")
    line_id: str = link("the line that came back, in part or whole", "order_lines.line_id")
    returned_at: Time = time("when it came back")
    quantity: int = count("units that came back", "units", at_least=1)
    amount: float = money("money given back")
    reason: Words = words("why", *REASONS, nullable=True)
    restocked: bool = flag("whether the goods could be sold again")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("returned_at")
        unique = "return_id"


class Invoices(Table):
    """An account customer's invoice."""

    invoice_id: str = key("the invoice")
    customer_id: str = link("who owes it", "customers.customer_id")
    order_id: str = link("the order it is for", "orders.order_id", nullable=True)
    issued_at: Time = time("when it was sent")
    due_at: Time = time("when it has to be paid", ahead=True)
    paid_at: Time = time("when it was paid; missing while it is open", nullable=True)
    amount: float = money("money owed")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("issued_at")
        unique = "invoice_id"


class Consents(Table):
    """One choice of a customer for one purpose and channel; the latest explicit choice holds."""

    customer_id: str = link("who chose", "customers.customer_id")
    purpose: Words = words("what the data may be used for", *PURPOSES)
    channel: Words = words("way of contact", *CONTACT_CHANNELS)
    granted: bool = flag("whether the customer said yes")
    recorded_at: Time = time("when the choice was made")
    source: Words = words("where the choice was made", *CHOICE_SOURCES)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("recorded_at")
        unique: ClassVar[list[str]] = ["customer_id", "purpose", "channel", "recorded_at"]


SELLING: dict[str, type[Table]] = {
    "stores": Stores,
    "products": Products,
    "promotions": Promotions,
    "calendar": Calendar,
    "customers": Customers,
    "orders": Orders,
    "order_lines": OrderLines,
    "returns": Returns,
    "invoices": Invoices,
    "consents": Consents,
}
