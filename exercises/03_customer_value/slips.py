"""The usual wrong answers of exercise 3, computed on a trainee's own store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crm_course.analysis.sales import rfm as rfm_module
from crm_course.analysis.sales import sales
from crm_course.analysis.value import customer_value, lifecycle, seasons
from crm_course.errors import FitFailed
from crm_course.exercise.slips import follows, slips_of, toss_up, worth
from crm_course.tables.storage import sold
from crm_course.tables.storage.known import local_day
from crm_course.tables.store import Store, once_per_store

HOLDOUT = pd.Timedelta(days=184)
MARGIN_RATE = 0.30
MONTHLY_RATE = 1.10 ** (1 / 12) - 1
GUESTS = 50
NAMES = 100  # of each list that is tested at the split
TOO_LITTLE = 8_500  # HK$ that the model's list must be able to find more
NEAR = 0.03  # of the interval's width: twice the standard error that 2,000 draws leave at an end
SECTION = {number: f"03 Customer value, section {number}" for number in range(1, 11)}


# What the right answers stand on ------------------------------------------------------------------


@once_per_store
def purchases(store: Store, netted: bool = True, accounts: bool = False, utc: bool = False) -> pd.DataFrame:
    """Purchases by customer and day, of consumers alone unless accounts are asked for as well."""
    days = store.purchases(MARGIN_RATE) if netted and not utc else day_by_day(store, netted, utc)
    return days if accounts else days[~days["customer_id"].map(store.customers()["account"]).astype(bool)]


def day_by_day(store: Store, netted: bool, utc: bool) -> pd.DataFrame:
    """Purchases as who forgets the returns has them, or who takes the days of UTC."""
    orders = store.table("orders")
    orders["day"] = local_day(orders["ordered_at"], "UTC") if utc else orders["day"]
    return sold.purchases(orders, store.table("order_lines"), store.table("returns") if netted else None, MARGIN_RATE)


def rfm(store: Store, **choice: bool) -> pd.DataFrame:
    """RFM today, in calendar days."""
    return rfm_module.rfm(purchases(store, **choice), store.today)


@once_per_store
def season(store: Store) -> pd.Series:
    """Season of each day."""
    months = pd.DateOffset(months=13)
    return seasons.season_of_days(store.table("calendar"), store.first_day, store.today + months)


@once_per_store
def of_known(store: Store) -> pd.DataFrame:
    """Purchases of the consumers who were seen from their first one on."""
    days = purchases(store)
    return days[days["customer_id"].map(store.customers()["day"]) >= store.first_day]


@once_per_store
def fitted(store: Store, then: bool = False, everyone: bool = False) -> seasons.SeasonalFit:
    """BG/NBD in operational time, as of today or as of the split, of those seen from the start or of everyone."""
    days = purchases(store) if everyone else of_known(store)
    return seasons.fit_with_season(days, store.today - HOLDOUT if then else store.today, season(store))


def forecast(store: Store, days: pd.DataFrame, fit: seasons.SeasonalFit) -> tuple[pd.DataFrame, pd.Series]:
    """Give RFM at the split, and the purchases that a fit expects of each customer from then until today."""
    split = store.today - HOLDOUT
    then = rfm_module.rfm(days, split, fit.clock)
    return then, fit.model.expected_purchases(then, fit.clock[store.today] - fit.clock[split])


def later_purchases(store: Store, days: pd.DataFrame) -> pd.DataFrame:
    """Purchases after the split."""
    return days[days["day"] > store.today - HOLDOUT]


@once_per_store
def lifetime_value(store: Store) -> pd.DataFrame:
    """Lifetime value of each consumer: discounted ``margin``, ``undiscounted`` margin, discounted ``revenue``."""
    fit = fitted(store)
    now = rfm_module.rfm(purchases(store), store.today, fit.clock)
    spend = customer_value.fit_spend(now[now.index.isin(of_known(store)["customer_id"])]).expected_spend(now)
    ahead = fit.model.expected_by(now, fit.horizons(store.today, 12))
    share = sales.margin_share(purchases(store))
    kinds = {"margin": (share, MONTHLY_RATE), "undiscounted": (share, 0.0), "revenue": (1.0, MONTHLY_RATE)}
    return pd.DataFrame({name: customer_value.lifetime_value(ahead, spend, *how) for name, how in kinds.items()})


def to_marketing(store: Store) -> pd.Index:
    """Consumers and accounts whose latest choice allows marketing by e-mail."""
    return sales.contactable(store.table("consents"), "marketing", "email")


def said_yes(store: Store) -> pd.Index:
    """Those of them whose latest choice, on whatever channel, allows to be chosen by what they bought."""
    return to_marketing(store).intersection(sales.contactable(store.table("consents"), "profiling"))


def best(values: pd.Series, of: pd.Index | None = None, size: int = GUESTS) -> list[str]:
    """Give the customers with the highest values, as many as may be invited."""
    return list((values if of is None else values[values.index.isin(of)]).nlargest(size).index)


def guests(store: Store) -> list[str]:
    """Give the right list."""
    return best(lifetime_value(store)["margin"], said_yes(store))


def in_one_row(table: pd.DataFrame, **wrong: Callable[[pd.DataFrame], pd.Series]) -> pd.DataFrame:
    """Give the table of q2, with a column computed the wrong way."""
    return table.assign(**wrong)[["frequency", "recency", "T", "monetary_value"]].reset_index()


def drawn(curve: pd.DataFrame) -> Axes:
    """Draw the figure of q4."""
    ax = Figure().subplots()
    ax.plot(curve["share_of_customers"], curve["share_of_amount"])
    ax.set(xlabel="customers, best first (share)", ylabel="net sales (share)", title="Lorenz curve")
    return ax


def error(store: Store, days: pd.DataFrame, fit: seasons.SeasonalFit, came_later: bool = False) -> float:
    """Give a forecast's error in % of what came, of the customers at the split or with those who `came_later`."""
    then, expected = forecast(store, days, fit)
    later = later_purchases(store, days)["customer_id"]
    return float(100 * (expected.sum() / (later.isin(then.index) | came_later).sum() - 1))


@once_per_store
def at_the_split(store: Store) -> pd.DataFrame:
    """What each list goes by, of the consumers at the split, and the margin of the year before and after."""
    split, days = store.today - HOLDOUT, of_known(store)
    then, expected = forecast(store, days, fitted(store, then=True))
    year = days[(days["day"] > split - pd.DateOffset(years=1)) & (days["day"] <= split)]
    sums = year.groupby("customer_id")[["net_amount", "net_margin"]].sum()
    columns = {
        "model": expected * customer_value.fit_spend(then).expected_spend(then),
        "last year": sums["net_amount"],
        "so far": then["spent"],
        "margin before": sums["net_margin"],
        "margin after": later_purchases(store, days).groupby("customer_id")["net_margin"].sum(),
    }
    return pd.DataFrame(columns).reindex(then.index).fillna(0.0)


@once_per_store
def differences(store: Store, so_far: bool = False, own_time: bool = False) -> np.ndarray:
    """Give what each consumer adds to the margin that the model's list finds more than a simple one."""
    table, simple = at_the_split(store), "so far" if so_far else "last year"
    lists = lifecycle.top_lists(table[["model", simple]], NAMES)
    named = {name: table.index.isin(one).astype(int) for name, one in lists.items()}
    margin: np.ndarray = table["margin before" if own_time else "margin after"].to_numpy()
    more: np.ndarray = margin * (named["model"] - named[simple])
    return more


def interval(each: np.ndarray) -> tuple[float, float]:
    """Give the 90 % interval of the sum, by bootstrap."""
    draws = each[np.random.default_rng(7).integers(len(each), size=(2_000, len(each)))].sum(axis=1)
    low, high = np.quantile(draws, [0.05, 0.95])
    return float(low), float(high)


def verdict(low: float, high: float) -> str:
    """Give the word for an interval."""
    return "does not" if high < TOO_LITTLE else "works" if low > 0 else "cannot tell"


@once_per_store
def wrong_words(store: Store) -> dict[str, str]:
    """Give the verdict that each mistake leads to, where it is neither the right one nor an earlier mistake's."""
    each = differences(store)
    key = verdict(*interval(each))
    words = {
        "no_interval": "works" if each.sum() > 0 else "does not",
        "unseen_is_absent": "does not" if key == "cannot tell" else key,
        "judged_on_its_own_time": verdict(*interval(differences(store, own_time=True))),
        "spend_so_far": verdict(*interval(differences(store, so_far=True))),
    }
    first = {word: name for name, word in reversed(words.items())}
    return {name: word for word, name in first.items() if word != key}


# What is fair --------------------------------------------------------------------------------------


@worth("q6")
def worth_of_guests(store: Store, _key: object) -> pd.Series:
    """Lifetime value of each consumer who may be invited; nobody else may be chosen."""
    values = lifetime_value(store)["margin"]
    return values[values.index.isin(said_yes(store))]


@worth("q3")
def margin_so_far(store: Store, _key: object) -> pd.Series:
    """Net margin of each consumer so far; who brought the same may change places."""
    return rfm(store)["margin"]


@follows("q7")
def total_of_her_guests(store: Store, key: Any, answers: Any) -> float | None:
    """Sum up the list of q6 that she gave, by the margin share of q1 that she gave: one mistake is paid for once."""
    chosen = lifetime_value(store)["margin"].reindex(pd.unique(pd.Series(answers["q6"].value)))
    share = answers["q1"].value / key["q1"].value if "q1" in answers else 1.0
    totals = [chosen.sum(), share * chosen.sum()]
    return None if chosen.isna().any() else min(totals, key=lambda total: abs(total - answers["q7"].value))


@toss_up("q5")
def no_fit(store: Store, _key: object) -> str | None:
    """Say so when a model cannot be fitted: then there is no answer to q5 and to what stands on it."""
    try:
        lifetime_value(store)
        at_the_split(store)
    except FitFailed as error:
        return f"q5: {error}"
    return None


@toss_up("q8")
def an_end_near_a_line(store: Store, _key: object) -> str | None:
    """Say so when another bootstrap could turn the verdict, because an end of the interval would cross a line."""
    if no_fit(store, _key):
        return None
    low, high = interval(differences(store))
    step = NEAR * (high - low)
    if len({verdict(low + one, high + other) for one in (-step, 0, step) for other in (-step, 0, step)}) == 1:
        return None
    return f"q8: the interval, {low:,.0f} to {high:,.0f} HK$, ends so near a line that another bootstrap could turn it"


# The usual mistakes -------------------------------------------------------------------------------


@slips_of("q1", read_again=SECTION[1])
class Q1:
    """What stays of a dollar."""

    def returns_not_netted(store: Store, _key: object) -> object:
        """Your share is the one that comes out when goods that came back still count as sold."""
        return sales.margin_share(purchases(store, netted=False))

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your share holds the account customers too. They buy at other prices; the question is about consumers."""
        return sales.margin_share(purchases(store, accounts=True))

    def share_of_gross(store: Store, _key: object) -> object:
        """You divided the net margin by sales before returns. What came back is no sale: divide by net sales."""
        return purchases(store)["net_margin"].sum() / purchases(store)["gross_amount"].sum()


@slips_of("q2", read_again=SECTION[1])
class Q2:
    """Every consumer in one row."""

    def first_purchase_counted(store: Store, _key: object) -> object:
        """Your frequency counts the first purchase. It counts the days on which she came *back*."""
        return in_one_row(rfm(store), frequency=lambda table: table["frequency"] + 1)

    def recency_from_today(store: Store, _key: object) -> object:
        """Your recency counts the days since the last purchase. Here it runs from the first purchase to the last."""
        return in_one_row(rfm(store), recency=lambda table: table["T"] - table["recency"])

    def utc_day(store: Store, _key: object) -> object:
        """Your days are those of UTC. In Hong Kong the day begins eight hours earlier: use the shop's own days."""
        return in_one_row(rfm(store, utc=True))

    def returns_not_netted(store: Store, _key: object) -> object:
        """Your monetary value still holds the goods that came back."""
        return in_one_row(rfm(store, netted=False))

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your table has rows for account customers. The question is about consumers."""
        return in_one_row(rfm(store, accounts=True))

    def first_purchase_in_mean(store: Store, _key: object) -> object:
        """Your monetary value is the mean of all purchase days. It leaves the first one out."""
        return in_one_row(rfm(store), monetary_value=lambda table: table["spent"] / (table["frequency"] + 1))


@slips_of("q3", read_again={"": SECTION[1], "spend_per_visit": SECTION[6], "most_visits": SECTION[6]})
class Q3:
    """Kit's best so far."""

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your list holds account customers. Salons and hotels buy on another scale; consumers are asked for."""
        return best(rfm(store, accounts=True)["margin"], size=10)

    def net_sales(store: Store, _key: object) -> object:
        """You ranked by net sales. What Kit keeps of them is the margin, and it differs from product to product."""
        found = best(rfm(store)["spent"], size=10)
        return None if found == best(rfm(store)["margin"], size=10) else found

    def spend_per_visit(store: Store, _key: object) -> object:
        """You ranked by `monetary_value`, the spend of a visit. Who comes once and buys much is not yet the best."""
        return best(rfm(store)["monetary_value"], size=10)

    def most_visits(store: Store, _key: object) -> object:
        """You ranked by visits. A visit is no margin."""
        return best(rfm(store)["frequency"], size=10)

    def returns_not_netted(store: Store, _key: object) -> object:
        """In your ranking goods that came back still count as sold."""
        found = best(rfm(store, netted=False)["margin"], size=10)
        return None if found == best(rfm(store)["margin"], size=10) else found


@slips_of("q4", read_again=SECTION[2])
class Q4:
    """Who carries the shop."""

    def accounts_not_set_apart(store: Store, _key: object) -> object:
        """Your curve holds the account customers too. A few salons then carry much; consumers are asked for."""
        return drawn(sales.lorenz(rfm(store, accounts=True)["spent"]))

    def poorest_first(store: Store, _key: object) -> object:
        """Your curve begins with those who bring least. Best customers first is asked for."""
        return drawn(1 - sales.lorenz(rfm(store)["spent"]))

    def orders_not_customers(store: Store, _key: object) -> object:
        """Your curve spreads sales over purchases. One customer has many of them: put hers together first."""
        return drawn(sales.lorenz(purchases(store)["net_amount"]))


@slips_of("q5", read_again={"": SECTION[3], "later_data_used": SECTION[2]})
class Q5:
    """Whether the forecast would have held."""

    def calendar_time(store: Store, _key: object) -> object:
        """Your forecast runs in calendar time: it takes all days to be alike and knows no season."""
        calendar, days = season(store).index, of_known(store)
        model = customer_value.fit_purchases(rfm_module.rfm(days, store.today - HOLDOUT))
        clock = pd.Series(np.arange(1.0, len(calendar) + 1), calendar)
        return error(store, days, seasons.SeasonalFit(model, pd.DataFrame(), clock, ""))

    def survivors_in_fit(store: Store, _key: object) -> object:
        """You fitted all consumers. Who bought before the data begin is a survivor, and makes leaving look rarer."""
        return error(store, purchases(store), fitted(store, then=True, everyone=True))

    def later_data_used(store: Store, _key: object) -> object:
        """You fitted data up to today. At the split nobody could know them: so the forecast is no test."""
        return error(store, of_known(store), fitted(store))

    def new_customers_counted(store: Store, _key: object) -> object:
        """You counted the purchases of customers who came after the split too. The forecast knows nobody of them."""
        return error(store, of_known(store), fitted(store, then=True), came_later=True)


@slips_of("q6", read_again={"": SECTION[9], "past_spend": SECTION[6]})
class Q6:
    """Whom to invite."""

    def consent_ignored(store: Store, _key: object) -> object:
        """Your list holds customers who did not say yes. To write to them is an offence, whatever they are worth."""
        return best(lifetime_value(store)["margin"])

    def past_spend(store: Store, _key: object) -> object:
        """Your list is that of the highest spend so far. An invitation looks ahead: take what they will bring."""
        return best(rfm(store)["spent"], said_yes(store))

    def profiling_ignored(store: Store, _key: object) -> object:
        """Your list asks for marketing alone. It is chosen by what she bought: that needs her yes to profiling too."""
        return best(lifetime_value(store)["margin"], to_marketing(store))

    def earliest_choice(store: Store, _key: object) -> object:
        """You took each customer's *first* choice. Some took it back later: the latest explicit choice counts."""
        asked = store.table("consents").sort_values("recorded_at")
        marketing = asked.query("purpose == 'marketing' and channel == 'email'")
        first = [
            one.groupby("customer_id")["granted"].first() for one in (marketing, asked.query("purpose == 'profiling'"))
        ]
        yes = [one.index[one.to_numpy(bool)] for one in first]
        return best(lifetime_value(store)["margin"], yes[0].intersection(yes[1]))

    def consent_to_something_else(store: Store, _key: object) -> object:
        """You took a yes to anything, on any channel. She must allow marketing by e-mail, and profiling too."""
        said_any_yes = store.table("consents").query("granted")["customer_id"].unique()
        return best(lifetime_value(store)["margin"], pd.Index(said_any_yes))


@slips_of("q7", read_again={"": SECTION[5], "consent_ignored": SECTION[9]})
class Q7:
    """What the guests are worth."""

    def revenue_not_margin(store: Store, _key: object) -> object:
        """Your total is revenue. The goods have to be paid for: count the margin."""
        return lifetime_value(store)["revenue"].loc[guests(store)].sum()

    def not_discounted(store: Store, _key: object) -> object:
        """Your total is not discounted. A dollar that comes in a year counts for less than one today."""
        return lifetime_value(store)["undiscounted"].loc[guests(store)].sum()

    def the_past(store: Store, _key: object) -> object:
        """Your total is what the guests brought so far. What they will still bring is asked for."""
        return rfm(store)["margin"].loc[guests(store)].sum()

    def consent_ignored(store: Store, _key: object) -> object:
        """Your total is that of a list on which nobody was asked. It is higher, and it may not be used."""
        return lifetime_value(store)["margin"].nlargest(GUESTS).sum()


@slips_of("q8", read_again={"": SECTION[6], "judged_on_its_own_time": SECTION[2]})
class Q8:
    """Whether the model is worth its trouble."""

    def no_interval(store: Store, _key: object) -> object:
        """Your verdict is the one that the sign of the difference alone gives. Look where its 90 % interval lies."""
        return wrong_words(store).get("no_interval")

    def unseen_is_absent(store: Store, _key: object) -> object:
        """Your verdict is the one of taking "0 lies within" for "no gain". Gains that matter lie within as well."""
        return wrong_words(store).get("unseen_is_absent")

    def judged_on_its_own_time(store: Store, _key: object) -> object:
        """Your verdict is that of the time before the split. By that very spend one list was made: it had to win."""
        return wrong_words(store).get("judged_on_its_own_time")

    def spend_so_far(store: Store, _key: object) -> object:
        """Your verdict is the one against all spend so far. The lead's list is that of the last twelve months."""
        return wrong_words(store).get("spend_so_far")
