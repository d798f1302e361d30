"""Figures of the chapter on complaints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from crm_course.locale import _
from crm_course.plots.style import (
    AMBER,
    ESTIMATE,
    NAIVE,
    NAVY,
    OBSERVED,
    QUIET,
    TRUTH,
    as_written,
    new_axes,
    percent,
    set_title,
    thousands,
)

NAMED = 2


def plot_counts_and_units(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw each product's complaints against what was sold of it.

    Parameters
    ----------
    table : DataFrame
        As `analysis.exposures.product_rates` returns it.
    ax : Axes, optional
        Where to draw.
    """
    rows = table[table["exposure"] > 0]
    ax = new_axes(ax, 8.0, 4.6)
    ax.scatter(rows["exposure"], rows["events"], color=ESTIMATE, alpha=0.6, s=28, lw=0)
    mean = rows["events"].sum() / rows["exposure"].sum()
    end = rows["exposure"].max() * 1.05
    ax.plot([0, end], [0, end * mean], color=QUIET, lw=1.2, ls="--")
    ax.annotate(
        _("the shop's mean rate"),
        (end, end * mean),
        (0, 4),
        textcoords="offset points",
        ha="right",
        color="#777777",
        fontsize=9,
    )
    rate = rows["events"] / rows["exposure"]
    named = rows.loc[list(dict.fromkeys([*rows["events"].nlargest(NAMED).index, *rate.nlargest(NAMED).index]))]
    for number, (units, events, name) in enumerate(named[["exposure", "events", "name"]].itertuples(index=False)):
        shift = (6, 4 if number % 2 else -11)
        ax.annotate(as_written(name), (units, events), shift, textcoords="offset points", fontsize=8.5)
    first = rows["events"].idxmax()
    place = int((rate > rate[first]).sum()) + 1
    set_title(
        ax, _("The product with most complaints is number {place} of {all} by rate").format(place=place, all=len(rows))
    )
    ax.set(xlabel=_("mature units sold (number)"), ylabel=_("complaints (number)"), xlim=(0, end * 1.25))
    ax.set_ylim(bottom=-0.3)
    thousands(ax.xaxis)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def plot_shrinkage(
    shrunken: pd.DataFrame, names: pd.Series, first: int = 12, best_sellers: Sequence[str] = (), ax: Axes | None = None
) -> Axes:
    """Show how far the highest raw rates are pulled towards their categories', and below them those of best-sellers.

    Parameters
    ----------
    shrunken : DataFrame
        As `analysis.shrinkage.Shrinkage.rates` returns it.
    names : Series
        Name of each product.
    first : int
        Products drawn.
    best_sellers : sequence of str
        Products drawn as well.
    ax : Axes, optional
        Where to draw.
    """
    high = shrunken.nlargest(first, "rate")
    below = [product for product in best_sellers if product not in high.index]
    rows = pd.concat([high, shrunken.loc[below]])[::-1]
    ax = new_axes(ax, 8.0, 1.6 + 0.36 * len(rows))
    place = np.arange(len(rows))
    if below:  # a line between the two lists
        ax.axhline(len(below) - 0.5, color=QUIET, lw=0.8, ls=":")
    ax.hlines(place, rows["shrunken"], rows["rate"], color=QUIET, lw=1)
    reach = np.vstack([rows["shrunken"] - rows["low"], rows["high"] - rows["shrunken"]])
    ax.scatter(rows["rate"], place, color=NAIVE, s=34, zorder=3, label=_("raw rate"))
    ax.errorbar(
        rows["shrunken"],
        place,
        xerr=reach,
        fmt="o",
        color=ESTIMATE,
        capsize=3,
        zorder=4,
        label=_("shrunken rate, 90 % interval"),
    )
    ax.scatter(rows["group_rate"], place, marker="|", s=160, color=OBSERVED, zorder=5, label=_("rate of its category"))
    marks = {product: _("best-seller:\n{name}") for product in best_sellers}
    labels = [marks.get(product, "{name}").format(name=as_written(str(names[product]))) for product in rows.index]
    ax.set_yticks(place, labels, fontsize=9)
    top = rows.iloc[-1]
    set_title(
        ax,
        _("The highest raw rate, {raw:.0f} per 1,000, is believed as {shrunken:.0f}").format(
            raw=top["rate"], shrunken=top["shrunken"]
        ),
    )
    ax.set(xlabel=_("complaints per 1,000 mature units"), ylabel="")
    ax.set_xlim(left=0)
    ax.legend(loc="lower right")
    return ax


def plot_probabilities(
    shrunken: pd.DataFrame,
    names: pd.Series,
    sure: float,
    bad: pd.Series | None = None,
    first: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw the products most likely to be above the limit.

    Parameters
    ----------
    shrunken : DataFrame
        As `analysis.shrinkage.Shrinkage.rates` returns it.
    names : Series
        Name of each product.
    sure : float
        Probability from which a product is listed.
    bad : Series of bool, optional
        Which are truly above the limit.
    first : int
        Products drawn.
    ax : Axes, optional
        Where to draw.
    """
    rows = shrunken.nlargest(first, "p_above")[::-1]
    ax = new_axes(ax, 8.0, 1.5 + 0.36 * len(rows))
    place = np.arange(len(rows))
    known = bad is not None
    truly = bad.reindex(rows.index).to_numpy(bool) if bad is not None else np.zeros(len(rows), bool)
    for part, color, label in (
        (truly, TRUTH, _("truly above the limit")),
        (~truly, QUIET if known else ESTIMATE, _("truly not") if known else None),
    ):
        ax.barh(place[part], rows["p_above"][part], color=color, height=0.62, label=label)
    ax.axvline(sure, color=NAIVE, lw=1.4, ls="--")
    ax.set_yticks(place, [as_written(str(names[product])) for product in rows.index], fontsize=9)
    set_title(
        ax,
        _("{listed} of {all} products reach {sure:.0%} or more").format(
            listed=int((shrunken["p_above"] >= sure).sum()), all=len(shrunken), sure=sure
        ),
    )
    ax.set(xlabel=_("probability that the true rate is above the limit"), ylabel="", xlim=(0, 1))
    percent(ax.xaxis)
    ax.grid(axis="y", visible=False)
    if known:
        ax.legend(loc="lower right", frameon=True, framealpha=1, edgecolor="none")  # above the line
    return ax


def plot_found(found: pd.Series, bad: int, first: int, ax: Axes | None = None) -> Axes:
    """Draw how many of the truly bad each ranking has among its first.

    Parameters
    ----------
    found : Series
        As `analysis.priorities.found_in_first` returns it.
    bad : int
        How many there are.
    first : int
        Length of the list.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 7.0, 2.9)
    colors = [NAIVE if name in ("count", "rate") else ESTIMATE for name in found.index]
    bars = ax.barh([_("by {ranking}").format(ranking=_(name)) for name in found.index], found, color=colors, height=0.6)
    ax.bar_label(bars, padding=4)
    ax.axvline(min(bad, first), color=TRUTH, lw=1.4, ls="--")
    ax.invert_yaxis()
    alike = found.nunique() == 1
    told = (
        _("All rankings find {most} of the {bad} truly bad in their first {first}")
        if alike
        else _("Of {bad} truly bad products the best ranking has {most} among its first {first}, the worst {fewest}")
    )
    set_title(ax, told.format(bad=bad, most=int(found.max()), fewest=int(found.min()), first=first))
    ax.set(xlabel=_("truly bad products found (number; dashed: as many as there can be)"), ylabel="")
    ax.set_xlim(0, max(min(bad, first), found.max(), 1) * 1.08)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y", visible=False)
    return ax


def plot_larger_shops(shops: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw which share of the bad products each ranking finds in shops of other sizes.

    Parameters
    ----------
    shops : DataFrame
        As `analysis.priorities.larger_shops` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 4.2)
    styles = {
        "count": (NAIVE, "o-"),
        "rate": (AMBER, "s-"),
        "shrunken rate": (ESTIMATE, "D-"),
        "probability": (NAVY, "^--"),
    }
    for name, (color, style) in styles.items():
        ax.plot(shops.index, shops[name], style, color=color, label=_("by {ranking}").format(ranking=_(name)))
    ax.set_xscale("log")
    ax.set_xticks(shops.index, [f"{times:g} ×" for times in shops.index])
    ax.minorticks_off()
    set_title(
        ax,
        _("With {times:g} times the sales: {share:.0%} found by probability, {naive:.0%} by count").format(
            times=shops.index[-1], share=shops["probability"].iloc[-1], naive=shops["count"].iloc[-1]
        ),
    )
    ax.set(
        xlabel=_("units sold, as a multiple of this shop's"), ylabel=_("share of the bad products found"), ylim=(0, 1)
    )
    percent(ax.yaxis)
    ax.legend(loc="upper left")
    return ax
