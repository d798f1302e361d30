"""The parts of an import mapping, one class a part."""

from __future__ import annotations

import codecs
import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from crm_course.models import StrictModel

Stage = Literal["classified_at", "assigned_at", "solved_at", "replied_at", "followed_up_at"]


class Reader(StrictModel):
    """How the lines of the export are cut into columns."""

    separator: str = Field(
        default="auto", min_length=1, description="the character between columns, or the word whitespace or auto"
    )
    header: bool = Field(description="whether the first line names the columns")
    columns: list[str] = Field(default=[], description="names of the columns in order, where no header names them")
    encoding: str = Field(default="auto", description="how letters are written, as Python names it, or auto")
    decimal: Literal["auto", ".", ","] = Field(default="auto", description="the sign before the cents")
    empty: list[str] = Field(default=[], description="words that stand for nothing")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            return name if name == "auto" else codecs.lookup(name).name
        except LookupError as error:
            raise ValueError(f"{name!r} is not an encoding such as utf-8") from error

    @model_validator(mode="after")
    def _columns_are_named(self) -> Reader:
        if self.header == bool(self.columns):
            raise ValueError("name the columns where there is no header, and only there")
        if self.separator not in ("whitespace", "auto") and len(self.separator) != 1:
            raise ValueError("separator is one character, or the word whitespace or auto")
        return self


class Columns(StrictModel):
    """Which column of the export is which of the course.

    Several columns of a customer or product: the first that is filled counts. Several of a time are
    joined by a blank.
    """

    order_id: str | None = None
    customer_id: list[str]
    ordered_at: list[str]
    quantity: str | None = Field(default=None, description="units; without it, one")
    amount: str | None = Field(default=None, description="what the line or order came to, before discount")
    unit_price: str | None = Field(default=None, description="price of a unit before discount")
    discount: str | None = Field(default=None, description="taken off this line; its sign does not matter")
    order_amount: str | None = Field(default=None, description="what all lines of the order came to, after discount")
    order_total: str | None = Field(default=None, description="the same with tax and postage")
    order_refunded: str | None = Field(default=None, description="given back of the order's total")
    product_id: list[str] = Field(default=[])
    product_name: str | None = None
    category: str | None = None
    store: str | None = None
    currency: str | None = None

    @field_validator("customer_id", "ordered_at", "product_id", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return [given] if isinstance(given, str) else given

    def named(self) -> list[str]:
        """List every column of the export that is used."""
        return [column for field in type(self).model_fields for column in self.of(field)]

    def of(self, field: str) -> list[str]:
        """List the columns that a field comes from; none when the export has none."""
        given = getattr(self, field)
        return given if isinstance(given, list) else [given] if given else []


class Items(StrictModel):
    """Columns that hold one item each, written as ``name:Fern|quantity:2|total:32.00``."""

    starts_with: str = Field(description="how the names of these columns begin")
    name: str
    product_id: list[str]
    quantity: str
    amount: str = Field(description="what the item came to before discount")
    net: str = Field(description="what it came to after discount")


class ReturnRule(StrictModel):
    """Which rows give goods back."""

    order_prefix: str = Field(default="", description="letters before the order's number")
    column: str = Field(default="", description="a column that says so")
    words: list[str] = Field(default=[], description="what it holds when this row gives goods back")
    whole_order: list[str] = Field(default=[], description="what it holds when all of the order was given back later")


class Rule(StrictModel):
    """Rows that are no sales, and why."""

    column: str
    words: list[str] = Field(default=[], description="it holds one of these, in whatever case")
    other_than: list[str] = Field(default=[], description="it holds none of these, and is not empty")
    pattern: str = Field(default="", description="it holds something of this form (a regular expression)")
    filled: bool = Field(default=False, description="it holds anything at all")
    reason: str = Field(min_length=1, description="what such a row is")

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression ({error})") from error
        return pattern


class Consent(StrictModel):
    """A column that says whether the customer agreed to be written to."""

    column: str
    yes: list[str] = Field(default=["yes", "true", "1"])
    no: list[str] = Field(default=["no", "false", "0"])
    purpose: Literal["marketing", "profiling", "service", "sharing"] = "marketing"
    channel: Literal["email", "sms", "whatsapp", "phone", "post"] = "email"


class Vocabulary(StrictModel):
    """A column whose words are other than the course's."""

    column: str
    words: dict[str, str] = Field(description="for each word of the course, a form to be found in the text")


class Complaint(StrictModel):
    """How a register tells of complaints; ``columns.ordered_at`` is when one was accepted."""

    alone: bool = Field(default=False, description="a store of its own: the register names no order of the shop")
    complaint_id: str
    stages: dict[Literal["classified_at", "assigned_at", "solved_at", "replied_at", "followed_up_at"], str] = Field(
        default={}
    )
    words: dict[Literal["category", "severity", "outcome", "satisfied", "service"], Vocabulary]
    compensation: str = ""
    repeat_of: str = ""

    @model_validator(mode="after")
    def _has_categories(self) -> Complaint:
        if "category" not in self.words:
            raise ValueError("words needs category")
        return self
