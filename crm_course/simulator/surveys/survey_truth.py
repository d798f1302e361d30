"""What the scenario makes of satisfaction and competitors: the true weights and gaps."""

from __future__ import annotations

import pandas as pd

from crm_course.simulator.settings.survey_settings import DRIVERS
from crm_course.simulator.surveys.feelings import weights
from crm_course.simulator.world.world import World


def survey_truth(world: World) -> dict[str, pd.DataFrame]:
    """Give ``truth/drivers`` (weights that add up to 1) and ``truth/gaps`` (our quality less a rival's, points)."""
    settings = world.scenario.surveys
    if settings is None or world.policy.surveys is None:
        return {}
    gaps = [
        (rival.name, dimension, settings.quality[dimension] - quality)
        for rival in settings.rivals
        for dimension, quality in rival.quality.items()
    ]
    return {
        "truth/drivers": pd.DataFrame({"driver": list(DRIVERS), "weight": weights(settings)}),
        "truth/gaps": pd.DataFrame(gaps, columns=["competitor", "dimension", "gap"]),
    }
