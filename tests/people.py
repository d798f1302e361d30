"""What every room of methods and plots owes to small groups: each public function is named, and those that group people
hand on what is hidden where it is shown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.text import Text

from crm_course.tables.small_groups import is_marked, shown

SECRET = 77_777.0  # a figure of a group of 1 to 4 people, which nobody may see


def public_functions(*rooms: str) -> set[str]:
    """Every public function that is made in a room, as ``module.function``."""
    found = set()
    for room in rooms:
        for part in iter_modules([str(Path(import_module(room).__file__).parent)]):
            module = import_module(f"{room}.{part.name}")
            found |= {
                f"{part.name}.{name}"
                for name, made in vars(module).items()
                if inspect.isfunction(made) and not name.startswith("_") and made.__module__ == module.__name__
            }
    return found


def check_all_are_named(rooms: list[str], groups: Mapping[str, object], others: Mapping[str, str]) -> None:
    """A function either groups people, and is tried, or says of what its rows are."""
    assert set(groups) & set(others) == set()
    assert public_functions(*rooms) == set(groups) | set(others)
    assert all(others.values())


def check_hides(table: pd.DataFrame | pd.Series, small: list[object]) -> None:
    """What a function made of groups of 1 to 4 people is marked, and nothing of the small groups is shown."""
    assert is_marked(table)
    seen = shown(table, k=5)
    rows = seen.loc[small]
    figures = rows.select_dtypes(exclude=["object", "string", "category"]) if seen.ndim == 2 else rows
    assert len(rows) and figures.isna().to_numpy().all()
    assert not (seen.select_dtypes("number") if seen.ndim == 2 else seen).isna().to_numpy().all()


def numbers_drawn(ax: Axes) -> list[float]:
    """Every number that a plot places, and every one that its words tell."""
    placed: list[float] = []
    for line in ax.lines:
        placed += [float(number) for number in np.ravel(line.get_xydata())]
    for patch in ax.patches:
        placed += list(np.ravel(patch.get_extents().transformed(ax.transData.inverted()).get_points()))
    for one in ax.collections:
        placed += _of_collection(one)
    told = " ".join(str(text.get_text()).replace(",", "") for text in ax.findobj(Text))
    return placed + [float(number) for number in re.findall(r"\d+(?:\.\d+)?", told)]


def _of_collection(one: Collection) -> list[float]:
    values = [np.ravel(np.ma.filled(np.ma.asarray(one.get_offsets(), float), np.nan))]
    if one.get_array() is not None:
        values.append(np.ravel(np.ma.filled(np.ma.asarray(one.get_array(), float), np.nan)))
    values += [np.ravel(path.vertices) for path in one.get_paths()]
    return [float(number) for number in np.concatenate(values)]


def check_draws_nothing_of(ax: Axes, secret: float = SECRET) -> None:
    """Neither a mark nor a word of a plot is the secret."""
    assert isinstance(ax, Axes)
    assert not any(np.isclose(number, secret) for number in numbers_drawn(ax))


def title(ax: Axes) -> str:
    """Give a plot's title, in whatever place the style has put it."""
    return str(ax.get_title(loc="left") or ax.get_title())
