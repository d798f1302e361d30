"""After the last chunk: the hotline takes all calls in order, and contacts and complaints become tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from crm_course.simulator import columns
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.service.callers import draw_callers, first_logged_day
from crm_course.simulator.service.case_texts import Texts
from crm_course.simulator.service.cases import Cases, Part, joined
from crm_course.simulator.service.complaints import STAGES
from crm_course.simulator.service.duty_roster import ONLINE, SHOP, Roster, agents_table, plan_roster, who_is_there
from crm_course.simulator.service.failures import ANSWER, LATE, PAYMENT, STAFF
from crm_course.simulator.service.hotline import serve
from crm_course.simulator.service.log import AT_SHOP, CHAT, EMAIL, PHONE, WHATSAPP, Log
from crm_course.simulator.service.service_truth import service_truth
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import CATEGORIES, OUTCOMES, SERVICE_CHANNELS, SERVICES, SEVERITIES, TOPICS

_WORD_OF_BOOL = ["no", "yes"]
_ACCEPT_AFTER_CALL = 0.5  # service hours until somebody calls back who hung up with a complaint


@dataclass(frozen=True)
class Answers:
    """What became of each contact: moments in seconds since 1970 (-1: not), agent's position, 1 to 5 or -1."""

    first_reply: Ints
    closed: Ints
    abandoned: Ints
    agent: Ints
    csat: Ints


def finish(world: World, parts: list[Part]) -> dict[str, pd.DataFrame]:
    """Answer all contacts and give the tables that need every chunk.

    Returns
    -------
    dict of str to DataFrame
        ``agents``, ``contacts``, ``complaints``, ``truth/service`` and ``truth/products``; empty
        where the store has no service room.
    """
    room = world.service
    if room is None:
        return {}
    texts = Texts(world.catalogue.names)
    whole = joined(parts, draw_callers(world, room, texts))
    sequence = np.argsort(whole.log.opened, kind="stable")
    rank = np.empty(len(sequence), dtype=np.int64)
    rank[sequence] = np.arange(len(sequence))
    log = whole.log.take(sequence)
    since = first_logged_day(world, room) if room.spec.callers.per_hour else world.span.start
    roster = plan_roster(world, room, log, min(since, world.span.end - 1))
    answers = answer_all(world, room, roster, log)
    return {
        "agents": agents_table(
            room, roster, world.store_ids, world.policy.identity.agents if world.policy.identity else 0
        ),
        "contacts": _contacts(world, room, log, answers, texts),
        "complaints": _complaints(world, room, log, answers, whole.cases, rank[whole.cases.contact]),
        **service_truth(world, room),
    }


def answer_all(world: World, room: Room, roster: Roster, log: Log) -> Answers:
    """Let the hotline and the desks answer; what comes after the data is not known yet."""
    clock, end = room.clock, world.span.end_time
    first_weekday = world.span.days[0].weekday()
    live = np.flatnonzero((log.channel == PHONE) | (log.channel == CHAT))
    weekday = (world.span.start + first_weekday) % 7
    hotline = np.flatnonzero(roster.team == 0)
    spells = [roster.spells(agent, clock, world.span.start, world.span.end + 7, weekday) for agent in hotline.tolist()]
    begins, agents = serve(
        log.opened[live], log.patience[live].astype(np.int64), log.handling[live].astype(np.int64), spells
    )

    first = clock.after(log.opened, log.reply.astype(float))
    agent = np.full(len(log), -1)
    first[live], agent[live] = begins, np.where(agents >= 0, hotline[agents], -1)
    for team, here in (
        (ONLINE, np.flatnonzero((log.channel == EMAIL) | (log.channel == WHATSAPP))),
        (SHOP, np.flatnonzero(log.channel == AT_SHOP)),
    ):
        at = log.store[here].astype(np.int64) if team == SHOP else np.full(len(here), -1)
        desk = np.where(np.isin(at, roster.store), at, roster.store.max()) if team == SHOP else at
        agent[here] = who_is_there(roster, room, team, desk, first[here], first_weekday, log.agent[here].astype(float))

    hung_up = first < 0
    done = np.where(hung_up, -1, first + log.handling)
    later = np.flatnonzero(~hung_up & (log.later > 0))
    done[later] = clock.after(done[later], log.later[later].astype(float))
    abandoned = np.where(hung_up, log.opened + log.patience, -1)
    csat = _csat(room, log, first, done, end)
    known = first < end
    return Answers(
        first_reply=np.where(known, first, -1),
        closed=np.where(done < end, done, -1),
        abandoned=np.where(abandoned < end, abandoned, -1),
        agent=np.where(known, agent, -1),
        csat=csat,
    )


def _csat(room: Room, log: Log, first: Ints, done: Ints, end: int) -> Ints:
    """Ask after the contact: the wait costs satisfaction, and the content answer more often."""
    spec = room.spec.csat
    waited = np.maximum(room.clock.served(first) - room.clock.served(log.opened), 0) / 60
    felt = log.content - spec.wait * np.log1p(waited)
    score = np.clip(np.rint(felt), 1, 5).astype(np.int64)
    says = log.answers < expit(logit(np.clip(spec.answered, 1e-9, 1 - 1e-9)) + spec.answered_step * (score - 3))
    return np.where(says & (first >= 0) & (done < end), score, -1)


def _contacts(world: World, room: Room, log: Log, answers: Answers, texts: Texts) -> pd.DataFrame:
    answered = answers.first_reply >= 0
    minutes = np.where(answered, np.rint(log.handling / 6) / 10, 0.0)
    costs = room.spec.costs
    fixed, rate = (
        np.array([part[name] for name in SERVICE_CHANNELS]) for part in (costs.per_contact, costs.per_minute)
    )
    cents = np.rint((fixed[log.channel] + rate[log.channel] * minutes) * 100).astype(np.int64) * answered
    classes = ["support in use", "extra benefits"]
    by_topic = np.full(len(TOPICS), -1)
    for name, topic in room.spec.topics.items():
        by_topic[TOPICS.index(name)] = classes.index(topic.after_sale) if topic.after_sale else -1
    csat = pd.array(np.where(answers.csat < 0, 0, answers.csat), dtype="Int64")
    csat[answers.csat < 0] = pd.NA
    return pd.DataFrame(
        {
            "contact_id": columns.series(columns.ids("T", np.arange(1, len(log) + 1), 8)),
            "customer_id": columns.known_ids("C", log.customer.astype(np.int64), 7),
            "opened_at": columns.times(log.opened),
            "channel": columns.words(log.channel, list(SERVICE_CHANNELS)),
            "topic": columns.words(log.topic, list(TOPICS)),
            "service_class": columns.words(log.complex, ["simple", "complex"]),
            "after_sale": columns.words(by_topic[log.topic], classes),
            "store_id": columns.texts(log.store, world.store_ids),
            "order_id": columns.known_ids("O", log.order, 11),
            "product_id": columns.known_ids("P", log.product.astype(np.int64) + 1, 4),
            "first_reply_at": _times(answers.first_reply),
            "closed_at": _times(answers.closed),
            "abandoned_at": _times(answers.abandoned),
            "handling_minutes": minutes,
            "cost": columns.money(cents),
            "agent_id": columns.known_ids("A", answers.agent + 1, 4),
            "csat": csat,
            "text": columns.texts(np.where(answered, log.text, -1), texts.vocabulary),
        }
    )


def _times(moments: Ints) -> pd.Series:
    return columns.times(moments, moments < 0)


def stage_times(room: Room, answers: Answers, cases: Cases, contact: Ints) -> Ints:
    """Give the moments of the stages after the queue: nobody accepts a complaint before hearing it.

    A late answer puts off all stages by the same service time.
    """
    clock = room.clock
    heard = np.where(answers.first_reply >= 0, answers.first_reply, answers.abandoned)[contact]
    hung_up = answers.abandoned[contact] >= 0
    heard = np.where(hung_up, clock.after(heard, np.full(len(heard), _ACCEPT_AFTER_CALL)), heard)
    unheard = heard < 0  # not before the end of the data
    late = np.maximum(clock.served(heard) - clock.served(cases.times[0]), 0) / 3600
    put_off = np.array([np.where(late > 0, clock.after(times, late), times) for times in cases.times])
    return np.where((cases.times < 0) | unheard, -1, put_off)


def _complaints(world: World, room: Room, log: Log, answers: Answers, cases: Cases, contact: Ints) -> pd.DataFrame:
    end = world.span.end_time
    times = stage_times(room, answers, cases, contact)
    done = (times >= 0) & (times < end)
    solved, replied = done[STAGES.index("solved")], done[STAGES.index("replied")]
    sequence = np.argsort(log.opened[contact], kind="stable")
    ids = columns.series(columns.ids("K", np.arange(1, len(sequence) + 1), 7))
    place = np.empty(len(sequence), dtype=np.int64)
    place[sequence] = np.arange(len(sequence))
    earlier = np.where(cases.earlier >= 0, place[cases.earlier], -1)[sequence]
    at, kind = contact[sequence], cases.kind[sequence]
    product = log.product[at].astype(np.int64)
    service = np.full(len(CATEGORIES), -1)
    service[[LATE, STAFF, PAYMENT, ANSWER]] = [
        SERVICES.index(name) for name in ("delivery", "shop visit", "payment", "contact")
    ]
    told: dict[str, Floats | Bools | Ints | pd.Series] = {
        f"{name}_at": columns.times(moment[sequence], ~known[sequence])
        for name, moment, known in zip(STAGES, times, done, strict=True)
    }
    return pd.DataFrame(
        {
            "complaint_id": ids,
            "contact_id": columns.series(columns.ids("T", at + 1, 8)),
            "customer_id": columns.known_ids("C", log.customer[at].astype(np.int64), 7),
            "order_id": columns.known_ids("O", log.order[at], 11),
            "product_id": columns.known_ids("P", product + 1, 4),
            "service": columns.words(service[kind], list(SERVICES)),
            "store_id": columns.texts(log.store[at], world.store_ids),
            "category": columns.words(kind, list(CATEGORIES)),
            "severity": columns.words(cases.severity[sequence], list(SEVERITIES)),
            "service_class": columns.words(log.complex[at], ["simple", "complex"]),
            **told,
            "outcome": columns.words(np.where(solved, cases.outcome, -1)[sequence], list(OUTCOMES)),
            "compensation": columns.money(cases.compensation[sequence], ~solved[sequence]),
            "satisfied": columns.words(np.where(replied, cases.satisfied, -1)[sequence], _WORD_OF_BOOL),
            "repeat_of": columns.taken(ids, earlier),
        }
    )
