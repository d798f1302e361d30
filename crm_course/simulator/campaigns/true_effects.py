"""The campaigns, and the true effect of each measure as the scenario sets it: what no customer changes."""

from __future__ import annotations

import pandas as pd

from crm_course.simulator.campaigns.campaign_plan import campaigns_table, contact_of
from crm_course.simulator.settings.contact_settings import ContactSettings
from crm_course.simulator.world.world import World


def contact_world(world: World) -> dict[str, pd.DataFrame]:
    """Give ``campaigns``, and ``truth/effects``: measure, effect, unit, and what it means."""
    if (found := contact_of(world)) is None:
        return {}
    rows = _effects(found[0])
    effects = pd.DataFrame(rows, columns=["measure", "effect", "unit", "meaning"])
    return {"campaigns": campaigns_table(world), "truth/effects": effects}


def _effects(settings: ContactSettings) -> list[tuple[str, float, str, str]]:
    days = f"{settings.uplift_days:g}"
    return [
        (
            "opened message",
            settings.uplift,
            "share of the visit rate",
            f"growth of the visit rate for {days} days after an opened message, when none came in the 30 days before",
        ),
        (
            "fatigue, uplift",
            settings.uplift_fatigue,
            "log of the uplift for each message",
            "the uplift shrinks by exp(-effect x her fatigue) for each message of the last 30 days",
        ),
        (
            "fatigue, opening",
            settings.opening_fatigue,
            "log odds for each message",
            "the log odds of opening fall by effect x fatigue for each message of the last 30 days",
        ),
        (
            "unsubscribing",
            settings.unsubscribed,
            "probability for each opened message",
            "when no message came in the 30 days before",
        ),
        (
            "fatigue, unsubscribing",
            settings.unsubscribe_fatigue,
            "log of the probability for each message",
            "that probability grows by exp(effect x fatigue) for each message of the last 30 days, up to one half",
        ),
        (
            "win-back voucher",
            settings.win_back,
            "purchases for each lapsed customer",
            "probability of one extra purchase while the voucher is good, whether she opens its message or not",
        ),
        (
            "loyalty programme",
            settings.members.effect,
            "share of the purchase rate",
            "growth of a member's rate by joining; members bought more often anyway, so a plain comparison shows more",
        ),
    ]
