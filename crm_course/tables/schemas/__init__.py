"""What each table of a store holds: one class a table, one line a column.

Ids are strings, vocabularies categories, times UTC to the microsecond, days local, money in the
store's one currency. ``SCHEMAS`` lists the tables by name.
"""

from crm_course.tables.schemas.base import Table
from crm_course.tables.schemas.contacting import CONTACT
from crm_course.tables.schemas.identity import IDENTITY
from crm_course.tables.schemas.selling import SELLING
from crm_course.tables.schemas.service import SERVICE
from crm_course.tables.schemas.surveys import SURVEYS
from crm_course.tables.schemas.visiting import VISITING

SCHEMAS: dict[str, type[Table]] = {**SELLING, **IDENTITY, **VISITING, **SERVICE, **CONTACT, **SURVEYS}
