"""Answers as plain JSON: what a notebook hands in, and how the grader reads it."""

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.drawings import Axis, Drawing, Mark, Panel
from crm_course.answers.encoding.encoding import encode

__all__ = ["Axis", "Drawing", "Mark", "Panel", "decode", "encode"]
