"""What a batch asks of its workers. Nothing here, and nothing in the batch's own process, imports pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_course.running.warm import Limits

SUBMISSIONS, RUNS, KEYS, HIDDEN = "submissions", "runs", "keys", "hidden"


@dataclass(frozen=True)
class Bench:
    """Where a batch finds and puts things.

    Attributes
    ----------
    exercise, release, out : Path
        The exercise's folder, that of the release, and the batch's own.
    limits : Limits
        Of a run.
    sandbox : bool
        Whether submissions are locked in.
    """

    exercise: Path
    release: Path
    out: Path
    limits: Limits
    sandbox: bool

    @property
    def hidden(self) -> list[Path]:
        """The folders of the hidden stores, in their order."""
        return sorted((self.release / "instructor" / HIDDEN).iterdir(), key=lambda path: int(path.name))

    def home(self, trainee: str) -> Path:
        """Give the folder of a trainee's packet."""
        return self.release / "packets" / trainee


@dataclass(frozen=True)
class Job:
    """One submission to grade.

    Attributes
    ----------
    trainee, submission : str
        Whose, and the hash of the file.
    bases : dict of str to str
        By question, what the score that the gradebook has is based on.
    runs : dict of str to dict
        The runs that the gradebook has, by id.
    """

    trainee: str
    submission: str
    bases: Mapping[str, str]
    runs: Mapping[str, Mapping[str, Any]]


def perform(task: str, bench: Bench, *arguments: Any) -> Any:
    """Do a task of `crm_course.grading.work`, in a worker."""
    from crm_course.grading import work

    return getattr(work, task)(bench, *arguments)


def draw_page(page: Any) -> None:
    """Make a page, in a worker."""
    from crm_course.grading import drawing

    drawing.draw(page)
