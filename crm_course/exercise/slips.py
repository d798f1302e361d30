"""Slips: named wrong answers, computed, so that a report says what went wrong and not only that it did."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from crm_course.answers.comparing import compare
from crm_course.answers.comparing.list_scores import members
from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.questions import Question
from crm_course.answers.values import Answer
from crm_course.errors import CourseError, FitFailed
from crm_course.tables.store import Store

Computes = Callable[..., Any]  # of a store, what is right there and, for `follows`, a trainee's answers
SLIPS, WORTH, TOSS_UP, FOLLOWS = "__slips__", "__worth__", "__toss_up__", "__follows__"


@dataclass(frozen=True)
class Slip:
    """A usual mistake.

    Attributes
    ----------
    question, name : str
        Where it is made, and what ``questions.yml`` calls it.
    text : str
        What went wrong, said to the trainee.
    read_again : str
        Where it is explained.
    compute : function of (store, key)
        Gives the answer that the mistake leads to; `key` holds what is right, an `Answer` by question.
    """

    question: str
    name: str
    text: str
    read_again: str
    compute: Computes = field(repr=False, compare=False)


@dataclass(frozen=True)
class Slips:
    """What an exercise's ``slips.py`` holds.

    Attributes
    ----------
    path : Path
        The file.
    slips : tuple of Slip
        In the order of the file.
    worth : mapping of str to function of (store, key)
        By question: gives what each possible choice is worth; see `worth`.
    toss_ups : mapping of str to function of (store, key)
        By question: says why the decision is a toss-up on a store, or None; see `toss_up`.
    follows : mapping of str to function of (store, key, answers)
        By question: gives what follows rightly from a trainee's own answers before; see `follows`.
    """

    path: Path
    slips: tuple[Slip, ...]
    worth: Mapping[str, Computes]
    toss_ups: Mapping[str, Computes]
    follows: Mapping[str, Computes] = field(default_factory=dict)

    def of(self, question: str) -> list[Slip]:
        """Give the slips of a question, in the order of the file."""
        return [one for one in self.slips if one.question == question]

    def values(self, question: Question, store: Store, key: object) -> dict[Slip, Answer]:
        """Compute what each slip of a question gives; one that gives None cannot be made on this store.

        Neither can one whose model cannot be fitted here.

        Raises
        ------
        CourseError
            If one fails; the line names file and slip.
        """
        found = {}
        for one in self.of(question.id):
            try:
                value = as_answer(question, one.compute(store, key))
            except FitFailed:  # the mistake leads to no answer here
                continue
            except Exception as error:
                what = f"{type(error).__name__}: {error}".splitlines()[0]
                raise CourseError(
                    f"{self.path}: slip {one.name} of {one.question} fails ({what}); correct it"
                ) from error
            if value.kind != "nothing":
                found[one] = value
        return found


def slip(question: str, *, name: str, text: str, read_again: str) -> Callable[[Computes], Computes]:
    """Mark a function of an exercise's ``slips.py`` as a slip; the function itself stays as it is.

    Parameters
    ----------
    question : str
        The question in which the mistake is made.
    name, text, read_again : str
        See `Slip`.

    Examples
    --------
    >>> @slip("q2", name="counts", text="You counted; a rate is asked for.", read_again="05, section 2")
    ... def counts(store: Store, key: object) -> object:
    ...     return len(store.table("contacts"))
    """

    def mark(compute: Computes) -> Computes:
        marked = vars(compute).setdefault(SLIPS, [])
        marked.insert(0, Slip(question, name, text, read_again, compute))
        return compute

    return mark


def slips_of(question: str, *, read_again: str | Mapping[str, str]) -> Callable[[type], type]:
    """Mark a class whose functions are the slips of a question, so that they can be read as a table.

    A function's name is the slip's, its docstring the text; it is called with store and key. The class is only a
    place for names, which other questions may use as well.

    Parameters
    ----------
    question : str
        The question in which the mistakes are made.
    read_again : str or mapping of str to str
        Where they are explained; or by name, with ``""`` for all others.

    Examples
    --------
    >>> @slips_of("q2", read_again="05, section 2")
    ... class Q2:
    ...     def counts(store: Store, key: object) -> object:
    ...         "You counted; a rate is asked for."
    ...         return len(store.table("contacts"))
    """
    where = {"": read_again} if isinstance(read_again, str) else read_again

    def mark(table: type) -> type:
        for name, compute in vars(table).items():
            if isinstance(compute, FunctionType):
                text = inspect.getdoc(compute)
                if not text:
                    raise CourseError(f"slip {name} of {question} tells nothing; write its text as a docstring")
                slip(question, name=name, text=text, read_again=where.get(name) or where[""])(compute)
        setattr(table, SLIPS, [one for compute in vars(table).values() for one in getattr(compute, SLIPS, [])])
        return table

    return mark


def worth(question: str) -> Callable[[Computes], Computes]:
    """Mark a function of (store, key) that gives what each possible choice of a question is worth, by id.

    It may give a Series or a dict. For a ranking it gives what is ranked by, so that ties may change places.
    """
    return _marker(WORTH, question)


def toss_up(question: str) -> Callable[[Computes], Computes]:
    """Mark a function of (store, key) that says in a sentence why a decision is a toss-up on this store, or None.

    A store on which another seed of a bootstrap, say, would turn the right answer round is not fair: its seed is
    drawn again.

    Parameters
    ----------
    question : str
        The question in which the decision is asked for.

    Examples
    --------
    >>> @toss_up("q8")
    ... def near_zero(store, key):
    ...     return "the interval ends near 0" if abs(store["low"]) < 0.1 else None
    """
    return _marker(TOSS_UP, question)


def follows(question: str) -> Callable[[Computes], Computes]:
    """Mark a function of (store, key, answers) that gives what follows rightly from a trainee's own answers before.

    One mistake is then paid for once: an answer that equals it gets full marks. `answers` are the trainee's, an
    `Answer` by question, of any kind and value or missing: the function gives None where nothing follows.

    Parameters
    ----------
    question : str
        The question whose answer stands on others.

    Examples
    --------
    >>> @follows("q7")
    ... def total_of_her_list(store, key, answers):
    ...     return sum(store[name] for name in answers["q6"].value)
    """
    return _marker(FOLLOWS, question)


def _marker(name: str, question: str) -> Callable[[Computes], Computes]:
    def mark(compute: Computes) -> Computes:
        vars(compute).setdefault(name, []).append(question)
        return compute

    return mark


def load_slips(path: Path | str) -> Slips:
    """Run an exercise's ``slips.py`` and collect what is marked in it; nothing is kept between exercises.

    Raises
    ------
    CourseError
        If the file cannot be run, or a slip, a worth or a toss-up of a question is there twice.
    """
    path = Path(path)
    here = [one for one in vars(_module(path)).values() if callable(one)]
    found = [one for marked in dict.fromkeys(here) for one in getattr(marked, SLIPS, [])]
    names = [(one.question, one.name) for one in found]
    if doubled := [one for one in names if names.count(one) > 1]:
        raise CourseError(f"{path}: slip {doubled[0][1]} of {doubled[0][0]} is there twice; rename one")
    marked = (_by_question(path, here, mark) for mark in (WORTH, TOSS_UP, FOLLOWS))
    return Slips(path, tuple(found), *marked)


def _by_question(path: Path, here: Iterable[Computes], mark: str) -> dict[str, Computes]:
    found: dict[str, Computes] = {}
    for function in dict.fromkeys(here):
        for question in getattr(function, mark, []):
            if question in found:
                raise CourseError(f"{path}: {question} is marked twice with @{mark.strip('_')}; keep one function")
            found[question] = function
    return found


def _module(path: Path) -> ModuleType:
    name = f"crm_course_slips_{uuid.uuid4().hex}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CourseError(f"{path}: there is no such file; name an exercise's slips.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it runs
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        raise CourseError(f"{path}: cannot be run ({what}); correct it") from error
    finally:
        del sys.modules[name]
    return module


def check_slips(questions: Iterable[Question], slips: Slips) -> None:
    """Hold ``questions.yml`` and ``slips.py`` to the same names.

    Raises
    ------
    CourseError
        If either names a slip that the other has not, or `worth` or `toss_up` marks a question that is not asked.
    """
    questions = list(questions)
    told = {(one.id, name) for one in questions for name in one.slips}
    made = {(one.question, one.name) for one in slips.slips}
    for question, name in sorted(told ^ made):
        where = "questions.yml names it, slips.py" if (question, name) in told else "slips.py has it, questions.yml"
        raise CourseError(f"{slips.path}: slip {name} of {question}: {where} does not; bring both together")
    for question in sorted({*slips.worth, *slips.toss_ups, *slips.follows} - {one.id for one in questions}):
        raise CourseError(f"{slips.path}: marks {question}, which questions.yml does not have; correct one of them")


def as_answer(question: Question, value: object) -> Answer:
    """Bring a value of our own code the way of a trainee's: encoded and decoded."""
    if isinstance(value, Answer):
        return value
    return decode(encode(question.id, value, question.form.unit, question.type))


def diagnose(question: Question, given: Answer | None, slip_values: Mapping[Slip, object]) -> Slip | None:
    """Find the slip that a wrong answer comes from.

    Parameters
    ----------
    question : Question
        Its comparator decides what equals; its order of slips which one is told first.
    given : Answer or None
        An answer that is not right.
    slip_values : mapping of Slip to Answer or value
        What each slip gives on the same store, as `Slips.values` computes it.

    Returns
    -------
    Slip or None
        A choice equals a slip when it holds the same members, up to the share that full marks allow.
    """
    if given is None or (given.kind == "list" and not given.value):  # an empty list has too many causes
        return None
    order = {name: number for number, name in enumerate(question.slips)}
    for one in sorted(slip_values, key=lambda slip: order.get(slip.name, len(order))):
        if _equal(question, as_answer(question, slip_values[one]), given):
            return one
    return None


def _equal(question: Question, value: Answer, given: Answer) -> bool:
    if question.kind != "choice":
        return compare(value, given, question).right
    if value.kind != given.kind or given.kind != "list":
        return False
    one, other = members(value.value), members(given.value)
    return len(one ^ other) <= (question.compare.full_marks_within or 0.0) * len(one | other)


def too_near(
    question: Question, key_value: object, slip_values: Mapping[Slip, object], values: Mapping[str, float] | None = None
) -> list[Slip]:
    """Give the slips that lie within twice the tolerance of the key: a variant that has one is not fair.

    Parameters
    ----------
    question : Question
        Its tolerances are doubled.
    key_value : Answer or value
        What is right.
    slip_values : mapping of Slip to Answer or value
        What each slip gives.
    values : mapping of str to float, optional
        For a choice what each possible choice is worth.
    """
    key, wider = as_answer(question, key_value), question.loosened(2)
    return [one for one, value in slip_values.items() if compare(key, as_answer(question, value), wider, values).right]


def alike(question: Question, slip_values: Mapping[Slip, object]) -> list[tuple[Slip, Slip]]:
    """Give the pairs of slips that lead to one answer: `diagnose` would tell the first to who made the second.

    Parameters
    ----------
    question : Question
        Its comparator decides what equals.
    slip_values : mapping of Slip to Answer or value
        What each slip gives.
    """
    values = {one: as_answer(question, value) for one, value in slip_values.items()}
    return [
        (one, other)
        for one, other in combinations(values, 2)
        if _equal(question, values[one], values[other]) or _equal(question, values[other], values[one])
    ]


def distinct(
    question: Question, key_value: object, slip_values: Mapping[Slip, object], values: Mapping[str, float] | None = None
) -> bool:
    """Say whether every slip lies further than twice the tolerance from the key; see `too_near`."""
    return not too_near(question, key_value, slip_values, values)
