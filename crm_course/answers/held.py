"""What slips stand on, computed once a store."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from crm_course.tables.store import Store

_held: dict[Any, Any] = {}


def held(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Compute once a store, since most slips begin alike; another open store, in the same folder even, begins anew.

    Parameters
    ----------
    compute : callable
        Of a `Store` and hashable choices by name; what it returns is shared, so nobody may change it.

    Examples
    --------
    >>> @held
    ... def customers(store, accounts=False):
    ...     return store.table("customers").query("account == @accounts")
    """

    @wraps(compute)
    def once(store: Store, **choice: Any) -> Any:
        if _held.get("store") is not store:
            _held.clear()
            _held["store"] = store
        call = (compute, *sorted(choice.items()))
        if call not in _held:
            _held[call] = compute(store, **choice)
        return _held[call]

    return once
