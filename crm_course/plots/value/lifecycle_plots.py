"""Figures of lists, stages and tiers of customers, and of how accounts pay."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from crm_course.locale import _
from crm_course.plots.style import ESTIMATE, NAIVE, NAVY, PALETTE, QUIET, TRUTH, new_axes, percent, set_title, thousands
from crm_course.tables.small_groups import fewest, numbers_of_people, shown


def plot_agreement(agreement: pd.DataFrame, ax: Axes | None = None, known: str = "the truth") -> Axes:
    """Show which share of one list of customers is on another too.

    Parameters
    ----------
    agreement : DataFrame
        As `analysis.lifecycle.agreement` returns it.
    ax : Axes, optional
        Where to draw.
    known : str
        List that nobody could have made; the title speaks of the others.
    """
    ax = new_axes(ax, 7.0, 5.2)
    sns.heatmap(
        agreement, annot=True, fmt=".0%", vmin=0, vmax=1, cmap="Blues", cbar=False, linewidths=1, ax=ax, square=True
    )
    made = agreement.drop(index=known, columns=known, errors="ignore")
    apart = made.to_numpy()[~np.eye(len(made), dtype=bool)]
    set_title(ax, _("Two lists share {low:.0%} to {high:.0%} of their names").format(low=apart.min(), high=apart.max()))
    ax.set(xlabel=_("… is on this list too"), ylabel=_("share of the names on this list that …"))
    ax.tick_params(length=0)
    ax.set_xticks(ax.get_xticks(), [label.get_text() for label in ax.get_xticklabels()], rotation=30, ha="right")
    ax.tick_params(axis="y", labelrotation=0)
    return ax


def plot_gain(gain: pd.DataFrame, outcome: str, ax: Axes | None = None) -> Axes:
    """Draw the share of an outcome that the top share of customers brings, by ranking.

    Parameters
    ----------
    gain : DataFrame
        As `analysis.lifecycle.gain` returns it.
    outcome : str
        What is counted.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 7.5, 5.0)
    found: dict[str, float] = {}
    for (name, part), color in zip(gain.groupby("ranking", sort=False), PALETTE, strict=False):
        found[name] = np.interp(0.2, part["share_of_customers"], part["share_of_outcome"])
        label = _("{name} (top 20 %: {share:.0%})").format(name=name, share=found[name])
        ax.plot(part["share_of_customers"], part["share_of_outcome"], color=color, lw=2, label=label)
    ax.plot([0, 1], [0, 1], color=QUIET, ls="--", lw=1)
    ax.axvline(0.2, color=QUIET, lw=1)
    title = _("The best fifth brings {least:.0%} ({worst}) to {most:.0%} ({best})")
    best, worst = max(found, key=found.__getitem__), min(found, key=found.__getitem__)
    set_title(ax, title.format(most=found[best], best=best, least=found[worst], worst=worst))
    ax.set(
        xlabel=_("share of customers, best of each list first"),
        ylabel=_("share of {outcome}").format(outcome=outcome),
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    percent(ax.xaxis)
    percent(ax.yaxis)
    ax.legend(loc="lower right")
    return ax


def plot_stages(stages: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many customers stand in each lifecycle stage.

    Parameters
    ----------
    stages : DataFrame
        As `analysis.lifecycle.lifecycle_stages` returns them.
    ax : Axes, optional
        Where to draw.
    """
    counts = shown(numbers_of_people(stages["stage"].value_counts(sort=False)))
    ax = new_axes(ax, 8.0, 2.8)
    bars = ax.barh([_(str(name)) for name in counts.index], counts.fillna(0), color=[TRUTH, ESTIMATE, NAVY, NAIVE])
    told = ["–" if np.isnan(n) else f"{n:,.0f} ({n / len(stages):.0%})" for n in counts]
    ax.bar_label(bars, told, padding=4, fontsize=9.5)
    ax.invert_yaxis()
    silent = _("{share:.0%} of the customers have been silent far longer than usual")
    hidden = np.isnan(counts["declining"])
    set_title(ax, _("Stages of customers") if hidden else silent.format(share=counts["declining"] / len(stages)))
    ax.set(
        xlabel=_("customers"),
        ylabel="",
    )
    ax.grid(axis="y", visible=False)
    ax.margins(x=0.15)
    thousands(ax.xaxis)
    return ax


def plot_tier_moves(moves: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Show how far customers moved from the tier they had; a cell of too few people is white.

    Parameters
    ----------
    moves : DataFrame
        As `analysis.lifecycle.tier_moves` returns them.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 7.0, 3.6)
    people, seen = moves.sum(axis=1), shown(moves)
    shares = seen.div(people.clip(lower=1), axis=0)
    notes = [
        [f"{n:,.0f}\n({share:.0%})" for n, share in zip(row, part, strict=True)]
        for row, part in zip(seen.to_numpy(), shares.to_numpy(), strict=True)
    ]
    sns.heatmap(shares, annot=np.array(notes), fmt="", cmap="Blues", cbar=False, linewidths=1, vmin=0, vmax=1, ax=ax)
    gold = shares.loc["gold"]
    title = _("Of the gold customers {stayed:.0%} are still gold, and {fell:.0%} fell two steps")
    told = people["gold"] and not gold[["stayed", "two steps down"]].isna().any()
    title = title.format(stayed=gold["stayed"], fell=gold["two steps down"])
    set_title(ax, title if told else _("Customers by their tier at the split and how far they moved"))
    names = [f"{tier}\nn={n:,}" if n >= fewest() else str(tier) for tier, n in people.items()]
    ax.set_yticks(ax.get_yticks(), names)
    ax.set(
        xlabel=_("what became of them"),
        ylabel=_("tier at the split"),
    )
    ax.tick_params(length=0, labelrotation=0)
    ax.grid(visible=False)
    return ax


def plot_credit(credit: pd.DataFrame, ax: Axes | None = None, currency: str = "HKD") -> Axes:
    """Draw accounts by what they were billed and how punctually they pay.

    Parameters
    ----------
    credit : DataFrame
        As `analysis.credit.credit_behaviour` returns it.
    ax : Axes, optional
        Where to draw.
    currency : str
        Code of the currency.
    """
    ax = new_axes(ax, 8.0, 4.5)
    rows = credit.dropna(subset=["on_time"])
    size = 20 + 380 * rows["overdue"] / max(float(rows["overdue"].max()), 1.0)
    late = rows["overdue"] > 0
    for part, color, label in (
        (~late, ESTIMATE, _("nothing overdue by more than a week")),
        (late, NAIVE, _("overdue (area: how much)")),
    ):
        ax.scatter(
            rows.loc[part, "billed"],
            rows.loc[part, "on_time"],
            s=size[part],
            color=color,
            alpha=0.65,
            lw=0,
            label=label,
        )
    set_title(
        ax, _("{n} of {all} accounts owe money that is more than a week late").format(n=int(late.sum()), all=len(rows))
    )
    ax.set(
        xlabel=_("billed so far ({currency})").format(currency=currency),
        ylabel=_("share of invoices paid on time"),
    )
    ax.set_ylim(-0.05, 1.05)
    percent(ax.yaxis)
    thousands(ax.xaxis)
    ax.legend(loc="lower right")
    return ax
