"""Who the customers are: sign-up records, how they are linked, and who looks at them."""

from __future__ import annotations

from crm_course.tables.schemas.base import Table
from crm_course.tables.schemas.fields import Day, Time, Words, day, key, link, text, time, words

RECORD_CHANNELS = ("till", "web", "app", "hotline", "market stall", "other")
LOOK_PURPOSES = ("order", "return", "enquiry", "complaint", "marketing", "other")


class Records(Table):
    """One sign-up in one channel; a person may have several."""

    record_id: str = key("the record")
    channel: Words = words("where the person signed up", *RECORD_CHANNELS)
    created_at: Time = time("when it was entered")
    updated_at: Time = time("when it was last confirmed: its contents are as the person gave them then")
    name: str = text("name as entered: Chinese or Latin script, surname or given name first", nullable=True)
    phone: str = text("telephone number as entered, with or without country code", nullable=True)
    email: str = text("e-mail address", nullable=True)
    address: str = text("postal address as entered, in English or Chinese, or part of it", nullable=True)
    district: Words = words("district of the address", nullable=True)
    birthday: Day = day("day of birth", nullable=True)

    class Config:
        """Key."""

        unique = "record_id"


class Links(Table):
    """The shop's own view of which record belongs to which customer; a record may be linked to nobody."""

    record_id: str = link("the record", "records.record_id")
    customer_id: str = link("whose the shop takes it to be", "customers.customer_id")

    class Config:
        """Key."""

        unique = "record_id"


class Accesses(Table):
    """One look at a customer's data by a member of staff."""

    access_id: str = key("the look")
    agent_id: str = link("the member of staff who looked", "agents.agent_id")
    customer_id: str = link("whose data were looked at", "customers.customer_id")
    at: Time = time("when")
    purpose: Words = words("what for, as the member of staff gave it", *LOOK_PURPOSES, nullable=True)

    class Config:
        """Key."""

        unique = "access_id"


IDENTITY: dict[str, type[Table]] = {"records": Records, "links": Links, "accesses": Accesses}
