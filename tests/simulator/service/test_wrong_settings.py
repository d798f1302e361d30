"""Settings of the service room that cannot be are refused in one line; the seed and the truth stay hidden."""

import numpy as np
import pandas as pd
import pytest

from crm_course.errors import WrongCall
from crm_course.simulator.settings.settings_file import HERE
from crm_course.simulator.simulation import simulate

FILES = {
    "scenario": (HERE / "scenarios" / "beauty.toml").read_text(),
    "policy": (HERE / "policies" / "usual.toml").read_text(),
}


@pytest.mark.parametrize(
    ("kind", "was", "becomes", "match"),
    [
        ("scenario", "[service.failures.staff]", "[service.failures.stuff]", "'stuff' is not one of defect"),
        ("scenario", "harm = 2.2", "harm = 0.5", "service.failures.defect.harm: .*greater than or equal to 1"),
        ("scenario", "severity = [30, 45, 25]", "severity = [30, 45]", "service.failures.defect.severity"),
        ("scenario", "load_memory = 0.75", "load_memory = 1", "service.handling.load_memory: .*less than 1"),
        ("scenario", "[service.topics.stock]", "[service.topics.socks]", "'socks' is not one of stock"),
        (
            "scenario",
            "probability = 0.05",
            "probability = 0.95",
            "service: topics: the probabilities add up to more than 1",
        ),
        ("scenario", "residual = 0.2", "residual = 1.2", "service.recovery.residual"),
        ("scenario", "phone = 65, chat = 35", "phone = 65, fax = 35", "'fax' is not one of phone, chat"),
        ("policy", "hours = [10, 21]", "hours = [21, 10]", "service.opening: hours must be in order"),
        ("policy", "hours = [15, 21]", "hours = [17, 21]", "service: staffing: the shifts early and late must cover"),
        ("policy", "announced_days = 480", "announced_days = 400", "announced_days, in_force_days and elsewhere_days"),
        ("policy", "speed = 0.7", "speed = 0", "service.complaint_change.speed: .*greater than 0"),
        ("policy", 'closed = [{ anchor = "lunar_new_year"', 'closed = [{ anchor = "13-45"', "anchor '13-45'"),
    ],
)
def test_settings_that_cannot_be(tmp_path, kind, was, becomes, match):
    assert was in FILES[kind]
    path = tmp_path / "mine.toml"
    path.write_text(FILES[kind].replace(was, becomes, 1))

    with pytest.raises(WrongCall, match=match) as problem:
        simulate(tmp_path / "store", customers=20, **{kind: path})
    assert "\n" not in str(problem.value)


def test_without_a_policy_for_service_there_is_none(tmp_path):
    rows = simulate(tmp_path / "store", customers=30, policy="none")

    assert not {"contacts", "complaints", "posts", "agents"} & set(rows)


def test_numbers_of_rows_tell_nothing_of_the_truth(made):
    """No truth goes up or down with the number of a row (Spearman, five standard errors)."""
    store = made("beauty", customers=20_000, seed=5)
    failures, products = store.truth("failures"), store.truth("products")
    rows = pd.Series(np.arange(len(failures)), dtype=float)

    assert abs(rows.corr(failures["complained"].astype(float).rank())) < 5 / len(rows) ** 0.5
    number = pd.Series(np.arange(len(products)), dtype=float)
    against_category = (products["defect_rate"] / products["category_rate"]).rank()
    assert abs(number.corr(against_category)) < 5 / len(number) ** 0.5
    complaints = store.table("complaints").merge(failures, on=["order_id", "customer_id"], how="left")
    number = complaints["complaint_id"].rank()
    assert abs(number.corr(complaints["leave_factor"].rank())) < 6 / len(number) ** 0.5
