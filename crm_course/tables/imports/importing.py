"""A real export turned into a store folder: every row is taken or refused with a reason."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from crm_course.errors import WrongCall
from crm_course.tables.imports.adding import (
    NAMES,
    add_to,
    complaints_alone,
    complaints_of,
    last_day_of,
    open_for_complaints,
)
from crm_course.tables.imports.building import store_tables, whole_orders
from crm_course.tables.imports.hiding import key_file, read_key
from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.lines import read_lines
from crm_course.tables.imports.privacy import Privacy
from crm_course.tables.imports.repeats import refuse_repeats
from crm_course.tables.imports.sources.exports import Export, read_export
from crm_course.tables.imports.sources.mapping import Mapping, read_mapping
from crm_course.tables.storage.writing import TableWriter, new_store

REFUSED = "refused.csv"
PRIVACY = "privacy_log.csv"
SUMMARY = "import.json"


@dataclass(frozen=True)
class Imported:
    """What came of an import: rows in are rows taken and rows refused.

    Attributes
    ----------
    rows_in, rows_taken, rows_refused : int
        Rows of the export, empty lines left out.
    reasons : dict of str to int
        How many rows each reason refused.
    tables : dict of str to int
        Rows of each table that was written.
    files : list of dict
        Of each file its name, and what was recognised: encoding, separator, decimal.
    not_there : list of str
        Columns that the mapping knows and the export does not have.
    unknown : dict of str to int
        Of complaints, links to customers, orders and products that the store does not know: left empty.
    identifiers : str
        ``hidden``, ``kept`` or ``none``.
    fingerprint : str
        Of files, mapping and key: the same again changes nothing.
    """

    rows_in: int
    rows_taken: int
    rows_refused: int
    reasons: dict[str, int]
    tables: dict[str, int]
    files: list[dict[str, str]]
    not_there: list[str]
    unknown: dict[str, int]
    identifiers: str
    fingerprint: str

    def as_dict(self) -> dict[str, object]:
        """Give the same for JSON."""
        return asdict(self)


def import_export(
    files: list[Path],
    mapping: str,
    folder: str | Path,
    *,
    changes: dict[str, object] | None = None,
    keep_identifiers: bool = False,
    key: Path | None = None,
) -> Imported:
    """Import an export into a new store folder.

    Refused rows are listed with file, line and reason in ``refused.csv`` of the folder, which is
    written only when there are any; ``import.json`` holds the numbers, ``privacy_log.csv`` what was
    done with each column. The same files into the same folder again change nothing.

    Parameters
    ----------
    files : list of Path
        The export; empty for the file that the mapping itself brings. Of orders that stand in several,
        the last counts.
    mapping : str
        Name of a mapping of the course, or a ``.yml`` file.
    folder : str or Path
        Store folder to write, new or empty.
    changes : dict, optional
        Entries of the mapping to change: ``{"store.currency": "USD"}``.
    keep_identifiers : bool
        Write names, telephone numbers, e-mail and postal addresses into the tables ``records`` and ``links``.
    key : Path, optional
        File with the key of the pseudonyms; by default one of the user's own.

    Raises
    ------
    WrongCall
        If there is no such mapping or file, or not a single row can be taken.
    StoreError
        If the folder is not empty or cannot be written.
    """
    chosen = read_mapping(mapping, changes)
    paths = list(files) or _own_file(chosen, mapping)
    target = Path(folder)
    secret = None if chosen.customers_are_pseudonyms else read_key(key_file(key), target)
    export = read_export(paths, chosen)
    fingerprint = _fingerprint(export, chosen, secret, keep_identifiers)
    if (before := _done_before(target, fingerprint, NAMES["summary"] if chosen.joins_a_store else SUMMARY)) is not None:
        return before
    privacy, ledger = Privacy(export, chosen, secret, keep_identifiers), Ledger(export)
    refuse_repeats(export, chosen, ledger)
    work = _Work(target, mapping, export, chosen, ledger, privacy, secret, fingerprint)
    if chosen.joins_a_store:
        return _complaints_joined(work)
    return _complaints_alone(work) if chosen.complaint else _orders(work)


@dataclass(frozen=True)
class _Work:
    """What one import has at hand."""

    target: Path
    name: str
    export: Export
    mapping: Mapping
    ledger: Ledger
    privacy: Privacy
    secret: bytes | None
    fingerprint: str


def _orders(work: _Work) -> Imported:
    mapping, ledger = work.mapping, work.ledger
    lines = whole_orders(read_lines(work.export, mapping, ledger, pd.Timestamp.now(tz="UTC")), mapping, ledger)
    if lines["back"].all():
        raise WrongCall(_nothing(work))
    lines = work.privacy.hidden(lines)
    tables = store_tables(lines, mapping, ledger)
    tables |= work.privacy.tables(lines, tables["customers"])
    return _written(work, tables, lines["moment"].max().tz_convert(mapping.store.time_zone).date())


def _complaints_alone(work: _Work) -> Imported:
    complaints = complaints_alone(work.export, work.mapping, work.ledger)
    if complaints.empty:
        raise WrongCall(_nothing(work))
    return _written(work, {"complaints": complaints}, last_day_of(complaints, work.mapping.store.time_zone))


def _complaints_joined(work: _Work) -> Imported:
    store = open_for_complaints(work.target)
    complaints, unknown = complaints_of(work.export, work.mapping, work.ledger, store, work.secret)
    if complaints.empty:
        raise WrongCall(_nothing(work))
    result = _result(work, {"complaints": complaints})
    result.unknown.update(unknown)
    add_to(work.target, complaints, work.ledger.refused(), work.privacy, result.as_dict())
    return result


def _written(work: _Work, tables: dict[str, pd.DataFrame], last_day: dt.date) -> Imported:
    result = _result(work, tables)
    with new_store(work.target, work.mapping.store.info(last_day)) as partial:
        _write(partial, tables, work.ledger.refused(), work.privacy, result)
    return result


def _result(work: _Work, tables: dict[str, pd.DataFrame]) -> Imported:
    export, ledger = work.export, work.ledger
    refused = ledger.refused()["reason"].value_counts()
    return Imported(
        rows_in=ledger.rows_in,
        rows_taken=ledger.rows_in - int(refused.sum()),
        rows_refused=int(refused.sum()),
        reasons={str(reason): int(number) for reason, number in refused.items()},
        tables={name: len(table) for name, table in tables.items()},
        files=[_file(one.path, one.encoding, one.separator, one.decimal) for one in export.files],
        not_there=_not_there(export, work.mapping),
        unknown={},
        identifiers=work.privacy.identifiers,
        fingerprint=work.fingerprint,
    )


def _write(
    folder: Path, tables: dict[str, pd.DataFrame], refused: pd.DataFrame, privacy: Privacy, result: Imported
) -> None:
    for name, table in tables.items():
        with TableWriter(folder, name) as writer:
            writer.write(table)
    if len(refused):
        privacy.refused(refused).to_csv(folder / REFUSED, index=False)
    privacy.log().to_csv(folder / PRIVACY, index=False)
    told = json.dumps(result.as_dict(), indent=2, ensure_ascii=False) + "\n"
    (folder / SUMMARY).write_text(told, encoding="utf-8")


def _own_file(mapping: Mapping, name: str) -> list[Path]:
    if mapping.default_file is None:
        raise WrongCall(f"mapping {name!r} brings no file of its own; name the file to import")
    return [mapping.default_file.find()]


def _nothing(work: _Work) -> str:
    where, ledger = ", ".join(str(file.path) for file in work.export.files), work.ledger
    if not ledger.rows_in:
        return f"{where}: there are no rows in it; name the export"
    reason = next(iter(ledger.refused()["reason"].value_counts().index), "nothing was sold")
    if work.mapping.columns.currency and reason.startswith(f"{work.mapping.columns.currency} is not "):
        return f"{where}: {reason} in any of {ledger.rows_in:,} rows; name the shop's currency with --currency"
    return f"{where}: none of {ledger.rows_in:,} rows fits mapping {work.name!r} ({reason}); is it the right file?"


def _file(path: Path, encoding: str, separator: str, decimal: str) -> dict[str, str]:
    return {"name": path.name, "encoding": encoding, "separator": separator, "decimal": decimal}


def _not_there(export: Export, mapping: Mapping) -> list[str]:
    known = dict.fromkeys([*mapping.columns.named(), *mapping.also_used()])
    return [name for name in known if f"={name}" not in export.rows]


def _fingerprint(export: Export, mapping: Mapping, key: bytes | None, kept: bool) -> str:
    told = [mapping.model_dump_json(), str(kept), *(file.sha256 for file in export.files)]
    return hashlib.sha256("\n".join(told).encode() + (key or b"")).hexdigest()


def _done_before(folder: Path, fingerprint: str, summary: str) -> Imported | None:
    """Give what an earlier import of the same told."""
    path = folder.expanduser() / summary
    if not path.is_file():
        return None
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        return Imported(**before) if before.get("fingerprint") == fingerprint else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None
