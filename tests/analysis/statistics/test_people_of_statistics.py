"""None of these methods groups people: they take the counts, rates or arrays that others made."""

from people import check_all_are_named

OTHERS = {
    "intervals.poisson_interval": "a row a count",
    "intervals.rank_correlation": "one correlation",
    "rates.checked": "a row a thing that is compared, as it came in",
    "rates.fit_poisson": "one fit",
    "rates.group_rates": "a row a thing that is compared",
    "rates.rate_intervals": "a row a thing that is compared",
    "rates.rate_regression": "one fit",
    "ridge.logistic": "coefficients",
    "ridge.poisson": "coefficients",
    "ridge.standardised": "mean and spread of columns",
    "shrinkage.above_limit": "a row a thing that is compared",
    "shrinkage.fit_shrinkage": "one fit",
}


def test_every_method_is_named_here():
    check_all_are_named(["crm_course.analysis.statistics"], {}, OTHERS)
