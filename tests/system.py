"""Programs beside Python that some tests need."""

import os
import shutil
from typing import NoReturn

import pytest


def require_program(name: str, package: str) -> str:
    """Give the program's path; without it the test is skipped by name, and fails where nothing may be skipped (CI)."""
    path = shutil.which(name)
    return path if path is not None else _lacking(name, package)


def _lacking(name: str, package: str) -> NoReturn:
    message = f"needs {name}: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
