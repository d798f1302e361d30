import numpy as np
import pytest

from crm_course.store.baskets import fill_baskets
from crm_course.store.fulfilment import hand_over, order_amounts
from crm_course.store.people import draw_people
from crm_course.store.policy import Policy
from crm_course.store.purchases import place_orders
from crm_course.store.scenario import Scenario
from crm_course.store.service.chunk import service_of
from crm_course.store.settings import read_settings
from crm_course.store.world import build_world


class Drawn:
    """A chunk of customers with the service that their orders bring."""

    def __init__(self, seed, customers, deflection=None, **changes):
        """Take rules of service away or change them: ``complaint_change=None``."""
        policy = read_settings(Policy, "usual")
        policy = policy.model_copy(update={"service": policy.service.model_copy(update=changes)})
        self.world = build_world(read_settings(Scenario, "beauty"), policy, seed, 36)
        self.people = draw_people(self.world, 0, customers)
        self.orders, self.lifetimes = place_orders(self.world, self.people, 0)
        self.lines, _ = fill_baskets(self.world, self.people, self.orders, 0)
        amounts = order_amounts(self.orders, self.lines)
        self.handover = hand_over(self.world, self.people, self.orders, amounts, 0)
        factor = None if deflection is None else np.full(len(self.orders), deflection)
        self.service = service_of(self.world, self.people, self.orders, self.lines, self.handover, 0, factor)


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
