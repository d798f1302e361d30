"""The campaigns: which message goes out when, in which channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_course.errors import WrongCall
from crm_course.simulator import columns
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.settings.contact_settings import CYCLE, ContactPolicy, ContactSettings
from crm_course.simulator.world.season import Span, anchor_day
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import CONTACT_CHANNELS

AUDIENCES = ["all with consent", "frequency experiment", "lapsed, win-back experiment"]
ALL, TRIAL, LAPSED = range(3)
_MONDAY = 3  # 1970-01-01 was a Thursday
_EPOCH = dt.date(1970, 1, 1)


def contact_of(world: World) -> tuple[ContactSettings, ContactPolicy] | None:
    """Give how customers take messages and what the shop sends in the data; None when one of them is not told.

    Raises
    ------
    WrongCall
        If the shop would begin to send, or its loyalty programme, only after the data.
    """
    settings, policy = world.scenario.contact, world.policy.contact
    ahead = world.ahead.contact
    if settings is not None and ahead is not None and (policy is None or (ahead.loyalty and not policy.loyalty)):
        what = "[contact]" if policy is None else "[contact.loyalty]"
        raise WrongCall(f"policies: {what} is there ahead, but not in the data; give it to the data as well")
    return None if settings is None or policy is None else (settings, policy)


def due(week: int, in_four_weeks: int) -> bool:
    """Say whether a letter that comes so often comes in this week of the four."""
    return week * in_four_weeks % CYCLE < in_four_weeks


@dataclass(frozen=True)
class Plan:
    """Campaigns from the run-in to twelve months beyond the data, in order of time.

    Attributes
    ----------
    names : list of str
        What the marketing team calls them.
    channel : int
        Positions in the contact channels.
    day, time : int
        Local day of the span; second since 1970 (UTC) at which sending begins.
    week : int
        Week of the four, 0 to 3, where the frequency experiment decides who gets it; else -1.
    audience : int
        Positions in ``AUDIENCES``.
    mistaken : float
        Share of those who withdrew who get it all the same.
    trial : tuple of int, optional
        First day of the frequency experiment and the day after its last, where it lies in the data.
    """

    names: list[str]
    channel: Ints
    day: Ints
    time: Ints
    week: Ints
    audience: Ints
    mistaken: Floats
    trial: tuple[int, int] | None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def event(self) -> Ints:
        """Number of each campaign for the dice: the same under any policy that has it."""
        return self.day * len(CONTACT_CHANNELS) + self.channel

    @property
    def win_back(self) -> int | None:
        """Position of the win-back campaign."""
        found = np.flatnonzero(self.audience == LAPSED)
        return int(found[0]) if len(found) else None

    def in_data(self, span: Span) -> Bools:
        """Say which campaigns lie in the data."""
        return (self.day >= span.start) & (self.day < span.end)


@dataclass(frozen=True)
class _Campaign:
    day: int
    channel: str
    name: str
    hour: int
    week: int = -1
    audience: int = ALL
    mistaken: float = 0.0


def plan_campaigns(world: World) -> Plan:
    """Lay out all campaigns; a channel has one a day: the voucher before the festival before the letter.

    Raises
    ------
    WrongCall
        If a channel of the policy is none of the scenario's media.
    """
    settings, policy = contact_of(world) or _no_contact()
    trial = _trial(policy, world.span)
    found: dict[tuple[int, str], _Campaign] = {}
    for campaign in (*_win_back(policy, world.span), *_regular(world, policy, trial)):
        found.setdefault((campaign.day, campaign.channel), campaign)
    known = {medium.channel for medium in settings.media}
    if unknown := {campaign.channel for campaign in found.values()} - known:
        raise WrongCall(f"contact: {', '.join(sorted(unknown))} is in the policy, but not among the scenario's media")
    campaigns = sorted(found.values(), key=lambda campaign: (campaign.day, campaign.hour, campaign.channel))

    def whole(values: Iterator[int]) -> Ints:
        return np.fromiter(values, np.int64, len(campaigns))

    day = whole(campaign.day for campaign in campaigns)
    return Plan(
        names=[campaign.name for campaign in campaigns],
        channel=whole(CONTACT_CHANNELS.index(campaign.channel) for campaign in campaigns),
        day=day,
        time=world.span.midnights[day] + whole(campaign.hour * 3600 for campaign in campaigns),
        week=whole(campaign.week for campaign in campaigns),
        audience=whole(campaign.audience for campaign in campaigns),
        mistaken=np.array([campaign.mistaken for campaign in campaigns], dtype=float),
        trial=trial,
    )


def _no_contact() -> tuple[ContactSettings, ContactPolicy]:
    raise WrongCall("contact: scenario and policy must both have a section [contact]; add the one that is missing")


def _trial(policy: ContactPolicy, span: Span) -> tuple[int, int] | None:
    if policy.frequency is None:
        return None
    first = span.position(policy.frequency.starts)
    last = first + 7 * policy.frequency.weeks
    return (first, last) if first >= span.start and last <= span.end else None


def _letters(policy: ContactPolicy, span: Span, trial: tuple[int, int] | None) -> Iterator[_Campaign]:
    before = (span.first_day - _EPOCH).days + _MONDAY
    tried = policy.frequency
    for letter in policy.letters:
        for day in range((letter.weekday - before) % 7, span.horizon, 7):
            week = (before + day) // 7 % CYCLE
            if tried and trial and letter.name == tried.letter and trial[0] <= day < trial[1]:
                if any(due(week, often) for often in (*tried.arms, letter.in_four_weeks)):
                    yield _Campaign(day, letter.channel, letter.name, letter.hour, week, TRIAL)
            elif due(week, letter.in_four_weeks):
                yield _Campaign(day, letter.channel, letter.name, letter.hour)


def _regular(world: World, policy: ContactPolicy, trial: tuple[int, int] | None) -> Iterator[_Campaign]:
    """Give festivals' messages before letters: of one policy in the data, of the other ahead of them."""
    end, ahead = world.span.end, world.ahead.contact
    for campaign in (*_festivals(world, policy), *_letters(policy, world.span, trial)):
        if campaign.day < end:
            yield campaign
    if ahead is not None:
        for campaign in (*_festivals(world, ahead), *_letters(ahead, world.span, None)):
            if campaign.day >= end:
                yield campaign


def _festivals(world: World, policy: ContactPolicy) -> Iterator[_Campaign]:
    span = world.span
    wrong = {(mistake.name, mistake.channel, mistake.year): mistake.share for mistake in policy.mistakes}
    for year in range(span.first_day.year, span.days[span.horizon].year + 2):
        for message in policy.festivals:
            day = span.position(anchor_day(message.anchor, year, world.scenario.country)) - message.days_before
            if 0 <= day < span.horizon:
                share = wrong.get((message.name, message.channel, year), 0.0)
                yield _Campaign(day, message.channel, f"{message.name} {year}", message.hour, mistaken=share)


def _win_back(policy: ContactPolicy, span: Span) -> Iterator[_Campaign]:
    if (trial := policy.win_back) is not None:
        day = span.position(trial.on)
        if day - trial.lapsed_days >= span.start and day < span.end:
            yield _Campaign(day, trial.channel, trial.name, trial.hour, audience=LAPSED)


def campaign_numbers(plan: Plan, span: Span) -> Ints:
    """Give the number of each campaign of the plan among those in the data, from 1; 0 for the others."""
    known = plan.in_data(span)
    return np.where(known, np.cumsum(known), 0)


def campaigns_table(world: World) -> pd.DataFrame:
    """Give the ``campaigns`` table: those in the data."""
    plan = plan_campaigns(world)
    known = np.flatnonzero(plan.in_data(world.span))
    names = columns.series(columns.ids("K", np.arange(1, len(known) + 1), 4))
    return pd.DataFrame(
        {
            "campaign_id": names,
            "name": pd.Series([plan.names[place] for place in known], dtype="str"),
            "channel": columns.words(plan.channel[known], list(CONTACT_CHANNELS)),
            "sent_on": pd.Series(world.span.days[plan.day[known]]),
            "purpose": columns.words(np.zeros(len(known), dtype=np.int64), ["marketing"]),
            "audience": columns.words(plan.audience[known], AUDIENCES),
        }
    )
