"""What a batch asks of its workers, task by task.

A batch hands these functions to other processes; only there is the science stack imported, when a task begins.
"""

from __future__ import annotations

from crm_course.grading.bench import Bench, Graded, Job, Page, Prepared
from crm_course.grading.intake.submissions import Reading


def read(bench: Bench, digests: list[str]) -> list[Reading]:
    """Read files that were handed in: whether they are notebooks, and whose they say they are."""
    from crm_course.grading import examiner

    return examiner.read(bench, digests)


def prepare(bench: Bench) -> Prepared:
    """Try the sandbox, make the keys of the hidden stores, and say what there is to know of the exercise."""
    from crm_course.grading import examiner

    return examiner.prepare(bench)


def grade(bench: Bench, job: Job) -> Graded:
    """Grade a submission: what the gradebook does not have yet."""
    from crm_course.grading import examiner

    return examiner.examiner(bench).grade(job)


def draw(page: Page) -> None:
    """Run a report's notebook on one file, and make the page of it."""
    from crm_course.grading import drawing

    drawing.draw(page)
