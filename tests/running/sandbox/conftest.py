from pathlib import Path

import pytest
from system import require_sandbox
from warm_runs import notebook_of

from crm_course.running.sandbox.limits import Limits


@pytest.fixture(scope="session")
def confined(slots):
    """The slot in which submissions run."""
    require_sandbox()
    return slots(sandbox=True)


@pytest.fixture(scope="session")
def trusted(slots):
    """The slot in which our own notebooks run."""
    return slots(sandbox=False)


@pytest.fixture(params=["confined", "trusted"])
def either(request):
    """Both of them, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def data(tmp_path) -> Path:
    """What a run is shown: a file, and a folder with a file."""
    folder = tmp_path / "data"
    (folder / "store").mkdir(parents=True)
    (folder / "forms.json").write_text("{}", encoding="utf-8")
    (folder / "store" / "orders.csv").write_text("order,amount\n1,20\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(confined, data):
    """Run cells in the sandbox; limits are given by name."""

    def in_sandbox(*sources, **limits):
        return confined.run(notebook_of(*sources), data, Limits(**limits))

    return in_sandbox


@pytest.fixture
def run_trusted(trusted, data):
    """Run cells without it."""

    def without_sandbox(*sources, **limits):
        return trusted.run(notebook_of(*sources), data, Limits(**limits))

    return without_sandbox
