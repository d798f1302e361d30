"""Results: what the gradebook says of each trainee, in the form that reports read."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from crm_course.grading.findings import (
    ClassResult,
    Exercise,
    Marks,
    QuestionResult,
    Result,
    RunEnd,
    Runs,
    Submission,
    SubmissionState,
    Trainee,
    Unassigned,
)
from crm_course.grading.gradebook import HOME, Gradebook
from crm_course.grading.intake.submissions import File
from crm_course.running.sandbox.limits import FINISHED

HIGHEST = 3  # level of a row of a rubric
CLASS_LEAVES_OUT = ("given", "expected", "text", "rubric")
NOT_YET = Exercise(name="", title="")  # before the first submission is graded


def results(book: Gradebook) -> list[Result]:
    """Give the result of every trainee of the roster, in its order."""
    files = defaultdict(list)
    for one in _files(book):
        files[one.trainee].append(one)
    problems = book.about["problems"] or {}
    return [_result(book, one, files[one.id], problems.get(one.id, "")) for one in _roster(book)]


def class_result(book: Gradebook, all_results: Iterable[Result]) -> ClassResult:
    """Give what the class report reads: all results without answers, and the files that are nobody's."""
    return ClassResult(
        exercise=exercise_of(book),
        sandboxed=bool(book.about["sandboxed"]),
        results=[one.model_copy(update={"questions": [_lean(it) for it in one.questions]}) for one in all_results],
        unassigned=_nobodys(_files(book)),
    )


def exercise_of(book: Gradebook) -> Exercise:
    """Give the exercise of a batch."""
    return Exercise(**(book.about["exercise"] or dict(NOT_YET)))


def asked_marks(book: Gradebook) -> dict[str, float]:
    """Give the marks of every question of the exercise by its id, in its order."""
    return {one["id"]: one["marks"] for one in book.about["questions"] or []}


def _files(book: Gradebook) -> list[File]:
    return [File(**dict(row)) for row in book.rows("files")]


def _roster(book: Gradebook) -> list[Trainee]:
    return [Trainee(**one) for one in book.about["roster"] or []]


def _nobodys(files: Iterable[File]) -> list[Unassigned]:
    states = ("unassigned", "unreadable")
    return [Unassigned(file=one.path, why=one.why) for one in files if not one.trainee and one.state in states]


def _lean(question: QuestionResult) -> QuestionResult:
    return question.model_copy(update=dict.fromkeys(CLASS_LEAVES_OUT))


def _result(book: Gradebook, trainee: Trainee, files: list[File], problem: str) -> Result:
    tries = [(one, _questions(book, trainee.id, one.digest)) for one in files if one.state == "counts"]
    none: tuple[File | None, list[QuestionResult]] = (None, [])
    file, questions = max(tries, key=lambda pair: _got(pair[1]), default=none)
    file = file or next((one for one in files if one.state == "unreadable"), None)
    ran = book.rows("runs", trainee=trainee.id, submission=file.digest) if file else []
    return Result(
        exercise=exercise_of(book),
        trainee=trainee,
        submission=_submission(file, files, bool(questions), problem, book.about["policy"] or "last"),
        runs=_runs(ran),
        sandboxed=bool(book.about["sandboxed"]),
        questions=questions,
        marks=_marks(questions) if questions else Marks(got=0.0, of=sum(asked_marks(book).values())),
    )


def _submission(file: File | None, files: list[File], graded: bool, problem: str, policy: str) -> Submission:
    if file is None:
        return Submission(state="nothing handed in")
    state: SubmissionState = "graded" if graded else "unreadable"
    return Submission(
        file=file.path,
        received_at=datetime.fromisoformat(file.received_at) if file.received_at else None,
        state=state,
        why=problem if graded or file.state == "counts" else file.why,
        notes=_notes(file, files, policy),
    )


def _questions(book: Gradebook, trainee: str, submission: str) -> list[QuestionResult]:
    rows = book.rows("scores", trainee=trainee, submission=submission)
    held = {row["question"]: QuestionResult(**json.loads(row["details"])) for row in rows}
    return [_marked(book, trainee, held[name]) for name in asked_marks(book) if name in held]


def _marked(book: Gradebook, trainee: str, question: QuestionResult) -> QuestionResult:
    """Give a written answer with what a person gave it: full marks for the highest level in every row."""
    if question.state != "to be marked":
        return question
    rubric = question.rubric or {}
    answer = {"trainee": trainee, "question": question.id, "answer": answer_digest(question)}
    given = {row["part"]: row for row in book.rows("levels", **answer)}
    levels = {part: given[part]["level"] for part in rubric if part in given}
    comment = " ".join(row["comment"] for row in given.values() if row["comment"]) or None
    told: dict[str, Any] = {"levels": levels or None, "comment": comment}
    if len(levels) == len(rubric):
        share = sum(levels.values()) / (HIGHEST * len(levels))
        told |= {"state": "marked", "got": round(share * question.marks, 4), "share": round(share, 6)}
    return question.model_copy(update=told)


def answer_digest(question: QuestionResult) -> str:
    """Give the hash of a written answer: what a person gave one text holds for no other."""
    return hashlib.sha256((question.text or "").encode()).hexdigest()


def _got(questions: Iterable[QuestionResult]) -> float:
    return sum(one.got or 0.0 for one in questions)


def _marks(questions: list[QuestionResult]) -> Marks:
    return Marks(
        got=round(_got(questions), 2),
        of=sum(one.marks for one in questions),
        to_be_marked=sum(one.marks for one in questions if one.state == "to be marked"),
    )


def _runs(rows: Iterable[sqlite3.Row]) -> Runs:
    """Give the latest run at home and the latest on a hidden store."""
    found: dict[str, RunEnd] = {}
    for row in rows:
        kind = "home" if row["data"] == HOME else "hidden"
        found[kind] = RunEnd(ended=row["ended"], cell=row["cell"], seconds=row["seconds"])
    return Runs(**found)


def _notes(file: File, files: list[File], policy: str) -> list[str]:
    """Tell what a trainee should know of what she handed in."""
    others = [one for one in files if one is not file and one.state in ("counts", "does not count")]
    notes = []
    if others:
        which = {"last": "the last one counts", "first": "the first one counts", "best": "the best one counts"}
        notes.append(f"{len(others) + 1} notebooks were handed in; {which[policy]}: {file.path}.")
    notes += [f"{one.path} {one.why}." for one in files if one is not file and one.state == "unreadable"]
    if file.state == "counts" and file.why:
        notes.append("This is not the notebook of your packet: it was made for somebody else.")
    return notes


@dataclass(frozen=True)
class Matter:
    """What a person should look at."""

    trainee: str
    why: str


def needs_a_person(all_results: Iterable[Result]) -> list[Matter]:
    """Give who needs a look, with the reason."""
    found = []
    for one in all_results:
        brought, whys = one.submission, []
        if brought.state == "unreadable" or brought.why:
            whys.append(brought.why)
        whys += brought.notes
        for run, where in ((one.runs.home, ""), (one.runs.hidden, " on the hidden store")):
            if run and run.ended != FINISHED:
                whys.append(f"the run ended in cell {run.cell}{where}: {run.ended}")
        if alone := [it.id for it in one.questions if it.only_at_home]:
            whys.append(f"right on the own store alone: {', '.join(alone)}")
        found += [Matter(one.trainee.id, why) for why in whys]
    return found


@dataclass(frozen=True)
class Standing:
    """Where a batch stands: counts, marks on average, and what needs a person."""

    exercise: str
    sandboxed: bool
    sandbox_lacks: Sequence[str]
    trainees: int
    graded: int
    nothing_handed_in: int
    unreadable: int
    files: int
    unassigned: Sequence[Unassigned]
    to_be_marked: int
    mean_marks: float | None
    needs_a_person: Sequence[Matter]

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        return {**asdict(self), "unassigned": [one.model_dump() for one in self.unassigned]}


def standing(book: Gradebook) -> Standing:
    """Give where a batch stands."""
    all_results, files = results(book), _files(book)
    states = Counter(one.submission.state for one in all_results)
    got = [one.marks.got for one in all_results if one.graded]
    return Standing(
        exercise=exercise_of(book).name,
        sandboxed=bool(book.about["sandboxed"]),
        sandbox_lacks=book.about["sandbox_lacks"] or [],
        trainees=len(all_results),
        graded=states["graded"],
        nothing_handed_in=states["nothing handed in"],
        unreadable=states["unreadable"],
        files=len(files),
        unassigned=_nobodys(files),
        to_be_marked=sum(it.state == "to be marked" for one in all_results for it in one.questions),
        mean_marks=round(sum(got) / len(got), 2) if got else None,
        needs_a_person=needs_a_person(all_results),
    )
