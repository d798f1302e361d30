"""Customer relationship management in retail, taught on stores whose truth is known."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_course.answers import answer, written
    from crm_course.reporting import report
    from crm_course.tables import open_store

__all__ = ["answer", "open_store", "report", "written"]
__version__ = "0.1.0"

_HOMES = {"answer": "answers", "written": "answers", "report": "reporting", "open_store": "tables"}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: who only supervises runs must not pay for pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
