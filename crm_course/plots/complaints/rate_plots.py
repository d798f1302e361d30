"""Rates of complaints: of services, and of categories and prices."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from crm_course.locale import _
from crm_course.plots.style import ESTIMATE, NAIVE, QUIET, as_written, new_axes, set_title

OUTSIDE = 0.1  # of 90 % intervals miss what they are about


def plot_rate_intervals(rates: pd.DataFrame, exposed: str, ax: Axes | None = None) -> Axes:
    """Draw rates with their intervals, in the order of the table: each has exposures of its own.

    Parameters
    ----------
    rates : DataFrame
        As `analysis.rates.rate_intervals` returns it; the index names what is compared.
    exposed : str
        What the rate is per thousand of, such as "units".
    ax : Axes, optional
        Where to draw.
    """
    rows = rates[::-1]
    ax = new_axes(ax, 8.0, 1.4 + 0.36 * len(rows))
    place = np.arange(len(rows))
    reach = np.vstack([rows["rate"] - rows["low"], rows["high"] - rows["rate"]])
    ax.errorbar(rows["rate"], place, xerr=reach, fmt="o", color=ESTIMATE, capsize=3)
    ax.set_yticks(place, [as_written(str(name)) for name in rows.index])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    set_title(
        ax,
        _("Complaints per 1,000 chances, each service by its own: {low:.1f} to {high:.1f}").format(
            low=rows["rate"].min(), high=rows["rate"].max()
        ),
    )
    ax.set(xlabel=_("complaints per 1,000 {exposed} (90 % interval)").format(exposed=exposed), ylabel="")
    ax.set_xlim(left=0)
    return ax


def plot_rate_ratios(ratios: pd.DataFrame, base: str, ax: Axes | None = None) -> Axes:
    """Draw rate ratios with the intervals of the Poisson and of the negative-binomial regression.

    Parameters
    ----------
    ratios : DataFrame
        As `analysis.rates.RateRegression.ratios` returns it; the first row, the base rate, is left out.
    base : str
        What the rates are multiples of.
    ax : Axes, optional
        Where to draw.
    """
    rows = ratios.drop(index="const")[::-1]
    ax = new_axes(ax, 8.0, 1.6 + 0.36 * len(rows))
    place = np.arange(len(rows))
    for prefix, shift, color, label in (
        ("", 0.13, NAIVE, _("Poisson")),
        ("nb_", -0.13, ESTIMATE, _("negative binomial")),
    ):
        if f"{prefix}ratio" in rows:
            middle, low, high = (rows[f"{prefix}{name}"] for name in ("ratio", "low", "high"))
            ax.errorbar(
                middle,
                place + shift,
                xerr=np.vstack([middle - low, high - middle]),
                fmt="o",
                color=color,
                capsize=3,
                label=label,
            )
    ax.axvline(1, color=QUIET, ls="--", lw=1)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}" if value in (0.2, 0.5, 2, 5) else ""))
    ax.set_yticks(place, [as_written(str(name)) for name in rows.index])
    prefix = "nb_" if "nb_low" in rows else ""
    set_title(ax, _title_of_ratios(rows[[f"{prefix}{name}" for name in ("ratio", "low", "high")]]))
    ax.set(
        xlabel=_("rate as a multiple of the base's: {base} (90 % interval)").format(base=as_written(base)), ylabel=""
    )
    ax.legend(loc="best")
    return ax


def _title_of_ratios(rows: pd.DataFrame) -> str:
    """Name the ratio that lies farthest from 1 for its width, and how many are clear of 1."""
    if rows.empty:
        return _("0 ratios: there is only the base")
    ratio, low, high = (rows[column] for column in rows)
    surest = (np.log(ratio).abs() / np.log(high / low)).idxmax()
    return _("{name}: {ratio:.1f} times the base; clear of 1: {clear} of {all}, by chance {chance:.1f}").format(
        name=as_written(str(surest).replace(":", "")),
        ratio=ratio[surest],
        clear=int(((low > 1) | (high < 1)).sum()),
        all=len(rows),
        chance=OUTSIDE * len(rows),
    )
