"""Reading the TOML files that say what a simulated store is like."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from crm_course.errors import WrongCall
from crm_course.models import FrozenModel

HERE = Path(__file__).parents[1]
FOLDERS = {"scenario": "scenarios", "policy": "policies"}


class Settings(FrozenModel):
    """A part of a scenario or policy: every key is known, and none changes once read."""


Share = Annotated[float, Field(ge=0, le=1)]
AnySettings = TypeVar("AnySettings", bound=Settings)


def read_settings(kind: type[AnySettings], name: str | Path) -> AnySettings:
    """Read a scenario or policy that comes with the course, or a TOML file of one's own.

    A file with ``like = "beauty"`` has every top-level key that it does not tell from there.

    Parameters
    ----------
    kind : type
        ``Scenario`` or ``Policy``: the model that the file must fit.
    name : str or Path
        A name such as ``"beauty"``, or the path of a file that ends in ``.toml``.

    Raises
    ------
    WrongCall
        If there is no such file, neither the one named by ``like``, or a key of it is unknown, missing or out of range.
    """
    noun = kind.__name__.lower()
    folder = HERE / FOLDERS[noun]
    own = str(name).endswith(".toml")
    path = Path(name).expanduser() if own else folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        what = f"{name}: there is no such file" if own else f"there is no {noun} {str(name)!r}"
        raise WrongCall(f"{what}; choose {known}, or a TOML file of your own")
    try:
        return kind.model_validate(_with_model(tomllib.loads(path.read_text(encoding="utf-8")), folder))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongCall(f"{path}: not a TOML file ({error}); correct it") from error
    except OSError as error:
        raise WrongCall(f"{path}: cannot be read ({error.strerror}); choose another") from error
    except ValidationError as error:
        raise WrongCall(f"{path}: {_first_problem(error)}") from None


def _with_model(told: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Take from the file named by `like` every top-level key that is not told."""
    if "like" not in told:
        return told
    model = folder / f"{told.pop('like')}.toml"
    if not model.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise WrongCall(f"like: there is no {model.stem!r}; choose {known}")
    return _with_model(tomllib.loads(model.read_text(encoding="utf-8")), folder) | told


def _first_problem(error: ValidationError) -> str:
    problems = error.errors()
    first = problems[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    if first["type"] == "extra_forbidden":
        return f"unknown key {key}{more}; remove it or correct its spelling"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key}: {message}{more}; correct it in the file"
