"""What one trainee is handed, and the search that nothing else went with it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as pq
from nbformat import NotebookNode

from crm_course import resources
from crm_course.answers.prose import sections
from crm_course.answers.questions import Question
from crm_course.answers.released import FORMS, STORE, write_forms
from crm_course.errors import CourseError
from crm_course.exercise.notebook import Exercise, leaks, questions_in, released_notebook
from crm_course.exercise.questions_file import read_questions
from crm_course.exercise.regions import BEGIN
from crm_course.release.roster import Trainee
from crm_course.release.stores import BYTES, spellings
from crm_course.running.notebooks import UNREADABLE, new_cell, new_notebook, notebook_of, notebook_text
from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.info import FILE_NAME

README = "README.md"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows: its bytes do not tell when it was made
WHEEL_SECONDS = 300
PUBLIC_TRUTH = "crm_course/shipped/datasets/demo/truth/"  # of the demo store, which chapters teach with
MARKER_LINE = re.compile(rb"^[ \t]*" + BEGIN.encode() + rb"[ \t]*\r?$", re.MULTILINE)
AUTHORS = ("solution.py", "questions.yml")
HOW_TO = """# {title}

1. {install}
2. Open `{notebook}` in JupyterLab: in this folder, run `jupyter lab`.
   The chapter that it belongs to is a page: `crm-course run {number} --html` writes it and says where.
   It shows the demo store, not yours.
3. Answer the questions. The data in `store/` are yours alone: others have other figures. Each `answer(…)` shows what
   was recorded, and whether its form is right.
4. Choose *Run → Restart Kernel and Run All Cells*, look at every answer once more, and save.
5. Try it as the grader will: in this folder, run `crm-course try {notebook}`. It says what is missing, and never
   whether an answer is correct.
6. Hand in `{notebook}`, and nothing else.
"""
INSTALL = "Install the course, once: in this folder, run `pip install {wheel}`."
INSTALLED = "Install the course as your instructor says."


class Handout:
    """What is the same in every packet of an exercise.

    Parameters
    ----------
    exercise : Exercise
        The exercise.
    wheel : Path, optional
        The course as `build_wheel` makes it.

    Raises
    ------
    CourseError
        If a question has no cell, or the released notebook tells something of the solution.
    """

    def __init__(self, exercise: Exercise, wheel: Path | None = None) -> None:
        self.exercise = exercise
        self.wheel = wheel
        self.notebook: NotebookNode = released_notebook(exercise)
        self.questions: list[Question] = read_questions(exercise.questions)
        asked = {one.id: str(one.kind) for one in self.questions}
        if more := set(questions_in(self.notebook, asked, str(exercise.source))) - set(asked):
            raise CourseError(f"{exercise.source}: {min(more)} is asked, but not in questions.yml; add it there")
        if told := leaks(self.notebook, exercise):
            first = told[0].splitlines()[0]
            raise CourseError(f"{exercise.source}: the released notebook tells of the solution: {first}; reword it")

    @property
    def notebook_name(self) -> str:
        """The name of the notebook in every packet."""
        return f"{self.exercise.name}.ipynb"

    @property
    def title(self) -> str:
        """The first heading of the exercise, else its name."""
        texts = (cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")
        lines = (line for text in texts for line in text.splitlines() if line.startswith("# "))
        return next(lines, f"# {self.exercise.name}")[2:].strip()

    def write(self, folder: Path, trainee: Trainee) -> None:
        """Write all of a packet but its store; the notebook's metadata say whose it is."""
        made_for = {"exercise": self.exercise.name, "trainee": trainee.id}
        notebook = NotebookNode({**self.notebook, "metadata": {**self.notebook.metadata, "crm_course": made_for}})
        (folder / self.notebook_name).write_text(notebook_text(notebook), encoding="utf-8")
        self.write_forms(folder)
        install = INSTALL.format(wheel=self.wheel.name) if self.wheel else INSTALLED
        page = HOW_TO.format(
            title=self.title, notebook=self.notebook_name, install=install, number=self.exercise.name.partition("_")[0]
        )
        (folder / README).write_text(page, encoding="utf-8")
        if self.wheel:
            _link(self.wheel, folder / self.wheel.name)

    def write_forms(self, folder: Path) -> None:
        """Write the forms of the answers."""
        write_forms(self.questions, folder / FORMS, sections(self.notebook))


def build_wheel(folder: Path) -> tuple[Path | None, str]:
    """Build the wheel of the course from its source checkout, without the network.

    Returns
    -------
    Path or None, str
        The wheel, or None and why there is none.
    """
    checkout = resources.PACKAGE.parent
    if not (checkout / "pyproject.toml").is_file():
        return None, "the course does not run from a source checkout"
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), str(checkout)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=WHEEL_SECONDS)
    except subprocess.CalledProcessError as error:
        return None, (error.stderr.strip().splitlines() or ["pip failed"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    return next(folder.glob("*.whl")), ""


def zip_packet(folder: Path, target: Path) -> None:
    """Pack a packet under its own name; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", LONG_AGO)
            entry.external_attr = 0o100644 << 16
            packed_already = path.suffix in (".whl", ".parquet")
            entry.compress_type = zipfile.ZIP_STORED if packed_already else zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())


class Search:
    """Looks in packets for what must not be there.

    Parameters
    ----------
    handout : Handout
        What packets may hold beside a store.
    secret : bytes
        Of the release.
    """

    def __init__(self, handout: Handout, secret: bytes) -> None:
        self.handout = handout
        self.secret = {"the secret": spellings(int.from_bytes(secret, "big"), BYTES)}
        stores = {f"{STORE}/{name}.parquet" for name in SCHEMAS} | {f"{STORE}/{FILE_NAME}"}
        self.allowed = {handout.notebook_name, FORMS, README} | stores
        self.wheel = (handout.wheel.name, handout.wheel.read_bytes()) if handout.wheel else ("", b"")
        self.told = lru_cache(maxsize=256)(self._told)  # most files are the same in every packet

    def folder(self, folder: Path, seed: int) -> list[str]:
        """Tell everything that is wrong with a packet's folder."""
        paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
        strange = [path for path in paths if path.is_symlink() or not path.is_file()]
        files = ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths if path not in strange)
        return [f"{path.name} is no plain file" for path in strange] + self._files(files, seed)

    def zipped(self, path: Path, seed: int) -> list[str]:
        """Tell everything that is wrong with a packet's zip file."""
        with zipfile.ZipFile(path) as packed:
            top = f"{path.stem}/"
            files = ((name.removeprefix(top), packed.read(name)) for name in packed.namelist())
            return self._files(files, seed)

    def shared(self, seeds: list[int]) -> list[str]:
        """Tell everything that is wrong with the wheel."""
        name, data = self.wheel
        if not data:
            return []
        needles = self.secret | {"a seed": tuple(text for seed in seeds for text in spellings(seed, 16))}
        found = []
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for member in packed.namelist():
                held = packed.read(member)
                parts = member.lower().split("/")
                astray = "truth" in parts and not member.startswith(PUBLIC_TRUTH)
                if astray or "exercises" in parts or parts[-1] in AUTHORS:
                    found.append(f"{name} holds {member}")
                marked = MARKER_LINE.search(held) if member.endswith(".py") else BEGIN.encode() in held
                found += [f"{name}: {member} holds {BEGIN}"] if marked else []
                found += [f"{name}: {member} holds {what}" for what in _held(needles, held)]
        return found

    def _files(self, files: Iterator[tuple[str, bytes]], seed: int) -> list[str]:
        needles = self.secret | {"the seed": spellings(seed, 16)}
        found = []
        for name, data in files:
            if name == self.wheel[0]:
                found += [] if data == self.wheel[1] else [f"{name} is not the wheel that was built"]
                continue
            found += [] if name in self.allowed else [f"{name} does not belong there"]
            text = _parquet(data) if name.endswith(".parquet") else b""
            found += [f"{name} holds {BEGIN}"] if BEGIN.encode() in data + text else []
            found += [f"{name} holds {what}" for what in _held(needles, data + b"\n" + text)]
            found += [] if name.endswith(".parquet") else [f"{name} {what}" for what in self.told(name, data)]
        return found

    def _told(self, name: str, data: bytes) -> tuple[str, ...]:
        """Say what a text tells of the solution."""
        try:
            text = data.decode("utf-8")
            read = notebook_of(text) if name.endswith(".ipynb") else None
            notes = list(_strings(json.loads(text))) if name.endswith(".json") else [text]
        except UNREADABLE:
            return ("cannot be read",)
        ran = read is not None and any(one.get("outputs") or one.get("execution_count") for one in read.cells)
        notebook = read or new_notebook([new_cell("markdown", note) for note in notes])
        told = tuple(
            f"tells of the solution: {what.splitlines()[0]}" for what in leaks(notebook, self.handout.exercise)
        )
        return told + (("holds outputs",) if ran else ())


def _held(needles: dict[str, tuple[bytes, ...]], data: bytes) -> list[str]:
    lower = data.lower()
    return [what for what, texts in needles.items() if any(text in lower or text in data for text in texts)]


def _strings(value: Any) -> Iterator[str]:
    """Every text of a JSON file."""
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    yield from (one for part in parts for one in _strings(part))
    if isinstance(value, str):
        yield value


def _parquet(data: bytes) -> bytes:
    """Everything in a Parquet file that could be read as text, unpacked."""
    table = pq.read_table(io.BytesIO(data))
    texts = [table.schema.to_string(truncate_metadata=False), repr(table.schema.metadata)]
    for column in table.columns:
        plain = column.cast(column.type.value_type) if arrow.types.is_dictionary(column.type) else column
        if arrow.types.is_string(plain.type) or arrow.types.is_large_string(plain.type):
            texts += [one for one in plain.unique().to_pylist() if one]
    return "\n".join(texts).encode()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # not every file system has links
        shutil.copyfile(source, target)
