"""Messages of a chunk of customers: drawn before their visits, since nothing they buy changes them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from crm_course.simulator.campaigns.campaign_plan import Plan, contact_of, plan_campaigns
from crm_course.simulator.campaigns.experiments import assign
from crm_course.simulator.campaigns.reaction import Reaction
from crm_course.simulator.campaigns.sending import MailingList, Sender
from crm_course.simulator.campaigns.sent import Answers, Sent
from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.consents import Choices
from crm_course.simulator.people.contact_traits import Traits, draw_traits
from crm_course.simulator.people.people import People
from crm_course.simulator.settings.contact_settings import ContactPolicy, ContactSettings
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.selling import CONTACT_CHANNELS

FREQUENCY = "message frequency"
_DAY = 86_400


@dataclass(frozen=True)
class Trial:
    """The frequency experiment: who took part, the arm of each, and what each arm would have done to her.

    Attributes
    ----------
    customer, arm : int
        Positions of the participants, and of their arms.
    letters : int
        Letters in four weeks of each arm.
    factor : array of shape (arms, participants)
        Mean factor on the visit rate over the experiment, had she been in this arm.
    stopped : array of shape (arms, participants)
        Whether she would have unsubscribed from the letter's channel.
    """

    customer: Ints
    arm: Ints
    letters: Ints
    factor: Floats
    stopped: Bools


@dataclass(frozen=True)
class Messages:
    """Messages to a chunk of customers from the run-in to twelve months beyond the data, in order of time.

    Attributes
    ----------
    plan : Plan
        The campaigns.
    sent : list of Sent
        The messages of each campaign; the win-back campaign's are not among them.
    reaction : Reaction
        What they do to the visit rates.
    trial : Trial, optional
        The frequency experiment.
    reachable : bool, optional
        Who holds consent at the moment of the win-back campaign.
    sender : Sender
        What decides what becomes of a message.
    """

    plan: Plan
    sent: list[Sent]
    reaction: Reaction
    trial: Trial | None
    reachable: Bools | None
    sender: Sender

    @property
    def most(self) -> float:
        """Upper bound of ``uplift``."""
        return self.reaction.most

    @property
    def traits(self) -> Traits:
        """How the customers take messages."""
        return self.sender.traits

    def uplift(self, customer: Ints, time: Ints) -> Floats:
        """Give the factor on customers' visit rates at moments, seconds since 1970 (UTC): 1 without a message."""
        return self.reaction.uplift(customer, time)

    def mean_factor(self, world: World, people: People, first_day: int, last_day: int) -> Floats:
        """Give each customer's mean factor over days of the span, the last not included, in operational time."""
        return self.reaction.mean_factor(world, people, first_day, last_day)


def draw_messages(world: World, people: People, choices: Choices, chunk: int) -> Messages | None:
    """Send every campaign to those who may get it, one after the other.

    Parameters
    ----------
    choices : Choices
        What customers said about the use of their data, but for unsubscribing, which is drawn here.

    Returns
    -------
    Messages or None
        None when the scenario or the policy has no section ``[contact]``.
    """
    if (found := contact_of(world)) is None:
        return None
    settings, policy = found
    plan = plan_campaigns(world)
    sender = Sender(
        settings,
        policy,
        world.ahead.contact or policy,
        world.span.end_time,
        plan,
        draw_traits(world, people, settings, chunk),
        _answers(world, choices, policy, len(people)),
        world.dice("messages", chunk),
    )
    usual = next(
        (letter for letter in policy.letters if policy.frequency and letter.name == policy.frequency.letter), None
    )
    mailing = MailingList.new(len(people), usual.in_four_weeks if usual else 0)
    stops = sorted({0, len(plan), *_stops(plan)})
    parts: list[Sent] = []
    trial, reachable = None, None
    for first, last in pairwise(stops):
        if plan.trial is not None and usual and first == _trial_start(plan):
            channel = CONTACT_CHANNELS.index(usual.channel)
            trial = _try(world, people, sender, mailing, parts, channel=channel, chunk=chunk)
        if first == plan.win_back:
            mailing.hear(sender.answers, int(plan.time[first]))
            channel = int(plan.channel[first])
            reachable = mailing.granted[channel] & mailing.believed[channel]
            reachable[sender.answers.withdrawing(channel, int(plan.time[first]))] = False
        parts += sender.run(mailing, first, last)
    return Messages(plan, parts, react(sender, parts), trial, reachable, sender)


def _answers(world: World, choices: Choices, policy: ContactPolicy, count: int) -> Answers:
    """Give the choices on marketing in order of time."""
    spec = world.scenario.consents.choices
    channel = np.array(
        [CONTACT_CHANNELS.index(choice.channel) if choice.purpose == "marketing" else -1 for choice in spec], dtype=int
    )
    rows = np.flatnonzero(channel[choices.choice] >= 0)
    rows = rows[np.argsort(choices.time[rows], kind="stable")]
    signed_up = np.zeros(count, dtype=np.int64)
    customer, time, granted = choices.customer[rows], choices.time[rows], choices.granted[rows]
    signed_up[customer[::-1]] = time[::-1]
    no = np.flatnonzero(~granted)
    ahead = world.ahead.contact or policy
    wait = np.where(time[no] < world.span.end_time, policy.withdrawal_days, ahead.withdrawal_days)
    return Answers(time, channel[choices.choice[rows]], customer, granted, no, time[no] + wait * _DAY, signed_up)


def _trial_start(plan: Plan) -> int:
    return int(np.searchsorted(plan.day, plan.trial[0])) if plan.trial else len(plan)


def _stops(plan: Plan) -> list[int]:
    """Give the campaigns before which something is to be noted."""
    stops = [_trial_start(plan)] if plan.trial else []
    return stops if plan.win_back is None else [*stops, plan.win_back]


def react(sender: Sender, parts: list[Sent]) -> Reaction:
    """Give what opened messages do to visit rates: less for those who got many of late and tire of them."""
    settings: ContactSettings = sender.settings
    read = Sent.all([part.take(part.opened) for part in parts])
    customer = read.customer.astype(np.int64)
    tired = sender.traits.fatigue[customer] * read.recent
    return Reaction.of(
        customer,
        read.time,
        1 + settings.uplift * np.exp(-settings.uplift_fatigue * tired),
        length=settings.uplift_days * _DAY,
        most=1 + settings.uplift,
    )


def _try(
    world: World, people: People, sender: Sender, mailing: MailingList, before: list[Sent], *, channel: int, chunk: int
) -> Trial:
    """Randomise those who hold consent, and play the experiment once with all of them in each arm."""
    plan, frequency = sender.plan, sender.policy.frequency
    assert plan.trial is not None and frequency is not None
    first, last = plan.trial
    mailing.hear(sender.answers, int(world.span.midnights[first]))
    customer = np.flatnonzero(mailing.granted[channel] & mailing.believed[channel])
    arm = assign(world, FREQUENCY, customer, len(frequency.arms), chunk=chunk)
    end = int(np.searchsorted(plan.day, last))
    factors, stopped = [], []
    since = world.span.midnights[first] - sender.settings.uplift_days * _DAY
    recent = [part for place, part in enumerate(before) if plan.time[place] + _DAY >= since]
    for letters in frequency.arms:
        other = mailing.copy()
        other.frequency[customer] = letters
        played = [*recent, *sender.run(other, _trial_start(plan), end)]
        factors.append(react(sender, played).mean_factor(world, people, first, last)[customer])
        stopped.append(~other.granted[channel, customer])
    mailing.frequency[customer] = np.array(frequency.arms)[arm]
    return Trial(customer, arm, np.array(frequency.arms), np.array(factors), np.array(stopped))
