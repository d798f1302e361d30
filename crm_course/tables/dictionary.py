"""The data dictionary, written from the schemas: ``python -m crm_course.tables.dictionary > datasets/README.md``."""

from __future__ import annotations

from collections.abc import Sequence

import pandera.pandas as pa

from crm_course.tables.checks.checking import NEEDED
from crm_course.tables.checks.laws import laws
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.schemas.base import Table
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.known import events_of, known_by
from crm_course.tables.storage.table_files import columns_of

_KINDS = {
    "id": "text",
    "text": "text",
    "words": "word",
    "time": "time",
    "day": "day",
    "money": "money",
    "number": "number",
    "count": "whole number",
    "flag": "true or false",
}

_HEAD = """# Data dictionary

Written from the schemas by `python -m crm_course.tables.dictionary > datasets/README.md`; edit
`crm_course/tables/schemas/` instead of this page.

A store is a folder with one Parquet or CSV file per table, named after the table, and `store.json`. Only
{needed} are needed; chapters leave out what other missing tables are about. `crm-course check DIR` says
whether a folder is as described here. Columns that may be empty may also be missing. A file may have more
columns than are named here: they are left alone.

Ids are text. Times are UTC, to the microsecond (in CSV `2025-12-31T18:30:00Z`; a time without a zone is
read as UTC). Days are days of the store's time zone (`2025-12-31`). Money is in the store's one currency,
with two decimals. `mappings/` holds what `crm-course import --map NAME` knows of other systems' exports.

`open_store(DIR, "2025-06-30")` opens a store as of an earlier day. A row is there from the time on that stands above
its table. A column that is known from a later time is empty until then; one without such a time comes with its row.
What became of a message, whether a post was solved, and to whom a record was linked come with their rows too,
though a shop learns them later. A table of things that happen gets days as it is read, of the store's time zone,
which are in no file: `day`, on which the row happened, and `x_day` of every other `x_at`.
"""


def dictionary() -> str:
    """Write the data dictionary as Markdown.

    Examples
    --------
    >>> dictionary().splitlines()[0]
    '# Data dictionary'
    """
    parts = [_HEAD.format(needed=_and([f"`{name}`" for name in NEEDED])), _store_json()]
    parts += [_table(name, schema) for name, schema in SCHEMAS.items()]
    parts.append(_laws())
    return "\n".join(parts)


def _store_json() -> str:
    rows = [(f"`{name}`", field.description or "") for name, field in StoreInfo.model_fields.items()]
    return "## store.json\n\nWhat holds for the whole store.\n\n" + _markdown(["entry", "meaning"], rows)


def _table(name: str, schema: type[Table]) -> str:
    unique = _and([f"`{column}`" for column in schema.to_schema().unique or []])
    events = [f"`{one}`" for one in events_of(name)]
    known = f"A row is known from {_or(events)} on." if events else "Known whole on every day."
    rows = [_column(name, spec) for spec in columns_of(name).values()]
    table = _markdown(["column", "type", "unit", "may be empty", "known from", "meaning"], rows)
    return f"## {name}\n\n{schema.__doc__} No two rows have the same {unique}. {known}\n\n{table}"


def _column(name: str, spec: pa.Column) -> tuple[str, ...]:
    extra = spec.metadata
    meaning = spec.description or ""
    if extra.get("vocabulary"):
        meaning += f": {', '.join(f'`{word}`' for word in extra['vocabulary'])}"
    if "references" in extra:
        meaning += f" → `{extra['references']}`"
    kind = _KINDS[extra["kind"]]
    unit = extra["unit"] if extra["kind"] in ("money", "number", "count", "time", "day") else ""
    known = _or([f"`{one}`" for one in known_by(name, spec.name)])
    return f"`{spec.name}`", kind, unit, "yes" if spec.nullable else "", known, meaning


def _laws() -> str:
    rows = [(f"`{law.table}.{law.column}`", f"wrong when it {law.problem}") for law in laws()]
    head = "## What must hold between columns and tables\n\nNothing that happened lies after the store's last day,\n"
    head += "and every link (→) leads to a row, where that table is there.\n\n"
    return head + _markdown(["column", "law"], rows)


def _markdown(head: list[str], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _or(words: list[str]) -> str:
    return " or ".join(words)


if __name__ == "__main__":
    print(dictionary(), end="")
