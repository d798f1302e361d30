"""How a chapter's notebook begins: its language, its look, and how it shows what is missing or of few people."""

from __future__ import annotations

from typing import Any

import pandas as pd
from IPython import get_ipython

from crm_course.locale import use_language
from crm_course.plots.style import set_style
from crm_course.running.missing.calm import keep_calm
from crm_course.tables.small_groups import K, hide_below, is_marked, shown


def begin(lang: str = "en", k: int = K) -> None:
    """Set up a chapter's notebook.

    Figures speak a language and have the course's look; numbers in tables have two decimals, whole ones none; of a
    table of people nothing is shown that is of fewer than `k`; a table that the shop does not have is one line.

    Parameters
    ----------
    lang : str
        Language of the figures.
    k : int
        Fewest people whose figures are shown.

    Raises
    ------
    WrongCall
        If there is no catalogue for the language, or `k` is below 1.

    Examples
    --------
    >>> begin("en", k=5)
    """
    use_language(lang)
    hide_below(k)
    set_style()
    pd.options.display.float_format = _with_two_decimals
    if shell := get_ipython():
        keep_calm(shell)
        formatters = shell.display_formatter.formatters
        formatters["text/html"].for_type(pd.DataFrame, lambda table: shown(table)._repr_html_())
        for kind in (pd.DataFrame, pd.Series):
            formatters["text/plain"].for_type(kind, _plain)


def _with_two_decimals(number: float) -> str:  # 0.004 is not 0, nor 0.998 a whole 1
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def _plain(table: pd.DataFrame | pd.Series, printer: Any, cycle: bool) -> None:  # noqa: ARG001
    printer.text(repr(shown(table) if is_marked(table) else table))
