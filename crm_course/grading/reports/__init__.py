"""Reports: what the grader found, as blocks that the notebooks in ``notebooks/reports`` show."""

from crm_course.grading.reports.advice import Step, next_steps
from crm_course.grading.reports.attention import Matter, matters
from crm_course.grading.reports.beside import beside
from crm_course.grading.reports.blocks import Block
from crm_course.grading.reports.criteria import criteria_marks
from crm_course.grading.reports.group import (
    all_trainees,
    attention,
    class_opening,
    criteria_section,
    marks_section,
    question_statistics,
    questions_section,
    usual_mistakes,
)
from crm_course.grading.reports.items import discrimination, question_table, share_table, slip_table, trainee_table
from crm_course.grading.reports.models import ClassResult, QuestionResult, Result
from crm_course.grading.reports.reading import read_class, read_result
from crm_course.grading.reports.trainee import closing, opening, questions

__all__ = [
    "Block",
    "ClassResult",
    "Matter",
    "QuestionResult",
    "Result",
    "Step",
    "all_trainees",
    "attention",
    "beside",
    "class_opening",
    "closing",
    "criteria_marks",
    "criteria_section",
    "discrimination",
    "marks_section",
    "matters",
    "next_steps",
    "opening",
    "question_statistics",
    "question_table",
    "questions",
    "questions_section",
    "read_class",
    "read_result",
    "share_table",
    "slip_table",
    "trainee_table",
    "usual_mistakes",
]
