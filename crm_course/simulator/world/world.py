"""The world that all customers of a simulated store share, and the dice of a chunk of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.streams import Dice, stream
from crm_course.simulator.world.announcements import announced_tables
from crm_course.simulator.world.catalogue import Catalogue, draw_catalogue, products_table
from crm_course.simulator.world.offers import Offers, plan_offers
from crm_course.simulator.world.promotions import Clock, Promotion, plan_promotions, promotions_table
from crm_course.simulator.world.season import Span, calendar_table
from crm_course.simulator.world.service_room import Room, open_room


@dataclass(frozen=True)
class World:
    """What all customers share: mechanisms, the policies of the data and of the months ahead, time and goods."""

    scenario: Scenario
    policy: Policy
    ahead: Policy
    seed: int
    span: Span
    promotions: list[Promotion]
    clock: Clock
    catalogue: Catalogue
    offers: Offers
    service: Room | None

    def stream(self, mechanism: str, chunk: int) -> np.random.Generator:
        """Give the random stream of what customers of a chunk are: as many numbers as there are customers."""
        return stream(self.seed, mechanism, chunk)

    def dice(self, mechanism: str, chunk: int) -> Dice:
        """Give the dice of what happens to customers of a chunk: a number an event."""
        return Dice.of(self.seed, mechanism, chunk)

    @property
    def store_ids(self) -> list[str]:
        """Ids of the stores, in the scenario's order."""
        return [f"S{number:02d}" for number in range(1, len(self.scenario.stores) + 1)]


def build_world(scenario: Scenario, policy: Policy, ahead: Policy, seed: int, months: int) -> World:
    """Lay out time, promotions, offers and goods: under one policy in the data, under another ahead of them."""
    span = Span.of(scenario, months)
    promotions = plan_promotions(scenario, (policy, ahead), span, seed)
    clock = Clock.of(scenario, promotions, span)
    offers = plan_offers(scenario, (policy, ahead), span, clock, seed)
    catalogue = draw_catalogue(scenario, seed)
    service = open_room(scenario, (policy, ahead), seed, span, clock, catalogue)
    return World(scenario, policy, ahead, seed, span, promotions, clock, catalogue, offers, service)


def world_tables(world: World) -> dict[str, pd.DataFrame]:
    """Give the tables that no customer changes."""
    stores = world.scenario.stores
    return {
        "stores": pd.DataFrame(
            {
                "store_id": world.store_ids,
                "name": [store.name for store in stores],
                "district": [store.district for store in stores],
                "format": [store.format for store in stores],
            }
        ),
        "products": products_table(world.catalogue),
        "promotions": promotions_table(world.promotions, world.store_ids, world.span),
        "calendar": calendar_table(world.scenario, world.span),
        **announced_tables(world.service, world.span, world.store_ids),
    }
