"""Records as they were written: each person's name, numbers and address with the slips of the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as arrow
from pyarrow import compute

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.identity.naming import NamePools
from crm_course.simulator.identity.persons import COMPANY, EXPATRIATE, MAINLAND, Persons
from crm_course.simulator.identity.phones import LINES, MOBILES, swap_digits, way_weights, write_phones
from crm_course.simulator.identity.places import PlacePools, address_patterns
from crm_course.simulator.identity.signups import FIRST_FREE_USE, HOTLINE, STALL, SignUps, of_form
from crm_course.simulator.identity.spelling import SPELLINGS, spelling_patterns
from crm_course.simulator.identity.wording import MAILBOXES
from crm_course.simulator.people.people import pick
from crm_course.simulator.settings.identity_settings import Forms, IdentitySettings
from crm_course.simulator.streams import Dice

PHONE_STATES = ["current", "old", "line", "slip", "missing"]
EMAIL_STATES = ["current", "old", "family", "slip", "missing"]
ADDRESS_STATES = ["current", "old", "part", "missing"]
BIRTHDAY_STATES = ["right", "swapped", "default", "missing"]
_LATIN = ("surname first", "hyphen", "given first", "english", "both", "english first")
_LATIN_WEIGHTS = np.array([26, 22, 12, 24, 8, 8]) / 100
_FOREIGN = ("foreign", "foreign surname first", "foreign comma", "foreign initial")
_FOREIGN_WEIGHTS = np.array([68, 16, 8, 8]) / 100
_COMPANY = ("company", "company short", "company chinese")
_COMPANY_WEIGHTS = np.array([50, 25, 25]) / 100
_NO_ENGLISH = {"english": "given first", "both": "surname first", "english first": "hyphen"}
_IN_SURNAME = 0.3  # share of the name's slips that are in the surname


@dataclass(frozen=True)
class Scribe:
    """What is needed to write the records of a chunk: one random number for each use of each record."""

    settings: IdentitySettings
    forms: Forms
    persons: Persons
    signups: SignUps
    dice: Dice

    def uniform(self, use: int) -> Floats:
        """Give a random number for each record."""
        return self.dice.uniform(self.signups.customer, self.signups.event, FIRST_FREE_USE + use)

    def asked(self, key: str, use: int) -> Bools:
        """Say which records have a field."""
        return self.uniform(use) < of_form(self.forms, key)[self.signups.channel]

    def of(self, trait: np.ndarray) -> np.ndarray:
        """Give a trait of each record's person."""
        return trait[self.signups.customer]

    def then(self, pair: np.ndarray, changed: Ints) -> np.ndarray:
        """Give what was true of the person when the record was last confirmed."""
        return pair[self.after(changed).astype(np.int64), self.signups.customer]

    def after(self, changed: Ints) -> Bools:
        """Say which records were confirmed after a change of the person's."""
        return self.signups.updated >= changed[self.signups.customer]


def write_names(scribe: Scribe, pools: NamePools) -> tuple[arrow.Array, Ints, Bools]:
    """Write names; give also the spelling's position in ``SPELLINGS`` and whether there is a slip."""
    persons, slips, channel = scribe.persons, scribe.settings.slips, scribe.signups.channel
    spelling = _spellings(scribe)
    by_hand = np.where((channel == HOTLINE) | (channel == STALL), 2.0, 1.0)  # heard or scribbled: twice the slips
    draw = scribe.uniform(5) / by_hand
    slip = np.where(draw < slips.name * _IN_SURNAME, 2, np.where(draw < slips.name, 1, 0))
    slip[scribe.of(persons.origin) == COMPANY] = 0
    traits = [persons.surname, persons.given, np.maximum(persons.english, 0), persons.man]
    patterns = spelling_patterns(pools.names.start)
    numbers = patterns.numbers(
        spelling + len(SPELLINGS) * slip, [scribe.of(trait).astype(np.int32) for trait in traits]
    )
    return pools.names.join(numbers), spelling, slip > 0


def _spellings(scribe: Scribe) -> Ints:
    """Choose how each name is written: by habit, channel and origin."""
    persons, settings, channel = scribe.persons, scribe.settings, scribe.signups.channel
    number = {name: place for place, name in enumerate(SPELLINGS)}
    steady = scribe.uniform(0) < settings.sign_ups.same_script
    script = np.where(steady, scribe.of(persons.script), scribe.uniform(1))
    habit = np.where(steady, scribe.of(persons.habit), scribe.uniform(2))
    chinese = script < of_form(scribe.forms, "chinese")[channel]
    other_set = scribe.uniform(3) < settings.slips.simplified
    origin, has_english = scribe.of(persons.origin), scribe.of(persons.english) >= 0

    def choose(kinds: tuple[str, ...], weights: Floats) -> Ints:
        return np.array([number[kind] for kind in kinds])[pick(weights, habit)]

    latin = choose(_LATIN, _LATIN_WEIGHTS)
    for with_english, without in _NO_ENGLISH.items():
        latin = np.where((latin == number[with_english]) & ~has_english, number[without], latin)
    pinyin = np.where(habit < 0.7, number["pinyin"], number["pinyin given first"])
    traditional, simplified = number["chinese"], number["simplified"]
    local = np.where(chinese, np.where(other_set, simplified, traditional), latin)
    mainland = np.where(chinese, np.where(habit < 0.15, traditional, simplified), pinyin)
    part = np.where(
        chinese & (origin != EXPATRIATE),
        number["part chinese"],
        np.array([number[kind] for kind in ("part", "part pinyin", "part foreign", "part")])[origin],
    )
    whole = np.choose(origin, [local, mainland, choose(_FOREIGN, _FOREIGN_WEIGHTS), choose(_COMPANY, _COMPANY_WEIGHTS)])
    by_ear = ((channel == HOTLINE) | (channel == STALL)) & (scribe.uniform(4) < settings.slips.name_part)
    return np.where(by_ear & (origin != COMPANY), part, whole)


def write_numbers(scribe: Scribe) -> tuple[arrow.Array, Ints]:
    """Write telephone numbers; give also the state's position in ``PHONE_STATES``."""
    persons, slips = scribe.persons, scribe.settings.slips
    origin, habit = scribe.of(persons.origin), scribe.uniform(10)
    company = origin == COMPANY
    line = company | (scribe.uniform(11) < slips.landline)
    number = np.where(line, scribe.of(persons.line), scribe.then(persons.mobile, persons.new_phone))
    slipped = scribe.uniform(12) < slips.phone_digit
    abroad = (origin == MAINLAND) & ~line & (scribe.of(persons.habit) < _KEEPS_MAINLAND_NUMBER)
    first = np.where(line, LINES[np.minimum(number // 10_000, len(LINES) - 1)], MOBILES[number // 10_000])
    last = number % 10_000
    last = np.where(slipped, swap_digits(last, (scribe.uniform(13) * 3).astype(np.int64)), last)
    missing = ~scribe.asked("phone", 14)
    texts = write_phones(first, last, pick(way_weights(), habit), abroad, missing)
    state = np.where(line & ~company, 2, np.where(company | scribe.after(persons.new_phone), 0, 1))
    return texts, np.where(missing, 4, np.where(slipped, 3, state))


_KEEPS_MAINLAND_NUMBER = 0.4


def write_mail(scribe: Scribe, pools: NamePools) -> tuple[arrow.Array, Ints]:
    """Write e-mail addresses; give also the state's position in ``EMAIL_STATES``."""
    persons, slips, words = scribe.persons, scribe.settings.slips, pools.mail
    customer = scribe.signups.customer
    leader = scribe.of(persons.household.leader)
    family = (leader != customer) & (scribe.uniform(20) < slips.family_email)
    owner = np.where(family, leader, customer)
    new = scribe.after(persons.new_email) | family | (scribe.of(persons.origin) == COMPANY)
    slipped = (scribe.uniform(21) < slips.email_domain) & (persons.origin[owner] != COMPANY)
    missing = ~scribe.asked("email", 22)
    mailbox = persons.mailbox[new.astype(np.int64), owner]
    parts = _local_part(persons, owner, mailbox, words.start)
    parts += _domain(persons, owner, mailbox, words.start, slipped)
    texts = words.join([part.astype(np.int32) for part in parts])
    state = np.where(slipped, 3, np.where(family, 2, np.where(new, 0, 1)))
    return compute.if_else(arrow.array(missing), None, texts), np.where(missing, 4, state)


def _local_part(persons: Persons, owner: Ints, mailbox: Ints, start: dict[str, int]) -> list[Ints]:
    """Name and number before the @: given name and surname in either order, or the English name and surname."""
    origin, english = persons.origin[owner], persons.english[owner]
    surname = np.array([start["surname"], start["pinyin"], start["foreign"], 0])[origin] + persons.surname[owner]
    given = np.array([start["given"], start["givenpin"]])[np.where(origin == MAINLAND, 1, 0)] + persons.given[owner]
    way = mailbox % 4
    given = np.where((english >= 0) & ((way >= 2) | (origin == EXPATRIATE)), start["english"] + english, given)
    surname_first = (way == 0) & (origin != EXPATRIATE)
    stroke = start["stroke"] + mailbox // 4 % 4
    born = persons.birthday[owner] // 365 + 1970
    kind, drawn = mailbox // 16 % 10, mailbox // 160
    number = np.where(
        kind < 2, 1 + born % 100, np.where(kind < 4, 101 + born - 1000, np.where(kind < 9, drawn % 9100 + 1, 0))
    )
    number = np.where(number > 0, start["number"] + number, 0)
    firm, office = origin == COMPANY, start["office"] + mailbox // 4 % 4
    return [
        np.where(firm, office, np.where(surname_first, surname, given)),
        np.where(firm, 0, stroke),
        np.where(firm, 0, np.where(surname_first, given, surname)),
        np.where(firm, 0, number),
    ]


def _domain(persons: Persons, owner: Ints, mailbox: Ints, start: dict[str, int], slipped: Bools) -> list[Ints]:
    firm = persons.origin[owner] == COMPANY
    host = mailbox // 10**7 % len(MAILBOXES)
    at = np.where(slipped, start["at slip"], start["at"]) + host
    return [
        np.where(firm, start["@"], at),
        np.where(firm, start["firm"] + persons.surname[owner], 0),
        np.where(firm, start[".example"], 0),
    ]


def write_addresses(scribe: Scribe, pools: PlacePools) -> tuple[arrow.Array, Ints, Ints]:
    """Write addresses; give also the state's position in ``ADDRESS_STATES`` and the district's (-1: none)."""
    persons, slips = scribe.persons, scribe.settings.slips
    patterns = address_patterns(pools.words.start)
    home = [scribe.then(part, persons.moved).astype(np.int32) for part in persons.home]
    chinese = scribe.uniform(30) < of_form(scribe.forms, "chinese")[scribe.signups.channel]
    chinese &= scribe.of(persons.origin) != EXPATRIATE
    shortened = scribe.uniform(31) < slips.address_short
    draw = scribe.uniform(32)
    way = np.where(
        chinese, patterns.number("chinese"), np.where(shortened, patterns.number("short"), patterns.number("english"))
    )
    no_flat = np.where(chinese, patterns.number("no flat chinese"), patterns.number("no flat"))
    only = np.where(chinese, patterns.number("district chinese"), patterns.number("district"))
    part = draw < slips.district_only + slips.flat_left_out
    way = np.where(draw < slips.district_only, only, np.where(part, no_flat, way))
    missing = ~scribe.asked("address", 33)
    texts = pools.words.join(patterns.numbers(way, home))
    district = np.where(missing & ~scribe.asked("district", 34), -1, home[0])
    state = np.where(missing, 3, np.where(part, 2, np.where(scribe.after(persons.moved), 0, 1)))
    return compute.if_else(arrow.array(missing), None, texts), state, district


def write_birthdays(scribe: Scribe) -> tuple[arrow.Array, Ints]:
    """Write birthdays; give also the state's position in ``BIRTHDAY_STATES``."""
    slips, persons = scribe.settings.slips, scribe.persons
    right = scribe.of(persons.birthday).astype("datetime64[D]")
    month, year = right.astype("datetime64[M]"), right.astype("datetime64[Y]")
    day_number, month_number = (right - month).astype(np.int64), (month - year).astype(np.int64)
    can_swap = (day_number < 12) & (day_number != month_number)
    swapped_day = (year.astype("datetime64[M]") + day_number).astype("datetime64[D]") + month_number
    draw, which = scribe.uniform(40), scribe.uniform(41)
    swapped = can_swap & (draw < slips.birthday_swapped)
    default = ~swapped & (draw > 1 - slips.birthday_default)
    first = np.where(which < 0.5, year.astype("datetime64[D]"), np.datetime64("1900-01-01"))
    day = np.where(swapped, swapped_day, np.where(default, first, right)).astype(np.int64)
    missing = ~scribe.asked("birthday", 42) | (scribe.of(persons.origin) == COMPANY)
    state = np.where(missing, 3, np.where(swapped, 1, np.where(default, 2, 0)))
    return arrow.array(day.astype(np.int32), arrow.int32(), mask=missing).cast(arrow.date32()), state
