from dataclasses import dataclass

import numpy as np
import pytest

from crm_course.simulator.campaigns.messages import Messages
from crm_course.simulator.chunk import live
from crm_course.simulator.people.consents import Choices
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import read_settings
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.world.world import World, build_world


def changed(model, **updates):
    """Give settings with other values, checked again; nested keys by two underscores."""
    values = model.model_dump()
    for path, value in updates.items():
        *parents, last = path.split("__")
        inner = values
        for key in parents:
            inner = inner[key]
        inner[last] = value
    return type(model).model_validate(values)


@dataclass(frozen=True)
class Part:
    """A chunk with its messages."""

    world: World
    people: People
    orders: Orders
    lifetimes: Lifetimes
    choices: Choices
    messages: Messages


@pytest.fixture(scope="session")
def draw():
    """Draw a chunk of customers under changed settings, once for each."""
    known: dict[str, Part] = {}

    def make(count=3000, seed=1, months=36, scenario=None, policy=None) -> Part:
        key = repr((count, seed, months, scenario, policy))
        if key not in known:
            settings = changed(read_settings(Scenario, "beauty"), **(scenario or {}))
            shop = changed(read_settings(Policy, "usual"), **(policy or {}))
            world = build_world(settings, shop, shop, seed, months)
            lives = live(world, 0, count)
            assert lives.messages is not None
            known[key] = Part(world, lives.people, lives.orders, lives.lifetimes, lives.choices, lives.messages)
        return known[key]

    return make


@pytest.fixture(scope="session")
def rng():
    return np.random.default_rng(0)
