"""The tables of surveys that a chunk of customers adds to, and the truth behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.lives import Lives
from crm_course.simulator.settings.survey_settings import SurveySettings
from crm_course.simulator.surveys.feelings import Feelings, draw_feelings, late_deliveries, what_failed
from crm_course.simulator.surveys.wallets import Wallets, categories
from crm_course.simulator.surveys.waves import Asked, Wave, ask, may_be_asked, plan_waves, questions
from crm_course.simulator.visits.baskets import Lines
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.surveys import ABOUT, ITEMS, PERIODS

if TYPE_CHECKING:
    from crm_course.simulator.world.row_names import Names


def survey_tables(world: World, names: Names, lives: Lives) -> dict[str, pd.DataFrame]:
    """Give ``responses``, ``wallet`` and the truth about satisfaction and wallets.

    Where the store has no service, what went wrong for customers are late deliveries.

    Returns
    -------
    dict
        No tables when the scenario or the policy has no section ``[surveys]``.
    """
    settings, policy = world.scenario.surveys, world.policy.surveys
    if settings is None or policy is None:
        return {}
    people, orders, lines, lifetimes = lives.people, lives.orders, lives.lines, lives.lifetimes
    feelings = draw_feelings(world, people, settings, lives.chunk)
    if lives.service is None:
        failed = late_deliveries(settings, orders, lives.handover)
    else:
        failed = what_failed(settings, orders, lives.service)
    dice = world.dice("surveys", lives.chunk)
    waves, asked = plan_waves(world, policy), []
    for wave in waves:
        customer, consent = may_be_asked(world, policy, wave, lifetimes=lifetimes, orders=orders, choices=lives.choices)
        asked.append(
            ask(
                settings,
                policy,
                wave,
                feelings,
                failed,
                dice,
                customer=customer,
                consent=consent,
                first_time=lifetimes.first_time,
            )
        )
    wallets = Wallets(
        world, people, settings, people.wallet, dice=world.dice("wallets", lives.chunk), lifetimes=lifetimes
    )
    return {
        "responses": _responses(settings, waves, asked, names),
        "wallet": _wallet(world, waves, asked, wallets, feelings, orders=orders, lines=lines, names=names),
        "truth/satisfaction": _satisfaction(waves, asked, names),
        "truth/raters": _raters(feelings, policy.panel, names),
        "truth/wallet": _true_wallet(world, wallets, orders, lines, names),
    }


def _joined(parts: Sequence[Ints | Bools]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _responses(settings: SurveySettings, waves: list[Wave], asked: list[Asked], names: Names) -> pd.DataFrame:
    """Give the answers, questionnaires in order of time."""
    ways = np.array(questions(settings))
    rows = [np.flatnonzero(one.answers) for one in asked]
    customer = _joined([one.customer[part] for one, part in zip(asked, rows, strict=True)])
    signed = _joined([one.signed[part] for one, part in zip(asked, rows, strict=True)]) > 0
    time = _joined([one.answered_at[part] for one, part in zip(asked, rows, strict=True)])
    wave = np.repeat(np.arange(len(waves)), [len(part) for part in rows])
    scores = np.concatenate([np.zeros((0, len(ways)), dtype=np.int64), *(one.scores for one in asked)])
    sequence = np.argsort(time, kind="stable")
    scores = scores[sequence]
    sheet, question = np.nonzero(scores >= 0)
    source = sequence[sheet]
    known = names.customer(customer[source])
    return pd.DataFrame(
        {
            "response_id": names.numbered("Q", sheet),
            "wave": columns.words(wave[source], [one.name for one in waves]),
            "customer_id": known.where(pd.Series(signed[source])),
            "item": columns.words(ways[question, 0], list(ITEMS)),
            "score": scores[sheet, question],
            "about": columns.words(ways[question, 1], list(ABOUT)),
            "answered_at": columns.times(time[source]),
        }
    )


def _wallet(
    world: World,
    waves: list[Wave],
    asked: list[Asked],
    wallets: Wallets,
    feelings: Feelings,
    *,
    orders: Orders,
    lines: Lines,
    names: Names,
) -> pd.DataFrame:
    """Give what those who signed in said about their wallets, in order of time."""
    shelf = len(categories(world))
    customer, time, of_wave = [], [], []
    said: dict[bool, list[Ints]] = {True: [], False: []}
    for place, (wave, one) in enumerate(zip(waves, asked, strict=True)):
        rows = np.flatnonzero(one.answers & one.signed) if wave.wallet else np.zeros(0, dtype=np.int64)
        who = one.customer[rows]
        here = wallets.here(orders, lines, wave.time)[who] if len(who) else np.zeros((0, shelf))
        elsewhere = wallets.elsewhere(who, wave.day, wave.time)
        for spent, is_here in ((here, True), (elsewhere, False)):
            said[is_here].append(wallets.recalled(spent, feelings.recall[who], who, wave.day, here=is_here).ravel())
        customer.append(who)
        time.append(one.answered_at[rows])
        of_wave.append(np.full(len(who), place))
    who, when, place_of = _joined(customer), _joined(time), _joined(of_wave)
    row = np.argsort(when, kind="stable")
    cell = (row[:, None] * shelf + np.arange(shelf)).ravel()
    sheet, category = np.divmod(cell, shelf)
    return pd.DataFrame(
        {
            "customer_id": names.customer(who[sheet]),
            "category": columns.words(category, categories(world)),
            "spend_here": columns.money(_joined(said[True])[cell]),
            "spend_elsewhere": columns.money(_joined(said[False])[cell]),
            "period": columns.words(np.zeros(len(cell), dtype=np.int64), list(PERIODS)),
            "wave": columns.words(place_of[sheet], [one.name for one in waves]),
            "answered_at": columns.times(when[sheet]),
        }
    )


def _satisfaction(waves: list[Wave], asked: list[Asked], names: Names) -> pd.DataFrame:
    """Give what everybody who bought lately felt in each wave, and what she would have answered."""
    wave = np.repeat(np.arange(len(waves)), [len(one.customer) for one in asked])
    nothing = np.zeros(0)
    return pd.DataFrame(
        {
            "customer_id": names.customer(_joined([one.customer for one in asked])),
            "wave": columns.words(wave, [one.name for one in waves]),
            "satisfaction": np.concatenate([nothing, *(one.satisfaction for one in asked)]),
            "recommend": _joined([one.recommend for one in asked]),
            "response_probability": np.concatenate([nothing, *(one.chance for one in asked)]),
            "answered": _joined([one.answers for one in asked]) > 0,
        }
    )


def _raters(feelings: Feelings, panel: float, names: Names) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": names.customer(np.arange(len(feelings.general))),
            "general": feelings.general,
            "generosity": feelings.generosity,
            "competitors_known": feelings.knows.sum(axis=0),
            "panel": feelings.panel < panel,
        }
    )


def _true_wallet(world: World, wallets: Wallets, orders: Orders, lines: Lines, names: Names) -> pd.DataFrame:
    """Give the true wallets of the 12 months up to the end of the data."""
    count, shelf = wallets.share.shape
    end = world.span.end_time
    everyone = np.arange(count)
    return pd.DataFrame(
        {
            "customer_id": names.customer(np.repeat(everyone, shelf)),
            "category": columns.words(np.tile(np.arange(shelf), count), categories(world)),
            "share_of_wallet": wallets.share.ravel(),
            "spend_here_12m": wallets.here(orders, lines, end).ravel(),
            "spend_elsewhere_12m": wallets.elsewhere(everyone, world.span.end, end).ravel(),
        }
    )
