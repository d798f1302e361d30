"""From uniform numbers to other distributions, by their inverse."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from crm_course.simulator.columns import Floats


def lognormal(uniform: Floats, median: Floats | float, spread: Floats | float) -> Floats:
    """Give lognormal numbers by median and spread in log units."""
    value: Floats = median * np.exp(spread * ndtri(uniform))
    return value


def exponential(uniform: Floats, mean: Floats | float) -> Floats:
    """Give exponential numbers by mean."""
    return -mean * np.log1p(-uniform)
