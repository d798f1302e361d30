"""How customers behave on a visit, whatever the shop does."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crm_course.simulator.settings.settings_file import LONGEST_MONTHS, Settings

Chance = Annotated[float, Field(gt=0, lt=1)]


class Conversion(Settings):
    """Probability that a visit of ordinary intention, on which nothing is offered, ends in an order."""

    shop: Chance
    web: Chance
    app: Chance
    phone: Chance


class Habit(Settings):
    """Something that a visitor chooses to do, and what it does to her visit.

    The log odds of doing it are those of `share`, plus `intention` for each standard deviation of the
    visit's intention and `keenness` for each of the customer's own: whoever would have bought anyway
    does it more often. `effect` is what it brings by itself.
    """

    share: Chance = Field(description="share of visits of ordinary intention that do it where it is offered")
    intention: float = Field(default=0.0, description="log odds for each standard deviation of intention")
    keenness: float = Field(default=0.0, description="log odds for each standard deviation of the customer's rate")
    effect: float = Field(gt=-1, lt=1, description="change of the probability of an order, share of it")


class SessionsSettings(Settings):
    """How visits turn into orders."""

    log_months: int = Field(
        ge=1, le=LONGEST_MONTHS, description="months before the last day from which visits are recorded"
    )
    conversion: Conversion
    intention_spread: float = Field(ge=0, le=1, description="spread of a visit's pull towards an order, log units")
    devices: dict[str, Annotated[float, Field(gt=0)]] = Field(
        min_length=1, description="devices of visits to the web shop, in relation to each other"
    )
    pages: dict[str, Annotated[float, Field(gt=0)]] = Field(
        min_length=1, description="information pages, by how often each is read, in relation to each other"
    )
    information: Habit = Field(description="reading an information page, web and app")
    prompted: float = Field(ge=0, description="log odds of reading one that the information box adds")
    recommendation: Habit = Field(description="following a recommendation, web and app")
    virtual_showroom: Habit = Field(description="trying goods on in the virtual showroom, web and app")
    showroom: Habit = Field(description="using the showroom of a shop that has one")
    chat: Habit = Field(description="using the chat where it is offered, web and app")
    patience_seconds: float = Field(gt=0, description="mean time a visitor is ready to wait at till or chat, seconds")
