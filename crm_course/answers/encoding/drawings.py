"""What a figure shows, as data: marks, labels, ticks, legend. Nothing here needs matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

MARKS = ("line", "bars", "points", "cells", "area")
MAX_PANELS = 12
MAX_MARKS = 200
MAX_POINTS = 20_000
MAX_LABELS = 200
MAX_LABEL = 300

Place = float | str


@dataclass(frozen=True)
class Mark:
    """One line, set of bars, set of points, grid of cells or area.

    Attributes
    ----------
    mark : str
        ``line``, ``bars``, ``points``, ``cells`` or ``area``.
    label : str
        Its name in the legend; empty without one.
    x, y : tuple of float or str
        Where it lies in data units; names on an axis of categories, days since 1970 on one of dates. Bars give
        their place as x and their length as y, whichever way they lie.
    z : tuple of float
        The values of cells; empty for other marks.
    """

    mark: str
    label: str
    x: tuple[Place, ...]
    y: tuple[Place, ...]
    z: tuple[float, ...] = ()


@dataclass(frozen=True)
class Axis:
    """An axis: its label and the texts of its ticks."""

    label: str
    ticks: tuple[str, ...]


@dataclass(frozen=True)
class Panel:
    """One pair of axes with what is drawn on it; notes are texts inside, such as the numbers of a heatmap."""

    title: str
    x: Axis
    y: Axis
    legend: tuple[str, ...]
    notes: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Drawing:
    """A figure: its own title and its panels."""

    title: str
    panels: tuple[Panel, ...]


def is_figure(value: Any) -> bool:
    """Say, without importing matplotlib, whether a value is an Axes, a Figure, a seaborn grid or an array of Axes."""
    if issubclass(type(value), np.ndarray):
        return np.ndarray.__len__(value) > 0 and value.dtype == object and is_figure(np.ndarray.item(value, 0))
    return any(
        (kind.__module__.startswith("matplotlib.axes") and kind.__name__ == "Axes")
        or (kind.__module__ == "matplotlib.figure" and kind.__name__ in ("Figure", "FigureBase"))
        or (kind.__module__ == "seaborn.axisgrid" and kind.__name__ in ("_BaseGrid", "Grid"))
        for kind in type(value).__mro__
    )
