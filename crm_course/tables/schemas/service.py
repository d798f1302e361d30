"""Service: who answers, who asks, who complains, who helps whom."""

from __future__ import annotations

from crm_course.tables.schemas.base import Table, known_by
from crm_course.tables.schemas.fields import (
    Day,
    Time,
    WholeNumber,
    Words,
    count,
    day,
    key,
    link,
    money,
    number,
    text,
    time,
    words,
)

TEAMS = ("hotline", "online", "shop", "office")
SERVICE_CHANNELS = ("phone", "chat", "email", "whatsapp", "shop")
LIVE_CHANNELS = ("phone", "chat")
TOPICS = (
    "stock",
    "shade and size",
    "price and offers",
    "exchange policy",
    "delivery",
    "order status",
    "how to use",
    "warranty",
    "return",
    "points and gifts",
    "beauty class",
    "other",
    "complaint",
)
CATEGORIES = ("defect", "late delivery", "wrong item", "staff", "payment", "poor answer")
SERVICES = ("delivery", "shop visit", "payment", "contact")
SEVERITIES = ("low", "medium", "high")
OUTCOMES = ("apology", "replacement", "refund", "voucher", "rejected")
POST_TOPICS = ("how to use", "choosing", "ingredients", "order", "offers")


class ServiceHours(Table):
    """A day of the calendar with its hours of service; the clock of service hours runs only within them."""

    day: Day = day("the day")
    opens_at: Time = time("when service begins; missing on days without service", nullable=True, ahead=True)
    closes_at: Time = time("when service ends", nullable=True, ahead=True)

    class Config:
        """Key."""

        unique = "day"


class PolicyChanges(Table):
    """A change of the service rules, in some of the shops; the same change may come to others later."""

    change_id: str = key("the change")
    subject: Words = words("which rules", "complaints", "other")
    announced_on: Day = day("when staff were told")
    in_force_on: Day = day("first day under the new rules in these shops")
    store_ids: str = text("these shops, separated by spaces")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("announced_on")
        unique = "change_id"


class Agents(Table):
    """A member of staff who answers contacts."""

    agent_id: str = key("the agent")
    team: Words = words("whom the agent works for: phone and chat share the hotline", *TEAMS)
    store_id: str = link("shop of an agent in a shop", "stores.store_id", nullable=True)
    shift: Words = words("the shift, as the roster calls it")
    first_hour: int = count("local hour of the day at which the shift begins", "hour")
    last_hour: int = count("local hour of the day at which it ends", "hour")
    days_off: str = text("weekdays off, separated by spaces: Mon, Tue, Wed, Thu, Fri, Sat, Sun")

    class Config:
        """Key."""

        unique = "agent_id"


class Contacts(Table):
    """One service contact."""

    contact_id: str = key("the contact")
    customer_id: str = link("who asked; missing when nobody was identified", "customers.customer_id", nullable=True)
    opened_at: Time = time("when the customer called, wrote or came to the desk")
    channel: Words = words("the way of the contact", *SERVICE_CHANNELS)
    topic: Words = words("what it is about", *TOPICS)
    service_class: Words = words("whether it can be settled at once", "simple", "complex", nullable=True)
    after_sale: Words = words(
        "class of after-sale service; missing before the sale", "support in use", "extra benefits", nullable=True
    )
    store_id: str = link("shop that it is about", "stores.store_id", nullable=True)
    order_id: str = link("order that it is about, where known", "orders.order_id", nullable=True)
    product_id: str = link("product that it is about, where known", "products.product_id", nullable=True)
    first_reply_at: Time = time("first answer by a person", nullable=True)
    closed_at: Time = time("when the matter was settled for the customer; missing while open", nullable=True)
    abandoned_at: Time = time("when the customer hung up or left the chat without an answer", nullable=True)
    handling_minutes: float = number("time that staff worked on it", "minutes", known="closed_at abandoned_at")
    cost: float = money("what it cost the shop", nullable=True, known="closed_at abandoned_at")
    agent_id: str = link("who answered", "agents.agent_id", nullable=True, known="first_reply_at")
    csat: WholeNumber = count(
        "satisfaction with the contact, 1 to 5; missing without an answer", "points", nullable=True, known="closed_at"
    )
    text: str = text("what the customer said, as noted", nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("opened_at")
        unique = "contact_id"


class Complaints(Table):
    """One complaint, on its way through the stages; later stages are missing while it is open."""

    complaint_id: str = key("the complaint")
    contact_id: str = link("contact by which it came", "contacts.contact_id", nullable=True)
    customer_id: str = link("who complains", "customers.customer_id", nullable=True)
    order_id: str = link("order it is about", "orders.order_id", nullable=True)
    product_id: str = link("product it is about; missing for a service", "products.product_id", nullable=True)
    service: Words = words("service it is about; missing for a product", *SERVICES, nullable=True)
    store_id: str = link("shop it is about", "stores.store_id", nullable=True)
    category: Words = words("what went wrong", *CATEGORIES, known="classified_at")
    severity: Words = words("how bad it is", *SEVERITIES, nullable=True, known="classified_at")
    service_class: Words = words("whether it can be settled at once", "simple", "complex", nullable=True)
    accepted_at: Time = time("accepted in writing", nullable=True)
    classified_at: Time = time("category and severity set", nullable=True)
    assigned_at: Time = time("handed to the person who solves it", nullable=True)
    solved_at: Time = time("solved", nullable=True)
    replied_at: Time = time("customer told of the solution", nullable=True)
    followed_up_at: Time = time("customer asked again later; missing when nobody did", nullable=True)
    outcome: Words = words("what was decided", *OUTCOMES, nullable=True, known="replied_at")
    compensation: float = money("money or voucher given; missing while open", nullable=True, known="replied_at")
    satisfied: Words = words(
        "customer's answer; missing without one", "yes", "no", nullable=True, known="followed_up_at"
    )
    repeat_of: str = link("earlier complaint of the same trouble", "complaints.complaint_id", nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("contacts.opened_at accepted_at")
        unique = "complaint_id"


class Posts(Table):
    """One question or answer in the community."""

    post_id: str = key("the post")
    customer_id: str = link("who wrote it", "customers.customer_id", nullable=True)
    at: Time = time("when it was written")
    reply_to: str = link("question that it answers; missing for a question", "posts.post_id", nullable=True)
    solved: Words = words("question: whether it is solved; answer: whether it solved the question", "yes", "no")
    topic: Words = words("what it is about", *POST_TOPICS, nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("at")
        unique = "post_id"


SERVICE: dict[str, type[Table]] = {
    "service_hours": ServiceHours,
    "policy_changes": PolicyChanges,
    "agents": Agents,
    "contacts": Contacts,
    "complaints": Complaints,
    "posts": Posts,
}
