"""What the grader writes of a trainee and of a class, as it is read for a report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from crm_course.grading.reports.wording import cut

QuestionState = Literal["right", "partly right", "wrong", "not answered", "to be marked", "marked"]
SubmissionState = Literal["graded", "nothing handed in", "unreadable"]


def _short(most: int) -> AfterValidator:
    shorten: Callable[[str], str] = lambda text: cut(text, most)  # noqa: E731 - a validator is a function of one value
    return AfterValidator(shorten)


MOST_OF_IT = 0.5  # of an answer
Name = Annotated[str, _short(80)]
Line = Annotated[str, _short(200)]
Sentence = Annotated[str, _short(600)]


class _Part(BaseModel):
    """A part of the grader's file: what a later version adds is passed over, infinite numbers are refused."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, frozen=True)


class Exercise(_Part):
    """Which exercise was graded."""

    name: Line
    title: Line


class Trainee(_Part):
    """Whose work it is; both texts are the trainee's own words."""

    id: Name
    name: Name


class Submission(_Part):
    """What was handed in."""

    file: Line = ""
    received_at: datetime | None = None
    state: SubmissionState
    why: Sentence = ""
    notes: list[Sentence] = []


class RunEnd(_Part):
    """How a run ended: ``finished``, or what stopped it, at which cell, after how many seconds."""

    ended: Name
    cell: int | None = None
    seconds: float | None = None


class Runs(_Part):
    """The runs on the trainee's own store and on the hidden one; None where there was none."""

    home: RunEnd | None = None
    hidden: RunEnd | None = None


class PartShare(_Part):
    """One column, member or property, and the share of it that is right."""

    name: Line
    share: float


class NamedSlip(_Part):
    """The usual mistake that an answer equals."""

    name: Name
    text: Sentence
    read_again: Line = ""


class CellError(_Part):
    """What stopped the cell that holds a question."""

    cell: int | None = None
    name: Name
    text: Sentence = ""


class QuestionResult(_Part):
    """One question of one trainee. ``got``, ``share`` and their like are None where nothing is marked yet.

    ``key`` names the columns by which rows of a table meet; without it they are found out.
    """

    id: Name
    title: Line
    criteria: list[Name] = []
    marks: float
    core: bool = True
    kind: Name
    state: QuestionState
    got: float | None = None
    share_home: float | None = None
    share_hidden: float | None = None
    share: float | None = None
    discriminating: bool = True
    only_at_home: bool = False
    parts: list[PartShare] = []
    remarks: list[Sentence] = []
    slip: NamedSlip | None = None
    read_again: Line = ""
    given: Any = None
    expected: Any = None
    key: list[str] | None = None
    error: CellError | None = None
    text: str | None = None
    words: int | None = None
    asked_words: tuple[int, int] | None = None
    rubric: dict[Name, list[Sentence]] | None = None
    levels: dict[Name, int] | None = None
    comment: str | None = None

    @property
    def home_alone(self) -> bool:
        """Whether the answer is right, most of it at least, on the trainee's own data and not on the second store.

        What is mostly wrong at home as well says nothing of this kind, whatever the second store says.
        """
        return self.only_at_home and (self.share_home is None or self.share_home >= MOST_OF_IT)

    @property
    def lost(self) -> float:
        """Marks that were lost; 0 while a person has still to mark."""
        return 0.0 if self.got is None else max(0.0, self.marks - self.got)


class Marks(_Part):
    """Marks in all: got, of how many, and how many of those a person still has to give."""

    got: float
    of: float
    to_be_marked: float = 0.0


class Result(_Part):
    """All that the grader found about one trainee's work."""

    v: Literal[1] = 1
    exercise: Exercise
    trainee: Trainee
    submission: Submission
    runs: Runs = Runs()
    sandboxed: bool
    questions: list[QuestionResult]
    marks: Marks

    @property
    def graded(self) -> bool:
        """Whether there was something to grade."""
        return self.submission.state == "graded"

    @property
    def ended_early(self) -> bool:
        """Whether a run did not come to its end."""
        return any(run is not None and run.ended != "finished" for run in (self.runs.home, self.runs.hidden))


class Unassigned(_Part):
    """A file that belongs to no trainee of the roster."""

    file: Line
    why: Sentence = ""


class ClassResult(_Part):
    """All that the grader found about a class."""

    v: Literal[1]
    exercise: Exercise
    sandboxed: bool
    results: list[Result]
    unassigned: list[Unassigned] = Field(default=[])
