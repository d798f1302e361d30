"""The page that tells how a store comes about names every table, and no module or truth that is not there."""

import re
from pathlib import Path

from crm_course.simulator.settings.settings_file import HERE
from crm_course.tables.schemas import SCHEMAS

PAGE = (HERE / "MECHANISMS.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
MECHANISMS = [row for row in ROWS[1:] if len(row) == 5]


def words(cell):
    return {word.strip() for word in re.sub(r"\(.*?\)", "", cell).split(",")} - {""}


def test_every_table_is_made_by_some_mechanism():
    made = set().union(*(words(row[3]) for row in MECHANISMS))

    assert set(SCHEMAS) - made <= {"stores", "policy_changes"}
    assert made <= set(SCHEMAS)


def test_every_module_is_there():
    for row in MECHANISMS:
        for name in re.findall(r"`(.*?)`", row[1]):
            path = HERE / Path(name.split(".")[0])
            assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), name


def test_every_truth_that_is_named_is_written(beauty):
    written = {path.stem for path in (beauty.path / "truth").glob("*.parquet")}
    named = set().union(*(words(row[4]) for row in MECHANISMS))

    assert named <= written
    assert written - named <= {"complaint_load"}
