"""Who may import whom: imports point down, between rooms and within them, and a thing has one home."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOORS = {
    "": [
        ("errors", "messages", "models", "resources", "start"),
        ("digests", "tables", "curriculum", "locale"),
        ("reporting", "beginning", "analysis", "plots", "running", "answers", "simulator", "__init__"),
        ("exercise",),
        ("release", "grading"),
        ("cli",),
        ("__main__",),
    ],
    "analysis": [("statistics", "sales"), ("identity", "value", "wallet", "complaints")],
    "answers": [("values", "form"), ("encoding", "questions"), ("comparing",)],
    "grading": [
        ("findings",),
        ("intake", "gradebook", "reports"),
        ("bench",),
        ("examiner", "drawing"),
        ("worker",),
        ("batch", "pages"),
    ],
    "plots": [("style",), ("complaints", "identity", "value", "wallet", "reports")],
    "running": [("missing", "outcome", "page", "sandbox"), ("pool", "execute"), ("run", "build")],
    "simulator": [
        ("columns", "streams", "settings"),
        ("world", "distributions"),
        ("people",),
        ("campaigns",),
        ("visits",),
        ("service",),
        ("returns",),
        ("lives",),
        ("surveys", "identity", "records"),
        ("chunk",),
        ("simulation",),
    ],
    "tables": [("schemas",), ("storage",), ("store", "checks"), ("imports", "dictionary")],
    "tables/imports": [("sources",), ("importing", "suggesting")],
}
SHARED_NAMES = 0.05  # of the modules
MOST_MODULES = 15  # in a folder
PUBLIC_FACE = "crm_course"  # the few names a notebook needs


def modules(package: Path) -> dict[str, Path]:
    """Every module by its dotted name."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(package.rglob("*.py"))
    }


def imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Every module that a file imports, at its top or in a function, by its full name."""
    here = list(path.with_suffix("").parts)
    here = here[len(here) - 1 - here[::-1].index("crm_course") :]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join([*here[: len(here) - node.level], *([node.module] if node.module else [])])
            source = base if node.level else node.module or ""
            for name in node.names:
                yield f"{source}.{name.name}" if f"{source}.{name.name}" in known else source


def arrows(package: Path) -> dict[str, set[str]]:
    """Which modules of the package each of them imports."""
    known = modules(package)
    return {name: {one for one in imported(path, known) if one in known} - {name} for name, path in known.items()}


def units(graph: dict[str, set[str]], folder: str) -> dict[str, set[str]]:
    """Which parts of a folder, files and folders, each of them imports from; the folder's own ``__init__`` is one."""
    found: dict[str, set[str]] = {}
    for name, targets in graph.items():
        if name == folder or name.startswith(f"{folder}."):
            here = part(name, folder)
            there = {part(one, folder) for one in targets if one == folder or one.startswith(f"{folder}.")}
            found.setdefault(here, set()).update(there - {here})
    return found


def part(name: str, folder: str) -> str:
    return name.removeprefix(folder).removeprefix(".").partition(".")[0] or "__init__"


def circle(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is left of a graph when everything is taken out that leads to an end."""
    left = {here: there & set(graph) for here, there in graph.items()}
    while free := [here for here, there in left.items() if not there & set(left)]:
        for here in free:
            del left[here]
    return {here: there & set(left) for here, there in left.items()}


@pytest.fixture(scope="module")
def package(house):
    return house / "crm_course"


@pytest.fixture(scope="module")
def graph(package):
    return arrows(package)


def folders(package: Path) -> list[str]:
    return [name for name, path in modules(package).items() if path.name == "__init__.py"]


@pytest.mark.parametrize("room", FLOORS)
def test_imports_point_down(graph, room):
    floor = {name: number for number, names in enumerate(FLOORS[room]) for name in names}
    found = units(graph, "/".join(["crm_course", *filter(None, [room])]).replace("/", "."))

    assert floor.keys() <= found.keys()
    assert [
        f"{here} imports {there}"
        for here in found.keys() & floor.keys()
        for there in found[here] & floor.keys()
        if floor[there] > floor[here]
    ] == []


def test_every_room_has_a_floor(graph):
    assert set(units(graph, "crm_course")) == {name for names in FLOORS[""] for name in names}


def test_no_files_import_each_other_in_a_circle(graph):
    assert circle(graph) == {}


def test_no_parts_of_a_folder_import_each_other_in_a_circle(package, graph):
    assert {folder: found for folder in folders(package) if (found := circle(units(graph, folder)))} == {}


def test_a_folder_fits_on_a_screen(package):
    sizes = Counter(path.parent.relative_to(package).as_posix() for path in modules(package).values())

    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}


def test_a_module_is_found_by_its_name(package):
    paths = [path for path in modules(package).values() if path.stem not in ("__init__", "__main__")]
    names = Counter(path.stem for path in paths)
    shared = [path.relative_to(package).as_posix() for path in paths if names[path.stem] > 1]

    assert len(shared) <= SHARED_NAMES * len(paths), shared
    assert "solution" not in names


def test_plots_are_named_after_their_subject(package):
    subjects = [path for path in (package / "plots").rglob("*/*.py") if path.parent.name != "fonts"]
    drawers = [path.stem for path in subjects if path.stem != "__init__"]

    assert drawers
    assert [name for name in drawers if not name.endswith("_plots")] == []


def test_a_name_is_imported_from_where_it_is_made(house, package):
    known = modules(package)
    made = {name: set(names_made(path)) for name, path in known.items()}
    lent = [
        f"{path.relative_to(house)}: {name.name} of {node.module}"
        for path in [*known.values(), *(house / "exercises").rglob("*.py"), *(house / "notebooks").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in known and node.module != PUBLIC_FACE
        for name in node.names
        if name.name not in made[node.module] and f"{node.module}.{name.name}" not in known
    ]

    assert lent == []


def names_made(path: Path) -> Iterator[str]:
    """The names that a module makes itself, at its top."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))


def test_only_one_module_imports_lifetimes(package):
    known = modules(package)
    importers = [
        path.relative_to(package).as_posix()
        for path in known.values()
        if any(name.split(".")[0] == "lifetimes" for name in imported(path, known))
    ]

    assert importers in ([], ["analysis/value/customer_value.py"])


@pytest.mark.parametrize("room", ["analysis", "plots"])
def test_methods_and_figures_know_tables_and_never_the_truth(package, graph, room):
    assert not units(graph, "crm_course")[room] & {"simulator", "__init__"}
    for path in sorted((package / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "truth"), f"{path}:{node.lineno}"
            is_path = isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("truth")
            assert not (is_path and "/" in node.value), f"{path}:{node.lineno}"


def test_the_rules_find_what_they_are_for(tmp_path):
    package = tmp_path / "crm_course"
    for folder in ("", "tables", "simulator"):
        (package / folder).mkdir()
        (package / folder / "__init__.py").touch()
    (package / "reporting.py").touch()
    (package / "simulator" / "people.py").write_text("from crm_course.tables.bad import later\n")
    (package / "tables" / "bad.py").write_text(
        "import crm_course.simulator.people\nfrom crm_course import reporting, open_store\n"
        "def later():\n    from ..simulator import people\n    from .other import x\n    import lifetimes.utils\n"
    )
    graph = arrows(package)

    assert graph["crm_course.tables.bad"] == {"crm_course.simulator.people", "crm_course.reporting", "crm_course"}
    assert units(graph, "crm_course")["tables"] == {"simulator", "reporting", "__init__"}
    assert set(circle(graph)) == {"crm_course.tables.bad", "crm_course.simulator.people"}
    assert "lifetimes.utils" in set(imported(package / "tables" / "bad.py", modules(package)))
