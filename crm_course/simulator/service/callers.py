"""Callers and chatters whom nobody identified: the shop's own rate, not the customers'."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crm_course.simulator.columns import Ints
from crm_course.simulator.people.people import pick
from crm_course.simulator.service.case_texts import Texts
from crm_course.simulator.service.log import Log, draw_needs
from crm_course.simulator.streams import Dice
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import SERVICE_CHANNELS, TOPICS


def first_logged_day(world: World, room: Room) -> int:
    """Give the first day of the callers' log, counted from the span's first."""
    after = pd.Timestamp(world.scenario.as_of) + pd.Timedelta(days=1)
    months = pd.DateOffset(months=room.spec.callers.months)
    return max(world.span.position((after - months).date()), world.span.start)


def draw_callers(world: World, room: Room, texts: Texts) -> Log:
    """Draw the calls and chats of every logged day: a fixed number of slots a day, each taken or not."""
    spec, clock, span = room.spec.callers, room.clock, world.span
    days = np.arange(min(first_logged_day(world, room), span.end), span.end)
    hours = (clock.closes - clock.opens)[days] / 3600
    mean = spec.per_hour * hours * room.busy[days] ** spec.busy
    slots = int(np.ceil(1.5 * mean.max(initial=0)))
    dice = Dice.of(world.seed, "callers")
    grid = np.broadcast_to(days[:, None], (len(days), slots))
    number = np.broadcast_to(np.arange(slots), grid.shape)
    taken = dice.uniform(grid, number, 0) * slots < mean[:, None]
    day, slot = grid[taken], number[taken]

    def draw(use: int) -> np.ndarray:
        return dice.uniform(day, slot, use)

    count = len(day)
    names = list(room.spec.topics)
    weights = np.array([topic.callers for topic in room.spec.topics.values()]) + 1e-12
    local = pick(weights, draw(1))
    hard = (draw(2) < np.array([topic.complex for topic in room.spec.topics.values()])[local]).astype(np.int32)
    ways = np.array([room.spec.mix.callers.get(name, 0.0) for name in SERVICE_CHANNELS])
    channel = pick(ways, draw(3))
    topic = np.array([TOPICS.index(name) for name in names])[local]
    nobody: Ints = np.full(count, -1)
    chinese = (draw(4) < room.spec.notes.chinese).astype(np.int64)
    needs = draw_needs(
        room,
        channel=channel,
        hard=hard,
        mood=ndtri(draw(5)),
        complaint=np.zeros(count, dtype=np.int64),
        uniforms=[draw(use) for use in range(8, 16)],
    )
    opened = clock.moment(day, draw(6), room.spec.talk.hours)
    text = texts.choose(topic, nobody, nobody, chinese, draw(7))
    zero, small = np.zeros(count, dtype=np.int64), nobody.astype(np.int32)
    return Log(
        opened=opened,
        customer=zero.astype(np.int32),
        order=zero,
        product=small,
        store=small,
        channel=channel.astype(np.int32),
        topic=topic.astype(np.int32),
        text=text.astype(np.int32),
        complex=hard,
        case=small,
        **needs,
    )
