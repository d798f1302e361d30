"""Visits as the shop records them, and the truth behind them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as arrow
from scipy.special import expit

from crm_course.simulator import columns
from crm_course.simulator.campaigns.experiments import assignments_table
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.lives import Lives
from crm_course.simulator.people.people import People, pick
from crm_course.simulator.settings.visit_settings import SessionsSettings
from crm_course.simulator.visits.encounters import APP, PHONE, SHOP, WEB, Encounters, encounter
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.visits.visits import ENTRY, Visits
from crm_course.simulator.world.row_names import Names
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import CHANNELS
from crm_course.tables.schemas.visiting import DEVICES, SHOWROOMS, STAGES

_LOOKED, _BASKET, _DELIVERY, _PAYMENT, _ORDERED = range(len(STAGES))
_DEVICE, _PAGE, _STAGE = range(3)
_BASKET_WITH_INTENTION = 0.8  # log odds of filling a basket for each standard deviation of intention
_DELIVERY_SHARE = 0.35  # of the baskets that are given up, those given up at the delivery options


def sessions_tables(world: World, names: Names, lives: Lives) -> dict[str, pd.DataFrame]:
    """Give the chunk's part of ``sessions``, of ``assignments`` and of their truth."""
    settings = world.scenario.sessions
    if settings is None:
        return {}
    people, chunk = lives.people, lives.chunk
    seen = lives.visits.take(_recorded(world, settings, lives.visits))
    met = encounter(
        world,
        people,
        chunk,
        customer=seen.customer,
        event=seen.event,
        day=seen.day,
        time=seen.time,
        channel=seen.channel,
    )
    ids = names.numbered("V", np.arange(len(seen)))
    sessions = _sessions(world, settings, names, people, seen, met, lives.orders, chunk).assign(session_id=ids)
    truth = pd.DataFrame({"session_id": ids, "intention": met.intention.round(4)})
    return {
        "sessions": sessions,
        "assignments": pd.concat([_information(world, names, people, seen), _chat(world, chunk)]),
        "truth/sessions": truth,
    }


def _recorded(world: World, settings: SessionsSettings, visits: Visits) -> Ints:
    """Give the visits since the log began, in order of time."""
    span = world.span
    last = pd.Timestamp(world.scenario.as_of) + pd.Timedelta(days=1)
    since = max(span.position((last - pd.DateOffset(months=settings.log_months)).date()), span.start)
    rows = np.flatnonzero((visits.day >= since) & (visits.time < span.end_time))
    return rows[np.argsort(visits.time[rows], kind="stable")]


def _sessions(
    world: World,
    settings: SessionsSettings,
    names: Names,
    people: People,
    seen: Visits,
    met: Encounters,
    orders: Orders,
    chunk: int,
) -> pd.DataFrame:
    dice = world.dice("session log", chunk)
    online = (seen.channel == WEB) | (seen.channel == APP)
    device = np.array([DEVICES.index(name) for name in settings.devices])[
        pick(np.array(list(settings.devices.values())), dice.uniform(seen.customer, seen.event, _DEVICE))
    ]
    device = np.where(seen.channel == APP, DEVICES.index("phone"), np.where(seen.channel == WEB, device, -1))
    page = pick(np.array(list(settings.pages.values())), dice.uniform(seen.customer, seen.event, _PAGE))
    showroom = np.where(met.virtual, SHOWROOMS.index("virtual"), np.where(met.showroom, SHOWROOMS.index("real"), -1))
    store = people.home[seen.customer]
    if (web := world.scenario.web_store) is not None:
        store = np.where(online, web, store)
    waited = (seen.channel == SHOP) | met.chat
    return pd.DataFrame(
        {
            "customer_id": names.customer(seen.customer),
            "started_at": columns.times(seen.time),
            "channel": columns.words(seen.channel, list(CHANNELS)),
            "store_id": columns.texts(store, names.stores),
            "device": columns.words(device, list(DEVICES)),
            "information_page": columns.words(np.where(met.information, page, -1), list(settings.pages)),
            "recommendation": met.recommendation,
            "showroom": columns.words(showroom, list(SHOWROOMS)),
            "chat_offered": met.chat_offered,
            "chat_used": met.chat,
            "wait_seconds": columns.series(arrow.array(met.wait.astype(np.int64), mask=~waited)),
            "last_stage": columns.words(
                _stage(seen, met, dice.uniform(seen.customer, seen.event, _STAGE)), list(STAGES)
            ),
            "order_id": names.numbered("O", _order_of(seen, orders), missing=~seen.bought),
        }
    )


def _order_of(seen: Visits, orders: Orders) -> Ints:
    """Give the position of each visit's order; any where there is none."""
    if not orders.known:
        return np.zeros(len(seen), dtype=np.int64)
    apart = max(int(seen.event.max(initial=0)), int(orders.event[: orders.known].max())) + 1
    of_orders = orders.customer[: orders.known] * apart + orders.event[: orders.known]
    sequence = np.argsort(of_orders)
    place = np.searchsorted(of_orders[sequence], seen.customer * apart + seen.event)
    return sequence[np.minimum(place, orders.known - 1)]


def _stage(seen: Visits, met: Encounters, draw: Floats) -> Ints:
    at_till = (seen.channel == SHOP) & ~met.stays
    fails = met.wants & met.stays & ~met.pays
    basket = draw < expit(_BASKET_WITH_INTENTION * met.intention)
    further = draw < _DELIVERY_SHARE * expit(_BASKET_WITH_INTENTION * met.intention)
    online: Bools = (seen.channel == WEB) | (seen.channel == APP)
    reached = np.where(further & online, _DELIVERY, np.where(basket, _BASKET, _LOOKED))
    reached = np.where(seen.channel == PHONE, _LOOKED, reached)
    return np.where(seen.bought, _ORDERED, np.where(at_till | fails, _PAYMENT, reached))


def _information(world: World, names: Names, people: People, seen: Visits) -> pd.DataFrame:
    """List the customers who came online during the trial of the information box, since when."""
    tried = world.offers.information_trial[seen.day] & ((seen.channel == WEB) | (seen.channel == APP))
    rows = np.flatnonzero(tried & (seen.event != ENTRY))
    customer, first = np.unique(seen.customer[rows], return_index=True)
    arm = people.prompted[customer].astype(np.int64)
    return assignments_table(
        "information", "customer", names.customer(customer), arm, ["none", "box"], seen.time[rows][first]
    )


def _chat(world: World, chunk: int) -> pd.DataFrame:
    """List the hours in which chance decided whether the chat was offered; once in a store."""
    span, offers = world.span, world.offers
    day, hour = np.nonzero(offers.chat_trial[: span.end] & (chunk == 0))
    local = span.days[day] + pd.to_timedelta(hour, unit="h")
    slots = columns.series(arrow.array(local.strftime("%Y-%m-%dT%H"), arrow.string()))
    arm = offers.chat[day, hour].astype(np.int64)
    return assignments_table(
        "chat offer", "slot", slots, arm, ["not offered", "offered"], span.midnights[day] + hour * 3_600
    )
