"""The online community: members ask and answer; who joins is no accident."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.distributions import exponential
from crm_course.simulator.people.people import People, pick
from crm_course.simulator.people.service_traits import Traits
from crm_course.simulator.visits.fulfilment import Handover
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.row_names import Names
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import POST_TOPICS

_DAY, _HOUR = 86_400, 3600
_NIGHT = 7 * _HOUR  # a question of the small hours is put off till the morning


@dataclass(frozen=True)
class Posts:
    """Posts in order of time: author, seconds since 1970, question's position (-1), solved, topic's position."""

    customer: Ints
    time: Ints
    reply_to: Ints
    solved: Bools
    topic: Ints


def draw_posts(
    world: World,
    room: Room,
    people: People,
    traits: Traits,
    orders: Orders,
    handover: Handover,
    events: Ints,
    chunk: int,
) -> Posts:
    """Let members ask after an order, and other members answer; only what is in the data."""
    spec, dice, span = room.spec.community, world.dice("community", chunk), world.span
    buys = np.flatnonzero(traits.member[orders.customer[: orders.known]])
    asker, event = orders.customer[buys], events[buys]
    asks = np.flatnonzero(dice.uniform(asker, event, 0) < spec.question)
    asker, event, buys = asker[asks], event[asks], buys[asks]
    lag = exponential(dice.uniform(asker, event, 1), spec.question_days) * _DAY
    asked = _by_day(handover.delivered[buys] + lag.astype(np.int64), span.midnights)
    topic = pick(np.array([spec.topics.get(name, 0.0) for name in POST_TOPICS]), dice.uniform(asker, event, 2))

    members = np.flatnonzero(traits.member)
    since = span.midnights[people.entry_day[members] + 1]
    members, since = members[np.argsort(since, kind="stable")], np.sort(since)
    parts = [(asker, asked, np.full(len(asker), -1), np.zeros(len(asker), dtype=bool), topic)]
    open_ones, now = np.arange(len(asker)), asked
    for number, chance in enumerate(spec.answers):
        draws = [dice.uniform(asker[open_ones], event[open_ones], 10 + 4 * number + use) for use in range(4)]
        now = _by_day(now + (exponential(draws[1], spec.answer_hours) * _HOUR).astype(np.int64), span.midnights)
        there = np.searchsorted(since, now, side="right")
        helper = members[(draws[2] * there).astype(np.int64)] if len(members) else asker[open_ones]
        goes_on = (draws[0] < chance) & (helper != asker[open_ones]) & (there > 0)
        open_ones, now = open_ones[goes_on], now[goes_on]
        parts.append((helper[goes_on], now, open_ones, draws[3][goes_on] < spec.solves, topic[open_ones]))
    return _in_order(parts, span.end_time)


def _by_day(time: Ints, midnights: Ints) -> Ints:
    """Put off what falls into the small hours."""
    day = np.clip(np.searchsorted(midnights, time, side="right") - 1, 0, len(midnights) - 1)
    since = time - midnights[day]
    return np.where((since >= 0) & (since < _NIGHT), time + _NIGHT, time)


def _in_order(parts: list[tuple[Ints, Ints, Ints, Bools, Ints]], end: int) -> Posts:
    customer, time, reply_to, solved, topic = (np.concatenate([part[k] for part in parts]) for k in range(5))
    seen = time < end
    solved_by = reply_to[(reply_to >= 0) & solved & seen]
    solved[solved_by] = True
    rows = np.flatnonzero(seen)
    rows = rows[np.argsort(time[rows], kind="stable")]
    number = np.full(len(time), -1)
    number[rows] = np.arange(len(rows))
    of = np.where(reply_to[rows] >= 0, number[reply_to[rows]], -1)
    return Posts(customer[rows], time[rows], of, solved[rows], topic[rows])


def posts_table(names: Names, posts: Posts) -> pd.DataFrame:
    """Give the ``posts`` table."""
    ids = names.numbered("B", np.arange(len(posts.time)))
    asked = columns.taken(ids, posts.reply_to)
    return pd.DataFrame(
        {
            "post_id": ids,
            "customer_id": names.customer(posts.customer),
            "at": columns.times(posts.time),
            "reply_to": asked,
            "solved": columns.words(posts.solved.astype(np.int64), ["no", "yes"]),
            "topic": columns.words(posts.topic, list(POST_TOPICS)),
        }
    )
