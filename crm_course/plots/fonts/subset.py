"""How the course's fonts are made from Noto Sans CJK; run it again when new words have come in.

``pip install brotli``, then in a checkout, with texts beside those of the course as further arguments::

    python -m crm_course.plots.fonts.subset /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

The licence reserves the name of the font that it starts from, so that what is made bears a name of ours.
"""

from __future__ import annotations

import base64
import importlib
import inspect
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from crm_course import resources
from crm_course.errors import CourseError
from crm_course.plots.style import FAMILY, FONT

PAGE_RULE = resources.PACKAGE / "running" / "page" / "han.css"
FONT_BYTES, RULE_BYTES = 3_000_000, 100_000
FACE = "HK"  # traditional forms, as Hong Kong writes them
UNITS = 200  # an em on pages: a twelfth of a pixel in a line of text, and a third fewer bytes than 1,000
KEPT = {0, 13, 14}  # of the names: whose it is, and under which licence
UNUSED = ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
OURS = {  # what readers of pages see: folders of the checkout, and the files in them
    "notebooks": ("*.py",),
    "exercises": ("*.py", "*.yml", "*.md"),
    "crm_course/locale": ("*.po", "*.pot"),
    "crm_course/curriculum": ("*.csv", "*.yml"),
    "crm_course/grading": ("*.j2", "demo.py"),
    "crm_course/running": ("*.j2",),
}
LATIN = [  # blocks beside the Chinese ones
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x2010, 0x2027),
    (0x2030, 0x205E),
    (0x20A0, 0x20C0),
    (0x2100, 0x214F),
    (0x2190, 0x22FF),
    (0x25A0, 0x25FF),
    (0x3000, 0x303F),
    (0xFF01, 0xFFEE),
]

HAN = [("\u2e80", "\u9ffe"), ("\uff01", "\uffee"), ("\U00020000", "\U0003ffff")]  # U+9FFF only ends a range


def main(arguments: list[str]) -> None:
    """Write both fonts.

    Raises
    ------
    CourseError
        If a promised character is missing in the source, or a font becomes too large.
    """
    if not arguments:
        raise CourseError("say where NotoSansCJK-Regular.ttc lies")
    further = [Path(name) for name in arguments[1:]]
    write_figures_font(Path(arguments[0]), promised(further))
    rule = page_rule(FONT, words(further))
    PAGE_RULE.write_text(rule, encoding="ascii")
    sys.stdout.write(f"{FONT}: {FONT.stat().st_size:,} bytes\n{PAGE_RULE}: {len(rule):,} bytes\n")


def promised(further: Iterable[Path] = ()) -> set[str]:
    """Give every character that figures can show on any machine."""
    seen = _characters([*_files({"crm_course": ("*.py", "*.txt", "*.toml", "*.yml")}), *_files(OURS), *further])
    pools = {name for locale in ("zh_TW", "zh_CN") for name in _names(locale)}
    return {one for one in {*big5_first_level(), *gb2312(), *seen, *pools} if _is_han(one)} | _ascii()


def words(further: Iterable[Path] = ()) -> list[str]:
    """Give the Chinese characters of our own texts, those that come most often first."""
    counts = _characters([*_files(OURS), *further])
    return sorted(filter(_is_han, counts), key=lambda one: (-counts[one], one))


def big5_first_level() -> set[str]:
    """Give the 5,401 characters that are in common use where Chinese is written in traditional forms."""
    trail = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    pairs = [bytes([lead, low]) for lead in range(0xA4, 0xC7) for low in trail]
    return _decoded("big5", [pair for pair in pairs if pair <= b"\xc6\x7e"])


def gb2312() -> set[str]:
    """Give the 6,763 simplified characters of both levels, and the signs before them."""
    return _decoded("gb2312", [bytes([lead, low]) for lead in range(0xA1, 0xF8) for low in range(0xA1, 0xFF)])


def write_figures_font(source: Path, characters: set[str]) -> None:
    """Write the figures' font: outlines and nothing else, under our name, the same bytes every time."""
    font = _face(source)
    missing = sorted(characters - set(map(chr, font.getBestCmap())))
    if missing:
        raise CourseError(f"{source}: it lacks {' '.join(missing)}")
    blocks = {chr(code) for low, high in LATIN for code in range(low, high + 1)}
    _cut(font, characters | blocks)
    _rename(font)
    font.save(FONT)
    if FONT.stat().st_size > FONT_BYTES:
        raise CourseError(f"{FONT}: {FONT.stat().st_size:,} bytes are more than {FONT_BYTES:,}")


def page_rule(source: Path, characters: list[str]) -> str:
    """Give the style rule that carries the pages' font; where not all fit in, the rarest are left out."""
    rule = _rule(source, characters)
    while len(rule) > RULE_BYTES:
        characters = characters[: int(len(characters) * RULE_BYTES / len(rule)) - 1]
        rule = _rule(source, characters)
    return rule


def _rule(source: Path, characters: list[str]) -> str:
    font = TTFont(source, recalcTimestamp=False)
    _cut(font, set(characters))
    scale_upem(font, UNITS)
    font.flavor = "woff2"
    with BytesIO() as file:
        font.save(file)
        data = base64.b64encode(file.getvalue()).decode("ascii")
    covers = ",".join(_ranges(sorted(map(ord, characters))))
    address = f'url(data:font/woff2;base64,{data})format("woff2")'
    return f'@font-face{{font-family:"{FAMILY}";src:{address};unicode-range:{covers}}}\n'


def _ranges(codes: list[int]) -> Iterator[str]:
    starts = [code for code in codes if code - 1 not in codes]
    for start in starts:
        end = next(code for code in codes if code >= start and code + 1 not in codes)
        yield f"U+{start:X}" + (f"-{end:X}" if end > start else "")


def _face(source: Path) -> TTFont:
    for number in range(TTFont(source, fontNumber=0, lazy=True).reader.numFonts):
        font = TTFont(source, fontNumber=number, lazy=True, recalcTimestamp=False)
        if str(font["name"].getDebugName(4)).endswith(f"Sans CJK {FACE}"):
            return font
    raise CourseError(f"{source}: no face for {FACE} is in it")


def _cut(font: TTFont, characters: set[str]) -> None:
    options = subset.Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True)
    options.drop_tables += UNUSED
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    cutter.subset(font)


def _rename(font: TTFont) -> None:
    full = FONT.stem
    table = font["name"]
    version = table.getDebugName(5).partition(";")[0]
    table.names = [one for one in table.names if one.nameID in KEPT]
    named = {1: FAMILY, 2: "Regular", 3: f"{version};{full}", 4: FAMILY, 5: version, 6: full}
    for number, text in named.items():
        table.setName(text, number, 3, 1, 0x409)
    outlines = font["CFF "].cff
    outlines.fontNames = [full]
    top = outlines.topDictIndex[0]
    top.FullName = top.FamilyName = FAMILY
    top.Notice = str(table.getDebugName(0))
    for number, part in enumerate(top.FDArray):
        part.FontName = f"{full}-{number}"
    font["OS/2"].achVendID = "    "


def _files(folders: dict[str, tuple[str, ...]]) -> list[Path]:
    checkout = resources.PACKAGE.parent
    return sorted(
        path for folder, kinds in folders.items() for kind in kinds for path in (checkout / folder).rglob(kind)
    )


def _characters(files: Iterable[Path]) -> Counter[str]:
    return Counter(one for path in files for one in path.read_text(encoding="utf-8"))


def _names(locale: str) -> str:
    """Give the source text of Faker's pool of names, which holds every character that it can draw."""
    return inspect.getsource(importlib.import_module(f"faker.providers.person.{locale}"))


def _decoded(codec: str, pairs: Iterable[bytes]) -> set[str]:
    return set("".join(pair.decode(codec, errors="ignore") for pair in pairs))


def _is_han(character: str) -> bool:
    return any(low <= character <= high for low, high in HAN)


def _ascii() -> set[str]:
    return {chr(code) for code in range(0x20, 0x7F)}


if __name__ == "__main__":
    main(sys.argv[1:])
