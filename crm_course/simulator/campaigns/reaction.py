"""What opened messages do to the visit rate of those who opened them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.world.world import World

_TIME_BITS = 33  # seconds since 1970, until the year 2242


@dataclass(frozen=True)
class Reaction:
    """Opened messages by customer and in order of time.

    Each lifts the visit rate by its factor from the moment it was sent, for `length` seconds or
    until the next one is opened.

    Attributes
    ----------
    customer, time : int
        Position in the chunk; seconds since 1970 (UTC).
    factor : float
        Visit rate in relation to the rate without messages.
    key : int
        Customer and time in one number, in order.
    length : float
        Seconds.
    most : float
        Upper bound of all factors.
    """

    customer: Ints
    time: Ints
    factor: Floats
    key: Ints
    length: float
    most: float

    @classmethod
    def of(cls, customer: Ints, time: Ints, factor: Floats, *, length: float, most: float) -> Reaction:
        """Put opened messages in order."""
        key = (customer << _TIME_BITS) | time
        order = np.argsort(key, kind="stable")
        return cls(customer[order], time[order], factor[order], key[order], length, most)

    def uplift(self, customer: Ints, time: Ints) -> Floats:
        """Give the factor on customers' visit rates at moments, seconds since 1970 (UTC)."""
        if not len(self.key):
            return np.ones(len(customer))
        latest = np.searchsorted(self.key, (customer << _TIME_BITS) | time, side="right") - 1
        here = np.maximum(latest, 0)
        lifted = (latest >= 0) & (self.customer[here] == customer) & (time - self.time[here] < self.length)
        return np.where(lifted, self.factor[here], 1.0)

    def mean_factor(self, world: World, people: People, first_day: int, last_day: int) -> Floats:
        """Give each customer's mean factor over days of the span, in operational time of her home store.

        Parameters
        ----------
        first_day, last_day : int
            The first day, and the day after the last.
        """
        clock, midnights = world.clock, world.span.midnights
        begin, end = int(midnights[first_day]), int(midnights[last_day])
        over = np.minimum(self.time + int(self.length), end)
        same = self.customer[1:] == self.customer[:-1]
        over[:-1] = np.where(same, np.minimum(over[:-1], self.time[1:]), over[:-1])
        rows = np.flatnonzero((over > begin) & (self.time < end))
        who = self.customer[rows]
        lasts = elapsed_at(world, people, who, over[rows]) - elapsed_at(
            world, people, who, np.maximum(self.time[rows], begin)
        )
        gained = np.bincount(who, weights=lasts * (self.factor[rows] - 1), minlength=len(people))
        factor: Floats = 1 + gained / (clock.elapsed[people.home, last_day] - clock.elapsed[people.home, first_day])
        return factor


def elapsed_at(world: World, people: People, customer: Ints, time: Ints) -> Floats:
    """Give the operational time of customers' home stores at moments of the clock.

    Within a day it runs as purchases do: by the hours of the web shop for the customer's online
    share, and by shop hours for the rest.
    """
    scenario, midnights = world.scenario, world.span.midnights
    day = np.searchsorted(midnights, time, side="right") - 1
    day = np.minimum(day, world.clock.elapsed.shape[1] - 2)
    hours = np.minimum((time - midnights[day]) / (midnights[day + 1] - midnights[day]), 1) * 24
    shop, web = (
        np.interp(hours, np.arange(25), np.concatenate([[0.0], np.cumsum(weights)]) / np.sum(weights))
        for weights in (scenario.shop_hours, scenario.online_hours)
    )
    online, home = people.online[customer], people.home[customer]
    part = online * web + (1 - online) * shop
    begin = world.clock.elapsed[home, day]
    elapsed: Floats = begin + part * (world.clock.elapsed[home, day + 1] - begin)
    return elapsed
