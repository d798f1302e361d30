"""pyproject.toml, requirements.lock and environment.yml speak of the same packages."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

CONDA_NAMES = {  # name in pyproject.toml -> name on conda-forge, where they differ
    "duckdb": "python-duckdb",
    "jupyter-client": "jupyter_client",
    "phonenumberslite": "phonenumbers",  # there is only the whole, of which the other is a part
}
CONDA_ONLY = {"python", "pip"}
PEERS = {"mimesis", "nbgrader", "otter"}  # what benchmarks compare with, where somebody has installed them


@pytest.fixture(scope="module")
def project(house):
    return tomllib.loads((house / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def requirements(project):
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    return {canonicalize_name(one.name): one for one in map(Requirement, named)}


@pytest.fixture(scope="module")
def conda(house):
    return yaml.safe_load((house / "environment.yml").read_text(encoding="utf-8"))["dependencies"]


@pytest.fixture(scope="module")
def lock(house):
    return (house / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def locked(lock):
    """Every entry of the lock: name, version, the lines that belong to it."""
    entries = re.split(r"^(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", lock, flags=re.MULTILINE), flags=re.MULTILINE)
    found = [
        re.match(r"(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?P<rest>.*)", one, re.DOTALL) for one in entries if one
    ]
    assert all(found), "an entry of requirements.lock is not name==version"
    return [(canonicalize_name(one["name"]), one["version"], one["rest"]) for one in found if one]


def imported(path: Path) -> Iterator[str]:
    """Name what a file imports, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name.split(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("room", ["crm_course", "benchmarks", "exercises", "notebooks"])
def test_what_is_imported_is_declared(house, requirements, room):
    made_by = packages_distributions()
    names = {name for path in sorted((house / room).rglob("*.py")) for name in imported(path)}
    foreign = names - sys.stdlib_module_names - PEERS - {"crm_course"}

    assert names
    assert [
        name
        for name in sorted(foreign)
        if not {canonicalize_name(one) for one in made_by.get(name, [name])} & set(requirements)
    ] == []


def test_conda_names_the_same_packages_with_the_same_bounds(requirements, conda):
    there = {Requirement(one).name: Requirement(one).specifier for one in conda if isinstance(one, str)}
    wanted = {CONDA_NAMES.get(name, name): one.specifier for name, one in requirements.items()}

    assert {name: bounds for name, bounds in there.items() if name not in CONDA_ONLY} == wanted


def test_conda_takes_the_same_pythons(project, conda):
    python = next(Requirement(one) for one in conda if isinstance(one, str) and one.startswith("python "))

    assert python.specifier == SpecifierSet(project["requires-python"])


def test_conda_leaves_only_the_course_itself_to_pip(conda):
    assert [one["pip"] for one in conda if isinstance(one, dict)] == [["-e ."]]


def test_the_lock_has_every_dependency_at_a_version_that_fits(requirements, locked):
    versions: dict[str, list[Version]] = {}
    for name, version, _ in locked:
        versions.setdefault(name, []).append(Version(version))

    missing = set(requirements) - set(versions)
    unfit = [
        f"{one} ({version})"
        for name, one in requirements.items()
        for version in versions.get(name, [])
        if not one.specifier.contains(version, prereleases=True)
    ]
    assert not missing, "run make lock"
    assert not unfit, "run make lock"


def test_every_entry_of_the_lock_has_hashes(locked):
    assert locked
    assert [name for name, _, rest in locked if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize(
    "address", [r"https?://", r"--(extra-)?index-url", r"--find-links", r"\bfile:", r"^-e", r" @ "]
)
def test_the_lock_has_no_address(lock, address):
    assert re.findall(address, lock, flags=re.MULTILINE) == []
