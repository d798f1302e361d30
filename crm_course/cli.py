"""The command ``crm-course``: one verb per step of the work, each a thin call into a room of the house."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from crm_course.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="crm-course",
    help="Customer relationship management in retail: stores, chapters, reports.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
console = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, for a program to read.")]


def tell(answer: dict[str, object], as_json: bool, sentence: str) -> None:
    """Print what came of a command: a sentence, or the same as JSON."""
    typer.echo(json.dumps(answer, default=str, ensure_ascii=False) if as_json else sentence)


def show(table: pd.DataFrame) -> None:
    """Print a table for a person to read."""
    from rich.table import Table

    shown = Table(*table.columns)
    for row in table.astype(object).where(table.notna(), "").itertuples(index=False):
        shown.add_row(*(escape(str(cell)) for cell in row))
    Console().print(shown)


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


@app.command()
def run(
    chapter: Annotated[str, typer.Argument(help="03, 03_customer_value, a .ipynb or .py file, or all.")],
    data: Annotated[Path | None, typer.Option(help="Store folder; the demo store by default.")] = None,
    parameters: Annotated[list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="A parameter.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Notebook to write, or a folder for it.  [default: build]")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Write the page beside the notebook as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a chapter on any store; exit code 1 when a part was left out because of a problem.

    Example: `crm-course run 03 --data build/shop -p as_of=2025-12-31 --html`
    """
    from crm_course.running.parameters import pairs
    from crm_course.running.run import run_all, run_chapter

    values = pairs(parameters or [])
    if chapter == "all":
        runs = run_all(data, values, output=output, html=html, progress=console)
    else:
        runs = [run_chapter(chapter, data, values, output=output, html=html, progress=console)]
    tell({"runs": [one.as_dict() for one in runs]}, as_json, "\n".join(str(one) for one in runs))
    raise typer.Exit(0 if all(one.whole for one in runs) else 1)


@app.command()
def build(
    chapters: Annotated[list[str] | None, typer.Argument(help="03 or a .py file; all by default.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Build nothing; exit code 1 when one is stale.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Build fresh notebooks too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the notebooks from their sources, executed on the demo store.

    Example: `crm-course build 03` builds one chapter; `crm-course build --check` tells what is stale.
    """
    from crm_course.authoring.build import build as build_notebooks
    from crm_course.authoring.build import find_source

    sources = [find_source(chapter) for chapter in chapters] if chapters else None
    done = build_notebooks(sources, check, force, console)
    tell({"chapters": [one.as_dict() for one in done]}, as_json, "\n".join(str(one) for one in done))
    raise typer.Exit(0 if all(one.good for one in done) else 1)


@app.command()
def release(
    exercise: Annotated[str, typer.Argument(help="03, 03_customer_value, or the path of its folder.")],
    roster: Annotated[Path, typer.Option(help="CSV file with the columns id and name.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write, new or empty.")],
    customers: Annotated[int, typer.Option(help="How many customers each trainee's store has.", min=1)] = 1000,
    scenario: Annotated[str, typer.Option(help="Name of a scenario, or a TOML file of one's own.")] = "beauty",
    secret_file: Annotated[
        Path | None, typer.Option(help="The secret of an earlier release, for the same packets again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hand out an exercise: a packet for each trainee, with a store of their own.

    Example: `crm-course release 03 --roster class.csv -o build/release-03`
    """
    from crm_course.authoring import release as releasing

    folder = releasing.find_exercise(exercise)
    done = releasing.release(
        folder, roster, output, customers=customers, scenario=scenario, secret_file=secret_file, progress=console
    )
    tell(done.as_dict(), as_json, str(done))


def main() -> None:
    """Run the command; a problem that the user can mend is told in one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is half done is taken away
    try:
        app()
    except CourseError as error:
        console.print(f"crm-course: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
