"""Visits."""

from __future__ import annotations

from crm_course.tables.schemas.base import Table, known_by
from crm_course.tables.schemas.fields import Time, WholeNumber, Words, count, flag, key, link, time, words
from crm_course.tables.schemas.selling import CHANNELS

DEVICES = ("desktop", "phone", "tablet")
STAGES = ("looked", "basket", "delivery", "payment", "ordered")
SHOWROOMS = ("virtual", "real")


class Sessions(Table):
    """One visit of an identified customer, online, in a shop or by telephone."""

    session_id: str = key("the visit")
    customer_id: str = link("who came", "customers.customer_id", nullable=True)
    started_at: Time = time("when it began")
    channel: Words = words("where", *CHANNELS)
    store_id: str = link("shop, or the web shop", "stores.store_id", nullable=True)
    device: Words = words("device of an online visit", *DEVICES, nullable=True)
    information_page: Words = words("information page that was read; missing when none was", nullable=True)
    recommendation: bool = flag("whether a recommendation was followed")
    showroom: Words = words("showroom that was used; missing when none was", *SHOWROOMS, nullable=True)
    chat_offered: bool = flag("whether the chat was offered")
    chat_used: bool = flag("whether the chat was used")
    wait_seconds: WholeNumber = count("wait at till or chat; missing where there was none", "seconds", nullable=True)
    last_stage: Words = words("how far it came", *STAGES)
    order_id: str = link("the order it ended in; missing when it did not", "orders.order_id", nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("started_at")
        unique = "session_id"


VISITING: dict[str, type[Table]] = {"sessions": Sessions}
