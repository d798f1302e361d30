"""Who the customers are: sign-up records, how they are linked, and who looks at them."""

from __future__ import annotations

from crm_course.tables.schemas.base import Table, known_by
from crm_course.tables.schemas.fields import Day, Time, Words, day, key, link, text, time, words

RECORD_CHANNELS = ("till", "web", "app", "hotline", "market stall", "other")
LOOK_PURPOSES = ("order", "return", "enquiry", "complaint", "marketing", "other")


class Records(Table):
    """One sign-up in one channel; a person may have several."""

    record_id: str = key("the record")
    channel: Words = words("where the person signed up", *RECORD_CHANNELS)
    created_at: Time = time("when it was entered")
    updated_at: Time = time("when it was last confirmed: its contents are as the person gave them then")
    name: str = text(
        "name as entered: Chinese or Latin script, surname or given name first", nullable=True, known="updated_at"
    )
    phone: str = text("telephone number as entered, with or without country code", nullable=True, known="updated_at")
    email: str = text("e-mail address", nullable=True, known="updated_at")
    address: str = text(
        "postal address as entered, in English or Chinese, or part of it", nullable=True, known="updated_at"
    )
    district: Words = words("district of the address", nullable=True, known="updated_at")
    birthday: Day = day("day of birth", nullable=True, known="updated_at")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("created_at")
        unique = "record_id"


class Links(Table):
    """The shop's own view of which record belongs to which customer; a record may be linked to nobody."""

    record_id: str = link("the record", "records.record_id")
    customer_id: str = link("whose the shop takes it to be", "customers.customer_id")

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("records.created_at")
        unique = "record_id"


class Accesses(Table):
    """One look at a customer's data by a member of staff."""

    access_id: str = key("the look")
    agent_id: str = link("the member of staff who looked", "agents.agent_id")
    customer_id: str = link("whose data were looked at", "customers.customer_id")
    at: Time = time("when")
    purpose: Words = words("what for, as the member of staff gave it", *LOOK_PURPOSES, nullable=True)

    class Config:
        """Key, and the time by which a row is known."""

        metadata = known_by("at")
        unique = "access_id"


IDENTITY: dict[str, type[Table]] = {"records": Records, "links": Links, "accesses": Accesses}
