"""What the tests of single chapters share."""

import nbformat
import pytest

from crm_course.running.outcome import figures


@pytest.fixture
def shown(house, request):
    """The figures that the built chapter shows of the demo store; that it gives them is what nbval sees to."""
    path = house / "notebooks" / f"{request.module.CHAPTER}.ipynb"
    return figures(nbformat.read(path, as_version=4))
