"""Share of wallet and cross-selling: what is of fewer than five customers is shown nowhere."""

import matplotlib as mpl

mpl.use("agg")

import numpy as np
import pandas as pd
import pytest
from people import SECRET, check_all_are_named, check_draws_nothing_of, check_hides

from crm_course.analysis.wallet import invitations, next_category, share_of_wallet, wallet_survey
from crm_course.plots.wallet import basket_plots, wallet_plots

ROOMS = ["crm_course.analysis.wallet", "crm_course.plots.wallet"]
WHO = [f"c{number:02d}" for number in range(40)]
BUYERS = {"body": 40, "hair": 30, "skin": 6, "tools": 3}  # three buy tools: skin covers them
HERE = pd.DataFrame(
    {name: np.where(np.arange(40) < buyers, 100.0, 0.0) for name, buyers in BUYERS.items()}, WHO
).rename_axis("customer_id")
HERE.columns.name = "category"
RNG = np.random.default_rng(3)


def frame():
    """What is known of forty customers, a row each and category."""
    table = HERE.stack().rename("here").to_frame()
    covariates = {name: RNG.normal(size=len(table)) for name in wallet_survey.COVARIATES}
    return table.assign(**covariates)


FRAME = frame()
ANSWERS = FRAME.assign(said_here=FRAME["here"], said_elsewhere=FRAME["here"] * 2, weight=1.0, wave="w").reset_index()
GROUP = pd.Series(["one"] * 3 + ["two"] * 7 + ["four"] * 30, pd.Index(WHO, name="customer_id"), name="shelves")
SHARES = pd.DataFrame(
    {"people": [900, 300, 6, 3], "here": [80.0, 90.0, SECRET, SECRET]}, ["all", "body", "skin", "tools"]
)
for one in ("elsewhere", "share", "true_elsewhere", "true_share"):
    SHARES[one] = [0.3, 0.4, SECRET, SECRET]
    SHARES[[f"{one}_low", f"{one}_high"]] = SHARES[[one]].to_numpy() * [[0.5, 1.0]]
SHARES["elsewhere_low"] = SHARES["elsewhere"]


def wallet_shares():
    model = share_of_wallet.fit_wallet(ANSWERS)
    fits = share_of_wallet.resampled_fits(model, ANSWERS, 5, seed=1)
    check_hides(share_of_wallet.wallet_shares(FRAME, model, fits), ["skin", "tools"])
    check_hides(share_of_wallet.wallet_shares(FRAME, model, fits, by=GROUP), ["one", "two"])


def calibration():
    """Three groups of twelve rows each: of three customers, of six, and of twelve."""
    rows = [
        (WHO[first + row % people], f"goods {row}") for first, people in ((0, 3), (3, 6), (9, 12)) for row in range(12)
    ]
    index = pd.MultiIndex.from_tuples(rows, names=["customer_id", "category"])
    chance = pd.Series(np.linspace(0, 1, 36), index)
    check_hides(next_category.calibration(chance, chance > 0.5, groups=3), [0, 1])


def offers_by_category():
    chosen = pd.DataFrame({"category": ["a"] * 9 + ["b"] * 6 + ["c"] * 2, "value": 5.0}, WHO[:17])
    check_hides(invitations.offers_by_category(chosen), ["b", "c"])


def plot_reasons():
    reasons = pd.Categorical([""] * 30 + ["address does not work"] * 7 + ["written to enough"] * 3, invitations.REASONS)
    ax = basket_plots.plot_reasons(pd.DataFrame({"reason": reasons, "invited": reasons == ""}))
    check_draws_nothing_of(ax, secret=7.0)
    check_draws_nothing_of(ax, secret=3.0)


def plot_calibration():
    table = pd.DataFrame({"people": [40, 20, 6, 3], "expected": [0.1, 0.2, SECRET, SECRET]})
    table = table.assign(came=table["expected"], low=table["expected"], high=table["expected"], rows=50)
    check_draws_nothing_of(basket_plots.plot_calibration(table))


NAIVE = pd.DataFrame(
    {"people": [80, 60, 6, 3], "mean of persons": [0.3, 0.4, SECRET, SECRET]}, ["all", "body", "skin", "tools"]
)
GROUPS = {
    "invitations.offers_by_category": offers_by_category,
    "next_category.calibration": calibration,
    "share_of_wallet.known_shares": lambda: check_hides(
        share_of_wallet.known_shares(FRAME, FRAME["here"], by=GROUP), ["one", "two"]
    ),
    "share_of_wallet.wallet_bounds": lambda: check_hides(
        share_of_wallet.wallet_bounds(HERE, HERE.max()), ["skin", "tools"]
    ),
    "share_of_wallet.wallet_shares": wallet_shares,
    "wallet_survey.survey_shares": lambda: check_hides(wallet_survey.survey_shares(ANSWERS), ["skin", "tools"]),
    "basket_plots.plot_calibration": plot_calibration,
    "basket_plots.plot_reasons": plot_reasons,
    "wallet_plots.plot_bounds": lambda: check_draws_nothing_of(wallet_plots.plot_bounds(SHARES, SHARES)),
    "wallet_plots.plot_money_elsewhere": lambda: check_draws_nothing_of(
        wallet_plots.plot_money_elsewhere(SHARES, [], "HKD"),
        secret=SECRET / 1e3,  # thousands
    ),
    "wallet_plots.plot_wallet_shares": lambda: check_draws_nothing_of(wallet_plots.plot_wallet_shares(SHARES, NAIVE)),
}
OTHERS = {
    "basket_rules.basket_rules": "a row a rule, counted in baskets",
    "basket_rules.kept_later": "a row a rule, counted in baskets",
    "basket_rules.tally": "numbers of pairs of goods",
    "basket_rules.within_customers": "a row a pair of goods, counted in baskets",
    "invitations.may_be_invited": "a row a customer",
    "invitations.offers": "a row a customer",
    "invitations.recent_messages": "a row a customer",
    "invitations.worth_sending": "a row a customer",
    "next_category.begun": "a row a customer and category",
    "next_category.fit_next_category": "a model of all customers",
    "next_category.hit_difference": "one test of all customers",
    "next_category.hits": "a row a customer",
    "next_category.open_categories": "a row a customer and category",
    "share_of_wallet.fit_wallet": "a model of all who answered, 30 or more",
    "share_of_wallet.perhaps_largest": "names of categories",
    "share_of_wallet.resampled_fits": "a row a fit to all who answered",
    "share_of_wallet.survey_sizes": "a row a size of survey, of all who answered",
    "wallet_survey.imagined_answers": "a row a customer and category",
    "wallet_survey.recall_interval": "two numbers of all who answered",
    "wallet_survey.recall_ratio": "one number of all who answered",
    "wallet_survey.recalled_total": "one number of all who answered",
    "wallet_survey.response_weights": "a row a customer",
    "wallet_survey.spend": "a row a customer",
    "wallet_survey.survey_answers": "a row an answer",
    "wallet_survey.wallet_frame": "a row a customer and category",
    "basket_plots.plot_kept_later": "a mark a pair of goods",
    "basket_plots.plot_rules": "a mark a pair of goods",
    "basket_plots.rules_in_words": "a row a pair of goods",
    "wallet_plots.finding": "a title",
    "wallet_plots.plot_recall": "a dot a customer, who is not named",
    "wallet_plots.plot_survey_sizes": "a bar a size of survey, of all who answered",
}


def test_every_function_is_named():
    check_all_are_named(ROOMS, GROUPS, OTHERS)


@pytest.mark.parametrize("name", GROUPS)
def test_nothing_of_few_people_is_shown(name):
    GROUPS[name]()
