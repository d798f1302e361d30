"""Who signs up, how she spells herself, and how the shop keeps what it was told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from crm_course.simulator.settings.settings_file import Settings, Share

Rate = Annotated[float, Field(ge=0, le=50)]


class Origins(Settings):
    """Where people come from, and so how their names are written."""

    female: Share = Field(description="share of the people who are women")
    mainland: Share = Field(description="share with a name spelt in pinyin and Simplified characters")
    expatriate: Share = Field(description="share with an English name only")
    english_name: Share = Field(description="share of those from Hong Kong who also go by an English name")
    ages: tuple[float, float] = Field(description="ages between which four fifths of the people lie, years")

    @model_validator(mode="after")
    def _fit(self) -> Origins:
        if self.mainland + self.expatriate > 1:
            raise ValueError("mainland and expatriate add up to more than 1")
        if not 15 <= self.ages[0] < self.ages[1] <= 90:
            raise ValueError("ages must be two ages from 15 to 90, the younger first")
        return self


class Households(Settings):
    """People who live together: they share an address and a line, and some a surname or a mailbox."""

    pairs: Share = Field(description="share of the customers in groups of three of whom two live together")
    threes: Share = Field(description="share of the customers in groups of three who all live together")
    parents: Share = Field(description="share of the households of parent and child")
    couples: Share = Field(description="share of the households of couples; the others are brothers and sisters")
    same_surname: Share = Field(description="share of the relatives, couples aside, with the same surname")
    generation_name: Share = Field(description="share of brothers and sisters who share a character of the given name")

    @model_validator(mode="after")
    def _fit(self) -> Households:
        if self.pairs + self.threes > 1 or self.parents + self.couples > 1:
            raise ValueError("pairs and threes, and parents and couples, each add up to 1 at most")
        return self


class Changes(Settings):
    """How often what identifies a person changes; the last change before the data's end counts."""

    phone_per_year: Rate = Field(description="changes of the mobile number, a year")
    email_per_year: Rate = Field(description="changes of the e-mail address, a year")
    moves_per_year: Rate = Field(description="moves of a household, a year")


class SignUpHabits(Settings):
    """When a customer signs up once more."""

    again: Share = Field(
        description="probability that her second order brings another record where she has one; that of the "
        "order after n others is n times smaller, since the staff know her by then"
    )
    app_per_year: Rate = Field(description="sign-ups in the app without an order, a year as a customer")
    hotline_per_year: Rate = Field(description="sign-ups by the hotline without an order, a year as a customer")
    market_stall_per_year: Rate = Field(description="sign-ups at a market stall, a year as a customer")
    same_script: Share = Field(description="share of the records written in the script and form that she always uses")


class Slips(Settings):
    """What goes wrong between a person and her record; each a share of the records that could have it."""

    name: Share = Field(description="name mistyped, or a character that sounds alike")
    name_part: Share = Field(description="hotline and market stall: surname and title only")
    simplified: Share = Field(description="a Hong Kong name in Simplified characters, of those in Chinese")
    phone_digit: Share = Field(description="two digits of the number swapped")
    landline: Share = Field(description="the household's fixed line in place of the mobile number")
    email_domain: Share = Field(description="domain of the e-mail address mistyped")
    family_email: Share = Field(
        description="the household's e-mail address, its first member's, of the records of the others"
    )
    birthday_swapped: Share = Field(description="day and month of the birthday swapped, where both can be")
    birthday_default: Share = Field(description="1 January, of the year of birth or of 1900")
    address_short: Share = Field(description="abbreviated, of the addresses in English")
    flat_left_out: Share = Field(description="flat and floor left out of the address")
    district_only: Share = Field(description="the district in place of the address")


class Looks(Settings):
    """Looks of the staff at customers' data, the ones that ought not to be among them."""

    enquiries_per_year: Rate = Field(description="looks for a customer's enquiry, a year as a customer")
    well_known: Share = Field(description="share of the customers whom everybody knows")
    curious_per_year: Rate = Field(description="looks out of curiosity at a well-known customer, a year")
    at_night_per_year: Rate = Field(description="looks out of hours at a customer, a year as a customer")
    without_cause_per_year: Rate = Field(description="looks for an order or return that never was, a year")
    copied: Share = Field(description="share of the customers looked through in one evening by one of the staff")


class IdentitySettings(Settings):
    """Persons and their records."""

    origins: Origins
    households: Households
    changes: Changes
    sign_ups: SignUpHabits
    slips: Slips
    looks: Looks


class Form(Settings):
    """What the shop asks when somebody signs up in a channel; shares of the sign-ups that have it."""

    signs_up: Share = Field(description="probability that the first order in this channel brings a record")
    phone: Share = Field(description="share with a phone number")
    email: Share = Field(description="share with an e-mail address")
    address: Share = Field(description="share with an address")
    district: Share = Field(description="share with a district, of those without an address")
    birthday: Share = Field(description="share with a birthday")
    chinese: Share = Field(description="share of names in Chinese characters, of people who have such a name")
    hours_behind: Annotated[float, Field(ge=0, le=1000)] = Field(
        description="mean time from the form to its entry in the file, hours"
    )
    confirmed_per_year: Rate = Field(description="confirmations of a record by an active customer, a year")


class Forms(Settings):
    """The form of each channel."""

    till: Form
    web: Form
    app: Form
    hotline: Form
    market_stall: Form


class Linking(Settings):
    """How well the shop's own linkage does."""

    missed: Share = Field(description="share of the records that are linked to nobody")
    household_mixed: Share = Field(description="share linked to another of the household, of those who have one")
    namesake_mixed: Share = Field(description="share linked to a namesake, of those who have one")
    mistyped: Share = Field(description="share linked to somebody else altogether")

    @model_validator(mode="after")
    def _fit(self) -> Linking:
        if self.missed + self.household_mixed + self.namesake_mixed + self.mistyped > 1:
            raise ValueError("missed, household_mixed, namesake_mixed and mistyped add up to more than 1")
        return self


class IdentityPolicy(Settings):
    """What the shop asks, and what it makes of it."""

    agents: int = Field(
        ge=4,
        le=999,
        description="members of staff who can look at customers' data, at most; a roster may have fewer",
    )
    forms: Forms
    linking: Linking
