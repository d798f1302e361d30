"""Records: every customer has one at least, and each tells what its person said on the day, slips included."""

import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from linkage import standardise, syllables

from crm_course import open_store
from crm_course.simulator.identity.wording import MAILBOXES, MISTYPED_MAILBOXES
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.settings_file import read_settings
from crm_course.simulator.simulation import simulate

YEAR = pd.Timedelta(days=365.25)


@pytest.fixture(scope="module")
def store(made):
    return made("beauty", customers=4700, seed=5)


@pytest.fixture(scope="module")
def told(store):
    """Records beside the truth of them and of their persons."""
    records, truth = store.table("records"), store.truth("records")
    assert list(records["record_id"]) == list(truth["record_id"])
    truth = truth.drop(columns="record_id").add_prefix("true_")
    persons = store.truth("persons").add_prefix("person_").set_index("person_customer_id")
    return pd.concat([records, truth], axis=1).join(persons, on="true_customer_id")


def records_are_in_order_of_time_and_everybody_has_one(store):
    records, truth = store.table("records"), store.truth("records")
    assert records["created_at"].is_monotonic_increasing
    assert records["record_id"].is_monotonic_increasing
    assert set(truth["customer_id"]) == set(store.table("customers")["customer_id"])
    seen = store.table("customers").set_index("customer_id")["first_seen_at"]
    assert (records["created_at"] >= truth["customer_id"].map(seen).to_numpy()).all()
    assert (records["updated_at"] >= records["created_at"]).all()
    end = (store.as_of + pd.Timedelta(days=1)).tz_localize(store.time_zone)
    assert (records["updated_at"] < end).all()
    assert (store.table("accesses")["at"] < end).all()


def nothing_is_confirmed_after_its_customer_left(store):
    records, truth = store.table("records"), store.truth("records")
    left = truth["customer_id"].map(store.truth("customers").set_index("customer_id")["left_at"])
    confirmed = records["updated_at"] > records["created_at"]
    assert (records["updated_at"] <= left)[confirmed & left.notna()].all()


def links_are_those_of_the_truth_less_its_mistakes(store):
    links, truth = store.table("links"), store.truth("records")
    assert links["record_id"].is_monotonic_increasing
    assert set(links["record_id"]) == set(truth.loc[truth["link"] != "missed", "record_id"])
    both = links.merge(truth, on="record_id", suffixes=("", "_true"))
    assert (both["customer_id"].eq(both["customer_id_true"]) == both["link"].eq("right")).all()
    households = store.truth("persons").set_index("customer_id")["household"]
    mixed = both[both["link"] == "household"]
    assert mixed["customer_id"].map(households).eq(mixed["customer_id_true"].map(households)).all()


def a_missing_field_is_missing_in_the_truth(store):
    records, truth = store.table("records"), store.truth("records")
    for field in ("phone", "email", "address", "birthday"):
        assert (records[field].isna() == truth[field].eq("missing")).all(), field
    assert records["name"].str.len().ge(2).all()
    assert records.loc[records["address"].notna(), "district"].notna().all()


def all_tables_keep_their_laws(store):
    for name in ("records", "links", "accesses"):
        store.table(name)
    assert set(store.table("accesses")["customer_id"]) <= set(store.table("customers")["customer_id"])
    assert list(store.truth("accesses")["access_id"]) == list(store.table("accesses")["access_id"])


LAWS = [
    records_are_in_order_of_time_and_everybody_has_one,
    nothing_is_confirmed_after_its_customer_left,
    links_are_those_of_the_truth_less_its_mistakes,
    a_missing_field_is_missing_in_the_truth,
    all_tables_keep_their_laws,
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_in_this_store(law, store):
    law(store)


@given(customers=some.integers(1, 80), seed=some.integers(0, 2**128 - 1), months=some.integers(1, 60))
@settings(max_examples=3, deadline=None)
def test_in_any_store(customers, seed, months):
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder) / "store", customers=customers, seed=seed, months=months)
        store = open_store(Path(folder) / "store")
        for law in LAWS:
            law(store)


def test_plain_has_no_such_tables(plain):
    assert not any(plain.has(name) for name in ("records", "links", "accesses"))


def test_each_number_is_a_valid_one_of_hong_kong_or_the_mainland(told):
    for number, mainland in zip(told["phone"].dropna(), told.loc[told["phone"].notna(), "person_origin"], strict=True):
        parsed = phonenumbers.parse(number, "HK")
        assert parsed.country_code == 852 or (parsed.country_code == 86 and mainland == "mainland"), number
        assert phonenumbers.is_valid_number(parsed), number


def test_numbers_are_written_in_several_ways(told):
    shapes = told["phone"].dropna().str.replace(r"\d", "9", regex=True).value_counts()

    assert len(shapes) >= 7
    assert shapes.iloc[0] < 0.5 * shapes.sum()


def test_nobody_can_own_an_e_mail_address(told):
    assert told["email"].dropna().str.fullmatch(r"[a-z0-9._-]+@[a-z]+\.example").all()
    domain = "@" + told["email"].str.split("@").str[1]
    consumers = told["person_origin"] != "company"
    assert set(domain[consumers].dropna()) == {*MAILBOXES, *MISTYPED_MAILBOXES}
    assert domain[told["true_email"] == "slip"].isin(MISTYPED_MAILBOXES).all()


def test_a_romanised_name_is_that_of_the_characters(told):
    """Same person, once in Chinese and once surname first: the syllables are the same."""
    local = told[(told["person_origin"] == "hong kong") & ~told["true_name_slip"]]
    spelt = local.groupby("true_spelling", observed=True)
    chinese = spelt.get_group("chinese").groupby("true_customer_id")["name"].first()
    for way in ("simplified", "surname first", "hyphen"):
        other = spelt.get_group(way).groupby("true_customer_id")["name"].first()
        both = pd.concat([chinese, other], axis=1, keys=["chinese", "other"]).dropna()
        assert len(both) > 40
        assert (both["chinese"].map(syllables) == both["other"].map(syllables)).mean() > 0.99, way  # 呂 and its like
    assert spelt.get_group("chinese")["name"].str.fullmatch(r"[一-鿿]{2,4}").all()
    assert spelt.get_group("surname first")["name"].str.fullmatch(r"[A-Z-]+( [A-Z][a-z]+){1,2}").all()


@pytest.mark.parametrize(
    ("characters", "romanised"),
    [
        ("陳美玲", "chan mei ling"),
        ("陈美玲", "chan mei ling"),
        ("黃嘉欣", "wong ka yan"),
        ("李詠詩", "lee wing sze"),
        ("張志明", "cheung chi ming"),
        ("吳家俊", "ng ka chun"),
        ("鄭國偉", "cheng kwok wai"),
        ("許慧敏", "hui wai man"),
        ("謝子軒", "tse tsz hin"),
        ("歐陽淑芬", "auyeung suk fan"),
    ],
)
def test_names_are_romanised_as_on_identity_cards(characters, romanised):
    assert syllables(characters) == romanised


def test_what_was_confirmed_after_a_change_is_new(told):
    """Two records of a person with the present mobile number agree, an old one differs."""
    phone = standardise(told)["phone"]
    mobile = told["person_origin"] != "company"
    now = phone[told["true_phone"].eq("current") & mobile].groupby(told["true_customer_id"]).agg(["nunique", "first"])
    assert (now["nunique"] == 1).all()
    old = told["true_phone"].eq("old") & mobile
    present = told.loc[old, "true_customer_id"].map(now["first"])
    assert present.notna().sum() > 100
    assert (phone[old] != present)[present.notna()].all()
    latest_old = told[old].groupby("true_customer_id")["updated_at"].max()
    first_new = told[told["true_phone"].eq("current") & mobile].groupby("true_customer_id")["updated_at"].min()
    both = pd.concat([latest_old, first_new], axis=1, keys=["old", "new"]).dropna()
    assert (both["old"] < both["new"]).all()


def test_a_slip_in_a_number_is_two_digits_and_no_more(told):
    digits = standardise(told)["phone"]
    now = digits[told["true_phone"] == "current"].groupby(told["true_customer_id"]).first()
    slipped = told["true_phone"].eq("slip") & told["person_origin"].eq("hong kong")
    pairs = pd.concat([digits[slipped], told.loc[slipped, "true_customer_id"].map(now)], axis=1).dropna()
    apart = [
        sum(a != b for a, b in zip(*pair, strict=True))
        for pair in pairs.itertuples(index=False)
        if len(pair[0]) == len(pair[1])
    ]
    assert len(apart) > 30
    assert np.mean(np.array(apart) <= 2) > 0.7  # the others slipped in an old number or in the household's


def test_birthdays_are_right_swapped_or_a_default(told):
    right = told["person_birthday"].astype("datetime64[us]")
    kind = told["true_birthday"]
    assert (told["birthday"] == right)[kind == "right"].all()
    swapped = told[kind == "swapped"]
    assert (swapped["birthday"].dt.day == right[swapped.index].dt.month).all()
    assert (swapped["birthday"].dt.month == right[swapped.index].dt.day).all()
    default = told.loc[kind == "default", "birthday"]
    assert ((default.dt.month == 1) & (default.dt.day == 1)).all()
    assert set(kind) == {"right", "swapped", "default", "missing"}


def test_capture_and_freshness_differ_by_channel_as_the_forms_say(told):
    forms = read_settings(Policy, "usual").identity.forms
    consumers = told[told["person_origin"] != "company"]
    for name in ("till", "web", "app", "hotline", "market_stall"):
        here = consumers[consumers["channel"] == name.replace("_", " ")]
        for field in ("phone", "email", "address", "birthday"):
            share = getattr(getattr(forms, name), field)
            assert abs(here[field].notna().mean() - share) < 5 * (share * (1 - share) / len(here)) ** 0.5, (name, field)
    last_day = told["updated_at"].max()
    age = (last_day - told["updated_at"]) / YEAR
    fresh = age.groupby(told["channel"], observed=True).median()
    assert fresh["app"] + 0.5 < fresh["market stall"]


def test_the_more_she_uses_the_shop_the_more_records_she_has(store):
    records = store.truth("records")["customer_id"].value_counts()
    orders = store.table("orders")
    channels = orders.groupby("customer_id")["channel"].nunique().reindex(records.index).fillna(0)
    age = store.table("customers").set_index("customer_id")["first_seen_at"].reindex(records.index)
    mean = records.groupby(channels).mean()
    assert mean[1] < mean[2] < mean[3]
    active = store.truth("customers").set_index("customer_id")["active"].reindex(records.index)
    young = age > age.quantile(0.75)
    assert records[active & ~young].mean() > records[active & young].mean() + 0.3
    assert 1.8 < records.mean() < 3.2


def test_some_records_are_due_for_deletion(told, store):
    """Neither confirmed nor followed by a purchase for three years."""
    limit = (store.as_of + pd.Timedelta(days=1)).tz_localize(store.time_zone) - 3 * YEAR
    last = store.table("orders").groupby("customer_id")["ordered_at"].max()
    bought = told["true_customer_id"].map(last) >= limit
    outdated = (told["updated_at"] < limit) & ~bought
    assert 0.01 < outdated.mean() < 0.2


def test_relatives_share_line_address_and_often_the_surname(told):
    shared = told[told["person_members_known"] > 1]
    lines = standardise(told)["phone"][told["true_phone"].eq("line")]
    by_house = lines.groupby(told["person_household"]).nunique()
    assert (by_house == 1).all()
    full = shared[shared["true_address"].eq("current") & shared["address"].str.match(r"(Flat|Room)", na=False)]
    homes = full.groupby("person_household")["address"]
    several = full.groupby("person_household")["true_customer_id"].nunique() > 1
    assert several.sum() > 10
    assert (homes.nunique()[several] == 1).all()
    first = shared[shared["true_spelling"].eq("chinese")].drop_duplicates("true_customer_id")
    pairs = first.merge(first, on="person_household")
    pairs = pairs[pairs["true_customer_id_x"] < pairs["true_customer_id_y"]]
    same = pairs["name_x"].str[0] == pairs["name_y"].str[0]
    assert 0.4 < same.mean() < 0.8
    gap = (
        pairs["person_birthday_x"].astype("datetime64[us]") - pairs["person_birthday_y"].astype("datetime64[us]")
    ).abs()
    years = gap / YEAR
    assert ((years < 14) | (years > 20)).mean() > 0.9


def test_companies_have_a_company_s_name_and_no_birthday(told, store):
    on_account = store.table("customers").set_index("customer_id")["account"]
    company = told["true_customer_id"].map(on_account).to_numpy()
    assert (told["person_origin"].eq("company") == company).all()
    assert told.loc[company, "birthday"].isna().all()
    assert told.loc[company, "name"].str.contains("Limited|LTD|Company|International|公司|國際|[A-Z]{3}").all()


def test_a_record_does_not_tell_whose_it_is(told, store):
    """Neither the moment nor the number of a record leads to the customer."""
    orders = store.table("orders").groupby("customer_id")["ordered_at"].apply(set)
    moments = told["true_customer_id"].map(orders)
    same = [at in times for at, times in zip(told["created_at"], moments, strict=True) if isinstance(times, set)]
    assert np.mean(same) < 0.005
    number = told["true_customer_id"].str[1:].astype(int)
    assert abs(pd.Series(range(len(told))).corr(number)) < 5 / len(told) ** 0.5
    assert not re.search("|".join(["truth", "household", "person"]), " ".join(store.table("records").columns))


def test_consents_are_given_refused_and_withdrawn(store):
    consents = store.table("consents")
    first = consents.drop_duplicates(["customer_id", "purpose", "channel"])["granted"]
    last = consents.drop_duplicates(["customer_id", "purpose", "channel"], keep="last")
    changed = consents.duplicated(["customer_id", "purpose", "channel"])
    assert 0.2 < first.mean() < 0.8
    assert (changed & ~consents["granted"]).sum() > 50  # withdrawn
    assert (changed & consents["granted"]).sum() > 5  # given after all
    assert len(last) == len(first)
