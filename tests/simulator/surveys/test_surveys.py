"""What customers answer is not what they feel, and the right methods see through it."""

import numpy as np
import pandas as pd
import pytest

from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import HERE, read_settings

DIMENSIONS = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"]
USUAL = (HERE / "policies" / "usual.toml").read_text()
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module", params=[5, pytest.param(6, marks=pytest.mark.long)])
def large(request, made):
    return made("beauty", customers=20_000, seed=request.param)


def nps(scores, weights=None):
    return 100 * (np.average(scores >= 9, weights=weights) - np.average(scores <= 6, weights=weights))


def test_only_active_customers_who_agreed_are_asked(large):
    responses = large.table("responses")
    sheets = responses.drop_duplicates("response_id")
    known = sheets.dropna(subset=["customer_id"]).sort_values("answered_at")
    choices = large.table("consents").query("purpose == 'profiling' and channel == 'email'").sort_values("recorded_at")
    wave = pd.to_datetime(
        known["wave"].astype(str).map({w: w + "-15" if w.endswith("05") else w + "-25" for w in set(known["wave"])})
    )
    known = known.assign(starts=wave.dt.tz_localize(large.time_zone).dt.tz_convert("UTC").astype("datetime64[us, UTC]"))
    asked = pd.merge_asof(
        known.sort_values("starts"), choices, left_on="starts", right_on="recorded_at", by="customer_id"
    )
    assert asked["granted"].eq(True).all()
    assert (known["answered_at"] - known["starts"]).between(pd.Timedelta(0), 14 * DAY).all()
    assert not known.duplicated(["customer_id", "wave"]).any()
    orders = large.table("orders")[["customer_id", "ordered_at"]].sort_values("ordered_at")
    bought = pd.merge_asof(
        known.sort_values("starts"), orders, left_on="starts", right_on="ordered_at", by="customer_id"
    )
    assert (bought["starts"] - bought["ordered_at"]).max() <= 366 * DAY


def test_scores_are_on_their_scales_and_competitors_are_asked_of_those_who_know_them(large):
    responses = large.table("responses")
    low = responses["item"].astype(str).map({"recommend": 0}).fillna(1)
    high = responses["item"].astype(str).map({"recommend": 10, "satisfaction": 5}).fillna(7)
    assert responses["score"].between(low, high).all()
    rival = responses[responses["about"] != "us"]
    assert set(rival["item"]) == set(DIMENSIONS)
    per_sheet = responses.groupby("response_id")["about"].nunique()
    assert set(per_sheet) == {1, 2, 3, 4}


def test_numbers_follow_time(large):
    responses, wallet = large.table("responses"), large.table("wallet")
    assert responses["response_id"].is_monotonic_increasing
    assert responses["answered_at"].is_monotonic_increasing
    assert wallet["answered_at"].is_monotonic_increasing


def test_response_rates_are_those_of_customer_surveys(large):
    truth = large.truth("satisfaction")
    assert 0.10 < truth["response_probability"].mean() < 0.25


def test_items_about_us_hang_together(large):
    """Cronbach's alpha about .8 to .9: one halo a rater."""
    responses = large.table("responses").query("about == 'us'")
    items = responses[responses["item"].isin([*DIMENSIONS, "value"])]
    scores = items.pivot(index="response_id", columns="item", values="score").dropna()
    count = scores.shape[1]
    alpha = count / (count - 1) * (1 - scores.var().sum() / scores.sum(axis=1).var())
    assert count == 6
    assert 0.8 < alpha < 0.9


def test_nps_needs_weights_for_who_did_not_answer(large):
    truth = large.truth("satisfaction")
    true = nps(truth["recommend"])
    answered = truth[truth["answered"]]
    weights = 1 / answered["response_probability"]

    error = 100 * answered["recommend"].pipe(lambda r: (r >= 9).astype(float) - (r <= 6)).std() / len(answered) ** 0.5
    assert abs(nps(answered["recommend"], weights) - true) < 4 * error
    assert nps(answered["recommend"]) - true > 4 * error
    asked = large.table("responses").query("item == 'recommend'")["score"]
    assert nps(asked) == pytest.approx(nps(answered["recommend"]), abs=1.5)  # some leave the item out


def test_pairs_within_rater_find_the_gaps_and_unpaired_means_do_not(large):
    responses = large.table("responses")
    wide = responses[responses["item"].isin(DIMENSIONS)].pivot(
        index=["response_id", "item"], columns="about", values="score"
    )
    wide = wide.reset_index("item")
    gaps = large.truth("gaps").set_index(["competitor", "dimension"])["gap"]
    off = []
    for (rival, dimension), gap in gaps.items():
        scores = wide[wide["item"] == dimension]
        both = scores.dropna(subset=["us", rival])
        difference = both["us"] - both[rival]
        # late deliveries and the satisfied answering more often move reliability and the rest by less than .12
        assert difference.mean() == pytest.approx(gap, abs=0.12 + 3 * difference.std() / len(both) ** 0.5)
        off.append((scores["us"].mean() - scores[rival].mean()) - gap)
    assert min(off) > 0
    assert np.mean(off) > 0.15
    assert any((gap < 0) != (gap + wrong < 0) for gap, wrong in zip(gaps, off, strict=True))  # a verdict turned round


def test_drivers_come_out_in_the_order_of_their_weights(large):
    responses = large.table("responses").query("about == 'us'")
    scores = responses.pivot(index="response_id", columns="item", values="score").dropna().astype(float)
    drivers = large.truth("drivers").set_index("driver")["weight"]
    x = np.column_stack([np.ones(len(scores)), scores[list(drivers.index)]])
    found = pd.Series(np.linalg.lstsq(x, scores["recommend"], rcond=None)[0][1:], index=drivers.index)

    assert found[["reliability", "responsiveness", "value"]].min() > found["tangibles"]
    assert found.corr(drivers) > 0.75


def test_a_failure_is_remembered_and_a_mended_one_forgiven(large):
    truth = large.truth("satisfaction").query("wave == '2025-11'").set_index("customer_id")["satisfaction"]
    wave = pd.Timestamp("2025-11-25", tz=large.time_zone)
    orders = large.table("orders").set_index("order_id")
    failures = large.truth("failures").join(orders[["ordered_at"]], on="order_id")
    lately = failures[(failures["ordered_at"] < wave - 30 * DAY) & (failures["ordered_at"] > wave - 170 * DAY)]
    whose = orders["customer_id"].reindex(lately["order_id"]).to_numpy()
    grave = lately["severity"].eq("high").to_numpy()
    mended = set(whose[lately["recovered"].to_numpy()])
    let_down = set(whose[grave & ~lately["recovered"].to_numpy()])

    calm = truth[~truth.index.isin(set(whose))]
    hurt, helped = truth[truth.index.isin(let_down)], truth[truth.index.isin(mended - let_down)]
    error = truth.std() * (1 / len(hurt) + 1 / len(helped)) ** 0.5
    assert calm.mean() - hurt.mean() > 3 * truth.std() / len(hurt) ** 0.5
    assert helped.mean() - hurt.mean() > 2 * error


def test_the_satisfied_stay_longer(large):
    raters = large.truth("raters").set_index("customer_id")["general"]
    truth = large.truth("customers").set_index("customer_id")
    assert raters.corr(truth["dropout_probability"], method="spearman") == pytest.approx(-0.33, abs=0.05)
    assert raters[truth["active"]].mean() > raters[~truth["active"]].mean() + 0.03


def test_generosity_is_a_habit_and_no_loyalty(large):
    raters = large.truth("raters").set_index("customer_id")
    truth = large.truth("customers").set_index("customer_id")
    assert abs(raters["generosity"].corr(truth["dropout_probability"])) < 0.03
    assert raters.loc[raters["competitors_known"] == 3, "generosity"].mean() < raters["generosity"].mean() - 0.2


def test_the_panel_answers_wave_after_wave(large):
    truth = large.truth("satisfaction").merge(large.truth("raters"), on="customer_id")
    answers = truth.groupby(["panel", "customer_id"])["answered"].mean()
    assert answers[True].mean() > answers[False].mean()
    sheets = large.table("responses").drop_duplicates("response_id")["customer_id"].dropna()
    assert (sheets.value_counts() >= 3).sum() > 20


def test_wallets_are_recalled_too_large_and_known_spend_here_mends_it(large):
    said = large.table("wallet").query("wave == '2025-11'")
    wave = pd.Timestamp("2025-11-25", tz=large.time_zone)
    orders = large.table("orders")
    year = orders[(orders["ordered_at"] < wave) & (orders["ordered_at"] >= wave - 365 * DAY)]
    lines = large.table("order_lines").merge(year, on="order_id").merge(large.table("products"), on="product_id")
    here = lines.groupby(["customer_id", "category"], observed=True)["amount"].sum()
    truth = large.truth("wallet").set_index(["customer_id", "category"])["spend_elsewhere_12m"]
    told = said.set_index(["customer_id", "category"])
    here = here.rename(index=str, level="category").reindex(told.rename(index=str, level="category").index)
    known, noted = here.to_numpy(), told["spend_here"].to_numpy()
    # the last twelve months of the data are nearly those of the wave, but for who left in between
    true, claimed = truth.reindex(told.index).to_numpy(), told["spend_elsewhere"].to_numpy()

    large_ones = true * claimed > 1000**2  # chosen by both, so that neither year's luck decides
    overstated = np.exp(np.median(np.log(noted[known > 300] / known[known > 300])))
    raw = np.exp(np.median(np.log(claimed[large_ones] / true[large_ones])))
    assert 1.1 < overstated < 1.3
    assert raw > 1.08
    assert abs(raw / overstated - 1) < 0.05
    assert (said["spend_here"] % 50 == 0).all()


def test_every_customer_has_a_wallet_and_shares_are_those_of_the_category(large):
    wallet = large.truth("wallet")
    assert len(wallet) == 20_000 * large.table("products")["category"].nunique()
    means = wallet.groupby("category", observed=True)["share_of_wallet"].mean()
    told = read_settings(Scenario, "beauty").spend.wallet
    for category, mean in means.items():
        assert mean == pytest.approx(told.shares.get(category, told.share), abs=0.02)
    # own sales do not tell a small wallet from a small share
    total = wallet["spend_here_12m"] + wallet["spend_elsewhere_12m"]
    bought = wallet["spend_here_12m"] > 0
    assert wallet.loc[bought, "spend_here_12m"].corr(total[bought], method="spearman") < 0.9


def test_the_same_customer_gives_the_same_answers_under_another_policy(made, tmp_path):
    mine = tmp_path / "policy.toml"
    mine.write_text(USUAL.replace("invited = 0.8", "invited = 0.3").replace("panel = 0.25", "panel = 0.1"))
    usual = made("beauty", customers=3000, seed=8)
    other = made("beauty", customers=3000, seed=8, policy=mine)
    key = ["customer_id", "wave", "item", "about"]
    answers = [
        store.table("responses").dropna(subset="customer_id").astype({"wave": str}).set_index(key)
        for store in (usual, other)
    ]

    both = answers[0].join(answers[1], how="inner", rsuffix="_other")
    assert len(answers[0]) > len(both) == len(answers[1]) > 500
    assert (both["score"] == both["score_other"]).all()
    assert (both["answered_at"] == both["answered_at_other"]).all()
