"""Figures, by what they show and not by their pixels."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from crm_course.answers.comparing.scalar_scores import names_unit
from crm_course.answers.comparing.scores import Score, ScorePart, partly, wrong_type
from crm_course.answers.encoding.drawings import Drawing, Mark, Place
from crm_course.answers.questions import Question
from crm_course.answers.values import Answer, normal
from crm_course.locale import _

WEIGHTS = {"data": 0.6, "labels": 0.2, "units": 0.1, "title": 0.1}
SIGHT = 1e-3  # of the range drawn: what no eye can tell apart
TINY = 1e-9
NEARLY_ALL = 0.99  # of the points: a curve without its first point is the same curve
SPARE = 20  # points beyond twice the key's that may be drawn: means, guides
IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")


def figure(expected: Answer, given: Answer, question: Question) -> Score:
    """Compare figures: data, axis labels, units and title, each with its weight.

    The data are all points that the marks of the key show (a line's, the tops of bars, scattered points, cells),
    whatever kind of mark shows them and in whatever order. A point is found where another lies within tolerance
    of the largest value drawn, and within a thousandth of the range along x. A figure that draws far more points
    than the key loses marks in proportion, so that drawing everything is no answer.
    """
    if given.kind != "figure":
        return wrong_type(given, _("a figure"))
    key, drawn = expected.value, given.value
    weights = WEIGHTS | {str(name): weight for name, weight in question.compare.weights.items()}
    shares = {
        "data": _data(key, drawn, question),
        "labels": _labels(key, drawn),
        "units": _units(key, drawn, question),
        "title": float(not _titled(key) or _titled(drawn)),
    }
    says = {
        "data": _("{share:.0%} of the data are drawn as they should be.").format(share=shares["data"]),
        "labels": _("An axis or the legend is not labelled."),
        "units": _("An axis does not name its unit."),
        "title": _("The figure has no title."),
    }
    counted = [name for name in WEIGHTS if weights[name] > 0]
    share = sum(weights[name] * shares[name] for name in counted) / sum(weights[name] for name in counted)
    remarks = tuple(says[name] for name in counted if shares[name] < 1)
    parts = tuple(ScorePart(name, shares[name]) for name in counted)
    return Score(1.0 if not remarks else partly(share, question.partial is not None), parts, remarks)


def _marks(drawing: Drawing, kinds: Iterable[str] = ()) -> list[Mark]:
    return [mark for panel in drawing.panels for mark in panel.marks if not kinds or mark.mark in kinds]


def _data(key: Drawing, drawn: Drawing, question: Question) -> float:
    wanted, shown = _marks(key, question.compare.marks), _marks(drawn)
    codes: dict[str, float] = {}
    flat = any(mark.mark == "cells" for mark in wanted)
    one, other = (
        _points(wanted, codes, flat),
        _points([mark for mark in shown if (mark.mark == "cells") == flat], codes, flat),
    )
    if not len(one):
        return 1.0
    if not len(other):
        return 0.0
    reach = _reach(one, question)
    with np.errstate(over="ignore"):
        found = float(_found(one / reach, other / reach).mean())
    share = 1.0 if found >= NEARLY_ALL else found
    return share * min(1.0, (2 * len(one) + SPARE) / len(other))


def _points(marks: list[Mark], codes: dict[str, float], cells: bool) -> np.ndarray:
    """Give the points as rows of: code of a name, place, …, value. A name and a number never meet."""
    rows = [np.empty((0, 5 if cells else 4))]
    for mark in marks:
        x, y = _coordinates(mark.x, codes), _coordinates(mark.y, codes)
        rows.append(np.column_stack([x, y, mark.z]) if cells else np.column_stack([x, y]))
    return np.concatenate(rows)


def _coordinates(places: tuple[Place, ...], codes: dict[str, float]) -> np.ndarray:
    """Give two columns: the code of a name (0 for a number) and the number (0 for a name)."""
    coded = [
        (float(codes.setdefault(normal(one), len(codes) + 1.0)), 0.0) if isinstance(one, str) else (0.0, float(one))
        for one in places
    ]
    return np.array(coded)


def _reach(points: np.ndarray, question: Question) -> np.ndarray:
    """Give how far a point may lie away along each column; names must be equal."""
    largest = float(np.abs(points[:, -1]).max())
    reach: np.ndarray = np.maximum(np.ptp(points, axis=0) * SIGHT, TINY)
    reach[[0, 2]] = 0.5
    reach[-1] = max(question.compare.abs, question.compare.rel * largest, TINY * (1 + largest))
    return reach


def _found(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    other = other[np.isfinite(other).all(axis=1)]
    distance, _place = cKDTree(other).query(one, p=np.inf, distance_upper_bound=1 + 1e-6)
    near: np.ndarray = np.isfinite(distance)
    return near


def _labels(key: Drawing, drawn: Drawing) -> float:
    checks = []
    for name in ("x", "y"):
        if any(getattr(panel, name).label.strip() for panel in key.panels):
            checks.append(any(getattr(panel, name).label.strip() for panel in drawn.panels))
    if any(panel.legend for panel in key.panels):
        several = len(drawn.panels) > 1 or any(panel.legend for panel in drawn.panels)
        checks.append(several)
    return sum(checks) / len(checks) if checks else 1.0


def _units(key: Drawing, drawn: Drawing, question: Question) -> float:
    """Give the share of the units that are named on an axis: those of the form, else those in the key's brackets."""
    wanted = list(question.form.units.values()) or [
        unit for panel in key.panels for axis in (panel.x, panel.y) for unit in IN_BRACKETS.findall(axis.label)
    ]
    labels = normal(" ".join(axis.label for panel in drawn.panels for axis in (panel.x, panel.y)))
    found = [names_unit(unit, labels) for unit in wanted]
    return sum(found) / len(found) if found else 1.0


def _titled(drawing: Drawing) -> bool:
    return bool(drawing.title.strip()) or any(panel.title.strip() for panel in drawing.panels)
