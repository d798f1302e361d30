import nbformat
import pytest
from nbformat import NotebookNode, v4

from crm_course.errors import CourseError
from crm_course.exercise.cells import Place
from crm_course.exercise.notebook import (
    Exercise,
    leaks,
    questions_in,
    read_exercise,
    released_notebook,
    solution_notebook,
)

SOLUTION = '''# ---
# jupyter:
#   kernelspec: {name: other, display_name: Other, language: python}
# ---

# %% [markdown]
# # 客戶價值
#
# ```
# ## q9 is no heading here
# ```

# %% a title editable=false tags=["parameters", "first"]
orders = open_store("store").table("orders")

# %% [markdown]
# ## q2 What came in

# %%
# %%time
# !ls store
### BEGIN SOLUTION
net = orders["amount"] - orders["back"]
q2 = round(net.sum(), 2)
### END SOLUTION
answer("q2", q2, unit="HKD")

# %% tags=["solution"]
check = net.describe().loc["mean"]

# %% [markdown]
# ## q5 Advise the manager

# %% [markdown] tags=["solution"]
"""
Write to those who came twice.

They are worth 300 dollars.
"""

# %%
q3 = 0
for amount in orders["amount"]:
    ### BEGIN SOLUTION
    big = amount > 1000
    q3 += int(big)
    ### END SOLUTION
crm_course.answer("q3", q3)
'''


@pytest.fixture
def written(tmp_path):
    """Write an exercise whose source is given."""

    def write(source):
        folder = tmp_path / "exercises" / "03_sample"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {"solution.py": source, "questions.yml": "", "slips.py": ""}.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def exercise(written):
    return read_exercise(written(SOLUTION))


def notebook(*cells):
    """A notebook of code, and of Markdown where a text begins with `#`."""
    return v4.new_notebook(
        cells=[v4.new_markdown_cell(one) if one.startswith(("#", "`")) else v4.new_code_cell(one) for one in cells]
    )


def public(exercise):
    return [cell.source for cell in released_notebook(exercise).cells]


def test_a_trainee_gets_everything_but_the_solution(exercise):
    assert public(exercise)[1:] == [
        'orders = open_store("store").table("orders")',
        "## q2 What came in",
        '%%time\n!ls store\nq2 = ...\nanswer("q2", q2, unit="HKD")',
        "## q5 Advise the manager",
        "*Write here.*",
        'q3 = 0\nfor amount in orders["amount"]:\n    q3 = ...\ncrm_course.answer("q3", q3)',
    ]


def test_the_solution_is_whole_and_has_no_marker(exercise):
    sources = [cell.source for cell in solution_notebook(exercise).cells]

    assert len(sources) == 8
    assert 'q2 = round(net.sum(), 2)\nanswer("q2"' in sources[3]
    assert not any("SOLUTION" in source for source in sources)


def test_ids_are_stable_shared_and_those_of_this_exercise(exercise, written):
    ids = [cell.id for cell in released_notebook(exercise).cells]
    again = [cell.id for cell in released_notebook(read_exercise(written(SOLUTION))).cells]
    solved = [cell.id for cell in solution_notebook(exercise).cells]

    assert ids == again == [one for at, one in enumerate(solved) if at != 4]
    assert len(set(solved)) == 8
    assert not set(ids) & {cell.id for cell in exercise.notebook.cells}  # those are of the file's name, solution.py


def test_nothing_of_the_author_stays_in_the_metadata(exercise):
    for made in (released_notebook(exercise), solution_notebook(exercise)):
        nbformat.validate(made)
        assert set(made.metadata) == {"kernelspec", "language_info"}
        assert made.metadata.kernelspec.name == "python3"
        tags = [cell.metadata for cell in made.cells if cell.metadata]
        assert tags == [{"tags": ["parameters", "first"]}]
        assert all(cell.outputs == [] and cell.execution_count is None for cell in made.cells if "outputs" in cell)


def test_what_is_made_can_be_changed_without_changing_the_exercise(exercise):
    released_notebook(exercise).metadata.kernelspec.name = "mine"

    assert exercise.notebook.metadata.kernelspec.name == "python3"


def test_an_exercise_knows_its_files(exercise):
    assert exercise.name == "03_sample"
    assert [path.name for path in (exercise.source, exercise.questions, exercise.slips)] == [
        "solution.py",
        "questions.yml",
        "slips.py",
    ]


def test_missing_files_are_named_at_once(written, tmp_path):
    folder = written(SOLUTION)
    (folder / "questions.yml").unlink()
    (folder / "slips.py").unlink()

    with pytest.raises(CourseError, match=r"03_sample: write questions.yml and slips.py; an exercise is"):
        read_exercise(folder)
    with pytest.raises(CourseError, match=r"nowhere: there is no such folder; name the folder of an exercise"):
        read_exercise(tmp_path / "nowhere")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("### END SOLUTION\nanswer", "answer", "### BEGIN SOLUTION", "has no `### END SOLUTION` in its cell"),
        ("    big =", "    ### BEGIN SOLUTION\n    big =", "    big = amount > 1000", "is inside the solution that"),
        ("round(net", "round((net", "q2 = round((net.sum(), 2)", "the cell is not Python"),
        ("# ## q5", "# ### BEGIN SOLUTION\n# ## q5", "# ### BEGIN SOLUTION", "tag a cell of text `solution`"),
    ],
)
def test_an_error_names_the_line_of_the_source(written, old, new, line, reason, ends):
    source = SOLUTION.replace(old, new, 1)
    folder = written("")
    (folder / "solution.py").write_bytes(source.replace("\n", ends).encode())
    number = source.split("\n").index(line) + (0 if "inside" in reason else 1)

    with pytest.raises(CourseError) as raised:
        read_exercise(folder)

    assert str(raised.value).startswith(f"{folder / 'solution.py'}:{number}: ") and reason in str(raised.value)


def test_every_cell_is_found_in_its_source(exercise):
    lines = SOLUTION.split("\n")
    first = [lines[place.first_line - 1] for place in exercise.places]

    assert first == [
        "# # 客戶價值",
        'orders = open_store("store").table("orders")',
        "# ## q2 What came in",
        "# %%time",
        'check = net.describe().loc["mean"]',
        "# ## q5 Advise the manager",
        "Write to those who came twice.",
        "q3 = 0",
    ]


def test_a_release_leaks_nothing(exercise):
    assert leaks(released_notebook(exercise), exercise) == []


def test_the_solution_itself_leaks_every_statement_and_line(exercise):
    assert leaks(solution_notebook(exercise), exercise) == [
        "net = orders['amount'] - orders['back']",
        "q2 = round(net.sum(), 2)",
        "check = net.describe().loc['mean']",
        "Write to those who came twice.",
        "They are worth 300 dollars.",
        "big = amount > 1000",
        "q3 += int(big)",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("q2 = round( net.sum(),\n   2 )", True),
        ("if True:\n    q2 = round(net.sum(), 2)", True),
        ("# Try `q2 = round(net.sum(), 2)`", True),
        ('# Take\n\n    net = orders["amount"] - orders["back"]', True),
        ("net = orders['amount'] - orders['back']", True),
        ("pass\n# net  =  orders['amount'] - orders['back']", True),
        ("# They are worth\n300 dollars.", True),
        ("my_q2 = round(net.sum(), 2)", False),
        ("q2 = round(net.sum(), 3)", False),
        ("pass", False),
    ],
)
def test_a_leak_is_found_however_it_is_written(exercise, text, found):
    assert bool(leaks(notebook(text), exercise)) == found


def test_statements_within_statements_leak_too_short_ones_do_not():
    cell = "### BEGIN SOLUTION\ndef f(orders):\n    return orders.sum() / 2\nn = f(3)\n### END SOLUTION"
    source = NotebookNode(v4.new_notebook(cells=[v4.new_code_cell(cell)]))
    one = Exercise(None, None, None, source, (Place(),))

    assert leaks(notebook("# `return orders.sum() / 2`"), one) == ["return orders.sum() / 2"]
    assert leaks(notebook("n = f(3)"), one) == []


def test_questions_are_answered_in_code_or_under_their_heading(exercise):
    kinds = {"q2": "computed", "q5": "written", "q3": "computed"}

    assert questions_in(solution_notebook(exercise)) == kinds
    assert questions_in(released_notebook(exercise), expected=["q2", "q3", "q5"]) == kinds
    assert (
        questions_in(released_notebook(exercise), expected={"q2": "number", "q3": "choice", "q5": "written"}) == kinds
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["answer('q2', 1)", "answer('q2', 2)"], "q2 is there twice, in cells 1 and 2; keep one of them"),
        (["answer('q2', 1)\nanswer(id='q2', value=2)"], "q2 is there twice, in cells 1 and 1"),
        (["## q2 a", "x", "## q2 b"], "q2 is there twice, in cells 1 and 3"),
        (["a\nanswer(question, 2)"], "cell 1:2: write the question's id out"),
        (["answer('q1', 1)"], 'q2 has no cell; add a cell with `answer("q2", …)`'),
        (["### q2", "```\n## q2\n```", "# ## q2"], 'q2 has no cell; add a cell with `answer("q2", …)`'),
        (["## q22 Another"], "q2 has no cell"),
    ],
)
def test_a_question_has_exactly_one_cell(cells, reason):
    with pytest.raises(CourseError) as raised:
        questions_in(notebook(*cells), expected=["q2"])
    assert reason in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        (["## q2 Heading alone"], "number", 'q2 has no cell; add a cell with `answer("q2", …)`'),
        (["x"], "written", "q2 has no cell; add the heading `## q2 …`"),
        (["## q2 a", "answer('q2', 1)"], "written", 'q2 is to be written, so take `answer("q2", …)` out of cell 2'),
    ],
)
def test_a_question_is_of_its_kind(cells, kind, reason):
    with pytest.raises(CourseError) as raised:
        questions_in(notebook(*cells), expected={"q2": kind})
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "question"),
    [
        ('### END SOLUTION\nanswer("q2", q2, unit="HKD")', 'answer("q2", q2)\n### END SOLUTION', "q2"),
        ("# ## q5 Advise the manager\n\n# %% [markdown] tags", "# # Text\n\n# %% [markdown] tags", "q5"),
    ],
)
def test_a_question_within_a_solution_is_refused(written, old, new, question):
    source = SOLUTION.replace(old, new)
    if question == "q5":
        source = source.replace("Write to those", "## q5 Advise\n\nWrite to those")

    with pytest.raises(CourseError, match=f"solution.py: {question} is asked within a solution; move its heading"):
        released_notebook(read_exercise(written(source)))
