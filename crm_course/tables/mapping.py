"""Import mappings: which column of an export is which column of the course, as a small YAML file."""

from __future__ import annotations

import codecs
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from crm_course import resources
from crm_course.errors import WrongCall
from crm_course.tables.info import StoreInfo

SUFFIXES = (".yml", ".yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Reader(_Part):
    """How the lines of the export are cut into columns."""

    separator: str = Field(min_length=1, description="the character between columns, or the word whitespace")
    header: bool = Field(description="whether the first line names the columns")
    columns: list[str] = Field(default=[], description="names of the columns in order, where no header names them")
    encoding: str = Field(default="utf-8-sig", description="how letters are written, as Python names it")

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name
        except LookupError as error:
            raise ValueError(f"{name!r} is not an encoding such as utf-8") from error

    @model_validator(mode="after")
    def _columns_are_named(self) -> Reader:
        if self.header == bool(self.columns):
            raise ValueError("name the columns where there is no header, and only there")
        if self.separator != "whitespace" and len(self.separator) != 1:
            raise ValueError("separator is one character, or the word whitespace")
        return self


class DefaultFile(_Part):
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


class Columns(_Part):
    """Which column of the export is which of the course."""

    customer_id: str
    ordered_at: str
    quantity: str
    amount: str


class Mapping(_Part):
    """An import mapping: what an export of one system looks like and what it means."""

    store: StoreInfo
    reader: Reader
    default_file: DefaultFile | None = None
    row_is: Literal["order"] = Field(description="what one row of the export is")
    columns: Columns
    date_format: str = Field(description="how days are written, as strptime reads them")

    @model_validator(mode="after")
    def _columns_exist(self) -> Mapping:
        strange = sorted(set(self.columns.model_dump().values()) - set(self.reader.columns))
        if strange and not self.reader.header:
            raise ValueError(f"columns names {', '.join(strange)}, which reader.columns does not have")
        return self


def mapping_names() -> list[str]:
    """List the mappings that the course brings."""
    return sorted(path.stem for path in (resources.datasets() / "mappings").glob("*.yml"))


def read_mapping(name: str) -> Mapping:
    """Read a mapping by its name, or from a YAML file.

    Raises
    ------
    WrongCall
        If there is no such mapping, or an entry of it is unknown, missing or wrong.
    """
    path = _path(name)
    try:
        return Mapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise WrongCall(f"{path}{line}: is not YAML ({getattr(error, 'problem', None) or error}); correct it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongCall(f"{path}: cannot be read ({error}); name a mapping file") from None
    except ValidationError as error:
        raise WrongCall(f"{path}: {_told(error)}; correct it") from None


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
