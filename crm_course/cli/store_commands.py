"""Commands that make, bring in and check a store folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_course.cli.terminal import AsJson, app, console, show, show_rows, tell
from crm_course.errors import WrongCall

if TYPE_CHECKING:
    from crm_course.tables.imports.importing import Imported


@app.command()
def simulate(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write, new or empty.")],
    scenario: Annotated[str, typer.Option(help="Name of a scenario, or a TOML file of one's own.")] = "beauty",
    customers: Annotated[int, typer.Option(help="How many people ever bought or signed up.", min=1)] = 2000,
    seed: Annotated[int, typer.Option(help="Same seed, same values.", min=0)] = 7,
    months: Annotated[int, typer.Option(help="Months of history.", min=1, max=120)] = 36,
    as_json: AsJson = False,
) -> None:
    """Make a synthetic store whose truth is known.

    Example: `crm-course simulate -o build/shop --scenario beauty --customers 2000 --seed 7`
    """
    from crm_course.simulator.simulation import simulate as simulate_store

    rows = simulate_store(output, scenario=scenario, customers=customers, seed=seed, months=months, progress=console)
    tell(
        {"store": output, "rows": rows},
        as_json,
        f"{output}: {sum(rows.values()):,} rows in {len(rows)} tables; check it with `crm-course check {output}`",
    )


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The store folder.")],
    limit: Annotated[int, typer.Option(help="Rows to list of one column with one problem.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """Find everything that is wrong with a store folder; exit code 1 when there is something.

    Example: `crm-course check build/shop`
    """
    from crm_course.tables.checks.checking import count, failures, find_faults

    found = find_faults(folder, progress=console)
    listed = failures(found, limit)
    if as_json:
        rows = json.loads(listed.to_json(orient="records", force_ascii=False))
        tell({"store": folder, "failures": count(found), "listed": rows}, as_json, "")
    elif found:
        show(listed)
    if not as_json:
        number = count(found)
        told = f"{number:,} {'failure' if number == 1 else 'failures'}" if number else "nothing is wrong"
        tell({}, as_json, f"{folder}: {told}")
    raise typer.Exit(1 if found else 0)


@app.command("import")
def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="The export; of orders in several files the last counts.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write, new or empty; with --suggest a .yml file.")
    ] = None,
    mapping: Annotated[str, typer.Option("--map", help="Name of a mapping, or a .yml file of one's own.")] = "",
    suggest: Annotated[bool, typer.Option("--suggest", help="Import nothing: propose a mapping for the file.")] = False,
    currency: Annotated[str, typer.Option(help="The shop's currency, such as HKD, in place of the mapping's.")] = "",
    time_zone: Annotated[str, typer.Option(help="The shop's time zone, such as Asia/Hong_Kong.")] = "",
    as_of: Annotated[str, typer.Option(help="Last day of the data.  [default: the last sale]")] = "",
    name: Annotated[str, typer.Option(help="What the shop is called on pages.")] = "",
    encoding: Annotated[str, typer.Option(help="How letters are written, where that is not recognised.")] = "",
    separator: Annotated[str, typer.Option(help="The sign between columns, where that is not recognised.")] = "",
    decimal: Annotated[str, typer.Option(help="The sign before cents, where that is not recognised.")] = "",
    keep_identifiers: Annotated[
        bool, typer.Option("--keep-identifiers", help="Keep names, phones, e-mails, addresses: for chapter 02 only.")
    ] = False,
    key: Annotated[Path | None, typer.Option(help="File with the key of the pseudonyms.  [default: your own]")] = None,
    as_json: AsJson = False,
) -> None:
    """Turn a real export into a store folder; exit code 1 when rows were refused.

    Who the customers are is hidden: pseudonyms stand for them, and the log tells what was done with each column.

    Example: `crm-course import orders.csv --map shopify_orders --currency HKD -o build/my-shop`;
    for a file of another system `crm-course import till.csv --suggest -o till.yml`
    """
    from crm_course.tables.imports.importing import import_export

    if suggest:
        return _suggest(files or [], output, as_json)
    if output is None or not mapping:
        raise WrongCall("name the folder to write with -o, and the mapping with --map; --suggest proposes one")

    store = {"currency": currency, "time_zone": time_zone, "as_of": as_of, "name": name}
    reader = {"encoding": encoding, "separator": separator, "decimal": decimal}
    changes: dict[str, object] = {f"store.{entry}": value for entry, value in store.items()}
    changes |= {f"reader.{entry}": value for entry, value in reader.items()}
    result = import_export(files or [], mapping, output, changes=changes, keep_identifiers=keep_identifiers, key=key)
    told = f"{output}: {result.rows_taken:,} of {result.rows_in:,} rows taken, {result.rows_refused:,} refused"
    reasons = "".join(f"\n  {number:,} x {reason}" for reason, number in result.reasons.items())
    of_complaints = output / "refused_complaints.csv"
    listed = of_complaints if "complaints" in result.tables and of_complaints.exists() else output / "refused.csv"
    where = f"; each with its reason in {listed}" if result.rows_refused else ""
    tell({"store": output, **result.as_dict()}, as_json, told + where + reasons + _more(result))
    raise typer.Exit(1 if result.rows_refused else 0)


def _suggest(files: list[Path], output: Path | None, as_json: bool) -> None:
    """Propose a mapping, print how sure each column of it is, and write it where asked."""
    from crm_course.tables.imports.suggesting import suggest

    if len(files) != 1:
        raise WrongCall("name one file to propose a mapping for")
    found = suggest(files[0])
    if output and found.text:
        if output.exists():
            raise WrongCall(f"{output}: is there already; name a new file")
        output.write_text(found.text, encoding="utf-8")
    if not as_json:
        columns = ["field", "column", "sure", "why"]
        show_rows(columns, [[one.field, one.column, f"{one.sure} %", one.why] for one in found.guesses])
    told = (
        f"--map {found.known} fits" if found.known else f"read it over, then --map {output}" if output else found.text
    )
    tell({"file": files[0], **found.as_dict()}, as_json, f"{files[0]}: {told}" if found.known or output else told)


def _more(result: Imported) -> str:
    """Tell what a person has to know beside the numbers."""
    lines = ""
    if result.not_there:
        lines += f"\nthe export has no column {', '.join(result.not_there)}; what it would tell is left out"
    for name, number in result.unknown.items():
        lines += f"\n{name} of {number:,} complaints is not known in the store, or is another's: left empty"
    return lines + {
        "hidden": "\nidentities are hidden; privacy_log.csv tells what was done with each column",
        "kept": "\nthe tables records and links SAY WHO PEOPLE ARE: for chapter 02 only, then delete the folder",
    }.get(result.identifiers, "")
