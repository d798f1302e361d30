"""The usual wrong answers of exercise 4, computed on a trainee's own store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crm_course.analysis.sales import sales
from crm_course.analysis.wallet import basket_rules, invitations, next_category, share_of_wallet, wallet_survey
from crm_course.answers.values import Answer
from crm_course.errors import CourseError
from crm_course.exercise.slips import follows, slips_of, toss_up, worth
from crm_course.tables.store import Store, once_per_store

YEAR, HALF = pd.Timedelta(days=365), pd.Timedelta(days=184)
MOVED, GUESTS, OFFERS = 0.25, 40, 100
TOO_LITTLE = 15  # right offers more, which the model must be able to find
NEAR = 0.03  # of the interval's width: twice the standard error that 2,000 draws leave at an end
SECTION = {number: f"04 Share of wallet, section {number}" for number in range(1, 10)}


# What the right answers stand on ------------------------------------------------------------------


@once_per_store
def sold(store: Store, accounts: bool = False) -> pd.DataFrame:
    """Lines sold to consumers, or to everybody."""
    lines = store.lines()
    return lines if accounts else lines[~lines["account"]]


@once_per_store
def first_seen(store: Store) -> pd.Series:
    """Day on which each customer was first seen."""
    return store.customers()["day"]


@once_per_store
def survey(store: Store, accounts: bool = False) -> pd.DataFrame:
    """The survey joined to the sales."""
    said, customers = store.table("wallet"), store.customers()
    said = said if accounts else said[~said["customer_id"].isin(customers.index[customers["account"]])]
    return wallet_survey.survey_answers(said, sold(store, accounts=accounts), first_seen(store))


@once_per_store
def here(store: Store) -> pd.DataFrame:
    """Spend in the 365 days up to today."""
    return wallet_survey.spend(sold(store), store.today)


@once_per_store
def imputed(store: Store) -> pd.Series:
    """Spend elsewhere of each consumer and category."""
    frame = wallet_survey.wallet_frame(sold(store), first_seen(store), store.today)
    return share_of_wallet.fit_wallet(survey(store)).elsewhere(frame)


def elsewhere(store: Store) -> pd.Series:
    """Spend elsewhere by category."""
    return imputed(store).groupby("category").sum()


@once_per_store
def margin_share(store: Store) -> float:
    """Margin as a share of net sales to consumers."""
    purchases = store.purchases(margin_rate=0.30)
    return sales.margin_share(purchases[~purchases["account"]])


def wallet_table(store: Store, spent: pd.Series, share: pd.Series | None = None) -> pd.DataFrame:
    """Give the table of q3 for a spend elsewhere and, if it is not what follows from it, a share."""
    total = here(store).sum()
    table = pd.DataFrame({"elsewhere": spent, "share": total / (total + spent) if share is None else share})
    return table.rename_axis("category").reset_index()


def recall(answers: pd.DataFrame, known: pd.Series) -> float:
    """Give the ratio of recall against another spend, along the rows of the answers."""
    return float((answers["weight"] @ answers["said_here"]) / (answers["weight"] @ known.to_numpy()))


def along(answers: pd.DataFrame, spend: pd.Series) -> pd.Series:
    """Give a spend by customer and category along the rows of the answers."""
    return spend.reindex(pd.MultiIndex.from_frame(answers[["customer_id", "category"]])).fillna(0.0)


def at_face_value(store: Store) -> pd.Series:
    """Mean recalled spend elsewhere times consumers, by category."""
    answers = survey(store)
    sheets = answers.groupby(["customer_id", "wave"]).ngroups
    return answers.groupby("category")["said_elsewhere"].sum() / sheets * len(here(store))


@once_per_store
def rules(store: Store, rare: bool = False) -> pd.DataFrame:
    """Basket rules, with pairs that are too rare to test or without."""
    return basket_rules.basket_rules(sold(store), rare=rare)


def pairs(table: pd.DataFrame) -> list[str]:
    """Give the pairs of rules, as q5 wants them."""
    return sorted({" + ".join(sorted(pair)) for pair in table[["this", "that"]].to_numpy()})


def stand_up(table: pd.DataFrame) -> list[str]:
    """Give the pairs of the rules that stand up."""
    return pairs(table[table["q_value"] <= 0.05])


@once_per_store
def at_the_split(
    store: Store, own_months: bool = False, accounts: bool = False, before: bool = False
) -> dict[str, Any]:
    """Chances, popularity and what was begun, of open categories at the split.

    With `own_months` of those from which the model learnt; with `before` it learnt from the half-year just before.
    """
    lines, split = sold(store, accounts=accounts), store.today - HALF
    start = split - HALF if before else split - YEAR
    learn = next_category.open_categories(lines, start)
    began = next_category.begun(lines, learn, start, start + HALF)
    model = next_category.fit_next_category(learn, began)
    judge = learn if own_months else next_category.open_categories(lines, split)
    came = began if own_months else next_category.begun(lines, judge, split, store.today)
    return {"frame": judge, "chance": model.chance(judge), "popular": model.popular(judge), "came": came}


def error(found: dict[str, Any]) -> float:
    """Give a forecast's error in % of what came."""
    return float(100 * (found["chance"].sum() / found["came"].sum() - 1))


@once_per_store
def chance_now(store: Store) -> pd.Series:
    """Chance of each open category in the 184 days after today."""
    past = next_category.open_categories(sold(store), store.today - YEAR)
    later = next_category.begun(sold(store), past, store.today - YEAR, store.today - YEAR + HALF)
    return next_category.fit_next_category(past, later).chance(next_category.open_categories(sold(store), store.today))


@once_per_store
def offers(store: Store) -> pd.DataFrame:
    """Best offer of each consumer, best first."""
    return invitations.offers(imputed(store), chance_now(store), margin_share(store), MOVED)


@once_per_store
def reach(store: Store, unlimited: bool = False) -> pd.DataFrame:
    """Who may be invited; with `unlimited`, however often she was written to."""
    tables = store.table("consents"), store.table("messages")
    most = 10_000 if unlimited else 4
    return invitations.may_be_invited(here(store).index, *tables, store.today, "email", most)


def best(values: pd.Series, allowed: pd.Index) -> list[str]:
    """Give the customers with the highest values, as many as may be invited."""
    return list(values[values.index.isin(allowed)].nlargest(GUESTS).index)


def allowed(store: Store) -> pd.Index:
    """Give those who may be invited."""
    table = reach(store)
    return table.index[table["invited"]]


@once_per_store
def test_of(store: Store, own_months: bool = False, popular_alone: bool = False) -> pd.Series:
    """The difference in right offers, with its interval."""
    found = at_the_split(store, own_months=own_months)
    simple = found["popular"] if popular_alone else found["popular"] * 1e-6 + found["frame"]["log_total"]
    model, other = (next_category.hits(score, found["came"], OFFERS) for score in (found["chance"], simple))
    return next_category.hit_difference(model, other, draws=2_000, seed=7)


def verdict(low: float, high: float) -> str:
    """Give the word for an interval."""
    return "does not" if high < TOO_LITTLE else "works" if low > 0 else "cannot tell"


@once_per_store
def wrong_words(store: Store) -> dict[str, str]:
    """Give the verdict that each mistake leads to, where it is neither the right one nor an earlier mistake's."""
    test = test_of(store)
    key = verdict(test["low"], test["high"])
    others = {"own_months": test_of(store, own_months=True), "popular_alone": test_of(store, popular_alone=True)}
    words = {
        "no_interval": "works" if test["difference"] > 0 else "does not",
        "unseen_is_absent": "does not" if key == "cannot tell" else key,
        **{name: verdict(other["low"], other["high"]) for name, other in others.items()},
    }
    first = {word: name for name, word in reversed(words.items())}
    return {name: word for word, name in first.items() if word != key}


def drawn(counts: pd.Series) -> Axes:
    """Draw the figure of q1 for numbers of categories, one for each customer."""
    shares = counts.value_counts(normalize=True).sort_index()
    ax = Figure().subplots()
    ax.bar(shares.index, shares)
    ax.set(xlabel="categories bought in 365 days (number)", ylabel="consumers (share)", title="One or two shelves")
    return ax


# What is fair --------------------------------------------------------------------------------------


@worth("q7")
def worth_of_guests(store: Store, _key: object) -> pd.Series:
    """Value of the best offer of each consumer who may be invited; nobody else may be chosen."""
    values = offers(store)["value"]
    return values[values.index.isin(allowed(store))]


@follows("q4")
def margin_of_her_table(store: Store, _key: Any, answers: Any) -> float | None:
    """Take the margin of the spend elsewhere that she gave in q3: one mistake is paid for once."""
    table = answers["q3"].value
    return margin_share(store) * float(np.sum(table["elsewhere"])) if "elsewhere" in table else None


@toss_up("q3")
def no_fit(store: Store, _key: object) -> str | None:
    """Say so when a model cannot be fitted: then there is no answer to what stands on it."""
    try:
        offers(store)
        at_the_split(store)
        rules(store)
    except CourseError as error:
        return f"q3: {error}"
    return None


@toss_up("q7")
def no_choice(store: Store, _key: object) -> str | None:
    """Say so when so few may be invited that the list is no choice."""
    if no_fit(store, _key) or len(allowed(store)) >= 2 * GUESTS:
        return None
    return f"q7: only {len(allowed(store))} customers may be invited"


@toss_up("q8")
def an_end_near_a_line(store: Store, _key: object) -> str | None:
    """Say so when another bootstrap could turn the verdict, because an end of the interval would cross a line."""
    if no_fit(store, _key):
        return None
    low, high = test_of(store)[["low", "high"]]
    step = NEAR * (high - low)
    if len({verdict(low + one, high + other) for one in (-step, 0, step) for other in (-step, 0, step)}) == 1:
        return None
    return f"q8: the interval, {low:.1f} to {high:.1f} offers, ends so near a line that another bootstrap could turn it"


# The usual mistakes -------------------------------------------------------------------------------


@slips_of("q1", read_again=SECTION[1])
class Q1:
    """One or two shelves."""

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your bars count the account customers too. Salons buy from every shelf; consumers are asked for."""
        return drawn((wallet_survey.spend(sold(store, accounts=True), store.today) > 0).sum(axis=1))

    def since_the_beginning(store: Store, _key: object) -> object:
        """Your bars count all that was ever bought. In three years many try a second shelf: take the last 365 days."""
        return drawn(sold(store).groupby("customer_id")["category"].nunique())

    def baskets_not_customers(store: Store, _key: object) -> object:
        """Your bars count categories in a basket. A consumer has several baskets: put hers together first."""
        year = sold(store)[sold(store)["day"] > store.today - YEAR]
        return drawn(year.groupby("order_id")["category"].nunique())


@slips_of("q2", read_again=SECTION[2])
class Q2:
    """What customers recall."""

    def mean_of_ratios(store: Store, _key: object) -> object:
        """You averaged each consumer's own ratio. Who spent 50 then counts like who spent 5,000: divide the sums."""
        sums = survey(store).groupby(["customer_id", "wave"])[["said_here", "here"]].sum()
        return float((sums["said_here"] / sums["here"]).mean())

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your ratio holds the account customers too. The question is about consumers."""
        answers, consumers = survey(store, accounts=True), survey(store)
        return None if len(answers) == len(consumers) else wallet_survey.recall_ratio(answers)

    def since_the_beginning(store: Store, _key: object) -> object:
        """You took all that she ever spent at the till. She was asked about the 12 months before the survey."""
        answers = survey(store)
        return recall(answers, along(answers, sold(store).groupby(["customer_id", "category"])["amount"].sum()))

    def the_year_up_to_today(store: Store, _key: object) -> object:
        """You took the till's 365 days up to today. Each wave asked about the 12 months before that wave."""
        return recall(survey(store), along(survey(store), here(store).stack()))


@slips_of("q3", read_again=SECTION[3])
class Q3:
    """Share of wallet."""

    def face_value(store: Store, _key: object) -> object:
        """You took the mean that was recalled, times all consumers: memory too large, nobody weighted or imputed."""
        return wallet_table(store, at_face_value(store))

    def recall_not_calibrated(store: Store, _key: object) -> object:
        """You imputed what was *recalled*. Consumers recall too much: divide by the ratio of q2."""
        return wallet_table(store, elsewhere(store) * wallet_survey.recall_ratio(survey(store)))

    def only_those_who_answered(store: Store, _key: object) -> object:
        """Your spend elsewhere is that of those who answered. Kit asks about all consumers of the last 365 days."""
        said = survey(store).groupby("category")["said_elsewhere"].sum()
        return wallet_table(store, said / wallet_survey.recall_ratio(survey(store)))

    def mean_of_shares(store: Store, _key: object) -> object:
        """Your share is the mean of persons' shares. Then a small wallet counts like a large one: divide the sums."""
        return wallet_table(
            store, elsewhere(store), wallet_survey.survey_shares(survey(store))["mean of persons"].drop("all")
        )


@slips_of("q4", read_again={"": SECTION[6], "face_value": SECTION[3]})
class Q4:
    """The money at stake."""

    def revenue_not_margin(store: Store, _key: object) -> object:
        """Your sum is revenue. The goods have to be paid for: count the margin."""
        return elsewhere(store).sum()

    def face_value(store: Store, _key: object) -> object:
        """Your sum takes recalled spend at face value. Consumers recall too much, and few of them were asked."""
        return margin_share(store) * at_face_value(store).sum()

    def everyone_ever(store: Store, _key: object) -> object:
        """Your sum counts everyone who ever bought. Those silent for a year were not asked: nobody knows of them."""
        known = sold(store)["customer_id"].nunique()
        return margin_share(store) * elsewhere(store).sum() / len(here(store)) * known

    def what_we_have(store: Store, _key: object) -> object:
        """Your sum is the margin that consumers bring *here*. At stake is what they spend elsewhere."""
        return margin_share(store) * here(store).sum().sum()


@slips_of("q5", read_again=SECTION[7])
class Q5:
    """Rules that stand up."""

    def p_not_q(store: Store, _key: object) -> object:
        """You took every pair with p of 5 % or less. Of hundreds of pairs, one in twenty looks like that by luck."""
        return pairs(rules(store)[rules(store)["p_value"] <= 0.05])

    def highest_lift(store: Store, key: Mapping[str, Answer]) -> object:
        """You took the pairs with the highest lift. Rare pairs reach a high lift by luck; their intervals say so."""
        return pairs(rules(store, rare=True).nlargest(2 * len(key["q5"].value), "lift", keep="all"))

    def baskets_as_witnesses(store: Store, key: Mapping[str, Answer]) -> object:
        """You counted every basket as a new witness. One customer who buys a pair ten times is one."""
        found = stand_up(basket_rules.basket_rules(sold(store).assign(customer_id=sold(store)["order_id"])))
        return None if found == sorted(key["q5"].value) else found


@slips_of("q6", read_again=SECTION[8])
class Q6:
    """Whether the forecast would have held."""

    def wrong_season(store: Store, _key: object) -> object:
        """Your model learnt from the half-year just before the split. January to June is no July to December."""
        return error(at_the_split(store, before=True))

    def own_months(store: Store, _key: object) -> object:
        """You judged the model on the months from which it learnt. There its sum is right by making."""
        return error(at_the_split(store, own_months=True))

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your forecast holds the account customers too. The question is about consumers."""
        return error(at_the_split(store, accounts=True))


@slips_of("q7", read_again={"": SECTION[9], "biggest_spenders": SECTION[4]})
class Q7:
    """Whom to invite."""

    def consent_ignored(store: Store, _key: object) -> object:
        """Your list holds consumers who did not say yes. To write to them is an offence, whatever they are worth."""
        return best(offers(store)["value"], here(store).index)

    def profiling_ignored(store: Store, _key: object) -> object:
        """Your list asks for marketing alone. It is chosen by what she bought: that needs her yes to profiling too."""
        table = reach(store)
        recent = invitations.recent_messages(store.table("messages"), store.today).reindex(table.index, fill_value=0)
        works = table.index[(table["reason"] != "address does not work") & (recent < 4)]
        yes = sales.contactable(store.table("consents"), "marketing", "email")
        return best(offers(store)["value"], works.intersection(yes))

    def written_to_too_often(store: Store, _key: object) -> object:
        """Your list holds consumers who already had four messages in 30 days. A fifth is one too many."""
        table = reach(store, unlimited=True)
        return best(offers(store)["value"], table.index[table["invited"]])

    def biggest_spenders(store: Store, _key: object) -> object:
        """Your list is that of the biggest spenders here. Own sales do not say what she spends elsewhere."""
        return best(here(store).sum(axis=1), allowed(store))


@slips_of("q8", read_again=SECTION[8])
class Q8:
    """Whether the model is worth its trouble."""

    def no_interval(store: Store, _key: object) -> object:
        """Your verdict is the one that the sign of the difference alone gives. Look where its 90 % interval lies."""
        return wrong_words(store).get("no_interval")

    def unseen_is_absent(store: Store, _key: object) -> object:
        """Your verdict is the one of taking "0 lies within" for "no gain". Gains that matter lie within as well."""
        return wrong_words(store).get("unseen_is_absent")

    def own_months(store: Store, _key: object) -> object:
        """Your verdict is that of the months from which the model learnt. There it had seen the answers."""
        return wrong_words(store).get("own_months")

    def popular_alone(store: Store, _key: object) -> object:
        """Your verdict is the one against popularity alone. The floor manager asks the biggest spenders first."""
        return wrong_words(store).get("popular_alone")
