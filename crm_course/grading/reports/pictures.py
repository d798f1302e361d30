"""Figures as pictures inside a page."""

from __future__ import annotations

import base64
import io
import warnings

import matplotlib.pyplot as plt
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imsave

DOTS = 160  # an inch: sharp in print
CSS_INCH = 96


def close(ax: Axes) -> None:
    """Close a figure, so that a notebook does not show it again by itself."""
    plt.close(ax.get_figure(root=True))


def picture(ax: Axes, alternative: str) -> Markup:
    """Give a figure as an ``<img>`` that carries its own data, and close it.

    Parameters
    ----------
    ax : Axes
        Of the figure.
    alternative : str
        What it shows, for those who do not see it.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    with warnings.catch_warnings(), io.BytesIO() as file:
        warnings.simplefilter("ignore")  # of letters that no font has: they are drawn as boxes
        figure.set_dpi(DOTS)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # once; savefig draws twice, for a layout that is laid out already
        imsave(file, np.asarray(canvas.buffer_rgba())[..., :3], format="png", metadata={"Software": None})  # type: ignore[dict-item]
        data = base64.b64encode(file.getvalue()).decode()
    width, height = (round(CSS_INCH * inches) for inches in figure.get_size_inches())
    close(ax)
    return Markup('<img src="data:image/png;base64,{}" alt="{}" width="{}" height="{}">').format(
        data, alternative, width, height
    )
