"""How customers take messages and points (scenario), and what the shop sends and grants (policy)."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from crm_course.simulator.settings.settings_file import Settings, Share

CYCLE = 4
"""Weeks in which a letter's frequency is counted."""

Channel = Literal["email", "sms", "whatsapp", "phone", "post"]
Positive = Annotated[float, Field(gt=0)]
Hour = Annotated[int, Field(ge=8, le=20)]


class Medium(Settings):
    """How messages fare in one channel, at a customer of median openness who got no other of late."""

    channel: Channel
    opened: float = Field(gt=0, lt=1, description="probability that a message that arrives is opened")
    clicked: Share = Field(description="probability that an opened message is clicked, or answered")
    bounced: float = Field(ge=0, le=0.5, description="probability that a message to a good address bounces")
    dead_per_year: float = Field(ge=0, description="rate at which addresses go dead, a year")


class Members(Settings):
    """Who joins the loyalty programme, and what it does to her."""

    joined: float = Field(gt=0, lt=1, description="share of the customers who join at their first purchase")
    with_rate: float = Field(gt=-1, lt=1, description="correlation of the wish to join with the purchase rate")
    effect: float = Field(ge=0, description="true growth of a member's purchase rate by the programme, share")
    redeems: Share = Field(description="probability that a member with enough points takes a gift at a purchase")


class ContactSettings(Settings):
    """What messages, points and vouchers do to customers."""

    media: list[Medium] = Field(min_length=1)
    opening_spread: float = Field(ge=0, description="standard deviation of openness over customers, log odds")
    opening_with_rate: float = Field(gt=-1, lt=1, description="correlation of openness with the purchase rate")
    fatigue_shape: Positive = Field(description="shape of the gamma distribution, of mean 1, of customers' fatigue")
    opening_fatigue: float = Field(ge=0, description="log odds of opening lost for each message of the last 30 days")
    uplift: float = Field(ge=0, description="growth of the visit rate after an opened message, share, without fatigue")
    uplift_days: Positive = Field(description="how long it lasts, days")
    uplift_fatigue: float = Field(ge=0, description="log of the uplift lost for each message of the last 30 days")
    unsubscribed: float = Field(ge=0, le=0.5, description="probability that an opened message makes her unsubscribe")
    unsubscribe_fatigue: float = Field(ge=0, description="log growth of that for each message of the last 30 days")
    win_back: Share = Field(description="probability that a win-back voucher brings a lapsed customer's extra purchase")
    members: Members

    @model_validator(mode="after")
    def _one_of_each(self) -> ContactSettings:
        known = [medium.channel for medium in self.media]
        if len(set(known)) < len(known):
            raise ValueError("a channel is there twice among the media")
        return self


class Letter(Settings):
    """A newsletter on one weekday."""

    name: str = Field(min_length=1)
    channel: Channel
    in_four_weeks: int = Field(ge=1, le=CYCLE, description="how often in four weeks")
    weekday: int = Field(ge=0, le=6, description="0 is Monday")
    hour: Hour = Field(description="local hour at which sending begins; it takes one hour")


class FestivalMessage(Settings):
    """A message before a festival or sale, every year."""

    name: str = Field(min_length=1)
    channel: Channel
    anchor: str = Field(description="lunar_new_year, mid_autumn, or a day such as 11-11")
    days_before: int = Field(ge=0, le=60, description="days from the message to the anchor")
    hour: Hour = Field(description="local hour at which sending begins; it takes one hour")


class Mistake(Settings):
    """A festival message that also went to people who had withdrawn their consent."""

    name: str = Field(description="name of the festival message")
    channel: Channel
    year: int = Field(description="year of its anchor")
    share: Share = Field(description="share of those who had withdrawn who got it")


class FrequencyTrial(Settings):
    """An experiment with how often a letter comes."""

    letter: str = Field(description="name of the letter")
    starts: dt.date
    weeks: int = Field(ge=4, le=104)
    arms: list[Annotated[int, Field(ge=1, le=CYCLE)]] = Field(
        min_length=2, description="letters in four weeks, by arm; arms are equally likely"
    )


class WinBackTrial(Settings):
    """An experiment: a voucher for customers who have not bought for long."""

    name: str = Field(min_length=1, description="name of the message that brings the voucher")
    channel: Channel
    on: dt.date
    hour: Hour = Field(default=10, description="local hour at which sending begins; it takes one hour")
    lapsed_days: int = Field(ge=30, le=720, description="days without a purchase")
    window_days: int = Field(ge=1, le=365, description="days in which the voucher is good")
    treated: Share = Field(description="share of the lapsed who get a voucher")


class Tier(Settings):
    """A tier of the loyalty programme."""

    name: str = Field(min_length=1)
    points: int = Field(ge=0, description="points earned in the last 12 months from which it is held")


class LoyaltyRules(Settings):
    """The loyalty programme: one point for each currency unit kept, after the return window."""

    gift_points: int = Field(ge=1, description="points of the smallest gift; gifts cost multiples of it")
    expire_months: int = Field(ge=1, le=60, description="points expire this long after the last ones were earned")
    tiers: list[Tier] = Field(min_length=1, description="from the lowest, which starts at 0 points")

    @model_validator(mode="after")
    def _in_order(self) -> LoyaltyRules:
        limits = [tier.points for tier in self.tiers]
        if limits[0] != 0 or any(high <= low for low, high in pairwise(limits)):
            raise ValueError("tiers must begin at 0 points and go up")
        return self


class ContactPolicy(Settings):
    """Whom the shop writes to, how often, and how it keeps its word."""

    most_in_30_days: int = Field(ge=0, le=60, description="messages to one customer in any 30 days, at most")
    withdrawal_days: int = Field(ge=0, le=60, description="days until the shop acts on withdrawn consent")
    stop_after_bounces: int = Field(ge=1, le=200, description="bounces after which an address is no longer used")
    letters: list[Letter] = Field(default=[])
    festivals: list[FestivalMessage] = Field(default=[])
    mistakes: list[Mistake] = Field(default=[])
    frequency: FrequencyTrial | None = Field(default=None)
    win_back: WinBackTrial | None = Field(default=None)
    loyalty: LoyaltyRules | None = Field(default=None)

    @model_validator(mode="after")
    def _names_are_known(self) -> ContactPolicy:
        letters = [letter.name for letter in self.letters]
        if len(set(letters)) < len(letters):
            raise ValueError("two letters have the same name")
        if self.frequency and self.frequency.letter not in letters:
            raise ValueError(f"frequency: {self.frequency.letter!r} is no letter of this policy")
        known = {(message.name, message.channel) for message in self.festivals}
        for mistake in self.mistakes:
            if (mistake.name, mistake.channel) not in known:
                raise ValueError(f"mistakes: {mistake.name!r} by {mistake.channel} is no festival message")
        return self
