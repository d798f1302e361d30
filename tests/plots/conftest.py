"""What the tests of figures share: the course's style, and a test for each figure that a module names."""

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import pytest

from crm_course.plots.style import set_style


def pytest_generate_tests(metafunc):
    if "figure" in metafunc.fixturenames:
        figures = metafunc.module.FIGURES
        metafunc.parametrize("figure", figures.values(), ids=figures.keys())


@pytest.fixture(autouse=True)
def _styled():
    set_style()
    yield
    plt.close("all")
