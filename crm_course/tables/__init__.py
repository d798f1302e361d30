"""What a store is: the schemas of its tables, opening, checking, writing and importing it."""

from crm_course.tables.checking import check
from crm_course.tables.info import StoreInfo
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.store import Store, open_store
from crm_course.tables.writing import new_store, write_store

__all__ = ["SCHEMAS", "Store", "StoreInfo", "check", "new_store", "open_store", "write_store"]
