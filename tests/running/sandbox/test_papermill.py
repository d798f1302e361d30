"""papermill with the warm engine does what a slot does."""

import subprocess
import sys
from importlib.metadata import entry_points

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill import PapermillExecutionError, execute_notebook
from papermill.engines import papermill_engines

from crm_course.errors import WrongCall
from crm_course.running.sandbox.warm_engine import WarmEngine

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture(autouse=True)
def engine():
    papermill_engines.register("crm_course_warm", WarmEngine)  # an older install does not know the entry point yet


@pytest.fixture
def run(tmp_path, confined):
    """Run cells, the first of them that of the parameters; give the notebook that was written."""

    def through_papermill(*sources, expect=None, **options):
        cells = [
            new_code_cell("x: int = 1  # a number", metadata={"tags": ["parameters"]}),
            *map(new_code_cell, sources),
        ]
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), tmp_path / "in.ipynb")
        options = {
            "engine_name": "crm_course_warm",
            "progress_bar": False,
            "slot": confined,
            "cwd": tmp_path,
            **options,
        }
        if expect is None:
            execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", **options)
        else:
            with pytest.raises(expect):
                execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", **options)
        return nbformat.read(tmp_path / "out.ipynb", as_version=4)

    return through_papermill


def cell(notebook, source):
    return next(one for one in notebook.cells if one.source.startswith(source))


def test_parameters_are_converted_and_the_exercises_data_are_there(run, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "other").mkdir()
    done = run("import os\nsorted(os.listdir()), x", parameters={"x": "5"})

    assert cell(done, "import os").outputs[0].data["text/plain"] == "(['store'], 5)"
    assert done.metadata["crm_course"] == {"ended": "finished", "cell": None}


def test_another_folder_may_be_given(run, data):
    assert "forms.json" in cell(run("import os\nos.listdir()", data=data), "import os").outputs[0].data["text/plain"]


def test_an_unknown_parameter_or_option_is_refused(run, tmp_path):
    (tmp_path / "out.ipynb").write_text(nbformat.writes(new_notebook()), encoding="utf-8")

    run("1", parameters={"y": 1}, expect=WrongCall)
    run("1", colour="red", expect=WrongCall)


def test_it_goes_on_after_a_cell_that_raises_and_tells_at_the_end(run):
    done = run("1 / 0", "'here'", expect=PapermillExecutionError)

    assert cell(done, "'here'").outputs[0].data["text/plain"] == "'here'"
    assert cell(done, "1 / 0").metadata.papermill["status"] == "failed"


def test_what_was_done_before_the_time_was_over_is_saved(run):
    done = run("'here'", "while True: pass", "2", execution_timeout=1, expect=PapermillExecutionError)

    assert cell(done, "'here'").outputs[0].data["text/plain"] == "'here'"
    assert done.metadata["crm_course"]["ended"] == "time limit"
    assert cell(done, "2").execution_count is None


def test_each_cell_is_told(run):
    told = []
    run("1", on_cell=lambda: told.append(1))

    assert len(told) == 2


@pytest.mark.long
def test_the_engine_makes_a_slot_where_none_is_given(run):
    assert cell(run("6 * 7", slot=None, sandbox=False), "6 * 7").outputs[0].data["text/plain"] == "42"


@pytest.mark.long
def test_papermills_own_command_knows_the_engine(tmp_path, house, confined):
    if not entry_points(group="papermill.engine", name="crm_course_warm"):
        pytest.skip("this install of the course does not know the entry point yet: pip install --no-deps -e .")
    (tmp_path / "store").mkdir()
    (tmp_path / "diary.txt").write_text("private", encoding="utf-8")
    first = new_code_cell("x: int = 1  # a number", metadata={"tags": ["parameters"]})
    look = new_code_cell("import os\nprint(x, os.listdir(), os.getuid())")
    nbformat.write(new_notebook(cells=[first, look], metadata=KERNEL), tmp_path / "in.ipynb")

    def papermill(*words):
        command = [sys.executable, "-m", "papermill", "--engine", "crm_course_warm", "in.ipynb", "out.ipynb", *words]
        environment = {"PYTHONPATH": str(house), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    done = papermill("-p", "x", "5")
    assert done.returncode == 0, done.stderr
    shown = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert cell(shown, "import os").outputs[0].text == "5 ['store'] 1000\n"
    assert "the notebook has no parameter 'y'; there are x" in papermill("-p", "y", "5").stderr


def test_the_entry_point_names_the_engine(house):
    import tomllib

    project = tomllib.loads((house / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    place = f"{WarmEngine.__module__}:{WarmEngine.__name__}"

    assert project["entry-points"]["papermill.engine"]["crm_course_warm"] == place
