"""How numbers stand in a chapter's tables."""

import pandas as pd
import pytest

from crm_course import begin


@pytest.mark.parametrize(
    ("number", "told"),
    [(15.0, "15"), (2606766.75, "2,606,766.75"), (0.004, "0.00"), (0.998, "1.00"), (float("nan"), "nan")],
)
def test_a_whole_number_has_no_decimals_and_one_that_is_nearly_whole_keeps_them(number, told):
    with pd.option_context("display.float_format", None):
        begin()

        assert pd.options.display.float_format(number) == told
