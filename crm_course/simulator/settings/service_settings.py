"""What can go wrong in a store, how its customers speak up, and how long service takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from crm_course.simulator.settings.settings_file import LONGEST_MONTHS, Settings, Share
from crm_course.tables.schemas.service import CATEGORIES, LIVE_CHANNELS, POST_TOPICS, SERVICE_CHANNELS, TOPICS

Positive = Annotated[float, Field(gt=0)]
Hours = Annotated[float, Field(gt=0, le=1000, description="hours")]
Weight = Annotated[float, Field(ge=0)]


def _one_of(*known: str) -> AfterValidator:
    def check(word: str) -> str:
        if word not in known:
            raise ValueError(f"{word!r} is not one of {', '.join(known)}")
        return word

    return AfterValidator(check)


Category = Annotated[str, _one_of(*CATEGORIES)]
Channel = Annotated[str, _one_of(*SERVICE_CHANNELS)]
LiveChannel = Annotated[str, _one_of(*LIVE_CHANNELS)]
DeskChannel = Annotated[str, _one_of(*(name for name in SERVICE_CHANNELS if name not in LIVE_CHANNELS))]
PostTopic = Annotated[str, _one_of(*POST_TOPICS)]
TopicName = Annotated[str, _one_of(*TOPICS[:-1])]
When = Literal["before order", "before delivery", "after delivery", "callers only"]


class Failure(Settings):
    """A kind of failure: how often it happens, what it is like, and what it does when nobody mends it."""

    probability: Share = Field(
        description="of a unit sold (defect), line sent (wrong item), delivery after its promise (late delivery), "
        "shop visit (staff), online order (payment), contact (poor answer)"
    )
    store_spread: float = Field(default=0.0, ge=0, le=2, description="spread over stores, log units")
    severity: Annotated[list[Positive], Field(min_length=3, max_length=3)] = Field(
        description="frequency of low, medium and high, in relation to each other"
    )
    complaint: float = Field(description="log odds that a mild customer complains of a medium failure")
    harm: float = Field(ge=1, description="factor on the probability of leaving after a medium failure")
    rejected: Share = Field(description="share of the complaints that are turned down")
    complex: Share = Field(description="share of the complaints that are complex")


class Defects(Settings):
    """How defect rates differ between products, and when customers notice."""

    shape: Positive = Field(description="shape of the gamma distribution of rates within a category")
    categories: dict[str, Positive] = Field(default={}, description="mean rate of a category, in relation to 1")
    planted: int = Field(ge=0, description="number of truly bad products, spread over popular and rare ones")
    planted_factor: float = Field(ge=1, description="their rate, in relation to their category's mean")
    report_days: Positive = Field(description="median days from delivery to noticing the defect")
    report_spread: Positive = Field(description="spread of those days, log units")


class Complaining(Settings):
    """Who speaks up, how soon, and how often again."""

    temper: float = Field(ge=0, description="log odds of complaining for each standard deviation of temper")
    severity: float = Field(ge=0, description="log odds for each step of severity")
    value: float = Field(description="log odds for each log unit of the amount at stake")
    reference: Positive = Field(description="amount at stake of a typical failure, currency units")
    lag_days: Positive = Field(description="mean days from the failure to the complaint")
    repeat: Share = Field(description="probability that a complaint that was not recovered is made again")
    repeat_days: Positive = Field(description="mean days from the reply to the repeated complaint")


class Handling(Settings):
    """Durations of the stages of a complaint: lognormal, service hours."""

    accepted: Hours = Field(description="median from opening to acceptance in writing, service hours")
    classified: Hours = Field(description="median from acceptance to classification, service hours")
    assigned: Hours = Field(description="median from classification to assignment, service hours")
    solved_simple: Hours = Field(description="median from assignment to solution of a simple one, service hours")
    solved_complex: Hours = Field(description="median from assignment to solution of a complex one, service hours")
    replied: Hours = Field(description="median from solution to reply, service hours")
    followed_up: Hours = Field(description="median from reply to follow-up, service hours")
    stage_spread: Positive = Field(description="spread of the short stages, log units")
    solved_spread: Positive = Field(description="spread of the time to solution, log units")
    follow_up: Share = Field(description="share of the complaints that are followed up")
    trend_per_year: float = Field(
        ge=-1, le=1, description="change of the log time to solution in a year, without policy"
    )
    busy: float = Field(ge=0, description="growth of the log time to solution per log unit of the day's sales")
    load_spread: float = Field(ge=0, description="standard deviation of the weekly load, log units")
    load_memory: float = Field(ge=0, lt=1, description="autocorrelation of the load from week to week")
    store_spread: float = Field(ge=0, description="standard deviation of the stores' pace, log units")


class Recovery(Settings):
    """What a handled complaint mends: staying, and what the customer says."""

    within: Hours = Field(description="longest time to solution of a recovered complaint, service hours")
    residual: Share = Field(description="part of the harm that stays after recovery; above 0: no recovery paradox")
    severity: Annotated[list[Positive], Field(min_length=3, max_length=3)] = Field(
        description="power of the harm after a failure of low, medium and high severity"
    )
    least: Positive = Field(description="factor on the probability of leaving at a purchase without failure")
    most: Positive = Field(description="largest factor on it, however much went wrong with an order")
    satisfied: float = Field(description="log odds that a mild customer is satisfied with an apology after 8 hours")
    satisfied_refund: float = Field(description="log odds gained by a refund, replacement or voucher")
    satisfied_slow: float = Field(ge=0, description="log odds lost for each log unit of hours to solution")
    satisfied_temper: float = Field(ge=0, description="log odds lost for each standard deviation of temper")
    answered: Share = Field(description="share of the satisfied who answer the question; others answer half as often")


class Topic(Settings):
    """What a contact is about, and when it comes."""

    probability: Share = Field(default=0.0, description="probability that an order brings such a contact")
    when: When = Field(description="when it comes")
    days: Positive = Field(default=1.0, description="mean days of the wait")
    complex: Share = Field(description="share of the contacts that are complex")
    after_sale: Literal["support in use", "extra benefits"] | None = Field(default=None, description="class of service")
    warranty: bool = Field(default=False, description="whether it needs a product with a warranty")
    late_factor: Positive = Field(default=1.0, description="factor on the probability when the delivery is late")
    callers: Weight = Field(default=0.0, description="frequency among callers nobody identified, in relation to others")


class Talk(Settings):
    """Phone and chat: one queue, customers who hang up (Erlang A with lognormal service)."""

    simple_minutes: Positive = Field(description="median handling of a simple contact, minutes")
    complex_minutes: Positive = Field(description="median handling of a complex contact, minutes")
    spread: Positive = Field(description="spread of handling, log units")
    chat_factor: Positive = Field(description="handling by chat in relation to phone")
    phone_patience: Positive = Field(description="mean patience on the phone, exponential, minutes")
    chat_patience: Positive = Field(description="mean patience in the chat, exponential, minutes")
    hours: Annotated[list[Weight], Field(min_length=24, max_length=24)] = Field(
        description="contacts in each hour of the day, in relation to each other"
    )


class Reply(Settings):
    """First reply in a written channel or in the shop: lognormal, service hours."""

    hours: Hours = Field(description="median from opening to first reply, service hours")
    spread: Positive = Field(description="spread, log units")


class Desk(Settings):
    """The other contacts, and completing what the first reply did not."""

    replies: dict[DeskChannel, Reply] = Field(description="first reply, by channel")
    later: Share = Field(description="share of the complex contacts completed after the first reply")
    later_hours: Hours = Field(description="median from first reply to completion of those, service hours")
    later_spread: Positive = Field(description="spread of that time, log units")


class Costs(Settings):
    """What a contact costs the shop."""

    per_contact: dict[Channel, Weight] = Field(description="fixed cost by channel, currency units")
    per_minute: dict[Channel, Weight] = Field(description="cost of a minute of handling, currency units")


class Mix(Settings):
    """Channels that customers choose, in relation to each other."""

    online: dict[Channel, Weight] = Field(min_length=1, description="after an order online or by phone")
    shop: dict[Channel, Weight] = Field(min_length=1, description="after an order in a shop")
    callers: dict[LiveChannel, Weight] = Field(min_length=1, description="of callers nobody identified")


class Callers(Settings):
    """Callers and chatters nobody identified: the shop's own rate, logged in the last months only."""

    per_hour: float = Field(ge=0, le=500, description="mean calls and chats a service hour on an ordinary day")
    months: int = Field(ge=0, le=LONGEST_MONTHS, description="months of the log, up to the last day")
    busy: float = Field(ge=0, description="growth of the log rate per log unit of the day's sales")


class Csat(Settings):
    """The question after a contact, answered 1 to 5."""

    centre: float = Field(description="satisfaction of a quick simple contact, on the scale of the answers")
    mood: float = Field(ge=0, description="part of the customer's own mood, points per standard deviation")
    noise: float = Field(ge=0, description="standard deviation of the rest, points")
    wait: float = Field(ge=0, description="points lost for each log unit of minutes waited")
    complaint: float = Field(ge=0, description="points lost when the contact is a complaint")
    answered: Share = Field(description="share who answer when satisfied at the middle of the scale")
    answered_step: float = Field(description="log odds of answering for each point of satisfaction")


class Community(Settings):
    """The online community: members are those who buy often and are content."""

    member: float = Field(description="log odds of membership of the mean customer")
    rate: float = Field(ge=0, description="log odds for each log unit of purchase rate")
    mood: float = Field(ge=0, description="log odds for each standard deviation of mood")
    question: Share = Field(description="probability that a member's order brings a question")
    question_days: Positive = Field(description="mean days from delivery to the question")
    answers: Annotated[list[Share], Field(min_length=1, max_length=8)] = Field(
        description="probability of the first, second, … answer, each given the one before"
    )
    answer_hours: Positive = Field(description="mean hours between answers")
    solves: Share = Field(description="probability that an answer solves the question")
    topics: dict[PostTopic, Weight] = Field(min_length=1, description="frequency of the questions' topics")


class BeforeSale(Settings):
    """Questions before the sale: some are followed by the order at once, others by none."""

    no_order: Share = Field(description="share of the questions that no order follows at once")
    later_days: Positive = Field(description="mean days from the last order to those, exponential")


class Notes(Settings):
    """What staff note of a contact."""

    noted: Share = Field(description="share of the contacts of which a note is kept")
    chinese: Share = Field(description="share of the customers who write and speak Chinese")


class ServiceSettings(Settings):
    """The mechanisms of the service room."""

    failures: dict[Category, Failure] = Field(description="each kind of failure")
    defects: Defects
    complaining: Complaining
    handling: Handling
    recovery: Recovery
    topics: dict[TopicName, Topic] = Field(min_length=1, description="what contacts are about")
    talk: Talk
    desk: Desk
    mix: Mix
    costs: Costs
    callers: Callers
    csat: Csat
    community: Community
    before_sale: BeforeSale
    notes: Notes

    @model_validator(mode="after")
    def _parts_fit(self) -> ServiceSettings:
        if missing := set(CATEGORIES) - set(self.failures):
            raise ValueError(f"failures: {', '.join(sorted(missing))} is missing")
        if sum(topic.probability for topic in self.topics.values()) > 1:
            raise ValueError("topics: the probabilities add up to more than 1")
        if lacking := set(SERVICE_CHANNELS) - set(LIVE_CHANNELS) - set(self.desk.replies):
            raise ValueError(f"desk.replies: {', '.join(sorted(lacking))} is missing")
        for name in ("per_contact", "per_minute"):
            if lacking := set(SERVICE_CHANNELS) - set(getattr(self.costs, name)):
                raise ValueError(f"costs.{name}: {', '.join(sorted(lacking))} is missing")
        return self
