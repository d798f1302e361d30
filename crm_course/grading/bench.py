"""What a batch and its workers share: where things lie, and what is asked. Nothing here imports pandas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_course.digests import code_digest
from crm_course.grading.findings import Asked, Exercise
from crm_course.grading.gradebook import RunRow, ScoreRow
from crm_course.release.layout import ReleaseFolder
from crm_course.running.sandbox.limits import Limits

PAGE_ROOMS = ("answers", "curriculum", "exercise", "grading", "locale", "plots", "running")  # a page follows from them


@dataclass(frozen=True)
class BatchFolder:
    """The folder that ``crm-course grade -o`` writes.

    Attributes
    ----------
    path : Path
        With the gradebook, and all that it speaks of.
    """

    path: Path

    @property
    def submissions(self) -> Path:
        """A copy of every file that may be a notebook, under its hash."""
        return self.path / "submissions"

    def submission(self, digest: str) -> Path:
        """Give the copy of a file."""
        return self.submissions / f"{digest}.ipynb"

    def run(self, name: str) -> Path:
        """Give the notebook that a run left."""
        return self.path / "runs" / f"{name}.ipynb"

    @property
    def keys(self) -> Path:
        """Keys that the release did not have."""
        return self.path / "keys"

    @property
    def reports(self) -> Path:
        """A page for each trainee."""
        return self.path / "reports"

    @property
    def class_page(self) -> Path:
        """The page of the class."""
        return self.path / "class.html"


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
    def released(self) -> ReleaseFolder:
        """What was handed out."""
        return ReleaseFolder(self.release)

    @property
    def batch(self) -> BatchFolder:
        """What the batch writes."""
        return BatchFolder(self.out)


@dataclass(frozen=True)
class Job:
    """One submission to grade.

    Attributes
    ----------
    trainee, submission : str
        Whose, and the hash of the file.
    bases : dict of str to str
        By question, what the score that the gradebook has is based on.
    runs : dict of str to RunRow
        The runs that the gradebook has, by id.
    """

    trainee: str
    submission: str
    bases: Mapping[str, str]
    runs: Mapping[str, RunRow]


@dataclass(frozen=True)
class Prepared:
    """What there is to know of an exercise before its first submission is graded.

    Attributes
    ----------
    exercise : Exercise
        Its name and title.
    questions : tuple of Asked
        In their order.
    hidden : int
        How many hidden stores there are.
    lacks : list of str
        What the sandbox of this machine has not.
    """

    exercise: Exercise
    questions: tuple[Asked, ...]
    hidden: int
    lacks: list[str]


@dataclass(frozen=True)
class Graded:
    """What is new of a submission.

    Attributes
    ----------
    runs : list of RunRow
        Runs that were made.
    scores : list of ScoreRow
        Answers that were scored.
    questions : list of str
        All that the exercise has.
    """

    runs: list[RunRow]
    scores: list[ScoreRow]
    questions: list[str]


@dataclass(frozen=True)
class Page:
    """One page to make.

    Attributes
    ----------
    notebook : Path
        The report's source, a percent script.
    data : dict
        What it reads.
    file : str
        The name by which it reads it.
    target : Path
        The page.
    parameters : dict
        Other parameters of the notebook.
    sandbox : bool
        Which kind of slot the notebook runs in: that of the batch, though it is ours.
    """

    notebook: Path
    data: dict[str, Any]
    file: str
    target: Path
    parameters: dict[str, Any]
    sandbox: bool = False

    @property
    def basis(self) -> str:
        """The hash of all that the page follows from."""
        made_of = json.dumps([self.data, self.parameters, code_digest(*PAGE_ROOMS)], sort_keys=True)
        return hashlib.sha256(made_of.encode() + self.notebook.read_bytes()).hexdigest()
