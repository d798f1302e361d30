"""What the shop does in service: opening hours, staffing, complaint rules. Part of a policy."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from crm_course.simulator.settings.settings_file import Settings

HourOfDay = Annotated[int, Field(ge=0, le=24)]


class ClosedDays(Settings):
    """Days of the year without service."""

    anchor: str = Field(description="lunar_new_year, mid_autumn, or a day such as 12-25")
    days: int = Field(ge=1, le=30, description="length, days")


class Opening(Settings):
    """Hours of service; on the clock of service hours, nothing passes outside them."""

    hours: tuple[HourOfDay, HourOfDay] = Field(description="first hour and the hour after the last, on ordinary days")
    holiday_hours: tuple[HourOfDay, HourOfDay] = Field(description="the same on public holidays")
    closed: list[ClosedDays] = Field(default=[], description="days without service")

    @model_validator(mode="after")
    def _hours_in_order(self) -> Opening:
        first, after = self.hours
        if first >= after or not first <= self.holiday_hours[0] < self.holiday_hours[1] <= after:
            raise ValueError("hours must be in order, and holiday_hours within hours")
        return self


class Shift(Settings):
    """Hours that an agent works in a day."""

    name: str = Field(min_length=1, description="word in the agents table")
    hours: tuple[HourOfDay, HourOfDay] = Field(description="first hour and the hour after the last")


class Staffing(Settings):
    """How many agents: offered load R plus a safety of beta times the root of R (square-root staffing)."""

    safety: float = Field(ge=-2, le=10, description="beta: agents beyond the load, in roots of the load")
    early: Shift = Field(description="shift that opens")
    late: Shift = Field(description="shift that closes")
    replies_per_hour: Annotated[float, Field(gt=0)] = Field(
        description="written contacts that an agent answers an hour"
    )


class ComplaintChange(Settings):
    """A change of the rules for complaints inside the data, in some shops first."""

    announced_days: int = Field(ge=1, description="days before the end of the data at which it is announced")
    in_force_days: int = Field(ge=1, description="days before the end at which it is in force in the first shops")
    elsewhere_days: int = Field(ge=0, description="days before the end at which it is in force elsewhere; 0 for never")
    first_share: Annotated[float, Field(gt=0, le=1)] = Field(description="share of the shops that begin")
    speed: Annotated[float, Field(gt=0, le=3)] = Field(description="factor on the time from assignment to solution")

    @model_validator(mode="after")
    def _days_in_order(self) -> ComplaintChange:
        if not self.announced_days >= self.in_force_days >= self.elsewhere_days:
            raise ValueError("announced_days, in_force_days and elsewhere_days must not grow")
        return self


class Compensation(Settings):
    """What a complaint that is not turned down brings."""

    refund: Annotated[float, Field(ge=0, le=1)] = Field(
        description="share of product complaints refunded, not replaced"
    )
    voucher: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=3, max_length=3)] = Field(
        description="voucher for a service failure of low, medium, high severity, share of the order; 0: an apology"
    )
    most: Annotated[float, Field(ge=0)] = Field(description="largest voucher, currency units")


class ServicePolicy(Settings):
    """What the shop does in service."""

    opening: Opening
    staffing: Staffing
    complaint_change: ComplaintChange | None = Field(default=None, description="none: the rules stay as they were")
    compensation: Compensation

    @model_validator(mode="after")
    def _shifts_cover_the_opening(self) -> ServicePolicy:
        (first, after), early, late = self.opening.hours, self.staffing.early.hours, self.staffing.late.hours
        if early[0] > first or late[1] < after or late[0] > early[1] or early[0] >= early[1] or late[0] >= late[1]:
            raise ValueError("staffing: the shifts early and late must cover the opening hours")
        return self
