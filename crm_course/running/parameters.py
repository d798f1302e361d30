"""The parameters of a chapter: what there are, and values for them that fit."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from crm_course.errors import WrongCall
from crm_course.messages import suggestion

Value = str | int | float | bool
RANGE = re.compile(r"(-?\d[\d.]*) to (-?\d[\d.]*)$")
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parameter:
    """One line ``name: type = value  # help`` of the cell tagged ``parameters``.

    Attributes
    ----------
    name, type, default, help : str
        As written; `type` is that of the default where no annotation stands.
    """

    name: str
    type: str
    default: str
    help: str

    @property
    def limits(self) -> tuple[float, float] | None:
        """The range that the help ends with, as in ``of the draws, 1 to 1000``; None where it names none."""
        found = RANGE.search(self.help)
        return (float(found[1]), float(found[2])) if found and self.type in ("int", "float") else None

    @property
    def default_value(self) -> Value | None:
        """The default as a value; None where it is not a plain one."""
        try:
            value = ast.literal_eval(self.default)
        except (ValueError, SyntaxError):
            return None
        return value if isinstance(value, (str, int, float)) else None


def parameters_of(notebook: NotebookNode) -> dict[str, Parameter]:
    """Read the cell tagged ``parameters``, as papermill reads it."""
    tagged = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    cell = next(tagged, None)
    if cell is None:
        return {}
    from papermill.translators import PythonTranslator  # not above: papermill itself imports this module

    found = {}
    for line in PythonTranslator.inspect(cell):
        given = Parameter(line.name, line.inferred_type_name, line.default, line.help)
        if given.type == "None":
            given = Parameter(given.name, type(given.default_value).__name__, given.default, given.help)
        found[given.name] = given
    return found


def pairs(given: list[str]) -> dict[str, str]:
    """Take ``name=value`` texts of a command line apart.

    Raises
    ------
    WrongCall
        If one has no ``=``.

    Examples
    --------
    >>> pairs(["draws=500", "note=a=b"])
    {'draws': '500', 'note': 'a=b'}
    """
    for text in given:
        if "=" not in text:
            raise WrongCall(f"-p {text}: write -p name=value")
    return {name.strip(): value for name, _, value in (text.partition("=") for text in given)}


def convert(known: Mapping[str, Parameter], given: Mapping[str, object], chapter: str) -> dict[str, Value]:
    """Convert given values by the annotations of a chapter's parameters; ``data`` becomes an absolute path.

    Raises
    ------
    WrongCall
        If a parameter does not exist, or a value cannot be of its type.
    """
    for name in given:
        if name not in known:
            there_are = f"there are {', '.join(known)}" if known else "the chapter takes none"
            raise WrongCall(f"{chapter} has no parameter {name!r}{suggestion(name, known)}; {there_are}")
    values = {name: _converted(known[name], value) for name, value in given.items()}
    if "data" in values:
        values["data"] = str(Path(str(values["data"])).expanduser().absolute())
    return values


def _converted(parameter: Parameter, value: object) -> Value:
    if parameter.type not in CONVERTERS:
        raise WrongCall(
            f"parameter {parameter.name} is a {parameter.type}, which cannot be given; change it in the chapter"
        )
    expected, converter = CONVERTERS[parameter.type]
    try:
        converted = converter(value)
    except (ValueError, TypeError, KeyError, OverflowError):
        shown = f'"{value}"' if isinstance(value, str) else repr(value)
        raise WrongCall(f"parameter {parameter.name}: {shown} is not {expected}") from None
    if parameter.limits and not parameter.limits[0] <= float(converted) <= parameter.limits[1]:
        low, high = parameter.limits
        raise WrongCall(f"parameter {parameter.name}: {converted} is not from {low:g} to {high:.15g}")
    return converted


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _whole(value: object) -> int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError
        return int(value)
    return int(value)  # type: ignore[call-overload, no-any-return] # what is no number raises


def _number(value: object) -> float:
    if isinstance(value, bool) or not math.isfinite(number := float(value)):  # type: ignore[arg-type]
        raise ValueError
    return number


def _truth(value: object) -> bool:
    return value if isinstance(value, bool) else TRUTHS[str(value).strip().lower()]


CONVERTERS: dict[str, tuple[str, Callable[[object], Value]]] = {
    "str": ("a text", _text),
    "int": ("a whole number", _whole),
    "float": ("a number", _number),
    "bool": ("true or false", _truth),
}
