"""Agents: how many the expected load needs, when each works, and who is there at a given hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.service.log import CHAT, EMAIL, PHONE, WHATSAPP, Log
from crm_course.simulator.world.service_clock import ServiceClock
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import TEAMS

HOTLINE, ONLINE, SHOP, OFFICE = range(len(TEAMS))
_WEEKEND = 5  # Saturday and Sunday off
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_DAYS_OFF = 2


@dataclass(frozen=True)
class Roster:
    """Agents, one element each.

    Attributes
    ----------
    team, store, shift : int
        Positions; store -1 outside the shops; shift 0 early, 1 late.
    off : int
        First of the two weekdays off, Monday 0.
    hours : array of shape (2, 2)
        First and last hour of the shifts.
    """

    team: Ints
    store: Ints
    shift: Ints
    off: Ints
    hours: Ints

    def __len__(self) -> int:
        return len(self.team)

    def spells(self, agent: int, clock: ServiceClock, first: int, last: int, weekday: int) -> tuple[Ints, Ints]:
        """Give the spells of work of an agent from day `first` to `last`, which begins with a weekday."""
        days = np.arange(first, last)
        days = days[(days - first + weekday - self.off[agent]) % 7 >= _DAYS_OFF]
        begin, end = (clock.midnights[days] + hour * 3600 for hour in self.hours[self.shift[agent]])
        begin, end = np.maximum(begin, clock.opens[days]), np.minimum(end, clock.closes[days])
        there = begin < end
        return begin[there], end[there]


def plan_roster(world: World, room: Room, log: Log, first_day: int) -> Roster:
    """Plan agents for the expected load since `first_day`: the load plus a safety of its root.

    References
    ----------
    Halfin and Whitt (1981), Heavy-traffic limits for queues with many exponential servers.
    """
    staffing, clock = room.policy.staffing, room.clock
    hours = np.array([staffing.early.hours, staffing.late.hours])
    days = max(int((clock.closes > clock.opens)[first_day : world.span.end].sum()), 1)
    recent = log.opened >= clock.midnights[first_day]
    hour = (log.opened - clock.midnights[clock.day(log.opened)]) // 3600
    live = recent & ((log.channel == PHONE) | (log.channel == CHAT))
    load = np.bincount(hour[live], weights=log.handling[live] / 3600, minlength=25) / days
    needed = np.ceil(load + staffing.safety * np.sqrt(load))
    hotline = _shifts(needed, hours)
    written = recent & ((log.channel == EMAIL) | (log.channel == WHATSAPP))
    online = max(1, int(np.ceil(written.sum() / days / staffing.replies_per_hour / (hours[1, 1] - hours[0, 0]))))
    shops = [place for place, store in enumerate(world.scenario.stores) if store.format != "online"]
    groups = [(HOTLINE, -1, shift, count) for shift, count in enumerate(hotline)]
    groups += [(ONLINE, -1, shift, online) for shift in (0, 1)] + [
        (SHOP, place, shift, 1) for place in shops for shift in (0, 1)
    ]
    sizes = [max(_DAYS_OFF, -(-7 * count // (7 - _DAYS_OFF))) for *_, count in groups]
    team, store, shift = (np.repeat([group[k] for group in groups], sizes) for k in range(3))
    off = np.concatenate([np.arange(size) * _DAYS_OFF % 7 for size in sizes])
    return Roster(team, store, shift, off, hours)


def _shifts(needed: Floats, hours: Ints) -> list[int]:
    """Give the agents of each shift: the mean need of the hours that it covers alone, and together of the others."""
    (first, early_end), (late_start, last) = hours
    alone = needed[first:late_start], needed[early_end:last]
    early, late = (max(1, int(np.ceil(part.mean()))) if len(part) else 1 for part in alone)
    shared = needed[late_start:early_end]
    lacking = int(np.ceil(shared.mean())) - early - late if len(shared) else 0
    return [early + max(lacking, 0), late]


def who_is_there(
    roster: Roster, room: Room, team: int, store: Ints, time: Ints, first_weekday: int, uniform: Floats
) -> Ints:
    """Choose an agent of a team, and shop, among those on shift at a time; -1 where nobody is."""
    day = room.clock.day(time)
    weekday = (day + first_weekday) % 7
    hour = np.clip((time - room.clock.midnights[day]) // 3600, 0, 23)
    places, position = np.unique(store, return_inverse=True)
    size = int(np.bincount(roster.store[roster.team == team] + 1, minlength=1).max())
    staff = np.full((len(places), 7, 24, size), -1)
    count = np.zeros((len(places), 7, 24), dtype=np.int64)
    for at, place in enumerate(places):
        for agent in np.flatnonzero((roster.team == team) & (roster.store == place)):
            begin, end = roster.hours[roster.shift[agent]]
            for today in np.flatnonzero((np.arange(7) - roster.off[agent]) % 7 >= _DAYS_OFF):
                for now in range(begin, min(end, 24)):
                    staff[at, today, now, count[at, today, now]] = agent
                    count[at, today, now] += 1
    on_duty: Ints = staff[position, weekday, hour, (uniform * count[position, weekday, hour]).astype(np.int64)]
    return on_duty


def agents_table(room: Room, roster: Roster, store_ids: list[str], staff: int) -> pd.DataFrame:
    """Give the ``agents`` table: those who answer contacts, and the office up to the whole staff."""
    staffing = room.policy.staffing
    office = max(staff - len(roster), 0)
    shift = np.concatenate([roster.shift, np.zeros(office, dtype=np.int64)])
    off = [f"{_WEEKDAYS[k]} {_WEEKDAYS[(k + 1) % 7]}" for k in range(7)]
    return pd.DataFrame(
        {
            "agent_id": columns.series(columns.ids("A", np.arange(1, len(shift) + 1), 4)),
            "team": columns.words(np.append(roster.team, np.full(office, OFFICE)), list(TEAMS)),
            "store_id": columns.texts(np.append(roster.store, np.full(office, -1)), store_ids),
            "shift": columns.words(shift, [staffing.early.name, staffing.late.name]),
            "first_hour": roster.hours[shift, 0],
            "last_hour": roster.hours[shift, 1],
            "days_off": columns.texts(np.append(roster.off, np.full(office, _WEEKEND)), off),
        }
    )
