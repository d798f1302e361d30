"""TeX formulas as MathML, which every browser shows without a script."""

from __future__ import annotations

import functools
import html
import logging

from latex2mathml.converter import convert

logger = logging.getLogger(__name__)


@functools.lru_cache(maxsize=512)
def formula(tex: str, display: str = "inline") -> str:
    """Give the MathML of a formula; its readable source where it cannot be converted.

    Parameters
    ----------
    tex : str
        The formula without its dollars.
    display : {"inline", "block"}
        In the line, or on lines of its own.
    """
    try:
        return str(convert(tex.strip(), display=display))
    except Exception as error:  # noqa: BLE001,RUF100 - the converter has no base class for its errors
        logger.warning("formula %s: %s; it is shown as it is written", tex.strip(), error)
        return f'<code class="formula {display}">{html.escape(tex.strip())}</code>'
