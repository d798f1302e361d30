"""The tables of messages, points and experiments that a chunk of customers adds to, and the truth behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.campaigns.campaign_plan import campaign_numbers
from crm_course.simulator.campaigns.experiments import assignments_table
from crm_course.simulator.campaigns.messages import FREQUENCY, Messages, Trial
from crm_course.simulator.campaigns.sending import MailingList
from crm_course.simulator.campaigns.sent import DELAYED, NO_BREACH, PLANTED, Sent
from crm_course.simulator.columns import Bools, Ints
from crm_course.simulator.lives import Lives
from crm_course.simulator.people.consents import SOURCES, Choices
from crm_course.simulator.people.contact_traits import draw_members, loyalty_factor
from crm_course.simulator.people.people import People
from crm_course.simulator.records.loyalty import kept_points, move_points
from crm_course.simulator.visits.win_back import ARMS, WIN_BACK, WinBack
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.contacting import MOVEMENTS
from crm_course.tables.schemas.selling import CONTACT_CHANNELS

if TYPE_CHECKING:
    from crm_course.simulator.world.row_names import Names

BREACHES = ["festival message by mistake", "before the shop acted"]
_BY_LINK = SOURCES.index("message")


def with_withdrawals(world: World, choices: Choices, messages: Messages) -> Choices:
    """Add unsubscribing to what customers said; a withdrawal that comes later by another way says nothing new."""
    spec, plan = world.scenario.consents.choices, messages.plan
    place = np.array(
        [
            next((k for k, choice in enumerate(spec) if (choice.purpose, choice.channel) == ("marketing", channel)), -1)
            for channel in CONTACT_CHANNELS
        ]
    )
    sent = Sent.all([part.take(part.stops) for part in messages.sent])
    time = messages.sender.stopped_at(sent)
    rows = np.flatnonzero(time < world.span.end_time)
    who, time = sent.customer[rows].astype(np.int64), time[rows]
    choice = place[plan.channel[sent.campaign[rows]]]
    known = len(spec)
    stopped = np.full(len(messages.traits.opening) * known, np.iinfo(np.int64).max)
    stopped[who * known + choice] = time
    kept = choices.granted | (choices.time < stopped[choices.customer * known + choices.choice])
    parts = (
        (choices.customer[kept], who),
        (choices.choice[kept], choice),
        (choices.granted[kept], np.zeros(len(rows), dtype=bool)),
        (choices.time[kept], time),
        (choices.source[kept], np.full(len(rows), _BY_LINK)),
    )
    customer, choice, granted, time, source = (np.concatenate(part) for part in parts)
    sequence = np.lexsort((choice, time, customer))
    return Choices(customer[sequence], choice[sequence], granted[sequence], time[sequence], source[sequence])


def message_tables(world: World, names: Names, lives: Lives) -> dict[str, pd.DataFrame]:
    """Give ``messages``, ``assignments`` and the truth about both; none where nothing is sent.

    Who had lapsed before the vouchers went out is read from all purchases.
    """
    people, messages, vouchers = lives.people, lives.messages, lives.vouchers
    if messages is None:
        return {}
    sent, took_part = messages.sent.copy(), np.zeros(len(people), dtype=bool)
    assignments = []
    if vouchers is not None and messages.reachable is not None and messages.plan.win_back is not None:
        lapsed = vouchers.lapsed(lives.orders.customer, lives.orders.time, lives.lifetimes.first_time)
        took_part = lapsed & messages.reachable
        sent[messages.plan.win_back] = _bring_vouchers(messages, np.flatnonzero(took_part & vouchers.treated))
        at = int(messages.plan.time[messages.plan.win_back])
        assignments.append(_assigned(names, WIN_BACK, took_part, vouchers.treated.astype(np.int64), ARMS, at))
    if (trial := messages.trial) is not None and messages.plan.trial is not None:
        at = int(world.span.midnights[messages.plan.trial[0]])
        arm = np.zeros(len(people), dtype=np.int64)
        arm[trial.customer] = trial.arm
        chosen = np.zeros(len(people), dtype=bool)
        chosen[trial.customer] = True
        arms = [f"{letters} in four weeks" for letters in trial.letters]
        assignments.append(_assigned(names, FREQUENCY, chosen, arm, arms, at))
    known = Sent.all([sent[place] for place in np.flatnonzero(messages.plan.in_data(world.span))])
    tables = {"messages": _messages(world, messages, known, names), "truth/breaches": _breaches(known, names)}
    if assignments:
        tables["assignments"] = pd.concat(assignments, ignore_index=True)
    if trial is not None:
        tables["truth/frequency"] = _frequency(trial, names)
    if vouchers is not None:
        tables["truth/win_back"] = _win_back(vouchers, took_part, names)
    tables["truth/contact"] = _customers(world, people, messages, names, lives.chunk)
    return tables


def _bring_vouchers(messages: Messages, who: Ints) -> Sent:
    """Give the messages that bring the vouchers; nobody unsubscribes by one."""
    campaign = messages.plan.win_back
    assert campaign is not None
    outside = MailingList.new(len(messages.traits.opening), 0)
    sent = messages.sender.send(outside, campaign, who, np.full(len(who), NO_BREACH, dtype=np.uint8))
    return replace(sent, stops=np.zeros(len(who), dtype=bool))


def _assigned(names: Names, experiment: str, chosen: Bools, arm: Ints, arms: list[str], at: int) -> pd.DataFrame:
    units = np.flatnonzero(chosen)
    return assignments_table(
        experiment, "customer", names.customer(units), arm[units], arms, np.full(len(units), at, dtype=np.int64)
    )


def _messages(world: World, messages: Messages, sent: Sent, names: Names) -> pd.DataFrame:
    numbers = campaign_numbers(messages.plan, world.span)
    left = np.zeros(len(sent), dtype=bool)
    stops = np.flatnonzero(sent.stops)
    left[stops] = messages.sender.stopped_at(sent.take(stops)) < world.span.end_time
    return pd.DataFrame(
        {
            "message_id": names.numbered("G", np.arange(len(sent))),
            "campaign_id": columns.texts(
                numbers[sent.campaign] - 1, [f"K{number:04d}" for number in range(1, int(numbers.max(initial=0)) + 1)]
            ),
            "customer_id": names.customer(sent.customer.astype(np.int64)),
            "sent_at": columns.times(sent.time),
            "channel": columns.words(messages.plan.channel[sent.campaign], list(CONTACT_CHANNELS)),
            "opened": sent.opened,
            "clicked": sent.clicked,
            "bounced": sent.bounced,
            "unsubscribed": left,
        }
    )


def _breaches(sent: Sent, names: Names) -> pd.DataFrame:
    rows = np.flatnonzero((sent.breach == PLANTED) | (sent.breach == DELAYED))
    return pd.DataFrame(
        {
            "message_id": names.numbered("G", rows),
            "customer_id": names.customer(sent.customer[rows].astype(np.int64)),
            "kind": columns.words(sent.breach[rows].astype(np.int64) - PLANTED, BREACHES),
        }
    )


def _frequency(trial: Trial, names: Names) -> pd.DataFrame:
    arms, people = trial.factor.shape
    letters = np.repeat(trial.letters, people)
    return pd.DataFrame(
        {
            "customer_id": names.customer(np.tile(trial.customer, arms)),
            "in_four_weeks": letters,
            "given": letters == np.tile(trial.letters[trial.arm], arms),
            "visit_factor": trial.factor.ravel(),
            "unsubscribes": trial.stopped.ravel(),
        }
    )


def _win_back(vouchers: WinBack, took_part: Bools, names: Names) -> pd.DataFrame:
    rows = np.flatnonzero(took_part)
    return pd.DataFrame(
        {
            "customer_id": names.customer(rows),
            "voucher": vouchers.treated[rows],
            "would_buy": vouchers.would_buy[rows],
            "extra_at": columns.times(vouchers.extra_time[rows], ~vouchers.would_buy[rows]),
        }
    )


def _customers(world: World, people: People, messages: Messages, names: Names, chunk: int) -> pd.DataFrame:
    span = world.span
    return pd.DataFrame(
        {
            "customer_id": names.customer(np.arange(len(people))),
            "openness": messages.traits.opening,
            "fatigue": messages.traits.fatigue,
            "visit_factor_12m": messages.mean_factor(world, people, span.end, span.horizon),
            "member": draw_members(world, people, chunk),
            "loyalty_factor": loyalty_factor(world, people, chunk),
        }
    )


def loyalty_table(world: World, names: Names, lives: Lives) -> dict[str, pd.DataFrame]:
    """Give the ``loyalty`` table; none without a programme."""
    settings, policy = world.scenario.contact, world.policy.contact
    if settings is None or policy is None or policy.loyalty is None:
        return {}
    moved = move_points(
        world,
        draw_members(world, lives.people, lives.chunk),
        lives.lifetimes,
        lives.orders,
        points=kept_points(lives.orders, lives.lines, lives.amounts, lives.returns),
        handover=lives.handover,
        redeems=settings.members.redeems,
        chunk=lives.chunk,
    )
    table = pd.DataFrame(
        {
            "movement_id": names.numbered("Y", np.arange(len(moved.time))),
            "customer_id": names.customer(moved.customer),
            "at": columns.times(moved.time),
            "points": moved.points,
            "tier": columns.words(moved.tier, [tier.name for tier in policy.loyalty.tiers]),
            "reason": columns.words(moved.reason, list(MOVEMENTS)),
        }
    )
    return {"loyalty": table}
