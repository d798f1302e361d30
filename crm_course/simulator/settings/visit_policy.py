"""What the shop offers to visitors."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from crm_course.simulator.settings.settings_file import Settings, Share


class Trial(Settings):
    """Days on which an offer is made to a random part, to learn what it does."""

    first_day: dt.date = Field(description="first local day")
    last_day: dt.date = Field(description="last local day")
    share: Share = Field(description="share of the units that get the offer")

    @model_validator(mode="after")
    def _in_order(self) -> Trial:
        if self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self


class ShowroomPilot(Settings):
    """Showrooms opened in some of the shops, drawn at random."""

    opens_on: dt.date = Field(description="first local day")
    shops: int = Field(ge=1, description="shops that get one")


class SessionsPolicy(Settings):
    """What the shop offers to visitors."""

    chat_hours: tuple[Annotated[int, Field(ge=0, le=24)], Annotated[int, Field(ge=0, le=24)]] = Field(
        description="first hour of the day with chat, and the hour at which it ends"
    )
    chat_since: dt.date = Field(description="first local day with chat")
    virtual_showroom_since: dt.date = Field(description="first local day of the virtual showroom")
    wait_seconds: float = Field(ge=0, description="mean wait at the till on an ordinary day, seconds")
    chat_wait_seconds: float = Field(ge=0, description="mean wait for the chat on an ordinary day, seconds")
    payment_failure: Share = Field(description="share of online payments that fail and are given up")
    information_trial: Trial | None = Field(default=None, description="an information box; units are customers")
    chat_trial: Trial | None = Field(default=None, description="chat in random hours; units are hours of a day")
    showroom_pilot: ShowroomPilot | None = None
