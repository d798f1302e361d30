from __future__ import annotations

import copy
import json
import pickle

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.values import MAX_ROWS, Unreadable

TABLE = encode("q1", pd.DataFrame({"id": ["ann", "bo"], "n": [1, 2], "at": pd.to_datetime(["2026-01-01", None])}))
MARK = {"mark": "line", "label": "", "x": [1.0, 2.0], "y": [3.0, "four"], "z": []}
PANEL = {
    "title": "A finding",
    "x": {"label": "day", "ticks": ["1"]},
    "y": {"label": "HK$", "ticks": []},
    "legend": [],
    "notes": [],
    "marks": [MARK],
}


def bundle(kind, value, **more):
    return {"v": 1, "question": "q1", "kind": kind, "unit": None, "value": value, **more}


def nested(depth):
    found: object = 1
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        (None, "does not have just the parts"),
        ([], "does not have just the parts"),
        ("text", "does not have just the parts"),
        ({}, "does not have just the parts v, question"),
        (bundle("number", 1, grade=100), "does not have just the parts"),
        (bundle("number", 1, v=2), "of another version"),
        (bundle("number", 1, v=True), "of another version"),
        (bundle("number", 1, question="q99"), "names no question"),
        (bundle("number", 1, question=["q1"]), "names no question"),
        (bundle("number", 1, unit=3), "the unit is no text"),
        (bundle("number", 1, unit="x" * 51), "the unit is no text of at most 50"),
        (bundle("pickle", "gASV"), "of no known kind"),
        (bundle([], 1), "of no known kind"),
        (bundle("number", "1"), "the number is no number"),
        (bundle("number", True), "the number is no number"),
        (bundle("number", float("inf")), "holds an infinite number"),
        (bundle("number", float("nan")), "holds an infinite number"),
        (bundle("number", 10**400), "more than 18 digits"),
        (bundle("truth", 1), "neither true nor false"),
        (bundle("text", 1), "the text is no text"),
        (bundle("text", "\ud800"), "broken character"),
        (bundle("text", "x" * 2_100_000), "larger than 2 MB"),
        (bundle("text", "x" * 20_001), "at most 20,000 letters"),
        (bundle("nothing", 1), "an answer not given has a value"),
        (bundle("list", "ann"), "the list is no list"),
        (bundle("list", [["ann"]]), "the list holds lists"),
        (bundle("list", [0] * (MAX_ROWS + 1)), "at most 20,000"),
        (bundle("list", nested(5000)), "nested too deeply"),
        (bundle("list", [b"bytes"]), "holds a value of type bytes"),
        (bundle("list", ["x" * 1000] * 2500), "larger than 2 MB"),
        (bundle("list", {1: 2}), "a name that is no short text"),
        (bundle("number", object()), "holds a value of type object"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "",
)
def test_what_is_no_answer_is_refused_with_the_reason(damaged, told):
    with pytest.raises(Unreadable, match=told):
        decode(damaged)


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("columns", [], "do not fit together"),
        ("columns", ["id", "n"], "do not fit together"),
        ("columns", ["id", "id", "at"], "a column twice"),
        ("columns", ["id", 3, "at"], "do not fit together"),
        ("dtypes", ["text", "object", "time"], "of no known type"),
        ("dtypes", ["text", ["integer"], "time"], "of no known type"),
        ("dtypes", ["integer", "integer", "time"], "something else than integer"),
        ("rows", [["ann", 1]], "one value for each column"),
        ("rows", "ann", "no list"),
        ("rows", [["ann", True, None]], "something else than integer"),
        ("rows", [["ann", 1.5, None]], "something else than integer"),
        ("rows", [["ann", 1, "yesterday"]], "a time of the table is not written as"),
        ("rows", [["ann", 1, "2026-13-01"]], "in no calendar"),
        ("rows", [["ann", 1, "NaT"]], "a time of the table is not written as"),
        ("rows", [["ann", {}, None]], "something else"),
        ("rows", [["a", 1, None]] * (MAX_ROWS + 1), "at most 20,000"),
    ],
)
def test_a_damaged_table_is_refused_with_the_reason(part, value, told):
    damaged = copy.deepcopy(TABLE)
    damaged["value"][part] = value

    with pytest.raises(Unreadable, match=told):
        decode(damaged)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"marks": []}, "draws nothing or too much"),
        ({"marks": [MARK] * 201}, "no list of at most 200"),
        ({"marks": [{**MARK, "mark": "script"}]}, "no known kind"),
        ({"marks": [{**MARK, "x": [1.0]}]}, "one y for each x"),
        ({"marks": [{**MARK, "x": [1.0, None]}]}, "no numbers or names"),
        ({"marks": [{**MARK, "x": [1.0, True]}]}, "no numbers or names"),
        ({"marks": [{**MARK, "z": [1.0, 2.0]}]}, "one y for each x"),
        ({"marks": [{**MARK, "x": [0] * 20_001, "y": [0] * 20_001}]}, "at most 20,000"),
        ({"title": "x" * 1000}, "title is no text"),
        ({"legend": ["x"] * 201}, "at most 200"),
        ({"x": {"label": "day"}}, "an axis does not have just the parts"),
    ],
)
def test_a_damaged_figure_is_refused_with_the_reason(change, told):
    with pytest.raises(Unreadable, match=told):
        decode(bundle("figure", {"title": "", "panels": [{**PANEL, **change}]}))


def test_a_good_figure_is_read():
    drawing = decode(bundle("figure", {"title": "", "panels": [PANEL]})).value

    assert drawing.panels[0].marks[0].y == (3.0, "four")


def test_answers_arrive_on_exact_types_from_a_notebook_read_by_nbformat():
    from nbformat import from_dict

    arrived = decode(from_dict(TABLE))

    assert type(arrived.value) is pd.DataFrame
    assert type(arrived.question) is str


def test_no_pickle_is_ever_read(monkeypatch):
    monkeypatch.setattr(pickle, "loads", lambda *_: pytest.fail("a pickle was read"))
    monkeypatch.setattr(pickle, "load", lambda *_: pytest.fail("a pickle was read"))

    decode(TABLE)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
SEEDS = [TABLE, bundle("figure", {"title": "", "panels": [PANEL]}), bundle("list", ["ann", 1]), bundle("number", 2.5)]


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from _places(inner, (*path, name))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_whatever_is_changed_in_an_answer_it_is_read_or_refused(data):
    damaged = json.loads(json.dumps(data.draw(st.sampled_from(SEEDS))))
    path = data.draw(st.sampled_from(list(_places(damaged))))
    value = data.draw(junk)
    if path:
        holder = damaged
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = value
    else:
        damaged = value

    try:
        assert decode(damaged).kind == damaged["kind"]
    except Unreadable as error:
        assert "\n" not in str(error)
