"""What `set_style` makes of a notebook's figures."""

import base64
import io

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from PIL import Image, ImageColor

from crm_course.plots import style
from crm_course.plots.style import new_axes, set_style, set_title
from crm_course.running.run import run_chapter

NOTEBOOK = """
# %%
from matplotlib.text import Text

from crm_course.plots.style import new_axes, set_style

drawn = []


class Counted(Text):
    def draw(self, renderer):
        drawn.append(type(renderer).__name__)
        super().draw(renderer)


set_style()

# %%
ax = new_axes(None, 6.0, 3.0)
ax.add_artist(Counted(0.5, 0.5, "seen"))
ax

# %%
print(len(drawn))

# %%
new_axes(None, 6.0, 3.0).set_title("a title that somebody made far too long for a figure of six inches, " * 2)
"""


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    folder = tmp_path_factory.mktemp("style")
    (folder / "figure.py").write_text(NOTEBOOK, encoding="utf-8")
    run = run_chapter(str(folder / "figure.py"), output=folder / "out.ipynb")
    assert run.whole, run.problems
    return [cell for cell in nbformat.read(run.notebook, as_version=4).cells if cell.source.strip()]


def test_a_figure_is_drawn_once_at_its_size_and_shown_without_its_name(cells):
    (shown,) = (output.data for output in cells[1].outputs if output.data)

    assert cells[2].outputs[0].text == "1\n"
    assert size(shown) == (600, 300)


def test_a_figure_has_few_colours_and_those_of_the_course_stay_what_they_are():
    set_style()
    ax = new_axes(None)
    ax.imshow(np.linspace(0, 1, 4096).reshape(64, 64), cmap="viridis")
    ax.axvspan(80, 120, color=style.NAIVE, lw=0)
    picture = Image.open(io.BytesIO(base64.b64decode(style._png(ax.get_figure()))))
    plt.close("all")

    assert picture.mode == "P" and len(picture.getcolors()) <= 64
    assert {(255, 255, 255), ImageColor.getrgb(style.NAIVE)} <= set(picture.palette.colors)


def test_a_figure_grows_where_a_text_would_be_cut(cells):
    (shown,) = (output.data for output in cells[3].outputs if "image/png" in output.data)

    assert size(shown)[0] > 900


def size(shown):
    """Width and height of a picture, in pixels, as PNG's header has them."""
    header = base64.b64decode(shown["image/png"])[16:24]
    return int.from_bytes(header[:4]), int.from_bytes(header[4:])


def test_a_long_title_stays_within_the_figure_whatever_the_labels_leave():
    set_style()
    ax = new_axes(None, 6.5, 4.0)
    ax.barh(["a category with a name that needs much of the width of the figure"], [1])
    set_title(ax, "A finding that is so long that it needs three or more lines above so narrow a pair of axes")
    figure = ax.get_figure()
    figure.canvas.draw()
    title = ax.get_title(loc="left")
    box = next(text for text in ax.get_children() if getattr(text, "get_text", str)() == title).get_window_extent()
    plt.close(figure)

    assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
