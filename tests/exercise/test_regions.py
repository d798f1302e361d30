import ast
import itertools
import re
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from crm_course.errors import CourseError
from crm_course.exercise.cells import Place, parse, plain
from crm_course.exercise.notebook import Exercise, leaks
from crm_course.exercise.regions import regions, released, without_markers
from crm_course.running.missing.dependencies import names_of

HERE = Place("exercises/03/solution.py", 41)
NUMBER = re.compile(r"1\d{5}")


def cell(text):
    """A cell in which `<` and `>` alone on a line stand for the markers."""
    lines = textwrap.dedent(text).removeprefix("\n").rstrip(" \n").split("\n")
    markers = {"<": "### BEGIN SOLUTION", ">": "### END SOLUTION"}
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + markers.get(line.strip(), line.lstrip()) for line in lines
    )


def same(source, expected, later=()):
    assert released(cell(source), HERE, later) == cell(expected)


def refused(source, line, reason):
    with pytest.raises(CourseError) as raised:
        regions(source, HERE)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"exercises/03/solution.py:{40 + line}: ") and reason in message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            """
            orders = store.table("orders")
            <
            net = orders["amount"] - orders["back"]  # 退貨要扣除
            q2 = net.sum()
            >
            answer("q2", q2)
            """,
            """
            orders = store.table("orders")
            q2 = ...
            answer("q2", q2)
            """,
            id="helpers vanish, the answer's name stays",
        ),
        pytest.param("<\nx = 1\n>", "...", id="nothing is used later"),
        pytest.param("<\nx = 1\n>\nx = 2\nprint(x)", "...\nx = 2\nprint(x)", id="made anew before it is read"),
        pytest.param("<\nx = 1\n>\nprint(x + 1)", "x = ...\nprint(x + 1)", id="read by given code"),
        pytest.param("<\nx = 1\n>\ndef f():\n    return x", "x = ...\ndef f():\n    return x", id="read by a function"),
        pytest.param("<\nq2, (q3, *rest) = f()\n>\ng(q3, q2)", "q2 = ...\nq3 = ...\ng(q3, q2)", id="tuple"),
        pytest.param("n = 0\n<\nn += 1\n>\nf(n)", "n = 0\nn = ...\nf(n)", id="augmented"),
        pytest.param("<\nq: int = 1\n>\nf(q)", "q = ...\nf(q)", id="annotated"),
        pytest.param("<\nif (n := f()) > 1:\n    pass\n>\ng(n)", "n = ...\ng(n)", id="walrus"),
        pytest.param("<\nwith f() as h:\n    pass\n>\ng(h)", "h = ...\ng(h)", id="with"),
        pytest.param("<\nimport numpy as np\n>\nnp.sum", "np = ...\nnp.sum", id="import"),
        pytest.param("<\na = 1; b = 2\n>\nf(b)", "b = ...\nf(b)", id="two statements in a line"),
        pytest.param(
            '<\nq2 = {}\nq2["x"] = 1\n>\nanswer("q2", q2)', 'q2 = ...\nanswer("q2", q2)', id="made and changed"
        ),
        pytest.param(
            'q2 = {}\n<\nq2["x"] = 1\n>\nanswer("q2", q2)',
            'q2 = {}\nq2 = ...\nanswer("q2", q2)',
            id="item of an answer",
        ),
        pytest.param(
            'q2 = []\n<\nq2.append(1)\n>\nanswer(id="q2", value=q2)',
            'q2 = []\nq2 = ...\nanswer(id="q2", value=q2)',
            id="method of an answer",
        ),
        pytest.param(
            't = f()\n<\nt["net"] = t["sold"] - t["back"]\n>\nt.head()',
            "t = f()\n...\nt.head()",
            id="a given table is changed: it stays, or running the cell would destroy it",
        ),
        pytest.param(
            "<\n@cache\ndef share(x):\n    part = x / 2\n    return part\n>\nf(share)",
            "share = ...\nf(share)",
            id="function",
        ),
        pytest.param("<\nclass A:\n    x = 1\n>\nf(A)", "A = ...\nf(A)", id="class"),
        pytest.param(
            "<\nasync def f():\n    return 1\nq = await f()\nasync for x in g():\n    y = x\n>\nh(q, y)",
            "q = ...\ny = ...\nh(q, y)",
            id="await in a cell",
        ),
    ],
)
def test_a_region_becomes_the_names_that_are_read_after_it(source, expected):
    same(source, expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "for x in y:\n    <\n    z = x\n    total = z\n    >\n    f(total)",
            "for x in y:\n    total = ...\n    f(total)",
            id="for",
        ),
        pytest.param(
            "while n:\n    f(n)\n    <\n    n = n - 1\n    >", "while n:\n    f(n)\n    n = ...", id="next round"
        ),
        pytest.param("for x in y:\n\t<\n\tq = x\n\t>\nf(q)", "for x in y:\n\tq = ...\nf(q)", id="tabs"),
        pytest.param("if a:\n    b\nelse:\n    <\n    c\n    >", "if a:\n    b\nelse:\n    ...", id="else"),
        pytest.param(
            "try:\n    <\n    q = f()\n    >\nexcept E:\n    q = 1\ng(q)",
            "try:\n    q = ...\nexcept E:\n    q = 1\ng(q)",
            id="try, and read whether it fails or not",
        ),
        pytest.param("try:\n    a\nexcept E:\n    <\n    b\n    >", "try:\n    a\nexcept E:\n    ...", id="except"),
        pytest.param(
            "match a:\n    case 1:\n        <\n        b\n        >", "match a:\n    case 1:\n        ...", id="case"
        ),
        pytest.param(
            "def f(a):\n    <\n    b = a + 1\n    c = b\n    >\n    return c\nb = 2\ng(b)",
            "def f(a):\n    c = ...\n    return c\nb = 2\ng(b)",
            id="function: names outside are others",
        ),
        pytest.param("def f(a):\n    <\n    return a + 1\n    >", "def f(a):\n    ...", id="return"),
        pytest.param(
            "async def f():\n    async with g() as h:\n        <\n        a = await h\n        >\n        return a",
            "async def f():\n    async with g() as h:\n        a = ...\n        return a",
            id="async",
        ),
    ],
)
def test_a_region_can_lie_in_an_indented_block(source, expected):
    same(source, expected)


def test_a_cell_can_have_several_regions():
    source = cell("<\na = f()\n>\nprint()\n<\nb = a + 1\nq = b\n>\nanswer('q1', q)\n<\nlast(q)\n>")

    assert [(region.first, region.last) for region in regions(source)] == [(1, 3), (5, 8), (10, 12)]
    assert released(source) == "...\nprint()\nq = ...\nanswer('q1', q)\n..."


def test_what_later_cells_read_is_kept():
    same("<\nhelper = 1\nbest = f(helper)\n>", "best = ...", later=["%%time\nplot(best)", "!ls {helper}"])
    same("<\nbest = f()\n>", "...", later=["best = 1", "plot(best)"])
    same("q2 = {}\n<\nq2['x'] = 1\n>", "q2 = {}\nq2 = ...", later=["answer('q2', q2)"])


def test_without_markers_all_code_stays():
    source = "if a:\n    ### BEGIN SOLUTION\n    b = 1  # 一\n    ### END SOLUTION\nc"

    assert without_markers(source) == "if a:\n    b = 1  # 一\nc"


def test_a_marker_in_a_string_is_none():
    source = 's = """\n### BEGIN SOLUTION\n"""\nt = "### END SOLUTION"'

    assert regions(source) == []
    assert released(source) == without_markers(source) == source


def test_a_string_in_a_region_may_show_a_marker():
    assert released(cell('<\ns = """\n### END SOLUTION\n"""\n>\nf(s)')) == "s = ...\nf(s)"


def test_line_ends_of_windows_are_understood():
    assert released("### BEGIN SOLUTION\r\nq = 1\r\n### END SOLUTION\r\nf(q)\r\n") == "q = ...\nf(q)\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%%time\n<\na = 1\nq = a\n>\nf(q)", "%%time\nq = ...\nf(q)"),
        ("\n\n%%capture out\n<\nq = 1\n>\nf(q)", "\n%%capture out\nq = ...\nf(q)"),
        ("!ls -l\n<\nq = 1\n>\n%matplotlib inline\nf(q)", "!ls -l\nq = ...\n%matplotlib inline\nf(q)"),
        ("!ls \\\n  -l\n<\nfiles = !ls \\\n  -l\n>\nf(files)\nf?", "!ls \\\n  -l\nfiles = ...\nf(files)\nf?"),
        ("<\n%time q = f()\n>\ng(q)", "q = ...\ng(q)"),
        ("for x in y:\n    <\n    !echo {x}\n    >", "for x in y:\n    ..."),
        ("x = (8\n% 3)\n<\ny = 1\n>\n?f", "x = (8\n% 3)\n...\n?f"),
    ],
)
def test_magics_do_not_stand_in_the_way(source, expected):
    assert released(cell(source)) == expected


@pytest.mark.parametrize("source", ["%%time\n!ls \\\n -l\nc", "a\n%who \\\n \\\n c\nx = !ls\ne", "", "a\n", "\n\nb"])
def test_python_of_a_cell_with_magics_has_the_lines_of_the_cell(source):
    names = {node.id: node.lineno for node in ast.walk(ast.parse(plain(source))) if isinstance(node, ast.Name)}

    for number, line in enumerate(source.split("\n"), start=1):
        assert names.get(line, number) == number


def test_a_cell_of_another_language_is_left_alone_but_not_with_a_marker():
    assert released("%%bash\nls 'x") == "%%bash\nls 'x"
    assert parse("%%bash\nls 'x").body == []
    refused("%%bash\n### BEGIN SOLUTION\nls\n### END SOLUTION", 2, "tag a cell of another language `solution`")


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("<\na\n<\nb\n>\n>", 3, "is inside the solution that begins in line 41; end that first"),
        ("a\n<\nb", 2, "has no `### END SOLUTION` in its cell; end it there and begin anew in the next cell"),
        ("a\n>\nb", 2, "has no `### BEGIN SOLUTION` above it in its cell"),
        ("<\na\n>\n>", 4, "has no `### BEGIN SOLUTION` above it in its cell"),
        (">\na\n<", 1, "has no `### BEGIN SOLUTION` above it in its cell"),
        ("a\n<\n>", 2, "the solution is empty"),
        ("a\n<\n# a remark\n\n>", 2, "the solution is empty"),
        ("f(\n<\na,\n>\nb)", 2, "whole statements of one block"),
        ("f(\na,\n<\nb)\n>", 3, "whole statements of one block"),
        ("if a:\n    b\n    <\n    c\nd\n    >", 3, "whole statements of one block"),
        ("<\nif a:\n    b\n    >\n    c", 1, "whole statements of one block"),
        ("if a:\n    <\n    b\nelse:\n    c\n    >", 2, "whole statements of one block"),
        ("if a:\n    b\n    <\nelse:\n    c\n    >", 3, "whole statements of one block"),
        ("try:\n    a\n    <\nexcept E:\n    b\n    >\nfinally:\n    c", 3, "whole statements of one block"),
        ("@f\n<\ndef g():\n    a\n>", 2, "whole statements of one block"),
        ("match a:\n    <\n    case 1:\n        b\n    >\n    case 2:\n        c", 2, "whole statements of one block"),
        ("if a:\n<\n    b\n>", 2, "indent the marker like the statements"),
        ("if a:\n    <\n    b\n>", 4, "indent the marker like the statements"),
        ("if a:\n\tb\n    <\n\tc\n\t>", 3, "indent the marker like the statements"),
        ("<\n)\n>", 2, "the cell is not Python ("),
        ("a\n%%time\nb ?? c", 3, "the cell is not Python ("),
    ],
)
def test_a_wrong_region_is_refused_with_file_line_and_what_to_do(source, line, reason):
    refused(cell(source), line, reason)


@pytest.mark.parametrize(
    "marker",
    ["# BEGIN SOLUTION", "###BEGIN SOLUTION", "### begin solution", "### END SOLUTION q2", "a ### END SOLUTION"],
)
def test_a_marker_that_is_nearly_right_is_refused_rather_than_overlooked(marker):
    refused(f"b = 1\n{marker}\nc", 2, "write `### BEGIN SOLUTION` or `### END SOLUTION`, alone on its line")


def test_a_remark_about_solutions_is_no_marker():
    assert regions("# begin solution three by netting\n# the end of the solution") == []


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta"])
SIMPLE = [
    "{a} = compute({b}, @)",
    "{a} += compute(@)",
    "{a}[@] = compute({b})",
    "{a}, {b} = compute(@), 1",
    "print({a}, @, '### END SOLUTION')",
    "{a} = await compute(@)",
    "def {a}(x):\n    return compute(x, {b}, @)",
]
HEADS = [
    "if compute({b}, @):",
    "for {a} in compute({b}, @):",
    "while compute({b}, @):",
    "with compute(@) as {a}:",
    "try:",
]


@st.composite
def blocks(draw, depth=0):
    """Give the lines of a block, with regions around some statements and `@` where each has its own number."""
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        form = draw(st.sampled_from(SIMPLE + HEADS * (depth < 2)))
        a, b = draw(NAMES), draw(NAMES)
        part = form.format(a=a, b=b).split("\n")
        if form in HEADS:
            part += [f"    {line}" for line in draw(blocks(depth + 1))]
        if form == "try:":
            part += ["finally:", f"    compute({b}, @)"]
        free = not any("BEGIN" in line for line in part)
        lines += ["### BEGIN SOLUTION", *part, "### END SOLUTION"] if free and draw(st.booleans()) else part
    return lines


@st.composite
def cells(draw):
    numbers = itertools.count(100001)
    return "".join(str(next(numbers)) if one == "@" else one for one in "\n".join(draw(blocks())))


@settings(max_examples=150, deadline=None)
@given(source=cells())
def test_whatever_the_regions_what_is_given_stays_and_what_is_solved_goes(source):
    taken = {number for one in regions(source) for number in NUMBER.findall(ast.unparse(one.statements))}

    public = released(source)
    exercise = Exercise(None, None, None, v4.new_notebook(cells=[v4.new_code_cell(source)]), (HERE,))

    assert leaks(v4.new_notebook(cells=[v4.new_code_cell(public)]), exercise) == []
    ast.parse(public)
    assert set(NUMBER.findall(public)) == set(NUMBER.findall(source)) - taken
    assert set(names_of(public).needs) <= set(names_of(source).needs)
    assert released(public) == public
    assert ast.dump(ast.parse(without_markers(source))) == ast.dump(ast.parse(source))
