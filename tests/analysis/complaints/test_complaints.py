"""Which complaints count, what they belong to, who complains again, and the list that comes of it."""

import numpy as np
import pandas as pd
import pytest

from crm_course.analysis.complaints.complainers import complainers, made_again, slow_by_month
from crm_course.analysis.complaints.exposures import (
    known_complaints,
    product_complaints,
    product_rates,
    service_rates,
    sold_units,
)
from crm_course.analysis.complaints.priorities import (
    buyers_list,
    cost_of_complaint,
    found_in_first,
    severity_weighted,
    surest_shop,
    truly_bad,
)
from crm_course.analysis.statistics.intervals import rank_correlation
from crm_course.analysis.statistics.shrinkage import fit_shrinkage
from crm_course.errors import LeftOut, NothingToAnalyse

TODAY = pd.Timestamp("2025-12-31")


def moment(text):
    return pd.to_datetime(text, utc=True, format="ISO8601")


def orders_of(*rows):
    """Make orders of (id, customer, delivered, channel, collection)."""
    table = pd.DataFrame(rows, columns=["order_id", "customer_id", "delivered_day", "channel", "collection"])
    table["delivered_day"] = pd.to_datetime(table["delivered_day"])
    return table.assign(day=pd.Timestamp("2025-01-01"), store_id="S01")


ORDERS = orders_of(
    ("O1", "ann", "2025-03-01", "shop", "carry-out"),
    ("O2", "ann", "2025-03-02", "web", "delivery"),
    ("O3", "bo", "2025-11-01", "web", "click-and-collect"),  # just mature
    ("O4", "bo", "2025-11-02", "app", "delivery"),  # one day too young
    ("O5", "cy", None, "phone", "delivery"),
)
LINES = pd.DataFrame(
    [("O1", "soap", 3), ("O2", "soap", 1), ("O2", "lamp", 2), ("O3", "soap", 4), ("O4", "soap", 5), ("O5", "lamp", 9)],
    columns=["order_id", "product_id", "quantity"],
)
PRODUCTS = pd.DataFrame(
    {"product_id": ["soap", "lamp"], "name": ["Soap", "Lamp"], "category": ["body", None], "list_price": [9.0, 99.0]}
)
COLUMNS = ["complaint_id", "order_id", "customer_id", "product_id", "category", "day", "repeat_of", "severity"]


def complaints_of(*rows):
    """Make complaints of (id, order, product, category, made, repeat of, severity)."""
    table = pd.DataFrame([(a, b, None, *rest) for a, b, *rest in rows], columns=COLUMNS)
    table["customer_id"] = table["order_id"].map(ORDERS.set_index("order_id")["customer_id"])
    table["day"] = pd.to_datetime(table["day"])
    return table.assign(contact_id=None, compensation=10.0, store_id="S01")


BOOK = complaints_of(
    ("K1", "O1", "soap", "defect", "2025-03-20", None, "low"),
    ("K2", "O1", "soap", "defect", "2025-03-25", "K1", "low"),
    ("K3", "O2", "lamp", "defect", "2025-05-02", None, "high"),  # day 61
    ("K4", "O3", "soap", "defect", "2025-12-31", None, "high"),  # day 60, the last day
    ("K5", "O4", "soap", "defect", "2025-11-20", None, "low"),
    ("K6", None, "soap", "defect", "2025-06-01", None, "low"),
    ("K7", "O2", "lamp", "wrong item", "2025-03-03", None, "low"),
    ("K8", "O1", None, "staff", "2025-03-01", None, "medium"),
    ("K9", "O2", None, "late delivery", None, None, "medium"),  # nobody knows when
)


@pytest.fixture
def units():
    return sold_units(ORDERS, LINES)


@pytest.fixture
def known():
    return known_complaints(BOOK)


def test_units_are_those_handed_over_on_the_day_of_delivery(units):
    assert units["quantity"].sum() == 15  # not the nine that never came
    assert units.set_index("order_id").loc["O3", "day"] == pd.Timestamp("2025-11-01")


def test_where_no_delivery_is_known_the_order_stands_for_it():
    units = sold_units(ORDERS.assign(delivered_day=pd.NaT), LINES)

    assert set(units["day"]) == {pd.Timestamp("2025-01-01")}
    assert units["quantity"].sum() == LINES["quantity"].sum()


def test_lines_without_a_product_and_orders_that_are_still_to_come_are_named():
    with pytest.raises(NothingToAnalyse, match="no product"):
        sold_units(ORDERS, LINES.assign(product_id=None))
    with pytest.raises(NothingToAnalyse, match="choose a later as_of"):
        sold_units(ORDERS.tail(1).assign(day=pd.NaT), LINES)


def test_every_complaint_about_a_defect_has_one_fate(known, units):
    fate = product_complaints(known, units, TODAY).set_index("complaint_id")["fate"]

    assert fate.to_dict() == {
        "K1": "counted",
        "K2": "made again",
        "K3": "after the window",
        "K4": "counted",
        "K5": "unit too young",
        "K6": "unit not known",
    }


def test_a_complaint_before_the_delivery_does_not_count(units):
    early = known_complaints(complaints_of(("K1", "O1", "soap", "defect", "2025-02-01", None, "low")))

    assert product_complaints(early, units, TODAY)["fate"].tolist() == ["before delivery"]


def test_complaints_of_which_nobody_knows_the_day_are_left_out(known):
    assert known["complaint_id"].tolist() == [f"K{k}" for k in range(1, 9)]


def test_no_complaint_at_all_is_named():
    for book in (BOOK.iloc[:0], BOOK.tail(1)):
        with pytest.raises(NothingToAnalyse, match="of none it is known when it was made"):
            known_complaints(book)


def test_complaints_and_mature_units_stand_side_by_side(known, units):
    table = product_rates(product_complaints(known, units, TODAY), units, PRODUCTS, TODAY)

    assert table.loc["soap", ["events", "exposure", "young"]].tolist() == [2, 8, 5]
    assert table.loc["lamp", ["events", "exposure", "young"]].tolist() == [0, 2, 0]
    assert table["group"].to_dict() == {"soap": "body", "lamp": "no category"}


def test_without_products_all_are_one_group_under_their_numbers(known, units):
    table = product_rates(product_complaints(known, units, TODAY), units, PRODUCTS.head(0), TODAY)

    assert set(table["group"]) == {"no category"} and table["name"].to_dict() == {"soap": "soap", "lamp": "lamp"}


@pytest.mark.parametrize("window", [7, 30, 60, 200])
def test_units_are_mature_or_young_and_nothing_is_lost(known, units, window):
    told = product_complaints(known, units, TODAY, window)
    table = product_rates(told, units, PRODUCTS, TODAY, window)

    assert (table["exposure"] + table["young"]).sum() == units["quantity"].sum()
    assert table["events"].sum() == (told["fate"] == "counted").sum()
    assert len(told) == (known["category"] == "defect").sum()


def test_each_service_is_measured_by_what_it_could_have_happened_to(known):
    contacts = pd.DataFrame(
        {
            "topic": ["stock", "complaint", "return"],
            "customer_id": ["ann", "ann", None],
            "store_id": "S01",
        }
    )

    table = service_rates(known, ORDERS, LINES, contacts)

    assert table["exposure"].to_dict() == {
        "late delivery": 4,
        "payment": 3,
        "poor answer": 1,
        "staff": 1,
        "wrong item": 5,
    }
    assert table["events"].to_dict() == {
        "late delivery": 0,
        "payment": 0,
        "poor answer": 0,
        "staff": 1,
        "wrong item": 1,
    }
    by_store = service_rates(known, ORDERS, LINES, contacts.head(0), by_store=True)
    assert by_store.loc[("staff", "S01"), ["events", "exposure"]].tolist() == [1, 1]
    assert "poor answer" not in by_store.index.get_level_values("category")


def test_a_store_that_knows_no_collection_has_no_rate_of_deliveries(known):
    nobody = pd.DataFrame(columns=["topic", "customer_id", "store_id"])

    table = service_rates(known, ORDERS.drop(columns="collection"), LINES, nobody)

    assert set(table.index) == {"payment", "staff"}


# Who complains again ------------------------------------------------------------------------------


def test_chance_gives_more_complaints_to_those_who_order_more():
    orders = pd.DataFrame({"customer_id": ["ann"] * 20 + ["bo", "cy"]})
    book = pd.DataFrame({"customer_id": ["ann"] * 3 + ["bo"], "repeat_of": [None, None, "K1", None]})

    table = complainers(book, orders)

    assert table["people"].to_dict() == {"0": 1, "1": 1, "2": 1, "3+": 0}
    assert table["by_chance"].sum() == pytest.approx(3)
    assert table.loc["2", "orders_each"] == 20
    assert table["troubles"].to_dict() == {"0": 0, "1": 1, "2": 2, "3+": 0}
    assert table["troubles_by_chance"].sum() == pytest.approx(3)


def test_complaints_that_fall_on_orders_by_chance_look_like_chance():
    dice = np.random.default_rng(4)
    who = np.repeat([f"c{k}" for k in range(3_000)], dice.integers(1, 40, 3_000))
    book = pd.DataFrame({"customer_id": who[dice.random(len(who)) < 0.03]}).assign(repeat_of=None)

    table = complainers(book, pd.DataFrame({"customer_id": who}))

    assert table["people"].to_numpy() == pytest.approx(table["by_chance"].to_numpy(), rel=0.1)
    assert table["troubles"].between(table["low"] - 1, table["high"] + 1).sum() >= 3


def test_a_few_with_very_many_troubles_stand_out_in_the_troubles_and_not_among_the_customers():
    dice = np.random.default_rng(4)
    who = np.repeat([f"c{k}" for k in range(1_000)], 10)
    book = pd.Series([*who[dice.random(len(who)) < 0.03], *["c1"] * 30, *["c2"] * 30])
    orders = pd.DataFrame({"customer_id": who})

    last = complainers(book.to_frame("customer_id").assign(repeat_of=None), orders).loc["3+"]

    assert last["people"] == pytest.approx(last["by_chance"], abs=5)
    assert last["troubles"] > last["high"] > last["troubles_by_chance"] > last["low"]


def test_a_register_without_customers_says_so_and_counts_nobody():
    book = pd.DataFrame({"customer_id": [None, None], "repeat_of": None})

    with pytest.raises(LeftOut, match="The complaints name no customer: "):
        complainers(book, pd.DataFrame({"customer_id": ["ann"]}))


def answered(hours, outcome="refund", repeat_of=None):
    return {
        "customer_id": None,
        "accepted_at": moment("2025-03-01"),
        "assigned_at": moment("2025-03-01"),
        "solved_at": moment("2025-03-01") + pd.Timedelta(hours=hours),
        "replied_at": moment("2025-04-01"),
        "replied_day": pd.Timestamp("2025-04-01"),
        "outcome": outcome,
        "repeat_of": repeat_of,
        "day": pd.Timestamp("2025-03-01"),
    }


def test_complaints_made_again_are_told_by_how_they_were_settled():
    rows = [answered(2), answered(24), answered(25), answered(99), answered(2, "rejected"), answered(1, repeat_of="K3")]
    book = pd.DataFrame(rows).assign(complaint_id=[f"K{k}" for k in range(1, 7)])

    table = made_again(book)

    assert table["complaints"].to_dict() == {"mended quickly": 3, "mended slowly": 2, "turned down": 1}
    assert table["share"].to_dict() == {"mended quickly": 0.0, "mended slowly": 0.5, "turned down": 0.0}
    assert (table["low"] <= table["share"]).all() and (table["share"] <= table["high"]).all()
    assert slow_by_month(book)["slow"].tolist() == [pytest.approx(2 / 6)]
    early, late = pd.Timestamp("2025-05-01"), pd.Timestamp("2025-05-02")  # 30 and 31 days after the reply
    pd.testing.assert_frame_equal(made_again(book, today=late), table)
    with pytest.raises(NothingToAnalyse, match="none has been answered"):
        made_again(book, today=early)
    with pytest.raises(NothingToAnalyse, match="none has been answered"):
        made_again(book.assign(replied_at=pd.NaT))


def test_the_interval_of_a_rank_correlation_holds_it():
    dice = np.random.default_rng(3)
    one = pd.Series(dice.standard_normal(34))
    other = one + pd.Series(dice.standard_normal(34))

    found = rank_correlation(one, other)

    assert found["correlation"] == pytest.approx(one.corr(other, method="spearman"))
    assert -1 < found["low"] < found["correlation"] < found["high"] < 1
    assert rank_correlation(one.head(4), other).isna().all()


# What to look at first ----------------------------------------------------------------------------


def test_severe_complaints_weigh_more(known, units):
    told = product_complaints(known, units, TODAY)
    table = product_rates(told, units, PRODUCTS, TODAY)

    assert severity_weighted(told, table, (1, 2, 6))["soap"] == pytest.approx(1_000 * (0.5 + 3) / 8)
    assert severity_weighted(told, table, (1, 1, 1))["soap"] == pytest.approx(1_000 * 2 / 8)


def test_the_bad_ones_among_the_first_are_counted():
    scores = pd.DataFrame({"count": [9, 5, 1], "rate": [0.1, 0.2, 0.9]}, index=list("abc"))

    assert found_in_first(scores, pd.Series([True, False, True], list("abc")), 1).to_dict() == {"count": 1, "rate": 1}
    assert found_in_first(scores, pd.Series([False, True, True], list("abc")), 2).to_dict() == {"count": 1, "rate": 2}


def test_the_truly_bad_are_above_the_limit_by_their_true_rates_whatever_was_complained_of():
    table = pd.DataFrame({"events": 5, "exposure": 1_000, "group": "soap"}, index=["good", "fair", "bad"])
    truth = pd.DataFrame({"product_id": ["bad", "fair", "good"], "complaints_60d": [0.030, 0.010, 0.008]})

    assert truly_bad(table, truth).to_dict() == {"good": False, "fair": False, "bad": True}
    assert not truly_bad(table, truth, limit=2.0).any()
    assert truly_bad(table, None) is None


def test_few_complaints_judge_no_shop_and_many_say_how_sure_one_can_be():
    shops = pd.DataFrame({"events": [1, 0, 2], "exposure": 1_000, "group": "staff"})
    many = pd.DataFrame({"events": [90, *[30] * 9], "exposure": 1_000, "group": "staff"})

    assert surest_shop(shops).startswith("Too few to judge any shop. shrinkage: 3 events in 3 rows")
    assert surest_shop(shops.head(0)).startswith("Too few to judge any shop. exposure")
    assert surest_shop(many) == "The surest is above 1.5 times the mean with probability 1.00."


def test_the_buyers_list_holds_the_sure_ones_and_what_they_cost():
    table = pd.DataFrame({"events": [60, *[8] * 19], "exposure": 1_000, "group": "soap"})
    table = table.assign(name=[f"Soap {k}" for k in range(20)])
    rates = fit_shrinkage(table).rates(table)

    listed = buyers_list(table, rates, cost=100.0, days=730)

    assert list(listed.index) == [0]
    extra = (listed.loc[0, "shrunken"] - listed.loc[0, "group_rate"]) / 2
    assert listed.loc[0, "extra_a_year"] == pytest.approx(extra, rel=0.01)
    assert listed.loc[0, "cost_a_year"] == pytest.approx(100 * extra, rel=0.01)
    low = (listed.loc[0, "low"] - listed.loc[0, "group_rate"]) / 2
    assert listed.loc[0, "cost_low"] == pytest.approx(100 * low, rel=0.01)
    assert listed.loc[0, "cost_low"] < listed.loc[0, "cost_a_year"] < listed.loc[0, "cost_high"]
    assert len(buyers_list(table, rates, 100.0, 730, sure=0.0)) == 20


def test_a_complaint_costs_what_was_given_and_every_contact_it_took(known):
    contacts = pd.DataFrame({"contact_id": ["T1", "T2", "T3"], "cost": [5.0, 7.0, 100.0]})
    known = known.assign(customer_id=None)  # each complaint is somebody's
    book = known.assign(contact_id=["T1", "T2", *[None] * (len(known) - 2)])

    assert cost_of_complaint(book, contacts) == pytest.approx((6 * 10 + 12) / 5)
    assert cost_of_complaint(known, contacts.head(0)) == pytest.approx(60 / 5)
