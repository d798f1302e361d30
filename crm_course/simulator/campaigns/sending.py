"""Campaign after campaign: who gets it, what she does with it, and what the shop learns from that."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from crm_course.simulator.campaigns.campaign_plan import LAPSED, Plan, due
from crm_course.simulator.campaigns.sent import DELAYED, HOUR, NO_BREACH, PLANTED, Answers, Sent
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.contact_traits import Traits
from crm_course.simulator.settings.contact_settings import CYCLE, ContactPolicy, ContactSettings
from crm_course.simulator.streams import Dice
from crm_course.tables.schemas.selling import CONTACT_CHANNELS

_DAY = 86_400
_MONTH = 30 * _DAY
_SLOWEST = 6 * HOUR  # from the message to its unsubscribing link, so that the next campaign knows of it
HAPPENS, SECOND, UNSUBSCRIBES, MISTAKEN = range(4)
_DUE = np.array([[due(week, often) for often in range(CYCLE + 1)] for week in range(CYCLE)])


@dataclass
class MailingList:
    """What holds between the shop and a chunk of customers at a moment.

    Attributes
    ----------
    granted, believed, ever : array of shape (channels, customers)
        Whether her consent holds; whether the shop believes so; whether it ever held.
    recent : int
        Messages to her in the last 30 days.
    returned : array of shape (channels, customers)
        Bounces so far.
    frequency : int
        Letters in four weeks that the frequency experiment gives her.
    sent : deque
        Start and recipients of the campaigns of the last 30 days.
    waiting : list
        When the shop will act on unsubscriptions, their channel and customers.
    heard, acted : int
        Choices and withdrawals that the list has taken note of.
    """

    granted: Bools
    believed: Bools
    ever: Bools
    recent: NDArray[np.uint8]
    returned: NDArray[np.uint8]
    frequency: NDArray[np.uint8]
    sent: deque[tuple[int, Ints]] = field(default_factory=deque)
    waiting: list[tuple[int, int, Ints]] = field(default_factory=list)
    heard: int = 0
    acted: int = 0

    @classmethod
    def new(cls, count: int, usual: int) -> MailingList:
        """Begin with a shop that has no consent of anybody."""
        shape = (len(CONTACT_CHANNELS), count)
        no = np.zeros(shape, dtype=bool)
        return cls(
            no,
            no.copy(),
            no.copy(),
            recent=np.zeros(count, dtype=np.uint8),
            returned=np.zeros(shape, dtype=np.uint8),
            frequency=np.full(count, usual, dtype=np.uint8),
        )

    def copy(self) -> Self:
        """Give a list that goes its own way from here."""
        arrays = {
            name: getattr(self, name).copy()
            for name in ("granted", "believed", "ever", "recent", "returned", "frequency")
        }
        return replace(self, **arrays, sent=self.sent.copy(), waiting=self.waiting.copy())

    def hear(self, answers: Answers, time: int) -> None:
        """Take note of all that was said up to a moment, and act on the withdrawals that are ripe by then."""
        upto = int(np.searchsorted(answers.time, time, side="right"))
        new = slice(self.heard, upto)
        channel, customer, yes = answers.channel[new], answers.customer[new], answers.granted[new]
        self.granted[channel, customer] = yes
        self.ever[channel[yes], customer[yes]] = True
        self.believed[channel[yes], customer[yes]] = True
        self.heard = upto
        ripe = int(np.searchsorted(answers.acted, time, side="right"))
        said_no = answers.withdrawal[self.acted : ripe]
        self.acted = ripe
        ready = [(answers.channel[said_no], answers.customer[said_no])]
        ready += [(np.full(len(who), where), who) for when, where, who in self.waiting if when <= time]
        self.waiting = [entry for entry in self.waiting if entry[0] > time]
        for where, who in ready:
            self.believed[where, who] = self.granted[where, who]
        while self.sent and self.sent[0][0] <= time - _MONTH:
            self.recent[self.sent.popleft()[1]] -= 1

    def stop(self, channel: int, who: Ints, acts: int) -> None:
        """Withdraw the consent of those who unsubscribed; the shop acts on it from a moment on."""
        self.granted[channel, who] = False
        self.waiting.append((acts, channel, who))


@dataclass(frozen=True)
class Sender:
    """All that decides what becomes of a campaign, but for the mailing list."""

    settings: ContactSettings
    policy: ContactPolicy
    ahead: ContactPolicy
    ahead_from: int
    plan: Plan
    traits: Traits
    answers: Answers
    dice: Dice

    def rules(self, campaign: int) -> ContactPolicy:
        """Give the policy under which a campaign is sent."""
        return self.ahead if self.plan.time[campaign] >= self.ahead_from else self.policy

    def run(self, mailing: MailingList, first: int, last: int) -> list[Sent]:
        """Send the campaigns from `first` up to, not with, `last`; give the messages of each."""
        parts = []
        for campaign in range(first, last):
            mailing.hear(self.answers, int(self.plan.time[campaign]))
            if self.plan.audience[campaign] == LAPSED:  # depends on purchases: sent when these are known
                parts.append(Sent.none())
            else:
                parts.append(self.send(mailing, campaign, *self._recipients(mailing, campaign)))
        return parts

    def _recipients(self, mailing: MailingList, campaign: int) -> tuple[Ints, NDArray[np.uint8]]:
        plan, channel = self.plan, self.plan.channel[campaign]
        rules = self.rules(campaign)
        free = mailing.recent < rules.most_in_30_days
        free &= mailing.returned[channel] < rules.stop_after_bounces
        chosen = mailing.believed[channel] & free
        chosen[self.answers.withdrawing(int(channel), int(plan.time[campaign]))] = False
        if plan.week[campaign] >= 0:
            chosen &= _DUE[plan.week[campaign]][mailing.frequency]
        breach = np.where(mailing.granted[channel], np.uint8(NO_BREACH), np.uint8(DELAYED))
        if plan.mistaken[campaign] > 0:
            gone = np.flatnonzero(mailing.ever[channel] & ~mailing.believed[channel] & free)
            wrong = self.dice.uniform(gone, plan.event[campaign], MISTAKEN) < plan.mistaken[campaign]
            chosen[gone[wrong]] = True
            breach[gone[wrong]] = PLANTED
        who = np.flatnonzero(chosen)
        return who, breach[who]

    def send(self, mailing: MailingList, campaign: int, who: Ints, breach: NDArray[np.uint8]) -> Sent:
        """Send a campaign to customers and let them do with it what they do."""
        plan, settings, event = self.plan, self.settings, self.plan.event[campaign]
        channel, start = int(plan.channel[campaign]), int(plan.time[campaign])
        place = self._medium(channel)
        medium = settings.media[place]
        second = (self.dice.uniform(who, event, SECOND) * HOUR).astype(np.uint16)
        order = np.argsort(second, kind="stable")
        who, breach, time = who[order], breach[order], start + second[order].astype(np.int64)
        recent = mailing.recent[who]
        tired = self.traits.fatigue[who] * recent

        # One number decides the nested: bounced or not, then opened or not, then unsubscribed, clicked or neither.
        happens = self.dice.uniform(who, event, HAPPENS)
        dead = time - self.answers.signed_up[who] > self.traits.lifespan[place][who]
        bounced = dead | (happens < medium.bounced)
        happens = (happens - medium.bounced) / (1 - medium.bounced)
        chance = opening_chance(medium.opened, self.traits.opening[who] - settings.opening_fatigue * tired)
        opened = ~bounced & (happens < chance)
        happens = happens / chance
        leaves = np.minimum(settings.unsubscribed * np.exp(settings.unsubscribe_fatigue * tired), 0.5)
        leaves = np.where(breach == NO_BREACH, leaves, 0.0)
        stops = opened & (happens < leaves)
        clicked = opened & ~stops & ((happens - leaves) / (1 - leaves) < medium.clicked)

        mailing.stop(channel, who[stops], start + HOUR + self.rules(campaign).withdrawal_days * _DAY)
        mailing.recent[who] += 1
        mailing.returned[channel, who[bounced]] += 1
        mailing.sent.append((start, who))
        return Sent(
            customer=who.astype(np.int32),
            campaign=np.full(len(who), campaign, dtype=np.int16),
            time=time,
            opened=opened,
            clicked=clicked,
            bounced=bounced,
            stops=stops,
            recent=recent,
            breach=breach,
        )

    def stopped_at(self, sent: Sent) -> Ints:
        """Give the moments of unsubscribing by messages that led to it, seconds since 1970 (UTC)."""
        uniform = self.dice.uniform(sent.customer.astype(np.int64), self.plan.event[sent.campaign], UNSUBSCRIBES)
        return sent.time + 60 + (uniform * (_SLOWEST - 60)).astype(np.int64)

    def _medium(self, channel: int) -> int:
        names = [medium.channel for medium in self.settings.media]
        return names.index(CONTACT_CHANNELS[channel])  # type: ignore[arg-type]


def opening_chance(usual: float, shift: Floats) -> Floats:
    """Give the probability of opening, from that of the median customer and a shift in log odds."""
    return usual / (usual + (1 - usual) * np.exp(-shift))
