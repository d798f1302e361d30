"""``crm-course export``: the gradebook for a spreadsheet or a learning platform."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_course.errors import CourseError, WrongCall
from crm_course.grading.findings import Result
from crm_course.grading.gradebook import Gradebook
from crm_course.grading.results import asked_marks, exercise_of, results
from crm_course.running.files import replaced

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%")
Rows = list[list[Any]]


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    file : Path
        Where.
    trainees : int
        Rows of it.
    to_be_marked : float
        Marks of written answers that are not in it yet.
    """

    file: Path
    trainees: int
    to_be_marked: float

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        return {"file": str(self.file), "trainees": self.trainees, "to_be_marked": self.to_be_marked}

    def __str__(self) -> str:
        """Tell it in a line or two."""
        told = f"{self.file}: {self.trainees:,} trainees"
        waiting = f"\n{self.to_be_marked:g} marks of written answers are not in it yet: nobody has marked them"
        return told + (waiting if self.to_be_marked else "")


def safe_cell(value: Any) -> Any:
    """Give a value as a spreadsheet shows it and does not run it; numbers stay numbers.

    Source: OWASP, CSV injection.

    Examples
    --------
    >>> safe_cell("=HYPERLINK(1)"), safe_cell(-2.5), safe_cell("Chan\\x00")
    ("'=HYPERLINK(1)", -2.5, 'Chan')
    """
    if not isinstance(value, str):
        return value
    plain = "".join(one for one in value if one in "\t\n" or unicodedata.category(one) != "Cc")
    seen = next((one for one in plain if one.isprintable() and not one.isspace()), "")  # what is not seen is skipped
    wide = unicodedata.normalize("NFKC", seen)  # the wide signs of Chinese and Japanese keyboards work as well
    runs = value.lstrip(" ").startswith(RUN_BY_SPREADSHEETS) or wide.startswith(RUN_BY_SPREADSHEETS)
    return f"'{plain}" if runs else plain


def export(out: Path, kind: str, target: Path | None = None) -> Exported:
    """Write the gradebook of a batch for another program.

    Parameters
    ----------
    out : Path
        The folder that `grade` wrote.
    kind : str
        ``csv`` or ``xlsx`` for a spreadsheet, with the marks of each question; ``canvas`` or ``moodle`` for an
        import of marks there, by the roster's ids.
    target : Path, optional
        The file; by default in `out`.

    Raises
    ------
    CourseError
        If there is no gradebook, or the file cannot be written.
    """
    if kind not in FORMATS:
        raise WrongCall(f"--format {kind}: choose one of {', '.join(FORMATS)}")
    make, ending, write = FORMATS[kind]
    with Gradebook(out) as book:
        if not book.about["exercise"]:
            raise CourseError(f"{out}: nothing is graded there yet; run `crm-course grade` first")
        found = results(book)
        rows = make(found, exercise_of(book).title, list(asked_marks(book)))
    target = target or out / f"{'marks' if kind in ('csv', 'xlsx') else kind}.{ending}"
    with replaced(target) as partial:
        write(partial, [[safe_cell(cell) for cell in row] for row in rows])
    return Exported(target, len(found), sum(one.marks.to_be_marked for one in found))


def _table(found: list[Result], title: str, questions: list[str]) -> Rows:  # noqa: ARG001 - as all tables
    rows: Rows = [["id", "name", "state", "marks", "of", "to be marked", *questions]]
    for one in found:
        got = {it.id: it.got for it in one.questions}
        marks = one.marks
        known = [one.trainee.id, one.trainee.name, one.submission.state]
        rows.append([*known, marks.got, marks.of, marks.to_be_marked, *(got.get(name) for name in questions)])
    return rows


def _canvas(found: list[Result], title: str, questions: list[str]) -> Rows:  # noqa: ARG001
    """Rows as Canvas imports them, by the SIS user id; its second row names the points that are possible."""
    of = found[0].marks.of if found else 0
    rows: Rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
        ["Points Possible", "", "", "", "", of],
    ]
    return rows + [[one.trainee.name, "", one.trainee.id, "", "", _got(one)] for one in found]


def _moodle(found: list[Result], title: str, questions: list[str]) -> Rows:  # noqa: ARG001
    """Rows as Moodle imports them, by the ID number."""
    rows: Rows = [["ID number", "Full name", title, "Feedback"]]
    for one in found:
        waiting = one.marks.to_be_marked
        said = f"{waiting:g} marks of written answers are still to be given." if waiting else ""
        if one.submission.state == "unreadable":
            said = f"The file could not be read: it {one.submission.why}."
        rows.append([one.trainee.id, one.trainee.name, _got(one), said])
    return rows


def _got(result: Result) -> float | str:
    """Give the marks; nothing where a file could not be read, which is for a person to settle."""
    return "" if result.submission.state == "unreadable" else result.marks.got


def _write_csv(path: Path, rows: Rows) -> None:
    """Write UTF-8 with a mark, without which Excel shows Chinese names as something else."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def _write_plain_csv(path: Path, rows: Rows) -> None:
    """Write UTF-8 as learning platforms read it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


def _write_xlsx(path: Path, rows: Rows) -> None:
    try:
        import xlsxwriter
    except ImportError:
        raise WrongCall("--format xlsx needs XlsxWriter: pip install 'crm-course[grade]'") from None
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("marks")
        bold = book.add_format({"bold": True, "bottom": 1})
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row, bold if at == 0 else None)
        sheet.freeze_panes(1, 2)
        sheet.autofit()


Make = Callable[[list[Result], str, list[str]], Rows]
FORMATS: dict[str, tuple[Make, str, Callable[[Path, Rows], None]]] = {
    "csv": (_table, "csv", _write_csv),
    "xlsx": (_table, "xlsx", _write_xlsx),
    "canvas": (_canvas, "csv", _write_plain_csv),
    "moodle": (_moodle, "csv", _write_plain_csv),
}
