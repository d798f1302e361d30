"""A kernel as JupyterLab runs it: problems are told in one line, and a reader's own slip keeps its traceback."""

import nbformat
import pytest
from nbclient import NotebookClient

from crm_course.running.kernel import ThisPython
from crm_course.running.missing.calm import EXPECTED, going_on

CELLS = [
    "from crm_course import begin, open_store\nbegin()",
    "store = open_store(data)",
    "invoices = store.table('invoices', for_='credit behaviour')",
    "late = invoices[invoices['day'] > store.today]",
    "def overdue():\n    return late.sum()",
    "overdue()",
    "raise ValueError('her own')",
    "slip = 1 / 0",
    "print(slip)",
    "printt('typed')",
    "invoices = [1]",
    "print(len(invoices))",
    "print('the last cell')",
    "totals = {}\ntotals['late'] = late.sum()",
    "totals['late']",
]


@pytest.fixture(scope="module")
def cells(course):
    notebook = nbformat.v4.new_notebook()
    data = str(course / "datasets" / "demo")
    sources = [f"data = {data!r}", *CELLS]
    notebook.cells = [nbformat.v4.new_markdown_cell("# Words"), *map(nbformat.v4.new_code_cell, sources)]
    done = NotebookClient(going_on(notebook), kernel_manager_class=ThisPython).execute()
    return {cell.source: cell.outputs for cell in done.cells if cell.cell_type == "code"}


def line(outputs):
    (output,) = outputs
    return output["data"]["text/plain"]


def test_a_missing_table_is_a_line_and_so_is_what_needs_it(cells):
    assert line(cells[CELLS[2]]) == "Test shop has no table `invoices`: credit behaviour is left out."
    assert line(cells[CELLS[3]]) == "Left out: Test shop has no table `invoices`."
    assert line(cells[CELLS[5]]) == "Left out: Test shop has no table `invoices`."  # read in a function


def test_what_a_cell_made_before_it_failed_is_left_out_as_well(cells):
    assert line(cells[CELLS[13]]) == line(cells[CELLS[14]]) == "Left out: Test shop has no table `invoices`."


@pytest.mark.parametrize(
    ("source", "error"),
    [(CELLS[6], "ValueError"), (CELLS[7], "ZeroDivisionError"), (CELLS[8], "NameError"), (CELLS[9], "NameError")],
)
def test_a_slip_of_the_readers_keeps_its_traceback(cells, source, error):
    (output,) = cells[source]
    assert (output["output_type"], output["ename"]) == ("error", error)
    assert "Traceback" in "".join(output["traceback"])


def test_the_run_goes_on_to_its_end_and_a_name_made_anew_is_there(cells):
    assert cells[CELLS[11]][0]["text"] == "1\n"
    assert cells[CELLS[12]][0]["text"] == "the last cell\n"


def test_only_the_copy_is_tagged():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["parameters"]})
    source = nbformat.v4.new_notebook(cells=[cell])

    assert going_on(going_on(source)).cells[0].metadata["tags"] == ["parameters", EXPECTED]
    assert source.cells[0].metadata["tags"] == ["parameters"]
