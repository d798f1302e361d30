import zipfile

import pytest


@pytest.fixture(scope="module")
def contents(wheel):
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_carries_what_run_needs(contents):
    reports = ("notebooks/reports/trainee_report.py", "notebooks/reports/class_report.py")
    for name in (
        "notebooks/03_customer_value.ipynb",
        "datasets/demo/store.json",
        "datasets/mappings/cdnow.yml",
        *reports,
    ):
        assert f"crm_course/shipped/{name}" in contents
    assert "crm_course/simulator/scenarios/beauty.toml" in contents
    assert "crm_course/running/page/page.css" in contents
    assert "crm_course/grading/reports/templates/trainee_opening.html.j2" in contents
    assert "crm_course/curriculum/unit.yml" in contents


def test_the_wheel_carries_its_fonts_with_their_licence(contents):
    assert "crm_course/plots/fonts/CrmCourseHan-Regular.otf" in contents
    assert "crm_course/running/page/han.css" in contents
    assert "crm_course/plots/fonts/OFL.txt" in contents
    assert [name for name in contents if name.endswith(".dist-info/licenses/crm_course/plots/fonts/OFL.txt")]


def test_the_wheel_carries_no_exercise(contents):
    assert not [name for name in contents if "exercises" in name or "solution" in name]
