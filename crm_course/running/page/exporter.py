"""nbconvert with the course's own template."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters.html import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from crm_course.locale import _
from crm_course.running.page.markdown import Contents, markdown_html
from crm_course.running.parameters import parameters_of

FOLDER = Path(__file__).parent
SHOWN = ["text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"]
LEFT_OUT = {"papermill-error-cell-tag", "remove-cell"}  # papermill's own cells; those that are for editors alone
HAN = re.compile("[\u2e80-\u9fff\uff01-\uffee\U00020000-\U0003ffff]")
PICTURES = {"image/svg+xml", "image/png", "image/jpeg"}


class PageExporter(HTMLExporter):
    """One page a notebook: what the template shows is worked out here, so that it stays plain."""

    def __init__(self, **options: Any) -> None:
        folders = {"template_name": FOLDER.name, "extra_template_basedirs": [str(FOLDER.parent)]}
        super().__init__(**folders, **options)  # type: ignore[no-untyped-call] # nbconvert's has no types
        self.styles = {name: (FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in ("page", "report", "han")}
        self.covered = _covered(self.styles["han"])

    def _style_names(self, notebook: NotebookNode, report: bool) -> list[str]:
        """Name a page's styles; the font for Chinese, a hundred kilobytes, only where its characters are shown.

        A report in English has no Chinese but names: it carries the font where that has all of them, since else they
        fall to the reader's system in any case.
        """
        shown = _chinese(notebook)
        enough = shown <= self.covered or not report
        chinese = _language(notebook).startswith("zh") or (bool(shown) and enough)
        return ["page", *["report"] * report, *["han"] * chinese]

    @property
    def default_config(self) -> Config:
        """HTMLExporter's, but scripts and widgets are no way to show an output."""
        config: Config = super().default_config
        config.merge({"NbConvertBase": {"display_data_priority": SHOWN}})
        return config

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Give the page and nbconvert's resources."""
        notebook = copy.deepcopy(nb)
        contents = _prepare(notebook)
        report = notebook.metadata.get("crm_course", {}).get("page") == "report"
        page = {
            "lang": _language(notebook),
            "report": report,
            "title": _title(notebook, contents),
            "sections": contents.at_level(2),
            "parameters": _parameters(notebook),
            "style": "".join(self.styles[name] for name in self._style_names(notebook, report)),
            "words": {
                "contents": _("Contents"),
                "code": _("Code"),
                "details": _("Details"),
                "parameters": _("Parameters"),
            },
        }
        text, done = super().from_notebook_node(notebook, {**(resources or {}), "page": page}, **options)
        return text, done


def _prepare(notebook: NotebookNode) -> Contents:
    """Render Markdown, describe pictures, drop what says nothing on a page."""
    contents = Contents()
    notebook.cells = [cell for cell in notebook.cells if not LEFT_OUT & set(cell.metadata.get("tags", []))]
    pictures = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.metadata["html"] = markdown_html(cell.source, contents, cell.get("attachments"))
        elif cell.cell_type == "code":
            cell.outputs = _worth_showing(cell.outputs)
            for output in _with_pictures(cell.outputs):
                pictures += 1
                output.metadata["alt"] = _alternative(output, pictures, contents)
    return contents


def _covered(rule: str) -> set[str]:
    """Give the characters that a font of a style has, as its range says."""
    ranges = [one.removeprefix("U+").partition("-") for one in re.findall(r"U\+[0-9A-Fa-f-]+", rule)]
    return {chr(code) for low, _, high in ranges for code in range(int(low, 16), int(high or low, 16) + 1)}


def _chinese(notebook: NotebookNode) -> set[str]:
    """Give the Chinese characters of a page."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [str(text) for output in outputs for kind, text in output.get("data", {}).items() if kind not in PICTURES]
    texts = [*(cell.source for cell in notebook.cells), *(str(output.get("text", "")) for output in outputs), *shown]
    return {character for text in texts for character in HAN.findall(text)}


def _title(notebook: NotebookNode, contents: Contents) -> str:
    """Give the page's title: what a block says that it is, else the first heading."""
    told = [
        output.get("metadata", {}).get("text/html", {}).get("title")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    headings = [text for text, _anchor in contents.at_level(1)]
    return next((str(one) for one in [*told, *headings] if one), _("A run of the course"))


def _with_pictures(outputs: list[NotebookNode]) -> list[NotebookNode]:
    return [output for output in outputs if PICTURES & set(output.get("data", {}))]


def _worth_showing(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Drop ``<Axes: …>`` and the like beside the picture that they stand for."""
    if not _with_pictures(outputs):
        return outputs
    return [output for output in outputs if not _is_handle(output)]


def _is_handle(output: NotebookNode) -> bool:
    text = output.get("data", {}).get("text/plain", "")
    return output.output_type == "execute_result" and set(output.data) == {"text/plain"} and text.startswith("<")


def _alternative(output: NotebookNode, number: int, contents: Contents) -> str:
    """Give a picture's description: its own, or the section it stands in."""
    own = next((meta["alt"] for meta in output.metadata.values() if isinstance(meta, dict) and "alt" in meta), "")
    section = contents.entries[-1][1] if contents.entries else ""
    return own or _("Figure {number}: {section}").format(number=number, section=section).rstrip(": ")


def _parameters(notebook: NotebookNode) -> list[dict[str, object]]:
    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    return [
        {
            "name": parameter.name,
            "value": given.get(parameter.name, parameter.default_value),
            "help": parameter.help,
            "given": parameter.name in given,
        }
        for parameter in parameters_of(notebook).values()
    ]


def _language(notebook: NotebookNode) -> str:
    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    default = parameters_of(notebook).get("lang")
    return str(given.get("lang") or (default and default.default_value) or "en").replace("_", "-")
