"""What customers feel and how they answer (scenario), and whom the shop asks, and when (policy)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from crm_course.simulator.settings.settings_file import Settings, Share

OpenShare = Annotated[float, Field(gt=0, lt=1)]
Spread = Annotated[float, Field(ge=0)]
Dimension = Literal["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
Driver = Literal["tangibles", "reliability", "responsiveness", "assurance", "empathy", "value"]
Level = Annotated[float, Field(ge=1, le=7)]
DRIVERS: tuple[Driver, ...] = ("tangibles", "reliability", "responsiveness", "assurance", "empathy", "value")
SERVICE = DRIVERS[:5]


class Rival(Settings):
    """A competitor, and how its service is."""

    name: Literal["A", "B", "C"]
    known: OpenShare = Field(description="share of our customers of median generosity who know it")
    quality: dict[Dimension, Level] = Field(description="mean true perception of each dimension, points of 1 to 7")

    @model_validator(mode="after")
    def _all_dimensions(self) -> Rival:
        if missing := set(SERVICE) - set(self.quality):
            raise ValueError(f"quality of {', '.join(sorted(missing))} is missing")
        return self


class Answering(Settings):
    """How answers come about, given what a customer feels."""

    generosity_spread: Spread = Field(description="standard deviation of raters' generosity, points of 1 to 7")
    critics_know_more: Spread = Field(
        description="log odds of knowing a competitor gained for each standard deviation less generous"
    )
    fondness_spread: Spread = Field(description="standard deviation of a rater's view of one competitor, points")
    noise: Spread = Field(description="standard deviation of one answer, points of 1 to 7")
    skipped: Share = Field(description="probability that an item is left out")
    responded: OpenShare = Field(description="probability of an answer, of a new customer of mean satisfaction")
    responded_satisfaction: float = Field(description="its log odds gained for each point of satisfaction")
    responded_years: float = Field(description="its log odds gained for each year as a customer, up to five")
    anonymous: Share = Field(description="share of the questionnaires filled in without signing in")
    telescoping: float = Field(gt=0, description="spend recalled in relation to spend made, of the median customer")
    recall_spread: Spread = Field(description="standard deviation of that over customers, log units")
    recall_noise: Spread = Field(description="standard deviation of one recalled amount, log units")


class SurveySettings(Settings):
    """Satisfaction, competitors and wallets, and how customers answer when asked."""

    quality: dict[Driver, Level] = Field(description="mean true perception of us by driver, points of 1 to 7")
    weights: dict[Driver, Annotated[float, Field(ge=0)]] = Field(
        description="true weight of each driver in satisfaction, in relation to each other"
    )
    general_spread: Spread = Field(description="standard deviation of general satisfaction over customers, points")
    general_with_leaving: float = Field(
        gt=-1, lt=1, description="correlation of general satisfaction with the drop-out probability"
    )
    own_spread: Spread = Field(description="standard deviation of each driver's own perception, points")
    drift: Spread = Field(description="standard deviation of satisfaction from wave to wave, points")
    late_effect: Spread = Field(description="points of reliability lost for each failure of the last 180 days")
    severity_weights: tuple[float, float, float] = Field(description="the same by severity: low, medium, high")
    mended: float = Field(ge=-1, le=1, description="share of it that is left after recovery; below 0: it pleases")
    recommend_mean: float = Field(ge=0, le=10, description="willingness to recommend at mean satisfaction, 0 to 10")
    recommend_slope: float = Field(description="points of 0 to 10 for each point of satisfaction")
    overall_mean: float = Field(ge=1, le=5, description="overall satisfaction stated at mean satisfaction, 1 to 5")
    overall_slope: float = Field(description="points of 1 to 5 for each point of satisfaction")
    rivals: list[Rival] = Field(default=[])
    wallet_noise: Spread = Field(description="standard deviation of a year's spend elsewhere, log units")
    answering: Answering

    @model_validator(mode="after")
    def _all_drivers(self) -> SurveySettings:
        for name, known in (("quality", self.quality), ("weights", self.weights)):
            if missing := set(DRIVERS) - set(known):
                raise ValueError(f"{name} of {', '.join(sorted(missing))} is missing")
        if sum(self.weights.values()) <= 0:
            raise ValueError("weights: at least one must be above 0")
        if len({rival.name for rival in self.rivals}) < len(self.rivals):
            raise ValueError("a competitor is there twice among the rivals")
        return self


class SurveyPolicy(Settings):
    """Whom the shop asks, and when."""

    waves: list[Annotated[str, Field(pattern=r"^\d\d-\d\d$")]] = Field(description="days of the year, MM-DD")
    wallet_waves: list[Annotated[str, Field(pattern=r"^\d\d-\d\d$")]] = Field(
        default=[], description="those waves that ask about spend here and elsewhere as well"
    )
    open_days: int = Field(ge=1, le=60, description="days in which a wave can be answered")
    active_days: int = Field(ge=1, le=1000, description="only who bought in so many days before is asked")
    invited: Share = Field(description="share of those who may be asked who are, anew in each wave")
    panel: Share = Field(description="share of the customers who are asked in every wave")
    purpose: Literal["marketing", "profiling", "service", "sharing"] = Field(
        description="consent on which the invitation stands"
    )
    channel: Literal["email", "sms", "whatsapp", "phone", "post"] = Field(description="way of that consent")

    @model_validator(mode="after")
    def _known_waves(self) -> SurveyPolicy:
        if unknown := set(self.wallet_waves) - set(self.waves):
            raise ValueError(f"wallet_waves: {', '.join(sorted(unknown))} is no wave")
        return self
