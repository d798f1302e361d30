"""What holds of every figure: a module names its figures in FIGURES, by name a function of the axes, and says
``class TestEveryFigure(FigureChecks)``."""

from __future__ import annotations

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.text import Text

TOUCH = 1  # pixels that a text may reach over an edge


class FigureChecks:
    """Every figure says its finding, has units, fits its picture, and is drawn where it is told to."""

    numbers = True  # in every title

    def test_it_says_its_finding_and_what_its_axes_are(self, figure):
        ax = figure(None)
        title = ax.get_title(loc="left")

        assert any(letter.isdigit() for letter in title) if self.numbers else title
        assert ax.get_xlabel()
        assert ax.get_ylabel() or all(label.get_text() for label in ax.get_yticklabels())

    def test_it_is_drawn_where_it_is_told_to(self, figure):
        drawn, ax = plt.subplots()

        assert figure(ax) is ax
        assert ax in drawn.axes

    def test_nothing_that_is_written_leaves_the_picture_or_lies_on_another_text(self, figure):
        ax = figure(None)
        drawn = ax.get_figure()
        drawn.canvas.draw()
        ticks = [shown(axis) for axis in (ax.xaxis, ax.yaxis)]

        for box in boxes([ax._left_title, ax.xaxis.label, ax.yaxis.label, *ticks[0], *ticks[1], *ax.texts]):
            assert box.x0 >= -TOUCH and box.y0 >= -TOUCH
            assert box.x1 <= drawn.bbox.x1 + TOUCH and box.y1 <= drawn.bbox.y1 + TOUCH
        for labels in ticks:
            extents = boxes([label for label in labels if not label.get_rotation()])
            assert not any(a.overlaps(b) for i, a in enumerate(extents) for b in extents[i + 1 :])
        for legend in drawn.legends:
            assert not legend.get_window_extent().overlaps(ax.xaxis.label.get_window_extent())


def boxes(texts: list[Text]) -> list:
    """Give the places of those texts that say something."""
    return [text.get_window_extent() for text in texts if text.get_text()]


def shown(axis: Axis) -> list[Text]:
    """Give the labels of the ticks that lie within the axis."""
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if low - 1e-9 <= tick.get_loc() <= high + 1e-9]


def titled(ax: Axes) -> str:
    """Give a figure's title on one line."""
    return " ".join(ax.get_title(loc="left").split())
