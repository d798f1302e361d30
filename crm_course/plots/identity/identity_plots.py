"""Figures of records and persons: what is captured, how records are linked, and what a merge changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from crm_course.locale import _
from crm_course.plots.style import (
    ESTIMATE,
    NAIVE,
    OBSERVED,
    PALETTE,
    QUIET,
    TRUTH,
    as_written,
    new_axes,
    percent,
    set_title,
    thousands,
)
from crm_course.tables.small_groups import PEOPLE, is_few, shown


def plot_shares(shares: pd.DataFrame, what: str, subject: str, ax: Axes | None = None) -> Axes:
    """Draw a share by channel, with its interval.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.record_quality.share_with_interval` returns it.
    what : str
        What is counted, for the axis.
    subject : str
        The same in a word, for the title.
    ax : Axes, optional
        Where to draw.
    """
    table = shown(shares).dropna(subset=["share"]).sort_values("share")
    ax = new_axes(ax, 8.0, 1.6 + 0.4 * len(table))
    ax.hlines(table.index, table["low"], table["high"], color=ESTIMATE, lw=3, alpha=0.5)
    ax.plot(table["share"], table.index, "o", color=ESTIMATE)
    if len(table):
        title = _("{subject}: from {least:.0%} ({worst}) to {most:.0%} ({best})")
        least, most = table["share"].iloc[0], table["share"].iloc[-1]
        ends = {"least": least, "worst": table.index[0], "most": most, "best": table.index[-1]}
        set_title(ax, title.format(subject=subject, **ends))
    ax.set(xlabel=what, ylabel="", xlim=(0, 1.02))
    ax.margins(y=0.15)
    percent(ax.xaxis)
    return ax


def plot_completeness(by_channel: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Show the share of each channel's records in which each field can be used.

    Parameters
    ----------
    by_channel : DataFrame
        As `analysis.record_quality.by_channel` returns it.
    ax : Axes, optional
        Where to draw.
    """
    shares = shown(by_channel).drop(columns=PEOPLE).dropna()
    ax = new_axes(ax, 7.5, 1.4 + 0.5 * max(len(shares), 2))  # less leaves a single channel no room
    sns.heatmap(shares, annot=True, fmt=".0%", vmin=0, vmax=1, cmap="Blues", cbar=False, linewidths=1, ax=ax)
    if len(shares):
        worst = shares.stack().idxmin()
        title = _("Weakest: {field} at the {channel}, {share:.0%} of the records")
        set_title(ax, title.format(field=worst[1], channel=worst[0], share=shares.loc[worst]))
    ax.set(xlabel=_("field that can be used (share of the records)"), ylabel="")
    ax.tick_params(length=0, labelrotation=0)
    return ax


def plot_scores(labelled: pd.DataFrame, threshold: float, wrong: float, ax: Axes | None = None) -> Axes:
    """Draw how the scores of one person's pairs and of strangers' pairs lie beside each other.

    Parameters
    ----------
    labelled : DataFrame
        Pairs with ``score`` and ``same``, and ``weight`` where they are a sample.
    threshold : float
        Where the line is drawn.
    wrong : float
        Pairs of strangers right of it, as they are counted or estimated.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax)
    same = labelled["same"].astype(bool)
    weight = labelled["weight"] if "weight" in labelled else pd.Series(1.0, labelled.index)
    bins = np.arange(np.floor(labelled["score"].min()), np.ceil(labelled["score"].max()) + 1.0)
    names = [_("two people"), _("one person")]
    parts, weights = ([one[~same], one[same]] for one in (labelled["score"], weight))
    ax.hist(parts, bins=bins.tolist(), weights=weights, stacked=True, color=[NAIVE, ESTIMATE], label=names)
    ax.axvline(threshold, color=OBSERVED, ls="--", lw=1.5, label=_("merged from here on"))
    title = _("About {n:,.0f} pairs of strangers lie right of the line")
    if round(wrong) == 0:
        title = _("Hardly a pair of strangers lies right of the line")
    set_title(ax, title.format(n=wrong))
    ax.set(xlabel=_("score (points)"), ylabel=_("pairs of records"))
    thousands(ax.yaxis)
    ax.legend()
    return ax


def plot_cost_curve(curves: dict[str, pd.DataFrame], currency: str, ax: Axes | None = None) -> Axes:
    """Draw what false merges and missed pairs cost at each threshold.

    Parameters
    ----------
    curves : dict of str to DataFrame
        As `analysis.clerical.cost_curve` returns them, by name: the estimate first, the truth after it.
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax)
    lowest = []
    for (name, curve), color in zip(curves.items(), (ESTIMATE, TRUTH, NAIVE), strict=False):
        best = curve.loc[curve["cost"].idxmin()]
        ax.plot(curve["threshold"], curve["cost"], color=color, lw=2, drawstyle="steps-pre", label=name)
        ax.plot(best["threshold"], best["cost"], "o", color=color, ms=9)
        lowest.append(best)
    title = _("Cheapest at {threshold:.1f} points: {cost:,.0f} {currency} of mistakes among the pairs compared")
    set_title(ax, title.format(threshold=lowest[0]["threshold"], cost=lowest[0]["cost"], currency=currency))
    worth_seeing = 5 * max(best["cost"] for best in lowest) + 1
    ax.set(
        xlabel=_("threshold (points): pairs from here on are merged"),
        ylabel=as_written(_("cost of the mistakes ({currency})").format(currency=currency)),
        ylim=(0, worth_seeing),
        xlim=(lowest[0]["threshold"] - 5, lowest[0]["threshold"] + 9),
    )
    thousands(ax.yaxis)
    ax.legend()
    return ax


def plot_methods(quality: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw precision, recall and F1 of several ways of linking beside each other.

    Parameters
    ----------
    quality : DataFrame
        One row per method: ``precision``, ``recall``, ``f1``.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 1.8 + 0.45 * len(quality))
    place = np.arange(len(quality))
    for measure, color, marker in zip(["precision", "recall", "f1"], PALETTE, "o^D", strict=False):
        label = {"precision": _("precision"), "recall": _("recall"), "f1": "F1"}[measure]
        ax.plot(quality[measure], place, marker, color=color, ms=9, label=label)
    ax.hlines(place, quality.min(axis=1), quality.max(axis=1), color=QUIET, zorder=0)
    best = quality["f1"].idxmax()
    set_title(ax, _("Best together: {best}, F1 {f1:.2f}").format(best=best, f1=quality.loc[best, "f1"]))
    ax.set_yticks(place, quality.index)
    ax.invert_yaxis()
    ax.margins(y=0.2)
    ax.set(xlabel=_("share of the pairs"), ylabel="")
    percent(ax.xaxis)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def plot_scripts(by_kind: pd.DataFrame, way: str, ax: Axes | None = None) -> Axes:
    """Draw which share of the pairs is found, by the kinds of the two names, with intervals.

    Parameters
    ----------
    by_kind : DataFrame
        As `analysis.link_quality.methods_by_kind` returns it.
    way : str
        The way of linking that the title is about.
    ax : Axes, optional
        Where to draw.
    """
    table = shown(by_kind).dropna(subset=["recall"])
    kinds = list(dict.fromkeys(table.index.get_level_values("kinds")))
    ax = new_axes(ax, 9.0, 1.8 + 0.6 * len(kinds))
    if not kinds:
        return ax
    ways = list(dict.fromkeys(table.index.get_level_values("way")))
    for name, color, marker, shift in zip(ways, PALETTE, "so^Dv", np.linspace(-0.22, 0.22, len(ways)), strict=False):
        one = table.xs(name, level="way").reindex(kinds)
        place = np.arange(len(kinds)) + shift
        ax.hlines(place, one["low"], one["high"], color=color, lw=3, alpha=0.4)
        ax.plot(one["recall"], place, marker, color=color, label=name)
    recall = table.xs(way, level="way")["recall"]
    title = _("Weakest by {way}: {kind}, {share:.0%} found")
    set_title(ax, title.format(way=way, kind=recall.idxmin(), share=recall.min()))
    pairs = table["pairs"].astype(int).groupby("kinds").first()
    label = _("{kind}\n({n:,} pairs)")
    ax.set_yticks(range(len(kinds)), [label.format(kind=one.replace(" and ", "\nand "), n=pairs[one]) for one in kinds])
    ax.invert_yaxis()
    ax.set(xlabel=_("pairs found (share: recall; 90 % interval)"), ylabel="", xlim=(0, 1.02))
    ax.grid(axis="y", visible=False)
    percent(ax.xaxis)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def plot_counted_twice(table: pd.DataFrame, currency: str, ax: Axes | None = None) -> Axes:
    """Draw what a customer seems to have spent, by who counts as a customer.

    Parameters
    ----------
    table : DataFrame
        One column per way of counting, as `analysis.persons.counted_twice` returns them.
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    """
    spent = table.loc["spent"]
    ax = new_axes(ax, 8.0, 1.6 + 0.5 * len(spent))
    colors = [NAIVE, *[ESTIMATE] * (len(spent) - 1)]
    if spent.index[-1] == _("the truth"):
        colors[-1] = TRUTH
    bars = ax.barh(spent.index, spent, color=colors)
    notes = [_("{n:,.0f} customers").format(n=n) for n in table.loc["customers"]]
    ax.bar_label(bars, notes, padding=4, fontsize=9.5)
    ax.invert_yaxis()
    title = _("Counted by record, a customer is worth {share:.0%} less than after the merge")
    after = spent.iloc[1] if len(spent) > 1 else spent.iloc[0]
    set_title(ax, title.format(share=1 - spent.iloc[0] / after))
    ax.set(xlabel=as_written(_("mean net spend of a customer ({currency})").format(currency=currency)), ylabel="")
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.3)
    thousands(ax.xaxis)
    return ax


def plot_outdated(rate: pd.Series, truth: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw the share of telephone numbers that no longer hold, by the years since the record was confirmed.

    Parameters
    ----------
    rate : Series
        As `analysis.record_quality.change_rate` returns it.
    truth : DataFrame, optional
        As `analysis.record_quality.share_old` returns it: what the simulator knows.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax)
    years, reach = np.linspace(0, 5, 51), rate["reach"]
    line, low, high = (1 - np.exp(-rate[name] * years) for name in ("per_year", "low", "high"))
    ax.fill_between(years, low, high, color=ESTIMATE, alpha=0.2, label=_("95 % interval"))
    near, far = years <= reach, years >= reach - 0.1  # they meet
    ax.plot(years[near], line[near], color=ESTIMATE, lw=2, label=_("estimate"))
    ax.plot(years[far], line[far], color=ESTIMATE, lw=2, ls=":", label=_("the same, drawn further than the data"))
    if truth is not None and len(truth):
        dots = shown(truth)
        ax.plot(dots["years"], dots["share"], "o", color=TRUTH, label=_("truth"))
    title = _("After three years without a word, {low:.0%} to {high:.0%} of the numbers are old")
    set_title(ax, title.format(**{name: 1 - np.exp(-3 * rate[name]) for name in ("low", "high")}))
    ax.set(xlabel=_("years since the record was confirmed"), ylabel=_("share of the numbers that changed"))
    percent(ax.yaxis)
    ax.set_ylim(0, min(1.02, max(0.6, 1.1 * float(high[-1]))))
    ax.legend(loc="upper left")
    return ax


def plot_retention(counts: pd.DataFrame, gone: int, total: int, ax: Axes | None = None) -> Axes:
    """Draw what the retention rule keeps and deletes.

    Parameters
    ----------
    counts : DataFrame
        As `analysis.deletion.reasons` returns it; of few people nothing is drawn.
    gone, total : int
        Outdated records and all records.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 1.8 + 0.4 * len(counts))
    colors = {"outdated": NAIVE, "in use": ESTIMATE, "open invoice": PALETTE[4]}
    bars = [colors.get(str(name), QUIET) for name in counts.columns]
    shown(counts).plot.barh(stacked=True, ax=ax, color=bars)
    title = _("{gone:,} of {all:,} records are outdated").format(gone=gone, all=total)
    set_title(ax, _("Of too few customers to be shown") if is_few(gone) or is_few(total - gone) else title)
    ax.set(xlabel=_("records"), ylabel="")
    ax.grid(axis="y", visible=False)
    thousands(ax.xaxis)
    ax.legend(title="", loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def plot_field_worth(worth: pd.DataFrame, asking: float, currency: str, ax: Axes | None = None) -> Axes:
    """Draw what each question of a form saves in mistakes against what it costs to ask it.

    Parameters
    ----------
    worth : DataFrame
        As `analysis.record_quality.field_worth` returns it.
    asking : float
        What it costs to ask everyone one question (currency).
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 1.8 + 0.4 * len(worth))
    ax.hlines(worth.index, worth["low"], worth["high"], color=ESTIMATE, lw=3, alpha=0.5)
    ax.plot(worth["worth"], worth.index, "o", color=ESTIMATE)
    ax.axvline(asking, color=NAIVE, ls="--", lw=1.5, label=_("cost of asking it"))
    ax.invert_yaxis()
    pays = int((worth["low"] > asking).sum())
    title = _("{n} of {all} questions pay for the asking by all of their 90 % interval")
    set_title(ax, title.format(n=pays, all=len(worth)))
    label = _("mistakes that the question saves ({currency}, 90 % interval)").format(currency=currency)
    ax.set(xlabel=as_written(label), ylabel="")
    ax.margins(y=0.15)
    thousands(ax.xaxis)
    ax.legend(loc="lower right")
    return ax
