"""Markdown as a page needs it: headings that can be linked to, formulas as MathML, dollars as money."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathInlineParser

from crm_course.running.page.formulas import formula

TAG = re.compile(r"<[^>]+>")


class Contents:
    """The headings of one page, in order, each with an id of its own."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, str, str]] = []

    def add(self, level: int, inner_html: str) -> str:
        """Take a heading in and give its id."""
        text = html.unescape(TAG.sub("", inner_html)).strip()
        slug = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
        taken = {entry[2] for entry in self.entries}
        anchor = next(name for name in _numbered(slug) if name not in taken)
        self.entries.append((level, text, anchor))
        return anchor

    def at_level(self, level: int) -> list[tuple[str, str]]:
        """Give text and id of the headings of a level."""
        return [(text, anchor) for found, text, anchor in self.entries if found == level]


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


class _Inline(MathInlineParser):
    """A dollar opens a formula only as in pandoc: `HK$300 to HK$500` and `$3 or $4` are money."""

    SPECIFICATION: ClassVar[dict[str, str]] = {
        **MathInlineParser.SPECIFICATION,
        "inline_math_tex": r"(?<![\w$\\])\$(?![\s$])(?P<math_inline_tex>[^$]+?)(?<![\s\\])\$(?![\w$])",
    }


class _Renderer(IPythonRenderer):
    def __init__(self, contents: Contents, attachments: dict[str, dict[str, str]] | None) -> None:
        super().__init__(escape=False, attachments=attachments)
        self.contents = contents

    def heading(self, text: str, level: int, **_attrs: Any) -> str:
        return f'<h{level} id="{self.contents.add(level, text)}">{text}</h{level}>\n'

    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        return formula(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def markdown_html(source: str, contents: Contents, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """Render a Markdown cell; its headings are taken into `contents`."""
    return MarkdownWithMath(_Renderer(contents, attachments), inline=_Inline(hard_wrap=False)).render(source)
