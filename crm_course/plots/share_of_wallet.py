"""Figures of the chapter on share of wallet and cross-selling."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crm_course.locale import _
from crm_course.plots.customer_value import plot_estimate_against_truth
from crm_course.plots.style import (
    ESTIMATE,
    NAIVE,
    OBSERVED,
    PALE,
    QUIET,
    TRUTH,
    as_written,
    new_axes,
    percent,
    set_title,
    thousands,
)

__all__ = [
    "plot_bounds",
    "plot_calibration",
    "plot_estimate_against_truth",
    "plot_kept_later",
    "plot_money_elsewhere",
    "plot_reasons",
    "plot_recall",
    "plot_rules",
    "plot_survey_sizes",
    "plot_wallet_shares",
]


def plot_recall(answers: pd.DataFrame, ratio: float, currency: str, ax: Axes | None = None) -> Axes:
    """Draw what customers say they spent here against what the till knows.

    Parameters
    ----------
    answers : DataFrame
        As `analysis.share_of_wallet.survey_answers` returns them.
    ratio : float
        As `analysis.share_of_wallet.recall_ratio` returns it.
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
    set_title(ax, _("Of every 100 spent here, customers recall {recalled:.0f}").format(recalled=100 * ratio))
    ax.set(
        xlabel=_("spent here in 365 days, by the till ({currency}, logarithmic)").format(currency=currency),
        ylabel=_("spent here, as recalled ({currency}, logarithmic)").format(currency=currency),
    )
    thousands(ax.xaxis)
    thousands(ax.yaxis)
    ax.legend(loc="upper left")
    return ax


def plot_wallet_shares(
    shares: pd.DataFrame, naive: pd.Series | None = None, truth: pd.Series | None = None, ax: Axes | None = None
) -> Axes:
    """Draw share of wallet by category, with intervals.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.share_of_wallet.wallet_shares` returns them.
    naive : Series, optional
        By category, what a naive way gives.
    truth : Series, optional
        By category, where it is known.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 1.6 + 0.42 * len(shares))
    order = [*shares.drop("all").sort_values("share").index, "all"]
    table, place = shares.loc[order], np.arange(len(order))
    reach = np.vstack([table["share"] - table["share_low"], table["share_high"] - table["share"]])
    label = _("survey, calibrated and imputed (90 % interval)")
    ax.errorbar(table["share"], place, xerr=reach, fmt="o", color=ESTIMATE, capsize=3, label=label)
    if naive is not None:
        ax.plot(naive.reindex(order), place, "x", color=NAIVE, mew=2, label=str(naive.name))
    if truth is not None:
        ax.plot(truth.reindex(order), place, "D", color=TRUTH, ms=6, mfc="none", mew=1.6, label=_("the truth"))
    names = [_("all categories") if name == "all" else name for name in order]
    ax.set_yticks(place, names)
    set_title(ax, _("Our share of wallet is {share:.0%}").format(share=shares.loc["all", "share"]))
    ax.set(xlabel=_("share of wallet"), ylabel="", xlim=(0, min(1, 1.12 * float(table["share_high"].max()) + 0.02)))
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
    place = np.arange(len(bounds))
    ax.hlines(place, bounds["share_low"], bounds["share_high"], color=PALE, lw=9, label=_("possible without a survey"))
    if shares is not None:
        table = shares.reindex(bounds.index)
        ax.hlines(
            place, table["share_low"], table["share_high"], color=ESTIMATE, lw=4, label=_("with it (90 % interval)")
        )
    ax.set_yticks(place, [_("all categories") if name == "all" else str(name) for name in bounds.index])
    low, high = bounds.loc["all", ["share_low", "share_high"]]
    set_title(ax, _("Without a survey our share lies anywhere from {low:.0%} to {high:.0%}").format(low=low, high=high))
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
        title = _("With {many} answers the calibrated total is {ours:+.0%} off on average, face value {naive:+.0%}")
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


def plot_rules(rules: pd.DataFrame, most: int = 12, false_share: float = 0.05, ax: Axes | None = None) -> Axes:
    """Draw the highest lifts with their intervals, and say which stand up to the number of pairs tried.

    Parameters
    ----------
    rules : DataFrame
        As `analysis.basket_rules.basket_rules` or `within_customers` returns them.
    most : int
        Pairs to draw, the highest lift first.
    false_share : float
        Largest ``q_value`` that is believed.
    ax : Axes, optional
        Where to draw.
    """
    pairs = _pairs(rules)
    table = pairs.nlargest(most, "lift").iloc[::-1]
    ax = new_axes(ax, 8.5, 1.6 + 0.36 * len(table))
    place, believed = np.arange(len(table)), (table["q_value"] <= false_share).to_numpy()
    for stands, color, label in (
        (True, ESTIMATE, _("stands up")),
        (False, NAIVE, _("may be luck, or too rare to test")),
    ):
        part, at = table[believed == stands], place[believed == stands]
        reach = np.vstack([part["lift"] - part["lift_low"], part["lift_high"] - part["lift"]])
        ax.errorbar(part["lift"], at, xerr=np.maximum(reach, 0), fmt="o", color=color, capsize=3, label=label)
    ax.axvline(1, color=QUIET, ls="--", lw=1)
    ax.set_yticks(place, [f"{this} + {that}" for this, that in zip(table["this"], table["that"], strict=True)])
    ax.set_xscale("log")
    ticks = [
        tick
        for tick in (0.5, 1, 2, 4, 8, 16, 32, 64)
        if table["lift_low"].min() / 2 < tick < table["lift_high"].max() * 2
    ]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    title = _("Of {tried} pairs tested, {kept} stand up;\nof the {most} highest lifts, {of_most}")
    tried, kept = pairs["q_value"].notna().sum(), (pairs["q_value"] <= false_share).sum()
    ax.set_title(title.format(tried=tried, kept=kept, most=len(table), of_most=believed.sum()))
    ax.set(xlabel=_("lift, 1: as often as by chance (95 % interval, logarithmic)"), ylabel="")
    ax.legend(loc="upper center", bbox_to_anchor=(0.3, -0.5 / len(table) - 0.06), ncols=2)
    return ax


def _pairs(rules: pd.DataFrame) -> pd.DataFrame:
    """Give each pair once, whichever way its rules run."""
    names = pd.DataFrame(np.sort(rules[["this", "that"]].to_numpy(str), axis=1), rules.index)
    return rules[~names.duplicated()]


def plot_kept_later(believed: pd.DataFrame, highest: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the lift that was found against the lift in later baskets, for both ways of choosing rules.

    Parameters
    ----------
    believed, highest : DataFrame
        Rules that stand up and rules with the highest lift, as `analysis.basket_rules.kept_later` returns them.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 6.5, 5.0)
    ways = [(highest, "x", NAIVE, _("the highest lifts")), (believed, "o", ESTIMATE, _("rules that stand up"))]
    gone, count = [], []
    for rules, mark, color, label in ways:
        pairs = _pairs(rules).dropna(subset="lift_later")
        ax.plot(pairs["lift"], pairs["lift_later"], mark, color=color, mfc="none", ms=8, mew=1.6, label=label)
        gone.append((pairs["lift_later"] <= 1).sum())
        count.append(len(pairs))
    both = pd.concat([believed, highest])[["lift", "lift_later"]]
    top = 1.15 * max(float(both.max().max()), 1.5)
    ax.plot([0, top], [0, top], color=QUIET, ls="--", lw=1)
    ax.axhline(1, color=QUIET, lw=1)
    ax.set(xscale="symlog", yscale="symlog", xlim=(0.4, top), ylim=(-0.15, top))
    ticks = [tick for tick in (0, 0.5, 1, 2, 4, 8, 16, 32) if tick < top]
    ax.set_xticks(ticks[1:], [f"{tick:g}" for tick in ticks[1:]])
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    title = _("Nothing was left later of {gone} of the {n} highest lifts, and of {less} of the {m} that stand up")
    set_title(ax, title.format(gone=gone[0], n=count[0], less=gone[1], m=count[1]))
    ax.set(xlabel=_("lift when the rule was found"), ylabel=_("lift in later baskets"))
    ax.legend(loc="upper left")
    return ax


def plot_calibration(calibration: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the share that began with a category against the chance that was forecast.

    Parameters
    ----------
    calibration : DataFrame
        As `analysis.next_category.calibration` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 6.5, 5.0)
    reach = np.vstack([calibration["came"] - calibration["low"], calibration["high"] - calibration["came"]])
    ax.errorbar(calibration["expected"], calibration["came"], np.maximum(reach, 0), fmt="o", color=ESTIMATE, capsize=3)
    top = 1.08 * float(calibration[["expected", "high"]].max().max())
    ax.plot([0, top], [0, top], color=QUIET, ls="--", lw=1)
    total = calibration["rows"].to_numpy()
    expected, came = (float(total @ calibration[name] / total.sum()) for name in ("expected", "came"))
    title = _("In the later months {came:.1%} of the open categories were begun; forecast were {expected:.1%}")
    set_title(ax, title.format(came=came, expected=expected))
    ax.set(xlabel=_("forecast chance"), ylabel=_("share that began (95 % interval)"), xlim=(0, top), ylim=(0, top))
    percent(ax.xaxis)
    percent(ax.yaxis)
    return ax


def plot_money_elsewhere(
    shares: pd.DataFrame, currency: str, truth: pd.Series | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what our customers spend elsewhere on each category.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.share_of_wallet.wallet_shares` returns them.
    currency : str
        Code of the currency.
    truth : Series, optional
        True spend elsewhere by category (currency).
    ax : Axes, optional
        Where to draw.
    """
    table = shares.drop("all").sort_values("elsewhere")
    ax = new_axes(ax, 8.0, 1.6 + 0.42 * len(table))
    place = np.arange(len(table))
    reach = np.vstack([table["elsewhere"] - table["elsewhere_low"], table["elsewhere_high"] - table["elsewhere"]]) / 1e3
    ax.barh(place, table["elsewhere"] / 1e3, color=PALE, label=_("spent elsewhere (90 % interval)"))
    ax.errorbar(table["elsewhere"] / 1e3, place, xerr=np.maximum(reach, 0), fmt="none", color=ESTIMATE, capsize=3)
    ax.plot(table["here"] / 1e3, place, "|", color=OBSERVED, ms=16, mew=3, label=_("spent here"))
    if truth is not None:
        ax.plot(truth.reindex(table.index) / 1e3, place, "D", color=TRUTH, mfc="none", mew=1.6, label=_("the truth"))
    ax.set_yticks(place, list(table.index))
    set_title(ax, _("Most money goes elsewhere in {category}").format(category=table.index[-1]))
    ax.set(xlabel=_("thousand {currency} a year, all customers together").format(currency=currency), ylabel="")
    thousands(ax.xaxis)
    ax.legend(loc="lower right")
    return ax


def plot_reasons(reach: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many customers may be invited, and why the others may not.

    Parameters
    ----------
    reach : DataFrame
        As `analysis.invitations.may_be_invited` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 3.2)
    counts = reach["reason"].value_counts(sort=False).iloc[::-1]
    words = {
        "": _("may be invited"),
        "did not say yes to marketing": _("did not say yes to marketing"),
        "did not say yes to profiling": _("did not say yes to profiling"),
        "address does not work": _("address does not work"),
        "written to enough": _("written to often enough"),
    }
    colors = [ESTIMATE if reason == "" else QUIET for reason in counts.index]
    bars = ax.barh([words[str(reason)] for reason in counts.index], counts, color=colors)
    ax.bar_label(bars, fmt="{:,.0f}", padding=3)
    share = reach["invited"].mean()
    set_title(ax, as_written(_("{share:.0%} of the customers may be invited").format(share=share)))
    ax.set(xlabel=_("customers (first reason that speaks against it)"), ylabel="")
    ax.margins(x=0.1)
    thousands(ax.xaxis)
    return ax
