"""Complaint hot-spots: which complaints count, rates, rare products, lists, and who complains again."""

from __future__ import annotations

from crm_course.analysis.complainers import (
    complainers,
    made_again,
    slow_by_month,
)
from crm_course.analysis.exposures import (
    known_complaints,
    product_complaints,
    product_rates,
    service_rates,
    sold_units,
)
from crm_course.analysis.intervals import rank_correlation
from crm_course.analysis.priorities import (
    buyers_list,
    cost_of_complaint,
    found_in_first,
    larger_shops,
    rankings,
    severity_weighted,
)
from crm_course.analysis.shrinkage import (
    Mixture,
    Shrinkage,
    above_limit,
    fit_shrinkage,
)

__all__ = [
    "Mixture",
    "Shrinkage",
    "above_limit",
    "buyers_list",
    "complainers",
    "cost_of_complaint",
    "fit_shrinkage",
    "found_in_first",
    "known_complaints",
    "larger_shops",
    "made_again",
    "product_complaints",
    "product_rates",
    "rank_correlation",
    "rankings",
    "service_rates",
    "severity_weighted",
    "slow_by_month",
    "sold_units",
]
