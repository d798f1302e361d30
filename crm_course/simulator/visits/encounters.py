"""What a visitor comes across, and the probability of an order that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.visit_settings import Habit, SessionsSettings
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import CHANNELS

MOST = 0.98  # no visit is surer of an order than this
SHOP, WEB, APP, PHONE = (CHANNELS.index(name) for name in ("shop", "web", "app", "phone"))
_INTENTION, _INFORMATION, _RECOMMENDATION, _VIRTUAL, _SHOWROOM = range(5)
_CHAT, _WAIT, _PATIENCE, _PAYMENT, _WANTS = range(5, 10)
_NODES = 21
_HOUR = 3_600


@dataclass(frozen=True)
class Encounters:
    """What visits come across, one element each.

    Attributes
    ----------
    intention : float
        Standard normal: pull towards an order before anything is met.
    prompted, information, recommendation, virtual, showroom, chat_offered, chat : bool
        Information box shown, page read, recommendation followed, showrooms used, chat offered and used.
    wait : float
        Seconds waited at till or chat.
    stays : bool
        Whether she waited to the end.
    pays : bool
        Whether the payment would go through.
    wants : bool
        Whether she would order if nothing came in between.
    """

    intention: Floats
    prompted: Bools
    information: Bools
    recommendation: Bools
    virtual: Bools
    showroom: Bools
    chat_offered: Bools
    chat: Bools
    wait: Floats
    stays: Bools
    pays: Bools
    wants: Bools

    @property
    def buys(self) -> Bools:
        """Whether she orders."""
        return self.wants & self.stays & self.pays


def base_chances(settings: SessionsSettings | None) -> Floats:
    """Give the probability of an order by channel where nothing is offered; 1 where visits are orders."""
    chances = np.ones(len(CHANNELS))
    if settings is not None:
        for place, name in ((SHOP, "shop"), (WEB, "web"), (APP, "app"), (PHONE, "phone")):
            chances[place] = getattr(settings.conversion, name)
    return chances


def encounter(
    world: World, people: People, chunk: int, *, customer: Ints, event: Ints, day: Ints, time: Ints, channel: Ints
) -> Encounters:
    """Draw what visits come across; the same dice for the same visit of the same customer."""
    settings, offers = world.scenario.sessions, world.offers
    assert settings is not None
    dice = world.dice("sessions", chunk)

    def draw(use: int) -> Floats:
        return dice.uniform(customer, event, use)

    hour = np.minimum((time - world.span.midnights[day]) // _HOUR, 23)
    online, in_shop = (channel == WEB) | (channel == APP), channel == SHOP
    home, keen = people.home[customer], people.keen[customer]
    intention = ndtri(draw(_INTENTION))
    prompted = online & offers.information_trial[day] & people.prompted[customer]
    chat_offered = online & offers.chat[day, hour]
    information = online & (
        draw(_INFORMATION) < _does(settings.information, intention, keen, settings.prompted * prompted)
    )
    recommendation = online & (draw(_RECOMMENDATION) < _does(settings.recommendation, intention, keen))
    virtual = online & offers.virtual[day] & (draw(_VIRTUAL) < _does(settings.virtual_showroom, intention, keen))
    showroom = in_shop & offers.showroom[home, day] & (draw(_SHOWROOM) < _does(settings.showroom, intention, keen))
    chat = chat_offered & (draw(_CHAT) < _does(settings.chat, intention, keen))
    mean_wait = np.where(in_shop, offers.wait[home, day], np.where(chat, offers.chat_wait[home, day], 0.0))
    wait = -np.log(draw(_WAIT)) * mean_wait
    stays = wait < -np.log(draw(_PATIENCE)) * settings.patience_seconds
    pays = ~online | (draw(_PAYMENT) >= offers.payment_failure[day])
    chance = base_chances(settings)[channel] * np.exp(
        settings.intention_spread * intention - settings.intention_spread**2 / 2
    )
    for habit, done in (
        (settings.information, information),
        (settings.recommendation, recommendation),
        (settings.virtual_showroom, virtual),
        (settings.showroom, showroom),
        (settings.chat, chat),
    ):
        chance *= np.where(done, 1 + habit.effect, 1.0)
    wants = draw(_WANTS) < np.minimum(chance, MOST)
    return Encounters(
        intention,
        prompted,
        information,
        recommendation,
        virtual,
        showroom,
        chat_offered,
        chat,
        wait,
        stays,
        pays,
        wants,
    )


def _does(habit: Habit, intention: Floats, keen: Floats, more: Floats | float = 0.0) -> Floats:
    chance: Floats = expit(logit(habit.share) + habit.intention * intention + habit.keenness * keen + more)
    return chance


def lift(world: World, people: People, days: slice) -> Floats:
    """Give what the offers of some days make of the probability of an order, by customer and channel.

    Returns
    -------
    array of shape (customers, channels)
        Mean probability of an order, divided by that of a visit on which nothing is offered.
        Visits are weighted by the seasons and hours in which they come.
    """
    settings, offers, scenario = world.scenario.sessions, world.offers, world.scenario
    factor = np.ones((len(people), len(CHANNELS)))
    if settings is None:
        return factor
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    intention, keen = nodes[None, :], people.keen[:, None]
    pull = np.exp(settings.intention_spread * intention - settings.intention_spread**2 / 2)
    speed = np.diff(world.clock.elapsed, axis=1)[:, days]
    speed = speed / speed.sum(axis=1, keepdims=True)
    patient, heard = (
        speed * settings.patience_seconds / (settings.patience_seconds + wait[:, days])
        for wait in (offers.wait, offers.chat_wait)
    )
    with_showroom = (patient * offers.showroom[:, days]).sum(axis=1)[people.home][:, None]
    shown = settings.showroom.effect * _does(settings.showroom, intention, keen)
    chance = base_chances(settings)

    def mean(channel: int, raised: Floats) -> Floats:
        mean: Floats = np.minimum(chance[channel] * pull * raised, MOST) @ weights / chance[channel]
        return mean

    factor[:, SHOP] = with_showroom[:, 0] * mean(SHOP, 1 + shown) + (
        patient.sum(axis=1)[people.home] - with_showroom[:, 0]
    ) * mean(SHOP, np.ones_like(keen))
    hours = np.array(scenario.online_hours) / np.sum(scenario.online_hours)
    raised = (1 + settings.information.effect * _does(settings.information, intention, keen)) * (
        1 + settings.recommendation.effect * _does(settings.recommendation, intention, keen)
    )
    virtual = (speed @ offers.virtual[days])[people.home][:, None]
    raised = raised * (
        1 + virtual * settings.virtual_showroom.effect * _does(settings.virtual_showroom, intention, keen)
    )
    offered = (speed @ (offers.chat[days] @ hours))[people.home][:, None]
    used = offered * _does(settings.chat, intention, keen)
    answered = heard.sum(axis=1)[people.home][:, None]
    raised = raised * (1 + used * ((1 + settings.chat.effect) * answered - 1))
    paid = 1 - (speed @ offers.payment_failure[days])[people.home]
    for channel in (WEB, APP):
        factor[:, channel] = mean(channel, raised) * paid
    return factor
