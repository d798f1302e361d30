"""The protocol between a trainee's notebook and the grader; comparing answers; explaining wrong ones."""

from crm_course.answers.checking import form_problems
from crm_course.answers.collecting import Collected, collect
from crm_course.answers.comparing import Score, ScorePart, compare, regret
from crm_course.answers.encoding import Drawing, decode, encode
from crm_course.answers.form import Form
from crm_course.answers.held import held
from crm_course.answers.prose import sections, words, written_answers
from crm_course.answers.protocol import answer, written
from crm_course.answers.questions import Question
from crm_course.answers.reading import WantedStore, read_questions, read_wanted_store
from crm_course.answers.released import Released, forms, read_forms, write_forms
from crm_course.answers.slips import (
    Slip,
    Slips,
    alike,
    as_answer,
    check_slips,
    diagnose,
    distinct,
    follows,
    load_slips,
    slip,
    slips_of,
    too_near,
    toss_up,
    worth,
)
from crm_course.answers.values import MIME, Answer, Unreadable, WrongForm

__all__ = [
    "MIME",
    "Answer",
    "Collected",
    "Drawing",
    "Form",
    "Question",
    "Released",
    "Score",
    "ScorePart",
    "Slip",
    "Slips",
    "Unreadable",
    "WantedStore",
    "WrongForm",
    "alike",
    "answer",
    "as_answer",
    "check_slips",
    "collect",
    "compare",
    "decode",
    "diagnose",
    "distinct",
    "encode",
    "follows",
    "form_problems",
    "forms",
    "held",
    "load_slips",
    "read_forms",
    "read_questions",
    "read_wanted_store",
    "regret",
    "sections",
    "slip",
    "slips_of",
    "too_near",
    "toss_up",
    "words",
    "worth",
    "write_forms",
    "written",
    "written_answers",
]
