"""What customers say when asked: answers to surveys, and what they spend here and elsewhere."""

from __future__ import annotations

from typing import ClassVar

from crm_course.tables.schemas.base import Table, known_by
from crm_course.tables.schemas.fields import Time, Words, count, link, money, text, time, words

DIMENSIONS = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
ITEMS = ("satisfaction", "recommend", *DIMENSIONS, "value")
ABOUT = ("us", "A", "B", "C")
PERIODS = ("last 12 months",)


class Responses(Table):
    """One answer to one item of a survey; a filled-in questionnaire has several."""

    response_id: str = text("the filled-in questionnaire")
    wave: Words = words("wave of the survey")
    customer_id: str = link("who answered; missing when she did not sign in", "customers.customer_id", nullable=True)
    item: Words = words(
        "what was asked: overall satisfaction (1 to 5), willingness to recommend (0 to 10), "
        "a service dimension or value for money (1 to 7)",
        *ITEMS,
    )
    score: int = count("the answer", "points of the item's scale")
    about: Words = words("whom it is about: us, or a competitor", *ABOUT)
    answered_at: Time = time("when it was answered")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("answered_at")
        unique: ClassVar[list[str]] = ["response_id", "item", "about"]


class Wallet(Table):
    """What a surveyed customer says she spends on a category."""

    customer_id: str = link("who answered", "customers.customer_id")
    category: Words = words("category of goods")
    spend_here: float = money("spent with us, as she recalls")
    spend_elsewhere: float = money("spent with others, as she recalls")
    period: Words = words("time that was asked about, up to the answer", *PERIODS)
    wave: Words = words("wave of the survey")
    answered_at: Time = time("when it was answered")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("answered_at")
        unique: ClassVar[list[str]] = ["customer_id", "category", "wave"]


SURVEYS: dict[str, type[Table]] = {"responses": Responses, "wallet": Wallet}
