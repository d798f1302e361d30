"""The competency unit: what there is to teach and to examine."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml

UNIT = Path(__file__).with_name("unit.yml")


@functools.cache
def criteria() -> dict[str, str]:
    """Give the criteria of the unit, in its order.

    Returns
    -------
    dict of str to str
        Short name by code, ``1.1`` to ``3.2`` and the outcomes ``A1`` to ``A3``; in English.

    Examples
    --------
    >>> criteria()["2.2a"]
    'High-value customers'
    """
    unit = yaml.safe_load(UNIT.read_text(encoding="utf-8"))
    return {str(code): str(name) for code, name in unit["criteria"].items()}
