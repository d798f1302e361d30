import json
import shutil

import nbformat
import pytest

from crm_course.plots import style
from crm_course.running import freshness
from crm_course.running.build import build

CHAPTER = """
# %% [markdown]
# # A chapter

# %% tags=["parameters"]
data: str = "../datasets/demo"  # store folder

# %%
import matplotlib.pyplot as plt

from crm_course import open_store
from crm_course.plots.reports import mark_plots
from crm_course.plots.style import set_style

print(open_store(data).name, object(), flush=True)
print("and more")

# %% tags=["hide-input"]
plt.plot([1, 2])

# %%
{"b", "a", "c", "d"}
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A chapter, its store, and one build of it."""
    folder = tmp_path_factory.mktemp("course")
    demo, path = folder / "datasets" / "demo", folder / "notebooks" / "01_sample.py"
    (demo / "truth").mkdir(parents=True)
    path.parent.mkdir()
    store = {
        "name": "Test",
        "currency": "HKD",
        "time_zone": "Asia/Hong_Kong",
        "as_of": "2025-12-31",
        "source": "a test",
    }
    (demo / "store.json").write_text(json.dumps({"schema_version": 1, **store}), encoding="utf-8")
    (demo / "orders.parquet").write_bytes(b"a table")
    (demo / "truth" / "customers.parquet").write_bytes(b"truth")
    path.write_text(CHAPTER.lstrip(), encoding="utf-8")
    assert [str(one) for one in build([path])] == ["01_sample: built (never built)"]
    return path


@pytest.fixture(scope="module")
def built(source):
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


@pytest.fixture
def changed():
    """Change a file for the length of a test."""
    before = {}

    def change(path, old, new):
        before[path] = path.read_bytes()
        path.write_bytes(before[path].replace(old, new))
        assert path.read_bytes() != before[path]

    yield change
    for path, content in before.items():
        path.write_bytes(content)


def reason(source):
    (one,) = build([source], check=True)
    assert one.good == (one.state == "fresh")
    return one.reason


def test_a_chapter_is_executed_where_it_lies_and_keeps_its_tags(built):
    assert built.cells[2].outputs[0].text.startswith("Test <object object at ")
    assert [cell.metadata.get("tags", []) for cell in built.cells] == [[], ["parameters"], [], ["hide-input"], []]


def test_nothing_in_the_notebook_passes(built):
    assert set(built.metadata) == {"kernelspec", "language_info", "crm_course"}
    assert built.metadata.language_info == {"name": "python"}
    assert built.metadata.kernelspec == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert all(set(cell.metadata) <= {"tags"} for cell in built.cells)
    assert [cell.execution_count for cell in built.cells if cell.cell_type == "code"] == [1, 2, 3, 4]


def test_lines_printed_one_by_one_are_one_output(built):
    (output,) = built.cells[2].outputs
    assert output.text.endswith("\nand more\n")


def test_two_builds_give_the_same_bytes(source):
    first = source.with_suffix(".ipynb").read_bytes()
    build([source], force=True)
    assert source.with_suffix(".ipynb").read_bytes() == first
    assert first.endswith(b"}\n") and not first.endswith(b"\n\n")


def test_a_fresh_chapter_is_left_alone(source):
    written = source.with_suffix(".ipynb").stat().st_mtime_ns
    assert build([source])[0].state == "fresh"
    assert source.with_suffix(".ipynb").stat().st_mtime_ns == written


def test_a_changed_source_is_stale(source, changed):
    changed(source, b"[1, 2]", b"[1, 3]")
    assert reason(source) == "the source changed"


@pytest.mark.parametrize("name", ["store.json", "orders.parquet", "truth/customers.parquet"])
def test_changed_data_are_stale(source, changed, name):
    changed(source.parents[1] / "datasets" / "demo" / name, b"t", b"T")
    assert reason(source) == "the data changed"


@pytest.mark.parametrize(
    ("module", "told"), [("reports/mark_plots", True), ("style", True), ("wallet/wallet_plots", False)]
)
def test_a_chapter_whose_figures_are_drawn_otherwise_is_stale(source, tmp_path, monkeypatch, module, told):
    drawers = shutil.copytree(freshness.DRAWERS, tmp_path / "plots")
    monkeypatch.setattr(freshness, "DRAWERS", drawers)
    with (drawers / f"{module}.py").open("a", encoding="utf-8") as text:
        text.write("COLOUR = 1\n")

    assert reason(source) == ("what draws its figures changed" if told else "")


def test_a_chapter_is_stale_where_another_font_would_draw(source, tmp_path, monkeypatch):
    drawers = shutil.copytree(freshness.DRAWERS, tmp_path / "plots")
    monkeypatch.setattr(freshness, "DRAWERS", drawers)
    (drawers / "fonts" / style.FONT.name).write_bytes(b"another font")

    assert reason(source) == "what draws its figures changed"


@pytest.mark.parametrize(
    ("library", "told"), [("matplotlib", True), ("seaborn", True), ("pillow", True), ("rich", False)]
)
def test_a_chapter_is_stale_where_another_version_would_draw(source, monkeypatch, library, told):
    installed = freshness.version
    monkeypatch.setattr(freshness, "version", lambda name: "0.0" if name == library else installed(name))

    assert reason(source) == ("what draws its figures changed" if told else "")


def test_a_notebook_edited_by_hand_is_stale(source, changed):
    changed(source.with_suffix(".ipynb"), b"plt.plot([1, 2])", b"plt.plot([2, 1])")
    assert reason(source) == "the notebook was edited by hand"


def test_a_broken_notebook_is_stale(source, changed):
    changed(source.with_suffix(".ipynb"), b"{", b"")
    assert reason(source) == "the notebook cannot be read"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"1 / 0", "cell 3 `1 / 0`: ZeroDivisionError: division by zero"),
        (b"open_store('nowhere')", "cell 3 `open_store('nowhere')`: nowhere: there is no such folder"),
    ],
)
def test_an_error_is_told_in_one_line_and_the_old_notebook_is_kept(source, changed, line, complaint):
    before = source.with_suffix(".ipynb").read_bytes()
    changed(source, b"plt.plot([1, 2])", line)
    (one,) = build([source])
    assert one.state == "failed" and one.reason.startswith(complaint) and "\n" not in one.reason
    assert source.with_suffix(".ipynb").read_bytes() == before
    assert sorted(path.name for path in source.parent.iterdir()) == ["01_sample.ipynb", "01_sample.py"]


def test_without_its_store_a_chapter_says_how_to_make_it(tmp_path):
    path = tmp_path / "notebooks" / "01_sample.py"
    path.parent.mkdir()
    path.write_text(CHAPTER.lstrip(), encoding="utf-8")
    (one,) = build([path], check=True)
    assert one.state == "failed" and "crm-course simulate -o" in one.reason


def test_the_command_lists_every_stale_chapter_and_ends_with_1(source, changed, capsys, monkeypatch):
    from crm_course import cli

    other = source.with_name("02_other.py")
    other.write_text("# %%\n1\n", encoding="utf-8")
    monkeypatch.setattr("crm_course.resources.notebooks", lambda: source.parent)
    monkeypatch.setattr("sys.argv", ["crm-course", "build", "--check"])
    changed(source, b"[1, 2]", b"[1, 3]")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    other.unlink()
    assert ended.value.code == 1
    lines = ["01_sample: stale (the source changed)", "02_other: stale (never built)"]
    assert capsys.readouterr().out.splitlines() == lines
