"""What every chapter keeps to."""

import ast
import base64
import io
import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from crm_course import open_store, resources
from crm_course.running.chapters import read_source
from crm_course.running.kernel import ThisPython
from crm_course.running.missing.calm import going_on
from crm_course.running.parameters import parameters_of

SOURCES = sorted(resources.notebooks().glob("[0-9][0-9]_*.py"))


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def source(request):
    return request.param


def code_of(source):
    return [cell for cell in read_source(source).cells if cell.cell_type == "code"]


def test_a_beat_is_at_most_ten_lines_of_code(source):
    cells = [cell for cell in code_of(source) if "parameters" not in cell.metadata.get("tags", [])]

    assert [cell.source for cell in cells if len(cell.source.splitlines()) > 10] == []


def test_no_function_over_five_lines_is_defined_in_a_chapter(source):
    for cell in code_of(source):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                assert node.end_lineno - node.lineno < 5


def test_every_parameter_has_a_type_and_a_help(source):
    (cell,) = [cell for cell in code_of(source) if "parameters" in cell.metadata.get("tags", [])]

    known = parameters_of(read_source(source))
    for line in cell.source.splitlines():
        name, _, rest = line.partition(": ")
        assert rest.startswith(f"{known[name].type} = ") and known[name].help, line
        assert known[name].limits or known[name].type == "str", line
    assert {"data", "as_of", "lang"} <= set(known)


def test_a_chapter_opens_and_ends_as_the_course_has_it(source):
    text = "\n".join(cell.source for cell in read_source(source).cells if cell.cell_type == "markdown")

    for words in ("**Criterion", "**Time**", "After this chapter you can", "## The manager's question", "**Predict"):
        assert words in text
    for words in (
        "mistake",
        "**Change one thing",
        "## Check yourself",
        "## In this chapter you",
        "## On Monday",
        "## Limits",
    ):
        assert words in text


def test_a_code_cell_holds_the_method_and_no_plumbing(source):
    cells = [cell.source for cell in code_of(source)]

    assert [cell for cell in cells if isinstance(ast.parse(cell).body[0], ast.If)] == []
    for word in (r"without_small_", r"\bfigures\b *(=|\||\[)", r"\.has\(", r"time_zone", r"local_day", r"\breport\("):
        assert [cell for cell in cells if re.search(word, cell)] == []
    assert any("note(" in cell for cell in cells)


@pytest.mark.long
def test_in_jupyter_all_runs_to_the_end_on_the_barest_store(source, demo, tmp_path):
    for name in ("store.json", "customers.parquet", "orders.parquet", "order_lines.parquet"):
        shutil.copy(demo / name, tmp_path)
    chapter = read_source(source)
    (parameters,) = [cell for cell in chapter.cells if "parameters" in cell.metadata.get("tags", [])]
    parameters.source += f"\ndata = {str(tmp_path)!r}"

    done = NotebookClient(going_on(chapter), kernel_manager_class=ThisPython).execute()

    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert sum(
        f"Left out: {open_store(tmp_path).name} has" in output.get("data", {}).get("text/plain", "")
        for output in outputs
    )


def test_a_built_chapter_is_small_and_so_is_every_figure(source):
    path = source.with_suffix(".ipynb")
    built = nbformat.read(path, as_version=4)
    outputs = [output.get("data", {}) for cell in built.cells for output in cell.get("outputs", [])]
    files = [base64.b64decode(data["image/png"]) for data in outputs if "image/png" in data]
    pictures = [Image.open(io.BytesIO(file)) for file in files]

    assert path.stat().st_size <= 600_000
    assert max(map(len, files)) <= 25_000
    assert {picture.mode for picture in pictures} == {"P"}
    assert max(len(picture.getcolors()) for picture in pictures) <= 64


def test_the_built_notebook_shows_no_error_and_no_empty_cell(source):
    built = nbformat.read(source.with_suffix(".ipynb"), as_version=4)

    outputs = [output for cell in built.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert not [output for output in outputs if output.get("data", {}).get("text/plain", "").startswith("<Axes")]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 6
