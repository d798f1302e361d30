"""How hard the records are to link: exact keys miss much and mix households, a score over fields finds more."""

import pandas as pd
import pytest
from linkage import exact_keys, groups_of, pairs_by, pairwise, scored, standardise

SEEDS = (5, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3)))


@pytest.fixture(scope="module", params=SEEDS)
def store(made, request):
    return made("beauty", customers=4700, seed=request.param)


@pytest.fixture(scope="module")
def fields(store):
    return standardise(store.table("records"))


def test_ten_thousand_records_are_hard_for_exact_keys_and_fair_to_a_score(store, fields):
    person = store.truth("records")["customer_id"]
    _, exact_recall, exact = pairwise(exact_keys(fields), person)
    precision, recall, better = pairwise(scored(fields), person)

    assert 9_000 < len(fields) < 11_500
    assert 0.85 < exact < 0.92
    assert better > 0.92
    assert better > exact + 0.03
    assert recall > exact_recall + 0.04
    assert precision > 0.95


def test_households_are_what_exact_keys_mix_up(store, fields):
    truth = store.truth("records")
    household = truth["customer_id"].map(store.truth("persons").set_index("customer_id")["household"])
    rows = pd.DataFrame({"group": exact_keys(fields), "person": truth["customer_id"], "household": household})
    both = rows.merge(rows, on="group")
    false = both[both["person_x"] < both["person_y"]]

    assert len(false) > 100
    assert (false["household_x"] == false["household_y"]).mean() > 0.6


def test_raw_fields_link_less_than_standardised_ones(store, fields):
    records, person = store.table("records"), store.truth("records")["customer_id"]
    raw = records[["name", "phone", "email"]]
    groups = groups_of(pd.concat([pairs_by(raw, "phone"), pairs_by(raw, "email")]), len(raw))

    assert pairwise(groups, person)[1] < pairwise(exact_keys(fields), person)[1] - 0.15


def test_the_script_of_the_name_makes_the_difference(store, fields):
    """Names alone: found when both are in one script, rarely across scripts unless romanised."""
    truth = store.truth("records")
    chinese = ~store.table("records")["name"].map(str.isascii)
    rows = pd.DataFrame({"person": truth["customer_id"], "chinese": chinese, "name": store.table("records")["name"]})
    rows["spelt"] = fields["name"]
    pairs = rows.reset_index().merge(rows.reset_index(), on="person")
    across = pairs[pairs["chinese_x"] & ~pairs["chinese_y"]]
    within = pairs[(pairs["index_x"] < pairs["index_y"]) & (pairs["chinese_x"] == pairs["chinese_y"])]

    assert len(across) > 500
    assert (across["name_x"] == across["name_y"]).mean() == 0
    assert (within["name_x"] == within["name_y"]).mean() > 0.35
    assert (across["spelt_x"] == across["spelt_y"]).mean() > 0.25


def test_the_shops_own_links_are_good_but_not_right(store):
    truth = store.truth("records")
    shares = truth["link"].value_counts(normalize=True)

    assert 0.86 < shares["right"] < 0.94
    assert abs(shares["missed"] - 0.06) < 0.01
    assert shares["household"] > 0.01
    assert shares[["namesake", "mistyped"]].min() > 0


def test_one_record_is_not_one_person(store):
    """Counting records in place of persons gives more than twice the customers."""
    assert len(store.table("records")) > 1.8 * store.truth("records")["customer_id"].nunique()
