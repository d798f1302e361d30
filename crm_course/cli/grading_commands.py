"""Commands that hand exercises out, take them back, grade and report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_course.cli.terminal import AsJson, app, console, show_rows, tell
from crm_course.running.sandbox.limits import Limits


@app.command()
def release(
    exercise: Annotated[str, typer.Argument(help="03, 03_customer_value, or the path of its folder.")],
    roster: Annotated[Path, typer.Option(help="CSV file with the columns id and name.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write, new or empty.")],
    customers: Annotated[
        int | None,
        typer.Option(help="How many customers each trainee's store has.  [default: the exercise's]", min=1),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Name of a scenario, or a TOML file of one's own.  [default: the exercise's]")
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option(help="The secret of an earlier release: with its options, the same packets again.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 2,
    as_json: AsJson = False,
) -> None:
    """Hand out an exercise: a packet for each trainee, with a store of their own.

    Example: `crm-course release 03 --roster class.csv -o build/release-03`
    """
    from crm_course.exercise.find import find_exercise
    from crm_course.release import release as releasing

    folder = find_exercise(exercise)
    done = releasing.release(
        folder,
        roster,
        output,
        customers=customers,
        scenario=scenario,
        secret_file=secret_file,
        jobs=jobs,
        progress=console,
    )
    tell(done.as_dict(), as_json, str(done))


@app.command()
def seeds(
    exercise: Annotated[str, typer.Argument(help="03, 03_customer_value, or the path of its folder.")],
    start: Annotated[int, typer.Option(help="The first seed that is tried.", min=0)] = 1,
    most: Annotated[int, typer.Option(help="How many are tried.", min=2)] = 200,
    as_json: AsJson = False,
) -> None:
    """Find the stores on which an exercise proves itself: its line of tests/chapters/seeds.yml.

    Together they show every slip and every verdict; none is one that a release would draw again.

    Example: `crm-course seeds 05`
    """
    from crm_course.exercise.find import find_exercise
    from crm_course.exercise.proving import find_seeds

    folder = find_exercise(exercise)
    found = find_seeds(folder, start, most, console)
    tell({"exercise": folder.name, "seeds": found}, as_json, f"{folder.name}: {found}")


@app.command("try")
def try_(
    notebook: Annotated[Path, typer.Argument(help="The exercise's notebook, in the folder of its packet.")],
    as_json: AsJson = False,
) -> None:
    """Try a notebook before handing it in: it runs from the top, and the form of every answer is looked at.

    Whether an answer is *correct* is not looked at. Exit code 1 when something is missing.

    Example: `crm-course try 03_customer_value.ipynb`
    """
    from crm_course.grading.trial import try_notebook

    with console.status(f"running {notebook.name} from the top"):
        trial = try_notebook(notebook)
    if not as_json:
        show_rows(
            ["", "question", "recorded", "its form"],
            [[one.question, one.title, one.recorded, "; ".join(one.problems) or "right"] for one in trial.lines],
        )
    stopped = "".join(f"\n  stopped in {one}" for one in trial.stopped)
    ready = "ready to hand in" if trial.good else "not ready yet: look at what is named above"
    tell(trial.as_dict(), as_json, f"{notebook}: {ready} ({trial.size / 1e6:.1f} MB){stopped}")
    raise typer.Exit(0 if trial.good else 1)


@app.command()
def grade(
    exercise: Annotated[str, typer.Argument(help="03, 03_customer_value, or the path of its folder.")],
    submissions: Annotated[Path, typer.Argument(help="Folder with the returned notebooks, or zip files of them.")],
    release_folder: Annotated[Path, typer.Option("--release", help="The folder that `release` wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the gradebook, new or to go on with.")],
    jobs: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 2,
    policy: Annotated[str, typer.Option(help="Which of several files counts: last, first or best.")] = "last",
    scheduler: Annotated[str, typer.Option(help="Address of a dask scheduler, in place of --jobs.")] = "",
    cell_seconds: Annotated[float, typer.Option(help="Time limit of a cell.", min=1)] = Limits.cell_seconds,
    run_seconds: Annotated[float, typer.Option(help="Time limit of a notebook.", min=1)] = Limits.run_seconds,
    memory_mb: Annotated[int, typer.Option(help="Memory limit of a notebook, in MB.", min=200)] = Limits.memory_mb,
    unsafe: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run submissions with your own rights: only what you trust.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Grade returned notebooks on each trainee's own store and on one that nobody has.

    Stopped anywhere, the same command goes on from there. A file is matched to a trainee by the id in its name or
    its folder's name, else by what the packet wrote into it. Exit code 1 when some could not be graded.

    Example: `crm-course grade 03 returned --release build/release-03 -o build/graded-03`
    """
    from crm_course.exercise.find import find_exercise
    from crm_course.grading.batch import grade as grade_all
    from crm_course.grading.bench import Bench
    from crm_course.running.sandbox.limits import Limits

    limits = Limits(cell_seconds=cell_seconds, run_seconds=run_seconds, memory_mb=memory_mb)
    bench = Bench(find_exercise(exercise).absolute(), release_folder.absolute(), output.absolute(), limits, not unsafe)
    done = grade_all(bench, submissions, jobs=jobs, policy=policy, scheduler=scheduler, progress=console)
    tell(done.as_dict(), as_json, f"{done}\nsee `crm-course status {output}`, then `crm-course report {output}`")
    raise typer.Exit(0 if done.whole else 1)


@app.command()
def status(
    output: Annotated[Path, typer.Argument(help="The folder that `grade` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Tell where a batch stands, and what needs a person.

    Example: `crm-course status build/graded-03`
    """
    from crm_course.grading.gradebook import Gradebook
    from crm_course.grading.results import standing

    with Gradebook(output) as book:
        found = standing(book)
    if not as_json:
        rows: list[list[object]] = [[one.trainee, one.why] for one in found.needs_a_person]
        rows += [[one.file, one.why] for one in found.unassigned]
        if rows:
            show_rows(["who", "what needs a person"], rows)
    told = (
        f"{found.exercise}: {found.graded} of {found.trainees} trainees graded, "
        f"{found.nothing_handed_in} handed in nothing, {found.unreadable} unreadable, "
        f"{len(found.unassigned)} files unassigned, {found.to_be_marked} written answers to be marked"
    )
    told += "".join(f"\nthe sandbox holds, but here is {one}" for one in found.sandbox_lacks)
    tell(found.as_dict(), as_json, told + ("" if found.sandboxed else "\nsubmissions ran WITHOUT a sandbox"))


@app.command()
def report(
    output: Annotated[Path, typer.Argument(help="The folder that `grade` wrote.")],
    jobs: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 2,
    lang: Annotated[str, typer.Option(help="Language of the pages: en.")] = "en",
    names: Annotated[bool, typer.Option(help="Name the trainees in the class report.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make every trainee's report and that of the class from the gradebook; exit code 1 when one could not be made.

    Example: `crm-course report build/graded-03`
    """
    from crm_course.grading.pages import report as make_pages

    done = make_pages(output, jobs=jobs, lang=lang, names=names, progress=console)
    tell(done.as_dict(), as_json, str(done))
    raise typer.Exit(1 if done.problems else 0)


@app.command()
def mark(
    output: Annotated[Path, typer.Argument(help="The folder that `grade` wrote.")],
    read: Annotated[Path | None, typer.Option(help="A sheet that was filled in: take its levels.")] = None,
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="Sheet to write.  [default: in the folder]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Mark the written answers: a sheet with each beside its rubric, to fill in and to read again.

    Example: `crm-course mark build/graded-03`, then `crm-course mark build/graded-03 --read marked.csv`
    """
    from crm_course.grading.marking import read_sheet, write_sheet

    done = read_sheet(output, read) if read else write_sheet(output, target)
    todo = "now `crm-course report` again" if read else "fill in the column level, 0 to 3, then read it with --read"
    tell(done.as_dict(), as_json, f"{done}\n{todo}")


@app.command()
def export(
    output: Annotated[Path, typer.Argument(help="The folder that `grade` wrote.")],
    kind: Annotated[str, typer.Option("--format", help="csv, xlsx, canvas or moodle.")] = "csv",
    target: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write.  [default: in the folder]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the gradebook for a spreadsheet or a learning platform.

    Example: `crm-course export build/graded-03 --format moodle`
    """
    from crm_course.grading.exporting import export as write_marks

    done = write_marks(output, kind, target)
    tell(done.as_dict(), as_json, str(done))


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder, new, empty or of an earlier demo.")] = Path(
        "build/demo"
    ),
    jobs: Annotated[int, typer.Option(help="Worker processes.", min=1)] = 2,
    as_json: AsJson = False,
) -> None:
    """Show the whole way: a store, its chapter, an exercise for three made-up trainees, their marks and reports.

    Example: `crm-course demo`
    """
    from crm_course.grading.demo import demo as go_the_whole_way

    done = go_the_whole_way(output, jobs=jobs, progress=console)
    tell(done.as_dict(), as_json, str(done))
