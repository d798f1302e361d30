"""What the shop announces: hours of service, and changes of the rules."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Ints
from crm_course.simulator.world.season import Span
from crm_course.simulator.world.service_room import Room


def announced_tables(room: Room | None, span: Span, store_ids: list[str]) -> dict[str, pd.DataFrame]:
    """Give the tables ``service_hours`` and ``policy_changes``; none where the store has no service room."""
    if room is None:
        return {}
    closed = room.clock.opens == room.clock.closes
    hours = pd.DataFrame(
        {
            "day": span.days,
            "opens_at": columns.times(room.clock.opens, closed),
            "closes_at": columns.times(room.clock.closes, closed),
        }
    )
    return {"service_hours": hours, "policy_changes": _changes(room, span, store_ids)}


def _changes(room: Room, span: Span, store_ids: list[str]) -> pd.DataFrame:
    """Tell the changes that were announced in the data; what was in force before them is nobody's news."""
    waves: list[tuple[int, int, Ints]] = []
    if (rollout := room.rollout) is not None:
        waves = [
            (rollout.announced, rollout.first_day, rollout.first_stores),
            (rollout.announced, rollout.other_day, rollout.other_stores),
        ]
    known = [wave for wave in waves if span.start <= wave[0] < span.end and wave[1] < span.end and len(wave[2])]
    first_day = pd.Timestamp(span.first_day).as_unit("us")
    announced, in_force = (
        first_day + pd.to_timedelta(np.array([wave[k] for wave in known], dtype=np.int64), unit="D") for k in (0, 1)
    )
    return pd.DataFrame(
        {
            "change_id": pd.Series([f"H{number:02d}" for number in range(1, len(known) + 1)], dtype="str"),
            "subject": pd.Series(["complaints"] * len(known), dtype="str"),
            "announced_on": announced,
            "in_force_on": in_force,
            "store_ids": pd.Series([" ".join(store_ids[k] for k in wave[2]) for wave in known], dtype="str"),
        }
    )
