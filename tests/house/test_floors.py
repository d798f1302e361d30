"""Who may import whom: imports point down, never in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOORS = {
    "errors": 0,
    "resources": 0,
    "reporting": 1,
    "tables": 1,
    "running": 1,
    "curriculum": 1,
    "locale": 1,
    "analysis": 2,
    "plots": 2,
    "store": 2,
    "answers": 2,
    "__init__": 2,  # the few names a notebook needs
    "authoring": 3,
    "grading": 3,
    "cli": 4,
    "__main__": 4,
}


def modules(house: Path) -> list[Path]:
    return sorted((house / "crm_course").rglob("*.py"))


def room(path: Path, package: Path) -> str:
    return path.relative_to(package).parts[0].removesuffix(".py")


def imported(path: Path, package: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or in a function, by its full name."""
    here = ["crm_course", *path.relative_to(package).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*here[: len(here) - node.level], *([node.module] if node.module else [])])
            source = base if node.level else node.module or ""
            if source == "crm_course":
                yield from (f"crm_course.{name.name}" for name in node.names)
            else:
                yield source


def rooms_imported(path: Path, package: Path) -> set[str]:
    names = [name.split(".") for name in imported(path, package)]
    found = {parts[1] if len(parts) > 1 else "__init__" for parts in names if parts[0] == "crm_course"}
    return {name if (package / name).is_dir() or (package / f"{name}.py").is_file() else "__init__" for name in found}


@pytest.fixture(scope="module")
def package(house):
    return house / "crm_course"


@pytest.fixture(scope="module")
def rooms(house, package):
    """Which rooms each room imports from."""
    found: dict[str, set[str]] = {}
    for path in modules(house):
        found.setdefault(room(path, package), set()).update(rooms_imported(path, package) - {room(path, package)})
    return found


def test_every_room_has_a_floor(rooms):
    assert set(rooms) - set(FLOORS) == set()


def test_imports_point_down(rooms):
    upward = [f"{here} imports {there}" for here in rooms for there in rooms[here] if FLOORS[there] > FLOORS[here]]

    assert upward == []


def test_no_rooms_import_each_other_in_a_circle(rooms):
    left = {here: set(there) for here, there in rooms.items()}
    while free := [here for here, there in left.items() if not there & set(left)]:
        for here in free:
            del left[here]

    assert left == {}


def test_only_one_module_imports_lifetimes(house, package):
    importers = [
        str(path.relative_to(package))
        for path in modules(house)
        if any(name.split(".")[0] == "lifetimes" for name in imported(path, package))
    ]

    assert importers in ([], ["analysis/customer_value.py"])


@pytest.mark.parametrize("room", ["analysis", "plots"])
def test_methods_and_figures_know_tables_and_never_the_truth(package, room):
    for path in sorted((package / room).rglob("*.py")):
        assert not rooms_imported(path, package) & {"store", "__init__"}, path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "truth"), f"{path}:{node.lineno}"
            is_path = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("truth")
            assert not (is_path and "/" in node.value), f"{path}:{node.lineno}"


def test_the_rules_find_what_they_are_for(tmp_path):
    package = tmp_path / "crm_course"
    (package / "tables").mkdir(parents=True)
    (package / "store").mkdir()
    (package / "reporting.py").touch()
    bad = package / "tables" / "bad.py"
    bad.write_text(
        "import crm_course.store.people\nfrom crm_course import reporting, open_store\n"
        "def later():\n    from ..store import simulate\n    from .other import x\n    import lifetimes.utils\n"
    )

    assert rooms_imported(bad, package) == {"store", "reporting", "__init__", "tables"}
    assert "lifetimes.utils" in set(imported(bad, package))
