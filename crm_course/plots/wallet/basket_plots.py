"""Figures and tables of what is bought together, who begins with what, and who may be invited."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crm_course.locale import _
from crm_course.plots.style import (
    ESTIMATE,
    NAIVE,
    QUIET,
    as_written,
    new_axes,
    percent,
    set_title,
    thousands,
)
from crm_course.plots.wallet.wallet_plots import finding
from crm_course.tables.small_groups import numbers_of_people, shown


def rules_in_words(rules: pd.DataFrame, most: int = 8) -> pd.DataFrame:
    """Write the strongest rules out, each pair once and in the direction of the higher confidence.

    Parameters
    ----------
    rules : DataFrame
        As `analysis.basket_rules.basket_rules` returns them.
    most : int
        Pairs.

    Returns
    -------
    DataFrame
        By ``this`` and ``that``: ``baskets`` with both, ``support``, ``confidence`` and ``lift`` with their 95 %
        intervals, ``q_value``; texts.
    """
    table = _pairs(rules.sort_values(["p_value", "confidence"], ascending=[True, False])).head(most)
    columns = {
        "baskets": [f"{count:,}" for count in table["together"]],
        "support": [f"{share:.1%}" for share in table["support"]],
        "confidence": _with_interval(table, "confidence", "{:.0%}"),
        "lift": _with_interval(table, "lift", "{:.1f}"),
        "q_value": ["< 0.01" if q < 0.01 else f"{q:.2f}" for q in table["q_value"]],
    }
    return pd.DataFrame(columns, pd.MultiIndex.from_frame(table[["this", "that"]]))


def _with_interval(table: pd.DataFrame, name: str, form: str) -> list[str]:
    values = table[[name, f"{name}_low", f"{name}_high"]].to_numpy()
    return [_("{value} ({low} to {high})").format(**_written(row, form)) for row in values]


def _written(row: np.ndarray, form: str) -> dict[str, str]:
    return {name: form.format(value) for name, value in zip(("value", "low", "high"), row, strict=True)}


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
    rare = table["q_value"].isna().to_numpy()
    for which, color, label in (
        (believed, ESTIMATE, _("stands up")),
        (~believed & ~rare, NAIVE, _("tested: may be luck")),
        (rare, QUIET, _("too rare: not tested")),
    ):
        part, at = table[which], place[which]
        reach = np.vstack([part["lift"] - part["lift_low"], part["lift_high"] - part["lift"]])
        if len(part):
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
    ax.legend(loc="upper center", bbox_to_anchor=(0.3, -0.5 / len(table) - 0.06), ncols=3)
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
    ax = new_axes(ax, 7.5, 5.0)
    ways = [(highest, "x", NAIVE, _("the highest lifts")), (believed, "o", ESTIMATE, _("rules that stand up"))]
    sure, count, tops = [], [], [1.5]
    for shift, (rules, mark, color, label) in zip((1.0, 1.04), ways, strict=True):  # pairs of both lie side by side
        pairs = _pairs(rules).dropna(subset="lift_later")
        later = pairs["lift_later"]
        reach = np.vstack([later - pairs["lift_later_low"], pairs["lift_later_high"] - later])
        look: dict[str, Any] = {"mfc": "none", "ms": 7, "mew": 1.6, "elinewidth": 1, "capsize": 2}
        ax.errorbar(pairs["lift"] * shift, later, np.maximum(reach, 0), fmt=mark, color=color, label=label, **look)
        sure.append((pairs["lift_later_low"] > 1).sum())
        count.append(len(pairs))
        tops += [*pairs["lift"], *pairs["lift_later_high"]]
    top = 1.15 * max(tops)
    ax.plot([0, top], [0, top], color=QUIET, ls="--", lw=1)
    ax.axhline(1, color=QUIET, lw=1)
    ax.set(xscale="symlog", yscale="symlog", xlim=(0.4, top), ylim=(-0.15, top))
    ticks = [tick for tick in (0, 0.5, 1, 2, 4, 8, 16, 32) if tick < top]
    ax.set_xticks(ticks[1:], [f"{tick:g}" for tick in ticks[1:]])
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    title = _("Clearly above 1 in later months: {sure} of the {n} highest lifts, {kept} of the {m} that stand up")
    set_title(ax, title.format(sure=sure[0], n=count[0], kept=sure[1], m=count[1]))
    ax.set(xlabel=_("lift when the rule was found"), ylabel=_("lift in later baskets (95 % interval)"))
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
    table = shown(calibration).dropna()
    reach = np.vstack([table["came"] - table["low"], table["high"] - table["came"]])
    ax.errorbar(table["expected"], table["came"], np.maximum(reach, 0), fmt="o", color=ESTIMATE, capsize=3)
    top = 1.08 * float(np.nanmax([*table["expected"], *table["high"], 0.01]))
    ax.plot([0, top], [0, top], color=QUIET, ls="--", lw=1)
    parts = table["rows"] / table["rows"].sum()
    expected, came = ((parts * table[name]).sum(min_count=1) for name in ("expected", "came"))
    title = _("In the later months {came:.1%} of the open categories were begun; forecast were {expected:.1%}")
    set_title(ax, finding(title, came=came, expected=expected))
    ax.set(xlabel=_("forecast chance"), ylabel=_("share that began (95 % interval)"), xlim=(0, top), ylim=(0, top))
    percent(ax.xaxis)
    percent(ax.yaxis)
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
    counts = shown(numbers_of_people(reach["reason"].value_counts(sort=False).iloc[::-1]))
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
    share = counts[""] / len(reach)
    set_title(ax, as_written(finding(_("{share:.0%} of the customers may be invited"), share=share)))
    ax.set(xlabel=_("customers (first reason that speaks against it)"), ylabel="")
    ax.margins(x=0.1)
    thousands(ax.xaxis)
    return ax
