"""Share of wallet: what is joined, weighted, calibrated and imputed, and that it comes near the truth."""

import numpy as np
import pandas as pd
import pytest

from crm_course import open_store
from crm_course.analysis.statistics.ridge import logistic, poisson
from crm_course.analysis.wallet import basket_rules, share_of_wallet, wallet_survey
from crm_course.errors import FitFailed, LeftOut, NothingToAnalyse
from crm_course.simulator.simulation import simulate

TODAY = pd.Timestamp("2025-12-31")


def lines(*rows):
    """Make sold lines of (customer, day, category, amount)."""
    table = pd.DataFrame(rows, columns=["customer_id", "day", "category", "amount"])
    order = table["customer_id"] + " " + table["day"]
    return table.assign(order_id=order, item=table["category"], day=pd.to_datetime(table["day"]))


def said(*rows):
    """Make survey answers of (customer, category, here, elsewhere, day)."""
    table = pd.DataFrame(rows, columns=["customer_id", "category", "spend_here", "spend_elsewhere", "day"])
    day = pd.to_datetime(table["day"])
    return table.assign(day=day, wave=day.dt.strftime("%Y-%m"))


SOLD = lines(
    ("ann", "2024-01-05", "hair", 30.0),
    ("ann", "2025-03-01", "hair", 100.0),
    ("ann", "2025-06-01", "skin", 50.0),
    ("bo", "2025-06-01", "skin", 400.0),
)
FIRST_SEEN = pd.Series(pd.Timestamp("2024-01-05"), pd.Index(["ann", "bo"], name="customer_id"))


# Spend and survey -----------------------------------------------------------------------------------


def test_spend_counts_365_days_and_shows_categories_that_were_not_bought():
    table = wallet_survey.spend(SOLD, TODAY)

    assert table.loc["ann"].to_dict() == {"hair": 100.0, "skin": 50.0}
    assert table.loc["bo"].to_dict() == {"hair": 0.0, "skin": 400.0}


def test_spend_before_anything_was_sold_says_so():
    with pytest.raises(NothingToAnalyse, match="nothing was sold in the 365 days up to 2020-01-01"):
        wallet_survey.spend(SOLD, pd.Timestamp("2020-01-01"))


def test_what_happens_later_changes_nothing():
    later = pd.concat([SOLD, lines(("ann", "2026-02-01", "hair", 9e5))])

    pd.testing.assert_frame_equal(
        wallet_survey.wallet_frame(later, FIRST_SEEN, TODAY), wallet_survey.wallet_frame(SOLD, FIRST_SEEN, TODAY)
    )


def test_an_answer_is_held_against_the_year_before_the_wave():
    survey = said(("ann", "hair", 150.0, 40.0, "2025-06-01"), ("ann", "skin", 0.0, 10.0, "2025-06-01"))

    answers = wallet_survey.survey_answers(survey, SOLD, FIRST_SEEN)

    assert answers["here"].tolist() == [100.0, 0.0]  # the cream of that very day came after
    assert answers["weight"].tolist() == [1.0, 1.0]


def test_a_wave_about_a_year_that_is_not_on_record_is_left_out():
    early, late = ("ann", "hair", 1.0, 1.0, "2024-06-01"), ("ann", "hair", 1.0, 1.0, "2025-06-01")

    assert wallet_survey.survey_answers(said(early, late), SOLD, FIRST_SEEN)["wave"].tolist() == ["2025-06"]
    with pytest.raises(NothingToAnalyse, match="no wave asks about a year of which the orders are known"):
        wallet_survey.survey_answers(said(early), SOLD, FIRST_SEEN)


def test_recall_is_a_ratio_of_weighted_sums():
    answers = pd.DataFrame({"said_here": [120.0, 30.0], "here": [100.0, 10.0], "weight": [1.5, 0.5]})

    assert wallet_survey.recall_ratio(answers) == pytest.approx((180 + 15) / (150 + 5))


def test_recall_without_spend_here_says_so():
    answers = pd.DataFrame({"said_here": [0.0], "here": [10.0], "weight": [1.0]})

    with pytest.raises(NothingToAnalyse, match="spend here is 0"):
        wallet_survey.recall_ratio(answers)


def test_naive_shares():
    answers = pd.DataFrame(
        {
            "customer_id": ["ann", "bo"],
            "wave": "w",
            "category": "hair",
            "said_here": [100.0, 0.0],
            "said_elsewhere": [100.0, 800.0],
            "here": [80.0, 0.0],
        }
    )

    shares = wallet_survey.survey_shares(answers).loc["all"]

    assert shares["as recalled"] == pytest.approx(100 / 1000)
    assert shares["till against recall"] == pytest.approx(80 / 980)
    assert shares["mean of persons"] == pytest.approx(0.25)
    assert wallet_survey.recalled_total(answers, customers=10) == 4500.0


# Weights and model ----------------------------------------------------------------------------------


def made_up_frame(rng, customers=3000):
    """Two categories; spend elsewhere goes with what is known and with nothing else."""
    names = [f"c{i:05d}" for i in range(customers)]
    person = pd.DataFrame(rng.normal(size=(customers, 4)), names, wallet_survey.COVARIATES[1:])
    index = pd.MultiIndex.from_product([names, ["hair", "skin"]], names=["customer_id", "category"])
    frame = person.loc[index.get_level_values(0)].set_axis(index).assign(log_here=rng.normal(size=len(index)))
    level = np.where(index.get_level_values(1) == "hair", 4.0, 6.0)
    mean = np.exp(level + 0.5 * frame["log_here"] + 0.4 * frame["log_total"])
    noise = rng.gamma(1.0, 1.0, len(index))
    return frame.assign(here=np.exp(3 + frame["log_here"])), mean * noise


def asked(frame, elsewhere, who, recall=1.2, weight=1.0):
    rows = frame.index.get_level_values(0).isin(who)
    part = frame[rows].assign(said_here=recall * frame["here"], said_elsewhere=recall * elsewhere[rows], weight=weight)
    return part.assign(wave="w").reset_index()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_model_finds_the_total_where_the_mean_recalled_does_not(seed):
    frame, elsewhere = made_up_frame(np.random.default_rng(seed))
    busy = frame["log_total"].groupby("customer_id").first().nlargest(1500).index  # only these answer
    answers = asked(frame, elsewhere, busy)

    model = share_of_wallet.fit_wallet(answers)

    assert model.recall == pytest.approx(1.2)
    assert model.elsewhere(frame).sum() == pytest.approx(elsewhere.sum(), rel=0.10)
    assert wallet_survey.recalled_total(answers, 3000) > 1.35 * elsewhere.sum()


def test_what_is_fitted_sums_up_to_what_was_said_by_category():
    frame, elsewhere = made_up_frame(np.random.default_rng(4), 200)
    answers = asked(frame, elsewhere, frame.index.get_level_values(0))

    fitted = share_of_wallet.fit_wallet(answers).elsewhere(frame).groupby("category").sum()

    np.testing.assert_allclose(fitted, elsewhere.groupby("category").sum(), rtol=1e-4)


def test_weights_make_those_who_answered_look_like_all():
    rng = np.random.default_rng(5)
    frame, _elsewhere = made_up_frame(rng)
    people = frame.groupby("customer_id")["log_total"].first()
    who = people.index[rng.random(len(people)) < 1 / (1 + np.exp(2 - people))]

    weight = wallet_survey.response_weights(frame, who)

    assert people[who].mean() > 0.5
    assert np.average(people[who], weights=weight[who]) == pytest.approx(people.mean(), abs=0.1)
    assert weight.sum() == pytest.approx(len(people), rel=0.05)


def test_too_few_answers_and_a_category_that_nobody_was_asked_about_say_so():
    frame, elsewhere = made_up_frame(np.random.default_rng(6), 100)
    few = asked(frame, elsewhere, [f"c{i:05d}" for i in range(29)])
    with pytest.raises(FitFailed, match="29 customers answered, a fit needs 30"):
        share_of_wallet.fit_wallet(few)

    all_of_hair = asked(frame, elsewhere, frame.index.get_level_values(0)).query("category == 'hair'")
    with pytest.raises(FitFailed, match="nobody was asked about skin"):
        share_of_wallet.fit_wallet(all_of_hair).elsewhere(frame)


def test_intervals_narrow_with_more_answers_and_the_seed_decides_all():
    frame, elsewhere = made_up_frame(np.random.default_rng(7))
    width = {}
    for size in (100, 1600):
        answers = asked(frame, elsewhere, frame.index.get_level_values(0).unique()[:size])
        model = share_of_wallet.fit_wallet(answers)
        fits = share_of_wallet.resampled_fits(model, answers, 60, seed=1)
        table = share_of_wallet.wallet_shares(frame, model, fits)
        width[size] = table.loc["all", "share_high"] - table.loc["all", "share_low"]
        assert (table["share_low"] <= table["share"]).all() and (table["share"] <= table["share_high"]).all()
        pd.testing.assert_frame_equal(fits, share_of_wallet.resampled_fits(model, answers, 60, seed=1))

    assert width[1600] < 0.4 * width[100]


def test_shares_of_groups_of_customers_add_up_to_those_of_all():
    frame, elsewhere = made_up_frame(np.random.default_rng(7), 600)
    names = frame.index.get_level_values(0).unique()
    answers = asked(frame, elsewhere, names[:200])
    model = share_of_wallet.fit_wallet(answers)
    fits = share_of_wallet.resampled_fits(model, answers, 40, seed=1)
    half = pd.Series(np.where(np.arange(len(names)) < 300, "first", "second"), names, name="half")

    table = share_of_wallet.wallet_shares(frame, model, fits, by=half)

    pd.testing.assert_series_equal(table.loc["all"], share_of_wallet.wallet_shares(frame, model, fits).loc["all"])
    assert table.index.tolist() == ["first", "second", "all"] and table.index.name == "half"
    assert table.loc["first", "here"] == pytest.approx(frame.loc[names[:300], "here"].sum())
    assert table["elsewhere"].drop("all").sum() == pytest.approx(table.loc["all", "elsewhere"])
    assert (table["share_low"] < table["share"]).all() and (table["share"] < table["share_high"]).all()
    assert table["people"].tolist() == [300, 300, 600]


def test_where_spend_elsewhere_is_known_the_share_is_here_over_all():
    index = pd.MultiIndex.from_product([["ann", "bo"], ["hair", "skin"]], names=["customer_id", "category"])
    frame = pd.DataFrame({"here": [100.0, 0.0, 50.0, 50.0]}, index)

    table = share_of_wallet.known_shares(frame, pd.Series([300.0, 100.0, 50.0, 150.0], index))

    assert table["people"].to_dict() == {"hair": 2, "skin": 1, "all": 2}
    assert table["share"].to_dict() == {"hair": 150 / 500, "skin": 50 / 300, "all": 200 / 800}


def test_the_largest_is_named_alone_only_where_the_draws_agree():
    draws = pd.DataFrame({"a": [3.0] * 10, "b": [2.0] * 9 + [4.0], "c": [1.0] * 10})

    assert share_of_wallet.perhaps_largest(draws) == ["a"]
    assert share_of_wallet.perhaps_largest(draws, level=0.95) == ["a", "b"]


def test_the_interval_of_recall_holds_the_ratio_and_narrows_with_more_who_answer():
    rng = np.random.default_rng(5)
    here = rng.gamma(2, 300, 400)
    answers = pd.DataFrame({"customer_id": np.arange(400), "here": here, "weight": 1.0})
    answers["said_here"] = 1.2 * here * rng.lognormal(0, 0.3, 400)
    few, many = (wallet_survey.recall_interval(answers.head(size), 500, seed=1) for size in (40, 400))

    assert many[0] < wallet_survey.recall_ratio(answers) < many[1]
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])


@pytest.mark.proof
def test_intervals_of_recall_cover():
    inside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        here = rng.gamma(2, 300, 100)
        answers = pd.DataFrame({"customer_id": np.arange(100), "here": here, "weight": 1.0})
        answers["said_here"] = 1.2 * here * rng.lognormal(-0.045, 0.3, 100)
        low, high = wallet_survey.recall_interval(answers, 300, seed)
        inside += low <= 1.2 <= high
    print(f"90 % intervals of recall that cover: {inside} of 200")
    assert 165 <= inside <= 195


@pytest.mark.proof
def test_intervals_of_a_well_behaved_wallet_cover():
    inside = 0
    for seed in range(100):
        frame, elsewhere = made_up_frame(np.random.default_rng(seed), 1000)
        answers = asked(frame, elsewhere, frame.index.get_level_values(0).unique()[:300])
        model = share_of_wallet.fit_wallet(answers)
        table = share_of_wallet.wallet_shares(frame, model, share_of_wallet.resampled_fits(model, answers, 200, seed))
        total = elsewhere.sum()
        inside += table.loc["all", "elsewhere_low"] <= total <= table.loc["all", "elsewhere_high"]
    print(f"90 % intervals that cover: {inside} of 100")
    assert 80 <= inside <= 98


def test_larger_surveys_close_in_and_face_value_does_not():
    frame, elsewhere = made_up_frame(np.random.default_rng(8))
    everybody = wallet_survey.imagined_answers(frame, elsewhere, recall=1.2, noise=0.3, seed=1)

    sizes = share_of_wallet.survey_sizes(everybody, frame, [50, 1000], 15, seed=1)

    off = (sizes[["mean", "naive_mean"]] / elsewhere.sum() - 1).loc[1000]
    reach = sizes["high"] - sizes["low"]
    assert abs(off["mean"]) < 0.05 and 0.13 < off["naive_mean"] < 0.27
    assert reach[1000] < 0.5 * reach[50]


def test_a_survey_of_nearly_everybody_is_not_played_and_where_none_is_left_a_line_says_so():
    frame, elsewhere = made_up_frame(np.random.default_rng(8), customers=60)
    everybody = wallet_survey.imagined_answers(frame, elsewhere, recall=1.2, noise=0.3, seed=1)

    assert share_of_wallet.survey_sizes(everybody, frame, [50, 59], 2, seed=1).index.tolist() == [50]
    with pytest.raises(LeftOut, match="Only 60 customers can answer: how far smaller surveys go is left out"):
        share_of_wallet.survey_sizes(everybody, frame, [59, 600], 2, seed=1)


# Bounds ---------------------------------------------------------------------------------------------


def test_bounds_hold_whatever_the_wallets_are():
    rng = np.random.default_rng(9)
    here = pd.DataFrame(rng.gamma(0.5, 400, (300, 2)), columns=["hair", "skin"])
    most = pd.Series({"hair": 1500.0, "skin": 900.0})
    for _ in range(20):
        elsewhere = rng.random(here.shape) * (most - here).clip(lower=0)

        bounds = share_of_wallet.wallet_bounds(here, most)

        share = here.sum() / (here.sum() + elsewhere.sum())
        assert (bounds["share_low"].drop("all") <= share).all() and (share <= bounds["share_high"].drop("all")).all()
    assert (bounds["share_high"] == 1).all()


# Regressions ----------------------------------------------------------------------------------------


def test_without_shrinking_they_are_those_of_statsmodels():
    import statsmodels.api as sm

    rng = np.random.default_rng(10)
    design = np.column_stack([np.ones(400), rng.normal(size=(400, 2))])
    yes = (rng.random(400) < 1 / (1 + np.exp(-design @ [-1, 0.5, -0.5]))).astype(float)
    amount = rng.poisson(np.exp(design @ [1, 0.3, -0.4])).astype(float)
    nothing, once = np.zeros(3), np.ones(400)

    np.testing.assert_allclose(logistic(design, yes, nothing), sm.Logit(yes, design).fit(disp=0).params, atol=1e-6)
    expected = sm.GLM(amount, design, family=sm.families.Poisson()).fit().params
    np.testing.assert_allclose(poisson(design, amount, once, nothing), expected, atol=1e-5)


@pytest.mark.parametrize(("rows", "columns"), [(200, 3), (3000, 40)])
def test_a_shrunken_regression_is_where_statsmodels_goes_and_nearer_to_the_end(rows, columns):
    import statsmodels.api as sm

    rng = np.random.default_rng(rows)
    design = np.column_stack([np.ones(rows), rng.normal(size=(rows, columns))])
    yes = (rng.random(rows) < 1 / (1 + np.exp(-design @ np.r_[-1, rng.normal(0, 0.3, columns)]))).astype(float)
    ridge = np.r_[0.0, np.full(columns, 4.0)]

    def slope(beta):
        return np.abs(design.T @ (yes - 1 / (1 + np.exp(-design @ beta))) - ridge * beta).max()

    ours = logistic(design, yes, ridge)
    glm = sm.GLM(yes, design, family=sm.families.Binomial())
    theirs = glm.fit_regularized(alpha=ridge / rows, L1_wt=0, opt_method="newton-cg").params

    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert slope(ours) < 1e-9 < slope(theirs)


def test_shrinking_pulls_towards_zero():
    design = np.column_stack([np.ones(40), np.linspace(-1, 1, 40)])
    yes = (design[:, 1] > 0).astype(float)

    assert 0 < logistic(design, yes, np.array([0.0, 4.0]))[1] < logistic(design, yes, np.array([0.0, 1.0]))[1]


def test_a_regression_that_cannot_be_says_so():
    design = np.column_stack([np.ones(40), np.linspace(-1, 1, 40)])
    with pytest.raises(FitFailed, match="does not settle"):
        logistic(design, (design[:, 1] > 0).astype(float), np.zeros(2))
    with pytest.raises(FitFailed, match="says nothing"):
        poisson(np.ones((40, 2)), np.arange(40.0), np.ones(40), np.zeros(2))
    with pytest.raises(FitFailed, match="every amount is 0"):
        poisson(design, np.zeros(40), np.ones(40), np.zeros(2))


# The truth ------------------------------------------------------------------------------------------


def against_truth(folder, draws):
    """Errors of several ways on a simulated store, in relation to the truth."""
    store = open_store(folder)
    customers, sold, survey = store.customers(), store.lines(), store.table("wallet")
    sold = sold[~sold["account"]]
    survey = survey[~survey["customer_id"].isin(customers.index[customers["account"]])]
    frame = wallet_survey.wallet_frame(sold, customers["day"], store.today)
    answers = wallet_survey.survey_answers(survey, sold, customers["day"])
    model = share_of_wallet.fit_wallet(answers)
    table = share_of_wallet.wallet_shares(frame, model, share_of_wallet.resampled_fits(model, answers, draws, 1))
    truth = store.truth("wallet")
    truth = truth.assign(category=truth["category"].astype(str)).set_index(["customer_id", "category"])
    elsewhere = truth.reindex(frame.index)["spend_elsewhere_12m"]
    true, naive = elsewhere.groupby("category").sum(), wallet_survey.survey_shares(answers).loc["all"]
    inside = (table["elsewhere_low"].drop("all") <= true) & (true <= table["elsewhere_high"].drop("all"))
    share = table.loc["all", "here"] / (table.loc["all", "here"] + true.sum())
    within = basket_rules.within_customers(sold)
    believed = set(map(frozenset, within.loc[within["q_value"] <= 0.05, ["this", "that"]].to_numpy()))
    listed = store.scenario(for_="which goods call for which")["spend"]["complements"]
    pairs = {frozenset([one["kind"], one["calls_for"]]) for one in listed}
    return {
        "ours": table.loc["all", "elsewhere"] / true.sum() - 1,
        "face_value": wallet_survey.recalled_total(answers, len(frame) // len(true)) / true.sum() - 1,
        "share": table.loc["all", "share"] - share,
        "mean_of_persons": naive["mean of persons"] - share,
        "till_against_recall": naive["till against recall"] - share,
        "covered": inside.mean(),
        "recall": model.recall,
        "rank": model.elsewhere(frame).corr(elsewhere, method="spearman"),
        "rank_own_sales": frame["here"].corr(elsewhere, method="spearman"),
        "pairs_found": len(believed & pairs) / len(pairs),
        "pairs_false": len(believed - pairs),
    }


def test_on_a_store_the_truth_is_nearer_than_by_the_naive_ways(tmp_path):
    simulate(tmp_path / "store", customers=4000, seed=5)

    found = against_truth(tmp_path / "store", draws=60)

    assert 1.12 < found["recall"] < 1.28
    assert abs(found["ours"]) < 0.25
    assert abs(found["share"]) < 0.25 * abs(found["mean_of_persons"])
    assert found["rank"] > found["rank_own_sales"] + 0.08
    assert found["pairs_found"] >= 5 / 6 and found["pairs_false"] <= 1


@pytest.mark.proof
def test_with_more_customers_ours_closes_in_and_face_value_does_not(tmp_path):
    errors = {}
    for customers, seeds in ((3000, range(12)), (20_000, range(6))):
        rows = []
        for seed in seeds:
            folder = tmp_path / f"{customers}_{seed}"
            simulate(folder, customers=customers, seed=300 + seed)
            rows.append(against_truth(folder, draws=100))
        errors[customers] = pd.DataFrame(rows)
        print(customers, errors[customers].mean().round(3).to_dict())
    few, many = errors[3000], errors[20_000]

    assert (many["ours"] ** 2).mean() < 0.4 * (few["ours"] ** 2).mean()
    assert abs(many["ours"].mean()) < 0.08
    assert many["face_value"].mean() > 0.12
    assert many["covered"].mean() > 0.7
    assert (many["rank"] > many["rank_own_sales"] + 0.1).all()
    assert many["till_against_recall"].mean() < -0.02
