"""A batch that is killed, or finds the disk full, anywhere: taken up again it ends in the same gradebook.

The worker's part is played here, so that what is tried is the batch's own: files first, then the one transaction
that speaks of them.
"""

import errno
import os
import random
import signal
import time
from contextlib import contextmanager

import nbformat
import pytest

from crm_course.errors import CourseError
from crm_course.grading import batch, worker
from crm_course.grading.bench import Graded, Prepared
from crm_course.grading.findings import Exercise
from crm_course.grading.gradebook import Gradebook, RunRow, ScoreRow
from crm_course.running import files
from crm_course.running.pool import Done

MARKS = {"q1": 2.0, "q2": 3.0}
LONGEST = 0.15  # seconds within which a batch is killed; an undisturbed one takes about as long


def play(task, bench, *arguments):
    """Do what a worker does, without a kernel: the answers are known."""
    if task is worker.read:
        return worker.read(bench, *arguments)
    if task is worker.prepare:
        return Prepared(Exercise(name=bench.exercise.name, title="Sample"), (), 1, [])
    [job] = arguments
    runs = [
        RunRow(f"{job.trainee}-{data}", job.trainee, job.submission, data, "finished", None, 0.1)
        for data in ("home", "hidden/1")
        if f"{job.trainee}-{data}" not in job.runs
    ]
    for one in runs:
        files.write_text(bench.out / "runs" / f"{one.id}.ipynb", "{}")
    scores = [
        ScoreRow(job.trainee, job.submission, name, f"{job.trainee}-{name}", "right", marks, marks, "{}")
        for name, marks in MARKS.items()
        if job.bases.get(name) != f"{job.trainee}-{name}"
    ]
    return Graded(runs, scores, list(MARKS))


class Played:
    """Workers that play their part in the batch's own process."""

    def run(self, task, calls):
        for one in calls:
            yield Done(one, play(task.func, *task.args, *one))

    def close(self, now=False):
        """There is nobody to let go."""


@pytest.fixture
def ready(bench, hand_in, notebook, monkeypatch):
    """Let workers be played, and give a folder of submissions."""

    @contextmanager
    def pool(jobs, scheduler=""):
        yield Played()

    monkeypatch.setattr(batch, "pool", pool)
    whole = {one: notebook(solved=True) for one in ("ann", "bo", "cy", "dee", "eve")}
    return hand_in(**whole, fay=b"{")


def content(bench):
    with Gradebook(bench.out) as book:
        return book.content()


def kept_files(bench):
    return {path.relative_to(bench.out).as_posix() for path in bench.out.rglob("*.ipynb")}


def elsewhere(bench, name):
    return type(bench)(**{**vars(bench), "out": bench.out.parent / name})


def killed(bench, submissions, after):
    """Grade in a process of its own, kill that after some seconds, and say whether it had come to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            batch.grade(bench, submissions)
            status = 0
        finally:
            os._exit(status)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == 0


def kills(bench, submissions, number, seed=7):
    """Kill batches until so many were killed; each is taken up again until it ends, and compared."""
    dice = random.Random(seed)
    undisturbed = elsewhere(bench, "undisturbed")
    batch.grade(undisturbed, submissions)
    done = rounds = 0
    while done < number:
        rounds += 1
        mine = elsewhere(bench, f"round-{rounds}")
        while not killed(mine, submissions, dice.uniform(0, LONGEST)):
            done += 1
        assert content(mine) == content(undisturbed)
        assert kept_files(mine) == kept_files(undisturbed)
    return done


def test_twelve_kills_leave_no_trace(bench, ready):
    assert kills(bench, ready, 12) >= 12


@pytest.mark.long
def test_a_thousand_kills_leave_no_trace(bench, ready):
    assert kills(bench, ready, 1000, seed=11) >= 1000


def test_a_disk_that_is_full_at_any_write_is_told_and_gone_on_from(bench, ready, monkeypatch):
    undisturbed = elsewhere(bench, "undisturbed")
    batch.grade(undisturbed, ready)
    sync = files._sync
    told = 0
    for full_at in range(1, 200):
        writes = iter(range(1, 10_000))

        def full(path, writes=writes, full_at=full_at):
            if next(writes) == full_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(path)

        mine = elsewhere(bench, f"full-{full_at}")
        with monkeypatch.context() as patch:
            patch.setattr(files, "_sync", full)
            try:
                batch.grade(mine, ready)
                ended = True
            except CourseError as error:
                assert "No space left on device" in str(error)
                ended = False
        if ended:
            break
        told += 1
        batch.grade(mine, ready)
        assert content(mine) == content(undisturbed)
    assert told > 10


def test_a_run_that_was_read_is_a_notebook(bench, ready):
    batch.grade(bench, ready)

    assert all(
        nbformat.read(path, as_version=4) for path in (bench.out / "submissions").iterdir() if path.stat().st_size > 1
    )
