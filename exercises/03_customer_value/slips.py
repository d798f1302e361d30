"""The usual wrong answers of exercise 3, computed on a trainee's own store."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crm_course.analysis import customer_value, lifecycle, sales, seasons
from crm_course.answers import slip, worth
from crm_course.tables.store import Store

HOLDOUT = pd.Timedelta(days=184)
MARGIN_RATE = 0.30
MONTHLY_RATE = 1.10 ** (1 / 12) - 1
GUESTS = 100
COLUMNS = ["frequency", "recency", "T", "monetary_value"]
SECTION = "03 Customer value, section {}".format


# What the right answers stand on ------------------------------------------------------------------

_held: dict[Any, Any] = {}


def held(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Compute once a store, since most slips begin alike; another open store, in the same folder even, begins anew."""

    @wraps(compute)
    def once(store: Store, **choice: bool) -> Any:
        if _held.get("store") is not store:
            _held.clear()
            _held["store"] = store
        call = (compute, *sorted(choice.items()))
        if call not in _held:
            _held[call] = compute(store, **choice)
        return _held[call]

    return once


@held
def order_values(store: Store, netted: bool = True, accounts: bool = False) -> pd.DataFrame:
    """Net amounts of orders, of consumers alone unless accounts are asked for as well."""
    returns = store.table("returns") if netted else None
    tables = store.table("orders"), store.table("order_lines"), returns
    values = sales.order_values(*tables, store.as_of, store.time_zone, MARGIN_RATE)
    customers = store.table("customers").set_index("customer_id")
    return values if accounts else values[~values["customer_id"].map(customers["account"]).astype(bool)]


def rfm(store: Store, time_zone: str | None = None, **choice: bool) -> pd.DataFrame:
    """RFM today, in calendar days."""
    return customer_value.rfm(order_values(store, **choice), store.as_of, time_zone or store.time_zone)


@held
def season(store: Store) -> pd.Series:
    """Season of each day."""
    start = sales.local_day(store.table("orders")["ordered_at"], store.time_zone).min()
    return seasons.season_of_days(store.table("calendar"), start, store.as_of + pd.DateOffset(months=13))


@held
def known_orders(store: Store) -> pd.DataFrame:
    """Orders of the consumers who were seen from their first purchase on."""
    start = sales.local_day(store.table("orders")["ordered_at"], store.time_zone).min()
    first_seen = sales.local_day(store.table("customers").set_index("customer_id")["first_seen_at"], store.time_zone)
    orders = order_values(store)
    return orders[orders["customer_id"].map(first_seen) >= start]


def later_purchases(store: Store, orders: pd.DataFrame) -> pd.DataFrame:
    """Purchases after the split."""
    return customer_value.purchases_after(orders, store.as_of - HOLDOUT, store.as_of, store.time_zone)


def error(store: Store, orders: pd.DataFrame, fitted: seasons.SeasonalFit) -> float:
    """Give the error of a forecast at the split, in % of the purchases that came."""
    split = store.as_of - HOLDOUT
    then = customer_value.rfm(orders, split, store.time_zone, fitted.clock)
    expected = fitted.model.expected_purchases(then, fitted.clock[store.as_of] - fitted.clock[split]).sum()
    return 100 * (expected / later_purchases(store, orders)["customer_id"].isin(then.index).sum() - 1)


@held
def lifetime_value(store: Store) -> pd.DataFrame:
    """Lifetime value of each consumer: discounted ``margin``, ``undiscounted`` margin, discounted ``revenue``."""
    orders = known_orders(store)
    fitted = seasons.fit_with_season(orders, store.as_of, store.time_zone, season(store))
    now = customer_value.rfm(order_values(store), store.as_of, store.time_zone, fitted.clock)
    spend = customer_value.fit_spend(now[now.index.isin(orders["customer_id"])]).expected_spend(now)
    ahead = fitted.model.expected_by(now, fitted.horizons(store.as_of, 12))
    share = sales.margin_share(order_values(store))
    kinds = {"margin": (share, MONTHLY_RATE), "undiscounted": (share, 0.0), "revenue": (1.0, MONTHLY_RATE)}
    return pd.DataFrame({name: customer_value.lifetime_value(ahead, spend, *how) for name, how in kinds.items()})


def said_yes(store: Store) -> pd.Index:
    """Consumers and accounts whose latest choice allows marketing by e-mail."""
    return sales.contactable(store.table("consents"), store.as_of, store.time_zone, "marketing", "email")


def best(values: pd.Series, of: pd.Index | None = None) -> list[str]:
    """Give the customers with the highest values, as many as may be invited."""
    return list((values if of is None else values[values.index.isin(of)]).nlargest(GUESTS).index)


def guests(store: Store) -> list[str]:
    """Give the right list."""
    return best(lifetime_value(store)["margin"], said_yes(store))


@worth("q6")
def worth_of_guests(store: Store, _key: object) -> pd.Series:
    """Lifetime value of each consumer who may be invited; nobody else may be chosen."""
    values = lifetime_value(store)["margin"]
    return values[values.index.isin(said_yes(store))]


@worth("q3")
def margin_so_far(store: Store, _key: object) -> pd.Series:
    """Net margin of each consumer so far; who brought the same may change places."""
    return rfm(store)["margin"]


# q1 What stays of a dollar ------------------------------------------------------------------------


@slip(
    "q1",
    name="returns_not_netted",
    text="Your share is the one that comes out when goods that came back still count as sold.",
    read_again=SECTION(1),
)
def share_of_gross_sales(store: Store, _key: object) -> float:
    """Margin share with returns left in."""
    return sales.margin_share(order_values(store, netted=False))


@slip(
    "q1",
    name="accounts_not_set_apart",
    text="Your share holds the account customers as well. They buy at other prices; the question is about consumers.",
    read_again=SECTION(1),
)
def share_with_accounts(store: Store, _key: object) -> float:
    """Margin share of all customers."""
    return sales.margin_share(order_values(store, accounts=True))


@slip(
    "q1",
    name="share_of_gross",
    text="You divided the net margin by sales before returns. What came back is no sale: divide by net sales.",
    read_again=SECTION(1),
)
def share_of_wrong_base(store: Store, _key: object) -> float:
    """Net margin against gross sales."""
    values = order_values(store)
    return float(values["net_margin"].sum() / values["gross_amount"].sum())


# q2 Every consumer in one row ---------------------------------------------------------------------


@slip(
    "q2",
    name="first_purchase_counted",
    text="Your frequency counts the first purchase. It counts the days on which she came *back*.",
    read_again=SECTION(1),
)
def purchases_for_frequency(store: Store, _key: object) -> pd.DataFrame:
    """Frequency one too high."""
    return rfm(store)[COLUMNS].assign(frequency=lambda table: table["frequency"] + 1).reset_index()


@slip(
    "q2",
    name="recency_from_today",
    text="Your recency counts the days since the last purchase. Here it runs from the first purchase to the last.",
    read_again=SECTION(1),
)
def silence_for_recency(store: Store, _key: object) -> pd.DataFrame:
    """Recency counted from today."""
    return rfm(store)[COLUMNS].assign(recency=lambda table: table["T"] - table["recency"]).reset_index()


@slip(
    "q2",
    name="utc_day",
    text="Your days are those of UTC. In Hong Kong the day begins eight hours earlier: use the shop's own days.",
    read_again=SECTION(1),
)
def days_of_utc(store: Store, _key: object) -> pd.DataFrame:
    """Days of another time zone."""
    return rfm(store, time_zone="UTC")[COLUMNS].reset_index()


@slip(
    "q2",
    name="returns_not_netted",
    text="Your monetary value still holds the goods that came back.",
    read_again=SECTION(1),
)
def gross_amounts(store: Store, _key: object) -> pd.DataFrame:
    """Amounts before returns."""
    return rfm(store, netted=False)[COLUMNS].reset_index()


@slip(
    "q2",
    name="accounts_not_set_apart",
    text="Your table has rows for account customers. The question is about consumers.",
    read_again=SECTION(1),
)
def rows_of_accounts(store: Store, _key: object) -> pd.DataFrame:
    """All customers."""
    return rfm(store, accounts=True)[COLUMNS].reset_index()


@slip(
    "q2",
    name="first_purchase_in_mean",
    text="Your monetary value is the mean of all purchase days. It leaves the first one out.",
    read_again=SECTION(1),
)
def mean_of_all_days(store: Store, _key: object) -> pd.DataFrame:
    """Mean with the first day in it."""
    table = rfm(store)
    return table[COLUMNS].assign(monetary_value=table["spent"] / (table["frequency"] + 1)).reset_index()


# q3 Kit's best so far ------------------------------------------------------------------------------


@slip(
    "q3",
    name="accounts_not_set_apart",
    text="Your list holds account customers. Salons and hotels buy on another scale; consumers are asked for.",
    read_again=SECTION(1),
)
def ten_with_accounts(store: Store, _key: object) -> list[str]:
    """All customers."""
    return _ten(rfm(store, accounts=True)["margin"])


@slip(
    "q3",
    name="spend_per_visit",
    text="You ranked by `monetary_value`, the spend of a visit. Who comes once and buys much is not yet the best.",
    read_again=SECTION(6),
)
def ten_by_visit(store: Store, _key: object) -> list[str]:
    """Ranked by the mean of a repeat day."""
    return _ten(rfm(store)["monetary_value"])


@slip(
    "q3",
    name="most_visits",
    text="You ranked by visits. A visit is no margin.",
    read_again=SECTION(6),
)
def ten_by_visits(store: Store, _key: object) -> list[str]:
    """Ranked by frequency."""
    return _ten(rfm(store)["frequency"])


@slip(
    "q3",
    name="returns_not_netted",
    text="In your ranking goods that came back still count as sold.",
    read_again=SECTION(1),
)
def ten_with_returns(store: Store, _key: object) -> list[str] | None:
    """Ranked by margin before returns; None where that changes no place."""
    found = _ten(rfm(store, netted=False)["margin"])
    return None if found == _ten(rfm(store)["margin"]) else found


def _ten(values: pd.Series) -> list[str]:
    return list(values.nlargest(10).index)


# q4 Who carries the shop --------------------------------------------------------------------------


def _drawn(curve: pd.DataFrame) -> Axes:
    ax = Figure().subplots()
    ax.plot(curve["share_of_customers"], curve["share_of_amount"])
    ax.set(xlabel="customers, best first (share)", ylabel="net sales (share)", title="Lorenz curve")
    return ax


@slip(
    "q4",
    name="accounts_not_set_apart",
    text="Your curve holds the account customers as well. A few salons then carry much of it; consumers are asked for.",
    read_again=SECTION(2),
)
def curve_with_accounts(store: Store, _key: object) -> Axes:
    """All customers."""
    return _drawn(sales.lorenz(rfm(store, accounts=True)["spent"]))


@slip(
    "q4",
    name="poorest_first",
    text="Your curve begins with those who bring least. Best customers first is asked for.",
    read_again=SECTION(2),
)
def curve_from_below(store: Store, _key: object) -> Axes:
    """The curve turned about."""
    return _drawn(1 - sales.lorenz(rfm(store)["spent"]))


@slip(
    "q4",
    name="orders_not_customers",
    text="Your curve spreads sales over orders. One customer has many orders: put hers together first.",
    read_again=SECTION(2),
)
def curve_of_orders(store: Store, _key: object) -> Axes:
    """Orders in place of customers."""
    return _drawn(sales.lorenz(order_values(store)["net_amount"]))


# q5 Would the forecast have held? -----------------------------------------------------------------


@slip(
    "q5",
    name="calendar_time",
    text="Your forecast runs in calendar time: it takes every day for like every other and does not know the season.",
    read_again=SECTION(3),
)
def error_in_calendar_time(store: Store, _key: object) -> float:
    """No season."""
    orders, split = known_orders(store), store.as_of - HOLDOUT
    days = season(store).index
    clock = pd.Series(np.arange(1.0, len(days) + 1), days)
    model = customer_value.fit_purchases(customer_value.rfm(orders, split, store.time_zone))
    return error(store, orders, seasons.SeasonalFit(model, pd.DataFrame(), clock, ""))


@slip(
    "q5",
    name="survivors_in_fit",
    text="You fitted all consumers. Who bought before the data begin is a survivor, and makes leaving look rarer.",
    read_again=SECTION(3),
)
def error_with_survivors(store: Store, _key: object) -> float:
    """Those who bought before the data begin are fitted and judged as well."""
    orders = order_values(store)
    return error(store, orders, seasons.fit_with_season(orders, store.as_of - HOLDOUT, store.time_zone, season(store)))


@slip(
    "q5",
    name="later_data_used",
    text="Your model was fitted on data up to today. At the split it could not know them: so the forecast is no test.",
    read_again=SECTION(2),
)
def error_knowing_the_future(store: Store, _key: object) -> float:
    """Fitted on the days that it is to foretell."""
    orders = known_orders(store)
    return error(store, orders, seasons.fit_with_season(orders, store.as_of, store.time_zone, season(store)))


@slip(
    "q5",
    name="new_customers_counted",
    text="You counted the purchases of customers who came after the split as well. The forecast knows nobody of them.",
    read_again=SECTION(3),
)
def error_against_all_purchases(store: Store, _key: object) -> float:
    """What came holds the purchases of those who were not yet customers."""
    orders, split = known_orders(store), store.as_of - HOLDOUT
    fitted = seasons.fit_with_season(orders, split, store.time_zone, season(store))
    then = customer_value.rfm(orders, split, store.time_zone, fitted.clock)
    expected = fitted.model.expected_purchases(then, fitted.clock[store.as_of] - fitted.clock[split]).sum()
    return 100 * (expected / len(later_purchases(store, orders)) - 1)


# q6 Whom to invite --------------------------------------------------------------------------------


@slip(
    "q6",
    name="consent_ignored",
    text="Your list holds customers who did not say yes. To write to them is an offence, whatever they are worth.",
    read_again=SECTION(9),
)
def list_without_consent(store: Store, _key: object) -> list[str]:
    """Nobody was asked."""
    return best(lifetime_value(store)["margin"])


@slip(
    "q6",
    name="past_spend",
    text="Your list is that of the highest spend so far. An invitation looks ahead: take what they will still bring.",
    read_again=SECTION(6),
)
def list_of_past_spend(store: Store, _key: object) -> list[str]:
    """Ranked by the past."""
    return best(rfm(store)["spent"], said_yes(store))


@slip(
    "q6",
    name="earliest_choice",
    text="You took each customer's *first* choice. Some took it back later: the latest explicit choice counts.",
    read_again=SECTION(9),
)
def list_by_earliest_choice(store: Store, _key: object) -> list[str]:
    """Consent once given and perhaps taken back."""
    consents = store.table("consents")
    asked = consents[(consents["purpose"] == "marketing") & (consents["channel"] == "email")]
    first = asked.sort_values("recorded_at").groupby("customer_id")["granted"].first()
    return best(lifetime_value(store)["margin"], first.index[first.to_numpy(bool)])


@slip(
    "q6",
    name="consent_to_something_else",
    text="You took a yes to anything, on any channel. The invitation is marketing by e-mail: that she must allow.",
    read_again=SECTION(9),
)
def list_by_any_consent(store: Store, _key: object) -> list[str]:
    """Consent for another purpose or channel."""
    consents = store.table("consents")
    return best(lifetime_value(store)["margin"], pd.Index(consents.loc[consents["granted"], "customer_id"].unique()))


# q7 What the guests are worth ---------------------------------------------------------------------


@slip(
    "q7",
    name="revenue_not_margin",
    text="Your total is revenue. The goods have to be paid for: count the margin.",
    read_again=SECTION(5),
)
def total_revenue(store: Store, _key: object) -> float:
    """Revenue of the guests."""
    return float(lifetime_value(store)["revenue"].loc[guests(store)].sum())


@slip(
    "q7",
    name="not_discounted",
    text="Your total is not discounted. A dollar that comes in a year counts for less than one today.",
    read_again=SECTION(5),
)
def total_undiscounted(store: Store, _key: object) -> float:
    """Later money counted in full."""
    return float(lifetime_value(store)["undiscounted"].loc[guests(store)].sum())


@slip(
    "q7",
    name="the_past",
    text="Your total is what the guests brought so far. What they will still bring is asked for.",
    read_again=SECTION(5),
)
def total_of_the_past(store: Store, _key: object) -> float:
    """Margin so far."""
    return float(rfm(store)["margin"].loc[guests(store)].sum())


@slip(
    "q7",
    name="consent_ignored",
    text="Your total is that of a list on which nobody was asked. It is higher, and it may not be used.",
    read_again=SECTION(9),
)
def total_without_consent(store: Store, _key: object) -> float:
    """Total of those with the highest value, consent or not."""
    return float(lifetime_value(store)["margin"].nlargest(GUESTS).sum())


# q8 Is the model worth its trouble? ---------------------------------------------------------------


def _differences(store: Store, own_time: bool = False) -> np.ndarray:
    """Give what each consumer adds to the margin found by the model's list more than by that of spend so far."""
    orders, split = known_orders(store), store.as_of - HOLDOUT
    fitted = seasons.fit_with_season(orders, split, store.time_zone, season(store))
    then = customer_value.rfm(orders, split, store.time_zone, fitted.clock)
    expected = fitted.model.expected_purchases(then, fitted.clock[store.as_of] - fitted.clock[split])
    model = expected * customer_value.fit_spend(then).expected_spend(then)
    lists = lifecycle.top_lists(pd.DataFrame({"model": model, "past": then["spent"]}), len(then) // 5)
    later = later_purchases(store, orders).groupby("customer_id")["net_margin"].sum()
    margin = then["margin"] if own_time else later.reindex(then.index).fillna(0.0)
    named = {name: then.index.isin(one).astype(int) for name, one in lists.items()}
    return (margin * (named["model"] - named["past"])).to_numpy()


def _verdict(low: float, high: float) -> str:
    return "works" if low > 0 else "does not" if high < 0 else "cannot tell"


def _judged(each: np.ndarray) -> str:
    draws = each[np.random.default_rng(7).integers(len(each), size=(2_000, len(each)))].sum(axis=1)
    return _verdict(*np.quantile(draws, [0.05, 0.95]))


@slip(
    "q8",
    name="no_interval",
    text="You looked at the difference alone. Its 90 % interval holds 0, so chance could have turned it round.",
    read_again=SECTION(6),
)
def verdict_without_interval(store: Store, _key: object) -> str | None:
    """Only the sign; None where the interval says the same."""
    each = _differences(store)
    found = _verdict(each.sum(), each.sum())
    return None if found == _judged(each) else found


@slip(
    "q8",
    name="judged_on_its_own_time",
    text="You judged the lists on the time before the split. By that very spend one of them was made: it had to win.",
    read_again=SECTION(2),
)
def verdict_on_its_own_time(store: Store, _key: object) -> str | None:
    """The list of spend wins on its own time; None where it does after it as well."""
    found = _judged(_differences(store, own_time=True))
    return None if found == _judged(_differences(store)) else found
