"""Messages go to those who agreed, those who had enough of them leave, and the truth says who was wronged."""

import json

import numpy as np
import pandas as pd
import pytest

from crm_course import open_store
from crm_course.simulator.campaigns.sent import Sent
from crm_course.simulator.settings.settings_file import HERE
from crm_course.simulator.simulation import simulate
from crm_course.tables.checks.checking import check

USUAL = (HERE / "policies" / "usual.toml").read_text()
SLOW = USUAL.replace("withdrawal_days = 0", "withdrawal_days = 9").replace("in_four_weeks = 2", "in_four_weeks = 4")
STRICT = USUAL.replace("most_in_30_days = 6", "most_in_30_days = 2").replace("share = 0.3 }]", "share = 1.0 }]")
POLICIES = {"usual": USUAL, "slow": SLOW, "strict": STRICT}


@pytest.fixture(scope="session", params=[("usual", 3), ("slow", 4), ("strict", 5)], ids=lambda case: case[0])
def store(request, tmp_path_factory):
    name, seed = request.param
    folder = tmp_path_factory.mktemp("contact")
    (folder / "policy.toml").write_text(POLICIES[name])
    simulate(folder / "store", customers=800, seed=seed, policy=folder / "policy.toml")
    return open_store(folder / "store")


def with_choice(store):
    """Put the latest choice before it to every message: NaN when there was none."""
    consents = store.table("consents").query("purpose == 'marketing'")
    messages = store.table("messages").astype({"channel": "object", "customer_id": "object"})
    consents = consents.astype({"channel": "object", "customer_id": "object"}).sort_values("recorded_at")
    return pd.merge_asof(
        messages.sort_values("sent_at"),
        consents[["customer_id", "channel", "recorded_at", "granted"]],
        left_on="sent_at",
        right_on="recorded_at",
        by=["customer_id", "channel"],
    )


def test_messages_without_consent_are_those_that_the_truth_names_and_no_others(store):
    messages = with_choice(store)
    wrong = messages.loc[messages["granted"] != True, "message_id"]  # noqa: E712

    assert set(wrong) == set(store.truth("breaches")["message_id"])
    assert len(wrong) > 0
    assert messages["granted"].notna().all()  # they had said something, at least


def test_every_unsubscribing_is_recorded_once_and_ends_the_messages(store):
    consents, messages = store.table("consents"), store.table("messages")
    start = pd.Timestamp("2023-01-01", tz=store.time_zone)
    by_link = consents[(consents["source"] == "message") & (consents["recorded_at"] >= start)]
    left = messages[messages["unsubscribed"]]
    breaches = set(store.truth("breaches")["message_id"])

    assert len(by_link) == len(left) > 20
    both = left.merge(by_link.drop(columns="source"), on=["customer_id", "channel"])
    assert len(both) == len(left)
    assert (both["recorded_at"] - both["sent_at"]).between(pd.Timedelta(0), pd.Timedelta(hours=7)).all()
    later = messages.merge(by_link[["customer_id", "channel", "recorded_at"]], on=["customer_id", "channel"])
    assert set(later.loc[later["sent_at"] > later["recorded_at"], "message_id"]) <= breaches


def test_the_rule_on_messages_a_month_holds(store):
    parameters = json.loads((store.path / "truth" / "parameters.json").read_text())
    most = parameters["policy"]["contact"]["most_in_30_days"]
    messages = store.table("messages").merge(store.table("campaigns")[["campaign_id", "audience"]], on="campaign_id")
    letters = messages[messages["audience"] != "lapsed, win-back experiment"].sort_values("sent_at")
    day = letters.set_index("sent_at").groupby("customer_id")["opened"].rolling("29D").count()

    assert most in (2, 6)
    assert day.max() == most


def test_nothing_in_the_folder_breaks_a_law(store):
    assert check(store.path).empty


def test_opened_before_clicked_and_bounced_is_neither(store):
    messages = store.table("messages")

    assert (messages["opened"] | ~messages["clicked"]).all()
    assert (messages["opened"] | ~messages["unsubscribed"]).all()
    assert not (messages["opened"] & messages["bounced"]).any()


def test_rates_are_what_is_known_of_retail(made):
    messages = made("beauty", customers=20_000, seed=5).table("messages")
    mail = messages[messages["channel"] == "email"]

    assert 0.15 < mail["opened"].mean() < 0.35
    assert 0.001 < mail["unsubscribed"].mean() < 0.005
    assert 0.003 < mail["bounced"].mean() < 0.02


def test_message_numbers_follow_time_and_nothing_else(made):
    store = made("beauty", customers=20_000, seed=5)
    messages = store.table("messages")
    assert messages["message_id"].is_monotonic_increasing
    assert messages["sent_at"].is_monotonic_increasing

    one = messages[messages["campaign_id"] == messages["campaign_id"].iloc[len(messages) // 2]]
    number = one["customer_id"].str[1:].astype("int64").reset_index(drop=True)
    place = pd.Series(range(len(number)))
    for told in (number, one["opened"].reset_index(drop=True)):
        assert abs(place.corr(told.astype("float64").rank())) < 5 / len(one) ** 0.5


def test_the_same_customer_rolls_the_same_dice_under_another_policy(draw):
    calm = {"contact__opening_fatigue": 0.0, "contact__unsubscribed": 0.0}
    letters = [{"name": "Jade Mirror Letter", "channel": "email", "in_four_weeks": 4, "weekday": 3, "hour": 11}]
    usual = draw(scenario=calm)
    other = draw(scenario=calm, policy={"contact__letters": letters, "contact__most_in_30_days": 4})

    def outcomes(part):
        sent = Sent.all(part.messages.sent)
        event = part.messages.plan.event[sent.campaign]
        told = {"customer": sent.customer, "event": event, "time": sent.time}
        told |= {"opened": sent.opened, "clicked": sent.clicked, "bounced": sent.bounced}
        return pd.DataFrame(told).set_index(["customer", "event"])

    both = outcomes(usual).join(outcomes(other), how="inner", rsuffix="_other")

    assert len(both) > 20_000
    assert len(outcomes(other)) != len(outcomes(usual))
    for column in ("time", "opened", "clicked", "bounced"):
        assert (both[column] == both[f"{column}_other"]).all()


def test_who_gets_many_opens_less_and_leaves_sooner(draw):
    sent = Sent.all(draw(20_000).messages.sent)
    few, many = sent.recent <= 1, sent.recent >= 3
    opened, left = sent.opened[~sent.bounced], sent.stops[~sent.bounced]

    assert opened[many[~sent.bounced]].mean() < opened[few[~sent.bounced]].mean()
    assert left[many[~sent.bounced]].mean() > left[few[~sent.bounced]].mean()


def test_a_short_store_has_messages_but_no_experiment(tmp_path):
    simulate(tmp_path / "store", customers=300, seed=1, months=2)
    store = open_store(tmp_path / "store")

    assert len(store.table("messages")) > 100
    assert set(store.table("assignments")["experiment"]) <= {"information", "chat offer"}
    assert check(tmp_path / "store").empty


def test_messages_reach_to_the_end_of_the_twelve_months_beyond_the_data(draw):
    part = draw()
    last = max(sent.time.max() for sent in part.messages.sent if len(sent))

    assert last > part.world.span.midnights[part.world.span.horizon - 8]


def test_uplift_is_that_of_the_latest_opened_message_while_it_lasts(draw, rng):
    part = draw()
    settings, messages = part.world.scenario.contact, part.messages
    read = [sent.take(sent.opened) for sent in messages.sent]
    rows = pd.concat([pd.DataFrame({"who": s.customer, "at": s.time, "recent": s.recent}) for s in read])
    span = part.world.span
    who = rng.integers(0, 3000, 400)
    when = rng.integers(span.start_time, span.midnights[span.horizon], 400)
    near = rows.sample(200, random_state=1)
    who = np.concatenate([who, near["who"]])
    when = np.concatenate([when, near["at"] + rng.integers(-5 * 86_400, 12 * 86_400, 200)])

    expected = []
    for customer, moment in zip(who, when, strict=True):
        own = rows[(rows["who"] == customer) & (rows["at"] <= moment)]
        own = own[moment - own["at"] < settings.uplift_days * 86_400].sort_values("at")
        tired = settings.uplift_fatigue * messages.traits.fatigue[customer]
        expected.append(1 + settings.uplift * np.exp(-tired * own["recent"].iloc[-1]) if len(own) else 1.0)

    found = messages.uplift(who, when)
    assert np.allclose(found, expected)
    assert 100 < (found > 1).sum() < 550
    assert found.max() <= messages.most


@pytest.mark.parametrize("days", [(800, 1000), (1826, 2191)])
def test_the_mean_factor_is_the_mean_over_operational_time(draw, rng, days):
    """Against visits laid evenly over operational time and put on the clock as purchases are."""
    from crm_course.simulator.visits.visits import clock_time

    part = draw()
    world, people = part.world, part.people
    first, last = days
    mean = part.messages.mean_factor(world, people, first, last)
    for who in rng.choice(np.flatnonzero(mean > 1.02), 20, replace=False):
        elapsed = world.clock.elapsed[people.home[who]]
        steps = elapsed[first] + (elapsed[last] - elapsed[first]) * (np.arange(40_000) + 0.5) / 40_000
        day, share = world.clock.days(np.full(len(steps), people.home[who]), steps)
        factors = []
        for online in (True, False):
            time = clock_time(world, day, share, np.full(len(steps), online))
            factors.append(part.messages.uplift(np.full(len(steps), who), time).mean())
        assert mean[who] == pytest.approx(
            people.online[who] * factors[0] + (1 - people.online[who]) * factors[1], abs=2e-4
        )
