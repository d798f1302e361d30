"""The usual wrong answers of the smallest exercise."""

from __future__ import annotations

from crm_course.exercise.slips import slips_of
from crm_course.tables.store import Store


@slips_of("q1", read_again="03 Customer value, section 1")
class Q1:
    """A usual day."""

    def returns_not_netted(store: Store, _key: object) -> object:
        """You did not take returns off."""
        days = store.purchases()
        return days.loc[~days["account"], "gross_amount"].mean()

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """You counted accounts as consumers."""
        return store.purchases()["net_amount"].mean()


@slips_of("q2", read_again="03 Customer value, section 1")
class Q2:
    """Back again."""

    def once_is_enough(store: Store, _key: object) -> object:
        """You counted who bought once, too."""
        return int(store.purchases().query("~account")["customer_id"].nunique())
