"""The command ``crm-course``: one verb per step of the work, each a thin call into a room of the house."""

from __future__ import annotations

import signal
import sys

from crm_course.cli import store_commands  # isort: skip - the order of the help
from crm_course.cli import chapter_commands, grading_commands
from crm_course.cli.terminal import app, by_line, console
from crm_course.errors import CourseError

__all__ = ["app", "chapter_commands", "console", "grading_commands", "main", "store_commands"]


def main() -> None:
    """Run the command; a problem that the user can mend is told in one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is half done is taken away
    try:
        app()
    except CourseError as error:
        console.print(by_line(f"crm-course: {error}"), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
