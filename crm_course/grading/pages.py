"""``crm-course report``: every trainee's report and that of the class, made anew from the gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_course import resources
from crm_course.errors import CourseError, WrongCall
from crm_course.grading import worker
from crm_course.grading.bench import BatchFolder, Page
from crm_course.grading.gradebook import Gradebook, alone
from crm_course.grading.results import class_result, results
from crm_course.locale import languages
from crm_course.running.pool import Done, Workers, pool
from crm_course.running.progress import bar


@dataclass(frozen=True)
class Pages:
    """What a call of `report` did.

    Attributes
    ----------
    folder, class_page : Path
        Where the trainees' pages are, and that of the class.
    pages, made : int
        How many there are, and how many of them were made or made anew.
    problems : dict of str to str
        By page, why it could not be made.
    """

    folder: Path
    class_page: Path
    pages: int
    made: int
    problems: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        return {**asdict(self), "folder": str(self.folder), "class_page": str(self.class_page)}

    def __str__(self) -> str:
        """Tell it in a few lines."""
        lines = [f"{self.pages:,} reports in {self.folder}, {self.made:,} of them new; the class: {self.class_page}"]
        return "\n".join(lines + [f"  {name}: {why}" for name, why in sorted(self.problems.items())])


def report(
    out: Path,
    *,
    jobs: int = 2,
    lang: str = "en",
    names: bool = True,
    workers: Workers | None = None,
    progress: Console | None = None,
) -> Pages:
    """Make the pages of a graded batch; one that would come out the same is left as it is.

    Parameters
    ----------
    out : Path
        The folder that `grade` wrote.
    jobs : int
        Worker processes.
    lang : str
        Language of the pages.
    names : bool
        Whether the class report names trainees, or gives their ids alone.
    workers : Workers, optional
        Those of the batch, in place of new ones.
    progress : Console, optional
        Where to show a bar.

    Raises
    ------
    CourseError
        If there is no gradebook, or nothing in it.
    """
    if lang not in languages():
        raise WrongCall(f"--lang {lang}: choose one of {', '.join(languages())}")
    with alone(out), Gradebook(out) as book:
        if not book.about["exercise"]:
            raise CourseError(f"{out}: nothing is graded there yet; run `crm-course grade` first")
        wanted = list(_wanted(book, out, lang, names))
        kept = {row["path"]: row["basis"] for row in book.rows("pages")}
        bases = {one.target: one.basis for one in wanted}
        stale = [one for one in wanted if kept.get(str(one.target)) != bases[one.target] or not one.target.is_file()]
        problems: dict[str, str] = {}
        with bar(progress, "report", len(stale)) as step:
            for done in _made(stale, jobs, workers):
                page: Page = done.arguments[0]
                if done.problem:
                    problems[page.target.stem] = done.problem
                else:
                    with book.writing():
                        book.put("pages", [{"path": str(page.target), "basis": bases[page.target]}])
                step(escape(page.target.stem))
    made = len(stale) - len(problems)
    return Pages(BatchFolder(out).reports, BatchFolder(out).class_page, len(wanted), made, problems)


def _made(stale: list[Page], jobs: int, workers: Workers | None) -> Iterator[Done[None]]:
    with ExitStack() as held:
        if stale:
            workers = workers or held.enter_context(pool(min(jobs, len(stale))))
            yield from workers.run(worker.draw, [(one,) for one in stale])


def _wanted(book: Gradebook, out: Path, lang: str, names: bool) -> Iterator[Page]:
    sources = resources.notebooks() / "reports"
    found, locked = results(book), bool(book.about["sandboxed"])
    for one in found:
        target = BatchFolder(out).reports / f"{one.trainee.id}.html"
        read = one.model_dump(mode="json")
        yield Page(sources / "trainee_report.py", read, "result.json", target, {"lang": lang}, locked)
    whole = class_result(book, found).model_dump(mode="json")
    yield Page(
        sources / "class_report.py",
        whole,
        "class.json",
        BatchFolder(out).class_page,
        {"lang": lang, "names": names},
        locked,
    )
