"""The tables of identity and their truth, as the rest of the store asks for them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Ints
from crm_course.simulator.identity.linking import LINK_STATES, Links, link_records
from crm_course.simulator.identity.looks import LOOK_KINDS, Looks, draw_looks, well_known
from crm_course.simulator.identity.naming import name_pools
from crm_course.simulator.identity.persons import ORIGINS, Persons, draw_persons
from crm_course.simulator.identity.places import place_pools
from crm_course.simulator.identity.scribe import (
    ADDRESS_STATES,
    BIRTHDAY_STATES,
    EMAIL_STATES,
    PHONE_STATES,
    Scribe,
    write_addresses,
    write_birthdays,
    write_mail,
    write_names,
    write_numbers,
)
from crm_course.simulator.identity.signups import sign_up
from crm_course.simulator.identity.spelling import SPELLINGS
from crm_course.simulator.lives import Lives
from crm_course.simulator.world.row_names import Names
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.identity import LOOK_PURPOSES, RECORD_CHANNELS

Tables = dict[str, pd.DataFrame]


def identity_tables(world: World, names: Names, lives: Lives, agents: list[str] | None = None) -> Tables:
    """Give ``records``, ``links`` and ``accesses`` of a chunk with their truth; nothing where there are no settings.

    Parameters
    ----------
    names : Names
        Spells the ids of the chunk.
    lives : Lives
        What became of the customers: sign-ups hang on orders, looks on orders and returns.
    agents : list of str, optional
        Ids of the staff; without it, as many as the policy says.
    """
    settings, policy = world.scenario.identity, world.policy.identity
    if settings is None or policy is None:
        return {}
    people, orders, returns, chunk = lives.people, lives.orders, lives.returns, lives.chunk
    persons = draw_persons(world, settings, people, chunk)
    signups = sign_up(world, settings, policy.forms, people, lifetimes=lives.lifetimes, orders=orders, chunk=chunk)
    scribe = Scribe(settings, policy.forms, persons, signups, world.dice("slips", chunk))
    staff = agents or agent_ids(min(policy.agents, _fewest_agents(world)))
    line_order = lives.lines.order[returns.line]
    returned = (orders.customer[line_order], orders.event[line_order], returns.time)
    looks = draw_looks(
        world, settings.looks, len(staff), lifetimes=lives.lifetimes, orders=orders, returned=returned, chunk=chunk
    )
    known = well_known(world, settings.looks, len(people), chunk)
    links = link_records(policy.linking, persons, signups, scribe.dice)
    return {
        **_records(world, names, scribe, links),
        **_accesses(names, looks, staff),
        "truth/persons": _persons(names, persons, known),
    }


def agent_ids(count: int) -> list[str]:
    """Name the staff where no table of them does."""
    return [f"A{number:04d}" for number in range(1, count + 1)]


def _fewest_agents(world: World) -> int:
    """Count the agents that every roster has: two a shift for hotline, written enquiries and each shop."""
    shops = sum(store.format != "online" for store in world.scenario.stores)
    return 2 * 2 * (2 + shops)


def _records(world: World, names: Names, scribe: Scribe, links: Links) -> Tables:
    signups = scribe.signups
    words, places = name_pools(world.seed), place_pools(world.seed)
    record = names.numbered("E", np.arange(len(signups)))
    name, spelling, slip = write_names(scribe, words)
    phone, phone_state = write_numbers(scribe)
    email, email_state = write_mail(scribe, words)
    address, address_state, district = write_addresses(scribe, places)
    birthday, birthday_state = write_birthdays(scribe)
    linked = np.flatnonzero(links.state != LINK_STATES.index("missed"))
    return {
        "records": pd.DataFrame(
            {
                "record_id": record,
                "channel": columns.words(signups.channel, list(RECORD_CHANNELS)),
                "created_at": columns.times(signups.created),
                "updated_at": columns.times(signups.updated),
                "name": columns.series(name),
                "phone": columns.series(phone),
                "email": columns.series(email),
                "address": columns.series(address),
                "district": columns.words(district, places.districts),
                "birthday": columns.series(birthday),
            }
        ),
        "links": pd.DataFrame(
            {"record_id": names.numbered("E", linked), "customer_id": names.customer(links.customer[linked])}
        ),
        "truth/records": pd.DataFrame(
            {
                "record_id": record,
                "customer_id": names.customer(signups.customer),
                "link": columns.words(links.state, LINK_STATES),
                "spelling": columns.words(spelling, list(SPELLINGS)),
                "name_slip": slip,
                "phone": columns.words(phone_state, PHONE_STATES),
                "email": columns.words(email_state, EMAIL_STATES),
                "address": columns.words(address_state, ADDRESS_STATES),
                "birthday": columns.words(birthday_state, BIRTHDAY_STATES),
            }
        ),
    }


def _accesses(names: Names, looks: Looks, staff: list[str]) -> Tables:
    row: Ints = np.arange(len(looks))
    return {
        "accesses": pd.DataFrame(
            {
                "access_id": names.numbered("X", row),
                "agent_id": columns.texts(looks.agent, staff),
                "customer_id": names.customer(looks.customer),
                "at": columns.times(looks.time),
                "purpose": columns.words(looks.purpose, list(LOOK_PURPOSES)),
            }
        ),
        "truth/accesses": pd.DataFrame(
            {"access_id": names.numbered("X", row), "kind": columns.words(looks.kind, LOOK_KINDS)}
        ),
    }


def _persons(names: Names, persons: Persons, known: np.ndarray) -> pd.DataFrame:
    """Say who each customer is; the household is named after one of its members."""
    household = persons.household
    return pd.DataFrame(
        {
            "customer_id": names.customer(np.arange(len(persons))),
            "origin": columns.words(persons.origin, ORIGINS),
            "man": persons.man,
            "birthday": columns.series(columns.days(persons.birthday)),
            "household": names.numbered("H", household.leader),
            "members_known": np.bincount(household.leader, minlength=len(persons))[household.leader],
            "well_known": known,
        }
    )
