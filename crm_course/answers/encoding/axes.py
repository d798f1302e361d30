"""Figures as what they show. Only called with a figure in hand, so matplotlib is there already."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from crm_course.answers.encoding.drawings import MAX_LABEL, MAX_LABELS, MAX_MARKS, MAX_PANELS, MAX_POINTS, Place
from crm_course.answers.values import WrongForm

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.container import BarContainer


def figure(value: object) -> dict[str, Any]:
    """Reduce a figure.

    Parameters
    ----------
    value : Axes, Figure, seaborn grid or array of Axes
        Colour bars and what is invisible are left out.

    Returns
    -------
    dict
        What a `Drawing` holds.

    Raises
    ------
    WrongForm
        If nothing, or too much, is drawn.
    """
    title, axes = _axes(value)
    shown = [ax for ax in axes if ax.get_visible() and ax.get_label() != "<colorbar>"]
    if len(shown) > MAX_PANELS:
        raise WrongForm(f"a figure of {len(shown)} panels, at most {MAX_PANELS}; draw what is asked for")
    panels = [panel for panel in map(_panel, shown) if panel["marks"]]
    marks = [mark for panel in panels for mark in panel["marks"]]
    points = sum(len(mark["x"]) for mark in marks)
    if not marks:
        raise WrongForm("the figure is empty; draw on it before handing it in")
    if len(marks) > MAX_MARKS or points > MAX_POINTS:
        raise WrongForm(
            f"the figure draws {points:,} points in {len(marks):,} marks, at most {MAX_POINTS:,} in {MAX_MARKS}; "
            "summarise or sample before drawing"
        )
    return {"title": title, "panels": panels}


def _axes(value: Any) -> tuple[str, list[Axes]]:
    if issubclass(type(value), np.ndarray):
        return "", list(value.flat)
    if hasattr(value, "get_xlim"):
        return "", [value]
    sheet = getattr(value, "figure", None) if type(value).__module__.startswith("seaborn") else value
    return _text(sheet.get_suptitle()) if sheet is not None else "", list(sheet.axes) if sheet is not None else []


def _panel(ax: Axes) -> dict[str, Any]:
    legend = ax.get_legend()
    return {
        "title": " ".join(filter(None, (_text(ax.get_title(loc=side)) for side in ("left", "center", "right")))),
        "x": {"label": _text(ax.get_xlabel()), "ticks": _texts(ax.get_xticklabels())},
        "y": {"label": _text(ax.get_ylabel()), "ticks": _texts(ax.get_yticklabels())},
        "legend": _texts(legend.get_texts()) if legend is not None else [],
        "notes": _texts(ax.texts),
        "marks": list(itertools.islice(_marks(ax), MAX_MARKS + 1)),
    }


def _marks(ax: Axes) -> Iterator[dict[str, Any]]:
    across, up = _names(ax.xaxis), _names(ax.yaxis)
    for line in ax.lines:
        if line.get_visible() and all(line.get_transform().contains_branch_seperately(ax.transData)):
            yield from _mark("line", line, line.get_xdata(orig=False), line.get_ydata(orig=False), across, up)
    containers: list[Any] = list(ax.containers)  # told apart by the names of their types, as artists are
    for bars in containers:
        if type(bars).__name__ == "BarContainer":
            yield from _bars(bars, ax)
    artists: list[Any] = [*ax.collections, *ax.images]
    for drawn in artists:
        kinds = {kind.__name__ for kind in type(drawn).__mro__}
        if not drawn.get_visible():
            continue
        if kinds & {"QuadMesh", "AxesImage"}:
            yield from _cells(drawn, "QuadMesh" in kinds, across, up)
        elif "PathCollection" in kinds:
            offsets: np.ndarray = np.ma.filled(np.ma.asarray(drawn.get_offsets(), dtype=float), np.nan).reshape(-1, 2)
            yield from _mark("points", drawn, offsets[:, 0], offsets[:, 1], across, up)
        elif "PolyCollection" in kinds:
            for path in drawn.get_paths():
                yield from _mark("area", drawn, path.vertices[:, 0], path.vertices[:, 1], across, up)


def _mark(
    kind: str, artist: Artist | BarContainer, x: object, y: object, across: dict[float, str], up: dict[float, str]
) -> Iterator[dict[str, Any]]:
    x, y = (np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel() for values in (x, y))
    drawn = np.isfinite(x) & np.isfinite(y)
    if drawn.any():
        yield {
            "mark": kind,
            "label": _label(artist),
            "x": _places(x[drawn], across),
            "y": _places(y[drawn], up),
            "z": [],
        }


def _bars(bars: BarContainer, ax: Axes) -> Iterator[dict[str, Any]]:
    lying = bars.orientation == "horizontal"
    boxes = [bar.get_bbox() for bar in bars.patches]
    centre = np.array([(box.y0 + box.y1 if lying else box.x0 + box.x1) / 2 for box in boxes])
    length = np.array([box.x1 - box.x0 if lying else box.y1 - box.y0 for box in boxes])
    axis = ax.yaxis if lying else ax.xaxis
    yield from _mark("bars", bars, _as_labelled(axis, centre), length, _names(axis), {})


def _cells(drawn: Any, mesh: bool, across: dict[float, str], up: dict[float, str]) -> Iterator[dict[str, Any]]:
    grid: np.ndarray = np.ma.filled(np.ma.asarray(drawn.get_array(), dtype=float), np.nan)
    if grid.ndim != 2 or grid.size > MAX_POINTS:
        return
    rows, columns = np.nonzero(np.ones(grid.shape))
    seen = np.isfinite(grid).ravel()
    middle = 0.5 if mesh else 0.0
    yield {
        "mark": "cells",
        "label": _label(drawn),
        "x": _places(columns[seen] + middle, across),
        "y": _places(rows[seen] + middle, up),
        "z": grid.ravel()[seen].tolist(),
    }


def _ticks(axis: Axis) -> dict[float, str]:
    """Give the texts on an axis of categories by place; nothing for other axes."""
    fixed = type(axis.get_major_locator()).__name__ in ("FixedLocator", "StrCategoryLocator")
    ticks = [float(place) for place in axis.get_majorticklocs()] if fixed else []
    if not ticks or any(abs(gap - 1) > 1e-9 for gap in np.diff(sorted(ticks))):
        return {}
    return dict(zip(ticks, (label.get_text() for label in axis.get_ticklabels()), strict=False))


def _names(axis: Axis) -> dict[float, str]:
    """Give the names on an axis of categories by place; nothing for numbers and dates."""
    ticks = _ticks(axis)
    return {} if all(map(_is_number, ticks.values())) else {place: _text(name) for place, name in ticks.items()}


def _as_labelled(axis: Axis, places: np.ndarray) -> np.ndarray:
    """Give the numbers that stand under bars: those of texts such as "1" and "2" lie at 0 and 1."""
    ticks = _ticks(axis)
    under = [ticks.get(float(place), "") for place in places]
    if not all(name and _is_number(name) for name in under):
        return places
    return np.array([_number(name) for name in under])


def _is_number(text: str) -> bool:
    try:
        _number(text or "0")
    except ValueError:
        return False
    return True


def _number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace(",", ""))


def _places(values: np.ndarray, names: dict[float, str]) -> list[Place]:
    if not names:
        return [float(value) for value in values]
    ticks = np.array(list(names))
    nearest = ticks[np.abs(np.asarray(values, dtype=float)[:, None] - ticks[None, :]).argmin(axis=1)]
    return [names[float(place)] for place in nearest]


def _label(artist: Artist | BarContainer) -> str:
    label = _text(artist.get_label())
    return "" if label.startswith("_") else label


def _texts(labels: Iterable[Any]) -> list[str]:
    return [text for label in itertools.islice(labels, MAX_LABELS) if (text := _text(label.get_text()))]


def _text(text: object) -> str:
    return str(text)[:MAX_LABEL]
