"""The log of contacts before they are answered: small arrays, chunk by chunk, that the hotline takes in order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self, TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from crm_course.simulator.columns import Floats, Ints, Small
from crm_course.simulator.distributions import exponential, lognormal
from crm_course.simulator.world.service_room import Room
from crm_course.tables.schemas.service import SERVICE_CHANNELS

PHONE, CHAT, EMAIL, WHATSAPP, AT_SHOP = range(len(SERVICE_CHANNELS))
Short = NDArray[np.float32]
_TYPES = {
    "opened": np.int64,
    "order": np.int64,
    "customer": np.int32,
    "text": np.int32,
    "handling": np.int32,
    "patience": np.int32,
}


@dataclass(frozen=True)
class Log:
    """Contacts, one element each; what a contact will need is drawn before anybody answers it.

    Attributes
    ----------
    opened : int
        Seconds since 1970 (UTC).
    customer, order : int
        Numbers in the whole store, from 1; 0 where not known.
    product, store, channel, topic, text : int
        Positions; -1 where not known.
    complex : int
        1 when it cannot be settled at once.
    handling, patience : int
        Seconds of work; seconds that she waits.
    reply, later : float
        Service hours to the first reply in writing or in the shop, and from it to completion.
    content, answers, agent : float
        Satisfaction before the wait; uniforms that decide about an answer and the agent.
    case : int
        Position of the complaint among the chunk's; -1 for none.
    """

    opened: Ints
    customer: Small
    order: Ints
    product: Small
    store: Small
    channel: Small
    topic: Small
    text: Small
    complex: Small
    handling: Small
    patience: Small
    reply: Short
    later: Short
    content: Short
    answers: Short
    agent: Short
    case: Small

    def __len__(self) -> int:
        return len(self.opened)

    def take(self, rows: Ints) -> Self:
        """Give some of the contacts, in this order."""
        return type(self)(*(getattr(self, spec.name)[rows] for spec in fields(self)))

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Put logs behind each other."""
        return cls(*(np.concatenate([getattr(part, spec.name) for part in parts]) for spec in fields(cls)))


class Needs(TypedDict):
    """What contacts will need, as `Log` has it."""

    handling: Small
    patience: Small
    reply: Short
    later: Short
    content: Short
    answers: Short
    agent: Short


def draw_needs(
    room: Room,
    *,
    channel: Ints,
    hard: Ints | Small,
    mood: Floats,
    complaint: Ints,
    uniforms: list[Floats],
) -> Needs:
    """Draw what contacts will need, from eight uniform numbers for each.

    Returns
    -------
    Needs
        One element a contact.
    """
    talk, desk, csat = room.spec.talk, room.spec.desk, room.spec.csat
    work, waits, replies, late, finishes, noise, answers, agent = uniforms
    minutes = lognormal(work, np.where(hard > 0, talk.complex_minutes, talk.simple_minutes), talk.spread)
    minutes = minutes * np.where(channel == CHAT, talk.chat_factor, 1.0)
    patience = exponential(waits, np.where(channel == CHAT, talk.chat_patience, talk.phone_patience))
    reply = np.zeros(len(channel))
    for place, name in ((EMAIL, "email"), (WHATSAPP, "whatsapp"), (AT_SHOP, "shop")):
        here = channel == place
        spec = desk.replies[name]
        reply[here] = lognormal(replies[here], spec.hours, spec.spread)
    finish = lognormal(finishes, desk.later_hours, desk.later_spread)
    return {
        "handling": np.maximum(np.minimum(minutes, 600) * 60, 6).astype(np.int32),
        "patience": np.ceil(patience * 60).astype(np.int32),
        "reply": reply.astype(np.float32),
        "later": np.where((hard > 0) & (late < desk.later), finish, 0).astype(np.float32),
        "content": (csat.centre + csat.mood * mood + csat.noise * ndtri(noise) - csat.complaint * complaint).astype(
            np.float32
        ),
        "answers": answers.astype(np.float32),
        "agent": agent.astype(np.float32),
    }
