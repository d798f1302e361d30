import pytest

from crm_course.running.missing.dependencies import Missing, Names, left_out, names_of


@pytest.mark.parametrize(
    ("source", "makes", "needs"),
    [
        ("fit = model.fit(table)\nfit.params", {"fit"}, {"model", "table"}),
        ("total += 1", {"total"}, {"total"}),
        ("figures['x'] = y", set(), {"figures", "y"}),
        ("figures |= {'x': y}", set(), {"figures", "y"}),
        ("table.loc[:, 'x'] = 1", set(), {"table"}),
        ("import a.b, c as d\nfrom e import f", {"a", "d", "f"}, set()),
        ("def f(x):\n    return g(x) + h", {"f"}, {"g", "h"}),
        ("class A(B):\n    x = y", {"A"}, {"B", "y"}),
        ("with lock as held:\n    z = held", {"held", "z"}, {"lock"}),
        ("[x for x in rows if x > limit]", set(), {"rows", "limit"}),
        ("a, (b, *c) = rows", {"a", "b", "c"}, {"rows"}),
        ("if (n := f()) > 1:\n    n", {"n"}, {"f"}),
        ("if t:\n    ax = 1\nelse:\n    ax = 2\nax", {"ax"}, {"t"}),
        ("if t:\n    ax = 1\nax", {"ax"}, {"t", "ax"}),
        ("for x in xs:\n    y = x", {"x", "y"}, {"xs"}),
        ("try:\n    k = f()\nexcept E as e:\n    k = e", {"k"}, {"f", "E"}),
        ("match q:\n    case [one, *rest]:\n        pass", {"one", "rest"}, {"q"}),
        ("x: int = y", {"x"}, {"int", "y"}),
    ],
)
def test_names_are_those_of_the_cells_top_level(source, makes, needs):
    assert names_of(source) == Names(frozenset(makes), names_of(source).needs)
    assert set(names_of(source).needs) == needs


def test_magics_and_top_level_await_are_understood():
    assert names_of("%matplotlib inline\nx = await go(y)").makes == {"x"}
    assert names_of("%time fit = go(table)").makes == {"fit"}
    assert names_of("%%time\nfit = go(table)").makes == {"fit"}


def test_a_cell_that_does_not_parse_makes_and_needs_nothing():
    assert names_of("this is (not python") == Names()


def test_what_a_failed_cell_would_have_made_is_missing_until_it_is_made_again():
    missing = Missing()
    missing.failed(names_of("fit = f()"))
    assert missing.needed_by(names_of("fit.params")) == ["fit"]

    missing.ran(names_of("fit = g()"))
    assert missing.needed_by(names_of("fit.params")) == []


def test_a_name_that_is_made_anew_in_a_cell_is_not_needed_from_above():
    missing = Missing({"ax"})
    assert missing.needed_by(names_of("ax = plot(table)\nax.set_title('x')")) == []


def test_the_line_names_all_that_is_missing():
    assert left_out(["fit"]) == "Left out: needs `fit`, which was not made above."
    assert left_out(["a", "b"]) == "Left out: needs `a` and `b`, which were not made above."
