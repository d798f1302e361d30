import numpy as np
import pandas as pd
import pytest

from crm_course import note, report
from crm_course.reporting import MIME


@pytest.fixture
def shown(monkeypatch):
    bundles = []
    monkeypatch.setattr("crm_course.reporting.display", lambda bundle, raw: bundles.append(bundle))
    return bundles


def test_figures_are_handed_on_as_plain_scalars(shown):
    report(customers=np.int64(2000), gini=np.float64(0.71), note="fine", truth=None, held=True)

    assert shown[0][MIME] == {
        "v": 1,
        "figures": {"customers": 2000, "gini": 0.71, "note": "fine", "truth": None, "held": True},
    }
    assert all(type(value) in (int, float, str, bool, type(None)) for value in shown[0][MIME]["figures"].values())


def test_a_number_that_is_none_is_no_number_in_json(shown):
    report(of_few=np.float64("nan"), endless=float("inf"))

    assert shown[0][MIME]["figures"] == {"of_few": None, "endless": None}


def test_the_last_digits_are_not_those_of_the_processor(shown):
    report(prize=4622.857553094129)
    report(prize=4622.85755309413)

    assert shown[0] == shown[1]
    assert shown[0][MIME]["figures"]["prize"] == pytest.approx(4622.857553094129, rel=1e-8)


def test_the_text_is_one_aligned_line_a_figure(shown):
    report(n=3196000.4, share=0.123456)

    assert shown[0]["text/plain"] == "n      3,196,000\nshare  0.1235"


@pytest.mark.parametrize(("people", "told"), [(0, 0.5), (4, None), (5, 0.5)])
def test_a_figure_of_too_few_people_is_none(shown, people, told):
    note(share=0.5, people=people)

    assert shown[0][MIME]["figures"] == {"share": told}


@pytest.mark.parametrize(("yes", "told"), [(0, 0.0), (3, None), (10, 0.5), (17, None), (20, 1.0)])
def test_a_share_of_people_is_none_where_they_or_the_others_are_too_few(shown, yes, told):
    people = pd.Series([True] * yes + [False] * (20 - yes))
    note(share=people.mean(), people=people)

    assert shown[0][MIME]["figures"] == {"share": told}


def test_a_table_is_no_figure():
    with pytest.raises(TypeError, match=r"report\(shares=…\): a figure is one number"):
        report(shares=np.array([1, 2]))


def test_no_figures_are_an_empty_bundle(shown):
    report()

    assert shown[0][MIME]["figures"] == {}
