"""What one submission is worth: her answers at home and on the hidden store, beside the keys of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from crm_course.answers.collecting import Collected, collect
from crm_course.answers.comparing import compare
from crm_course.answers.comparing.scores import Score
from crm_course.answers.form_check import form_problems
from crm_course.answers.prose import words
from crm_course.answers.questions import Question
from crm_course.answers.released import forms
from crm_course.answers.values import Answer
from crm_course.exercise.key import Key, LoadedExercise
from crm_course.exercise.slips import as_answer
from crm_course.grading.findings import Asked, CellError, NamedSlip, PartShare, QuestionResult, QuestionState
from crm_course.grading.intake.notebook_file import Submission
from crm_course.locale import _
from crm_course.running.sandbox.limits import FINISHED
from crm_course.tables.store import open_store

HALF = 0.5
ROUNDED = 10  # tolerances within which an answer away was computed, and rounded perhaps
NONE = Score(0.0)


@dataclass(frozen=True)
class Side:
    """One run of a submission, and what would have been right there.

    Attributes
    ----------
    key : Key
        Of the store it ran on.
    collected : Collected
        Its answers.
    errors : dict of int to CellError
        By cell, counted from 1, what stopped it.
    ended : str
        ``finished``, or why the run ended.
    cell : int or None
        Where it ended.
    store : Path
        The store's folder.
    """

    key: Key
    collected: Collected
    errors: Mapping[int, CellError] = field(default_factory=dict)
    ended: str = FINISHED
    cell: int | None = None
    store: Path = Path()

    @classmethod
    def of(cls, key: Key, notebook: NotebookNode, ended: str, cell: int | None, store: Path) -> Side:
        """Read an executed notebook."""
        found = {
            number: CellError(cell=number, name=str(output.ename)[:100], text=str(output.evalue)[:1000])
            for number, one in enumerate(notebook.cells, start=1)
            for output in one.get("outputs", [])
            if output.output_type == "error"
        }
        return cls(key, collect(notebook), found, ended, cell, store)

    def score(self, question: Question) -> Score:
        """Compare the answer with the key of this side."""
        return self.key.score(question, self.collected.answers.get(question.id))


def only_at_home(home: Score, away: Score | None) -> bool:
    """Say whether an answer holds on the trainee's own store alone.

    That is so where it is right at home and not away, or worth less than half away of what it is at home: partly
    right answers come out a little better or worse on any store.
    """
    if away is None or home.share == 0:
        return False
    return (home.right and not away.right) or away.share < HALF * home.share


def worth(question: Question, home: Score, away: Score | None) -> float:
    """Give the share of the marks; what holds at home alone loses `share_lost` of what it lacks away."""
    if away is None or not only_at_home(home, away):
        return home.share
    drawn = [part.share for part in away.parts if part.name == "data"]  # a figure's labels are right on any store
    return home.share - question.hidden.share_lost * (home.share - min([away.share, *drawn]))


def judge(
    master: LoadedExercise, question: Question, submission: Submission, home: Side, away: Side, discriminating: bool
) -> QuestionResult:
    """Judge the answer to a computed question.

    Parameters
    ----------
    master, question : LoadedExercise, Question
        The exercise.
    submission : Submission
        What was handed in.
    home, away : Side
        On the trainee's own store, and on the hidden one.
    discriminating : bool
        Whether the right answers of the two differ; else the hidden store says nothing.

    Returns
    -------
    QuestionResult
        For the gradebook and the report.
    """
    given = home.collected.answers.get(question.id)
    here = _followed(master, question, home)
    there = _followed(master, question, away) if discriminating else None
    same = _same(given, away.collected.answers.get(question.id))
    near = not same and here.right and discriminating and away.score(question.loosened(ROUNDED)).right
    share = here.share if near else worth(question, here, there)
    lone = not near and only_at_home(here, there)
    typed = lone and same
    slip = None if here.right else master.slip_of(question, home.key, given)
    told = NamedSlip(name=slip.name, text=slip.text, read_again=slip.read_again) if slip else None
    remarks = [
        *(here.remarks if given and given.kind != "nothing" else ()),
        *_remarks(question, submission, home, given),
        *_away(question, away, lone, typed, here.right),
    ]
    return QuestionResult(
        **dict(asked(question)),
        state=_state(given, share),
        got=round(share * question.marks, 4),
        share_home=round(here.share, 6),
        share_hidden=None if there is None else round(there.share, 6),
        share=round(share, 6),
        discriminating=discriminating,
        only_at_home=typed,
        parts=[PartShare(name=one.name, share=round(one.share, 6)) for one in here.parts],
        remarks=list(dict.fromkeys(remarks)),
        slip=told,
        given=given.bundle if given and given.kind != "nothing" else None,
        expected=home.key.answers[question.id].bundle,
        error=_error(question, submission, home),
    )


def judge_written(question: Question, text: str, headed: bool) -> QuestionResult:
    """Take down a written answer, which a person marks.

    Parameters
    ----------
    question : Question
        A written one.
    text : str
        What stands below its heading.
    headed : bool
        Whether its heading is there.
    """
    count = words(text)
    remarks = []
    if not headed:
        remarks.append(_("The heading of {question} is gone, so no answer was found.").format(question=question.id))
    low, high = question.form.words or (0, count)
    if count and not low <= count <= high:
        said = _("Your answer has {count} words; {low} to {high} are asked for.")
        remarks.append(said.format(count=count, low=low, high=high))
    return QuestionResult(
        **dict(asked(question)),
        state="to be marked" if count else "not answered",
        got=None if count else 0.0,
        remarks=remarks,
        text=text,
        words=count,
        asked_words=question.form.words,
        rubric=question.rubric,
    )


def asked(question: Question) -> Asked:
    """Give what a report says of a question whatever the answer."""
    return Asked(
        id=question.id,
        title=question.title,
        criteria=question.criteria,
        marks=question.marks,
        core=question.core,
        kind=question.kind,
        read_again=question.read_again,
    )


def _state(given: Answer | None, share: float) -> QuestionState:
    if given is None or given.kind == "nothing":
        return "not answered"
    return "right" if share >= 1 else "partly right" if share > 0 else "wrong"


def _remarks(question: Question, submission: Submission, home: Side, given: Answer | None) -> list[str]:
    """Tell what else a trainee should know of her answer."""
    cells = submission.answered.get(question.id, [])
    said = []
    if not cells and given is None:
        call = f'answer("{question.id}", …)'
        said.append(_("Your notebook has no cell with {call}.").format(call=call))
    if len(cells) > 1:
        listed = ", ".join(map(str, cells))
        said.append(
            _("{question} is answered in cells {cells}; the last call counts.").format(
                question=question.id, cells=listed
            )
        )
    said += [
        _("What cell {cell} hands in cannot be read: {why}.").format(cell=cell, why=why.removesuffix("."))
        for cell, why in home.collected.unreadable
        if cell in cells
    ]
    if home.ended != FINISHED and given is None:
        said.append(
            _("Your notebook stopped in cell {cell} ({why}), before this answer.").format(
                cell=home.cell, why=home.ended
            )
        )
    if given is not None and given.kind != "nothing" and not home.score(question).right:
        problems = form_problems(forms([question])[0], given)
        said += [_("Its form is not right: {problems}.").format(problems="; ".join(problems))] if problems else []
    return said


def _same(here: Answer | None, there: Answer | None) -> bool:
    """Say whether one and the same answer was given on both stores: it was not computed from their data."""
    return here is not None and there is not None and here.bundle["value"] == there.bundle["value"]


def _followed(master: LoadedExercise, question: Question, side: Side) -> Score:
    """Compare an answer with the key, or with what follows rightly from her own answers to the questions before."""
    score, given = side.score(question), side.collected.answers.get(question.id)
    follow = master.slips.follows.get(question.id)
    if score.right or follow is None or given is None or given.kind == "nothing":
        return score
    try:
        value = follow(open_store(side.store), side.key.answers, side.collected.answers)
        right = value is not None and compare(as_answer(question, value), given, question).right
    except Exception:  # her answers can be anything: then nothing follows from them
        return score
    return Score(1.0, remarks=(_("It follows rightly from your answers before."),)) if right else score


def _away(question: Question, away: Side, lone: bool, typed: bool, right: bool) -> list[str]:
    """Tell why an answer that holds at home does not hold away, where that is known."""
    if not lone or typed:
        return []
    given = away.collected.answers.get(question.id)
    if given is not None and given.kind != "nothing":
        told = _("On a store that you never had your cells give a wrong answer: here it was right by accident.")
        return [told if right else _("On a store that you never had less of what your cells give is right.")]
    if away.ended != FINISHED:
        return [
            _("On the other store your notebook stopped in cell {cell} ({why}).").format(cell=away.cell, why=away.ended)
        ]
    return [_("On the other store your notebook gave no answer to this question.")]


def _error(question: Question, submission: Submission, home: Side) -> CellError | None:
    """Give the error of the last cell that should have answered a question."""
    stopped = [cell for cell in submission.answered.get(question.id, []) if cell in home.errors]
    return home.errors[stopped[-1]] if stopped else None
