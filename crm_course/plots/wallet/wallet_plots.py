"""Figures of share of wallet; those of cross-selling are in `basket_plots`."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crm_course.locale import _
from crm_course.plots.style import (
    ESTIMATE,
    NAIVE,
    OBSERVED,
    PALE,
    QUIET,
    TRUTH,
    new_axes,
    percent,
    set_title,
    thousands,
)
from crm_course.tables.small_groups import shown

NAIVE_WAY = "mean of persons"


def finding(title: str, **figures: float) -> str:
    """Put figures into a title; where one is of too few people to be shown, say that in its place."""
    if any(np.isnan(figure) for figure in figures.values()):
        return _("Of too few customers to be shown")
    return title.format(**figures)


def plot_recall(
    answers: pd.DataFrame, ratio: float, interval: tuple[float, float], currency: str, ax: Axes | None = None
) -> Axes:
    """Draw what customers say they spent here against what the till knows.

    Parameters
    ----------
    answers : DataFrame
        As `analysis.wallet_survey.survey_answers` returns them.
    ratio : float
        As `analysis.wallet_survey.recall_ratio` returns it.
    interval : tuple of float
        As `analysis.wallet_survey.recall_interval` returns it.
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 6.5, 5.0)
    people = answers.groupby(["customer_id", "wave"])[["here", "said_here"]].sum()
    people = people[(people > 0).all(axis=1)]
    ends = np.array([people.to_numpy().min() * 0.8, people.to_numpy().max() * 1.25])
    ax.scatter(people["here"], people["said_here"], s=18, color=ESTIMATE, alpha=0.6, lw=0)
    ax.plot(ends, ends, color=QUIET, ls="--", lw=1, label=_("recalled exactly"))
    ax.plot(
        ends, ratio * ends, color=NAIVE, lw=1.5, label=_("all together: {ratio:.2f} × the till").format(ratio=ratio)
    )
    ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    title = _("Of every 100 spent here, customers recall {recalled:.0f} (90 % interval {low:.0f} to {high:.0f})")
    set_title(ax, title.format(recalled=100 * ratio, low=100 * interval[0], high=100 * interval[1]))
    ax.set(
        xlabel=_("spent here in 365 days, by the till ({currency}, logarithmic)").format(currency=currency),
        ylabel=_("spent here, as recalled ({currency}, logarithmic)").format(currency=currency),
    )
    thousands(ax.xaxis)
    thousands(ax.yaxis)
    ax.legend(loc="upper left")
    return ax


def plot_wallet_shares(shares: pd.DataFrame, naive: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw share of wallet by category, with intervals.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.share_of_wallet.wallet_shares` returns them; with ``true_share`` where it is known.
    naive : DataFrame, optional
        As `analysis.wallet_survey.survey_shares` returns them; `NAIVE_WAY` is drawn.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 1.6 + 0.42 * len(shares))
    shares = shown(shares)
    order = [*shares.drop("all").sort_values("share").index, "all"]
    table, place = shares.loc[order], np.arange(len(order))
    reach = np.vstack([table["share"] - table["share_low"], table["share_high"] - table["share"]])
    label = _("survey, calibrated and imputed (90 % interval)")
    ax.errorbar(table["share"], place, xerr=reach, fmt="o", color=ESTIMATE, capsize=3, label=label)
    if naive is not None:
        ax.plot(shown(naive)[NAIVE_WAY].reindex(order), place, "x", color=NAIVE, mew=2, label=NAIVE_WAY)
    if "true_share" in table:
        ax.plot(table["true_share"], place, "D", color=TRUTH, ms=6, mfc="none", mew=1.6, label=_("the truth"))
    names = [_("all categories") if name == "all" else name for name in order]
    ax.set_yticks(place, names)
    set_title(ax, finding(_("Our share of wallet is {share:.0%}"), share=shares.loc["all", "share"]))
    right = np.nanmax([*table["share_high"], 0.0])
    ax.set(xlabel=_("share of wallet"), ylabel="", xlim=(0, min(1, 1.12 * float(right) + 0.02)))
    percent(ax.xaxis)
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.18), ncols=3)
    return ax


def plot_bounds(bounds: pd.DataFrame, shares: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw what a share of wallet can be without a survey, and what it is with one.

    Parameters
    ----------
    bounds : DataFrame
        As `analysis.share_of_wallet.wallet_bounds` returns them.
    shares : DataFrame, optional
        As `analysis.share_of_wallet.wallet_shares` returns them.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 1.6 + 0.42 * len(bounds))
    bounds, place = shown(bounds), np.arange(len(bounds))
    ax.hlines(place, bounds["share_low"], bounds["share_high"], color=PALE, lw=9, label=_("possible without a survey"))
    if shares is not None:
        table = shown(shares).reindex(bounds.index)
        ax.hlines(
            place, table["share_low"], table["share_high"], color=ESTIMATE, lw=4, label=_("with it (90 % interval)")
        )
    ax.set_yticks(place, [_("all categories") if name == "all" else str(name) for name in bounds.index])
    low, high = bounds.loc["all", ["share_low", "share_high"]]
    title = _("Without a survey our share lies from {low:.0%} to {high:.0%}, if no wallet is larger than assumed")
    set_title(ax, finding(title, low=low, high=high))
    ax.set(xlabel=_("share of wallet"), ylabel="", xlim=(0, 1.02), ylim=(-0.7, len(bounds) - 0.3))
    percent(ax.xaxis)
    ax.legend(loc="upper center", bbox_to_anchor=(0.45, -0.18), ncols=2)
    return ax


def plot_survey_sizes(sizes: pd.DataFrame, currency: str, truth: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw what surveys of several sizes say of the money spent elsewhere.

    Parameters
    ----------
    sizes : DataFrame
        As `analysis.share_of_wallet.survey_sizes` returns them.
    currency : str
        Code of the currency.
    truth : float, optional
        The true total (currency).
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 7.5, 4.4)
    place = np.arange(len(sizes))
    ways = [("", -0.1, ESTIMATE, _("calibrated and imputed")), ("naive_", 0.1, NAIVE, _("recalled, at face value"))]
    for name, shift, color, label in ways:
        low, mean, high = (sizes[f"{name}{part}"] / 1e3 for part in ("low", "mean", "high"))
        reach = [np.maximum(mean - low, 0), np.maximum(high - mean, 0)]
        ax.errorbar(place + shift, mean, reach, fmt="o", color=color, capsize=4, label=label)
    if truth is not None:
        ax.axhline(truth / 1e3, color=TRUTH, ls="--", lw=1.5, label=_("the truth"))
    ax.set_xticks(place, [f"{size}" for size in sizes.index])
    reach, few, many = (sizes["high"] - sizes["low"]) / sizes["mean"], sizes.index[0], sizes.index[-1]
    title = _("With {few} answers surveys differ by {wide:.0%} of the total, with {many} by {narrow:.0%}")
    text = title.format(few=few, wide=reach.iloc[0], many=many, narrow=reach.iloc[-1])
    if truth is not None:
        off = [sizes[name].iloc[-1] / truth - 1 for name in ("mean", "naive_mean")]
        title = _("Average error with {many} answers: calibrated {ours:+.0%}, at face value {naive:+.0%}")
        text = title.format(many=many, ours=off[0], naive=off[1])
    set_title(ax, text)
    ax.set(
        xlabel=_("customers who answer (9 in 10 such surveys lie on the bar)"),
        ylabel=_("spent elsewhere a year (thousand {currency})").format(currency=currency),
    )
    ax.set_ylim(bottom=0)
    ax.margins(x=0.1)
    thousands(ax.yaxis)
    ax.legend(loc="lower right")
    return ax


def plot_money_elsewhere(shares: pd.DataFrame, largest: list[str], currency: str, ax: Axes | None = None) -> Axes:
    """Draw what our customers spend elsewhere on each category.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.share_of_wallet.wallet_shares` returns them; with ``true_elsewhere`` where it is known.
    largest : list of str
        Categories of which one is the largest, as `analysis.share_of_wallet.perhaps_largest` returns them.
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    """
    table = shown(shares).drop("all").sort_values("elsewhere")
    ax = new_axes(ax, 8.0, 1.6 + 0.42 * len(table))
    place = np.arange(len(table))
    reach = np.vstack([table["elsewhere"] - table["elsewhere_low"], table["elsewhere_high"] - table["elsewhere"]]) / 1e3
    ax.barh(place, table["elsewhere"] / 1e3, color=PALE, label=_("spent elsewhere (90 % interval)"))
    ax.errorbar(table["elsewhere"] / 1e3, place, xerr=np.maximum(reach, 0), fmt="none", color=ESTIMATE, capsize=3)
    ax.plot(table["here"] / 1e3, place, "|", color=OBSERVED, ms=16, mew=3, label=_("spent here"))
    if "true_elsewhere" in table:
        ax.plot(table["true_elsewhere"] / 1e3, place, "D", color=TRUTH, mfc="none", mew=1.6, label=_("the truth"))
    ax.set_yticks(place, list(table.index))
    title = _("Of what they spend elsewhere, most is for {names}; the survey cannot tell which")
    if len(largest) == 1:
        title = _("Of what they spend elsewhere, most is for {names}")
    if len(largest) > 3:
        title = _("The survey cannot tell for which category they spend most elsewhere")
    set_title(ax, title.format(names=_(" or ").join(largest)))
    ax.set(xlabel=_("thousand {currency} a year, all customers together").format(currency=currency), ylabel="")
    thousands(ax.xaxis)
    ax.legend(loc="lower right")
    return ax
