"""Messages and surveys that cannot be are refused in one line, and leave nothing behind."""

import pytest

from crm_course import open_store
from crm_course.errors import WrongCall
from crm_course.simulator.settings.settings_file import HERE
from crm_course.simulator.simulation import simulate

BEAUTY = (HERE / "scenarios" / "beauty.toml").read_text()
USUAL = (HERE / "policies" / "usual.toml").read_text()


def refused(tmp_path, match, scenario=BEAUTY, policy=USUAL):
    (tmp_path / "scenario.toml").write_text(scenario)
    (tmp_path / "policy.toml").write_text(policy)
    with pytest.raises(WrongCall, match=match) as problem:
        simulate(tmp_path / "store", tmp_path / "scenario.toml", customers=20, policy=tmp_path / "policy.toml")
    assert "\n" not in str(problem.value)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ("opened = 0.24", "opened = 1.2", r"contact\.media\.0\.opened: Input should be less than 1"),
        ("uplift_days = 10", "uplift_dys = 10", "contact.uplift_days: Field required"),
        ('channel = "sms", opened', 'channel = "email", opened', "a channel is there twice among the media"),
        ("quality = { tangibles = 5.3, ", "quality = { ", "surveys: quality of tangibles is missing"),
        ("anonymous = 0.12", "anonymous = -1", "surveys.answering.anonymous: .* greater than or equal to 0"),
        ('purpose = "profiling"', 'purpose = "sharing"', "no customer is asked for consent to profiling by email"),
        (
            '  { channel = "sms", opened = 0.20, clicked = 0.20, bounced = 0.006, dead_per_year = 0.025 },\n',
            "",
            "contact: sms is in the policy, but not among the scenario's media",
        ),
    ],
)
def test_a_scenario_that_cannot_be(tmp_path, was, becomes, match):
    assert was in BEAUTY
    refused(tmp_path, match, scenario=BEAUTY.replace(was, becomes, 1))


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ('letter = "Jade Mirror Letter"', 'letter = "News"', "frequency: 'News' is no letter of this policy"),
        ('mistakes = [{ name = "Singles', 'mistakes = [{ name = "Couples', "is no festival message"),
        ("arms = [1, 2, 4]", "arms = [2]", "contact.frequency.arms: .* at least 2 items"),
        ("in_four_weeks = 2", "in_four_weeks = 5", "in_four_weeks: .* less than or equal to 4"),
        ("hour = 11", "hour = 23", "hour: .* less than or equal to 20"),
        ("points = 2500", "points = 0", "tiers must begin at 0 points and go up"),
        ('waves = ["05-15", "11-25"]', 'waves = ["05-15"]', "wallet_waves: 11-25 is no wave"),
        ('waves = ["05-15", "11-25"]', 'waves = ["02-30", "11-25"]', "surveys: wave '02-30': expected a day"),
    ],
)
def test_a_policy_that_cannot_be(tmp_path, was, becomes, match):
    assert was in USUAL
    refused(tmp_path, match, policy=USUAL.replace(was, becomes, 1))


def test_without_the_sections_there_are_no_such_tables(tmp_path):
    simulate(tmp_path / "store", "beauty", customers=50, policy="none")
    store = open_store(tmp_path / "store")

    for name in ("campaigns", "messages", "loyalty", "assignments", "responses", "wallet"):
        assert not store.has(name)
