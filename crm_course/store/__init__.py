"""The synthetic store: shops, customers, what they buy, and the truth behind it."""

from crm_course.store.simulation import simulate

__all__ = ["simulate"]
