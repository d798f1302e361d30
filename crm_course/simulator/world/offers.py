"""What the shop offers on each day and hour, as its policies say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crm_course.simulator.columns import Bools, Floats
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.visit_policy import SessionsPolicy, Trial
from crm_course.simulator.streams import stream
from crm_course.simulator.world.promotions import Clock
from crm_course.simulator.world.season import Span

HOURS = 24


@dataclass(frozen=True)
class Offers:
    """What visitors find, up to twelve months beyond the data.

    Attributes
    ----------
    chat : bool array of shape (days, 24)
        Whether the chat is offered in an hour.
    chat_trial : bool array of shape (days, 24)
        Whether chance decided that.
    information_trial : bool array of shape (days,)
        Whether the information box is shown to the customers who drew it.
    information_share : float
        Share of the customers who draw it.
    virtual : bool array of shape (days,)
        Whether the virtual showroom is there.
    showroom : bool array of shape (stores, days)
        Whether a shop has a showroom.
    wait, chat_wait : float array of shape (stores, days)
        Mean wait at the till and for the chat, seconds: longer on busy days.
    payment_failure : float array of shape (days,)
        Share of online payments that fail.
    """

    chat: Bools
    chat_trial: Bools
    information_trial: Bools
    information_share: float
    virtual: Bools
    showroom: Bools
    wait: Floats
    chat_wait: Floats
    payment_failure: Floats


def plan_offers(scenario: Scenario, policies: tuple[Policy, Policy], span: Span, clock: Clock, seed: int) -> Offers:
    """Lay out the offers: those of the first policy in the data, those of the second in the months ahead."""
    stores = len(scenario.stores)
    offers = Offers(
        chat=np.zeros((span.horizon, HOURS), dtype=bool),
        chat_trial=np.zeros((span.horizon, HOURS), dtype=bool),
        information_trial=np.zeros(span.horizon, dtype=bool),
        information_share=next(
            (trial.share for _, plan in _parts(policies, span) if (trial := plan.information_trial)), 0
        ),
        virtual=np.zeros(span.horizon, dtype=bool),
        showroom=np.zeros((stores, span.horizon), dtype=bool),
        wait=np.zeros((stores, span.horizon)),
        chat_wait=np.zeros((stores, span.horizon)),
        payment_failure=np.zeros(span.horizon),
    )
    speed = np.diff(clock.elapsed, axis=1)
    lot = stream(seed, "chat slots").random((span.horizon, HOURS))
    shops = [place for place, store in enumerate(scenario.stores) if store.format != "online"]
    drawn = np.array(shops)[np.argsort(stream(seed, "showrooms").random(len(shops)))]
    for days, plan in _parts(policies, span):
        first, end = plan.chat_hours
        here = np.arange(days.start, days.stop)
        since = here >= span.position(plan.chat_since)
        offers.chat[days, first:end] = since[:, None]
        if trial := plan.chat_trial:
            tried = _days(trial, span, here)[:, None] & offers.chat[days]
            offers.chat_trial[days] = tried
            offers.chat[days] &= ~tried | (lot[days] < trial.share)
        if plan.information_trial:
            offers.information_trial[days] = _days(plan.information_trial, span, here)
        offers.virtual[days] = here >= span.position(plan.virtual_showroom_since)
        if pilot := plan.showroom_pilot:
            offers.showroom[drawn[: pilot.shops], days] = here >= span.position(pilot.opens_on)
        offers.wait[:, days] = plan.wait_seconds * speed[:, days]
        offers.chat_wait[:, days] = plan.chat_wait_seconds * speed[:, days]
        offers.payment_failure[days] = plan.payment_failure
    return offers


def _parts(policies: tuple[Policy, Policy], span: Span) -> Iterator[tuple[slice, SessionsPolicy]]:
    for policy, days in zip(policies, (slice(0, span.end), slice(span.end, span.horizon)), strict=True):
        if policy.sessions is not None:
            yield days, policy.sessions


def _days(trial: Trial, span: Span, days: np.ndarray) -> Bools:
    return (days >= span.position(trial.first_day)) & (days <= span.position(trial.last_day))
