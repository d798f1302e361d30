"""The command ``crm-course``: one verb per step of the work, each a thin call into a room of the house."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crm_course.errors import CourseError

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


def main() -> None:
    """Run the command; a problem that the user can mend is told in one line."""
    try:
        app()
    except CourseError as error:
        console.print(f"crm-course: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
