"""The shop's own linkage of records to customers, with its mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Ints
from crm_course.simulator.identity.persons import EXPATRIATE, Persons
from crm_course.simulator.identity.signups import FIRST_FREE_USE, SignUps
from crm_course.simulator.settings.identity_settings import Linking
from crm_course.simulator.streams import Dice

LINK_STATES = ["right", "household", "namesake", "mistyped", "missed"]
_RIGHT, _HOUSEHOLD, _NAMESAKE, _MISTYPED, _MISSED = range(5)
_USE = FIRST_FREE_USE + 50


@dataclass(frozen=True)
class Links:
    """For each record the customer it was linked to and how that came about, a position in ``LINK_STATES``."""

    customer: Ints
    state: Ints


def link_records(linking: Linking, persons: Persons, signups: SignUps, dice: Dice) -> Links:
    """Link records to customers: most to the right one, some to a relative, a namesake or anybody, some to nobody."""
    who = signups.customer
    namesake, relative = namesakes(persons), persons.household.other
    draw, other = (dice.uniform(who, signups.event, _USE + use) for use in (0, 1))
    everyone = np.arange(len(persons))
    household = np.where(relative == everyone, 0, linking.household_mixed)[who]
    alike = np.where(namesake == everyone, 0, linking.namesake_mixed)[who]
    edges = np.cumsum(
        [np.full(len(who), linking.missed), np.full(len(who), linking.mistyped), household, alike], axis=0
    )
    state = np.array([_MISSED, _MISTYPED, _HOUSEHOLD, _NAMESAKE, _RIGHT])[(draw >= edges).sum(axis=0)]
    anybody = (who + 1 + (other * (len(persons) - 1)).astype(np.int64)) % len(persons)
    state = np.where((state == _MISTYPED) & (anybody == who), _RIGHT, state)
    return Links(np.choose(state, [who, relative[who], namesake[who], anybody, who]), state)


def namesakes(persons: Persons) -> Ints:
    """Give for each person another with the same name; herself where there is none in the chunk."""
    name = np.where(persons.origin == EXPATRIATE, persons.english, persons.given)
    key = (persons.origin * 10_000 + persons.surname) * 10_000 + name
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    after = np.append(ordered[1:] == ordered[:-1], False)
    before = np.concatenate([[False], after[:-1]])
    place = np.arange(len(order)) + np.where(after, 1, np.where(before, -1, 0))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = order[place]
    return found
