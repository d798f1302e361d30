"""What the grader finds of a trainee and of a class: made where answers are scored, kept, and read for reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_serializer

from crm_course.messages import cut
from crm_course.models import FrozenModel
from crm_course.running.sandbox.limits import FINISHED

VERSION: Literal[1] = 1
MOST_OF_IT = 0.5  # of an answer
FOR_A_PAGE = {"cut": True}  # the context in which texts are cut to what a page can show; else they stay whole

QuestionState = Literal["right", "partly right", "wrong", "not answered", "to be marked", "marked"]
SubmissionState = Literal["graded", "nothing handed in", "unreadable"]


def _at_most(letters: int) -> AfterValidator:
    def shorten(text: str, info: ValidationInfo) -> str:
        return cut(text, letters) if info.context is FOR_A_PAGE else text

    return AfterValidator(shorten)


Name = Annotated[str, _at_most(80)]
Line = Annotated[str, _at_most(200)]
Sentence = Annotated[str, _at_most(600)]
Bundle = Any  # an answer as `answers.encoding` makes it, or None; whoever decodes it holds it to its form


class _Found(FrozenModel):
    """A part of what was found: what a later version adds is passed over."""

    model_config = ConfigDict(extra="ignore")


class Exercise(_Found):
    """Which exercise was graded."""

    name: Line
    title: Line


class Trainee(_Found):
    """Whose work it is; both texts are the trainee's own words."""

    id: Name
    name: Name


class Submission(_Found):
    """What was handed in."""

    file: Line = ""
    received_at: datetime | None = None
    state: SubmissionState
    why: Sentence = ""
    notes: list[Sentence] = Field(default=[])

    @field_serializer("received_at")
    def _as_it_came(self, moment: datetime | None) -> str | None:
        return moment.isoformat() if moment else None


class RunEnd(_Found):
    """How a run ended: ``finished``, or what stopped it, at which cell, after how many seconds."""

    ended: Name
    cell: int | None = None
    seconds: float | None = None


class Runs(_Found):
    """The runs on the trainee's own store and on the hidden one; None where there was none."""

    home: RunEnd | None = None
    hidden: RunEnd | None = None


class PartShare(_Found):
    """One column, member or property, and the share of it that is right."""

    name: Line
    share: float


class NamedSlip(_Found):
    """The usual mistake that an answer equals."""

    name: Name
    text: Sentence
    read_again: Line = ""


class CellError(_Found):
    """What stopped the cell that holds a question."""

    cell: int | None = None
    name: Name
    text: Sentence = ""


class Asked(_Found):
    """What there is to know of a question whatever the answer."""

    id: Name
    title: Line
    criteria: list[Name] = Field(default=[])
    marks: float
    core: bool = True
    kind: Name
    read_again: Line = ""


class QuestionResult(Asked):
    """One question of one trainee. ``got``, ``share`` and their like are None where nothing is marked yet.

    ``key`` names the columns by which rows of a table meet; without it they are found out.
    """

    share_home: float | None = None
    share_hidden: float | None = None
    share: float | None = None
    slip: NamedSlip | None = None
    given: Bundle = None
    expected: Bundle = None
    error: CellError | None = None
    text: str | None = None
    words: int | None = None
    asked_words: tuple[int, int] | None = None
    rubric: dict[Name, list[Sentence]] | None = None
    levels: dict[Name, int] | None = None
    comment: str | None = None
    discriminating: bool = True
    only_at_home: bool = False
    parts: list[PartShare] = Field(default=[])
    state: QuestionState
    got: float | None = None
    remarks: list[Sentence] = Field(default=[])
    key: list[str] | None = Field(default=None, exclude=True)

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


class Marks(_Found):
    """Marks in all: got, of how many, and how many of those a person still has to give."""

    got: float
    of: float
    to_be_marked: int | float = 0  # none is 0 in a spreadsheet, not 0.0


class Result(_Found):
    """All that the grader found about one trainee's work."""

    v: Literal[1] = VERSION
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
        return any(run is not None and run.ended != FINISHED for run in (self.runs.home, self.runs.hidden))


class Unassigned(_Found):
    """A file that belongs to no trainee of the roster."""

    file: Line
    why: Sentence = ""


class ClassResult(_Found):
    """All that the grader found about a class."""

    v: Literal[1] = VERSION
    exercise: Exercise
    sandboxed: bool
    results: list[Result]
    unassigned: list[Unassigned] = Field(default=[])
