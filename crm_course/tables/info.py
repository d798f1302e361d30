"""``store.json``: what holds for the whole store folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from crm_course.errors import StoreError

SCHEMA_VERSION = 1
FILE_NAME = "store.json"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone such as Asia/Hong_Kong") from error
    return name


class StoreInfo(BaseModel):
    """What holds for a whole store."""

    model_config = ConfigDict(extra="forbid")

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1, le=SCHEMA_VERSION)
    name: str = Field(min_length=1, description="what the shop is called on pages and figures")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217 code of the store's one currency")
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(description="decides what a day is")
    as_of: dt.date = Field(description="last local day that the data cover, to its end")
    source: str = Field(description="where the data came from, in words")


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
    if not path.is_file():
        raise StoreError(f"{folder}: not a store folder, {FILE_NAME} is missing; name the folder that holds it")
    try:
        return StoreInfo.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise StoreError(f"{path}: {where}: {first['msg']}; correct it in the file") from None
