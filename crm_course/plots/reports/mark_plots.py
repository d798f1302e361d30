"""Figures of trainee and class reports: marks by criterion, over a class, by question; answers redrawn."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import MaxNLocator

from crm_course.locale import _
from crm_course.plots.reports.answer_plots import plot_redrawn
from crm_course.plots.style import (
    AMBER,
    ESTIMATE,
    NAIVE,
    NAVY,
    QUIET,
    SKY,
    TRUTH,
    as_written,
    new_axes,
    percent,
    set_title,
)

__all__ = ["plot_criteria", "plot_marks", "plot_redrawn", "plot_states"]

BARS = 40
SEEN = 0.045  # of a row: what has room for a number
LOST, WAITING = "#E3E6EA", "#FFFFFF"
STATE_COLORS = {
    "right": TRUTH,
    "partly right": AMBER,
    "wrong": NAIVE,
    "not answered": QUIET,
    "to be marked": WAITING,
    "marked": SKY,
}


def plot_criteria(criteria: pd.DataFrame, mean: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the marks of each criterion: got, lost, and waiting for a person.

    Parameters
    ----------
    criteria : DataFrame
        Columns ``criterion``, ``name``, ``got``, ``lost``, ``to_be_marked``; one row a criterion.
    mean : bool
        Whether the marks are means over a class.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 4.9, 1.1 + 0.27 * max(len(criteria), 1))
    names = [f"{code}  {name}".strip() for code, name in zip(criteria["criterion"], criteria["name"], strict=True)]
    place = np.arange(len(criteria))
    left = np.zeros(len(criteria))
    for column, label, color in (
        ("got", _("got"), ESTIMATE),
        ("lost", _("lost"), LOST),
        ("to_be_marked", _("to be marked"), WAITING),
    ):
        width = criteria[column].to_numpy(dtype=float)
        if width.any():
            _bars(ax, place, width, left, color).set_label(label)
        left = left + width
    for y, (end, got, lost) in enumerate(zip(left, criteria["got"], criteria["lost"], strict=True)):
        told = _("{got:g} of {marked:g}").format(got=round(got, 2), marked=round(got + lost, 2))
        ax.annotate(told if got + lost else "", (end, y), (5, 0), textcoords="offset points", va="center", fontsize=8)
    ax.set_yticks(place, map(as_written, names), fontsize=8.5)
    ax.tick_params(axis="x", labelsize=8)
    ax.set_ylim(len(criteria) - 0.5, -0.5)
    ax.set_xlim(0, max(float(left.max(initial=0.0)), 1.0) * 1.35)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set(xlabel=_("mean marks of a trainee") if mean else _("marks"), ylabel="")
    ax.xaxis.label.set_fontsize(8.5)
    ax.grid(axis="y", visible=False)
    ax.tick_params(axis="y", length=0)
    ax.set_title(textwrap.fill(_where_lost(criteria), 26), fontsize=9.5)
    if ax.get_legend_handles_labels()[0]:
        ax.figure.legend(loc="outside lower right", ncols=3, fontsize=8, handlelength=1.3, columnspacing=1.4)
    return ax


def _where_lost(criteria: pd.DataFrame) -> str:
    if not len(criteria) or not criteria["lost"].any():
        return _("Marks by criterion: none lost so far")
    worst = criteria.loc[(criteria["lost"] / (criteria["got"] + criteria["lost"]).clip(lower=1e-9)).idxmax()]
    return _("The largest share of marks was lost in {criterion}").format(criterion=as_written(worst["criterion"]))


def plot_marks(marks: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how marks are spread over a class; a stripe shows what is still to be marked.

    Parameters
    ----------
    marks : DataFrame
        Columns ``got``, ``to_be_marked``, ``of``; one row a trainee.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 7.2, 2.9)
    got, most = marks["got"].to_numpy(dtype=float), float(marks["of"].max())
    step = next(width for width in (1, 2, 5, 10, 20, 50, 100, 1e9) if most / width <= BARS)
    middles = np.arange(0, most + step, step)
    counts, _edges = np.histogram(np.clip(got, 0, most), np.append(middles, middles[-1] + step) - step / 2)
    ax.bar(middles, counts, step * 0.9, color=ESTIMATE)
    open_ = float(marks["to_be_marked"].max())
    if open_:
        ax.axvspan(
            most - open_ + step / 2, most + step / 2, facecolor="none", edgecolor=QUIET, hatch="////", lw=0, alpha=0.6
        )
        label = _("still to be marked")
        ax.text(
            most + step / 2 - open_ / 2,
            0.97,
            label,
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="top",
            fontsize=9,
            bbox={"color": "white", "pad": 2},
        )
    middle = float(np.median(got))
    ax.axvline(middle, color=NAVY, lw=1.5)
    ax.set_xlim(-step / 2, most + step / 2)
    ax.set_ylim(0, max(float(counts.max()), 1.0) * 1.22)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.set(xlabel=_("marks so far, of {most:g}").format(most=most), ylabel=_("trainees"))
    ax.grid(axis="x", visible=False)
    title = _("{count} trainees; half of them have {middle:g} marks or more (line)")
    if len(got) == 1:
        title = _("One trainee: {middle:g} marks so far (line)")
    set_title(ax, title.format(count=len(got), middle=round(middle, 2)))
    return ax


def plot_states(questions: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many trainees got each question right, partly right or wrong, or did not answer it.

    Parameters
    ----------
    questions : DataFrame
        Columns ``id``, ``title`` and a count for each state of `STATE_COLORS`; one row a question.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 7.2, 1.25 + 0.32 * max(len(questions), 1))
    counts = questions[list(STATE_COLORS)].to_numpy(dtype=float)
    total = np.maximum(counts.sum(axis=1), 1.0)
    left = np.zeros(len(questions))
    for (state, color), width in zip(STATE_COLORS.items(), counts.T, strict=True):
        if not width.any():
            continue
        bars = _bars(ax, np.arange(len(questions)), width / total, left, color)
        bars.set_label(_(state))
        told = [f"{count:,.0f}" if share >= SEEN else "" for count, share in zip(width, width / total, strict=True)]
        for text in ax.bar_label(bars, told, label_type="center", fontsize=8.5, color="black"):
            if color == WAITING and text.get_text():
                text.set_bbox({"color": "white", "pad": 1})
        left = left + width / total
    names = [f"{one}  {title[:33]}{'…' * (len(title) > 33)}" for one, title in questions[["id", "title"]].to_numpy()]
    ax.set_yticks(range(len(questions)), map(as_written, names))
    ax.set_ylim(len(questions) - 0.5, -0.5)
    ax.set(xlim=(0, 1), xlabel=_("share of the trainees whose work was graded"), ylabel="")
    percent(ax.xaxis)
    ax.grid(visible=False)
    ax.tick_params(axis="y", length=0)
    set_title(ax, _hardest(questions))
    if ax.get_legend_handles_labels()[0]:
        ax.figure.legend(loc="outside lower left", ncols=6, fontsize=9, handlelength=1.3, columnspacing=1.4)
    return ax


def _bars(ax: Axes, place: np.ndarray, width: np.ndarray, left: np.ndarray, color: str) -> BarContainer:
    """Draw lying bars that go on where others end; those that wait are hatched."""
    waits = color == WAITING
    edge = QUIET if waits else "white"
    return ax.barh(
        place, width, left=left, height=0.66, lw=0.8, color=color, edgecolor=edge, hatch="////" if waits else None
    )


def _hardest(questions: pd.DataFrame) -> str:
    tried = questions[questions[["right", "partly right", "wrong"]].sum(axis=1) > 0]
    if tried.empty:
        return _("Nothing is marked yet")
    hard = tried.loc[(tried["right"] / tried[list(STATE_COLORS)].sum(axis=1)).idxmin()]
    return _("{question} is right least often: {count:,} of {all:,}").format(
        question=as_written(hard["id"]), count=int(hard["right"]), all=int(hard[list(STATE_COLORS)].sum())
    )
