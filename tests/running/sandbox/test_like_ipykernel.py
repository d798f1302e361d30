"""A warm slot behaves as ipykernel does, but for differences that are named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from crm_course.running import sandbox
from crm_course.running.kernel import ThisPython

pytestmark = pytest.mark.long

CELLS = re.split(r"^# %% ", Path(__file__).with_name("behaviour.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[
    1:
]
NAMES = [cell.partition("\n")[0] for cell in CELLS]
# The names in the first column of the table in the room's docstring; long ones are cut off.
TABLE = re.findall(
    r"^([^=\s].*?)  +\S.*  \S", (sandbox.__doc__ or "").partition("but for this:")[2], flags=re.MULTILINE
)[1:]
DIFFERENT = {
    name
    for name in NAMES
    for row in TABLE
    if name == row or (row.endswith("...") and name.startswith(row[:-3].strip()))
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# What differs from run to run, or is another folder: places, addresses, times, numbers of threads.
VOLATILE = re.compile(
    r"0x[0-9a-f]+|/tmp/[\w/.-]+|/desk|(/notebook/)?cell-[\w-]+|\d+\.py|Thread-\d+"
    r"|[\d.e+]+ (ns|µs|μs|us|ms|s)\b|[\d.]+it/s|00:0\d"
)
PLACE = re.compile(r"^(?:Cell|File) .*line \d+.*$", re.MULTILINE)


def notebook():
    return new_notebook(cells=[new_code_cell(cell.partition("\n")[2].rstrip("\n")) for cell in CELLS])


def plain(value):
    return VOLATILE.sub("#", ANSI.sub("", value if isinstance(value, str) else json.dumps(value)))


def comparable(output):
    """An output without what differs from run to run; pictures only by their kind, tracebacks by their places."""
    if output.output_type == "stream":
        return output.name, plain(output.text)
    if output.output_type == "error":
        return output.ename, plain(output.evalue), set(PLACE.findall(plain("\n".join(output.traceback))))
    data = {kind: "picture" if "image" in kind else plain(value).strip() for kind, value in output.data.items()}
    return output.output_type, data, output.get("execution_count")


def outputs_of(cell):
    """The outputs of a cell; texts of one stream in a row are one text, however many messages they came in."""
    joined = []
    for output in cell.outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output.copy())
    return [comparable(output) for output in joined]


@pytest.fixture(scope="module")
def by_ipykernel(tmp_path_factory):
    """What the same cells give in a kernel; in a test it would not watch what programs write, so it is not told."""
    there = notebook()
    folder = tmp_path_factory.mktemp("ipykernel")
    place = {"metadata": {"path": folder}}
    client = NotebookClient(there, kernel_manager_class=ThisPython, allow_errors=True, resources=place)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST", raising=False)
        client.execute()
    return there


@pytest.fixture(scope="module")
def by_slot(confined, tmp_path_factory):
    return confined.run(notebook(), tmp_path_factory.mktemp("data"))


def test_there_are_94_cells_and_both_reach_the_last(by_ipykernel, by_slot):
    assert len(set(NAMES)) == len(NAMES) == 94
    assert len(DIFFERENT) == len(TABLE) == 15
    assert (by_slot.ended, by_slot.cell) == ("kernel died", 94)


@pytest.mark.parametrize("number", range(len(CELLS)), ids=NAMES)
def test_a_cell_gives_the_same(number, by_ipykernel, by_slot):
    expected, given = outputs_of(by_ipykernel.cells[number]), outputs_of(by_slot.notebook.cells[number])

    if NAMES[number] in DIFFERENT:
        assert given != expected
    else:
        assert given == expected
