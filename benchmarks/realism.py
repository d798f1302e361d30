"""The synthetic shop beside a real one: CDNOW, which sold CDs to 2,357 customers of a sample in 1997 and 1998.

Both are cut alike: customers who first bought in one quarter, followed for 78 weeks, fitted on the first half.
Writes ``realism.md`` and ``realism.png`` beside this file.

    python benchmarks/realism.py [--scenario beauty] [--customers 30000] [--json]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from crm_course import open_store
from crm_course.analysis.sales.rfm import purchase_days, rfm
from crm_course.analysis.sales.sales import lorenz
from crm_course.analysis.value.customer_value import fit_purchases
from crm_course.analysis.value.forecasts import holdout, holdout_measures
from crm_course.plots.style import ESTIMATE, OBSERVED, set_style
from crm_course.simulator.simulation import simulate
from crm_course.tables.imports.importing import import_export
from crm_course.tables.store import Store

HERE = Path(__file__).parent
WEEKS = 78
MARGIN = 0.5  # where the unit cost is not known; no figure here rests on it
QUARTER = pd.DateOffset(months=3)
ROWS = {
    "customers of the quarter": "{:,.0f}",
    "came back within 78 weeks": "{:.1%}",
    "purchases a customer": "{:.2f}",
    "days between purchases, median": "{:.0f}",
    "days between purchases, nine in ten below": "{:.0f}",
    "spend of a purchase: spread in relation to its mean": "{:.2f}",
    "Gini of what customers spent": "{:.2f}",
    "share of sales from the top tenth": "{:.1%}",
    "rank correlation of frequency and mean spend": "{:+.2f}",
    "BG/NBD's r": "{:.2f}",
    "BG/NBD in calendar time: error in weeks 40 to 78": "{:+.1%}",
}


class Cohort:
    """The customers of a quarter and what they bought in the 78 weeks from its first day."""

    def __init__(self, store: Store, quarter: pd.Timestamp) -> None:
        consumers = store.purchases(MARGIN).query("~account")
        last = quarter + pd.Timedelta(weeks=WEEKS) - pd.Timedelta(days=1)
        first = rfm(consumers, store.today)["first_day"]
        who = first.index[(first >= quarter) & (first < quarter + QUARTER)]
        self.purchases = consumers[consumers["customer_id"].isin(who) & (consumers["day"] <= last)]
        self.table = rfm(self.purchases, last)
        days = purchase_days(self.purchases, last)
        self.spend = days["net_amount"].to_numpy()
        same = np.diff(days["customer"].to_numpy()) == 0
        self.gaps = np.diff(days["day"].to_numpy())[same] / np.timedelta64(1, "D")
        half = quarter + pd.Timedelta(weeks=WEEKS // 2) - pd.Timedelta(days=1)
        early = rfm(self.purchases, half)
        model = fit_purchases(early)
        predicted = model.expected_purchases(early, float((last - half).days))
        actual = self.purchases.loc[self.purchases["day"] > half, "customer_id"].value_counts()
        self.error = holdout_measures(holdout(early, actual, predicted))["error"]
        self.r = model.params["r"]

    def figures(self) -> dict[str, float]:
        """Give the page's figures."""
        table, spent = self.table, self.table["spent"]
        shares = lorenz(spent)
        area = np.trapezoid(shares.iloc[:, 1], shares.iloc[:, 0])
        back = table[table["frequency"] > 0]
        top = spent.nlargest(max(1, round(len(spent) / 10))).sum() / spent.sum()
        found = [
            len(table),
            (table["frequency"] > 0).mean(),
            1 + table["frequency"].mean(),
            np.median(self.gaps),
            np.quantile(self.gaps, 0.9),
            self.spend.std() / self.spend.mean(),
            abs(1 - 2 * area),
            top,
            back["frequency"].corr(back["monetary_value"], method="spearman"),
            self.r,
            self.error,
        ]
        return dict(zip(ROWS, map(float, found), strict=True))


def draw(cohorts: dict[str, Cohort]) -> None:
    """Draw both shops' curves on one plot each."""
    set_style()
    figure, axes = plt.subplots(2, 2, figsize=(10, 7.5))
    colours = dict(zip(cohorts, (OBSERVED, ESTIMATE), strict=True))
    for name, cohort in cohorts.items():
        colour = colours[name]
        repeats = cohort.table["frequency"].clip(upper=10)
        share = repeats.value_counts(normalize=True).sort_index() * 100
        axes[0, 0].plot(share.index, share, "o-", color=colour, label=name)
        sns.ecdfplot(x=cohort.gaps / 7, complementary=True, stat="percent", color=colour, ax=axes[0, 1], label=name)
        relative = np.log2(np.maximum(cohort.spend / np.median(cohort.spend), 1e-3))
        sns.kdeplot(x=relative, color=colour, ax=axes[1, 0], label=name, bw_adjust=1.2)
        curve = lorenz(cohort.table["spent"]) * 100
        axes[1, 1].plot(curve.iloc[:, 0], curve.iloc[:, 1], color=colour, label=name)
    axes[0, 0].set(title="How often they came back", xlabel="purchases after the first (10: ten and more)")
    axes[0, 0].set(ylabel="share of customers (%)", yscale="log")
    axes[0, 1].set(title="How long they stay away", xlabel="weeks between two purchases")
    axes[0, 1].set(ylabel="gaps that are longer (%)", xlim=(0, 60))
    axes[1, 0].set(title="What they spend", xlabel="spend of a purchase, in medians", ylabel="density", xlim=(-5, 5))
    axes[1, 0].set_xticks([-4, -2, 0, 2, 4], ["1/16", "1/4", "1", "4", "16"])
    axes[1, 1].set(title="Who brings the sales", xlabel="customers, best first (%)", ylabel="share of sales (%)")
    for ax in axes.flat:
        ax.legend(frameon=False)
    figure.savefig(HERE / "realism.png")


def page(figures: dict[str, dict[str, float]], scenario: str, customers: int) -> str:
    """Write the page."""
    head = " | ".join(figures)
    lines = [f"| | {head} |", "|---|" + "---:|" * len(figures)]
    for row, form in ROWS.items():
        lines.append(f"| {row} | " + " | ".join(form.format(shop[row]) for shop in figures.values()) + " |")
    return (
        "# Is the synthetic shop like a real one?\n\n"
        f"Written by `python benchmarks/realism.py --scenario {scenario} --customers {customers}`.\n\n"
        + __doc__.splitlines()[0]
        + "\nBoth are cut alike: consumers who first bought in one quarter, followed for 78 weeks from its first day;\n"
        "BG/NBD is fitted on the first 39 weeks and forecasts the other 39.\n\n"
        + "\n".join(lines)
        + "\n\n![Repeat purchases, gaps, spend and concentration of both shops](realism.png)\n\n"
        + DIFFERENCES
    )


DIFFERENCES = """## Where it differs from life, and why

- **Customers come back more often** than CDNOW's did. A shop for things that run out sees its customers more
  often than one that sold CDs by mail, and a class's store of some hundred customers needs repeat purchases to
  learn from.
- **There are festival seasons.** Lunar New Year, Mid-Autumn, Singles' Day and Christmas come every year, and
  promotions pull purchases forward. A model that knows no season forecasts the wrong half-year: that is planted,
  for chapter 3 to find. CDNOW's record is too short to show a season.
- **Habits never change.** Each customer's rate stays what it is until she leaves. Real customers speed up, slow
  down and come back.
- **Spend and frequency are unrelated in truth**, as Gamma-Gamma wants it. In many shops they are not. The rank
  correlation above is positive all the same: spends are skewed, and the mean of several of them tends to lie above
  a single one.
- **Effects of what the shop offers are large**, so that a store of some thousand customers shows them.
"""


def main() -> None:
    """Compare, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="beauty")
    parser.add_argument("--customers", type=int, default=30_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder) / "made", asked.scenario, customers=asked.customers, seed=7)
        import_export([], "cdnow", Path(folder) / "cdnow")
        cohorts = {
            "CDNOW": Cohort(open_store(Path(folder) / "cdnow"), pd.Timestamp("1997-01-01")),
            f"`{asked.scenario}`": Cohort(open_store(Path(folder) / "made"), pd.Timestamp("2024-01-01")),
        }
    figures = {name: cohort.figures() for name, cohort in cohorts.items()}
    if asked.json:
        flat = {f"{name.strip('`')}: {row}": value for name, shop in figures.items() for row, value in shop.items()}
        print(json.dumps({"figures": flat, "ratios": {}}))
        return
    draw({name.strip("`"): cohort for name, cohort in cohorts.items()})
    (HERE / "realism.md").write_text(page(figures, asked.scenario, asked.customers), encoding="utf-8")
    print(page(figures, asked.scenario, asked.customers))


if __name__ == "__main__":
    main()
