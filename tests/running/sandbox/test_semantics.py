"""A notebook in a slot behaves as people expect of a notebook."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from warm_runs import errors, kinds, notebook_of, outputs, text

from crm_course.running.sandbox.limits import Limits


@pytest.fixture(params=["confined", "trusted"])
def run(request, data):
    """Every promise of this file holds with the sandbox and without."""
    slot = request.getfixturevalue(request.param)
    return lambda *sources, **limits: slot.run(notebook_of(*sources), data, Limits(**limits))


def test_streams_displays_and_the_value_keep_their_order(run):
    cell = "import sys\nprint('a'); print('e', file=sys.stderr); print('b'); display(3); print('c'); 5"
    result = run(cell)

    assert kinds(result) == ["stdout", "stderr", "stdout", "display_data", "stdout", "execute_result"]
    assert text(result) == "a\ne\nb\n3c\n5"
    assert (result.ended, result.cell) == ("finished", None)


def test_cells_share_their_names_and_are_counted(run):
    result = run("x = 20", "", "x + 1")

    assert text(result) == "21"
    assert [cell.execution_count for cell in result.notebook.cells] == [1, None, 2]
    assert outputs(result)[0].execution_count == 2


def test_a_cell_that_raises_has_its_traceback_and_the_run_goes_on(run):
    result = run("def broken():\n    return 1 / 0\nbroken()", "'here'")

    (error,) = outputs(result, 0)
    assert (error.ename, error.evalue) == ("ZeroDivisionError", "division by zero")
    assert "broken" in "".join(error.traceback)
    assert text(result) == "'here'"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("x = (1,", "SyntaxError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("def deeper(n): return deeper(n + 1)\ndeeper(0)", "RecursionError"),
        ("%nosuchmagic", "UsageError"),
        ("%%nosuchmagic\n1", "UsageError"),
        ("raise ExceptionGroup('g', [ValueError(1)])", "ExceptionGroup"),
        ("class E(Exception):\n    def __str__(self): raise ValueError('bad')\nraise E()", "E"),
    ],
)
def test_whatever_a_cell_raises_is_an_error_of_that_cell(run, cell, name):
    result = run(cell, "1", cell_seconds=15)

    assert result.ended == "finished"
    assert errors(result)[0] == name


def test_tables_are_shown_as_html(run):
    data = outputs(run("import pandas as pd\npd.DataFrame({'a': [1]})"))[0].data

    assert "<table" in data["text/html"]
    assert "a" in data["text/plain"]


def test_figures_are_shown_inline_and_closed_after_their_cell(run):
    result = run("import matplotlib.pyplot as plt\nplt.plot([1, 2]); print('drawn')", "plt.get_fignums()")

    assert kinds(result, 0) == ["stdout", "display_data"]
    assert outputs(result, 0)[1].data["image/png"].startswith("iVBOR")
    assert text(result) == "[]"


def test_a_display_is_updated_from_a_later_cell(run):
    result = run("h = display('one', display_id=True)", "h.update('two')")

    assert text(result, 0) == "'two'"
    assert outputs(result) == []


def test_output_is_cleared_at_once_or_before_the_next(run):
    result = run(
        "from IPython.display import clear_output\nprint('x'); clear_output(); print('y')",
        "print('x'); clear_output(wait=True); print('z'); clear_output(wait=True)",
    )

    assert text(result, 0) == "y"
    assert text(result, 1) == "z"


def test_magics_work(run):
    result = run("%%capture caught\nprint('hidden')", "caught.stdout", "%precision 3\n3.14159", "%who_ls int")

    assert [text(result, number) for number in (0, 1, 3)] == ["", "'hidden\\n'", "[]"]
    assert "3.142" in text(result, 2)


def test_await_and_tasks_work(run):
    result = run("import asyncio\nawait asyncio.sleep(0.01); 7", "asyncio.get_running_loop().is_running()")

    assert text(result, 0) == "7"
    assert text(result, 1) == "True"


def test_programs_write_into_the_cell_that_started_them(run):
    result = run("%%bash\necho out; echo wrong >&2", "import os\nprint('1'); os.system('echo 2'); print('3')")

    assert {one.name: one.text for one in outputs(result, 0)} == {"stdout": "out\n", "stderr": "wrong\n"}
    assert text(result, 1) == "1\n2\n3"


def test_a_child_that_the_notebook_forks_may_print(run):
    result = run("import os\nif os.fork() == 0:\n    print('child'); os._exit(0)\nos.wait()[1]")

    assert "child" in text(result)
    assert result.ended == "finished"


@pytest.mark.parametrize("cell", ["input('name? ')", "import getpass; getpass.getpass()"])
def test_input_is_refused_in_words(run, cell):
    (error,) = outputs(run(cell))

    assert error.ename == "StdinNotImplementedError"
    assert "nobody is there to answer" in error.evalue


def test_what_cannot_be_written_as_json_is_replaced(run):
    cell = "display({'application/json': {'a': float('nan'), 'b': 1e999}, 'text/plain': '\\ud800'}, raw=True)"
    result = run(cell, "print('\\ud800')")

    assert outputs(result, 0)[0].data == {"application/json": {"a": None, "b": None}, "text/plain": "?"}
    assert text(result) == "?"
    nbformat.write(result.notebook, "/dev/null")


def test_a_mime_type_that_is_no_json_becomes_text(run):
    result = run("display({'text/plain': 5, 'text/html': ['<b>', 1], 'a/b+json': [1]}, raw=True)")

    nbformat.validate(result.notebook)
    assert outputs(result)[0].data["text/plain"] == "5"


def test_the_data_are_seen_by_name(run):
    assert text(run("import os\nsorted(os.listdir()), open('store/orders.csv').read()")) == (
        "(['forms.json', 'store'], 'order,amount\\n1,20\\n')"
    )


def test_data_cannot_be_changed_for_others(run, data):
    run("open('store/orders.csv', 'w').write('mine')", "import os; os.remove('forms.json')")

    assert (data / "store" / "orders.csv").read_text() == "order,amount\n1,20\n"
    assert (data / "forms.json").read_text() == "{}"


def test_files_may_be_written_beside_the_data(run):
    assert text(run("open('mine.txt', 'w').write('abc')", "open('mine.txt').read()")) == "'abc'"


def test_the_course_is_there(run):
    assert "answer" in text(run("import crm_course\ncrm_course.answer"))


def test_two_runs_draw_other_random_numbers(run):
    cell = "import numpy as np, random, uuid\nnp.random.rand(), random.random(), np.random.default_rng().random()"

    assert text(run(cell)) != text(run(cell))


def test_nothing_is_carried_over_to_the_next_run(run):
    leave = """
import builtins, os, pathlib, sys, pandas as pd
here = pathlib.Path.cwd()
(here / "left.txt").write_text("1")
os.environ["LEFT"] = pd.LEFT = builtins.LEFT = "1"
sys.modules["left"] = pd
os.chdir("/")
pd.set_option("display.precision", 1)
"""
    look = """
import builtins, os, pathlib, sys, pandas as pd
[os.path.exists("left.txt"),
 "LEFT" in os.environ, hasattr(pd, "LEFT"), hasattr(builtins, "LEFT"),
 "left" in sys.modules, os.getcwd() == "/", pd.get_option("display.precision") == 1, "leave" in globals()]
"""
    assert text(run(leave, look)) != text(run(look))
    assert text(run(look)) == str([False] * 8)


def test_a_process_that_is_left_behind_ends_with_the_run(either, data):
    seen = []
    start = notebook_of(
        "import subprocess, time\nsubprocess.Popen(['sleep', '98.7654'], start_new_session=True)",
        "time.sleep(0.5)",  # on a machine at its limit a process takes a moment to have its name
    )
    either.run(start, data, on_cell=lambda: seen.append(running("98.7654")))

    assert any(seen) and not running("98.7654")


def running(word):
    """The processes of this machine that have a word in their command."""
    commands = {path: read(path / "cmdline") for path in Path("/proc").glob("[0-9]*")}
    return [path for path, command in commands.items() if word.encode() in command]


def read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_files_elsewhere_are_not_carried_over_either(confined, data):
    leave = "import pathlib\nplaces = [pathlib.Path(one, 'left') for one in ('/tmp', '/dev/shm')]\n"
    confined.run(notebook_of(leave + "[one.touch() for one in places]"), data)

    assert text(confined.run(notebook_of(leave + "[one.exists() for one in places]"), data)) == "[False, False]"


def test_what_the_notebook_brought_does_not_choose_how_it_runs(confined, data):
    cell = new_code_cell("1", metadata={"tags": ["skip-execution", "raises-exception", "mine"]})
    cell.outputs = [nbformat.v4.new_output("stream", text="PASSED")]
    given = new_notebook(
        cells=[new_markdown_cell("# text"), cell], metadata={"kernelspec": {"name": "evil", "display_name": "evil"}}
    )

    result = confined.run(given, data)

    assert text(result) == "1"
    assert result.notebook.cells[1].metadata.tags == ["mine"]
    assert given.cells[1].outputs[0].text == "PASSED"  # what was given is as it was


def test_each_cell_is_told_when_it_is_done(confined, data):
    told = []
    confined.run(notebook_of("1", "", "2"), data, on_cell=lambda: told.append(1))

    assert len(told) == 3
