"""Who grades: it reads, runs and scores submissions one after the other in a warm slot.

Everything that comes from a trainee is handled here, in a process that the batch can lose. What goes back to the
batch is small and plain; what is large is a file, on the disk before it is spoken of.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from crm_course.answers.prose import written_answers
from crm_course.answers.questions import Question
from crm_course.answers.released import STORE
from crm_course.digests import digest, folder_digest
from crm_course.errors import CourseError
from crm_course.exercise.key import Key, LoadedExercise, course_digest, written
from crm_course.grading import scoring
from crm_course.grading.bench import Bench, Graded, Job, Prepared
from crm_course.grading.findings import Exercise, QuestionResult
from crm_course.grading.gradebook import HOME, RunRow, ScoreRow
from crm_course.grading.intake.notebook_file import Submission, UnreadableFile, read_submission
from crm_course.grading.intake.submissions import Reading
from crm_course.release.packet import Handout
from crm_course.running.notebooks import UNREADABLE, notebook_text, read_notebook, write_notebook
from crm_course.running.pool import locked_in, slot

_mine = threading.local()


def examiner(bench: Bench) -> Examiner:
    """Give the examiner of this thread, made when it is first needed."""
    mine: Examiner | None = getattr(_mine, "examiner", None)
    if mine is None or mine.bench != bench or mine.master.written != written(bench.exercise):
        _mine.examiner = mine = Examiner(bench)
    return mine


def read(bench: Bench, digests: list[str]) -> list[Reading]:
    """Read files that were handed in: whether they are notebooks, and whose they say they are."""
    return [_reading(bench, one) for one in digests]


def _reading(bench: Bench, name: str) -> Reading:
    try:
        found = read_submission(bench.batch.submission(name))
    except UnreadableFile as error:
        return Reading(name, str(error))
    if not found.answered and not found.headed:
        return Reading(name, "holds no question of the exercise; is it another notebook?")
    return Reading(name, "", found.exercise, found.trainee)


def prepare(bench: Bench) -> Prepared:
    """Try the sandbox, make the keys of the hidden stores, and say what there is to know of the exercise."""
    if bench.sandbox and (problem := locked_in()):
        raise CourseError(f"{problem}; or, for notebooks that you trust, --unsafe-no-sandbox")
    mine = examiner(bench)
    exercise = Exercise(name=mine.master.exercise.name, title=Handout(mine.master.exercise).title)
    asked = tuple(scoring.asked(one) for one in mine.master.questions)
    return Prepared(exercise, asked, len(mine.hidden), slot(bench.sandbox).lacks)


class Examiner:
    """The exercise, and the keys of the hidden stores."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.master = LoadedExercise(bench.exercise)
        self.data_digests: dict[Path, str] = {}

    def released(self, trainee: str) -> NotebookNode:
        """Give the notebook that a trainee was handed."""
        path = self.bench.released.packet(trainee) / f"{self.master.exercise.name}.ipynb"
        try:
            return read_notebook(path)
        except UNREADABLE as error:
            raise CourseError(f"{path}: is missing or damaged; release again with --secret-file") from error

    @cached_property
    def hidden(self) -> list[tuple[Path, str, Key]]:
        """Folder, hash of the key and key of every hidden store."""
        return [(folder, *self.key(folder)) for folder in self.bench.released.hidden_stores]

    def key(self, folder: Path) -> tuple[str, Key]:
        """Give the key of a store and its hash: that of the release, or one made before, else a new one."""
        caches = self.bench.batch.keys, self.bench.released.keys
        return self.master.cached_key(folder, slot(self.bench.sandbox).run, *caches)

    def grade(self, job: Job) -> Graded:
        """Run what did not run, score what is scored on something else.

        Returns
        -------
        Graded
            What is new.
        """
        submission = read_submission(self.bench.batch.submission(job.submission))
        home = self.bench.released.packet(job.trainee)
        key_name, key = self.key(home)
        away, away_name, away_key = self._other_store(key)
        alike = self.master.alike(key, away_key)
        ids = [self._run_id(job, home), self._run_id(job, away)]
        runs = [
            self._run(job, submission, folder, name)
            for folder, name in zip((home, away), ids, strict=True)
            if name not in job.runs or not self._artefact(name).is_file()
        ]
        known = {**job.runs, **{one.id: one for one in runs}}
        released = self.released(job.trainee)
        parts = {True: [job.submission, notebook_text(released)], False: [*ids, key_name, away_name]}
        stale = {
            one.id: basis
            for one in self.master.questions
            if (basis := _basis(one, parts[one.kind == "written"])) != job.bases.get(one.id)
        }
        sides = [self._side(key, known[ids[0]], home), self._side(away_key, known[ids[1]], away)] if stale else []
        written = written_answers(submission.notebook, released) if stale else {}
        scores = []
        for one in self.master.questions:
            if one.id not in stale:
                continue
            if one.kind == "written":
                found = scoring.judge_written(one, written.get(one.id, ""), one.id in submission.headed)
            else:
                found = scoring.judge(self.master, one, submission, sides[0], sides[1], one.id not in alike)
            scores.append(_row(job, stale[one.id], found))
        return Graded(runs, scores, [one.id for one in self.master.questions])

    def _other_store(self, key: Key) -> tuple[Path, str, Key]:
        """Give the first hidden store whose right answers all differ, else the one where the fewest marks are alike."""
        marks = {one.id: one.marks for one in self.master.computed}
        return min(self.hidden, key=lambda one: sum(marks[name] for name in self.master.alike(key, one[2])))

    def _run_id(self, job: Job, folder: Path) -> str:
        if folder not in self.data_digests:
            self.data_digests[folder] = folder_digest(folder / STORE)
        limits = {name: float(value) for name, value in asdict(self.bench.limits).items()}
        how = repr((limits, self.bench.sandbox, course_digest(), self.data_digests[folder]))
        return digest(job.trainee.encode(), job.submission.encode(), how.encode())

    def _run(self, job: Job, submission: Submission, folder: Path, name: str) -> RunRow:
        done = slot(self.bench.sandbox).run(submission.notebook, folder, self.bench.limits)
        write_notebook(self._artefact(name), done.notebook)
        data = HOME if folder == self.bench.released.packet(job.trainee) else f"hidden/{folder.name}"
        return RunRow(name, job.trainee, job.submission, data, done.ended, done.cell, round(done.seconds, 3))

    def _artefact(self, name: str) -> Path:
        return self.bench.batch.run(name)

    def _side(self, key: Key, run: RunRow, folder: Path) -> scoring.Side:
        path = self._artefact(run.id)
        try:
            notebook = read_notebook(path)
        except UNREADABLE as error:
            raise CourseError(f"{path}: is damaged; delete it, and grade again") from error
        return scoring.Side.of(key, notebook, run.ended, run.cell, folder / STORE)


def _basis(question: Question, parts: list[str]) -> str:
    """Give the hash of all that a score follows from."""
    made_of = [course_digest(), question.model_dump_json(), *parts]
    return digest(Path(scoring.__file__).read_bytes(), *(one.encode() for one in made_of))


def _row(job: Job, basis: str, found: QuestionResult) -> ScoreRow:
    details = json.dumps(found.model_dump(mode="json"), ensure_ascii=False)
    return ScoreRow(job.trainee, job.submission, found.id, basis, found.state, found.marks, found.got, details)
