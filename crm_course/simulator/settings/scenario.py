"""What a simulated store is like: shops, goods, seasons, customers. A scenario is a TOML file in ``scenarios/``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import available_timezones

import holidays
from pydantic import AfterValidator, Field, model_validator

from crm_course.simulator.settings.contact_settings import ContactSettings
from crm_course.simulator.settings.identity_settings import IdentitySettings
from crm_course.simulator.settings.service_settings import ServiceSettings
from crm_course.simulator.settings.settings_file import Settings, Share
from crm_course.simulator.settings.survey_settings import SurveySettings
from crm_course.simulator.settings.visit_settings import SessionsSettings
from crm_course.tables.schemas.selling import PAYMENTS, REASONS


def _one_of(*known: str) -> Callable[[str], str]:
    def check(word: str) -> str:
        if word not in known:
            raise ValueError(f"{word!r} is not one of {', '.join(known)}")
        return word

    return check


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone such as Asia/Hong_Kong")
    return name


def _known_country(code: str) -> str:
    if code not in holidays.list_supported_countries():
        raise ValueError(f"{code!r} is not a country code such as HK")
    return code


def _some(weights: list[float]) -> list[float]:
    if sum(weights) <= 0:
        raise ValueError("at least one number must be above 0")
    return weights


Positive = Annotated[float, Field(gt=0)]
Weights = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1), AfterValidator(_some)]
HourWeights = Annotated[Weights, Field(min_length=24, max_length=24)]
Payment = Annotated[str, AfterValidator(_one_of(*PAYMENTS))]
Reason = Annotated[str, AfterValidator(_one_of(*(name for name in REASONS if name not in ("defective", "wrong item"))))]


class StorePlace(Settings):
    """A shop, or the web shop."""

    name: str = Field(min_length=1, description="what the staff call it")
    district: str = Field(min_length=1, description="district, or 'online'")
    format: Literal["flagship", "mall", "street", "online", "other"] = Field(description="kind of shop")
    weight: Positive = Field(description="share of the customers who sign up here, in relation to the other stores")


class Season(Settings):
    """Days on which customers come more, or less, often than on ordinary ones."""

    name: str = Field(min_length=1, description="word in the calendar table")
    anchor: str = Field(description="lunar_new_year, mid_autumn, or a day such as 12-25")
    first_day: int = Field(description="days from the anchor to the first day")
    last_day: int = Field(description="days from the anchor to the last day")
    intensity: Positive = Field(description="purchases a day, in ordinary days")

    @model_validator(mode="after")
    def _days_in_order(self) -> Season:
        if self.last_day < self.first_day:
            raise ValueError("last_day lies before first_day")
        return self


class Entry(Settings):
    """When customers come for the first time."""

    run_in_months: int = Field(ge=0, le=60, description="months before the data start in which customers may have come")
    run_in_share: Share = Field(description="share of the customers who first came in the run-in")
    growth_per_year: float = Field(gt=-1, description="growth of new customers a year, share")
    with_season: bool = Field(description="whether first purchases follow the seasons")


class Segment(Settings):
    """A kind of customer: BG/NBD parameters in operational days, and tastes."""

    name: str = Field(min_length=1, description="word in the truth")
    share: Positive = Field(description="share of the customers")
    account: bool = Field(default=False, description="whether they buy on account")
    rate_shape: Positive = Field(description="r: shape of the gamma distribution of purchase rates")
    rate_days: Positive = Field(description="alpha: rate of that gamma distribution, operational days")
    dropout_a: Positive = Field(description="a: first parameter of the beta distribution of drop-out")
    dropout_b: Positive = Field(description="b: second parameter of the beta distribution of drop-out")
    online_share: Share = Field(default=0.0, description="mean share of purchases made in the web shop")
    app_share: Share = Field(default=0.0, description="share of the online purchases made in the app")
    phone_share: Share = Field(default=0.0, description="share of the other purchases made by telephone")
    lines_mean: float = Field(default=1.0, ge=1, description="mean number of lines a purchase")
    lines_shape: Positive = Field(default=1.0, description="shape of the gamma distribution of lines beyond the first")
    units_mean: float = Field(default=1.0, ge=1, description="mean units a line")
    price_centre: Positive = Field(default=1.0, description="list price that suits the median customer, currency units")
    price_spread: float = Field(default=0.0, ge=0, description="spread of that price over customers, log units")
    taste: dict[str, Positive] = Field(default={}, description="popularity of a category, in relation to 1")


class Kind(Settings):
    """A kind of product, made by each brand of its category."""

    name: str = Field(min_length=1)
    price: Positive = Field(description="list price at a brand of level 1, currency units")


class Brand(Settings):
    """A brand of a category."""

    name: str = Field(min_length=1)
    level: Positive = Field(description="its prices, in relation to the kind's")


class Category(Settings):
    """A shelf of the catalogue."""

    name: str = Field(min_length=1)
    kinds: list[Kind] = Field(min_length=1)
    brands: list[Brand] = Field(min_length=1)
    cost_share: tuple[Share, Share] = Field(description="lowest and highest unit cost, share of the list price")
    warranty_months: int = Field(default=0, ge=0, description="length of the warranty, months")
    return_probability: Share = Field(default=0.0, description="probability that a unit comes back without a fault")
    restock_probability: Share = Field(default=0.0, description="probability that returned goods can be sold again")


class Complement(Settings):
    """A kind of product that another one calls for."""

    kind: str = Field(min_length=1, description="the kind that is bought")
    calls_for: str = Field(min_length=1, description="the kind that goes with it")
    probability: Share = Field(description="probability that a line of the one brings a line of the other")


class Wallet(Settings):
    """What part of their needs customers cover here: a beta distribution for each category."""

    share: Annotated[float, Field(gt=0, lt=1)] = Field(description="mean share of a category's need bought here")
    shares: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default={}, description="the same, by category")
    concentration: Positive = Field(description="a + b of the beta distribution over customers")


class Baskets(Settings):
    """Spend from baskets of products: popularity times a Gaussian kernel in log price."""

    kind: Literal["baskets"]
    price_levels: int = Field(ge=1, le=100, description="number of levels of price affinity")
    kernel_width: Positive = Field(description="standard deviation of the kernel, log units of price")
    popularity_spread: float = Field(ge=0, description="spread of the products' popularity, log units")
    categories: list[Category] = Field(min_length=1)
    complements: list[Complement] = Field(default=[], description="kinds that are bought together")
    wallet: Wallet | None = Field(
        default=None, description="what is bought elsewhere; everything is bought here without"
    )

    @model_validator(mode="after")
    def _names_are_known(self) -> Baskets:
        kinds = [kind.name for category in self.categories for kind in category.kinds]
        named = [name for pair in self.complements for name in (pair.kind, pair.calls_for)]
        if unknown := sorted(set(named) - set(kinds)):
            raise ValueError(f"complements name {', '.join(unknown)}, which is no kind of product")
        if len({pair.kind for pair in self.complements}) < len(self.complements):
            raise ValueError("a kind calls for two others; name one")
        unknown_shelves = set(self.wallet.shares if self.wallet else ()) - {
            category.name for category in self.categories
        }
        if unknown_shelves:
            raise ValueError(f"wallet shares of {', '.join(sorted(unknown_shelves))}, which is no category")
        return self


class GammaGamma(Settings):
    """Spend from a Gamma-Gamma model: one line an order (Fader, Hardie and Lee 2005b)."""

    kind: Literal["gamma-gamma"]
    product: str = Field(min_length=1, description="name of the only product")
    shape: Positive = Field(description="p: shape of an order's value")
    heterogeneity: float = Field(gt=1, description="q: shape of the gamma distribution of the values' rate")
    scale: Positive = Field(description="v (gamma): rate of that distribution, currency units")
    cost_share: Share = Field(description="unit cost, share of the price")


class Delivery(Settings):
    """How customers want their goods, and how long delivery takes."""

    liking: float = Field(
        description="median customer's log odds of delivery against click-and-collect when it is free"
    )
    liking_spread: float = Field(ge=0, description="standard deviation of the liking over customers, log odds")
    fee_dislike: float = Field(ge=0, description="log odds lost for each currency unit of the fee")
    days_probability: Weights = Field(description="probability of delivery after 1, 2, … days")
    collect_days_probability: Weights = Field(description="probability of collection after 1, 2, … days")


class Returns(Settings):
    """How goods come back."""

    days_shape: Positive = Field(description="second parameter of the beta(1, ·) distribution of the return's day")
    reasons: dict[Reason, Positive] = Field(
        min_length=1, description="frequency of each reason of goods without a fault, in relation to the others"
    )
    faulty: Share = Field(
        default=0.0, description="probability that a faulty unit comes back when no complaint about it was settled"
    )


class Payers(Settings):
    """How account customers pay their invoices."""

    late_share: Share = Field(description="share of the account customers who pay late as a habit")
    late_days: Positive = Field(description="mean days after the due day at which habitual late payers pay")
    slip_probability: Share = Field(description="probability that a punctual payer is late")
    slip_days: Positive = Field(description="mean days after the due day of such a slip")
    never_probability: Share = Field(description="probability that an invoice is never paid")


class Choice(Settings):
    """One question of consent asked at sign-up."""

    purpose: Literal["marketing", "profiling", "service", "sharing"]
    channel: Literal["email", "sms", "whatsapp", "phone", "post"]
    granted: float = Field(gt=0, lt=1, description="share of the median customers who say yes")


class Consents(Settings):
    """How customers answer when asked for consent."""

    asked: Share = Field(description="share of the questions that were asked and recorded at sign-up")
    openness_spread: float = Field(ge=0, description="spread of the willingness to say yes over customers, log odds")
    withdrawn_per_year: float = Field(ge=0, description="rate at which a yes is withdrawn, a year")
    given_per_year: float = Field(ge=0, description="rate at which a no becomes a yes, a year")
    choices: list[Choice] = Field(default=[])


class Scenario(Settings):
    """A simulated store."""

    name: str = Field(min_length=1, description="what the shop is called")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217 code")
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(description="decides what a day is")
    country: Annotated[str, AfterValidator(_known_country)] = Field(description="whose public holidays, ISO 3166 code")
    as_of: dt.date = Field(description="last local day of the data")
    policy: str = Field(description="name of the policy under which history is played")
    promotion_response: float = Field(
        ge=0, description="growth of purchases for each unit of discount, share per share"
    )
    online_concentration: Positive = Field(description="a + b of the beta distribution of customers' online shares")
    shop_hours: HourWeights = Field(description="purchases in each hour of the day in shops, in relation to each other")
    online_hours: HourWeights = Field(description="the same in the web shop")
    shop_payments: dict[Payment, Positive] = Field(
        min_length=1, description="ways to pay in shops, in relation to each other"
    )
    online_payments: dict[Payment, Positive] = Field(min_length=1, description="ways to pay in the web shop")
    entry: Entry
    stores: list[StorePlace] = Field(min_length=1)
    seasons: list[Season] = Field(default=[])
    segments: list[Segment] = Field(min_length=1)
    spend: Annotated[Baskets | GammaGamma, Field(discriminator="kind")]
    delivery: Delivery
    returns: Returns
    payers: Payers
    consents: Consents
    sessions: SessionsSettings | None = Field(default=None, description="visits; without it every visit is an order")
    service: ServiceSettings | None = Field(default=None, description="failures, complaints, contacts, community")
    identity: IdentitySettings | None = Field(
        default=None, description="persons behind customers, and their records; without it no such tables"
    )
    contact: ContactSettings | None = Field(default=None, description="how customers take messages and points")
    surveys: SurveySettings | None = Field(default=None, description="what customers feel, and say when asked")

    @model_validator(mode="after")
    def _parts_fit(self) -> Scenario:
        """Hold the parts to each other."""
        if any(segment.online_share for segment in self.segments) and self.web_store is None:
            raise ValueError("a segment buys online, but no store has the format 'online'")
        if isinstance(self.spend, Baskets):
            known = {category.name for category in self.spend.categories}
            for segment in self.segments:
                if unknown := set(segment.taste) - known:
                    raise ValueError(
                        f"segment {segment.name}: taste for {', '.join(sorted(unknown))}, which is no category"
                    )
        return self

    @cached_property
    def web_store(self) -> int | None:
        """Position of the web shop in ``stores``."""
        return next((place for place, store in enumerate(self.stores) if store.format == "online"), None)
