"""What each table of a store holds: one class a table, one line a column.

Ids are strings, vocabularies categories, times UTC to the microsecond, days local, money in the
store's one currency. ``SCHEMAS`` lists the tables by name.
"""

from crm_course.tables.schemas.base import Table
from crm_course.tables.schemas.contact import CONTACT, EXPERIMENTS, UNITS
from crm_course.tables.schemas.identity import IDENTITY, LOOK_PURPOSES, RECORD_CHANNELS
from crm_course.tables.schemas.selling import CHANNELS, COLLECTIONS, CONTACT_CHANNELS, PAYMENTS, REASONS, SELLING
from crm_course.tables.schemas.service import CATEGORIES, LIVE_CHANNELS, SERVICE, SERVICE_CHANNELS, TOPICS
from crm_course.tables.schemas.surveys import ABOUT, ITEMS, SURVEYS
from crm_course.tables.schemas.visiting import VISITING

SCHEMAS: dict[str, type[Table]] = {**SELLING, **IDENTITY, **VISITING, **SERVICE, **CONTACT, **SURVEYS}

__all__ = [
    "ABOUT",
    "CATEGORIES",
    "CHANNELS",
    "COLLECTIONS",
    "CONTACT_CHANNELS",
    "EXPERIMENTS",
    "ITEMS",
    "LIVE_CHANNELS",
    "LOOK_PURPOSES",
    "PAYMENTS",
    "REASONS",
    "RECORD_CHANNELS",
    "SCHEMAS",
    "SERVICE_CHANNELS",
    "TOPICS",
    "UNITS",
    "Table",
]
