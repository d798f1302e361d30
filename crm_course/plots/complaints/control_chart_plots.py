"""Control charts of complaints, month by month."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from crm_course.analysis.statistics.rates import PER
from crm_course.locale import _
from crm_course.plots.style import ESTIMATE, NAIVE, OBSERVED, QUIET, few_dates, new_axes, set_title


def plot_control_chart(chart: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a u' chart, with the plain u limits beside it.

    Parameters
    ----------
    chart : DataFrame
        As `analysis.control_charts.u_chart` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 4.2)
    ax.fill_between(
        chart.index, chart["low"], chart["high"], step="mid", color=ESTIMATE, alpha=0.13, lw=0, label=_("u′ limits")
    )
    for name, label in (("u_high", _("plain u limits")), ("u_low", None)):
        ax.step(chart.index, chart[name], where="mid", color=QUIET, lw=1.2, ls="--", label=label)
    ax.plot(chart.index, chart["centre"], color=ESTIMATE, lw=1)
    ax.plot(chart.index, chart["rate"], "o-", color=OBSERVED, ms=4, lw=1)
    out = chart[chart["out"]]
    ax.scatter(out.index, out["rate"], s=90, facecolor="none", edgecolor=NAIVE, lw=2, zorder=5, label=_("outside"))
    half = len(chart) // 2
    before, after = (part["events"].sum() / part["exposure"].sum() for part in (chart.iloc[:half], chart.iloc[half:]))
    set_title(
        ax,
        _("Per 1,000 units: {before:.1f} in the first half, {after:.1f} in the second; {out} outside").format(
            before=PER * before, after=PER * after, out=len(out)
        ),
    )
    ax.set(xlabel=_("month in which the units were handed over"), ylabel=_("complaints per 1,000 units"))
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper right", ncols=3)
    few_dates(ax)
    return ax


def plot_counts_chart(chart: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a chart of counts, which takes all months for equally busy.

    Parameters
    ----------
    chart : DataFrame
        As `analysis.control_charts.counts_chart` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 3.4)
    low, high = chart["low"].iloc[0], chart["high"].iloc[0]
    ax.axhspan(low, high, color=NAIVE, alpha=0.1, lw=0, label=_("limits for counts"))
    ax.plot(chart.index, chart["centre"], color=NAIVE, lw=1, label=_("mean"))
    ax.bar(chart.index, chart["events"], width=20, color=QUIET)
    out = chart[chart["out"]]
    ax.scatter(out.index, out["events"], s=90, facecolor="none", edgecolor=NAIVE, lw=2, zorder=5, label=_("outside"))
    half = len(chart) // 2
    before, after = chart["events"].iloc[:half].mean(), chart["events"].iloc[half:].mean()
    set_title(
        ax,
        _("Complaints a month: {before:.1f} in the first half, {after:.1f} in the second; {out} outside").format(
            before=before, after=after, out=len(out), all=len(chart)
        ),
    )
    ax.set(xlabel=_("month in which the units were handed over"), ylabel=_("complaints (number)"))
    ax.set_ylim(top=1.25 * max(chart["events"].max(), high))
    ax.legend(loc="upper left", ncols=3)
    few_dates(ax)
    return ax
