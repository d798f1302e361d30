"""Customer relationship management in retail, taught on stores whose truth is known."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_course.answers.protocol import answer, written
    from crm_course.beginning import begin
    from crm_course.reporting import note, report
    from crm_course.tables.store import open_store

__all__ = ["answer", "begin", "note", "open_store", "report", "written"]
__version__ = "0.1.0"


_HOMES = {
    "answer": "answers.protocol",
    "begin": "beginning",
    "note": "reporting",
    "open_store": "tables.store",
    "report": "reporting",
    "written": "answers.protocol",
}


def __getattr__(name: str) -> Any:
    """Bring a name from its room when it is first asked for: a batch of submissions does without pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module 'crm_course' has no attribute {name!r}")
    return getattr(import_module(f"crm_course.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the names that a notebook needs."""
    return [*globals(), *_HOMES]
