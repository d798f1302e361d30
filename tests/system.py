"""Programs beside Python that some tests need."""

import os
import shutil
from typing import NoReturn

import pytest
from matplotlib import font_manager


def require_program(name: str, package: str) -> str:
    """Give the program's path; without it the test is skipped by name, and fails where nothing may be skipped (CI)."""
    path = shutil.which(name)
    return path if path is not None else _lacking(name, package)


def require_font(name: str, package: str) -> str:
    """Give the font's file, with the same rule."""
    found = [font.fname for font in font_manager.fontManager.ttflist if font.name.startswith(name)]
    return found[0] if found else _lacking(name, package)


def _lacking(name: str, package: str) -> NoReturn:
    message = f"needs {name}: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
