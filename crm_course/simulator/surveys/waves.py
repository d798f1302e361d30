"""Survey waves: who may be asked, who is, who answers, and what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from crm_course.errors import WrongCall
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.consents import Choices
from crm_course.simulator.settings.survey_settings import DRIVERS, SERVICE, SurveyPolicy, SurveySettings
from crm_course.simulator.streams import Dice
from crm_course.simulator.surveys.feelings import Failures, Feelings, mean_satisfaction, perceived, weights
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.surveys import ABOUT, ITEMS

_DAY = 86_400
_YEAR = 365.25 * _DAY
_LONGEST_YEARS = 5
DRIFT, INVITED, ANSWERS, WHEN, UNSIGNED, RECOMMEND, OVERALL = range(7)
_ITEM_NOISE, _SKIPPED = 16, 64  # uses of the dice: one for each question from here on


@dataclass(frozen=True)
class Wave:
    """A wave: its word, its first day in the span and that day's midnight, and whether it asks about wallets."""

    name: str
    day: int
    time: int
    wallet: bool


def plan_waves(world: World, policy: SurveyPolicy) -> list[Wave]:
    """Give the waves that can be answered to their end within the data."""
    span, waves = world.span, []
    for year in range(span.first_day.year, span.days[-1].year + 1):
        for anchor in policy.waves:
            try:
                day = span.position(dt.date.fromisoformat(f"{year}-{anchor}"))
            except ValueError:
                raise WrongCall(f"surveys: wave {anchor!r}: expected a day of every year such as 05-15") from None
            if span.start < day and day + policy.open_days < span.end:
                waves.append(Wave(f"{year}-{anchor[:2]}", day, int(span.midnights[day]), anchor in policy.wallet_waves))
    return sorted(waves, key=lambda wave: wave.day)


@dataclass(frozen=True)
class Asked:
    """One wave of a chunk: everybody who bought lately, whether or not she was asked.

    Attributes
    ----------
    customer : int
        Positions in the chunk.
    satisfaction : float
        True satisfaction, points of 1 to 7.
    recommend : int
        Willingness to recommend that she states when asked, 0 to 10.
    chance : float
        Probability that she answers when asked.
    answers, signed : bool
        Whether she was asked and answered; whether she signed in.
    answered_at : int
        Seconds since 1970 (UTC).
    scores : array of shape (customers, questions)
        Answers to `questions` of those who answered; -1 where there is none.
    """

    customer: Ints
    satisfaction: Floats
    recommend: Ints
    chance: Floats
    answers: Bools
    signed: Bools
    answered_at: Ints
    scores: Ints


def questions(settings: SurveySettings) -> list[tuple[int, int]]:
    """Give item and whom it is about of every question: all items about us, service dimensions about competitors."""
    us = [(ITEMS.index(item), 0) for item in ITEMS]
    return us + [(ITEMS.index(item), ABOUT.index(rival.name)) for rival in settings.rivals for item in SERVICE]


def may_be_asked(
    world: World, policy: SurveyPolicy, wave: Wave, *, lifetimes: Lifetimes, orders: Orders, choices: Choices
) -> tuple[Ints, Bools]:
    """Give the customers who bought lately, and which of them gave the consent that an invitation needs.

    Raises
    ------
    WrongCall
        If the scenario's customers are never asked for that consent.
    """
    spec = world.scenario.consents.choices
    known = [k for k, choice in enumerate(spec) if (choice.purpose, choice.channel) == (policy.purpose, policy.channel)]
    if not known:
        raise WrongCall(f"surveys: no customer is asked for consent to {policy.purpose} by {policy.channel}; add it")
    consent = np.zeros(len(lifetimes.first_time), dtype=bool)
    said = (choices.choice == known[0]) & (choices.time < wave.time)
    consent[choices.customer[said]] = choices.granted[said]  # in order of time: the latest holds
    lately = (orders.time < wave.time) & (orders.time >= wave.time - policy.active_days * _DAY)
    customer = np.unique(orders.customer[lately])
    return customer, consent[customer]


def ask(
    settings: SurveySettings,
    policy: SurveyPolicy,
    wave: Wave,
    feelings: Feelings,
    failures: Failures,
    dice: Dice,
    *,
    customer: Ints,
    consent: Bools,
    first_time: Ints,
) -> Asked:
    """Ask in one wave and write down what comes back."""
    event = np.array([wave.day])

    def roll(use: int) -> Floats:
        return dice.uniform(customer, event, use)

    seen = perceived(settings, feelings, failures.felt(wave.time, len(first_time)))[:, customer]
    seen = seen + settings.drift * ndtri(roll(DRIFT))
    satisfaction = weights(settings) @ seen
    above = satisfaction - mean_satisfaction(settings)
    style, how = feelings.generosity[customer], settings.answering
    recommend = settings.recommend_mean + settings.recommend_slope * above + style + how.noise * ndtri(roll(RECOMMEND))
    overall = settings.overall_mean + settings.overall_slope * above + (style + how.noise * ndtri(roll(OVERALL))) / 2
    years = np.minimum((wave.time - first_time[customer]) / _YEAR, _LONGEST_YEARS)
    log_odds = logit(how.responded) + how.responded_satisfaction * above + how.responded_years * years
    chance = expit(log_odds)
    invited = consent & ((roll(INVITED) < policy.invited) | (feelings.panel[customer] < policy.panel))
    answers = invited & (roll(ANSWERS) < chance)
    recommend_score = np.clip(np.rint(recommend), 0, 10).astype(np.int64)
    overall_score = np.clip(np.rint(overall), 1, 5).astype(np.int64)
    rows = np.flatnonzero(answers)
    return Asked(
        customer=customer,
        satisfaction=satisfaction,
        recommend=recommend_score,
        chance=chance,
        answers=answers,
        signed=roll(UNSIGNED) >= how.anonymous,
        answered_at=wave.time + _hours(roll(WHEN), policy.open_days),
        scores=_scores(
            settings,
            feelings,
            dice,
            event=event,
            customer=customer[rows],
            seen=seen[:, rows],
            stated={"satisfaction": overall_score[rows], "recommend": recommend_score[rows]},
        ),
    )


def _hours(uniform: Floats, open_days: int) -> Ints:
    """Give seconds from the wave's start: most answer in the first days."""
    return 9 * 3600 + (uniform**2 * (open_days * _DAY - 10 * 3600)).astype(np.int64)


def _scores(
    settings: SurveySettings,
    feelings: Feelings,
    dice: Dice,
    *,
    event: Ints,
    customer: Ints,
    seen: Floats,
    stated: dict[str, Ints],
) -> Ints:
    """Give the answers to all questions, with each rater's generosity and the noise of each answer in them."""
    style, noise = feelings.generosity[customer], settings.answering.noise
    columns = []
    for place, (item, about) in enumerate(questions(settings)):
        name = ITEMS[item]
        if name in stated:
            score = stated[name]
        else:
            view = seen[_driver(name)] if about == 0 else _of_rival(settings, feelings, customer, name, about)
            error = noise * ndtri(dice.uniform(customer, event, _ITEM_NOISE + place))
            score = np.clip(np.rint(view + style + error), 1, 7).astype(np.int64)
        asked = dice.uniform(customer, event, _SKIPPED + place) >= settings.answering.skipped
        if about:
            asked = asked & feelings.knows[_rival(settings, about)][customer]
        columns.append(np.where(asked, score, -1))
    return np.stack(columns, axis=1)


def _driver(name: str) -> int:
    return [str(driver) for driver in DRIVERS].index(name)


def _rival(settings: SurveySettings, about: int) -> int:
    return [rival.name for rival in settings.rivals].index(ABOUT[about])  # type: ignore[arg-type]


def _of_rival(settings: SurveySettings, feelings: Feelings, customer: Ints, name: str, about: int) -> Floats:
    place = _rival(settings, about)
    liking = feelings.general[customer] + feelings.fondness[place][customer]
    felt: Floats = settings.rivals[place].quality[name] + liking  # type: ignore[index]
    return felt
