"""A small exercise, released to a few trainees, and what they hand in."""

import hashlib
from contextlib import contextmanager

import nbformat
import pytest
from filelock import FileLock

from crm_course.exercise.notebook import read_exercise, released_notebook, solution_notebook
from crm_course.grading import batch
from crm_course.grading.bench import Bench
from crm_course.release import release as releasing
from crm_course.running.pool import InProcess
from crm_course.running.sandbox.limits import Limits

NAME = "91_sample"
TRAINEES = ["ann", "bo", "cy", "dee", "eve", "fay", "gil", "hal", "ida", "jo", "kim", "lee"]
SOLUTION = """# %% [markdown]
# # Sample exercise

# %%
import pandas as pd
from crm_course import answer, open_store

store = open_store("./store")
orders = store.table("orders").dropna(subset=["customer_id"])
lines = store.table("order_lines")

# %% [markdown]
# ## q1 How much was sold

# %%
### BEGIN SOLUTION
q1 = lines["amount"].sum()
### END SOLUTION
answer("q1", q1, unit="HK$")

# %% [markdown]
# ## q2 Who comes most often

# %%
### BEGIN SOLUTION
visits = orders.groupby("customer_id").size()
q2 = sorted(visits[visits >= visits.nlargest(5).min()].index)
### END SOLUTION
answer("q2", q2)

# %% [markdown]
# ## q3 Advise the manager

# %% [markdown] tags=["solution"]
# Write to those who come most often, and see in a month whether more of them came.
"""
QUESTIONS = """
- id: q1
  title: How much was sold
  criteria: [2.2a]
  marks: 2
  core: true
  kind: number
  form: {type: number, unit: HK$}
  compare: {rel: 0.001}
  slips: [discount_forgotten]
  read_again: "91, section 1"
- id: q2
  title: Who comes most often
  criteria: [2.2a, A1]
  marks: 3
  core: true
  kind: set
  form: {type: list, of: customer_id, unique: true}
  slips: [all_customers]
  read_again: "91, section 2"
- id: q3
  title: Advise the manager
  criteria: [A1]
  marks: 4
  core: false
  kind: written
  form: {words: [5, 50]}
  read_again: "91, section 3"
  rubric: {evidence: [none, some of it, her own figures, figures with intervals]}
"""
SLIPS = """
from crm_course.exercise.slips import slip

@slip("q1", name="discount_forgotten", text="You counted list prices.", read_again="91, section 1")
def discount_forgotten(store, key):
    lines = store.table("order_lines")
    return float((lines["amount"] + lines["discount"]).sum())

@slip("q2", name="all_customers", text="You named everybody.", read_again="91, section 2")
def all_customers(store, key):
    return sorted(store.table("customers")["customer_id"])
"""


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """The folder of the exercise."""
    folder = tmp_path_factory.mktemp("exercises") / NAME
    folder.mkdir()
    for name, text in (("solution.py", SOLUTION), ("questions.yml", QUESTIONS), ("slips.py", SLIPS)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def released(sample, place):
    """The exercise, released to the trainees; once for all processes that test."""
    folder = place / "released"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "release").exists():
            _release(sample, folder)
    return folder / "release"


def _release(sample, folder):
    roster = folder / "class.csv"
    roster.write_text("id,name\n" + "".join(f"{one},{one.title()}\n" for one in TRAINEES), encoding="utf-8")
    patch = pytest.MonkeyPatch()
    patch.setattr(releasing, "build_wheel", lambda folder: (None, "not in this test"))
    (folder / "secret").write_text(hashlib.sha256(b"a class").hexdigest())
    alone = {"secret_file": folder / "secret", "workers": InProcess()}  # each process would import all again
    releasing.release(sample, roster, folder / "release", customers=60, **alone)
    patch.undo()


@pytest.fixture
def bench(sample, released, tmp_path):
    """Where a batch of this test works."""
    return Bench(sample, released, tmp_path / "graded", Limits(cell_seconds=5, run_seconds=20), sandbox=False)


@pytest.fixture(scope="session")
def notebook(sample):
    """Give a notebook: the solution or what was released, in which some texts are put in the place of others."""
    exercise = read_exercise(sample)

    def make(solved=True, **changes):
        made = solution_notebook(exercise) if solved else released_notebook(exercise)
        for cell in made.cells:
            for name, code in changes.items():
                if f'answer("{name}"' in cell.source:
                    cell.source = code
        return made

    return make


@pytest.fixture
def hand_in(tmp_path):
    """Put files into the folder of submissions: notebooks, or bytes as they are."""
    folder = tmp_path / "returned"
    folder.mkdir()

    def put(**files):
        for name, content in files.items():
            path = folder / f"{name}.ipynb"
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                nbformat.write(content, path)
        return folder

    return put


@pytest.fixture
def inline(monkeypatch):
    """Give a function after which batches need no other process."""

    @contextmanager
    def pool(jobs, scheduler=""):
        yield InProcess()

    return lambda: monkeypatch.setattr(batch, "pool", pool)
