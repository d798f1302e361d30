"""The usual wrong answers of exercise 5, computed on a trainee's own store."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crm_course.analysis.complaints import complainers as complaining
from crm_course.analysis.complaints import control_charts, exposures
from crm_course.analysis.statistics import shrinkage
from crm_course.errors import FitFailed
from crm_course.exercise.slips import slips_of, toss_up, worth
from crm_course.tables.store import Store, once_per_store

PER = 1_000
LIMIT, SURE, UNSURE = 1.5, 0.9, 0.25
EXAMINED = 5
NEAR = 0.004  # of a probability: twice what another grid of spreads changes
TOO_ALIKE = 0.05  # of the best five's probability: a mistake that loses less is none here
SECTION = {number: f"05 Complaint hot-spots, section {number}" for number in range(1, 11)}


# What the right answers stand on ------------------------------------------------------------------


@once_per_store
def tables(store: Store) -> dict[str, pd.DataFrame]:
    """Read the tables once."""
    return {name: store.table(name) for name in ("complaints", "orders", "order_lines", "products")}


@once_per_store
def known(store: Store, again: bool = False, wrong_items: bool = False) -> pd.DataFrame:
    """All complaints; with those made again as if they were new, or wrong items as if they were defects."""
    told = exposures.known_complaints(tables(store)["complaints"])
    if again:
        told = told.assign(repeat_of=pd.Series(pd.NA, told.index, dtype="str"))
    if wrong_items:
        told = told.assign(category=told["category"].astype(object).replace("wrong item", "defect"))
    return told


@once_per_store
def units(store: Store) -> pd.DataFrame:
    """Units with the day on which they were handed over."""
    return exposures.sold_units(tables(store)["orders"], tables(store)["order_lines"])


@once_per_store
def goods(store: Store, young: bool = False, **choice: bool) -> pd.DataFrame:
    """Complaints about products with their fate; as if there were no window, if `young` ones count."""
    told = exposures.product_complaints(known(store, **choice), units(store), store.today)
    return told.replace({"fate": {"unit too young": "counted", "after the window": "counted"}}) if young else told


@once_per_store
def table(store: Store, young: bool = False, orders: bool = False, one_group: bool = False, **choice: bool) -> Any:
    """Complaints and mature units of each product; or all units, or orders in place of units."""
    sold = units(store).assign(quantity=1) if orders else units(store)
    told = goods(store, young=young, **choice)
    made = exposures.product_rates(told, sold, tables(store)["products"], store.today, 0 if young else 60)
    made = made[made["exposure"] > 0]
    return made.assign(group="all") if one_group else made


@once_per_store
def shrunken(store: Store, **choice: bool) -> pd.DataFrame:
    """Shrunken rates."""
    rows = table(store, **choice)
    return shrinkage.fit_shrinkage(rows).rates(rows, LIMIT)


def rate(store: Store, **choice: bool) -> float:
    """Complaints per 1,000 of all products together."""
    rows = table(store, **choice)
    return float(PER * rows["events"].sum() / rows["exposure"].sum())


def in_one_row(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the table of q2."""
    named = rows.rename(columns={"events": "complaints", "exposure": "units"})
    return named.assign(rate=PER * named["complaints"] / named["units"])[["complaints", "units", "rate"]].reset_index()


def drawn(values: pd.Series, label: str = "complaints (per 1,000 units)") -> Axes:
    """Draw the figure of q3."""
    ax = Figure().subplots()
    ax.plot(values.index, values)
    ax.set(xlabel="month in which the units were handed over", ylabel=label, title="Month by month")
    return ax


def months(store: Store, young: bool = False) -> pd.DataFrame:
    """Complaints and units of each month; of all months, and without a window, if `young` ones count."""
    day, window = (store.today + pd.Timedelta(days=1), 0) if young else (store.today, 60)
    return control_charts.monthly_rates(goods(store, young=young), units(store), day, window)


def per_unit(rows: pd.DataFrame) -> pd.Series:
    """Rates per 1,000."""
    return PER * rows["events"] / rows["exposure"]


def highest(store: Store) -> str:
    """Give the product with the highest raw rate."""
    return str(shrunken(store)["rate"].idxmax())


def listed(store: Store, **choice: bool) -> list[str]:
    """Give the products above the limit with a probability of .9."""
    rows = shrunken(store, **choice)
    return list(rows.index[rows["p_above"] >= SURE])


def five(values: pd.Series) -> list[str]:
    """Give the products with the highest values."""
    return list(values.nlargest(EXAMINED).index)


def all_wrong_lists(store: Store) -> dict[str, list[str]]:
    """Give the list of q5 that each mistake leads to, where it is neither the right one nor an earlier mistake's."""
    key, rows = listed(store), table(store)
    raw = shrunken(store)
    made = {
        "most_complaints": list(rows["events"].nlargest(max(len(key), EXAMINED)).index),
        "raw_rate": list(raw.index[raw["rate"] > LIMIT * raw["group_rate"]]),
        "category_forgotten": listed(store, one_group=True),
        "young_units": listed(store, young=True),
        "made_again": listed(store, again=True),
        "wrong_items": listed(store, wrong_items=True),
    }
    seen = [set(key)]
    kept = {}
    for name, one in made.items():
        if set(one) not in seen:
            kept[name] = one
            seen.append(set(one))
    return kept


def all_wrong_fives(store: Store) -> dict[str, list[str]]:
    """Give the five of q6 that each mistake leads to, where they lose enough and are no earlier mistake's."""
    raw = shrunken(store)
    made = {
        "most_complaints": five(table(store)["events"]),
        "raw_rate": five(raw["rate"]),
        "shrunken_not_compared": five(raw["shrunken"]),
        "category_forgotten": five(shrunken(store, one_group=True)["p_above"]),
    }
    best, seen = raw["p_above"].nlargest(EXAMINED).sum(), []
    kept = {}
    for name, one in made.items():
        if raw.loc[one, "p_above"].sum() < (1 - TOO_ALIKE) * best and set(one) not in seen:
            kept[name] = one
            seen.append(set(one))
    return kept


def verdict(probability: float) -> str:
    """Give the word for a probability."""
    return "works" if probability >= SURE else "does not" if probability <= UNSURE else "cannot tell"


def first_name(store: Store) -> str:
    """Give the product with the most complaints; of several the one with fewest units."""
    rows = table(store).sort_values(["events", "exposure"], ascending=[False, True])
    return str(rows.index[0])


def wrong_words(store: Store) -> dict[str, str]:
    """Give the verdict that each mistake leads to, where it is neither the right one nor an earlier mistake's."""
    first, raw = first_name(store), shrunken(store)
    key = verdict(raw.loc[first, "p_above"])
    above = raw.loc[first, "rate"] > LIMIT * raw.loc[first, "group_rate"]
    words = {
        "raw_rate": "works" if above else "does not",
        "unseen_is_absent": "does not" if key == "cannot tell" else key,
        "any_difference": "works" if raw.loc[first, "rate"] > raw.loc[first, "group_rate"] else "does not",
    }
    kept: dict[str, str] = {}
    for name, word in words.items():
        if word != key and word not in kept.values():
            kept[name] = word
    return kept


def complainers(store: Store, **choice: bool) -> pd.DataFrame:
    """Customers by their complaints, those made again counted or not."""
    return complaining.complainers(known(store, **choice), tables(store)["orders"])


def share_of_several(people: pd.DataFrame, column: str) -> float:
    """Share of a column that belongs to customers with two complaints or more."""
    return float(people.loc[["2", "3+"], column].sum() / people.loc[["1", "2", "3+"], column].sum())


# What is fair --------------------------------------------------------------------------------------


@worth("q6")
def probability_of_each(store: Store, _key: object) -> pd.Series:
    """Probability that each product is above the limit."""
    return shrunken(store)["p_above"]


@toss_up("q4")
def no_rates(store: Store, _key: object) -> str | None:
    """Say so when there is too little to learn from, or two products share the highest raw rate."""
    try:
        rows = shrunken(store)
    except FitFailed as error:
        return f"q4: {error}"
    if (rows["rate"] == rows["rate"].max()).sum() > 1:
        return "q4: two products share the highest raw rate"
    return None


@toss_up("q5")
def one_near_the_line(store: Store, _key: object) -> str | None:
    """Say so when a product's probability lies so near .9 that a little would put it on the list."""
    near = (shrunken(store)["p_above"] - SURE).abs().min()
    return f"q5: a probability lies within {near:.3f} of .9" if near < NEAR else None


@toss_up("q8")
def first_name_in_doubt(store: Store, _key: object) -> str | None:
    """Say so when the first name's probability lies near a line."""
    sure = shrunken(store).loc[first_name(store), "p_above"]
    near = min(abs(sure - SURE), abs(sure - UNSURE))
    return f"q8: the first name's probability lies within {near:.3f} of a line" if near < NEAR else None


# The usual mistakes -------------------------------------------------------------------------------


@slips_of("q1", read_again={"": SECTION[1], "per_order": SECTION[2]})
class Q1:
    """How many is many."""

    def made_again(store: Store, _key: object) -> object:
        """You counted complaints that were made again of the same trouble. One broken pump is one complaint."""
        return rate(store, again=True)

    def young_units(store: Store, _key: object) -> object:
        """You counted units that are too young and complaints whenever they came. Both halves need the 60 days."""
        return rate(store, young=True)

    def per_order(store: Store, _key: object) -> object:
        """You divided by orders. An order holds several units, and each of them can fail: divide by units."""
        mature = units(store)["day"] <= store.today - pd.Timedelta(days=60)
        return PER * table(store)["events"].sum() / units(store).loc[mature, "order_id"].nunique()

    def wrong_items(store: Store, _key: object) -> object:
        """You counted wrong items too. They name a product, but the packer mixed it up: that is the delivery's."""
        return rate(store, wrong_items=True)

    def mean_of_rates(store: Store, _key: object) -> object:
        """You averaged the products' rates, so that three units weigh as much as three hundred: add up first."""
        return per_unit(table(store)).mean()


@slips_of("q2", read_again={"": SECTION[1], "orders_as_exposure": SECTION[2]})
class Q2:
    """Every product in one row."""

    def made_again(store: Store, _key: object) -> object:
        """Your complaints hold those made again of the same trouble. Count each trouble once."""
        return in_one_row(table(store, again=True))

    def young_units(store: Store, _key: object) -> object:
        """Your table holds units that are too young, and complaints that came after the 60 days."""
        return in_one_row(table(store, young=True))

    def orders_as_exposure(store: Store, _key: object) -> object:
        """Your units are lines of orders. Three bottles in a line are three units, and each can leak."""
        return in_one_row(table(store, orders=True))

    def wrong_items(store: Store, _key: object) -> object:
        """Your complaints hold wrong items. Those are the delivery's, not the product's."""
        return in_one_row(table(store, wrong_items=True))


@slips_of("q3", read_again=SECTION[7])
class Q3:
    """Month by month."""

    def counts(store: Store, _key: object) -> object:
        """You drew how many complaints there were. The shop sells more each year: draw them per 1,000 units."""
        return drawn(months(store)["events"], "complaints (number)")

    def young_units(store: Store, _key: object) -> object:
        """Your months hold units that are too young, and complaints that came after the 60 days."""
        return drawn(per_unit(months(store, young=True)))

    def month_of_complaint(store: Store, _key: object) -> object:
        """You put complaints into the month in which they were made. They belong to the month of their units."""
        rows = months(store)
        counted = goods(store).query("fate == 'counted'")["day"].dt.to_period("M").dt.to_timestamp()
        return drawn(per_unit(rows.assign(events=counted.value_counts().reindex(rows.index, fill_value=0))))


@slips_of("q4", read_again=SECTION[4])
class Q4:
    """Believe it or not."""

    def raw_rate(store: Store, _key: object) -> object:
        """Your figure is the raw rate. So few units do not carry it: it has to be shrunk towards the category's."""
        return shrunken(store)["rate"].max()

    def category_rate(store: Store, _key: object) -> object:
        """Your figure is the category's rate. It forgets that the product's own complaints say something, too."""
        return shrunken(store).loc[highest(store), "group_rate"]

    def category_forgotten(store: Store, _key: object) -> object:
        """You shrank towards the mean of the whole shop. Tools and soap are not alike: take the category's rate."""
        return shrunken(store, one_group=True).loc[highest(store), "shrunken"]

    def shrunken_highest(store: Store, _key: object) -> object:
        """Your figure is the highest *shrunken* rate. Asked for is the product with the highest *raw* rate."""
        found = shrunken(store)["shrunken"]
        return None if found.idxmax() == highest(store) else found.max()


@slips_of(
    "q5",
    read_again={
        "": SECTION[1],
        "most_complaints": SECTION[2],
        "raw_rate": SECTION[4],
        "category_forgotten": SECTION[4],
    },
)
class Q5:
    """Monday's list."""

    def most_complaints(store: Store, _key: object) -> object:
        """Your list is the one by count. It holds what sells: the buyer would stop good products."""
        return all_wrong_lists(store).get("most_complaints")

    def raw_rate(store: Store, _key: object) -> object:
        """Your list holds every product whose raw rate is above the limit. Rare ones get there by bad luck."""
        return all_wrong_lists(store).get("raw_rate")

    def category_forgotten(store: Store, _key: object) -> object:
        """You compared with the whole shop's rate. A product is to be compared with its category's."""
        return all_wrong_lists(store).get("category_forgotten")

    def young_units(store: Store, _key: object) -> object:
        """Your rates hold units that are too young, and complaints that came after the 60 days."""
        return all_wrong_lists(store).get("young_units")

    def made_again(store: Store, _key: object) -> object:
        """Your rates count complaints made again. A stubborn desk makes a product look bad."""
        return all_wrong_lists(store).get("made_again")

    def wrong_items(store: Store, _key: object) -> object:
        """Your rates count wrong items, which are the delivery's fault."""
        return all_wrong_lists(store).get("wrong_items")


@slips_of("q6", read_again={"": SECTION[5], "most_complaints": SECTION[2], "raw_rate": SECTION[4]})
class Q6:
    """Five to be examined."""

    def most_complaints(store: Store, _key: object) -> object:
        """Your five have the most complaints. They have them because they sell."""
        return all_wrong_fives(store).get("most_complaints")

    def raw_rate(store: Store, _key: object) -> object:
        """Your five have the highest raw rates. Among so many products the rarest are there by bad luck."""
        return all_wrong_fives(store).get("raw_rate")

    def shrunken_not_compared(store: Store, _key: object) -> object:
        """Your five have the highest shrunken rates, in categories with high rates. Compare each with its own."""
        return all_wrong_fives(store).get("shrunken_not_compared")

    def category_forgotten(store: Store, _key: object) -> object:
        """You compared with the whole shop's rate, so that a whole category looks bad."""
        return all_wrong_fives(store).get("category_forgotten")


@slips_of("q7", read_again=SECTION[8])
class Q7:
    """Always the same people."""

    def all_alike(store: Store, _key: object) -> object:
        """You took all customers for alike. Who orders thirty times meets more trouble than who ordered once."""
        people = complainers(store)
        return float(1 - np.exp(-people["troubles"].sum() / people["people"].sum()))

    def made_again(store: Store, _key: object) -> object:
        """You counted complaints made again of the same trouble as new ones."""
        return share_of_several(complainers(store, again=True), "troubles_by_chance")

    def observed(store: Store, _key: object) -> object:
        """Your figure is the share that there is. Asked for is the one that chance would give."""
        return share_of_several(complainers(store), "troubles")

    def of_customers(store: Store, _key: object) -> object:
        """You divided customers by customers. Who has three complaints is one customer, and three of the complaints."""
        return share_of_several(complainers(store), "by_chance")


@slips_of("q8", read_again={"": SECTION[6], "raw_rate": SECTION[4]})
class Q8:
    """Whether the old list works."""

    def raw_rate(store: Store, _key: object) -> object:
        """Your verdict is the one of the raw rate. Ask how sure one can be that the true rate is above the limit."""
        return wrong_words(store).get("raw_rate")

    def unseen_is_absent(store: Store, _key: object) -> object:
        """Your verdict takes "not sure that it is bad" for "sure that it is not"."""
        return wrong_words(store).get("unseen_is_absent")

    def any_difference(store: Store, _key: object) -> object:
        """Your verdict is the one of being above its category at all. Half of all products are."""
        return wrong_words(store).get("any_difference")
