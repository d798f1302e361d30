"""What the shop does: promotions, delivery, terms. A policy is a TOML file in ``policies/``."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from crm_course.simulator.settings.contact_settings import ContactPolicy
from crm_course.simulator.settings.identity_settings import IdentityPolicy
from crm_course.simulator.settings.service_rules import ServicePolicy
from crm_course.simulator.settings.settings_file import Settings
from crm_course.simulator.settings.survey_settings import SurveyPolicy
from crm_course.simulator.settings.visit_policy import SessionsPolicy


def _whole_percent(share: float) -> float:
    if abs(share * 100 - round(share * 100)) > 1e-9:
        raise ValueError("must be a whole percentage, such as 0.15")
    return share


class Wave(Settings):
    """Some days of a promotion in some of the stores."""

    first_day: int = Field(description="days from the promotion's anchor to the wave's first day")
    days: int = Field(ge=1, le=366, description="length, days")
    stores_share: float = Field(gt=0, le=1, description="share of all stores that take part, drawn at random")


class PromotionPlan(Settings):
    """A promotion that comes back every year, wave by wave; a store takes part in one wave at most."""

    name: str = Field(min_length=1, description="what the poster says")
    anchor: str = Field(description="lunar_new_year, mid_autumn, or a day such as 11-11")
    season: str = Field(default="", description="season word it belongs to; empty for none")
    discount: Annotated[float, AfterValidator(_whole_percent)] = Field(
        gt=0, lt=1, description="share of the list price taken off, whole percent"
    )
    waves: list[Wave] = Field(min_length=1)


class DeliveryTerms(Settings):
    """What the web shop asks and promises for delivery."""

    fees: list[Annotated[float, Field(ge=0)]] = Field(
        min_length=1, description="fees tried in turn at random, currency units an order"
    )
    free_from: float = Field(ge=0, description="order amount from which delivery is free, currency units")
    promise_days: int = Field(ge=1, description="days from order to promised delivery")


class Policy(Settings):
    """What the shop does in a simulated store."""

    promotions: list[PromotionPlan] = Field(default=[])
    delivery: DeliveryTerms
    return_window_days: int = Field(ge=2, description="days after delivery within which goods are taken back")
    invoice_terms_days: int = Field(ge=1, description="days from an invoice to the day it is due")
    sessions: SessionsPolicy | None = Field(default=None, description="what is offered to visitors")
    service: ServicePolicy | None = Field(default=None, description="service hours, staffing, complaint rules")
    identity: IdentityPolicy | None = Field(
        default=None, description="what is asked at sign-up and how records are linked; without it no such tables"
    )
    contact: ContactPolicy | None = Field(default=None, description="messages, loyalty programme and experiments")
    surveys: SurveyPolicy | None = Field(default=None, description="whom the shop asks, and when")
