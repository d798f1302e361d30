from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns

from crm_course.answers.comparing import compare
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.values import WrongForm

SALES = pd.DataFrame(
    {"month": ["Jan", "Feb", "Jan", "Feb"], "shop": ["A", "A", "B", "B"], "sales": [10.0, 20.0, 30.0, 40.0]}
)


@pytest.fixture(autouse=True)
def closed():
    with mpl.rc_context():
        mpl.rcdefaults()
        yield
        plt.close("all")


def axes(draw, title="Sales rise", x="month", y="sales (HK$)"):
    ax = plt.figure().subplots()
    draw(ax)
    ax.set(title=title, xlabel=x, ylabel=y)
    return ax


def bars(ax, heights=(10.0, 20.0)):
    ax.bar(["Jan", "Feb"], heights)


def marks(arrived, value):
    return [mark for panel in arrived(value).value.panels for mark in panel.marks]


def test_matplotlib_is_not_imported_without_a_figure():
    code = (
        "import sys, pandas; from crm_course import answer; from crm_course.answers.encoding.encoding import encode; "
        "encode('q1', pandas.DataFrame({'a': [1]})); sys.exit('matplotlib' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("draw", "mark", "x", "y"),
    [
        (lambda ax: ax.plot([1, 2], [3, 4]), "line", (1, 2), (3, 4)),
        (lambda ax: ax.plot([1, 2, 3], [3, np.nan, 4]), "line", (1, 3), (3, 4)),
        (lambda ax: ax.bar(["Jan", "Feb"], [3, 4]), "bars", ("Jan", "Feb"), (3, 4)),
        (lambda ax: ax.barh(["Jan", "Feb"], [3, 4]), "bars", ("Jan", "Feb"), (3, 4)),
        (lambda ax: sns.barplot(SALES[:2], x="month", y="sales", ax=ax), "bars", ("Jan", "Feb"), (10, 20)),
        (lambda ax: SALES[:2].plot.bar(x="month", y="sales", ax=ax), "bars", ("Jan", "Feb"), (10, 20)),
        (lambda ax: ax.scatter([1, 2], [3, 4]), "points", (1, 2), (3, 4)),
        (lambda ax: ax.plot(pd.to_datetime(["1970-01-02", "1970-01-03"]), [3, 4]), "line", (1, 2), (3, 4)),
        (lambda ax: sns.ecdfplot(x=[1, 2], ax=ax), "line", (1, 2), (0.5, 1.0)),
        (lambda ax: ax.hist([1, 1, 3], bins=[0, 2, 4]), "bars", (1, 3), (2, 1)),
    ],
)
def test_marks_are_what_is_drawn(arrived, draw, mark, x, y):
    (found,) = marks(arrived, axes(draw))

    assert (found.mark, found.x, found.y) == (mark, x, y)


def test_a_heatmap_gives_its_cells_and_notes(arrived):
    grid = SALES.pivot_table(index="shop", columns="month", values="sales")
    ax = axes(lambda ax: sns.heatmap(grid, annot=True, ax=ax))

    (panel,) = arrived(ax.figure).value.panels  # the colour bar is left out

    (cells,) = panel.marks
    assert list(zip(cells.x, cells.y, cells.z, strict=True))[:2] == [("Feb", "A", 20.0), ("Jan", "A", 10.0)]
    assert panel.notes == ("20", "10", "40", "30")


def test_guides_and_what_is_invisible_are_no_data(arrived):
    def draw(ax):
        ax.plot([1, 2], [3, 4])
        ax.axhline(3.5)
        ax.plot([5, 6], [7, 8], visible=False)

    assert len(marks(arrived, axes(draw))) == 1


def test_axes_figures_grids_and_arrays_of_axes_are_figures(arrived):
    grid = sns.relplot(SALES, x="sales", y="sales", col="shop")
    several = plt.figure().subplots(1, 2)
    several[0].plot([1, 2])

    assert len(arrived(grid).value.panels) == 2
    assert len(arrived(grid.figure).value.panels) == 2
    assert len(arrived(several).value.panels) == 1


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda ax: None, "the figure is empty"),
        (lambda ax: ax.scatter(np.zeros(20_001), np.zeros(20_001)), "draws 20,001 points in 1 marks"),
        (lambda ax: [ax.plot([0, 1]) for _ in range(201)], "in 201 marks, at most 20,000 in 200"),
    ],
)
def test_too_little_or_too_much_is_one_clear_line(draw, told):
    with pytest.raises(WrongForm, match=told):
        encode("q1", axes(draw))


# comparing ----------------------------------------------------------------------------------------


def score(question, arrived, key, given, **settings):
    return compare(arrived(key), arrived(given), question("figure", **settings))


def test_the_same_figure_is_right(question, arrived):
    assert score(question, arrived, axes(bars), axes(bars)).share == 1


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.bar(["Feb", "Jan"], [20, 10]),
        lambda ax: (ax.bar(["Jan"], [10]), ax.bar(["Feb"], [20])),
        lambda ax: ax.barh(["Jan", "Feb"], [10, 20]),
        lambda ax: ax.plot(["Jan", "Feb"], [10, 20], "o-"),
        lambda ax: ax.bar([" jan", "FEB"], [10.05, 19.95]),
        lambda ax: (ax.bar(["Jan", "Feb"], [10, 20]), ax.axhline(15)),
    ],
    ids=["order", "two marks", "lying", "a line", "spelling", "a guide"],
)
def test_the_manner_of_drawing_does_not_count(question, arrived, draw):
    assert score(question, arrived, axes(bars), axes(draw), compare={"rel": 0.005}).right


@pytest.mark.parametrize(
    ("heights", "share"), [((10.0, 21.0), 0.7), ((11.0, 21.0), 0.4), ((20.0, 10.0), 0.4), ((10.09, 19.91), 1.0)]
)
def test_data_outside_the_tolerance_lose_their_part(question, arrived, heights, share):
    drawn = axes(lambda ax: bars(ax, heights))

    assert score(question, arrived, axes(bars), drawn, compare={"abs": 0.1}).share == pytest.approx(share)


@pytest.mark.parametrize(
    ("labels", "share", "remark"),
    [
        ({"title": ""}, 0.9, "The figure has no title."),
        ({"x": ""}, 0.9, "An axis or the legend is not labelled."),
        ({"y": "sales"}, 0.9, "An axis does not name its unit."),
    ],
)
def test_labels_units_and_title_have_their_part(question, arrived, labels, share, remark):
    found = score(question, arrived, axes(bars), axes(bars, **labels))

    assert found.share == pytest.approx(share)
    assert found.remarks == (remark,)


def test_drawing_everything_is_no_answer(question, arrived):
    everything = axes(lambda ax: ax.scatter(["Jan"] * 5000 + ["Feb"] * 5000, list(range(5000)) * 2))

    assert score(question, arrived, axes(bars), everything).parts[0].share < 0.01


def test_only_the_marks_that_count_are_asked_for(question, arrived):
    key = axes(lambda ax: (bars(ax), ax.plot(["Jan", "Jan"], [9, 11])))

    assert score(question, arrived, key, axes(bars), compare={"marks": ["bars"]}).right
    assert not score(question, arrived, key, axes(bars)).right


def test_a_heatmap_is_compared_cell_by_cell(question, arrived):
    grid = SALES.pivot_table(index="shop", columns="month", values="sales")
    key, other = (axes(lambda ax, one=one: sns.heatmap(one, ax=ax)) for one in (grid, grid.assign(Jan=[10.0, 99.0])))

    assert score(question, arrived, key, key).right
    assert score(question, arrived, key, other).parts[0].share == 0.75


def test_huge_values_do_not_break_the_comparison(question, arrived):
    huge = axes(lambda ax: ax.scatter([1e300, -1e300], [1e300, 2]))

    assert score(question, arrived, axes(bars), huge).parts[0].share == 0


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.bar(["1", "2", "6"], [3.0, 2.0, 1.0]),
        lambda ax: ax.barh(["1", "2", "6"], [3.0, 2.0, 1.0]),
        lambda ax: pd.Series([3.0, 2.0, 1.0], [1, 2, 6]).plot.bar(ax=ax),
    ],
    ids=["texts", "texts, lying", "pandas"],
)
def test_bars_over_numbers_written_as_texts_lie_at_the_numbers(arrived, draw):
    ax = plt.figure().subplots()
    draw(ax)

    (mark,) = marks(arrived, ax)

    assert mark.x == (1.0, 2.0, 6.0)
    assert mark.y == (3.0, 2.0, 1.0)
