"""What a chunk leaves for the end: its contacts, and the complaints that hang on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Ints
from crm_course.simulator.service.log import Log


@dataclass(frozen=True)
class Cases:
    """Complaints in the data, one element each; see `Complaints`.

    Attributes
    ----------
    contact, earlier : int
        Positions in the log, and among the complaints (-1: none).
    """

    contact: Ints
    kind: Ints
    severity: Ints
    times: Ints
    outcome: Ints
    compensation: Ints
    satisfied: Ints
    earlier: Ints


@dataclass(frozen=True)
class Part:
    """Contacts and complaints of a chunk."""

    log: Log
    cases: Cases


def joined(parts: list[Part], more: Log) -> Part:
    """Put the chunks' parts behind each other, and contacts without complaints after them."""
    log_start = np.cumsum([0, *(len(part.log) for part in parts)])
    case_start = np.cumsum([0, *(len(part.cases.contact) for part in parts)])
    shifted = [
        Cases(
            contact=part.cases.contact + log_start[place],
            kind=part.cases.kind,
            severity=part.cases.severity,
            times=part.cases.times,
            outcome=part.cases.outcome,
            compensation=part.cases.compensation,
            satisfied=part.cases.satisfied,
            earlier=np.where(part.cases.earlier >= 0, part.cases.earlier + case_start[place], -1),
        )
        for place, part in enumerate(parts)
    ]
    whole = {
        name: np.concatenate([getattr(cases, name) for cases in shifted], axis=-1)
        for name in ("contact", "kind", "severity", "times", "outcome", "compensation", "satisfied", "earlier")
    }
    return Part(Log.joined([*(part.log for part in parts), more]), Cases(**whole))
