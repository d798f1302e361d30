"""The font that travels with the course."""

import subprocess
import sys
import warnings

import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from crm_course.plots import style
from crm_course.plots.fonts import subset

DRAW = """
import hashlib, sys, warnings
from matplotlib import font_manager
from crm_course.plots import style

if sys.argv[1] == "without":
    own = [font for font in font_manager.fontManager.ttflist if "mpl-data" in font.fname]
    font_manager.fontManager.ttflist = own
    font_manager.findSystemFonts = lambda *_: []
warnings.simplefilter("error")
style.set_style()
ax = style.new_axes(None)
ax.set(title="顧客終身價值 客户终身价值 陳大文", xlabel="嘅咗唔啱，「」", ylabel="Café £ €")
figure = ax.get_figure()
figure.canvas.draw()
print(hashlib.sha256(figure.canvas.buffer_rgba()).hexdigest())
"""


@pytest.fixture(scope="module")
def font():
    return TTFont(style.FONT)


@pytest.fixture
def fonts(monkeypatch):
    """Matplotlib's list of fonts, for a test to change."""
    known = font_manager.fontManager
    monkeypatch.setattr(known, "ttflist", list(known.ttflist))
    yield known
    known._findfont_cached.cache_clear()


def test_it_has_every_character_that_is_promised(font):
    has = set(map(chr, font.getBestCmap()))

    assert len(subset.big5_first_level()) == 5401
    assert len([one for one in subset.gb2312() if one >= "一"]) >= 6763
    assert {*"顧客終身價值客户终身价值佢哋嘅陈陳郭芸"} <= subset.promised()
    assert subset.promised() - has == set()


def test_it_is_small(font):
    assert style.FONT.stat().st_size <= 3_000_000
    assert not {"GPOS", "GSUB"} & set(font.keys())


def test_it_bears_our_name_and_says_whose_it_is(font):
    names = {one.nameID: str(one) for one in font["name"].names}
    outlines = font["CFF "].cff
    within = [*outlines.fontNames, outlines[0].FullName, *(part.FontName for part in outlines[0].FDArray)]

    assert names[1] == names[4] == style.FAMILY
    for name in [names[number] for number in (1, 2, 3, 4, 5, 6)] + within:
        assert "Source" not in name and "Noto" not in name
    assert "Adobe" in names[0] and "SIL Open Font License" in names[13]
    licence = style.FONT.with_name("OFL.txt").read_text(encoding="utf-8")
    assert licence.startswith("Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'")


def test_figures_are_the_same_with_the_fonts_of_the_system_and_without():
    called = [[sys.executable, "-c", DRAW, word] for word in ("with", "without")]
    done = [subprocess.run(command, check=True, capture_output=True, text=True) for command in called]

    assert done[0].stdout == done[1].stdout
    assert [one.stderr for one in done] == ["", ""]


def test_a_font_of_the_system_stands_behind_even_if_matplotlib_has_not_heard_of_it(tmp_path, monkeypatch, fonts):
    late = TTFont(style.FONT)
    late["name"].setName("Noto Sans HK", 1, 3, 1, 0x409)
    late.save(tmp_path / "NotoSansHK-Regular.otf")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [str(tmp_path / "NotoSansHK-Regular.otf")])
    fonts.ttflist = [font for font in fonts.ttflist if font.name != "Noto Sans HK"]

    style.set_style()

    assert plt.rcParams["font.family"] == ["DejaVu Sans", style.FAMILY, "Noto Sans HK"]


def test_a_file_that_is_no_font_is_passed_over(tmp_path, monkeypatch, fonts):
    (tmp_path / "PingFang.ttc").write_bytes(b"no font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [str(tmp_path / "PingFang.ttc")])

    style.set_style()

    assert plt.rcParams["font.family"] == ["DejaVu Sans", style.FAMILY]


def test_without_any_font_of_the_system_ours_is_enough(monkeypatch, fonts, caplog):
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_: [])
    style.set_style()
    ax = style.new_axes(None)
    ax.set_title("顧客關係管理")
    ax.get_figure().canvas.draw()

    assert plt.rcParams["font.family"] == ["DejaVu Sans", style.FAMILY]
    assert caplog.messages == []


def test_a_character_that_no_font_has_is_a_box_and_no_warning():
    style.set_style()
    ax = style.new_axes(None)
    ax.set_title("\ue000")
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert style._png(ax.get_figure())
