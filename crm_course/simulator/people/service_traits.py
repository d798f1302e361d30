"""What customers are like when they are served: traits that no policy changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from crm_course.simulator.columns import Bools, Floats
from crm_course.simulator.people.people import People
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World


@dataclass(frozen=True)
class Traits:
    """Traits of the customers of a chunk, one element each.

    Attributes
    ----------
    temper, mood : float
        Standard normals: readiness to complain, and to be content.
    chinese : float
        Uniform: below the share of Chinese texts, she writes Chinese.
    member : bool
        Whether she is a member of the online community.
    """

    temper: Floats
    mood: Floats
    chinese: Floats
    member: Bools


def draw_traits(world: World, room: Room, people: People, chunk: int) -> Traits:
    """Draw the traits: members of the community buy more often and are in a better mood."""
    rng = world.stream("service traits", chunk)
    temper, mood = rng.standard_normal((2, len(people)))
    chinese, joins = rng.random((2, len(people)))
    segments = world.scenario.segments
    share = np.array([segment.share for segment in segments])
    mean = np.array([segment.rate_shape / segment.rate_days for segment in segments]) @ share / share.sum()
    spec = room.spec.community
    odds = spec.member + spec.rate * np.log(np.maximum(people.rate / mean, 1e-6)) + spec.mood * mood
    return Traits(temper, mood, chinese, joins < expit(odds))
