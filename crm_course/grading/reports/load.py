"""Reading what the grader wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from crm_course.errors import CourseError
from crm_course.grading.findings import FOR_A_PAGE, VERSION, ClassResult, Result
from crm_course.grading.reports.wording import clean_all
from crm_course.messages import cut

MAX_FILE = 512_000_000  # bytes
ANSWERS = frozenset({"given", "expected"})  # read by crm_course.answers.decode, cleaned where they are shown

Model = TypeVar("Model", bound=BaseModel)


def read_result(path: Path | str) -> Result:
    """Read the result of one trainee.

    Parameters
    ----------
    path : path
        ``result.json``, version 1.

    Returns
    -------
    Result
        Its texts are without control codes and cut to a length that a page can show.

    Raises
    ------
    CourseError
        If the file cannot be read or is no result.
    """
    return _read(Path(path), Result)


def read_class(path: Path | str) -> ClassResult:
    """Read the results of a class.

    Parameters
    ----------
    path : path
        ``class.json``, version 1.

    Raises
    ------
    CourseError
        If the file cannot be read or holds no results.
    """
    return _read(Path(path), ClassResult)


def _read(path: Path, model: type[Model]) -> Model:
    try:
        if path.stat().st_size > MAX_FILE:
            raise CourseError(f"{path}: is larger than {MAX_FILE / 1e6:g} MB; grade the submissions again")
        plain = json.loads(path.read_bytes())
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error.strerror}); grade the submissions first") from None
    except (ValueError, RecursionError):
        raise CourseError(f"{path}: is damaged, no JSON; grade the submissions again") from None
    return _checked(path, plain, model)


def _checked(path: Path, plain: Any, model: type[Model]) -> Model:
    if not isinstance(plain, dict) or plain.get("v") != VERSION:
        raise CourseError(f"{path}: is no result of version 1; grade the submissions again with this course")
    try:
        return model.model_validate(clean_all(plain, ANSWERS), context=FOR_A_PAGE)
    except ValidationError as error:
        first = error.errors()[0]
        where = cut(".".join(str(part) for part in first["loc"]), 80)
        raise CourseError(f"{path}: {where}: {cut(first['msg'], 160)}; grade the submissions again") from None
    except RecursionError:
        raise CourseError(f"{path}: is nested too deeply; grade the submissions again") from None
