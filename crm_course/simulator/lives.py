"""What happened to the customers of a chunk: the record from which every room makes its tables."""

from __future__ import annotations

from dataclasses import dataclass

from crm_course.simulator.campaigns.messages import Messages
from crm_course.simulator.columns import Ints
from crm_course.simulator.people.consents import Choices
from crm_course.simulator.people.people import People
from crm_course.simulator.returns import Returns
from crm_course.simulator.service.chunk_service import Service
from crm_course.simulator.visits.baskets import Lines, Worth
from crm_course.simulator.visits.fulfilment import Handover
from crm_course.simulator.visits.purchases import Lifetimes, Orders
from crm_course.simulator.visits.visits import Visits
from crm_course.simulator.visits.win_back import WinBack


@dataclass(frozen=True)
class Lives:
    """What happened to the customers of a chunk, in the data and in the twelve months beyond.

    Attributes
    ----------
    chunk : int
        Its number.
    choices : Choices
        What customers said about the use of their data, with what they withdrew.
    messages, vouchers
        What was sent to them; None where nothing is.
    amounts : int array
        Of each order, cents.
    service : Service or None
        What they asked, what went wrong and what was mended; None where the store has no such room.
    """

    chunk: int
    people: People
    choices: Choices
    messages: Messages | None
    vouchers: WinBack | None
    visits: Visits
    orders: Orders
    lines: Lines
    worth: Worth
    amounts: Ints
    handover: Handover
    service: Service | None
    returns: Returns
    lifetimes: Lifetimes
