"""What a notebook's kernel makes of problems and of what is left out: one line, where Python would give a traceback.

In JupyterLab a cell that fails stops "Run all"; `going_on` makes a copy of a notebook in which it goes on. What such a
cell would have made is missing in the cells below it: they are left out with one line as well. A name that no cell
would have made is the reader's own slip, and keeps its traceback.
"""

from __future__ import annotations

import copy
import html
import re
from types import TracebackType
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from IPython.display import display

from crm_course.errors import CourseError, LeftOut
from crm_course.running.missing.dependencies import Missing, left_out, names_of

if TYPE_CHECKING:  # nbformat takes a second to import, in every kernel
    from nbformat import NotebookNode

MARK = 'class="course-problem"'
QUIET = ' style="color: #888; font-size: 85%; background: none; border: 0; padding: 0; margin: 0"'
EXPECTED = "raises-exception"  # Jupyter's tag of a cell after whose error the next one runs


def in_one_line(sentence: str, quiet: bool = False) -> dict[str, str]:
    """Give a sentence as plain text and as HTML; backticks mark code. What was told above is told again in grey."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(sentence))
    return {"text/plain": sentence, "text/html": f"<p {MARK}{QUIET if quiet else ''}>{marked}</p>"}


def going_on(notebook: NotebookNode) -> NotebookNode:
    """Copy a notebook so that "Run all" goes on after a cell that fails."""
    done = copy.deepcopy(notebook)
    for cell in done.cells:
        if cell.cell_type == "code":
            tags = cell.metadata.get("tags", [])
            cell.metadata["tags"] = [*tags, *({EXPECTED} - set(tags))]
    return done


class Calm:
    """Tells problems of one kernel, and keeps what is missing after them."""

    def __init__(self) -> None:
        self.missing = Missing()
        self.source = ""

    def before(self, info: ExecutionInfo) -> None:
        """Keep the cell that is to run."""
        self.source = info.raw_cell or ""

    def after(self, result: ExecutionResult) -> None:
        """Take note of what the cell made."""
        if result.success:
            self.missing.ran(names_of(self.source))

    def tell(
        self,
        shell: InteractiveShell,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        """Tell an error: one line for a problem, for what is left out, and for what needs it; else a traceback."""
        name = getattr(error, "name", "")
        if isinstance(error, CourseError):
            sentence, why, quiet = str(error), error.why if isinstance(error, LeftOut) else "", False
        elif name in self.missing.names:
            why = self.missing.why([name])
            sentence, quiet = left_out([name], why), bool(why)
        else:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        names = names_of(self.source)
        self.missing.failed(names, why)
        for half_made in names.makes & shell.user_ns.keys():  # before the cell failed: nobody is to read it
            del shell.user_ns[half_made]
        display(in_one_line(sentence, quiet), raw=True)


def keep_calm(shell: InteractiveShell) -> None:
    """Let a kernel tell problems in one line from now on; a second time changes nothing."""
    if CourseError in shell.custom_exceptions:
        return
    calm = Calm()
    shell.events.register("pre_run_cell", calm.before)
    shell.events.register("post_run_cell", calm.after)

    def tell(shell: Any, *error: Any, **options: Any) -> None:
        calm.tell(shell, *error, **options)

    shell.set_custom_exc((CourseError, NameError), tell)
