"""What each table of a store holds: one class a table, one line a column.

Ids are strings, vocabularies categories, times UTC to the microsecond, days local, money in the
store's one currency. ``SCHEMAS`` lists the tables by name.
"""

from crm_course.tables.schemas.base import Table
from crm_course.tables.schemas.contact import CONTACT, EXPERIMENTS, UNITS
from crm_course.tables.schemas.selling import CHANNELS, COLLECTIONS, CONTACT_CHANNELS, PAYMENTS, REASONS, SELLING
from crm_course.tables.schemas.surveys import ABOUT, ITEMS, SURVEYS

SCHEMAS: dict[str, type[Table]] = {**SELLING, **CONTACT, **SURVEYS}

__all__ = [
    "ABOUT",
    "CHANNELS",
    "COLLECTIONS",
    "CONTACT_CHANNELS",
    "EXPERIMENTS",
    "ITEMS",
    "PAYMENTS",
    "REASONS",
    "SCHEMAS",
    "UNITS",
    "Table",
]
