"""Commands that run and build chapters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_course.cli.terminal import AsJson, app, console, tell


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
    from crm_course.running.build import build as build_notebooks
    from crm_course.running.build import find_source

    sources = [find_source(chapter) for chapter in chapters] if chapters else None
    done = build_notebooks(sources, check, force, console)
    tell({"chapters": [one.as_dict() for one in done]}, as_json, "\n".join(str(one) for one in done))
    raise typer.Exit(0 if all(one.good for one in done) else 1)
