"""``crm-course grade``: a folder of submissions into a gradebook, from where it was left.

This process hands out work and keeps the book. It imports none of the science stack, and reads nothing of a
trainee's but names and sizes of files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_course.answers.released import STORE
from crm_course.errors import WrongCall
from crm_course.grading import worker
from crm_course.grading.bench import Bench, Graded, Job
from crm_course.grading.gradebook import Gradebook, RunRow, alone
from crm_course.grading.intake.submissions import POLICIES, File, Reading, scan, settle, sweep
from crm_course.release.layout import ReleaseFolder
from crm_course.release.roster import Trainee, read_roster
from crm_course.running.pool import Workers, pool
from crm_course.running.progress import bar

AT_ONCE = 50  # files that a worker reads in one task


@dataclass(frozen=True)
class Batch:
    """What a call of `grade` did.

    Attributes
    ----------
    out : Path
        Its folder.
    submissions : int
        How many count.
    ran, scored : int
        Runs that were made, answers that were scored; the rest was there already.
    problems : dict of str to str
        By trainee, why a submission could not be graded.
    unreadable, unassigned : int
        Files that are no notebook of the exercise, and that fit nobody of the roster.
    stopped : bool
        Whether it was interrupted.
    """

    out: Path
    submissions: int = 0
    ran: int = 0
    scored: int = 0
    problems: dict[str, str] | None = None
    unreadable: int = 0
    unassigned: int = 0
    stopped: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything that could be done is done."""
        return not (self.problems or self.stopped or self.unreadable or self.unassigned)

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        return {**asdict(self), "out": str(self.out), "problems": self.problems or {}}

    def __str__(self) -> str:
        """Tell it in a few lines."""
        lines = [f"{self.out}: {self.submissions:,} submissions, {self.ran:,} runs, {self.scored:,} answers scored"]
        if self.stopped:
            lines.append("stopped before the end; what is done is kept: the same command goes on")
        if self.unreadable:
            lines.append(f"{self.unreadable:,} files are unreadable: see `crm-course status {self.out}`")
        if self.unassigned:
            lines.append(f"{self.unassigned:,} files fit nobody of this release; is it the right one?")
        lines += [f"  {who}: {why}" for who, why in sorted((self.problems or {}).items())]
        return "\n".join(lines)


def open_release(folder: Path, exercise: Path) -> list[Trainee]:
    """Give the roster of a release, which must be one of this exercise.

    Raises
    ------
    WrongCall
        If it is not, or a part of it is missing.
    """
    there = ReleaseFolder(folder)
    try:
        released = json.loads(there.about.read_text(encoding="utf-8"))["exercise"]
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongCall(f"{folder}: is no release; name the folder that `crm-course release -o` wrote") from None
    if released != exercise.absolute().name:
        raise WrongCall(f"{folder}: is a release of {released}, not of {exercise.absolute().name}; name the right one")
    if not there.hidden.is_dir():
        raise WrongCall(f"{folder}: has no hidden stores; release the exercise again with --secret-file")
    roster = read_roster(there.roster)
    if lost := [one.id for one in roster if not (there.packet(one.id) / STORE).is_dir()]:
        raise WrongCall(f"{folder}: the packet of {lost[0]} is missing; release again with --secret-file")
    return roster


def grade(
    bench: Bench,
    submissions: Path,
    *,
    jobs: int = 2,
    policy: str = "last",
    scheduler: str = "",
    workers: Workers | None = None,
    progress: Console | None = None,
) -> Batch:
    """Grade what was handed in; called again it goes on where it stopped, and does nothing twice.

    Parameters
    ----------
    bench : Bench
        Exercise, release, output folder, limits, sandbox or not.
    submissions : Path
        The folder of returned notebooks.
    jobs : int
        Worker processes.
    policy : str
        Which of several files of a trainee counts: ``last``, ``first`` or ``best``.
    scheduler : str
        Address of a cluster's scheduler, in place of local processes.
    workers : Workers, optional
        Whoever is there already, in place of new ones.
    progress : Console, optional
        Where to show a bar.

    Raises
    ------
    CourseError
        If release, folder or gradebook cannot be used. What is wrong with single submissions is told in the result.
    """
    if policy not in POLICIES:
        raise WrongCall(f"--policy {policy}: choose one of {', '.join(POLICIES)}")
    roster = open_release(bench.release, bench.exercise)
    with alone(bench.out), Gradebook(bench.out, make=True) as book:
        _same_work(book, bench)
        sweep(bench.out)
        found = scan(submissions, roster, bench.batch.submissions, bench.exercise.absolute().name)
        batch = Batch(bench.out, problems={})
        try:
            with nullcontext(workers) if workers else pool(jobs, scheduler) as hands:
                files = _intake(book, bench, hands, found, roster, policy)
                batch = _score(book, bench, hands, [one for one in files if one.state == "counts"], progress)
            states = Counter(one.state for one in files)
            batch = replace(batch, unreadable=states["unreadable"], unassigned=states["unassigned"])
        except KeyboardInterrupt:
            batch = replace(batch, stopped=True)
        with book.writing():
            book.about["problems"] = batch.problems
        return batch


def _same_work(book: Gradebook, bench: Bench) -> None:
    """Hold a gradebook to one exercise and one release; note how submissions are run."""
    with book.writing():
        for name, value in (("exercise_folder", bench.exercise), ("release", bench.release)):
            kept = book.about.setdefault(name, str(value.absolute()))
            if kept != str(value.absolute()):
                raise WrongCall(f"{bench.out}: holds the gradebook of {kept}; take another folder for {value}")
        book.about["sandboxed"] = bench.sandbox


def _intake(
    book: Gradebook, bench: Bench, workers: Workers, found: list[File], roster: list[Trainee], policy: str
) -> list[File]:
    """Read what is new among the files, and decide what counts."""
    known = {row["digest"]: Reading(**dict(row)) for row in book.rows("readings")}
    new = sorted({one.digest for one in found if one.digest} - known.keys())
    for done in workers.run(
        partial(worker.read, bench), [(new[at : at + AT_ONCE],) for at in range(0, len(new), AT_ONCE)]
    ):
        why = f"cannot be read ({done.problem})"
        read = done.result or [Reading(one, why) for one in done.arguments[0]]
        known |= {one.digest: one for one in read}
        if done.result:
            with book.writing():
                book.put("readings", map(asdict, done.result))
    files = settle(found, known, bench.exercise.absolute().name, roster, policy)
    with book.writing():
        book.db.execute("DELETE FROM files")
        book.put("files", map(asdict, files))
        book.about["policy"] = policy
        book.about["roster"] = [{"id": one.id, "name": one.name} for one in roster]
    return files


def _score(book: Gradebook, bench: Bench, workers: Workers, files: list[File], progress: Console | None) -> Batch:
    """Grade the files that count, and write down each as it comes."""
    with bar(progress, "prepare", 1):
        prepared = next(workers.run(partial(worker.prepare, bench), [()])).get()
    with book.writing():
        book.about["exercise"] = prepared.exercise.model_dump()
        book.about["questions"] = [one.model_dump() for one in prepared.questions]
        book.about["sandbox_lacks"] = prepared.lacks
    count: Counter[str] = Counter()
    problems: dict[str, str] = {}
    batch = Batch(bench.out, len(files), problems=problems)
    with bar(progress, "grade", len(files)) as step:
        try:
            for done in workers.run(partial(worker.grade, bench), _jobs(book, files)):
                job: Job = done.arguments[0]
                if done.problem:
                    problems[job.trainee] = done.problem
                else:
                    graded = done.get()
                    _keep(book, job, graded)
                    count["ran"] += len(graded.runs)
                    count["scored"] += len(graded.scores)
                step(escape(job.trainee))
        except KeyboardInterrupt:
            workers.close(now=True)
            batch = replace(batch, stopped=True)
    return replace(batch, ran=count["ran"], scored=count["scored"])


def _jobs(book: Gradebook, files: list[File]) -> Iterator[tuple[Job]]:
    for one in files:
        mine = {"trainee": one.trainee, "submission": one.digest}
        bases = {row["question"]: row["basis"] for row in book.rows("scores", **mine)}
        runs = {row["id"]: RunRow(**dict(row)) for row in book.rows("runs", **mine)}
        yield (Job(one.trainee, one.digest, bases, runs),)


def _keep(book: Gradebook, job: Job, graded: Graded) -> None:
    """Write down what came of a submission, all at once."""
    with book.writing():
        book.put("runs", map(asdict, graded.runs))
        book.put("scores", map(asdict, graded.scores))
        for row in book.rows("scores", trainee=job.trainee, submission=job.submission):
            if row["question"] not in graded.questions:  # the exercise has lost it
                where = (job.trainee, job.submission, row["question"])
                book.db.execute("DELETE FROM scores WHERE trainee = ? AND submission = ? AND question = ?", where)
