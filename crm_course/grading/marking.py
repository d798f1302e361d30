"""``crm-course mark``: the written answers beside their rubric, for a person to mark in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_course.errors import CourseError
from crm_course.grading.exporting import safe_cell
from crm_course.grading.findings import QuestionResult
from crm_course.grading.gradebook import Gradebook
from crm_course.grading.results import answer_digest, results
from crm_course.running.files import replaced

LEVELS = range(4)
KEY = ("trainee", "question", "judged by")
COLUMNS = [*KEY, "level", "comment", *(f"level {one}" for one in LEVELS), "answer"]
FILE = "to_mark.csv"


@dataclass(frozen=True)
class Marking:
    """What a call of `mark` did.

    Attributes
    ----------
    file : Path
        The sheet that was written, or read.
    answers, marked : int
        Written answers there are, and those of which every row of the rubric has a level.
    """

    file: Path
    answers: int
    marked: int

    def as_dict(self) -> dict[str, Any]:
        """Give the same as plain values, for JSON."""
        return {"file": str(self.file), "answers": self.answers, "marked": self.marked}

    def __str__(self) -> str:
        """Tell it in a line."""
        return f"{self.file}: {self.answers:,} written answers, {self.marked:,} of them marked"


def write_sheet(out: Path, target: Path | None = None) -> Marking:
    """Write a sheet with a line for each row of the rubric of each written answer.

    Whoever marks fills in `level`, 0 to 3, and a comment where one helps. Levels that were read before stand in it.

    Parameters
    ----------
    out : Path
        The folder that `grade` wrote.
    target : Path, optional
        The sheet, a CSV file; by default ``to_mark.csv`` in `out`.
    """
    with Gradebook(out) as book:
        written = list(_written(book))
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for trainee, one in written:
        for at, (row, levels) in enumerate((one.rubric or {}).items()):
            level = (one.levels or {}).get(row, "")
            comment = one.comment or "" if at == 0 else ""
            cells = [trainee, one.id, row, level, comment, *levels, one.text]
            sheet.writerow([safe_cell(cell) for cell in cells])
    target = target or out / FILE
    with replaced(target) as partial:
        partial.write_bytes(text.getvalue().encode("utf-8-sig"))
    return Marking(target, len(written), sum(one.state == "marked" for _, one in written))


def read_sheet(out: Path, sheet: Path) -> Marking:
    """Take the levels of a sheet into the gradebook; lines without a level are left as they are.

    Parameters
    ----------
    out : Path
        The folder that `grade` wrote.
    sheet : Path
        A CSV file that `write_sheet` wrote and a person filled in; other columns and their order do not matter.

    Raises
    ------
    CourseError
        If the file cannot be read, or a line names no written answer or no level. All that is wrong is told at
        once, and nothing is taken.
    """
    lines = _lines(sheet)
    with Gradebook(out) as book:
        known = {(trainee, one.id): one for trainee, one in _written(book)}
        problems = [told for number, line in lines if (told := _wrong(number, line, known))]
        if problems:
            raise CourseError(f"{sheet}: nothing was taken; " + "\n  ".join(problems[:20]))
        with book.writing():
            for _, line in lines:
                if line["level"]:
                    book.put("levels", [_row(line, known[line["trainee"], line["question"]])])
        written = list(_written(book))
    return Marking(sheet, len(written), sum(one.state == "marked" for _, one in written))


def _written(book: Gradebook) -> Iterator[tuple[str, QuestionResult]]:
    """Give every written answer that is there to be marked, with its trainee's id."""
    for result in results(book):
        for one in result.questions:
            if one.state in ("to be marked", "marked"):
                yield result.trainee.id, one


def _lines(sheet: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = sheet.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{sheet}: cannot be read ({error.strerror}); name the sheet that was filled in") from None
    except UnicodeDecodeError:
        raise CourseError(f'{sheet}: is not UTF-8; save it as "CSV UTF-8"') from None
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    if lost := [name for name in (*KEY, "level") if name not in (reader.fieldnames or [])]:
        raise CourseError(f"{sheet}: column {lost[0]} is missing; write the sheet anew with `crm-course mark`")
    return [
        (number, {name: (line.get(name) or "").strip().removeprefix("'") for name in (*KEY, "level", "comment")})
        for number, line in enumerate(reader, start=2)
    ]


def _wrong(number: int, line: dict[str, str], known: dict[tuple[str, str], QuestionResult]) -> str:
    """Say what is wrong with a line that gives a level."""
    if not line["level"]:
        return ""
    answer = known.get((line["trainee"], line["question"]))
    if answer is None:
        return f"line {number}: there is no written answer {line['question']} of {line['trainee']}"
    if line["judged by"] not in (answer.rubric or {}):
        return f"line {number}: {line['question']} is not judged by {line['judged by']!r}"
    level = line["level"].removesuffix(".0")
    return "" if level in map(str, LEVELS) else f"line {number}: level {line['level']!r} is not one of 0, 1, 2, 3"


def _row(line: dict[str, str], answer: QuestionResult) -> dict[str, Any]:
    level = int(line["level"].removesuffix(".0"))
    key = {"trainee": line["trainee"], "question": line["question"], "answer": answer_digest(answer)}
    return {**key, "part": line["judged by"], "level": level, "comment": line["comment"]}
