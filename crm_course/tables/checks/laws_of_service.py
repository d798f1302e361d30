"""What must hold between contacts, complaints, agents and posts."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from crm_course.tables.checks.law import HALF_A_CENT, Law, Tables, not_before, of_each
from crm_course.tables.storage.info import StoreInfo

_STAGES = ("accepted_at", "classified_at", "assigned_at", "solved_at", "replied_at", "followed_up_at")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BEST_CSAT = 5


def _of_other(table: str, column: str, other: str, key: str, value: str) -> Callable[[Tables], pd.Series[bool]]:
    """Say where a column differs from the value of the row that `key` leads to."""

    def broken(tables: Tables) -> pd.Series[bool]:
        rows = tables[table]
        there = of_each(rows[key], tables[other], key, value)
        return rows[column].notna() & there.notna() & (rows[column] != there)

    return broken


def _not_in_order(table: str) -> Law:
    """Say that a product must be one that the order sold."""

    def broken(tables: Tables) -> pd.Series[bool]:
        rows, lines = tables[table], tables["order_lines"]
        asked = rows.loc[rows["product_id"].notna() & rows["order_id"].notna(), ["order_id", "product_id"]]
        sold = pd.MultiIndex.from_frame(lines[["order_id", "product_id"]])
        wrong = pd.Series(False, index=rows.index)
        wrong[asked.index] = ~pd.MultiIndex.from_frame(asked).isin(sold)
        return wrong

    needed = {"order_lines": ("order_id", "product_id")}
    return Law(table, "product_id", "is not in the order", broken, needs=("order_id",), elsewhere=needed)


def _stage(later: str) -> Law:
    """Say that a stage comes after those before it, as far as they are known."""
    before = _STAGES[: _STAGES.index(later)]

    def broken(tables: Tables) -> pd.Series[bool]:
        complaints = tables["complaints"]
        return complaints[later] < complaints[list(before)].max(axis=1)

    return Law("complaints", later, "is before an earlier stage", broken, needs=before)


def _accepted_before_heard(tables: Tables) -> pd.Series[bool]:
    complaints = tables["complaints"]
    opened = of_each(complaints["contact_id"], tables["contacts"], "contact_id", "opened_at")
    return complaints["accepted_at"] < opened


def _too_much_compensation(tables: Tables) -> pd.Series[bool]:
    complaints = tables["complaints"]
    spent = tables["order_lines"].groupby("order_id")["amount"].sum().reindex(complaints["order_id"])
    return complaints["compensation"] > spent.set_axis(complaints.index) + HALF_A_CENT


def _repeats_a_later_one(tables: Tables) -> pd.Series[bool]:
    """Compare when each was told: a letter can be accepted after the call that repeats it."""
    complaints, contacts = tables["complaints"], tables["contacts"]
    told = of_each(complaints["contact_id"], contacts, "contact_id", "opened_at")
    first = of_each(complaints["repeat_of"], complaints, "complaint_id", "contact_id")
    return told <= of_each(first, contacts, "contact_id", "opened_at")


def _repeats_anothers(tables: Tables) -> pd.Series[bool]:
    complaints = tables["complaints"]
    who = of_each(complaints["repeat_of"], complaints, "complaint_id", "customer_id")
    return who.notna() & (complaints["customer_id"] != who)


def _not_both(tables: Tables) -> pd.Series[bool]:
    complaints = tables["complaints"]
    return complaints["service"].notna() & complaints["product_id"].notna()


def _answers_an_answer(tables: Tables) -> pd.Series[bool]:
    posts = tables["posts"]
    return of_each(posts["reply_to"], posts, "post_id", "reply_to").notna()


def _answers_later(tables: Tables) -> pd.Series[bool]:
    posts = tables["posts"]
    return posts["at"] < of_each(posts["reply_to"], posts, "post_id", "at")


def _off_shift(zone: str) -> Callable[[Tables], pd.Series[bool]]:
    def broken(tables: Tables) -> pd.Series[bool]:
        contacts, agents = tables["contacts"], tables["agents"]
        answered = contacts["agent_id"].notna() & contacts["first_reply_at"].notna()
        rows = contacts[answered]
        local = rows["first_reply_at"].dt.tz_convert(zone)
        roster = agents.drop_duplicates("agent_id").set_index("agent_id").reindex(rows["agent_id"])
        first, last, off = (roster[name].set_axis(rows.index) for name in ("first_hour", "last_hour", "days_off"))
        weekday = local.dt.day_of_week.map(dict(enumerate(_WEEKDAYS)))
        free = pd.Series(False, index=rows.index)
        for day in _WEEKDAYS:
            free |= (weekday == day) & off.str.contains(day, na=False)
        wrong = first.notna() & ((local.dt.hour < first) | (local.dt.hour >= last) | free)
        return wrong.reindex(contacts.index, fill_value=False).fillna(False).astype(bool)

    return broken


def laws_of_zone(info: StoreInfo) -> tuple[Law, ...]:
    """Give the laws that speak of local hours."""
    return (
        Law(
            "contacts",
            "agent_id",
            "answered outside the agent's shift",
            _off_shift(info.time_zone),
            needs=("first_reply_at",),
            elsewhere={"agents": ("agent_id", "first_hour", "last_hour", "days_off")},
        ),
    )


def _whose(table: str, other: str, key: str) -> Law:
    return Law(
        table,
        "customer_id",
        f"is not the customer of the row of {other}",
        _of_other(table, "customer_id", other, key, "customer_id"),
        needs=(key,),
        elsewhere={other: (key, "customer_id")},
    )


SERVICE_PAST = (
    *(("contacts", column) for column in ("opened_at", "first_reply_at", "closed_at", "abandoned_at")),
    *(("complaints", column) for column in _STAGES),
    ("posts", "at"),
)

SERVICE_LAWS = (
    not_before("service_hours", "closes_at", "opens_at", "is before service begins"),
    not_before("policy_changes", "in_force_on", "announced_on", "is before the change was announced"),
    Law(
        "agents",
        "last_hour",
        "is not after the shift begins",
        lambda t: t["agents"]["last_hour"] <= t["agents"]["first_hour"],
        ("first_hour",),
    ),
    not_before("contacts", "first_reply_at", "opened_at", "is before the contact was opened"),
    not_before("contacts", "closed_at", "first_reply_at", "is before the first reply"),
    not_before("contacts", "abandoned_at", "opened_at", "is before the contact was opened"),
    Law(
        "contacts",
        "abandoned_at",
        "is there although the contact was answered",
        lambda t: t["contacts"][["abandoned_at", "first_reply_at"]].notna().all(axis=1),
        ("first_reply_at",),
    ),
    Law("contacts", "csat", "is not from 1 to 5", lambda t: ~t["contacts"]["csat"].between(1, _BEST_CSAT).fillna(True)),
    _whose("contacts", "orders", "order_id"),
    _not_in_order("contacts"),
    *(_stage(stage) for stage in _STAGES[1:]),
    Law(
        "complaints",
        "accepted_at",
        "is before the contact was opened",
        _accepted_before_heard,
        ("contact_id",),
        {"contacts": ("contact_id", "opened_at")},
    ),
    _whose("complaints", "contacts", "contact_id"),
    _whose("complaints", "orders", "order_id"),
    _not_in_order("complaints"),
    Law("complaints", "service", "is there beside a product", _not_both, ("product_id",)),
    Law(
        "complaints",
        "compensation",
        "is more than the order cost",
        _too_much_compensation,
        ("order_id",),
        {"order_lines": ("order_id", "amount")},
    ),
    Law(
        "complaints",
        "repeat_of",
        "is not an earlier complaint",
        _repeats_a_later_one,
        ("complaint_id", "contact_id"),
        {"contacts": ("contact_id", "opened_at")},
    ),
    Law(
        "complaints", "repeat_of", "is another customer's complaint", _repeats_anothers, ("complaint_id", "customer_id")
    ),
    Law("posts", "reply_to", "is not a question", _answers_an_answer, ("post_id",)),
    Law("posts", "at", "is before the question", _answers_later, ("post_id", "reply_to")),
)
