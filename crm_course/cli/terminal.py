"""What all commands share: the app itself, how an answer is told, how a table is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from crm_course.messages import visible

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
    """Print what came of a command: a sentence, or the same as JSON; control characters are shown, not obeyed."""
    typer.echo(as_text(answer) if as_json else by_line(sentence))


def as_text(answer: object) -> str:
    """Give JSON in one line in which letters are letters, and what is not printed is an escape.

    Examples
    --------
    >>> print(as_text({"file": "陳" + chr(0x9B)}))
    {"file": "陳\\u009b"}
    """
    text = json.dumps(answer, default=str, ensure_ascii=False)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def by_line(sentence: str) -> str:
    """Give a text of several lines with its other control characters written out."""
    return "\n".join(map(visible, sentence.split("\n")))


def show(table: pd.DataFrame) -> None:
    """Print a table for a person to read."""
    rows = table.astype(object).where(table.notna(), "").itertuples(index=False)
    show_rows(list(table.columns), [list(row) for row in rows])


def show_rows(columns: list[str], rows: list[list[object]]) -> None:
    """Print rows for a person to read; control characters of names and files are shown, not obeyed."""
    from rich.table import Table

    shown = Table(*columns)
    for row in rows:
        shown.add_row(*(escape(visible(str(cell))) for cell in row))
    Console().print(shown)
