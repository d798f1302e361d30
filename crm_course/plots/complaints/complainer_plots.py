"""Who complained, again and again or not at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crm_course.locale import _
from crm_course.plots.style import ESTIMATE, OBSERVED, PALETTE, QUIET, new_axes, percent, set_title
from crm_course.tables.small_groups import PEOPLE, shown

SHOWN = 3  # groups that complained: one, two, three or more troubles


def plot_complainers(complainers: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the troubles of those who complained once, twice and more, and how many chance would give.

    Parameters
    ----------
    complainers : DataFrame
        As `analysis.complainers.complainers` returns it; groups that are too small to be shown are not drawn.
    ax : Axes, optional
        Where to draw.
    """
    rows = shown(complainers).drop(index="0").dropna(subset=PEOPLE)
    ax = new_axes(ax, 7.0, 3.4)
    place = np.arange(len(rows))
    chance = rows["troubles_by_chance"]
    reach = np.vstack([chance - rows["low"], rows["high"] - chance]).clip(min=0)
    for shift, heights, tops, color, label in (
        (-0.2, rows["troubles"], rows["troubles"], OBSERVED, _("troubles")),
        (0.2, chance, rows["high"], PALETTE[4], _("by chance, given their orders (90 %)")),
    ):
        ax.bar(place + shift, heights, 0.38, color=color, label=label)
        for at, value, top in zip(place + shift, heights, tops, strict=True):
            ax.annotate(f"{value:,.0f}", (at, top), (0, 3), textcoords="offset points", ha="center", fontsize=9)
    ax.errorbar(place + 0.2, chance, yerr=reach, fmt="none", ecolor="#333333", capsize=4)
    ax.set_xticks(place, [f"{name}\nn={number:,.0f}" for name, number in rows[PEOPLE].items()])
    set_title(ax, _title_of_complainers(rows))
    ax.set(xlabel=_("troubles that a customer complained of (number; n: customers)"), ylabel=_("troubles (number)"))
    ax.grid(axis="x", visible=False)
    ax.margins(y=0.12)
    ax.legend()
    return ax


def _title_of_complainers(rows: pd.DataFrame) -> str:
    both = rows[["troubles", "troubles_by_chance"]]
    if len(both) < SHOWN or not both["troubles"].sum():
        return _("Too few customers complained of 3 troubles or more to be shown")
    told = _("Those with 3 troubles or more (n = {n:,.0f}) hold {seen:.0%} of all troubles; chance gives {chance:.0%}")
    seen, chance = both.loc["3+"] / both.sum()
    return told.format(n=rows[PEOPLE]["3+"], seen=seen, chance=chance)


def plot_made_again(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the share of complaints that were made again, by how they had been settled.

    Parameters
    ----------
    table : DataFrame
        As `analysis.complainers.made_again` returns it; groups that are too small to be shown are not drawn.
    ax : Axes, optional
        Where to draw.
    """
    rows = shown(table)
    rows = rows[rows["complaints"] > 0]
    ax = new_axes(ax, 8.0, 2.8)
    place = np.arange(len(rows))
    reach = np.vstack([rows["share"] - rows["low"], rows["high"] - rows["share"]])
    ax.errorbar(rows["share"], place, xerr=reach, fmt="o", color=ESTIMATE, capsize=4)
    ax.set_yticks(place, [f"{_(name)}\nn={n:,.0f}".replace(" ", "\n") for name, n in rows["complaints"].items()])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    shares = [f"{_(name)} {share:.0%}" for name, share in rows["share"].items()]
    told = _("Come back: {shares}").format(shares=", ".join(shares))
    set_title(ax, told if shares else _("Of too few customers to be shown"))
    ax.set(xlabel=_("share made again (90 % interval)"), ylabel="")
    ax.set_xlim(left=-0.01)
    percent(ax.xaxis)
    return ax


def plot_silence(failures: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw what went wrong, by whether anybody said so.

    Parameters
    ----------
    failures : DataFrame
        By kind of failure: ``complained``, ``silent`` (numbers).
    ax : Axes, optional
        Where to draw.
    """
    rows = failures.assign(all=failures["complained"] + failures["silent"]).sort_values("all")
    ax = new_axes(ax, 8.0, 1.4 + 0.38 * len(rows))
    ax.barh(rows.index, rows["complained"], color=ESTIMATE, label=_("complained"))
    bars = ax.barh(rows.index, rows["silent"], left=rows["complained"], color=QUIET, label=_("said nothing"))
    shares = rows["silent"] / rows["all"].clip(lower=1)
    ax.bar_label(bars, [f"{share:.0%}" for share in shares], padding=4, fontsize=9)
    set_title(
        ax, _("{share:.0%} of what went wrong was never said").format(share=rows["silent"].sum() / rows["all"].sum())
    )
    ax.set(xlabel=_("failures (number; beside the bar: share that said nothing)"), ylabel="")
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.12)
    ax.legend(loc="lower right")
    return ax
