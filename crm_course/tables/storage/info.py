"""``store.json``: what holds for the whole store folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError

from crm_course.errors import StoreError
from crm_course.models import StrictModel

SCHEMA_VERSION = 1
FILE_NAME = "store.json"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone such as Asia/Hong_Kong") from error
    return name


class StoreInfo(StrictModel):
    """What holds for a whole store."""

    schema_version: int = Field(
        default=SCHEMA_VERSION, ge=1, le=SCHEMA_VERSION, description="version of this description of a store"
    )
    name: str = Field(min_length=1, description="what the shop is called on pages and figures")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217 code of the store's one currency")
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(description="decides what a day is")
    as_of: dt.date = Field(
        ge=dt.date(1900, 1, 1), lt=dt.date(2200, 1, 1), description="last local day that the data cover, to its end"
    )
    source: str = Field(description="where the data came from, in words")

    @property
    def end(self) -> dt.datetime:
        """The moment at which the last local day is over, in UTC; every time in the data lies before it."""
        return end_of_day(self.as_of, self.time_zone)


def end_of_day(day: dt.date, time_zone: str) -> dt.datetime:
    """Give the moment, in UTC, at which a local day is over, also where clocks change at midnight."""
    next_midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(time_zone))
    return next_midnight.astimezone(dt.UTC)


def read_info(folder: Path) -> StoreInfo:
    """Read ``store.json`` of a folder.

    Raises
    ------
    StoreError
        If the folder or the file is missing or the file is not what it should be.
    """
    path = folder / FILE_NAME
    if not folder.is_dir():
        raise StoreError(f"{folder}: there is no such folder; make one with `crm-course simulate -o {folder}`")
    info, problems = scan_info(folder)
    if info is None:
        where, what = problems[0]
        raise StoreError(f"{path}: {f'{where}: ' if where else ''}{what}; correct the file")
    return info


def scan_info(folder: Path) -> tuple[StoreInfo | None, list[tuple[str, str]]]:
    """Read ``store.json`` and tell everything that is wrong with it, as pairs of entry and problem."""
    try:
        return StoreInfo.model_validate_json((folder / FILE_NAME).read_bytes()), []
    except FileNotFoundError:
        return None, [("", "is missing, so the folder is not a store; name the folder that holds it")]
    except OSError as error:
        return None, [("", f"cannot be read ({error.strerror})")]
    except ValidationError as error:
        return None, [(".".join(str(part) for part in one["loc"]), one["msg"]) for one in error.errors()]
