"""Blocks of HTML: made by templates that escape all that they are given."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from crm_course.grading.findings import Result, RunEnd
from crm_course.grading.reports import wording
from crm_course.locale import _
from crm_course.running.sandbox.limits import FINISHED

TEMPLATES = Path(__file__).with_name("templates")


class Block:
    """A piece of a report that a notebook shows by its last line.

    Parameters
    ----------
    html : Markup
        What a template made.
    title : str
        What the page is called; of the first block.
    """

    def __init__(self, html: Markup, title: str = "") -> None:
        self.html = html
        self.title = title

    def _repr_mimebundle_(self, **_options: Any) -> tuple[dict[str, str], dict[str, Any]]:
        told = {"block": True} | ({"title": self.title} if self.title else {})
        return {"text/html": str(self.html), "text/plain": ""}, {"text/html": told}


def block(template: str, title: str = "", **values: Any) -> Block:
    """Fill a template in; every value is escaped unless it is made by a template itself."""
    return Block(Markup(_environment().get_template(f"{template}.html.j2").render(values)), title)


@functools.cache
def _environment() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    helpers = {
        name: getattr(wording, name) for name in ("marks", "share", "paragraph", "joined", "named", "emphasised")
    }
    made.globals.update(helpers, _=_, ended=ended, state=state)
    return made


def state(name: str) -> str:
    """Give the word for a state of a question or submission."""
    words = {
        "right": _("right"),
        "partly right": _("partly right"),
        "wrong": _("wrong"),
        "not answered": _("not answered"),
        "to be marked": _("to be marked"),
        "marked": _("marked"),
        "graded": _("graded"),
        "nothing handed in": _("nothing handed in"),
        "unreadable": _("unreadable"),
    }
    return words.get(name, name)


def why_ended(run: RunEnd) -> str:
    """Say in a clause why a run did not come to its end."""
    reasons = {
        "time limit": _("it took longer than is allowed"),
        "kernel died": _("its kernel stopped, most often for want of memory"),
        "memory limit": _("it needed more memory than is allowed"),
        "output limit": _("it printed more than is allowed"),
    }
    return reasons.get(run.ended, run.ended)


def ended(run: RunEnd) -> str:
    """Say in a sentence how a run ended."""
    known = {"why": why_ended(run), "cell": run.cell, "seconds": f"{run.seconds or 0:,.0f}"}
    if run.cell is None:
        return _("It stopped after {seconds} s: {why}.").format(**known)
    return _("It stopped at cell {cell} after {seconds} s: {why}.").format(**known)


def early(result: Result) -> list[tuple[str, RunEnd]]:
    """Give the runs that did not come to their end, each with what it ran on."""
    runs = [(_("your own data"), result.runs.home), (_("the second store"), result.runs.hidden)]
    return [(where, run) for where, run in runs if run is not None and run.ended != FINISHED]
