"""What was said about marketing, and the messages that were sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_course.simulator.columns import Bools, Ints

HOUR = 3600
"""How long the sending of a campaign takes, seconds."""

NO_BREACH, PLANTED, DELAYED = range(3)


@dataclass(frozen=True)
class Answers:
    """Choices on marketing, in order of time.

    Attributes
    ----------
    time, channel, customer : int
        Seconds since 1970 (UTC); positions.
    granted : bool
        Yes or no.
    withdrawal, acted : int
        Positions of those that said no, and when the shop acts on them.
    signed_up : int
        First choice of each customer of the chunk, seconds since 1970 (UTC).
    """

    time: Ints
    channel: Ints
    customer: Ints
    granted: Bools
    withdrawal: Ints
    acted: Ints
    signed_up: Ints

    def withdrawing(self, channel: int, start: int) -> Ints:
        """Give the customers who say no while a campaign is being sent: they do not get it."""
        begin, end = np.searchsorted(self.time, [start, start + HOUR], side="right")
        here = (self.channel[begin:end] == channel) & ~self.granted[begin:end]
        withdrawn: Ints = self.customer[begin:end][here]
        return withdrawn


@dataclass(frozen=True)
class Sent:
    """Messages of one campaign or several, in narrow types, since there are many.

    Attributes
    ----------
    customer, campaign, time : int
        Positions; seconds since 1970 (UTC).
    opened, clicked, bounced, stops : bool
        What became of it; whether she unsubscribes by its link.
    recent : int
        Messages to her in the 30 days before.
    breach : int
        ``NO_BREACH``, ``PLANTED`` or ``DELAYED``: sent although she had withdrawn.
    """

    customer: NDArray[np.int32]
    campaign: NDArray[np.int16]
    time: Ints
    opened: Bools
    clicked: Bools
    bounced: Bools
    stops: Bools
    recent: NDArray[np.uint8]
    breach: NDArray[np.uint8]

    @classmethod
    def none(cls) -> Sent:
        """Give no messages."""
        no = np.zeros(0, dtype=bool)
        few = np.zeros(0, dtype=np.uint8)
        return cls(np.zeros(0, np.int32), np.zeros(0, np.int16), np.zeros(0, np.int64), no, no, no, no, few, few)

    @classmethod
    def all(cls, parts: list[Sent]) -> Sent:
        """Put messages in order of time."""
        parts = [cls.none(), *parts]
        together = cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))
        if np.all(together.time[1:] >= together.time[:-1]):
            return together
        return together.take(np.argsort(together.time, kind="stable"))

    def take(self, rows: Ints | Bools) -> Sent:
        """Give some of the messages."""
        return Sent(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.time)
