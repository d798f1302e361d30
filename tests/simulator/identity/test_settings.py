"""Settings that cannot be are refused in one line; a policy changes what is asked, never who people are."""

import pandas as pd
import pytest

from crm_course import open_store
from crm_course.errors import WrongCall
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import HERE, read_settings
from crm_course.simulator.simulation import simulate

BEAUTY = (HERE / "scenarios" / "beauty.toml").read_text(encoding="utf-8")
USUAL = (HERE / "policies" / "usual.toml").read_text(encoding="utf-8")
PARAMETERS = {"customers": 1500, "seed": 21}


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ("female = 0.82", "female = 1.2", "identity.origins.female: .* less than or equal to 1"),
        ("mainland = 0.08", "mainland = 0.97", "identity.origins: mainland and expatriate add up to more than 1"),
        ("ages = [22, 62]", "ages = [62, 22]", "identity.origins: ages must be two ages"),
        ("pairs = 0.24", "pairs = 0.95", "identity.households: pairs and threes"),
        ("phone_per_year = 0.09", "phone_per_year = -1", "identity.changes.phone_per_year"),
        ("landline = 0.11", "land_line = 0.11", "identity.slips.landline: Field required"),
        ("copied = 0.004", 'copied = "many"', "identity.looks.copied"),
    ],
)
def test_a_scenario_that_cannot_be(tmp_path, was, becomes, match):
    refused(Scenario, tmp_path, BEAUTY, was, becomes, match)


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ("agents = 24", "agents = 1", "identity.agents: .* greater than or equal to 4"),
        ("email = 0.99", "email = 99", "identity.forms.web.email"),
        ("[identity.forms.app]", "[identity.forms.kiosk]", "identity.forms.app: Field required"),
        ("missed = 0.06", "missed = 0.96", "identity.linking: missed, household_mixed, .* more than 1"),
    ],
)
def test_a_policy_that_cannot_be(tmp_path, was, becomes, match):
    refused(Policy, tmp_path, USUAL, was, becomes, match)


def refused(kind, tmp_path, text, was, becomes, match):
    assert was in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(WrongCall, match=match) as problem:
        read_settings(kind, path)
    assert "\n" not in str(problem.value)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    def play(**changes):
        folder = tmp_path_factory.mktemp("played") / "store"
        simulate(folder, **PARAMETERS, policy=read_settings(Policy, "usual").model_copy(update=changes))
        return open_store(folder)

    return play


@pytest.fixture(scope="module")
def before(played):
    return played()


def test_another_form_asks_for_more_and_changes_nothing_else(played, before):
    identity = read_settings(Policy, "usual").identity
    till = identity.forms.till.model_copy(update={"email": 1.0})
    forms = identity.forms.model_copy(update={"till": till})
    store = played(identity=identity.model_copy(update={"forms": forms}))
    records, old = store.table("records"), before.table("records")

    pd.testing.assert_frame_equal(records.drop(columns="email"), old.drop(columns="email"))
    there = old["email"].notna()
    assert (records["email"] == old["email"])[there].all()
    assert records.loc[records["channel"] == "till", "email"].notna().all()
    pd.testing.assert_frame_equal(store.table("accesses"), before.table("accesses"))


def test_better_linking_leaves_the_records_as_they_are(played, before):
    identity = read_settings(Policy, "usual").identity
    linking = identity.linking.model_copy(update={"missed": 0.0, "household_mixed": 0.0})
    store = played(identity=identity.model_copy(update={"linking": linking}))

    pd.testing.assert_frame_equal(store.table("records"), before.table("records"))
    assert len(store.table("links")) == len(store.table("records"))
    kept = store.truth("records")["link"]
    assert set(kept) <= {"right", "namesake", "mistyped"}


def test_without_promotions_the_same_people_write_the_same_names(played, before):
    without = played(promotions=[])
    one, other = (store.truth("persons") for store in (before, without))
    pd.testing.assert_frame_equal(one, other)
    firsts = []
    for store in (before, without):
        table = store.table("records").merge(store.truth("records")[["record_id", "customer_id"]], on="record_id")
        firsts.append(table.drop_duplicates("customer_id").set_index("customer_id")[["channel", "name"]])
    both = firsts[0].join(firsts[1], rsuffix="_later")
    same = both["channel"] == both["channel_later"]

    assert same.mean() > 0.6
    assert (both["name"] == both["name_later"])[same].mean() > 0.97
