"""What can go wrong in a way that the reader can mend: every message says what, where and what to do."""

from __future__ import annotations


class CourseError(Exception):
    """A problem that is told in one line, without a traceback.

    Raise it with a sentence that names the table, column, row or file, what was expected
    and what to do. Notebooks and commands show the sentence alone.
    """

    def _render_traceback_(self) -> list[str]:
        """Show one line in IPython and Jupyter, which ask an exception for this."""
        return [f"{type(self).__name__}: {self}"]


class StoreError(CourseError):
    """A store folder cannot be opened, or a table of it cannot be used."""


class MissingTable(StoreError):
    """A store has no such table."""


class LeftOut(CourseError):
    """What a notebook leaves out, calmly: the shop has no data for it or too few people, and nothing is wrong.

    The message says before its first colon why, and after it what is left out.
    """

    @property
    def why(self) -> str:
        """What the shop does not have."""
        return reason(str(self))

    def _render_traceback_(self) -> list[str]:
        """Show the sentence alone."""
        return [str(self)]


def reason(sentence: str) -> str:
    """Give of a `LeftOut`'s sentence what the shop does not have, without what is left out for it."""
    return sentence.partition(":")[0]


class NothingToAnalyse(CourseError):
    """A table has no row that the question is about."""


class FitFailed(CourseError):
    """A model did not converge, or what it converged to is not an answer."""


class WrongCall(CourseError):
    """A command, parameter or option that does not exist or has a value that cannot be."""
