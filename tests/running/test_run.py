import json
import sys

import nbformat
import pytest
from click.testing import CliRunner
from papermill.cli import papermill

from crm_course.errors import StoreError
from crm_course.running.files import replaced
from crm_course.running.run import run_all, run_chapter


@pytest.fixture(scope="module")
def chapter(course):
    return str(course / "notebooks" / "01_sample.py")


@pytest.fixture(scope="module")
def demo(course):
    return course / "datasets" / "demo"


def outputs(run, source):
    """The texts that a run shows below the cell that holds `source`."""
    cells = nbformat.read(run.notebook, as_version=4).cells
    cell = next(cell for cell in cells if source in cell.source)
    return [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs]


def test_a_run_gives_notebook_page_figures_and_counts(sample):
    assert sample.whole and sample.notebook.is_file() and sample.page.is_file()
    assert sample.figures == {"draws": 300, "alpha": 4.4}
    assert (sample.cells, sample.left_out, sample.problems) == (11, 2, [])


def test_a_missing_table_is_noted_and_no_problem(sample):
    line = "Test shop has no table `invoices`: credit behaviour is left out."
    assert outputs(sample, 'optional="the forms"')[0] == "Test shop has no table `records`: the forms is left out.\n"
    assert outputs(sample, "for_=") == [line]
    assert outputs(sample, "never:") == ["Left out: Test shop has no table `invoices`."]
    assert sample.without == [line] and sample.whole
    assert line in str(sample)


def test_the_kernel_is_this_interpreter(course, demo, tmp_path):
    script = tmp_path / "which.py"
    script.write_text(
        "# %%\nimport sys\nfrom crm_course import report\nreport(python=sys.executable)\n", encoding="utf-8"
    )
    run = run_chapter(str(script), output=tmp_path / "out.ipynb")
    assert run.figures == {"python": sys.executable}


class TestACourseProblem:
    @pytest.fixture(scope="class")
    def run(self, chapter, demo, course):
        return run_chapter(chapter, demo, {"fit_fails": True}, output=course / "out" / "problem.ipynb", html=True)

    def test_is_told_in_one_line(self, run):
        assert outputs(run, "raise FitFailed") == ["no convergence on <3> customers; take a longer history"]
        assert run.problems == ["cell 6 `if fit_fails:`: no convergence on <3> customers; take a longer history"]

    def test_leaves_out_what_depends_on_it_and_what_depends_on_that(self, run):
        assert outputs(run, 'figures["alpha"] =') == ["Left out: needs `fit`, which was not made above."]
        assert outputs(run, "doubled = fit") == ["Left out: needs `fit`, which was not made above."]
        assert outputs(run, 'print("doubled') == ["Left out: needs `doubled`, which was not made above."]
        assert run.left_out == 5

    def test_lets_the_rest_run(self, run):
        assert run.finished and run.figures == {"draws": 200}

    def test_is_marked_on_the_page(self, run):
        page = run.page.read_text(encoding="utf-8")
        assert '<p class="course-problem">no convergence on &lt;3&gt; customers' in page


def test_the_command_ends_with_1_after_a_problem(command, chapter, demo, tmp_path):
    code, out, _ = command("run", chapter, "--data", demo, "-p", "fit_fails=true", "-o", tmp_path / "p.ipynb", "--json")
    answer = json.loads(out)["runs"][0]
    assert (code, answer["left_out"], len(answer["problems"])) == (1, 5, 1)


def test_another_error_stops_the_run_in_one_line_and_keeps_what_was_done(command, chapter, demo, tmp_path):
    target = tmp_path / "stopped.ipynb"
    code, out, _ = command("run", chapter, "--data", demo, "-p", "stops=true", "-o", target, "--html")
    assert code == 1
    assert out.splitlines()[-1] == "  cell 12 `if stops:`: ZeroDivisionError: division by zero"
    done = nbformat.read(target, as_version=4)
    assert any("doubled: 8.8" in str(cell.get("outputs")) for cell in done.cells)
    assert "ZeroDivisionError: division by zero" in target.with_suffix(".html").read_text(encoding="utf-8")


def test_a_kernel_that_dies_is_told_in_one_line(tmp_path):
    script = tmp_path / "dies.py"
    script.write_text("# %%\nprint('so far')\n\n# %%\nimport os\nos._exit(1)\n", encoding="utf-8")
    run = run_chapter(str(script), output=tmp_path / "out.ipynb")
    assert not run.finished and "the kernel stopped" in run.problems[0]
    assert outputs(run, "so far") == ["so far\n"]


def test_an_error_on_purpose_is_shown_and_stops_nothing(tmp_path):
    script = tmp_path / "purpose.py"
    script.write_text('# %% tags=["raises-exception"]\n1 / 0\n\n# %%\nprint("on")\n', encoding="utf-8")
    run = run_chapter(str(script), output=tmp_path / "out.ipynb")
    assert run.whole
    assert outputs(run, "1 / 0") == ["ZeroDivisionError: division by zero"]
    assert outputs(run, "on") == ["on\n"]


def test_a_bad_store_is_told_before_anything_starts(chapter, tmp_path):
    with pytest.raises(StoreError, match="no such folder"):
        run_chapter(chapter, tmp_path / "nothing", output=tmp_path / "out.ipynb")
    assert not list(tmp_path.iterdir())


def test_a_wrong_parameter_is_a_wrong_call(command, chapter, demo):
    code, _, complaint = command("run", chapter, "--data", demo, "-p", "draw=1")
    assert code == 2 and "did you mean draws?" in complaint and "Traceback" not in complaint


def test_all_goes_on_after_a_chapter_that_fails(tmp_path, monkeypatch):
    (tmp_path / "01_broken.ipynb").write_text("no json", encoding="utf-8")
    (tmp_path / "02_stops.py").write_text("# %%\n1 / 0\n", encoding="utf-8")
    (tmp_path / "03_good.py").write_text("# %%\nprint('good')\n", encoding="utf-8")
    monkeypatch.setattr("crm_course.resources.notebooks", lambda: tmp_path)
    runs = run_all(output=tmp_path / "out")
    assert [(run.chapter, run.whole) for run in runs] == [("01_broken", False), ("02_stops", False), ("03_good", True)]
    assert "not a notebook" in runs[0].problems[0]


def test_papermill_with_our_engine_does_the_same(chapter, demo, sample, tmp_path):
    source = tmp_path / "in.ipynb"
    nbformat.write(nbformat.read(sample.notebook, as_version=4), source)

    def call(*words):
        words = ["--engine", "crm_course", "--no-progress-bar", str(source), *map(str, words)]
        return CliRunner().invoke(papermill, words)

    ran = call(tmp_path / "out.ipynb", "-p", "fit_fails", "yes", "-p", "data", demo)
    assert ran.exit_code == 0, ran.output
    assert "Left out: needs `fit`" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")

    refused = call(tmp_path / "no.ipynb", "-p", "drawz", "1")
    assert refused.exit_code != 0 and "did you mean draws?" in str(refused.exception)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_an_interrupted_write_leaves_the_old_file(tmp_path, failure):
    target = tmp_path / "page.html"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(failure), replaced(target) as partial:
        partial.write_text("half", encoding="utf-8")
        raise failure
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert target.read_text(encoding="utf-8") == "old"
