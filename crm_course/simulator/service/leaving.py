"""What failures do to staying: a factor on the probability of leaving at a purchase, and its expectation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr, roots_hermitenorm

from crm_course.simulator.columns import Bools, Floats, Ints
from crm_course.simulator.people.people import People
from crm_course.simulator.people.service_traits import Traits, draw_traits
from crm_course.simulator.service.complaints import Complaints, complaint_log_odds
from crm_course.simulator.service.enquiries import topic_probabilities
from crm_course.simulator.service.failures import ANSWER, DEFECT, LATE, PAYMENT, STAFF, WRONG, Failures
from crm_course.simulator.settings.scenario import Baskets
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import CATEGORIES

_TEMPERS = np.linspace(-4, 4, 17)


def recovered_failures(failures: Failures, complaints: Complaints) -> Bools:
    """Say which failures were mended the first time that the customer complained."""
    mended = np.zeros(len(failures), dtype=bool)
    mended[complaints.failure[complaints.recovered & (complaints.earlier < 0)]] = True
    return mended


def harm_of(room: Room, kind: Ints, severity: Ints) -> Floats:
    """Give the factor on leaving after a failure that nobody mended."""
    harm = np.array([room.spec.failures[name].harm for name in CATEGORIES])
    harm_done: Floats = harm[kind] ** np.array(room.spec.recovery.severity)[severity]
    return harm_done


def leave_factors(room: Room, failures: Failures, complaints: Complaints, orders: int) -> Floats:
    """Give the factor on the probability of leaving at each order: the least where nothing went wrong."""
    harm = harm_of(room, failures.kind, failures.severity)
    mended = recovered_failures(failures, complaints)
    factor = np.where(mended, 1 + room.spec.recovery.residual * (harm - 1), harm)
    together = 1 + np.bincount(failures.order, weights=factor - 1, minlength=orders)
    factors: Floats = np.minimum(room.spec.recovery.least * together, room.spec.recovery.most)
    return factors


def least_factor(world: World) -> float:
    """Give the least that an order can make of the probability of leaving; 1 without this room."""
    return world.service.spec.recovery.least if world.service else 1.0


def expected_leave_factor(world: World, people: People, chunk: int) -> Floats:
    """Give the factor expected of an order of each customer in the twelve months after the data.

    What failures add is summed, so the factor's mean is the sum of the means of each kind, for each
    way to order; the products of a line are those of her type's choice.
    An order's amount is taken at its mean and at list price where it matters to complaining; the
    largest factor is left out of account, since hardly any order reaches it.
    """
    room = world.service
    if room is None:
        return np.ones(len(people))
    return room.spec.recovery.least * _Expectation(world, room, people, draw_traits(world, room, people, chunk)).mean()


@dataclass(frozen=True)
class _Expectation:
    world: World
    room: Room
    people: People
    traits: Traits

    def mean(self) -> Floats:
        """Mix the ways to order."""
        world, people = self.world, self.people
        phone = np.array([segment.phone_share for segment in world.scenario.segments])[people.segment]
        web = world.scenario.web_store
        online_store = people.home if web is None else np.full(len(people), web)
        delivered = self._delivery_share()
        online = self._way(online_store, delivered, sent=1.0, online=True, visit=False)
        by_phone = self._way(people.home, np.ones(len(people)), sent=1.0, online=False, visit=False)
        in_shop = self._way(people.home, np.zeros(len(people)), sent=0.0, online=False, visit=True)
        return people.online * online + (1 - people.online) * (phone * by_phone + (1 - phone) * in_shop)

    def _way(self, store: Ints, delivered: Floats, *, sent: float, online: bool, visit: bool) -> Floats:
        """Give the mean factor of an order by one way."""
        rates, kind = self.room.rates, self._type
        late = delivered * self._late_share * rates[LATE, store]
        goods = self._goods(store, DEFECT, self.room.defects)
        wrong = self._goods(store, WRONG, np.ones(len(self.world.catalogue)))
        added = self.people.lines * (goods + sent * rates[WRONG, store] * wrong)
        added = added + late * self._excess(LATE, store)
        added = added + visit * rates[STAFF, store] * self._excess(STAFF, store)
        added = added + online * rates[PAYMENT, store] * self._excess(PAYMENT, store)
        asked = self._contacts(kind, sent, delivered * self._late_share)
        factor: Floats = 1 + added + asked * rates[ANSWER, store] * self._excess(ANSWER, store)
        return factor

    @property
    def _type(self) -> Ints:
        spend = self.world.scenario.spend
        if not isinstance(spend, Baskets):
            return self.people.segment
        level = np.minimum((ndtr(self.people.taste) * spend.price_levels).astype(np.int64), spend.price_levels - 1)
        kind: Ints = self.people.segment * spend.price_levels + level
        return kind

    @property
    def _late_share(self) -> float:
        days = np.array(self.world.scenario.delivery.days_probability)
        return float(days[self.world.ahead.delivery.promise_days :].sum() / days.sum())

    def _mended(self, store: Ints, kind: int) -> Floats:
        """Probability that a complaint is recovered, over the days of the twelve months, by their sales."""
        world, spec = self.world, self.room.spec
        failure = spec.failures[CATEGORIES[kind]]
        days = slice(world.span.end, world.span.horizon)
        in_time = np.zeros(len(self.room.pace))
        weight = self.room.busy[days] / self.room.busy[days].sum()
        for share, median in (
            (failure.complex, spec.handling.solved_complex),
            (1 - failure.complex, spec.handling.solved_simple),
        ):
            margin = np.log(spec.recovery.within / median) - self.room.pace[:, days]
            in_time += share * (ndtr(margin / spec.handling.solved_spread) @ weight)
        return ((1 - failure.rejected) * in_time)[store]

    def _excess(self, kind: int, store: Ints) -> Floats:
        """Mean of the factor less 1, given a failure of an order's service."""
        return self._mix(kind, self._mended(store, kind), self._order_amount, self.traits.temper)

    def _mix(self, kind: int, mended: Floats | float, amount: Floats, temper: Floats) -> Floats:
        weights: Floats = np.array(self.room.spec.failures[CATEGORIES[kind]].severity)
        total = np.zeros(np.broadcast_shapes(np.shape(amount), np.shape(temper)))
        for severity, weight in enumerate(weights / weights.sum()):
            harm = harm_of(self.room, np.array(kind), np.array(severity)) - 1
            odds = complaint_log_odds(self.room, np.array(kind), np.array(severity), amount, temper)
            total = total + weight * harm * (1 - expit(odds) * mended * (1 - self.room.spec.recovery.residual))
        return total

    def _goods(self, store: Ints, kind: int, rate: Floats) -> Floats:
        """Mean, over the products of a customer's type, of P(failure of a line) x (factor - 1)."""
        catalogue, spec = self.world.catalogue, self.room.spec
        segments = self.world.scenario.segments
        units = np.array([segment.units_mean for segment in segments])
        types_segment = np.arange(len(catalogue.choice)) * len(segments) // len(catalogue.choice)
        beyond = (units - 1)[types_segment][:, None]
        chance = 1 - (1 - rate) * np.exp(-beyond * rate) if kind == DEFECT else np.ones((len(beyond), 1)) * rate
        price = (
            np.maximum(catalogue.price / 100, 1.0)
            if catalogue.price.any()
            else np.full(len(catalogue), spec.complaining.reference)
        )
        weight = catalogue.choice * chance
        kept, lost = (
            np.stack([weight @ self._mix(kind, mended, price, np.array(temper)) for temper in _TEMPERS], axis=1)
            for mended in (0.0, 1.0)
        )
        place = np.clip((self.traits.temper - _TEMPERS[0]) / (_TEMPERS[1] - _TEMPERS[0]), 0, len(_TEMPERS) - 1.001)
        low = place.astype(np.int64)
        part, kind_of = place - low, self._type
        full, mended_all = ((1 - part) * table[kind_of, low] + part * table[kind_of, low + 1] for table in (kept, lost))
        factor: Floats = full + self._mended(store, kind) * (mended_all - full)
        return factor

    @property
    def _order_moments(self) -> tuple[Floats, Floats]:
        """Mean and variance of an order's amount at list price, currency units."""
        catalogue = self.world.catalogue
        if not catalogue.price.any():
            reference = np.full(len(self.people), self.room.spec.complaining.reference)
            return reference, np.zeros(len(reference))
        units = np.array([segment.units_mean for segment in self.world.scenario.segments])[self.people.segment]
        first, second = (catalogue.choice @ (catalogue.price / 100) ** power for power in (1, 2))
        line = units * first[self._type]
        line_square = (units**2 + units - 1) * second[self._type]
        pieces = self.people.lines - 1
        return (1 + pieces) * line, line_square - line**2 + pieces * line_square

    @property
    def _order_amount(self) -> Floats:
        return self._order_moments[0]

    def _delivery_share(self) -> Floats:
        """Probability that an online order is delivered, over the fees that are tried."""
        ways, terms = self.world.scenario.delivery, self.world.ahead.delivery
        mean, variance = self._order_moments
        spread = np.sqrt(np.log1p(variance / mean**2))
        centre = np.log(mean) - spread**2 / 2
        free = ndtr((centre - np.log(max(terms.free_from, 0.01))) / np.maximum(spread, 1e-6))
        liking = ways.liking + ways.liking_spread * self.people.delivery
        paid = np.mean([expit(liking - ways.fee_dislike * fee) for fee in terms.fees], axis=0)
        share: Floats = free * expit(liking) + (1 - free) * paid
        return share

    def _contacts(self, kind: Ints, sent: float, late: Floats) -> Floats:
        """Probability that an order brings a contact."""
        catalogue, topics = self.world.catalogue, self.room.spec.topics
        without = 1 - catalogue.choice @ (catalogue.warranty > 0).astype(float)
        warranty = 1 - without[kind] * np.exp(-(self.people.lines - 1) * (1 - without[kind]))
        total = np.zeros(len(self.people))
        for is_late, share_late in ((False, 1 - late), (True, late)):
            for has, share_has in ((False, 1 - warranty), (True, warranty)):
                known = topic_probabilities(topics, sent=sent > 0, late=is_late, warranty=has)
                total += share_late * share_has * known.sum()
        return total


def mean_complaint_probability(room: Room, kind: int, amount: Floats) -> Floats:
    """Give the probability that the population's customers complain of a failure, by amount (currency units)."""
    nodes, weights = roots_hermitenorm(21)
    shares: Floats = np.array(room.spec.failures[CATEGORIES[kind]].severity)
    total = np.zeros(len(amount))
    for severity, share in enumerate(shares / shares.sum()):
        odds = complaint_log_odds(room, np.array(kind), np.array(severity), amount[:, None], nodes[None, :])
        total += share * (expit(odds) @ weights) / weights.sum()
    return total
