import matplotlib as mpl

mpl.use("agg")

import numpy as np
import pandas as pd
from figures import FigureChecks

from crm_course.analysis.wallet import invitations
from crm_course.plots.wallet import basket_plots
from crm_course.plots.wallet import wallet_plots as plots

RNG = np.random.default_rng(7)
NAMES = ["body", "hair", "skincare", "all"]
SHARES = pd.DataFrame(
    {
        "people": [300, 400, 500, 900],
        "here": [40e3, 80e3, 600e3, 720e3],
        "elsewhere": [60e3, 90e3, 900e3, 1050e3],
        "elsewhere_low": [50e3, 70e3, 700e3, 900e3],
        "elsewhere_high": [75e3, 120e3, 1300e3, 1400e3],
        "share": [0.40, 0.47, 0.40, 0.41],
        "share_low": [0.35, 0.40, 0.32, 0.34],
        "share_high": [0.44, 0.53, 0.46, 0.44],
    },
    pd.Index(NAMES, name="category"),
)
BOUNDS = SHARES[["people", "here"]].assign(elsewhere_low=0.0, elsewhere_high=9e6, share_low=0.07, share_high=1.0)
ANSWERS = pd.DataFrame({"customer_id": [f"c{i}" for i in range(60)], "wave": "w", "here": RNG.gamma(2, 300, 60)})
ANSWERS["said_here"] = ANSWERS["here"] * RNG.lognormal(0.15, 0.3, 60)
SIZES = pd.DataFrame(
    {
        "low": [1e6, 1.5e6],
        "mean": [2e6, 2e6],
        "high": [4e6, 2.4e6],
        "naive_low": [1.5e6, 2e6],
        "naive_mean": [2.5e6, 2.5e6],
        "naive_high": [4.5e6, 2.9e6],
    },
    pd.Index([50, 600], name="size"),
)


def made_up_rules(pairs=30):
    lift = RNG.lognormal(0.5, 0.6, pairs)
    table = pd.DataFrame(
        {
            "this": [f"Eau de Toilette {i} ml" for i in range(pairs)],
            "that": [f"Facial Cleansing Brush {i}" for i in range(pairs)],
            "lift": lift,
            "lift_low": lift * 0.6,
            "lift_high": lift * 1.7,
            "q_value": np.where(np.arange(pairs) % 3, 0.4, 0.01),
            "lift_later": lift * RNG.lognormal(-0.3, 0.4, pairs),
            "lift_later_low": 0.4 * lift,
            "lift_later_high": 2.5 * lift,
        }
    )
    table.loc[5, "q_value"] = np.nan
    return pd.concat([table, table.rename(columns={"this": "that", "that": "this"})], ignore_index=True)


RULES = made_up_rules()
BELIEVED = RULES[RULES["q_value"] <= 0.05]
CALIBRATION = pd.DataFrame(
    {"expected": [0.03, 0.1, 0.2], "came": [0.02, 0.12, 0.25], "low": [0.01, 0.08, 0.2], "high": [0.05, 0.15, 0.3]}
).assign(rows=300, people=200)
REASONS = pd.Categorical(RNG.choice(invitations.REASONS, 300), invitations.REASONS)
REACH = pd.DataFrame({"reason": REASONS, "invited": REASONS == ""})
KNOWN = SHARES.assign(true_elsewhere=SHARES["elsewhere"] * 1.1, true_share=SHARES["share"])
NAIVE = pd.DataFrame({"people": [40, 50, 60, 80], "mean of persons": SHARES["share"] + 0.1})

FIGURES = {
    "recall": lambda ax: plots.plot_recall(ANSWERS, 1.2, (1.1, 1.3), "HKD", ax),
    "shares": lambda ax: plots.plot_wallet_shares(KNOWN, NAIVE, ax),
    "shares_alone": lambda ax: plots.plot_wallet_shares(SHARES, ax=ax),
    "bounds": lambda ax: plots.plot_bounds(BOUNDS, SHARES, ax),
    "bounds_alone": lambda ax: plots.plot_bounds(BOUNDS, None, ax),
    "sizes": lambda ax: plots.plot_survey_sizes(SIZES, "HKD", 2.1e6, ax),
    "sizes_alone": lambda ax: plots.plot_survey_sizes(SIZES, "HKD", None, ax),
    "rules": lambda ax: basket_plots.plot_rules(RULES, ax=ax),
    "kept_later": lambda ax: basket_plots.plot_kept_later(BELIEVED, RULES.nlargest(12, "lift"), ax),
    "none_kept": lambda ax: basket_plots.plot_kept_later(RULES.iloc[:0], RULES.nlargest(12, "lift"), ax),
    "calibration": lambda ax: basket_plots.plot_calibration(CALIBRATION, ax),
    "money": lambda ax: plots.plot_money_elsewhere(KNOWN, ["skincare"], "HKD", ax),
    "money_alone": lambda ax: plots.plot_money_elsewhere(SHARES, ["skincare", "hair"], "HKD", ax),
    "reasons": lambda ax: basket_plots.plot_reasons(REACH, ax),
}


class TestEveryFigure(FigureChecks):
    """Each figure of this subject."""

    numbers = False


def title(name):
    return " ".join(FIGURES[name](None).get_title(loc="left").split())


def test_titles_name_what_was_found():
    assert title("shares") == "Our share of wallet is 41%"
    assert title("recall") == "Of every 100 spent here, customers recall 120 (90 % interval 110 to 130)"
    assert title("bounds") == "Without a survey our share lies from 7% to 100%, if no wallet is larger than assumed"
    assert title("money") == "Of what they spend elsewhere, most is for skincare"
    assert title("money_alone") == (
        "Of what they spend elsewhere, most is for skincare or hair; the survey cannot tell which"
    )
    assert title("sizes") == "Average error with 600 answers: calibrated -5%, at face value +19%"


def test_a_pair_is_drawn_once_and_one_that_is_too_rare_to_test_does_not_count_as_tested():
    assert title("rules").startswith("Of 29 pairs tested, 10 stand up; of the 12 highest lifts")


def test_what_is_too_rare_to_test_is_not_called_luck():
    labels = basket_plots.plot_rules(RULES, most=30).get_legend_handles_labels()[1]

    assert labels == ["stands up", "tested: may be luck", "too rare: not tested"]
    assert basket_plots.plot_rules(BELIEVED).get_legend_handles_labels()[1] == ["stands up"]


def test_the_title_counts_the_rules_that_later_months_confirm():
    highest = pd.DataFrame({"this": ["a", "c"], "that": ["b", "d"], "lift": [3.0, 4.0], "lift_later": [0.9, 2.0]})
    highest = highest.assign(lift_later_low=[0.1, 1.2], lift_later_high=[4.0, 3.0])
    believed = highest.iloc[1:]

    ax = basket_plots.plot_kept_later(believed, highest)

    found = " ".join(ax.get_title(loc="left").split())
    assert found == "Clearly above 1 in later months: 1 of the 2 highest lifts, 1 of the 1 that stand up"


def test_rules_are_written_out_once_a_pair_with_their_intervals():
    one = {"this": "soap", "that": "oil", "together": 1234, "support": 0.02, "p_value": 0.001, "q_value": 0.003}
    one |= {"confidence": 0.3, "confidence_low": 0.25, "confidence_high": 0.35}
    one |= {"lift": 2.04, "lift_low": 1.5, "lift_high": 2.6}
    rules = pd.DataFrame([one | {"this": "oil", "that": "soap", "confidence": 0.1}, one])

    table = basket_plots.rules_in_words(rules)

    assert table.index.tolist() == [("soap", "oil")]
    assert table.iloc[0].tolist() == ["1,234", "2.0%", "30% (25% to 35%)", "2.0 (1.5 to 2.6)", "< 0.01"]


def test_where_all_are_of_too_few_people_no_figure_is_drawn_and_the_title_says_so():
    few = {"shares": SHARES.assign(people=3), "calibration": CALIBRATION.assign(people=1), "reasons": REACH.head(4)}

    drawn = [
        plots.plot_wallet_shares(few["shares"], NAIVE.assign(people=2)),
        plots.plot_bounds(BOUNDS.assign(people=3), few["shares"]),
        basket_plots.plot_calibration(few["calibration"]),
        basket_plots.plot_reasons(few["reasons"]),
    ]

    assert {ax.get_title(loc="left") for ax in drawn} == {"Of too few customers to be shown"}
