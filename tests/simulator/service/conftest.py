import numpy as np
import pytest

from crm_course.simulator.chunk import live
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import read_settings
from crm_course.simulator.world.world import build_world


class Drawn:
    """A chunk of customers with the service that their orders bring."""

    def __init__(self, seed, customers, deflection=None, **changes):
        """Take rules of service away or change them: ``complaint_change=None``."""
        policy = read_settings(Policy, "usual")
        policy = policy.model_copy(update={"service": policy.service.model_copy(update=changes)})
        self.world = build_world(read_settings(Scenario, "beauty"), policy, policy, seed, 36)
        calls = None if deflection is None else np.full(customers, deflection)
        lives = live(self.world, 0, customers, calls)
        self.people, self.orders, self.lifetimes = lives.people, lives.orders, lives.lifetimes
        self.lines, self.handover, self.service = lives.lines, lives.handover, lives.service


@pytest.fixture(scope="session")
def drawn():
    """Draw a chunk once for each set of parameters."""
    known = {}

    def draw(seed=1, customers=2000, **rest):
        key = (seed, customers, repr(sorted(rest.items())))
        if key not in known:
            known[key] = Drawn(seed, customers, **rest)
        return known[key]

    return draw
