"""What customers feel: satisfaction from its drivers, wave by wave, and how generous each is as a rater."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, expit, logit, ndtri

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.service.chunk_service import Service
from crm_course.simulator.service.leaving import recovered_failures
from crm_course.simulator.settings.survey_settings import DRIVERS, SurveySettings
from crm_course.simulator.visits.fulfilment import Handover
from crm_course.simulator.visits.purchases import Orders
from crm_course.simulator.world.world import World

_DAY = 86_400
_REMEMBERED = 180 * _DAY
_EDGE = 1e-9
_RELIABILITY = DRIVERS.index("reliability")


@dataclass(frozen=True)
class Feelings:
    """Customers of a chunk, one element each.

    Attributes
    ----------
    general : float
        Satisfaction with everything, points around the mean: with us, and with competitors as well.
    own : array of shape (drivers, customers)
        What she makes of each driver beyond that, points.
    generosity : float
        How high she rates whatever it is, points: no satisfaction, but a habit.
    knows : array of shape (rivals, customers)
        Which competitors she knows.
    fondness : array of shape (rivals, customers)
        What she makes of each competitor beyond its quality, points.
    panel : float
        In (0, 1): she belongs to the panel when it is below the panel's share.
    recall : float
        Standard normal: how far she overstates what she spent.
    """

    general: Floats
    own: Floats
    generosity: Floats
    knows: Bools
    fondness: Floats
    panel: Floats
    recall: Floats


def draw_feelings(world: World, people: People, settings: SurveySettings, chunk: int) -> Feelings:
    """Draw what the customers of a chunk feel; the satisfied are rather those who seldom leave."""
    rng, count = world.stream("feelings", chunk), len(people)
    general, generosity, recall = rng.standard_normal((3, count))
    own = rng.standard_normal((len(DRIVERS), count))
    fondness = rng.standard_normal((len(settings.rivals), count))
    chance = rng.random((len(settings.rivals), count))
    panel = rng.random(count)
    alike = settings.general_with_leaving
    general = alike * _leaving_score(world, people) + np.sqrt(1 - alike**2) * general
    known = logit(np.array([rival.known for rival in settings.rivals]))[:, None]
    return Feelings(
        general=settings.general_spread * general,
        own=settings.own_spread * own,
        generosity=settings.answering.generosity_spread * generosity,
        knows=chance < expit(known - settings.answering.critics_know_more * generosity),
        fondness=settings.answering.fondness_spread * fondness,
        panel=panel,
        recall=recall,
    )


def _leaving_score(world: World, people: People) -> Floats:
    """Give the drop-out probability as a standard normal among the customer's segment."""
    a, b = (
        np.array([getattr(segment, key) for segment in world.scenario.segments])[people.segment]
        for key in ("dropout_a", "dropout_b")
    )
    score: Floats = ndtri(np.clip(betainc(a, b, people.dropout), _EDGE, 1 - _EDGE))
    return score


@dataclass(frozen=True)
class Failures:
    """What went wrong for customers: who, when (seconds since 1970, UTC), and points of reliability it cost."""

    customer: Ints
    time: Ints
    points: Floats

    def felt(self, moment: int, customers: int) -> Floats:
        """Give the points lost at a moment by what went wrong in the 180 days before."""
        lately = (self.time <= moment) & (self.time > moment - _REMEMBERED)
        lost = np.zeros(customers)
        np.add.at(lost, self.customer[lately], self.points[lately])
        return lost


def late_deliveries(settings: SurveySettings, orders: Orders, handover: Handover) -> Failures:
    """Give the failures that the orders show: goods that came after the promise."""
    late = np.flatnonzero((handover.promised >= 0) & (handover.delivered > handover.promised))
    points = np.full(len(late), settings.late_effect)
    return Failures(orders.customer[late], handover.delivered[late], points)


def perceived(settings: SurveySettings, feelings: Feelings, lost: Floats) -> Floats:
    """Give what customers truly make of each driver, points of 1 to 7 without an upper end: (drivers, customers)."""
    quality = np.array([settings.quality[name] for name in DRIVERS])[:, None]
    seen = quality + feelings.own + feelings.general
    seen[_RELIABILITY] -= lost
    return seen


def weights(settings: SurveySettings) -> Floats:
    """Give the true weights of the drivers; they add up to 1."""
    raw = np.array([settings.weights[name] for name in DRIVERS])
    weights: Floats = raw / raw.sum()
    return weights


def mean_satisfaction(settings: SurveySettings) -> float:
    """Give the satisfaction of a customer who sees the drivers as most do and was never let down."""
    return float(weights(settings) @ np.array([settings.quality[name] for name in DRIVERS]))


def what_failed(settings: SurveySettings, orders: Orders, service: Service) -> Failures:
    """Give all that went wrong; what was mended at the first complaint costs less, or even pleases."""
    failures = service.failures
    weight = np.array(settings.severity_weights)[failures.severity]
    mended = np.where(recovered_failures(failures, service.complaints), settings.mended, 1.0)
    return Failures(orders.customer[failures.order], failures.time, settings.late_effect * weight * mended)
