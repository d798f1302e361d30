"""Programs beside Python that some tests need."""

import os
import shutil

import pytest


def require_program(name: str, package: str) -> str:
    """Give the program's path; without it the test is skipped by name, and fails where nothing may be skipped (CI)."""
    path = shutil.which(name)
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(f"needs {name}: apt-get install {package}")
    if path is None:
        pytest.skip(f"needs {name}: apt-get install {package}")
    return path
