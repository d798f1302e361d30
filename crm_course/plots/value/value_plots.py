"""Figures of the chapter on customer value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from statsmodels.stats.proportion import proportion_confint

from crm_course.locale import _
from crm_course.plots.style import (
    ESTIMATE,
    NAIVE,
    NAVY,
    OBSERVED,
    PALE,
    PALETTE,
    QUIET,
    TRUTH,
    few_dates,
    new_axes,
    percent,
    set_title,
    thousands,
)
from crm_course.tables.small_groups import enough, fewest, is_few, numbers_of_people, shown


def plot_lorenz(lorenz: pd.DataFrame, concentration: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the Lorenz curve, richest first, with the share of the top fifth.

    Parameters
    ----------
    lorenz : DataFrame
        As `analysis.sales.lorenz` returns it.
    concentration : DataFrame
        As `analysis.sales.concentration` returns it; missing shares are not drawn.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 6.5, 5.0)
    customers, amount = lorenz["share_of_customers"].to_numpy(), lorenz["share_of_amount"].to_numpy()
    ax.plot(customers, amount, color=ESTIMATE, lw=2)
    ax.plot([0, 1], [0, 1], color=QUIET, lw=1, ls="--")
    ax.annotate(_("everyone the same"), (0.62, 0.62), (0.68, 0.58), color="#777777", fontsize=9)
    estimate, low, high = concentration.loc["top_20_share"]
    if np.isnan(estimate):
        set_title(ax, _("Of too few customers to be shown"))
    else:
        ax.errorbar(0.2, estimate, [[estimate - low], [high - estimate]], fmt="o", color=OBSERVED, capsize=4)
        label = _("the top 20 % bring {share:.0%}\n(95 % interval {low:.0%} to {high:.0%})")
        told = label.format(share=estimate, low=low, high=high)
        ax.annotate(told, (0.22, estimate), (0.32, estimate - 0.17), fontsize=9.5)
        set_title(ax, _("A fifth of the customers bring {share:.0%} of net sales").format(share=estimate))
    ax.set(
        xlabel=_("share of customers, best first"),
        ylabel=_("share of net sales"),
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    percent(ax.xaxis)
    percent(ax.yaxis)
    return ax


def plot_recency_frequency(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Show how many customers there are by purchases and time since the last one; a cell of too few is white.

    Parameters
    ----------
    table : DataFrame
        As `analysis.rfm.rfm` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 4.2)
    edges = [-1, 30, 90, 180, 365, 730, np.inf]
    names = [_("30 days or less"), _("31–90"), _("91–180"), _("181–365"), _("1–2 years"), _("over 2 years")]
    since = pd.cut(table["T"] - table["recency"], edges, labels=names)
    bought = pd.cut(table["frequency"] + 1, [0, 1, 2, 3, 5, 8, np.inf], labels=["1", "2", "3", "4–5", "6–8", "9+"])
    counts = pd.crosstab(bought, since, dropna=False)
    counts = shown(numbers_of_people(counts, "rows"))  # the chapter tells how many bought once
    sns.heatmap(
        counts, annot=True, fmt=".0f", cmap="Blues", cbar=False, linewidths=1, ax=ax, annot_kws={"fontsize": 9.5}
    )
    one = (table["frequency"] == 0).mean()
    few = is_few(one * len(table)) or is_few((1 - one) * len(table))
    title = _("{share:.0%} of the customers bought once and have not come back").format(share=one)
    set_title(ax, _("Of too few customers to be shown") if few else title)
    ax.set(
        xlabel=_("time since the last purchase"),
        ylabel=_("purchase days"),
    )
    ax.tick_params(length=0, labelrotation=0)
    ax.grid(visible=False)
    return ax


def plot_seasonal_index(index: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Show how fast purchases come in each season, with intervals.

    Parameters
    ----------
    index : DataFrame
        As `analysis.seasons.seasonal_index` returns it; empty where no season can be seen.
    ax : Axes, optional
        Where to draw.
    """
    table = index.astype(float).sort_values("index")
    ax = new_axes(ax, 8.0, 1.2 + 0.38 * len(table))
    if table.empty:
        ax.set_axis_off()
        set_title(ax, _("No season can be seen: the data are too short"))
        return ax
    position = np.arange(len(table))
    reach = np.vstack([table["index"] - table["low"], table["high"] - table["index"]])
    ax.errorbar(table["index"], position, xerr=np.nan_to_num(reach), fmt="o", color=ESTIMATE, capsize=3)
    ax.axvline(1, color=QUIET, ls="--", lw=1)
    ax.set_yticks(position, [str(name).replace("_", " ") for name in table.index])
    busiest = str(table.index[-1]).replace("_", " ")
    title = _("Busiest season: {season}, {times:.1f} times an average day")
    set_title(ax, title.format(season=busiest, times=table["index"].iloc[-1]))
    ax.set(
        xlabel=_("purchases against those expected of the customers there were (1 = average day)"),
        ylabel="",
    )
    ax.set_xlim(left=0)
    return ax


def plot_tracking(actual: pd.Series, forecasts: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw cumulative purchases after the day of the forecast, actual and forecast.

    Parameters
    ----------
    actual : Series
        Cumulative purchases by day.
    forecasts : DataFrame
        The same, one column a forecast; the first is the naive one.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax)
    ax.plot(actual.index, actual, color=OBSERVED, lw=2.5, label=_("what happened"))
    for name, color in zip(forecasts, [NAIVE, ESTIMATE, *PALETTE[3:]], strict=False):
        ax.plot(forecasts.index, forecasts[name], color=color, lw=2, label=name)
    error = forecasts.iloc[-1] / actual.iloc[-1] - 1
    best = error.abs().idxmin()
    low = _("Forecast of the hold-out: {name} ends {off:.0%} too low")
    high = _("Forecast of the hold-out: {name} ends {off:.0%} too high")
    title = low if error[best] < 0 else high
    set_title(ax, title.format(name=best, off=abs(error[best])))
    ax.set(
        xlabel=_("day"),
        ylabel=_("purchases since the forecast was made"),
    )
    thousands(ax.yaxis)
    ax.legend(loc="upper left")
    few_dates(ax)
    return ax


def plot_holdout_by_frequency(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw mean purchases in the hold-out by purchases before, forecast and actual.

    Parameters
    ----------
    table : DataFrame
        As `analysis.forecasts.holdout_by_frequency` returns it.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 8.0, 4.2)
    table = shown(table)
    position = np.arange(len(table))
    reach = np.vstack([table["actual"] - table["low"], table["high"] - table["actual"]])
    ax.errorbar(position - 0.06, table["actual"], reach, fmt="o", color=OBSERVED, capsize=3, label=_("what happened"))
    ax.plot(position + 0.06, table["predicted"], "D-", color=ESTIMATE, lw=1.2, label=_("forecast"))
    labels = [f"{value}" for value in table.index[:-1]] + [f"{table.index[-1]}+"]
    told = ["–" if np.isnan(n) else f"n={n:,.0f}" for n in table["people"]]
    ax.set_xticks(position, [f"{label}\n{n}" for label, n in zip(labels, told, strict=True)])
    title = _(
        "Forecast above what happened in {above} of {groups} groups, below in {below}; within the interval in {inside}"
    )
    predicted, actual = table["predicted"], table["actual"]
    counted = {
        "groups": table["people"].count(),
        "above": (predicted > actual).sum(),
        "below": (predicted < actual).sum(),
        "inside": predicted.between(table["low"], table["high"]).sum(),
    }
    set_title(ax, title.format(**counted))
    ax.set(
        xlabel=_("repeat purchases before the forecast"),
        ylabel=_("purchases a customer in the hold-out"),
    )
    ax.set_ylim(bottom=0)
    ax.legend(loc="upper left")
    return ax


def plot_spend_shrinkage(
    table: pd.DataFrame, expected: pd.Series, population_mean: float, currency: str, ax: Axes | None = None
) -> Axes:
    """Draw expected spend against a customer's own mean, by how often she was seen.

    Parameters
    ----------
    table : DataFrame
        As `analysis.rfm.rfm` returns it.
    expected : Series
        Expected spend of the next purchase (currency).
    population_mean : float
        Mean over all customers (currency).
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    """
    ax = new_axes(ax, 6.5, 5.0)
    rows = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    groups = pd.cut(rows["frequency"], [0, 1, 4, np.inf], labels=[_("1 repeat purchase"), _("2–4"), _("5 and more")])
    for (name, part), color in zip(rows.groupby(groups, observed=True), ["#E69F00", "#56B4E9", NAVY], strict=False):
        ax.scatter(part["monetary_value"], expected.loc[part.index], s=16, color=color, alpha=0.7, label=name, lw=0)
    top = float(rows["monetary_value"].quantile(0.995))
    ax.plot([0, top], [0, top], color=QUIET, ls="--", lw=1)
    ax.axhline(population_mean, color=NAIVE, lw=1)
    ax.annotate(_("mean of all customers"), (top, population_mean), ha="right", va="bottom", color=NAIVE, fontsize=9)
    set_title(ax, _("The less we have seen of her, the closer to the mean"))
    ax.set(
        xlabel=_("her own mean spend ({currency} a purchase)").format(currency=currency),
        ylabel=_("expected spend ({currency} a purchase)").format(currency=currency),
        xlim=(0, top),
        ylim=(0, top),
    )
    thousands(ax.xaxis)
    thousands(ax.yaxis)
    ax.legend(loc="upper left", markerscale=2)
    return ax


def plot_estimate_against_truth(
    estimate: pd.Series, truth: pd.Series, what: str, ax: Axes | None = None, groups: int = 20, log: bool = False
) -> Axes:
    """Draw the true mean of customers grouped by their estimate.

    Parameters
    ----------
    estimate, truth : Series
        By customer, in one unit. A truth of nothing above 1 is taken for shares: intervals are then Wilson's, and the
        axes run from 0 to 100 %.
    what : str
        What is estimated, with its unit.
    ax : Axes, optional
        Where to draw.
    groups : int
        Groups of about the same size; fewer, where they would be too small to be shown.
    log : bool
        Draw both axes as logarithms, where most groups are small beside the largest.

    Raises
    ------
    LeftOut
        If there are fewer customers than are shown.
    """
    both = enough(pd.DataFrame({"estimate": estimate, "truth": truth}).dropna(), "customers")
    ax = new_axes(ax, 6.5, 5.0)
    groups = min(groups, len(both) // fewest())
    group = pd.qcut(both["estimate"].rank(method="first"), groups, labels=False)
    means = both.groupby(group)["truth"].agg(truth="mean", se="sem", people="size")
    means["estimate"] = both.groupby(group)["estimate"].mean()
    share = both["truth"].max() <= 1
    ends = [0.0, 1.0 if share else 1.08 * float(means[["estimate", "truth"]].max().max())]
    reach = _wilson(means["truth"], means["people"]) if share else np.vstack([1.96 * means["se"]] * 2)
    if both["truth"].min() >= 0:
        reach[0] = np.minimum(reach[0], means["truth"])
    if log:
        ends = [0.8 * float(means[["estimate", "truth"]].min().min()), 1.3 * ends[1]]
        reach[0] = np.minimum(reach[0], 0.9 * means["truth"])
        ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends)
    ax.plot(ends, ends, color=QUIET, ls="--", lw=1)
    label = _("mean of {size:,} customers (95 % interval)").format(size=len(both) // groups)
    ax.errorbar(means["estimate"], means["truth"], reach, fmt="o", color=TRUTH, ms=5, capsize=2, label=label)
    average = both.mean()
    if share:
        title = _("Estimated {what}: {estimate:.0%} on average, really {truth:.0%}")
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    else:
        title = _("Estimated {what}: {estimate:,.0f} on average, really {truth:,.0f}; rank correlation {rank:.2f}")
    rank = both["estimate"].corr(both["truth"], method="spearman")
    set_title(ax, title.format(what=what, rank=rank, **average))
    ax.set(
        xlabel=_("estimated {what}").format(what=what),
        ylabel=_("true {what}").format(what=what),
    )
    ax.legend(loc="upper left")
    for axis in (ax.xaxis, ax.yaxis):
        (percent if share else thousands)(axis)
    return ax


def _wilson(share: pd.Series, n: pd.Series) -> np.ndarray:
    """Give how far Wilson's 95 % interval of a share reaches below and above it."""
    low, high = proportion_confint(share * n, n, method="wilson")
    arms: np.ndarray = np.clip(np.vstack([share - low, high - share]), 0, None)
    return arms


def plot_value_intervals(
    value: pd.Series, intervals: pd.DataFrame, currency: str, ax: Axes | None = None, top: int = 20
) -> Axes:
    """Draw the best customers' expected value with both intervals.

    Parameters
    ----------
    value : Series
        Expected value by customer (currency).
    intervals : DataFrame
        As `analysis.forecasts.ValueDraws.intervals` returns them.
    currency : str
        Code of the currency.
    ax : Axes, optional
        Where to draw.
    top : int
        How many customers.
    """
    ax = new_axes(ax, 8.0, 4.8)
    best = value.nlargest(top).index
    rows = intervals.loc[best]
    position = np.arange(len(best))
    ax.vlines(position, rows["realised_low"], rows["realised_high"], color=PALE, lw=7, label=_("what she may bring"))
    ax.vlines(
        position,
        rows["expected_low"],
        rows["expected_high"],
        color=ESTIMATE,
        lw=3,
        label=_("what she brings on average"),
    )
    ax.plot(position, value.loc[best], "o", color="white", mec=OBSERVED, ms=5, label=_("best guess"))
    set_title(ax, _("Even the best customers' next year is wide open"))
    ax.set(
        xlabel=_("the {top} customers with the highest lifetime value").format(top=len(best)),
        ylabel=_("margin of the next 12 months ({currency})").format(currency=currency),
        xticks=[],
    )
    ax.set_ylim(bottom=0)
    thousands(ax.yaxis)
    ax.legend(loc="upper right", title=_("90 % intervals"), title_fontsize=9.5)
    return ax
