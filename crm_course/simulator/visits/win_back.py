"""Win-back: vouchers for customers who have not bought for long, drawn by lot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.campaigns.campaign_plan import contact_of
from crm_course.simulator.campaigns.experiments import assign
from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.visits.visits import spread_over_day
from crm_course.simulator.world.world import World

WIN_BACK = "win-back"
ARMS = ["no voucher", "voucher"]
_DAY = 86_400
_EXTRA, _TIME, _PART = range(3)


@dataclass(frozen=True)
class WinBack:
    """The win-back experiment, for every customer of a chunk as if she had lapsed.

    Attributes
    ----------
    first_day : int
        Day of the span on which the vouchers go out, T0.
    start : int
        Its midnight, seconds since 1970 (UTC): who has not bought for `lapsed_days` before has lapsed.
    lapsed_days : int
        Days without a purchase.
    treated : bool
        Whether the lot gives her a voucher, when she has lapsed and may be written to.
    would_buy : bool
        Whether a voucher would bring an extra purchase.
    extra_day, extra_time : int
        Local day of the span, and second since 1970 (UTC), of that purchase.
    """

    first_day: int
    start: int
    lapsed_days: int
    treated: Bools
    would_buy: Bools
    extra_day: Ints
    extra_time: Ints

    def lapsed(self, customer: Ints, time: Ints, first_time: Ints) -> Bools:
        """Say who had bought before T0, but not in the days before it.

        Parameters
        ----------
        customer, time : int array
            Customer and second of each purchase, at least those of the `lapsed_days` before T0.
        first_time : int array
            First purchase of each customer.
        """
        since = self.start - self.lapsed_days * _DAY
        lately = (time >= since) & (time < self.start)
        lapsed: Bools = (first_time < since) & (np.bincount(customer[lately], minlength=len(first_time)) == 0)
        return lapsed

    def extra(self, took_part: Bools) -> Bools:
        """Say who makes an extra purchase, of those who lapsed and could be written to."""
        return took_part & self.treated & self.would_buy


def win_back(world: World, people: People, chunk: int) -> WinBack | None:
    """Draw the win-back experiment; None when the policy has none, or the data do not reach round it.

    The extra purchase comes on a random day from the one after the voucher to the last of its window.
    """
    found = contact_of(world)
    if found is None or (trial := found[1].win_back) is None:
        return None
    span, everyone = world.span, np.arange(len(people))
    first = span.position(trial.on)
    if first - trial.lapsed_days < span.start or first >= span.end:
        return None
    dice, once = world.dice(WIN_BACK, chunk), np.zeros(1, dtype=np.int64)
    weights = np.array([1 - trial.treated, trial.treated])
    day = first + 1 + (dice.uniform(everyone, once, _TIME) * trial.window_days).astype(np.int64)
    return WinBack(
        first_day=first,
        start=int(span.midnights[first]),
        lapsed_days=trial.lapsed_days,
        treated=assign(world, WIN_BACK, everyone, 2, chunk=chunk, weights=weights) == 1,
        would_buy=dice.uniform(everyone, once, _EXTRA) < found[0].win_back,
        extra_day=day,
        extra_time=spread_over_day(world, day, dice.uniform(everyone, once, _PART)),
    )
