"""Persons behind customers: names, birthdays, households, and what was true of them when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.identity.households import Households, form_households, relatives_birthday
from crm_course.simulator.identity.naming import NamePools, name_pools
from crm_course.simulator.identity.phones import LINES, MOBILES
from crm_course.simulator.identity.places import BLOCKS, FLATS, FLOORS, PLACES_EACH, place_pools
from crm_course.simulator.people.people import People, pick
from crm_course.simulator.settings.identity_settings import IdentitySettings
from crm_course.simulator.visits.fulfilment import on_account
from crm_course.simulator.world.world import World

LOCAL, MAINLAND, EXPATRIATE, COMPANY = range(4)
ORIGINS = ["hong kong", "mainland", "expatriate", "company"]
_YEAR = 365.25 * 86_400
_TENTH = 1.2816  # standard normal that one in ten exceeds
_YOUNGEST, _OLDEST = 15.0, 92.0


@dataclass(frozen=True)
class Persons:
    """Who each customer of a chunk is; numbers of words as `name_pools` and `place_pools` number them.

    Attributes
    ----------
    origin, surname, given, english : int
        Kind of name; numbers in the pools (a company's in ``surname``); ``english`` is -1 where there is none.
    man : bool
        Whether she is a man.
    birthday : int
        Days since 1970.
    household : Households
        Who lives with whom.
    script, habit : float
        Uniform: how she likes to write her name.
    mobile, line : int
        Phone numbers, ``mobile`` of shape (2, n): before and after the last change.
    mailbox : int
        Traits of her e-mail address before and after, shape (2, n): a random number each.
    district, place, block, floor, flat : int
        Home, shape (2, n): before and after the last move.
    new_phone, new_email, moved : int
        Last change before the data's end, seconds since 1970.
    """

    origin: Ints
    surname: Ints
    given: Ints
    english: Ints
    man: Bools
    birthday: Ints
    household: Households
    script: Floats
    habit: Floats
    mobile: Ints
    line: Ints
    mailbox: Ints
    home: tuple[Ints, Ints, Ints, Ints, Ints]
    new_phone: Ints
    new_email: Ints
    moved: Ints

    def __len__(self) -> int:
        return len(self.origin)


def draw_persons(world: World, settings: IdentitySettings, people: People, chunk: int) -> Persons:
    """Draw the persons of a chunk: as many numbers as there are customers, whatever they do."""
    count = len(people)
    rng = world.stream("persons", chunk)
    account = on_account(world, people)
    household = form_households(settings.households, people.home, account, rng.random((4, count)))
    leader = household.leader
    origin_draw, sex_draw, english_draw, name_draw, surname_draw, given_draw = rng.random((6, count))
    origin = _origins(settings, origin_draw, account)[leader]
    couple = household.couple
    man = sex_draw >= settings.origins.female
    man = np.where(couple, ~man[leader], man)
    pools = name_pools(world.seed)
    surname, given = _family_names(
        pools, settings, household, origin, man, surname_draw, given_draw, rng.random((2, count))
    )
    has_english = (origin == EXPATRIATE) | (
        english_draw < np.where(origin == LOCAL, settings.origins.english_name, settings.origins.english_name / 4)
    )
    english = _by_sex(pools.english, pools.english_women, man, name_draw)
    script, habit = rng.random((2, count))
    phone_draw, line_draw = rng.random((2, count)), rng.random(count)
    changed = rng.random((3, count))
    changes = settings.changes
    return Persons(
        origin=origin,
        surname=surname,
        given=given,
        english=np.where(has_english & (origin != COMPANY), english, -1),
        man=man,
        birthday=_birthdays(world, settings, rng.random((2, count)), household),
        household=household,
        script=script,
        habit=habit,
        mobile=(phone_draw * (len(MOBILES) * 10_000)).astype(np.int64),
        line=(line_draw * (len(LINES) * 10_000)).astype(np.int64)[leader],
        mailbox=rng.integers(0, 2**62, size=(2, count)),
        home=_homes(world, people, leader, rng.random((6, 2, count))),
        new_phone=_last_change(world, changes.phone_per_year, changed[0]),
        new_email=_last_change(world, changes.email_per_year, changed[1]),
        moved=_last_change(world, changes.moves_per_year, changed[2])[leader],
    )


def _origins(settings: IdentitySettings, uniform: Floats, account: Bools) -> Ints:
    spec = settings.origins
    shares = np.array([1 - spec.mainland - spec.expatriate, spec.mainland, spec.expatriate])
    return np.where(account, COMPANY, pick(shares, uniform))


def _by_sex(weights: Floats, women: int, man: Bools, uniform: Floats) -> Ints:
    """Pick a name of the right sex."""
    return np.where(man, women + pick(weights[women:], uniform), pick(weights[:women], uniform))


def _family_names(
    pools: NamePools,
    settings: IdentitySettings,
    household: Households,
    origin: Ints,
    man: Bools,
    surname_draw: Floats,
    given_draw: Floats,
    shared: Floats,
) -> tuple[Ints, Ints]:
    """Draw surnames and given names; relatives may share the one, brothers and sisters a character of the other."""
    surname = pick(pools.surname, surname_draw)
    for kind, size in ((EXPATRIATE, pools.foreign), (COMPANY, pools.companies)):
        surname = np.where(origin == kind, (surname_draw * size).astype(np.int64), surname)
    member = household.leader != np.arange(len(surname))
    same = member & ~household.couple & (shared[0] < settings.households.same_surname)
    surname = np.where(same, surname[household.leader], surname)
    given = _by_sex(pools.given, pools.women, man, given_draw)
    alike = given[household.leader]
    low, high = pools.first_of[alike], pools.last_of[alike]
    siblings = household.siblings & (man == man[household.leader])
    takes = siblings & (shared[1] < settings.households.generation_name)
    return surname, np.where(takes, low + (given_draw * (high - low)).astype(np.int64), given)


def _birthdays(world: World, settings: IdentitySettings, uniform: Floats, household: Households) -> Ints:
    """Draw birthdays: ages at the data's end are lognormal between 15 and 92, those of relatives fit each other."""
    low, high = np.log(settings.origins.ages)
    middle, spread = (low + high) / 2, (high - low) / 2 / _TENTH
    least, most = ndtr((np.log([_YOUNGEST, _OLDEST]) - middle) / spread)
    age = np.exp(middle + spread * ndtri(least + uniform[0] * (most - least)))
    age = relatives_birthday(household, age, uniform[1])
    last_day = world.span.end_time // 86_400
    return (last_day - age * 365.25).astype(np.int64)


def _homes(world: World, people: People, leader: Ints, uniform: Floats) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Draw homes before and after a move; half of the people live in the district of their shop."""
    pools = place_pools(world.seed)
    where = [store.district for store in world.scenario.stores]
    near = np.array([pools.districts.index(name) if name in pools.districts else -1 for name in where])[people.home]
    anywhere = pick(pools.residents, uniform[0])
    at_home = (uniform[1] < _NEAR) & (near >= 0)
    district = np.where(at_home, near, anywhere)
    place = district * PLACES_EACH + (uniform[2] * PLACES_EACH).astype(np.int64)
    block = np.where(pools.estate[place], 1 + (uniform[3] * BLOCKS).astype(np.int64), 0)
    floor, flat = (uniform[4] * FLOORS).astype(np.int64), (uniform[5] * FLATS).astype(np.int64)
    return tuple(part[:, leader] for part in (district, place, block, floor, flat))  # type: ignore[return-value]


_NEAR = 0.5


def _last_change(world: World, per_year: float, uniform: Floats) -> Ints:
    """Draw the last change before the data's end."""
    with np.errstate(divide="ignore"):
        years = np.minimum(-np.log(uniform) / np.float64(per_year), 200.0)
    return (world.span.end_time - 1 - years * _YEAR).astype(np.int64)
