"""Messages to customers, the loyalty programme, and randomised experiments."""

from __future__ import annotations

from typing import ClassVar

from crm_course.tables.schemas.base import Table, known_by
from crm_course.tables.schemas.fields import Day, Time, Words, count, day, flag, key, link, text, time, words
from crm_course.tables.schemas.selling import CONTACT_CHANNELS, PURPOSES

EXPERIMENTS = ("information", "chat offer", "message frequency", "win-back")
UNITS = ("customer", "slot", "session", "store")
MOVEMENTS = ("purchase", "gift", "expired", "joined", "tier")
_MOST_POINTS = 1_000_000_000


class Campaigns(Table):
    """A message that went to many customers."""

    campaign_id: str = key("the campaign")
    name: str = text("what the marketing team calls it")
    channel: Words = words("way it was sent", *CONTACT_CHANNELS)
    sent_on: Day = day("day on which it was sent")
    purpose: Words = words("purpose for which the customers' consent was needed", *PURPOSES)
    audience: Words = words("for whom it was meant", nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("sent_on")
        unique = "campaign_id"


class Messages(Table):
    """One message sent to one customer."""

    message_id: str = key("the message")
    campaign_id: str = link("campaign it belongs to", "campaigns.campaign_id", nullable=True)
    customer_id: str = link("who got it", "customers.customer_id")
    sent_at: Time = time("when it was sent")
    channel: Words = words("way it was sent", *CONTACT_CHANNELS)
    opened: bool = flag("whether it was opened, or read, as far as the channel tells")
    clicked: bool = flag("whether its link was clicked, or it was answered")
    bounced: bool = flag("whether it could not be delivered")
    unsubscribed: bool = flag("whether the customer unsubscribed by its link")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("sent_at")
        unique = "message_id"


class Loyalty(Table):
    """One movement of a member's points, or of her tier."""

    movement_id: str = key("the movement")
    customer_id: str = link("the member", "customers.customer_id")
    at: Time = time("when it was booked; points for a purchase once its return window has closed")
    points: int = count("points gained; negative when spent or expired", "points", at_least=-_MOST_POINTS)
    tier: Words = words("tier after the movement")
    reason: Words = words("why", *MOVEMENTS)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("at")
        unique = "movement_id"


class Assignments(Table):
    """One unit of a randomised experiment."""

    experiment: Words = words("the experiment", *EXPERIMENTS)
    unit_kind: Words = words("what was randomised", *UNITS)
    unit_id: str = text("id of the customer, session or store; first moment of the slot")
    arm: Words = words("what the unit was given")
    assigned_at: Time = time("when it was drawn")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("assigned_at")
        unique: ClassVar[list[str]] = ["experiment", "unit_id"]


CONTACT: dict[str, type[Table]] = {
    "campaigns": Campaigns,
    "messages": Messages,
    "loyalty": Loyalty,
    "assignments": Assignments,
}
