"""One look for all figures: colours that colour-blind readers can tell apart, and a font that knows Chinese."""

from __future__ import annotations

import dataclasses
import sys
import warnings
from binascii import b2a_base64
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from IPython import get_ipython
from IPython.core.pylabtools import print_figure
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, PercentFormatter
from matplotlib.transforms import Bbox
from matplotlib_inline.config import InlineBackend
from PIL import Image

# Okabe and Ito's palette; the names say what a colour stands for in every chapter
OBSERVED = "#333333"
ESTIMATE = "#0072B2"
NAIVE = "#D55E00"
TRUTH = "#009E73"
QUIET = "#B8B8B8"
AMBER, SKY, NAVY, PALE = "#E69F00", "#56B4E9", "#003B5C", "#9ECAE9"
PALETTE = [ESTIMATE, NAIVE, TRUTH, "#CC79A7", AMBER, SKY, OBSERVED]

BOLD = 700
COLOURS = 64  # of a picture in a notebook
FAMILY = "CRM Course Han"
FONT = Path(__file__).parent / "fonts" / "CrmCourseHan-Regular.otf"
_BEHIND = {  # fonts of systems, for what ours lacks
    "Noto Sans CJK HK": "NotoSansCJK-Regular.ttc",
    "PingFang HK": "PingFang.ttc",
    "Microsoft JhengHei": "msjh.ttc",
    "Noto Sans CJK TC": "NotoSansCJKtc-Regular.otf",
    "Noto Sans HK": "NotoSansHK-Regular.otf",
}


def set_style() -> None:
    """Set the course's look for every figure that follows."""
    sns.set_theme(context="notebook", style="ticks", palette=PALETTE)
    mpl.rcParams.update(
        {
            "figure.figsize": (8.0, 4.5),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "figure.constrained_layout.w_pad": 0.07,  # inches
            "figure.constrained_layout.h_pad": 0.07,
            "savefig.dpi": 100,
            "font.family": ["DejaVu Sans", *_known(FAMILY, FONT), *_behind()],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "axes.titleweight": "bold",
            "axes.labelsize": 10.5,
            "xtick.labelsize": 9.5,
            "ytick.labelsize": 9.5,
            "legend.fontsize": 9.5,
            "legend.frameon": False,
            "axes.grid": True,
            "grid.color": "#EBEBEB",
        }
    )
    if shell := get_ipython():
        shown = shell.display_formatter
        shown.ipython_display_formatter.for_type(Axes, lambda _axes: None)  # a figure shows, not its name as well
        inline: Any = InlineBackend.instance()
        if "inline" in mpl.get_backend() and inline.figure_formats == {"png"}:
            shown.formatters["image/png"].for_type(Figure, _png)
            with suppress(ValueError):  # another shell's, as after a fork
                plt.uninstall_repl_displayhook()  # it draws once more what is shown and closed at the end of the cell


def _known(family: str, file: Path) -> list[str]:
    """Let matplotlib know a font that its list lacks, under bold as well, and give its name."""
    fonts = font_manager.fontManager
    if not any(font.name == family and font.fname == str(file) for font in fonts.ttflist):
        fonts.addfont(file)
    entries = [font for font in fonts.ttflist if font.name == family]
    if entries and not any(font.weight == BOLD for font in entries):  # else it warns of every bold title
        fonts.ttflist.append(dataclasses.replace(entries[0], weight=BOLD))
    return [family] if entries else []


def _behind() -> list[str]:
    """Name one Chinese font of the system, if it has any: each further one is looked up for every text.

    Matplotlib's own list is as old as its first run, so that the folders are looked through.
    """
    if sys.platform == "win32":
        files = font_manager.findSystemFonts()
    else:  # on macOS, to ask without folders takes seconds
        files = font_manager.findSystemFonts([*font_manager.X11FontDirectories, *font_manager.OSXFontDirectories])
    found = {path.name: path for path in map(Path, files)}
    with suppress(OSError, RuntimeError):  # of a file that is no font
        return next((_known(family, found[file]) for family, file in _BEHIND.items() if file in found), [])
    return []


def _png(figure: Figure) -> str | None:
    """Draw a figure once, and as IPython does only where a text would be cut: that draws it again, to fit around it."""
    if not figure.axes:
        return None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # it is drawn as a box
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        written = [text for ax in figure.axes for text in ax.get_children() if isinstance(text, Text)]
        extents = [text.get_window_extent() for text in written if text.get_text()]
        around = Bbox.union([figure.bbox, *extents])
        cut = np.abs(np.subtract(around.extents, figure.bbox.extents)).max() > 1  # pixels
        drawn = Image.open(BytesIO(print_figure(figure))) if cut else Image.fromarray(np.asarray(canvas.buffer_rgba()))
    return b2a_base64(_small(drawn), newline=False).decode("ascii")


def _small(drawn: Image.Image) -> bytes:
    """Give a picture as a PNG of few colours: a third of the bytes, and flat colours stay what they are."""
    few = drawn.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    with BytesIO() as file:
        few.save(file, "png", optimize=True)
        return file.getvalue()


def new_axes(ax: Axes | None, width: float = 8.0, height: float = 4.5) -> Axes:
    """Give the axes to draw on: those that were passed, or those of a new figure."""
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def as_written(text: str) -> str:
    """Give a text in which a dollar is a dollar, and never begins a formula."""
    return text.replace("$", r"\$")


def set_title(ax: Axes, finding: str) -> None:
    """Say what the figure found, in as many lines as its width asks for."""
    ax.set_title(finding, wrap=True)


def few_dates(ax: Axes) -> None:
    """Label an axis of dates with few of them, each as short as it can be."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=7)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def percent(axis: mpl.axis.Axis) -> None:
    """Show shares as per cent."""
    axis.set_major_formatter(PercentFormatter(1, decimals=0))


def thousands(axis: mpl.axis.Axis) -> None:
    """Show large numbers with separators."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
