"""A figure drawn again from the data that it showed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis

from crm_course.plots.style import PALETTE, as_written, new_axes

NAMES = 10  # ticks with a name
CELLS = 40_000
LEGEND = 6


def plot_redrawn(marks: pd.DataFrame, xlabel: str, ylabel: str, title: str, ax: Axes | None = None) -> Axes:
    """Draw lines, bars, points, cells and areas from their data.

    Parameters
    ----------
    marks : DataFrame
        One row a point: ``series`` (number of the mark), ``mark`` (``line``, ``bars``, ``points``, ``cells``,
        ``area``), ``label``, ``x`` and ``y`` (numbers or names), ``z``. ``attrs["lying"]`` says that bars lie,
        ``attrs["dates"]`` which of x and y count days since 1970.
    xlabel, ylabel, title : str
        As the figure has them; empty where it has none.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 3.7, 2.5)
    lying = bool(marks.attrs.get("lying"))
    x, names_x = _numbers(marks["x"])
    y, names_y = _numbers(marks["y"])
    dodge = marks.loc[marks["mark"] == "bars", "series"].unique().tolist() if names_x else []
    for color, (number, rows) in zip(_endless(PALETTE), marks.groupby("series", sort=True), strict=False):
        kind, label = rows["mark"].iloc[0], as_written(rows["label"].iloc[0])
        shift, width = _shift(x[rows.index], number, dodge)
        DRAW[kind](ax, x[rows.index] + shift, y[rows.index], rows["z"], color, label, width, lying)
    for axis, names in ((ax.yaxis if lying else ax.xaxis, names_x), (ax.xaxis if lying else ax.yaxis, names_y)):
        _name(axis, names)
    for name in marks.attrs.get("dates", []):
        axis = getattr(ax, f"{name}axis")
        axis.axis_date()
        locator = mdates.AutoDateLocator(maxticks=5)
        axis.set_major_locator(locator)
        axis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    ax.set_xlabel(as_written(xlabel), fontsize=8.5)
    ax.set_ylabel(as_written(textwrap.fill(ylabel, 30)), fontsize=8.5)
    wide_names = any(len(name) > 6 for name in (names_x if lying else names_y))
    ax.set_title(as_written(textwrap.fill(title, 24 if wide_names else 40)), fontsize=9)
    ax.tick_params(labelsize=8)
    ax.locator_params(axis="both", nbins=5) if not (names_x or names_y or marks.attrs.get("dates")) else None
    labels = ax.get_legend_handles_labels()[1]
    if 0 < len(labels) <= LEGEND:
        ax.legend(fontsize=7.5)
    return ax


def _endless(colors: list[str]) -> Iterator[str]:
    while True:
        yield from colors


def _numbers(places: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Give places as numbers, and their names where they have some."""
    if not any(isinstance(one, str) for one in places):
        return places.to_numpy(dtype=float), []
    codes, names = pd.factorize(places.astype(str))
    return codes.astype(float), [str(name) for name in names]


def _shift(x: np.ndarray, number: int, dodge: list[int]) -> tuple[float, float]:
    """Give how far bars stand aside for those of other series, and how wide they are."""
    if number in dodge:
        width = 0.8 / len(dodge)
        return (dodge.index(number) - (len(dodge) - 1) / 2) * width, width
    gaps = np.diff(np.unique(x))
    return 0.0, 0.8 * float(gaps.min()) if len(gaps) else 0.8


def _line(ax: Axes, x: np.ndarray, y: np.ndarray, _z: pd.Series, color: str, label: str, *_rest: object) -> None:
    ax.plot(x, y, color=color, label=label or None, lw=1.5, marker="o" if len(x) == 1 else None)


def _bars(
    ax: Axes, x: np.ndarray, y: np.ndarray, _z: pd.Series, color: str, label: str, width: float, lying: bool
) -> None:
    (ax.barh if lying else ax.bar)(x, y, width, color=color, lw=0, label=label or None)


def _points(ax: Axes, x: np.ndarray, y: np.ndarray, _z: pd.Series, color: str, label: str, *_rest: object) -> None:
    ax.scatter(x, y, s=9, color=color, alpha=0.7, lw=0, label=label or None)


def _area(ax: Axes, x: np.ndarray, y: np.ndarray, _z: pd.Series, color: str, label: str, *_rest: object) -> None:
    ax.fill(x, y, color=color, alpha=0.25, lw=0, label=label or None)


def _cells(ax: Axes, x: np.ndarray, y: np.ndarray, z: pd.Series, *_rest: object) -> None:
    across, column = np.unique(x, return_inverse=True)
    up, row = np.unique(y, return_inverse=True)
    if len(across) * len(up) > CELLS:
        ax.scatter(x, y, s=9, c=z.to_numpy(dtype=float), cmap="Blues", lw=0)
        return
    grid = np.full((len(up), len(across)), np.nan)
    grid[row, column] = z.to_numpy(dtype=float)
    ax.pcolormesh(across, up, grid, cmap="Blues", shading="nearest")
    ax.invert_yaxis()
    ax.grid(visible=False)


DRAW: dict[str, Callable[..., None]] = {
    "line": _line,
    "bars": _bars,
    "points": _points,
    "area": _area,
    "cells": _cells,
}


def _name(axis: XAxis | YAxis, names: list[str]) -> None:
    if not names:
        return
    step = -(-len(names) // NAMES)
    shown = range(0, len(names), step)
    letters = 16 if axis.axis_name == "y" else 14
    axis.set_ticks(list(shown), [as_written(_cut(names[place], letters)) for place in shown])
    if axis.axis_name == "x" and sum(len(names[place][:letters]) for place in shown) > 32:
        axis.set_tick_params(labelrotation=35)
        for label in axis.get_ticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axis.grid(False)


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"
