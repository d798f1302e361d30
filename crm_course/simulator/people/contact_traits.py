"""How each customer takes messages, and whether she joins the loyalty programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, ndtr, ndtri

from crm_course.simulator.columns import Bools, Floats
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.contact_settings import ContactSettings
from crm_course.simulator.world.world import World

_YEAR = 365.25 * 86_400
_EDGE = 1e-9


def rate_score(world: World, people: People) -> Floats:
    """Give the purchase rate as a standard normal among the customer's segment."""
    shape, days = (
        np.array([getattr(segment, key) for segment in world.scenario.segments])[people.segment]
        for key in ("rate_shape", "rate_days")
    )
    score: Floats = ndtri(np.clip(gammainc(shape, people.rate * days), _EDGE, 1 - _EDGE))
    return score


@dataclass(frozen=True)
class Traits:
    """Customers of a chunk, one element each.

    Attributes
    ----------
    opening : float
        How ready she is to open a message, log odds around the channel's median.
    fatigue : float
        How quickly she tires of messages, mean 1.
    lifespan : array of shape (media, customers)
        Seconds from sign-up until her address in each of the scenario's media goes dead.
    """

    opening: Floats
    fatigue: Floats
    lifespan: Floats


def draw_traits(world: World, people: People, settings: ContactSettings, chunk: int) -> Traits:
    """Draw how the customers of a chunk take messages."""
    rng, count = world.stream("contact traits", chunk), len(people)
    own = rng.standard_normal(count)
    fatigue = rng.gamma(settings.fatigue_shape, size=count) / settings.fatigue_shape
    alike = settings.opening_with_rate
    openness = alike * rate_score(world, people) + np.sqrt(1 - alike**2) * own
    wait = rng.exponential(size=(len(settings.media), count))
    speed = np.array([medium.dead_per_year for medium in settings.media])[:, None]
    with np.errstate(divide="ignore"):
        lifespan = wait / speed * _YEAR
    return Traits(settings.opening_spread * openness, fatigue, lifespan)


def draw_members(world: World, people: People, chunk: int) -> Bools:
    """Say who joins the loyalty programme at her first purchase: rather those who buy often anyway."""
    if world.scenario.contact is None:
        return np.zeros(len(people), dtype=bool)
    members = world.scenario.contact.members
    own: Floats = world.stream("loyalty traits", chunk).standard_normal(len(people))
    wish = members.with_rate * rate_score(world, people) + np.sqrt(1 - members.with_rate**2) * own
    consumer = ~np.array([segment.account for segment in world.scenario.segments])[people.segment]
    member: Bools = consumer & (ndtr(wish) > 1 - members.joined)
    return member


def loyalty_factor(world: World, people: People, chunk: int, *, ahead: bool = False) -> Floats:
    """Give the true factor of the loyalty programme on each customer's purchase rate; 1 for those who did not join.

    Parameters
    ----------
    ahead : bool
        After the data, under the policy ahead; a shop that ends the programme lets its members go.
    """
    settings, policy = world.scenario.contact, (world.ahead if ahead else world.policy).contact
    if settings is None or policy is None or policy.loyalty is None:
        return np.ones(len(people))
    factor: Floats = 1.0 + settings.members.effect * draw_members(world, people, chunk).astype(np.float64)
    return factor
