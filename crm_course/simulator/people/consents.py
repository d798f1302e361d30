"""What customers said about the use of their data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.world.world import World

_YEAR = 365.25 * 86_400


@dataclass(frozen=True)
class Choices:
    """Consents: customer, position among the scenario's choices, yes or no, time, and the source's position."""

    customer: Ints
    choice: Ints
    granted: Bools
    time: Ints
    source: Ints


SOURCES = ["till", "web", "app", "phone", "message"]
_ASKED_AT = 4  # the first four: where people are asked


def ask_consent(world: World, people: People, first_time: Ints, chunk: int) -> Choices:
    """Ask at sign-up, and let some withdraw or give their consent later, once."""
    rng = world.stream("consents", chunk)
    spec, web = world.scenario.consents, world.scenario.web_store
    usual = logit(np.array([choice.granted for choice in spec.choices]))
    shape = (len(people), len(usual))
    willing = expit(usual + spec.openness_spread * people.openness[:, None])
    granted = rng.random(shape) < willing
    asked = rng.random(shape) < spec.asked
    speed = np.where(granted, spec.withdrawn_per_year, spec.given_per_year)
    with np.errstate(divide="ignore"):
        wait = np.minimum(1 + rng.exponential(size=shape) / speed * _YEAR, 1e12).astype(np.int64)
    signed_up = np.repeat(first_time, len(usual)).reshape(shape)
    changed = asked & (signed_up + wait < world.span.end_time)
    way = rng.integers(1, _ASKED_AT, size=shape)
    at = np.zeros(shape, dtype=np.int64)
    if web is not None:
        at += (people.home == web)[:, None]
    parts = [(asked, granted, signed_up, at), (changed, ~granted, signed_up + wait, way)]
    customer, choice = (np.concatenate([np.nonzero(there)[axis] for there, *_ in parts]) for axis in (0, 1))
    answer, time, source = (np.concatenate([part[k][part[0]] for part in parts]) for k in (1, 2, 3))
    sequence = np.lexsort((choice, time, customer))
    return Choices(customer[sequence], choice[sequence], answer[sequence], time[sequence], source[sequence])
