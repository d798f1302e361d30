"""Each function on sales: whether it groups people, and that a group of few is hidden where it is shown."""

import numpy as np
import pandas as pd
import pytest
from people import SECRET, check_all_are_named, check_hides

from crm_course.analysis.sales import rfm, sales

WHO = [f"c{i:02d}" for i in range(40)]
GROUP = pd.Series(["few"] * 3 + ["some"] * 17 + ["many"] * 20, WHO)
SPENT = pd.DataFrame({"spent": np.where(GROUP == "few", SECRET, 100.0)}, WHO)
SCORES = pd.DataFrame({"R": GROUP.map({"few": 1, "some": 2, "many": 3})}, WHO)

GROUPS = {
    "rfm.score_counts": lambda: rfm.score_counts(SCORES).set_axis(["few", "some", "many"]),
    "sales.by_group": lambda: sales.by_group(SPENT, GROUP),
}
OTHERS = {
    "rfm.purchase_days": "a row a customer and day",
    "rfm.rfm": "a row a customer",
    "rfm.rfm_scores": "a row a customer",
    "sales.abc_classes": "a row a customer",
    "sales.class_a": "one sentence, which hides a small class itself",
    "sales.concentration": "a row a measure, of all customers",
    "sales.contactable": "an entry a customer",
    "sales.lorenz": "a curve over all customers",
    "sales.margin_share": "one figure, of all customers",
    "sales.middle_and_largest": "a row a measure, of five customers at least",
    "sales.top_shares_shown": "a row a measure, which hides a short list itself",
}


def test_every_function_groups_people_or_says_what_its_rows_are():
    check_all_are_named(["crm_course.analysis.sales"], GROUPS, OTHERS)


@pytest.mark.parametrize("make", GROUPS.values(), ids=GROUPS.keys())
def test_a_group_of_few_is_hidden(make):
    check_hides(make(), ["few"])


@pytest.mark.parametrize(("known", "told"), [(4, [False] * 3), (9, [True, True, False]), (10, [True] * 3)])
def test_neither_the_largest_nor_who_is_left_beside_them_are_few(known, told):
    figures = pd.DataFrame({"spent": [1.0] * known + [np.nan] * (40 - known)}, WHO)

    assert sales.middle_and_largest(figures)["spent"].notna().tolist() == told


@pytest.mark.parametrize(("customers", "told"), [(46, ["gini"]), (60, ["gini", "top_20_share"]), (100, None)])
def test_the_share_of_the_best_is_missing_where_it_would_tell_of_a_few_of_them(customers, told):
    table = sales.concentration(pd.Series(np.arange(1.0, customers + 1)), draws=5)

    seen = sales.top_shares_shown(table, customers)

    assert list(seen.dropna().index) == (told or list(table.index))
