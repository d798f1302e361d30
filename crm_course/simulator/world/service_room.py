"""What all customers share in service: hours, pace, product and store rates, the change of rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.errors import WrongCall
from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.service_rules import ComplaintChange, ServicePolicy
from crm_course.simulator.settings.service_settings import Defects, ServiceSettings
from crm_course.simulator.streams import stream
from crm_course.simulator.world.catalogue import Catalogue
from crm_course.simulator.world.promotions import Clock
from crm_course.simulator.world.season import Span
from crm_course.simulator.world.service_clock import ServiceClock
from crm_course.tables.schemas.service import CATEGORIES

_YEAR = 365.25


@dataclass(frozen=True)
class Rollout:
    """The change of complaint rules: days of the span, the stores that begin, and the log factor on the time."""

    announced: int
    first_day: int
    other_day: int
    first_stores: Ints
    other_stores: Ints
    faster: float

    def factor(self, stores: int, days: int) -> Floats:
        """Give the log factor on the time to a solution, by store and day."""
        factor = np.zeros((stores, days))
        factor[self.first_stores, max(self.first_day, 0) :] = self.faster
        factor[self.other_stores, max(self.other_day, 0) :] = self.faster
        return factor


@dataclass(frozen=True)
class Room:
    """What all customers share in service.

    Attributes
    ----------
    spec, policy, ahead : ServiceSettings, ServicePolicy, ServicePolicy
        Mechanisms, and what the shop does in the data and ahead of them.
    ahead_from : int
        When the policy ahead begins, seconds since 1970 (UTC).
    clock : ServiceClock
        The clock of service hours.
    busy : float
        Sales of each day of the calendar without the customers' number, in relation to an ordinary day.
    load : float
        Weekly load of the complaint desk, log units, a value a day.
    pace : array of shape (stores, days)
        Log factor on the time from assignment to solution.
    defects : float
        Probability that a unit of each product is defective.
    planted : int
        Positions of the truly bad products.
    rates : array of shape (kinds of failure, stores)
        Probability of each kind of failure but defects, by store.
    rollout : Rollout or None
        The change of rules in the data.
    """

    spec: ServiceSettings
    policy: ServicePolicy
    ahead: ServicePolicy
    ahead_from: int
    clock: ServiceClock
    busy: Floats
    load: Floats
    pace: Floats
    defects: Floats
    planted: Ints
    rates: Floats
    rollout: Rollout | None


def open_room(
    scenario: Scenario, policies: tuple[Policy, Policy], seed: int, span: Span, clock: Clock, catalogue: Catalogue
) -> Room | None:
    """Lay out the service room; None where the scenario or the policy of the data has none.

    Where the policy ahead says nothing of service, its rules stay as they are in the data.

    Raises
    ------
    WrongCall
        If service would begin only after the data.
    """
    spec, (rules, ahead) = scenario.service, (policy.service for policy in policies)
    if spec is not None and rules is None and ahead is not None:
        raise WrongCall("policies: [service] is there ahead, but not in the data; give it to the data as well")
    if spec is None or rules is None:
        return None
    ahead = ahead or rules
    stores = len(scenario.stores)
    busy = np.ones(span.planned)
    busy[: span.horizon] = np.diff(clock.elapsed, axis=1).mean(axis=0)
    load = _weekly_load(spec, span, seed)
    rollout, planned = (_roll_out(each.complaint_change, span, seed, stores) for each in (rules, ahead))
    defects, planted = _defects(spec.defects, spec.failures["defect"].probability, catalogue, seed)
    return Room(
        spec=spec,
        policy=rules,
        ahead=ahead,
        ahead_from=span.end_time,
        clock=ServiceClock.of(scenario, rules.opening, ahead.opening, span),
        busy=busy,
        load=load,
        pace=_pace(spec, span, seed, stores, busy, load, (rollout, planned)),
        defects=defects,
        planted=planted,
        rates=_store_rates(spec, seed, stores),
        rollout=rollout,
    )


def _weekly_load(spec: ServiceSettings, span: Span, seed: int) -> Floats:
    """An autoregressive series of weeks, Monday to Sunday, a value a day."""
    week = (np.arange(span.planned) + span.days[0].weekday()) // 7
    shocks = stream(seed, "complaint load").standard_normal(int(week[-1]) + 1)
    memory, load = spec.handling.load_memory, np.empty(len(shocks))
    load[0] = shocks[0]
    for place in range(1, len(shocks)):
        load[place] = memory * load[place - 1] + (1 - memory**2) ** 0.5 * shocks[place]
    weekly: Floats = (spec.handling.load_spread * load)[week]
    return weekly


def _roll_out(change: ComplaintChange | None, span: Span, seed: int, stores: int) -> Rollout | None:
    if change is None:
        return None
    sequence = stream(seed, "complaint change").permutation(stores)
    first = min(max(1, round(change.first_share * stores)), stores)
    other = span.end - change.elsewhere_days if change.elsewhere_days else span.planned
    days = (span.end - change.announced_days, span.end - change.in_force_days)
    return Rollout(*days, other, np.sort(sequence[:first]), np.sort(sequence[first:]), float(np.log(change.speed)))


def _pace(
    spec: ServiceSettings,
    span: Span,
    seed: int,
    stores: int,
    busy: Floats,
    load: Floats,
    rollouts: tuple[Rollout | None, Rollout | None],
) -> Floats:
    handling = spec.handling
    own = handling.store_spread * stream(seed, "complaint pace").standard_normal(stores)
    years = (np.arange(span.planned) - span.end) / _YEAR
    pace = own[:, None] + handling.trend_per_year * years + handling.busy * np.log(busy) + load
    for rollout, days in zip(rollouts, (slice(0, span.end), slice(span.end, None)), strict=True):
        if rollout is not None:
            pace[:, days] += rollout.factor(stores, span.planned)[:, days]
    return pace


def _defects(spec: Defects, probability: float, catalogue: Catalogue, seed: int) -> tuple[Floats, Ints]:
    """Gamma-distributed rates within category; bad products are planted among popular and rare ones alike."""
    rng = stream(seed, "defects")
    mean = probability * np.array([spec.categories.get(name, 1.0) for name in catalogue.categories])
    rate = mean * rng.gamma(spec.shape, size=len(catalogue)) / spec.shape
    luck = rng.random(len(catalogue))
    by_popularity = np.argsort(-catalogue.choice.mean(axis=0), kind="stable")
    groups = [group for group in np.array_split(by_popularity, max(spec.planted, 1)) if len(group)]
    planted = np.array([group[np.argmax(luck[group])] for group in groups[: spec.planted]], dtype=np.int64)
    rate[planted] = spec.planted_factor * mean[planted]
    return np.minimum(rate, 0.5), np.sort(planted)


def _store_rates(spec: ServiceSettings, seed: int, stores: int) -> Floats:
    luck = stream(seed, "store failures").standard_normal((len(CATEGORIES), stores))
    kinds = [spec.failures[name] for name in CATEGORIES]
    spread = np.array([kind.store_spread for kind in kinds])[:, None]
    mean = np.array([kind.probability for kind in kinds])[:, None]
    rates: Floats = np.minimum(mean * np.exp(spread * luck - spread**2 / 2), 1.0)
    return rates
