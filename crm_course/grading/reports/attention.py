"""Who in a class needs a person, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from crm_course.grading.findings import ClassResult, Result
from crm_course.grading.reports.blocks import why_ended
from crm_course.locale import _
from crm_course.running.sandbox.limits import FINISHED

Label = Callable[[Result], str]


@dataclass(frozen=True)
class Matter:
    """One reason to look, and whom it is about.

    Attributes
    ----------
    name, what : str
        The reason in a few words, and what to do about it.
    groups : tuple of (str, tuple of str)
        Details, the most frequent first, each with the trainees, files or questions that it is about.
    count : int
        How many there are in all.
    """

    name: str
    what: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    count: int


def matters(found: ClassResult, label: Label, files: bool = True) -> list[Matter]:
    """List what needs a person: what cannot be read first, what has time last.

    Parameters
    ----------
    found : ClassResult
        As `read_class` gives it.
    label : callable
        Gives what a trainee is called.
    files : bool
        Whether names of files that belong to nobody may be shown.
    """
    by_state: dict[str, list[Result]] = {}
    for one in found.results:
        by_state.setdefault(one.submission.state, []).append(one)
    graded = by_state.get("graded", [])
    unassigned = [
        (one.why, one.file if files else _("file {number}").format(number=number))
        for number, one in enumerate(found.unassigned, start=1)
    ]
    every = [
        _matter(
            _("Unreadable"),
            _("Ask for the file again."),
            [(one.submission.why, label(one)) for one in by_state.get("unreadable", [])],
        ),
        _matter(
            _("Not graded as it should be"),
            _("See what the grader says, and grade again."),
            [(one.submission.why, label(one)) for one in graded if one.submission.why],
        ),
        _matter(
            _("Something to know of a file"),
            _("Several files, a file that is broken, or the packet of somebody else."),
            [(note, label(one)) for one in graded for note in one.submission.notes],
        ),
        _matter(_("Belongs to nobody"), _("Rename the file after a trainee of the roster."), unassigned),
        _matter(
            _("Ended early"),
            _("What was recorded before counts; see whether the notebook or the machine was at fault."),
            [(how, label(one)) for one in graded for how in _ends(one)],
        ),
        _matter(
            _("Right at home alone"),
            _("The same answer on both stores: have a look before you speak of copying."),
            [(ids, label(one)) for one in graded if (ids := _home_alone(one))],
        ),
        _to_mark(graded),
        _matter(
            _("Nothing handed in"),
            "",
            [(one.submission.why, label(one)) for one in by_state.get("nothing handed in", [])],
        ),
    ]
    return [one for one in every if one.count]


def _matter(name: str, what: str, pairs: list[tuple[str, str]]) -> Matter:
    groups: dict[str, list[str]] = {}
    for detail, whom in pairs:
        groups.setdefault(detail, []).append(whom)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return Matter(name, what, tuple((detail, tuple(whom)) for detail, whom in ordered), len(pairs))


def _to_mark(graded: list[Result]) -> Matter:
    """Count the written answers of each question: to name everybody would name the class."""
    waiting = Counter(question.id for one in graded for question in one.questions if question.state == "to be marked")
    told = [
        _("{question} (answers: {count})").format(question=name, count=f"{count:,}")
        for name, count in sorted(waiting.items(), key=lambda pair: (len(pair[0]), pair[0]))
    ]
    what = _("The command crm-course mark writes a sheet with each beside its rubric.")
    return Matter(_("Written answers to be marked"), what, (("", tuple(told)),), sum(waiting.values()))


def _home_alone(result: Result) -> str:
    return ", ".join(question.id for question in result.questions if question.home_alone)


def _ends(result: Result) -> list[str]:
    runs = [(_("own data: {why}"), result.runs.home), (_("second store: {why}"), result.runs.hidden)]
    return [where.format(why=why_ended(run)) for where, run in runs if run is not None and run.ended != FINISHED]
