"""Commands that make, bring in and check a store folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from crm_course.cli.base import AsJson, app, console, show, tell


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
    from crm_course.store import simulate as simulate_store

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
    from crm_course.tables.checking import count, failures, find_faults

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
    mapping: Annotated[str, typer.Option("--map", help="Name of a mapping, or a .yml file of one's own.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write, new or empty.")],
    files: Annotated[list[Path] | None, typer.Argument(help="The export; some mappings bring their own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Turn a real export into a store folder; exit code 1 when rows were refused.

    Example: `crm-course import --map cdnow -o build/cdnow-store`
    """
    from crm_course.tables.importing import import_export

    result = import_export(files or [], mapping, output)
    told = f"{output}: {result.rows_taken:,} of {result.rows_in:,} rows taken, {result.rows_refused:,} refused"
    reasons = "".join(f"\n  {number:,} x {reason}" for reason, number in result.reasons.items())
    where = f"; each with its reason in {output / 'refused.csv'}" if result.rows_refused else ""
    tell({"store": output, **result.as_dict()}, as_json, told + where + reasons)
    raise typer.Exit(1 if result.rows_refused else 0)
