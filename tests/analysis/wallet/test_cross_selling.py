"""Basket rules, next category and invitations: found where they are, not found where they are not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_course.analysis.wallet import basket_rules, invitations, next_category
from crm_course.errors import FitFailed, LeftOut, NothingToAnalyse, WrongCall

TODAY = pd.Timestamp("2025-12-31")


def baskets(*rows):
    """Make baskets of (customer, "item item …")."""
    return pd.DataFrame(
        [(f"o{i}", who, item) for i, (who, items) in enumerate(rows) for item in items.split()],
        columns=["order_id", "customer_id", "item"],
    )


def shop(rng, customers=800, baskets_each=6, taste=0.0, together=0.0, items=12):
    """Draw baskets of two or three items; `taste` divides people, `together` binds i0 to i1."""
    rows = []
    for who in range(customers):
        liking = np.exp(taste * rng.normal(size=items))
        for _ in range(baskets_each):
            chosen = set(rng.choice(items, rng.integers(2, 4), replace=False, p=liking / liking.sum()))
            if 0 in chosen and rng.random() < together:
                chosen.add(1)
            rows.append((f"c{who}", " ".join(f"i{one}" for one in chosen)))
    return baskets(*rows)


# Rules ----------------------------------------------------------------------------------------------


def test_support_confidence_and_lift_by_hand():
    sold = baskets(("a", "tea milk"), ("b", "tea milk"), ("c", "tea"), ("d", "milk"), ("e", "rice"))

    rule = basket_rules.basket_rules(sold, fewest_expected=0.5).set_index(["this", "that"]).loc[("tea", "milk")]

    assert rule["together"] == 2
    assert rule["support"] == pytest.approx(2 / 5)
    assert rule["confidence"] == pytest.approx(2 / 3)
    assert rule["lift"] == pytest.approx((2 / 3) / (3 / 5))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sets(st.sampled_from("xyz"), min_size=1)), min_size=6, max_size=25)
)
def test_whatever_the_baskets_both_ways_of_a_rule_have_one_lift_and_one_p_and_order_does_not_matter(rows):
    sold = baskets(*((who, " ".join(sorted(items))) for who, items in rows))
    try:
        rules = basket_rules.basket_rules(sold, fewest_expected=0.1)
    except NothingToAnalyse:
        return

    by_way = rules.set_index(["this", "that"]).sort_index()
    back = by_way.swaplevel().sort_index()
    for name in ("lift", "p_value", "q_value", "together"):
        np.testing.assert_allclose(by_way[name], back[name].set_axis(by_way.index))
    assert (rules["q_value"] >= rules["p_value"] - 1e-12).all()
    assert rules["confidence"].between(rules["confidence_low"] - 1e-9, rules["confidence_high"] + 1e-9).all()
    again = basket_rules.basket_rules(sold.sample(frac=1, random_state=1), fewest_expected=0.1)
    again = again.set_index(["this", "that"]).loc[by_way.index]
    np.testing.assert_allclose(again["lift"], by_way["lift"])


def test_a_customer_who_buys_the_same_pair_ten_times_is_one_witness():
    many = [(f"c{i}", "tea milk" if i < 30 else "tea" if i < 50 else "milk" if i < 70 else "rice") for i in range(100)]
    regular = [("c0", "tea milk")] * 30

    one = basket_rules.basket_rules(baskets(*many)).iloc[0]
    with_regular = basket_rules.basket_rules(baskets(*many, *regular)).iloc[0]
    as_if_many = basket_rules.basket_rules(baskets(*many, *((f"x{i}", "tea milk") for i in range(30)))).iloc[0]

    assert np.ptp(np.log(with_regular[["lift_low", "lift_high"]].astype(float))) > np.ptp(
        np.log(as_if_many[["lift_low", "lift_high"]].astype(float))
    )
    assert one["lift"] > 1


def test_rare_pairs_are_shown_but_not_tested():
    sold = baskets(*[(f"c{i}", "tea milk") for i in range(20)], ("x", "saffron truffle"), ("y", "tea"), ("z", "milk"))

    rules = basket_rules.basket_rules(sold, rare=True).set_index(["this", "that"])

    assert rules.loc[("saffron", "truffle"), "lift"] == pytest.approx(23.0)
    assert np.isnan(rules.loc[("saffron", "truffle"), "q_value"])
    assert rules.loc[("tea", "milk"), "q_value"] < 1


def test_nothing_to_test_says_so():
    with pytest.raises(NothingToAnalyse, match="no pair of items can be expected 5 times"):
        basket_rules.basket_rules(baskets(("a", "tea milk"), ("b", "tea")))
    with pytest.raises(NothingToAnalyse, match="too few customers came back"):
        basket_rules.within_customers(baskets(*[(f"c{i}", "tea milk") for i in range(100)]))


def test_without_any_link_few_rules_are_believed_and_many_p_values_are_small():
    believed, small, pairs = 0, 0, 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rows = [
            (f"c{i}", " ".join(f"i{j}" for j in np.flatnonzero(rng.random(20) < 0.15)) or "none") for i in range(900)
        ]
        rules = basket_rules.basket_rules(baskets(*rows)).iloc[::2]
        believed += bool((rules["q_value"] <= 0.05).any())
        small, pairs = small + (rules["p_value"] <= 0.05).sum(), pairs + len(rules)

    assert believed <= 3  # of 12 shops, 5 % each are expected
    assert 0.02 < small / pairs < 0.09


def test_what_belongs_together_is_found_and_taste_is_not():
    found, false = 0, 0
    for seed in range(4):
        sold = shop(np.random.default_rng(seed), taste=1.0, together=0.3)
        within = basket_rules.within_customers(sold)
        believed = within[within["q_value"] <= 0.05]
        names = set(map(frozenset, believed[["this", "that"]].to_numpy()))
        found += frozenset({"i0", "i1"}) in names
        false += len(names - {frozenset({"i0", "i1"})})

    assert found == 4 and false <= 1


def test_taste_alone_makes_plain_rules_but_none_within_customers():
    rng = np.random.default_rng(1)
    rows = [
        (f"c{who}", " ".join(f"{'m' if who % 2 else 's'}{i}" for i in rng.choice(4, 2, replace=False)))
        for who in range(300)
        for _ in range(6)
    ]
    sold = baskets(*rows)

    assert (basket_rules.basket_rules(sold)["q_value"] <= 0.05).any()
    assert not (basket_rules.within_customers(sold)["q_value"] <= 0.05).any()


def test_the_highest_lifts_fade_and_rules_that_stand_up_less():
    rng = np.random.default_rng(2)
    sold = shop(rng, customers=500, together=0.4, items=40)
    first = sold["customer_id"].str[1:].astype(int) < 250
    rules = basket_rules.basket_rules(sold[first], rare=True)
    highest = basket_rules.kept_later(rules.nlargest(20, "lift"), sold[~first])
    believed = basket_rules.kept_later(rules[rules["q_value"] <= 0.05], sold[~first])

    assert highest["lift_later"].mean() < 0.75 * highest["lift"].mean()
    assert believed["lift_later"].mean() > 0.75 * believed["lift"].mean()


def test_an_item_that_is_not_sold_later_has_no_later_lift():
    rules = pd.DataFrame({"this": ["tea"], "that": ["gone"], "lift": [2.0]})

    assert basket_rules.kept_later(rules, baskets(("a", "tea milk")))["lift_later"].isna().all()


def test_what_was_seen_later_carries_the_interval_of_its_count():
    sold = baskets(("a", "tea milk"), ("b", "tea milk"), ("c", "tea"), ("d", "rice"), ("e", "rice milk"), ("f", "egg"))
    rules = pd.DataFrame({"this": ["tea", "rice"], "that": ["milk", "egg"], "lift": [2.0, 3.0]})

    later = basket_rules.kept_later(rules, sold).set_index("this")

    assert later.loc["tea", ["together_later", "expected_later"]].tolist() == [2.0, 1.5]
    low, high = later.loc["tea", ["lift_later_low", "lift_later_high"]] * 1.5  # of a count of 2 (Garwood 1936)
    assert (low, high) == (pytest.approx(0.2422, abs=1e-4), pytest.approx(7.2247, abs=1e-4))
    assert later.loc["rice", ["lift_later", "lift_later_low"]].tolist() == [0.0, 0.0]
    assert later.loc["rice", "lift_later_high"] > 3.0


# Next category --------------------------------------------------------------------------------------


def bought(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "day", "category"])
    return table.assign(order_id=table.index.astype(str), day=pd.to_datetime(table["day"]), amount=100.0)


SOLD = bought(
    ("ann", "2025-06-01", "hair"),
    ("ann", "2026-02-01", "skin"),
    ("bo", "2025-07-01", "skin"),
    ("bo", "2023-07-01", "hair"),
)


def test_what_was_not_bought_in_the_year_is_open_and_what_comes_later_is_begun():
    frame = next_category.open_categories(SOLD, TODAY)

    assert frame.index.tolist() == [("ann", "skin"), ("bo", "hair")]
    began = next_category.begun(SOLD, frame, TODAY, pd.Timestamp("2026-06-30"))
    assert began.tolist() == [True, False]
    assert not next_category.begun(SOLD, frame, TODAY, pd.Timestamp("2026-01-31")).any()


def test_the_frame_knows_nothing_of_later_days():
    before = SOLD[SOLD["day"] <= TODAY]

    pd.testing.assert_frame_equal(
        next_category.open_categories(SOLD, TODAY), next_category.open_categories(before, TODAY)
    )


def test_who_bought_everything_has_no_next_category():
    with pytest.raises(NothingToAnalyse, match="everybody bought every category"):
        next_category.open_categories(bought(("ann", "2025-06-01", "hair")), TODAY)


def population(rng, customers=1500):
    """Open categories where the busy begin, and those with hair begin with skin."""
    names = [f"c{i:04d}" for i in range(customers)]
    hair = rng.random(customers) < 0.5
    index = pd.MultiIndex.from_product([names, ["body", "skin"]], names=["customer_id", "category"])
    busy = rng.normal(size=customers)
    frame = pd.DataFrame(
        {"log_orders": busy.repeat(2), "log_silence": 0.0, "log_total": busy.repeat(2), "breadth": 1.0}, index
    ).assign(**{"bought body": 0.0, "bought skin": 0.0, "bought hair": hair.repeat(2).astype(float)})
    is_skin = index.get_level_values(1) == "skin"
    odds = -2.5 + 0.8 * frame["log_orders"] + 1.2 * is_skin * frame["bought hair"]
    chance = 1 / (1 + np.exp(-odds))
    return frame, chance, pd.Series(rng.random(len(index)) < chance, index)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chances_are_near_the_true_ones_and_find_more_than_popularity(seed):
    rng = np.random.default_rng(seed)
    frame, true, began = population(rng)

    model = next_category.fit_next_category(frame, began)
    later_frame, later_true, later = population(rng)
    chance = model.chance(later_frame)

    assert chance.corr(later_true) > 0.9
    assert chance.mean() == pytest.approx(true.mean(), rel=0.12)
    ours, popular = (next_category.hits(one, later, 150) for one in (chance, model.popular(later_frame)))
    difference = next_category.hit_difference(ours, popular, 500, seed=1)
    assert difference["low"] > 0
    assert difference["difference"] == ours.sum() - popular.sum()
    table = next_category.calibration(chance, later)
    assert ((table["expected"] >= table["low"]) & (table["expected"] <= table["high"])).sum() >= 5
    assert table["rows"].sum() == len(later)


def test_an_offer_is_made_once_a_customer_and_no_more_than_asked():
    index = pd.MultiIndex.from_tuples([("ann", "x"), ("ann", "y"), ("bo", "x")], names=["customer_id", "category"])
    scores, began = pd.Series([0.5, 0.9, 0.1], index), pd.Series([True, False, True], index)

    assert next_category.hits(scores, began, 1).to_dict() == {"ann": 0, "bo": 0}
    assert next_category.hits(scores, began, 5).to_dict() == {"ann": 0, "bo": 1}


def test_a_fit_that_cannot_be_says_so():
    frame, _chance, began = population(np.random.default_rng(1), 300)
    with pytest.raises(FitFailed, match="0 customers began with one, a fit needs 30"):
        next_category.fit_next_category(frame, began & False)
    never = began & (frame.index.get_level_values("category") == "skin")
    with pytest.raises(FitFailed, match="of body, nobody or everybody began"):
        next_category.fit_next_category(frame, never)
    model = next_category.fit_next_category(frame, began)
    new = frame.rename(index={"body": "perfume"}, level="category")
    with pytest.raises(FitFailed, match="perfume was not on sale when the model learnt"):
        model.chance(new)


# Invitations ----------------------------------------------------------------------------------------


def choice(who, purpose, granted, day, channel="email"):
    return (who, purpose, channel, granted, pd.Timestamp(day, tz="UTC"))


CONSENTS = pd.DataFrame(
    [
        *(choice(who, "marketing", True, "2025-01-01") for who in ("ann", "bo", "cy", "di", "ed")),
        *(choice(who, "profiling", True, "2025-01-01") for who in ("ann", "bo", "cy", "di")),
        choice("bo", "marketing", False, "2025-06-01"),
        choice("fay", "marketing", True, "2025-01-01", "sms"),
    ],
    columns=["customer_id", "purpose", "channel", "granted", "recorded_at"],
)
MESSAGES = pd.DataFrame(
    [
        *(("cy", f"2025-12-{day:02d}", "sms", False) for day in (2, 10, 20, 31)),
        ("ann", "2025-12-01", "email", False),
        ("ann", "2025-12-30", "email", False),
        ("di", "2025-11-01", "email", True),
    ],
    columns=["customer_id", "sent_at", "channel", "bounced"],
)
MESSAGES = MESSAGES.assign(
    day=pd.to_datetime(MESSAGES["sent_at"]), sent_at=pd.to_datetime(MESSAGES["sent_at"], utc=True)
)
WHO = pd.Index(["ann", "bo", "cy", "di", "ed", "fay", "gus"], name="customer_id")


def test_each_is_told_why_not():
    table = invitations.may_be_invited(WHO, CONSENTS, MESSAGES, TODAY, "email", 4)

    assert table["reason"].astype(str).to_dict() == {
        "ann": "",
        "bo": "did not say yes to marketing",
        "cy": "written to enough",
        "di": "address does not work",
        "ed": "did not say yes to profiling",
        "fay": "did not say yes to marketing",
        "gus": "did not say yes to marketing",
    }
    assert table["messages"]["ann"] == 1  # 1 December is 31 days back
    assert table.index[table["invited"]].tolist() == ["ann"]


def test_a_channel_by_which_nobody_was_asked_is_refused():
    with pytest.raises(WrongCall, match="'e-mail': nobody was asked for marketing by it; the choices are of email,"):
        invitations.may_be_invited(WHO, CONSENTS, MESSAGES, TODAY, "e-mail", 4)

    nobody = invitations.may_be_invited(WHO, CONSENTS.iloc[:0], MESSAGES, TODAY, "email", 4)
    assert not nobody["invited"].any()


def test_profiling_counts_whatever_channel_it_was_asked_in():
    table = invitations.may_be_invited(WHO, CONSENTS, MESSAGES, TODAY, "sms", 9)
    by_sms = [choice("fay", "profiling", True, "2025-01-01", "email"), choice("fay", "profiling", False, "2025-02-01")]

    assert table.loc["fay", "reason"] == "did not say yes to profiling"
    for choices, invited in ((by_sms[:1], True), (by_sms, False)):
        consents = pd.concat([CONSENTS, pd.DataFrame(choices, columns=CONSENTS.columns)])
        table = invitations.may_be_invited(WHO, consents, MESSAGES, TODAY, "sms", 9)
        assert table.loc["fay", "invited"] == invited


def test_the_limit_counts_the_invitation_itself_and_all_channels():
    limits = [invitations.may_be_invited(WHO, CONSENTS, MESSAGES, TODAY, "email", most) for most in (1, 2, 5)]

    assert [sorted(one.index[one["invited"]]) for one in limits] == [[], ["ann"], ["ann", "cy"]]


def test_without_messages_only_consent_is_asked():
    table = invitations.may_be_invited(WHO, CONSENTS, MESSAGES.iloc[:0], TODAY, "email", 4)

    assert sorted(table.index[table["invited"]]) == ["ann", "cy", "di"]


def test_an_offer_is_the_best_open_category_and_its_value_a_product():
    index = pd.MultiIndex.from_tuples([("ann", "x"), ("ann", "y"), ("bo", "x")], names=["customer_id", "category"])
    elsewhere = pd.Series([100.0, 1000.0, 400.0], index)
    chance = pd.Series([0.5, 0.01, 0.25], index)

    table = invitations.offers(elsewhere, chance, 0.4, 0.5)

    assert table.index.tolist() == ["bo", "ann"]
    assert table["category"].to_dict() == {"bo": "x", "ann": "x"}
    assert table["value"].to_dict() == {"bo": pytest.approx(20.0), "ann": pytest.approx(10.0)}
    by_category = invitations.offers(elsewhere, chance, pd.Series({"x": 0.4, "y": 4.0}), 0.5)
    assert by_category.loc["ann", "category"] == "y"


OFFERS = pd.DataFrame({"category": ["x", "y", "x"], "value": [9.0, 5.0, 2.0]}, ["ann", "bo", "cy"])


def test_the_list_holds_what_may_be_sent_and_is_worth_it_and_no_more_than_the_budget_allows():
    assert invitations.worth_sending(OFFERS, OFFERS.index, cost=3.0, most=9).index.tolist() == ["ann", "bo"]
    assert invitations.worth_sending(OFFERS, pd.Index(["bo", "cy"]), cost=1.0, most=1).index.tolist() == ["bo"]


def test_where_no_invitation_earns_its_cost_the_advice_is_to_write_to_nobody():
    with pytest.raises(LeftOut, match="No invitation that may be sent earns what it costs: write to nobody"):
        invitations.worth_sending(OFFERS, pd.Index(["cy"]), cost=3.0, most=9)


def test_offers_are_counted_and_summed_up_by_category():
    table = invitations.offers_by_category(OFFERS)

    assert table.to_dict("index") == {"x": {"people": 2, "value": 11.0}, "y": {"people": 1, "value": 5.0}}
