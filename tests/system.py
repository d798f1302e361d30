"""Programs beside Python that some tests need."""

import os
import shutil
from importlib import import_module
from types import ModuleType
from typing import NoReturn

import pytest


def require_program(name: str, package: str) -> str:
    """Give the program's path; without it the test is skipped by name, and fails where nothing may be skipped (CI)."""
    path = shutil.which(name)
    return path if path is not None else _lacking(name, package)


def require_sandbox() -> ModuleType:
    """Give the library of system calls, where there is all that the sandbox is made of; with the same rule."""
    require_program("bwrap", "bubblewrap")
    try:
        return import_module("pyseccomp")
    except (ImportError, OSError, RuntimeError):  # the package, or the system's library behind it
        _lacking("pyseccomp", "libseccomp2, and pip install 'crm-course[grade]'")


def _lacking(name: str, package: str) -> NoReturn:
    message = f"needs {name}: apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
