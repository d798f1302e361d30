"""Import mappings: which column of an export is which column of the course, as a small YAML file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Dictionary
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from crm_course import resources
from crm_course.errors import WrongCall
from crm_course.models import StrictModel
from crm_course.tables.imports.sources.mapping_parts import (
    Columns,
    Complaint,
    Consent,
    Items,
    Reader,
    ReturnRule,
    Rule,
)
from crm_course.tables.storage.info import StoreInfo

SUFFIXES = (".yml", ".yaml")
Kind = Literal["name", "phone", "email", "address", "other"]


class Shop(StoreInfo):
    """What holds for the whole shop; without a last day, it is the last day of the export."""

    as_of: dt.date | None = None  # type: ignore[assignment]

    def info(self, last_day: dt.date) -> StoreInfo:
        """Give what ``store.json`` says."""
        return StoreInfo.model_validate({**self.model_dump(), "as_of": self.as_of or last_day})


class DefaultFile(StrictModel):
    """A file that an installed package ships."""

    package: str
    path: str

    def find(self) -> Path:
        """Give the file without importing the package.

        Raises
        ------
        WrongCall
            If the package or the file is not there.
        """
        spec = find_spec(self.package)
        folders = (spec.submodule_search_locations if spec else None) or []
        for folder in folders:
            if (path := Path(folder) / self.path).is_file():
                return path
        raise WrongCall(f"{self.path} of the package {self.package} is not installed; name the file to import")


class Mapping(StrictModel):
    """An import mapping: what an export of one system looks like and what it means."""

    store: Shop
    reader: Reader
    default_file: DefaultFile | None = None
    row_is: Literal["order", "line", "complaint"] = Field(description="what one row of the export is")
    columns: Columns
    aliases: dict[str, list[str]] = Field(default={}, description="other names under which a column comes")
    date_format: list[str] = Field(description="how times are written, as strptime reads them; several: tried in turn")
    channel: str = Field(default="", description="where everything in the export was sold")
    unknown_customers: Literal["refuse", "keep"] = Field(default="refuse", description="orders that name nobody")
    customers_are_pseudonyms: bool = Field(default=False, description="whether customer numbers mean nothing outside")
    lowest_price: float = Field(default=0, ge=0, description="a unit below this is no sale")
    repeats: Literal["keep", "refuse"] = Field(default="keep", description="the same line twice in one file")
    orders_whole: bool = Field(default=False, description="whether an export holds all lines of an order")
    first_line_only: list[str] = Field(default=[], description="columns filled on the first line of an order only")
    items: Items | None = Field(default=None, description="columns that hold one item each")
    returns: ReturnRule | None = None
    not_sales: list[Rule] = Field(default=[], description="rows that are no sales")
    identities: dict[Kind, list[str]] = Field(default={}, description="columns that tell who somebody is")
    consent: Consent | None = None
    complaint: Complaint | None = Field(default=None, description="what rows that are complaints tell")

    @field_validator("date_format", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return [given] if isinstance(given, str) else given

    @model_validator(mode="after")
    def _columns_exist(self) -> Mapping:
        strange = sorted(set(self.columns.named()) - set(self.reader.columns))
        if strange and not self.reader.header:
            raise ValueError(f"columns names {', '.join(strange)}, which reader.columns does not have")
        return self

    @model_validator(mode="after")
    def _lines_belong_to_orders(self) -> Mapping:
        if self.row_is == "line" and not self.columns.order_id:
            raise ValueError("rows that are lines need columns.order_id")
        if (self.row_is == "complaint") != (self.complaint is not None):
            raise ValueError("rows that are complaints, and only they, need the part complaint")
        if not self.items and not self.complaint and not (self.columns.amount or self.columns.unit_price):
            raise ValueError("columns needs amount or unit_price")
        return self

    def also_used(self) -> list[str]:
        """List the columns that are read beside those of ``columns``."""
        told = self.complaint
        of_complaints = [told.complaint_id, told.compensation, told.repeat_of, *told.stages.values()] if told else []
        of_complaints += [words.column for words in told.words.values()] if told else []
        of_rules = [rule.column for rule in self.not_sales] + ([self.returns.column] if self.returns else [])
        return [name for name in dict.fromkeys([*of_rules, *of_complaints]) if name]

    def needed(self) -> list[str]:
        """List the columns without which an export cannot be read."""
        columns = self.columns
        customer = columns.customer_id if len(columns.customer_id) == 1 else []
        money = [column for column in (columns.amount, columns.unit_price) if column]
        quantity = [column for column in (columns.quantity, columns.order_id) if column]
        if self.complaint:
            return [*columns.ordered_at, self.complaint.complaint_id, self.complaint.words["category"].column]
        return [*customer, *columns.ordered_at, *quantity[:1], *money, *quantity[1:]]

    @property
    def joins_a_store(self) -> bool:
        """Whether its rows are complaints that are added to a store which has the orders."""
        return self.complaint is not None and not self.complaint.alone

    @property
    def identity_columns(self) -> dict[str, str]:
        """Columns that say who somebody is, each with its kind."""
        return {column: kind for kind, columns in self.identities.items() for column in columns}


def mapping_names() -> list[str]:
    """List the mappings that the course brings."""
    return sorted(path.stem for path in (resources.datasets() / "mappings").glob("*.yml"))


def read_mapping(name: str, changes: Dictionary[str, object] | None = None) -> Mapping:
    """Read a mapping by its name, or from a YAML file.

    Parameters
    ----------
    name : str
        Name of a mapping of the course, or a ``.yml`` file.
    changes : dict, optional
        Entries of ``store`` and ``reader`` in place of the mapping's own: ``{"store.currency": "USD"}``.

    Raises
    ------
    WrongCall
        If there is no such mapping, or an entry of it is unknown, missing or wrong.
    """
    path = _path(name)
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(_changed(entries, changes or {}))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise WrongCall(f"{path}{line}: is not YAML ({getattr(error, 'problem', None) or error}); correct it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongCall(f"{path}: cannot be read ({error}); name a mapping file") from None
    except ValidationError as error:
        raise WrongCall(f"{path}: {_told(error)}; correct it") from None


def _changed(entries: object, changes: Dictionary[str, object]) -> object:
    for where, value in changes.items():
        part, _, entry = where.partition(".")
        if value and isinstance(entries, dict) and isinstance(entries.get(part), dict):
            entries[part][entry] = value
    return entries


def _path(name: str) -> Path:
    if name.endswith(SUFFIXES):
        return Path(name).expanduser()
    path = resources.datasets() / "mappings" / f"{name}.yml"
    if name not in mapping_names():
        raise WrongCall(f"there is no mapping {name!r}; there are {', '.join(mapping_names())}, or name a .yml file")
    return path


def _told(error: ValidationError) -> str:
    problems = []
    for one in error.errors():
        where = ".".join(str(part) for part in one["loc"]) or "the file"
        what = {"extra_forbidden": "is no key of a mapping", "missing": "is missing"}.get(one["type"], one["msg"])
        problems.append(f"{where}: {what}")
    return ", ".join(problems)
