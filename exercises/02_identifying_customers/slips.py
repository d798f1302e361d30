"""The usual wrong answers of exercise 2, computed on a trainee's own store."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crm_course.analysis.identity import clerical, deletion, linkage, persons, standardising
from crm_course.analysis.sales import rfm
from crm_course.exercise.slips import slips_of, toss_up
from crm_course.tables.store import Store, once_per_store

AT_BEST, AT_LEAST = 0.95, 0.92  # of the precision's interval
NEAR = 0.0007  # a standard error that 2,000 draws leave at an end of the interval; the question names their seed
KEEP_MONTHS = 24
SECTION = {number: f"02 Identifying customers, section {number}" for number in range(1, 12)}


# What the right answers stand on ------------------------------------------------------------------


@once_per_store
def table(store: Store, name: str) -> pd.DataFrame:
    """Read a table once."""
    return store.table(name)


@once_per_store
def fields(store: Store) -> pd.DataFrame:
    """Records as they can be compared."""
    return standardising.standardised(table(store, name="records"))


@once_per_store
def channels(store: Store, created: bool = False, default: bool = False, filled: bool = False) -> pd.DataFrame:
    """Give the table of q2, or one with a usual mistake."""
    records = table(store, name="records")
    when = records["day" if created else "updated_day"]
    birthday = records["birthday"].notna() if default else standardising.birthdays(records["birthday"]).notna()
    found = pd.DataFrame({"birthday": birthday, "fresh": (store.today - when).dt.days < 365})
    groups = found.groupby(records["channel"].astype("str"))
    return (groups.sum() / len(records) if filled else groups.mean()).reset_index()


def drawn(shares: pd.DataFrame) -> Axes:
    """Draw the figure of q3."""
    ax = Figure().subplots()
    ax.bar(shares["channel"], shares["fresh"])
    ax.set(xlabel="channel", ylabel="records confirmed within a year (share)", title="Fresh records by channel")
    return ax


@once_per_store
def filed(store: Store) -> pd.Series:
    """Record of each order, by its id."""
    orders = table(store, name="orders")
    events = orders.rename(columns={"ordered_at": "at"})
    links = table(store, name="links")
    return persons.record_of(events, table(store, name="records"), links).set_axis(orders["order_id"])


@once_per_store
def bought(store: Store) -> pd.DataFrame:
    """Give the days on which somebody bought, every record a customer."""
    return store.purchases(whose=filed(store))


def by_keys(store: Store, keys: list[str], lines: bool = False, entered: bool = False) -> pd.Series:
    """Person of each record by exact keys."""
    one = fields(store)
    if entered:
        raw = table(store, name="records").set_index("record_id")
        return linkage.persons(raw, linkage.agreeing_pairs(raw, keys))
    mobiles = one if lines else one.assign(phone=one["phone"].where(one["phone_kind"] == "mobile"))
    return linkage.persons(one, linkage.agreeing_pairs(mobiles, keys))


def came_back(store: Store, person: pd.Series | None) -> float:
    """Share of those who bought who bought on a second day; without a merge, every record is a customer."""
    record = bought(store)["customer_id"]
    who = record if person is None else record.map(person)
    found = rfm.rfm(bought(store).assign(customer_id=who), store.today)
    return float((found["frequency"] > 0).mean())


@once_per_store
def pairs(store: Store) -> pd.DataFrame:
    """Candidate pairs with points of their own."""
    found = linkage.candidate_pairs(fields(store))
    return found.assign(score=linkage.scores(linkage.comparisons(fields(store), found)))


@once_per_store
def chains(store: Store) -> pd.DataFrame:
    """All pairs, with the points from which on each is put together."""
    found = linkage.joined_pairs(pairs(store))
    return found.assign(stratum=clerical.strata(found["score"]))


@once_per_store
def reviewed(store: Store) -> pd.DataFrame:
    """Give the clerk's review."""
    sample = clerical.review_sample(chains(store), 300, linkage.THRESHOLD, seed=7)
    decided = clerical.decisions_by_links(sample, fields(store), table(store, name="links"))
    return clerical.with_decisions(sample, fields(store), decided)


def line(store: Store, false_merge: float = 300, missed: float = 60, own: bool = False) -> float:
    """Give the cheapest threshold, by the points that pairs have with chains or of their `own`."""
    seen = reviewed(store)
    if own:
        seen = seen[seen.index.isin(pairs(store).index)]
        seen = seen.assign(score=pairs(store)["score"].reindex(seen.index))
    return clerical.cheapest(clerical.cost_curve(seen, false_merge, missed))


@once_per_store
def person(store: Store, points: float = 3.0) -> pd.Series:
    """Person of each record, merged at some points."""
    found = pairs(store)
    return linkage.persons(fields(store), found[found["score"] >= points])


@once_per_store
def choices(store: Store) -> pd.DataFrame:
    """Choices with the record they were made with."""
    table_of = table(store, name="consents")
    asked = table_of.rename(columns={"recorded_at": "at"}).assign(channel=table_of["source"])
    record = persons.record_of(asked, table(store, name="records"), table(store, name="links"))
    return table_of.assign(record_id=record)


def may_be_written_to(store: Store, sure: float = 5.0, channel: str = "email", merged: bool = True) -> list[str]:
    """Give the list of q6, or one with a usual mistake."""
    own = pd.Series(fields(store).index, fields(store).index)
    who, parts = (person(store), person(store, points=sure)) if merged else (own, own)
    carried = persons.merged_choices(choices(store), who, parts)
    asked = carried[(carried["purpose"] == "marketing") & (carried["channel"] == channel)]
    return list(asked.loc[asked["granted"], "person"])


@once_per_store
def log(
    store: Store, merged: bool = True, orders: bool = True, created: bool = False, months: int = KEEP_MONTHS
) -> Any:
    """Give the table of q7, or one with a usual mistake."""
    records = table(store, name="records")
    who = person(store) if merged else pd.Series(fields(store).index, fields(store).index)
    heard = table(store, name="orders").assign(record_id=filed(store).to_numpy())
    if created:
        records = records.assign(updated_day=records["day"])
    activity = deletion.last_activity(records, who, heard if orders else heard.iloc[:0])
    debtors = deletion.in_debt(table(store, name="invoices"), table(store, name="links"))
    found = deletion.retention_log(activity, store.today, months, debtors).reset_index()
    return found.loc[found["reason"] == "outdated", ["record_id", "last_activity", "due_on"]]


@once_per_store
def precision(store: Store) -> tuple[float, float, float]:
    """Estimate and interval of the precision at 3 points."""
    found = clerical.reviewed_quality(reviewed(store), chains(store), chains(store)["score"] >= 3)
    return tuple(float(value) for value in found.loc["precision"])  # type: ignore[return-value]


def verdict(low: float, high: float) -> str:
    """Give the word for an interval."""
    return "does not" if high < AT_BEST else "works" if low > AT_LEAST else "cannot tell"


@once_per_store
def wrong_words(store: Store) -> dict[str, str]:
    """Give the verdict that each mistake leads to, where it is neither the right one nor an earlier mistake's."""
    estimate, low, high = precision(store)
    found = clerical.reviewed_quality(reviewed(store), chains(store), chains(store)["score"] >= 3)
    words = {
        "no_interval": verdict(estimate, estimate),
        "recall_not_precision": verdict(found.loc["recall", "low"], found.loc["recall", "high"]),
    }
    first = {word: name for name, word in reversed(words.items())}
    return {name: word for word, name in first.items() if word != verdict(low, high)}


# What is fair --------------------------------------------------------------------------------------


@toss_up("q8")
def an_end_near_a_line(store: Store, _key: object) -> str | None:
    """Say so when other draws could turn the verdict, because an end of the interval would cross a line."""
    _estimate, low, high = precision(store)
    if len({verdict(low + one, high + other) for one in (-NEAR, 0, NEAR) for other in (-NEAR, 0, NEAR)}) == 1:
        return None
    return f"q8: the interval, {low:.3f} to {high:.3f}, ends so near a line that other draws could turn it"


# The usual mistakes -------------------------------------------------------------------------------


@slips_of("q1", read_again=SECTION[3])
class Q1:
    """Numbers that reach one person."""

    def filled_in(store: Store, _key: object) -> object:
        """Your share counts every field that is filled in. A fixed line reaches the kitchen, not the person."""
        return table(store, name="records")["phone"].notna().mean()

    def of_those_filled_in(store: Store, _key: object) -> object:
        """You divided by the records that have a number. The question is about all records."""
        return (fields(store)["phone_kind"].dropna() == "mobile").mean()

    def numbers_of_hong_kong_only(store: Store, _key: object) -> object:
        """You left out the mobile numbers of the mainland. A message reaches them too."""
        return ((fields(store)["phone_kind"] == "mobile") & fields(store)["phone"].str.startswith("+852")).mean()


@slips_of("q2", read_again=SECTION[2])
class Q2:
    """What each channel brings."""

    def default_birthdays_counted(store: Store, _key: object) -> object:
        """Your share of birthdays counts 1 January, which the form fills in by itself."""
        return channels(store, default=True)

    def created_not_confirmed(store: Store, _key: object) -> object:
        """You counted from the day a record was made. Fresh is what was *confirmed* lately."""
        return channels(store, created=True)

    def share_of_all_records(store: Store, _key: object) -> object:
        """You divided by all records. Divide by those of the channel: a small channel is not a bad one."""
        return channels(store, filled=True)


@slips_of("q3", read_again=SECTION[2])
class Q3:
    """Which records are fresh."""

    def created_not_confirmed(store: Store, _key: object) -> object:
        """Your bars count from the day a record was made. Fresh is what was *confirmed* lately."""
        return drawn(channels(store, created=True))

    def share_of_all_records(store: Store, _key: object) -> object:
        """Your bars are shares of all records. Divide by those of the channel."""
        return drawn(channels(store, filled=True))


@slips_of("q4", read_again={"": SECTION[4], "every_record": SECTION[7]})
class Q4:
    """Who came back."""

    def every_record(store: Store, _key: object) -> object:
        """You took every record for a customer. A person counted twice is two customers who do not come back."""
        return came_back(store, None)

    def as_entered(store: Store, _key: object) -> object:
        """You compared numbers as they were entered. Written in one form, many more are the same."""
        return came_back(store, by_keys(store, ["phone", "email"], entered=True))

    def fixed_lines_too(store: Store, _key: object) -> object:
        """You merged by fixed lines as well. They belong to a household: mother and daughter are two customers."""
        return came_back(store, by_keys(store, ["phone", "email"], lines=True))

    def numbers_alone(store: Store, _key: object) -> object:
        """You merged by numbers alone. Records that share an e-mail address belong together too."""
        return came_back(store, by_keys(store, ["phone"]))


@slips_of("q5", read_again=SECTION[5])
class Q5:
    """Where to draw the line."""

    def costs_swapped(store: Store, _key: object) -> object:
        """Your line is the one for dear misses and cheap false merges. You swapped the costs."""
        return other_line(store, line(store, 60, 300))

    def costs_alike(store: Store, _key: object) -> object:
        """Your line makes the *number* of mistakes smallest. A false merge costs five times a miss."""
        return other_line(store, line(store, 60, 60), line(store, 60, 300))

    def chains_forgotten(store: Store, _key: object) -> object:
        """You took each pair's own points. By a chain of others it may be put together at many more."""
        known = (line(store, 60, 60), line(store, 60, 300))
        return other_line(store, line(store, own=True), *known)


def other_line(store: Store, found: float, *others: float) -> float | None:
    """Give a line where it differs from the right one and from those of the mistakes before."""
    return None if min(abs(found - one) for one in (line(store), *others)) < 0.1 else found


@slips_of("q6", read_again=SECTION[8])
class Q6:
    """Who may get e-mail."""

    def any_yes(store: Store, _key: object) -> object:
        """You wrote to whoever once said yes. Some said no later: the latest explicit choice counts."""
        asked = choices(store).query("purpose == 'marketing' and channel == 'email' and granted")
        return list(asked["record_id"].map(person(store)).dropna().unique())

    def record_not_person(store: Store, _key: object) -> object:
        """Your list is one of records. Her "no" on another form is hers as well: carry it along the merge."""
        return may_be_written_to(store, merged=False)

    def doubt_forgotten(store: Store, _key: object) -> object:
        """Your list takes the latest choice everywhere. In doubt the stricter one wins, and silence is no yes."""
        found = may_be_written_to(store, sure=3.0)
        return None if set(found) == set(may_be_written_to(store)) else found

    def another_channel(store: Store, _key: object) -> object:
        """Your list is that of another channel. A yes to text messages is no yes to e-mail."""
        return may_be_written_to(store, channel="sms")


@slips_of("q7", read_again=SECTION[10])
class Q7:
    """The deletion log."""

    def record_not_person(store: Store, _key: object) -> object:
        """You judged each record by itself. The person may have been in the shop last week."""
        return log(store, merged=False)

    def orders_forgotten(store: Store, _key: object) -> object:
        """You looked at confirmations alone. Who placed an order was heard of."""
        return log(store, orders=False)

    def created_not_confirmed(store: Store, _key: object) -> object:
        """You counted from the day a record was made. It may have been confirmed since."""
        return log(store, created=True)

    def a_year_only(store: Store, _key: object) -> object:
        """Your rule is 12 months. Kit's is 24."""
        return log(store, months=12)


@slips_of("q8", read_again=SECTION[5])
class Q8:
    """Is it safe to merge."""

    def no_interval(store: Store, _key: object) -> object:
        """Your verdict is that of the estimate alone. Look where its 90 % interval lies."""
        return wrong_words(store).get("no_interval")

    def recall_not_precision(store: Store, _key: object) -> object:
        """Your verdict is that of recall. Safe means that what was put together belongs together: precision."""
        return wrong_words(store).get("recall_not_precision")
