"""Questions and answers for all tests of this room."""

from made_questions import arrived, question

__all__ = ["arrived", "question"]

collect_ignore = ["smallest"]  # an exercise, and no tests
