"""What nobody knows in a real shop: defect rates, true effects of rules and recovery, the queue's distributions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from crm_course.simulator import columns
from crm_course.simulator.service.failures import DEFECT
from crm_course.simulator.service.leaving import mean_complaint_probability
from crm_course.simulator.world.service_room import Room
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.service import CATEGORIES

MATURE_DAYS = 60


def service_truth(world: World, room: Room) -> dict[str, pd.DataFrame]:
    """Give ``truth/products``, ``truth/service`` and ``truth/complaint_load``."""
    return {
        "truth/products": products_truth(world, room),
        "truth/service": pd.DataFrame(_effects(world, room), columns=["name", "of", "value", "unit"]),
        "truth/complaint_load": _load(world, room),
    }


def products_truth(world: World, room: Room) -> pd.DataFrame:
    """Give each product's true defect rate.

    Returns
    -------
    DataFrame
        ``product_id``; ``defect_rate`` (of a unit); ``category_rate`` (mean of the category's
        distribution); ``planted`` (a truly bad one); ``complaints_60d`` (expected first complaints
        within 60 days of delivery, a unit, bought alone at list price).
    """
    catalogue, spec = world.catalogue, room.spec
    count = len(catalogue)
    price = np.where(catalogue.price > 0, catalogue.price / 100, spec.complaining.reference)
    mean = spec.failures["defect"].probability
    planted = np.zeros(count, dtype=bool)
    planted[room.planted] = True
    in_time = ndtr(np.log(MATURE_DAYS / spec.defects.report_days) / spec.defects.report_spread)
    return pd.DataFrame(
        {
            "product_id": columns.series(columns.ids("P", np.arange(1, count + 1), 4)),
            "defect_rate": room.defects,
            "category_rate": [mean * spec.defects.categories.get(name, 1.0) for name in catalogue.categories],
            "planted": planted,
            "complaints_60d": room.defects * mean_complaint_probability(room, DEFECT, price) * in_time,
        }
    )


def _effects(world: World, room: Room) -> list[tuple[str, str, float, str]]:
    spec, talk, handling, store_ids = room.spec, room.spec.talk, room.spec.handling, world.store_ids
    rows = [
        ("harm", name, spec.failures[name].harm, "factor on leaving after a medium failure that nobody mended")
        for name in CATEGORIES
    ]
    rows += [
        ("recovery_residual", "", spec.recovery.residual, "share of the harm that stays after recovery"),
        ("recovery_within", "", spec.recovery.within, "service hours from assignment to solution"),
        ("phone_patience", "", talk.phone_patience, "mean minutes, exponential"),
        ("chat_patience", "", talk.chat_patience, "mean minutes, exponential"),
        ("simple_handling", "", talk.simple_minutes, "median minutes, lognormal"),
        ("complex_handling", "", talk.complex_minutes, "median minutes, lognormal"),
        ("handling_spread", "", talk.spread, "log units"),
        ("chat_handling", "", talk.chat_factor, "factor on handling by phone"),
        ("solved_simple", "", handling.solved_simple, "median service hours, lognormal, at the end of the data"),
        ("solved_complex", "", handling.solved_complex, "median service hours, lognormal, at the end of the data"),
        ("solved_spread", "", handling.solved_spread, "log units"),
        ("solved_trend", "", handling.trend_per_year, "log units a year"),
        ("load_memory", "", handling.load_memory, "autocorrelation from week to week"),
        ("load_spread", "", handling.load_spread, "log units"),
    ]
    for kind, rates in zip(CATEGORIES, room.rates, strict=True):
        if kind != "defect":
            rows += [
                (f"rate of {kind}", store, float(rate), "probability")
                for store, rate in zip(store_ids, rates, strict=True)
            ]
    change = room.policy.complaint_change
    if room.rollout is not None and change is not None:
        rows.append(("change_speed", "", change.speed, "factor on the time from assignment to solution"))
        for stores, day in (
            (room.rollout.first_stores, room.rollout.first_day),
            (room.rollout.other_stores, room.rollout.other_day),
        ):
            rows += [
                ("change_in_force", store_ids[k], float(day - world.span.end), "days from the end of the data")
                for k in stores
            ]
        rows.append(
            ("change_announced", "", float(room.rollout.announced - world.span.end), "days from the end of the data")
        )
    return rows


def _load(world: World, room: Room) -> pd.DataFrame:
    """Give the weekly load of the complaint desk: log factor on the time to solution."""
    days = world.span.days[world.span.start : world.span.end]
    first = np.flatnonzero(days.day_of_week == 0)
    return pd.DataFrame({"week_from": days[first], "load": room.load[world.span.start + first]})
