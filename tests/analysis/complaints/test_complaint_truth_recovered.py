"""On stores whose truth is known: rates close in on it, shrunken ones sooner, and the planted products are found."""

import pandas as pd
import pytest

from crm_course.analysis.complaints import exposures, priorities
from crm_course.analysis.statistics import shrinkage
from crm_course.simulator.simulation import simulate
from crm_course.tables.store import open_store

TABLES = ("orders", "order_lines", "products", "contacts", "complaints")


def looked_into(folder):
    """Give what a store tells and what is true, by product, and the complaints about services beside their truth."""
    store = open_store(folder)
    orders, lines, products, contacts, book = (store.table(name) for name in TABLES)
    today = store.today
    units, known = exposures.sold_units(orders, lines), exposures.known_complaints(book)
    table = exposures.product_rates(exposures.product_complaints(known, units, today), units, products, today)
    table = table[table["exposure"] > 0]
    shrunken = shrinkage.fit_shrinkage(table).rates(table)
    truth = store.truth("products").set_index("product_id").reindex(table.index)
    services = exposures.service_rates(known, orders, lines, contacts)
    return table, shrunken, truth, services, store.truth("failures")


def measured(folder):
    table, shrunken, truth, *_ = looked_into(folder)
    true = 1_000 * truth["complaints_60d"]
    bad = priorities.truly_bad(table, truth.reset_index())
    found = priorities.found_in_first(priorities.rankings(table, shrunken), bad, 10)
    return {
        "total": table["events"].sum() / (true / 1_000 * table["exposure"]).sum(),
        "raw": (shrunken["rate"] - true).abs().mean(),
        "shrunken": (shrunken["shrunken"] - true).abs().mean(),
        "held": ((shrunken["low"] <= true) & (true <= shrunken["high"])).mean(),
        "bad": bad.sum(),
        "first five": bad[shrunken["p_above"].nlargest(5).index].mean(),
        **{f"by {name}": number for name, number in found.items()},
    }


def of_stores(tmp_path, customers, seeds):
    rows = []
    for seed in seeds:
        folder = tmp_path / f"{customers}-{seed}"
        simulate(folder, customers=customers, seed=seed)
        rows.append(measured(folder))
    return pd.DataFrame(rows)


def test_the_demo_store_tells_its_truth(demo):
    told = measured(demo)
    table, *_, services, failures = looked_into(demo)

    assert told["total"] == pytest.approx(1.0, abs=0.2)
    assert told["shrunken"] < 0.6 * told["raw"]
    assert told["held"] > 0.8
    complained = failures[failures["complained"]]["kind"].value_counts()
    for name, events in services["events"].items():
        assert events == pytest.approx(complained[name], abs=3)  # the last ones have not been made yet
    assert table["events"].sum() < complained["defect"]


@pytest.mark.proof
def test_with_more_customers_probability_finds_more_and_counts_do_not(tmp_path):
    small, large = of_stores(tmp_path, 2_000, range(10)), of_stores(tmp_path, 30_000, range(6))
    print(pd.DataFrame({"2,000": small.mean(), "30,000": large.mean()}).round(2))

    for stores in (small, large):
        assert stores["total"].mean() == pytest.approx(1.0, abs=0.12)
        assert stores["shrunken"].mean() < stores["raw"].mean()
        assert stores["held"].mean() == pytest.approx(0.9, abs=0.06)
    assert large["shrunken"].mean() < 0.6 * small["shrunken"].mean()
    assert large["by probability"].mean() > small["by probability"].mean() + 1.5
    assert large["by count"].mean() < small["by count"].mean() + 1
    assert large["first five"].mean() > 0.85
