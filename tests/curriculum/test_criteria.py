import re

import pytest

from crm_course.answers.questions import CRITERION
from crm_course.curriculum import criteria


def test_the_unit_has_all_its_criteria_and_outcomes_in_order():
    codes = "1.1 1.2 1.3 1.4a 1.4b 1.4c 1.4d 2.1a 2.1b 2.2a 2.2b 2.2c 2.3a 2.3b 3.1 3.2 A1 A2 A3"

    assert " ".join(criteria()) == codes


@pytest.mark.parametrize("code", criteria())
def test_a_criterion_has_a_code_that_questions_may_use_and_a_name_that_fits_beside_a_bar(code):
    assert CRITERION.fullmatch(code)
    assert re.fullmatch(r".{5,40}", criteria()[code])


def test_names_are_told_apart():
    assert len(set(criteria().values())) == len(criteria())
