"""A mapping proposed for an unknown file, and how sure each part of it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import yaml

from crm_course.errors import WrongCall
from crm_course.tables.imports.column_scores import FIELDS, best_format, identity_of, score
from crm_course.tables.imports.sources.excel import is_excel, sheet_rows
from crm_course.tables.imports.sources.exports import cut, plain
from crm_course.tables.imports.sources.mapping import Mapping, mapping_names, read_mapping
from crm_course.tables.imports.sources.text_files import decoded, separator_of

SAMPLE = 2000
LEAST = 50  # percent: below, a column is not proposed
NEEDED = ("ordered_at", "customer_id")
_NO_TABLE = "{path}: is no table with a header and rows; save it as CSV"


@dataclass(frozen=True)
class Guess:
    """One column that is proposed.

    Attributes
    ----------
    field : str
        What it would be in the course.
    column : str
        The column of the file; empty where none fits.
    sure : int
        Percent.
    why : str
        What speaks for it.
    """

    field: str
    column: str
    sure: int
    why: str


@dataclass(frozen=True)
class Suggestion:
    """What is proposed for a file.

    Attributes
    ----------
    known : str
        A mapping of the course that fits; empty where none does.
    guesses : list of Guess
        Each column of the mapping, with how sure it is.
    text : str
        The mapping as YAML, to be read over and changed; empty where a known one fits.
    """

    known: str
    guesses: list[Guess]
    text: str

    def as_dict(self) -> dict[str, object]:
        """Give the same for JSON."""
        return asdict(self)


def suggest(path: Path) -> Suggestion:
    """Propose a mapping for a file whose first line names its columns.

    Raises
    ------
    WrongCall
        If the file is not there, is no table, or has no column that could be a time.
    """
    table = _sample(path)
    known = max(mapping_names(), key=lambda name: _fit(table, read_mapping(name)))
    if (fit := _fit(table, read_mapping(known))) > 0:
        return Suggestion(known, _known_guesses(table, read_mapping(known), fit), "")
    if table.empty:
        raise WrongCall(_NO_TABLE.format(path=path))
    guesses = _guesses(table)
    lacking = [guess.field for guess in guesses if guess.field in NEEDED and not guess.column]
    if lacking:
        raise WrongCall(f"{path}: no column looks like {' or '.join(lacking)}; is its first line the header?")
    return Suggestion("", guesses, _yaml(path, table, {guess.field: guess for guess in guesses if guess.column}))


def _sample(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise WrongCall(f"{path}: there is no such file; name the export")
    data = path.read_bytes()
    if is_excel(data):
        lines = iter(sheet_rows(path))
    else:
        texts, _ = decoded(path, data, "auto")
        lines = cut(texts, separator_of(islice((text for text in texts if text), 200)))
    rows = [cells for _, cells in islice(lines, SAMPLE) if isinstance(cells, list)]
    if not rows or len(rows[0]) < 2:
        raise WrongCall(_NO_TABLE.format(path=path))
    good = [row for row in rows[1:] if len(row) == len(rows[0])]
    table = pd.DataFrame(good, columns=[name.strip() for name in rows[0]], dtype="str")
    return table.loc[:, ~table.columns.duplicated()].apply(lambda column: column.str.strip())


def _fit(table: pd.DataFrame, mapping: Mapping) -> float:
    """Give the share of a mapping's columns that a file has, 0 when a needed one is lacking."""
    if not mapping.reader.header:
        return 0.0
    there = {plain(name) for name in table.columns}
    names = dict.fromkeys([*mapping.columns.named(), *mapping.also_used(), *mapping.identity_columns])
    found = [name for name in names if _is_there(name, mapping, there)]
    items = not mapping.items or any(str(name).startswith(mapping.items.starts_with) for name in table.columns)
    return len(found) / len(names) if set(mapping.needed()) <= set(found) and items else 0.0


def _is_there(name: str, mapping: Mapping, there: set[str]) -> bool:
    return any(plain(one) in there for one in (name, *mapping.aliases.get(name, [])))


def _known_guesses(table: pd.DataFrame, mapping: Mapping, fit: float) -> list[Guess]:
    there = {plain(name): name for name in table.columns}
    guesses = []
    for field, name in _fields(mapping):
        found = next((there[plain(one)] for one in (name, *mapping.aliases.get(name, [])) if plain(one) in there), "")
        why = "the mapping names it" if found else f"the file has no column {name}"
        guesses.append(Guess(field, found, 100 if found else 0, why))
    return [*guesses, Guess("the whole mapping", "", round(100 * fit), "share of its columns that the file has")]


def _fields(mapping: Mapping) -> list[tuple[str, str]]:
    """List what a mapping reads, with the column that it reads it from."""
    fields = [(field, name) for field in type(mapping.columns).model_fields for name in mapping.columns.of(field)]
    if told := mapping.complaint:
        fields += [("complaint_id", told.complaint_id), *((str(stage), name) for stage, name in told.stages.items())]
        fields += [(str(field), words.column) for field, words in told.words.items()]
    return fields


def _guesses(table: pd.DataFrame) -> list[Guess]:
    """Give each field the column that fits best; no column to two fields."""
    scores = [(*score(field, str(name), table[name]), field, str(name)) for field in FIELDS for name in table.columns]
    chosen: dict[str, Guess] = {}
    for sure, why, field, column in sorted(scores, key=lambda one: -one[0]):
        taken = column in {guess.column for guess in chosen.values()}
        if sure >= LEAST and field not in chosen and not taken:
            chosen[field] = Guess(field, column, sure, why)
    return [chosen.get(field, Guess(field, "", 0, "no column looks like it")) for field in FIELDS]


def _yaml(path: Path, table: pd.DataFrame, chosen: dict[str, Guess]) -> str:
    lines = "order_id" in chosen and table[chosen["order_id"].column].duplicated().mean() > 0.02
    entries: dict[str, object] = {
        "store": {
            "name": path.stem,
            "currency": "HKD",
            "time_zone": "Asia/Hong_Kong",
            "source": f"export {path.name}",
        },
        "reader": {"header": True},
        "row_is": "line" if lines else "order",
        "columns": _columns(chosen),
        "date_format": best_format(table[chosen["ordered_at"].column])[0],
        "unknown_customers": "keep",
    }
    identities: dict[str, list[str]] = {}
    for name in table.columns:
        if kind := identity_of(str(name), table[name]):
            identities.setdefault(kind, []).append(str(name))
    entries["identities"] = identities
    told = [f"# {guess.field}: {guess.column}, {guess.sure} % sure ({guess.why})" for guess in chosen.values()]
    head = ["# A proposal. Read it over: currency, time zone, which rows are no sales, how goods come back.", *told]
    if not {"unit_price", "amount"} & set(chosen):
        head.append("# No column looks like money: name it under columns, as amount or as unit_price.")
    return "\n".join(head) + "\n" + yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)


def _columns(chosen: dict[str, Guess]) -> dict[str, str]:
    columns = {field: guess.column for field, guess in chosen.items()}
    if "unit_price" in columns:  # one of the two says what was paid
        columns.pop("amount", None)
    return columns
