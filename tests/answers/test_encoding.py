from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.encoding import encode
from crm_course.answers.values import WrongForm

HKT = dt.timezone(dt.timedelta(hours=8))


def there_and_back(value, wanted=None):
    bundle = encode("q1", value, wanted=wanted)
    return decode(json.loads(json.dumps(bundle, allow_nan=False))).value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (3, 3),
        (np.int8(3), 3),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (Decimal("1.25"), 1.25),
        (True, True),
        (np.False_, False),
        ("cannot tell", "cannot tell"),
        (np.str_("ann"), "ann"),
        (np.array(4.0), 4.0),
        (pd.Timestamp("2026-01-31"), "2026-01-31"),
        (dt.date(2026, 1, 31), "2026-01-31"),
        (np.datetime64("2026-01-31T10:00"), "2026-01-31T10:00:00"),
        (dt.datetime(2026, 1, 31, 8, tzinfo=HKT), "2026-01-31T00:00:00Z"),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (Decimal("NaN"), None),
    ],
)
def test_single_values_arrive_on_pythons_own_types(value, plain):
    arrived = there_and_back(value)

    assert arrived == plain
    assert type(arrived) is type(plain)


@pytest.mark.parametrize(
    "value",
    [
        ["ann", "bo"],
        ("ann", "bo"),
        {"bo", "ann"},
        frozenset(["bo", "ann"]),
        np.array(["ann", "bo"]),
        np.array(["ann", "bo"], dtype=object),
        pd.Index(["ann", "bo"], name="customer_id"),
        pd.Series(["ann", "bo"], index=[7, 3]),
        pd.Series(["ann", "bo"], dtype="category"),
        pd.array(["ann", "bo"]),
    ],
)
def test_a_list_of_ids_may_come_in_any_wrapping(value):
    assert there_and_back(value) == ["ann", "bo"]


def test_lists_of_days_are_written_as_single_days_are():
    days = pd.to_datetime(["2026-01-31 00:00", "2026-02-01 10:30"])

    assert there_and_back(days) == [there_and_back(day) for day in days] == ["2026-01-31", "2026-02-01T10:30:00"]


def test_a_series_is_what_the_question_wants():
    spend = pd.Series([1.0, 2.0], index=pd.Index(["ann", "bo"], name="customer_id"), name="spend")

    assert there_and_back(spend).columns.tolist() == ["customer_id", "spend"]
    assert there_and_back(spend, wanted="list") == [1.0, 2.0]
    assert there_and_back(pd.Series([1, 2]), wanted="table").columns.tolist() == ["value"]


def test_a_table_keeps_values_types_and_gaps():
    table = pd.DataFrame(
        {
            "customer_id": pd.Categorical(["ann", None]),
            "first": pd.to_datetime(["2026-01-31 08:00", None], utc=True).tz_convert("Asia/Hong_Kong"),
            "day": [dt.date(2026, 1, 31), None],
            "orders": pd.array([1, None], dtype="Int64"),
            "spend": [0.1, np.nan],
            "account": [True, False],
            "margin": [Decimal("1.25"), None],
            "band": pd.cut([1, 5], [0, 2, 6]),
            "grade": pd.Categorical([3, None]),
        }
    )

    bundle = encode("q1", table)
    arrived = decode(bundle).value

    assert dict(zip(bundle["value"]["columns"], bundle["value"]["dtypes"], strict=True)) == {
        "customer_id": "text",
        "first": "time_utc",
        "day": "time",
        "orders": "integer",
        "spend": "number",
        "account": "truth",
        "margin": "number",
        "band": "text",
        "grade": "number",
    }
    assert bundle["value"]["rows"][0] == [
        *("ann", "2026-01-31T08:00:00Z", "2026-01-31", 1, 0.1, True, 1.25, "(0, 2]", 3.0),
    ]
    assert bundle["value"]["rows"][1] == [None, None, None, None, None, False, None, "(2, 6]", None]
    assert arrived["first"][0] == pd.Timestamp("2026-01-31 08:00", tz="UTC")
    assert arrived.isna().sum().tolist() == [1, 1, 1, 1, 1, 0, 1, 0, 1]


def test_a_named_index_is_a_column_and_another_is_dropped():
    plain = pd.DataFrame({"spend": [1.0, 2.0]}, index=[7, 3])
    named = plain.rename_axis("customer_id")
    both = named.assign(customer_id=["ann", "bo"])

    assert there_and_back(plain).columns.tolist() == ["spend"]
    assert there_and_back(named).to_dict("list") == {"customer_id": [7, 3], "spend": [1.0, 2.0]}
    assert there_and_back(both).to_dict("list") == {"spend": [1.0, 2.0], "customer_id": ["ann", "bo"]}


def test_an_empty_table_keeps_its_columns():
    assert there_and_back(pd.DataFrame({"a": [], "b": []})).columns.tolist() == ["a", "b"]


@pytest.mark.parametrize("value", [..., None])
def test_the_ellipsis_is_not_answered(value):
    assert decode(encode("q1", value)).kind == "nothing"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (pd.DataFrame({"a": range(1_000_000)}), "a table of 1,000,000 rows is too large, at most 20,000"),
        (range(10**15), "a list of 1,000,000,000,000,000 entries is too long"),
        (pd.Series(range(20_001)), "a list of 20,001 entries is too long"),
        (pd.DataFrame({"a": ["x" * 1000] * 3000}), "the answer is larger than 2 MB"),
        (pd.DataFrame(index=[1, 2]), "a table of 0 columns; it needs 1 to 200"),
        (pd.DataFrame(np.zeros((2, 201))), "a table of 201 columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns named a"),
        (pd.DataFrame([[1, 2]], columns=["1", 1]), "two columns named 1"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), "several levels"),
        (pd.DataFrame({"rate": [1.0, np.inf]}), "column rate, row 2: an infinite number is no answer"),
        (pd.DataFrame({"a": [1, "two"]}), "column a mixes texts, numbers or truth values"),
        (pd.DataFrame({"a": [[1], [2]]}), "column a, row 1: a value of type list is no single number"),
        (pd.DataFrame({"a": pd.to_timedelta([1, 2], unit="D")}), "column a holds durations"),
        (pd.Timedelta("1D"), "a duration has no unit"),
        (float("inf"), "an infinite number is no answer"),
        (np.float64("-inf"), "an infinite number is no answer"),
        (10**400, "a whole number of more than 18 digits"),
        ([1, 2**63], "a whole number of more than 18 digits"),
        (1 + 2j, "a value of type complex cannot be handed in"),
        ("half a \ud800 pair", "text with a broken character"),
        (["\udfff"], "text with a broken character"),
        (pd.DataFrame([[1]], columns=pd.Index(["\ud800"], dtype=object)), "text with a broken character"),
        ("x" * 3_000_000, "larger than 2 MB"),
        ({"ann": 1}, "a value of type dict cannot be handed in; give a number, text, list, table or figure"),
        (object(), "a value of type object cannot be handed in"),
        (print, "a value of type builtin_function_or_method cannot"),
        ((one for one in "ab"), "a value of type generator cannot be handed in"),
        (b"bytes", "a value of type bytes cannot be handed in"),
        ([["ann"], ["bo"]], "entry 1 of the list is of type list"),
        ([1, object()], "entry 2 of the list is of type object"),
        (Figure().subplots().bar([1], [2]), "these are the marks of a figure .Rectangle.; give the figure or its axes"),
        (Figure().subplots().plot([1, 2]), "these are the marks of a figure .Line2D.; give the figure or its axes"),
        (np.zeros((2, 2)), "an array of 2 dimensions is no list"),
        (pd.MultiIndex.from_tuples([("a", 1)]), "an index of several levels is no list"),
        (pd.DataFrame({"a": [1]}).style, "a value of type Styler cannot be handed in"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 and value.isascii() else "",
)
def test_what_cannot_be_handed_in_is_one_clear_line(value, told):
    with pytest.raises(WrongForm, match=told) as error:
        encode("q1", value)

    assert str(error.value).startswith("q1: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("question", ["q0", "q11", "Q1", "", 1, None, "q1\n", object()])
def test_a_question_is_named_by_its_id(question):
    with pytest.raises(WrongForm, match="q1 to q10"):
        encode(question, 1)


@pytest.mark.parametrize("unit", [3, "x" * 51, ["HK$"]])
def test_a_unit_is_a_short_text(unit):
    with pytest.raises(WrongForm, match="a unit is a short text"):
        encode("q1", 1, unit)


# laws ---------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), texts
)


@given(scalars)
def test_every_plain_value_arrives_as_it_left(value):
    arrived = there_and_back(value)

    assert arrived == value
    assert type(arrived) is type(value)


@given(st.lists(scalars, max_size=20))
def test_every_list_arrives_as_it_left(values):
    assert there_and_back(values) == values


times = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1))
columns = st.sampled_from([st.floats(allow_infinity=False), st.integers(-(2**53), 2**53), texts, st.booleans(), times])


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 8))
    names = draw(st.lists(texts, min_size=1, max_size=5, unique=True))
    return pd.DataFrame({name: draw(st.lists(draw(columns), min_size=rows, max_size=rows)) for name in names})


@settings(deadline=None)
@given(tables())
def test_every_table_arrives_as_it_left(table):
    arrived = there_and_back(table)

    assert arrived.columns.tolist() == table.columns.tolist()
    for name in table.columns:
        one, other = table[name], arrived[name]
        assert (one.isna().to_numpy() == other.isna().to_numpy()).all()
        assert one.dropna().tolist() == other.dropna().tolist()


@settings(deadline=None)
@given(tables())
def test_encoding_again_what_arrived_gives_the_same(table):
    once = encode("q1", table)

    assert encode("q1", decode(once).value) == once or table.empty


# hostile objects ----------------------------------------------------------------------------------


class Always:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class MyFloat(float):
    def __eq__(self, other):
        return True

    def __float__(self):
        return 99.0

    __hash__ = None


class MyInt(int):
    def __int__(self):
        return 99

    def __index__(self):
        return 99


class MyText(str):
    def __str__(self):
        return "right"

    def encode(self, *_):
        return b"right"


class MyList(list):
    def __iter__(self):
        return iter(["right"])

    def __len__(self):
        return 1


class MyTable(pd.DataFrame):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __len__(self):
        return 1

    def to_dict(self, *_):
        return {}


class Liar:
    __class__ = float  # type: ignore[assignment]


class Furious:
    def __getattribute__(self, name):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("value", "plain"), [(MyFloat(1.5), 1.5), (MyInt(3), 3), (MyText("mine"), "mine"), (MyList(["mine"]), ["mine"])]
)
def test_a_subclass_loses_what_it_overrides(value, plain):
    arrived = there_and_back(value)

    assert arrived == plain
    assert type(arrived) is type(plain)


def test_a_subclass_of_a_table_arrives_as_a_table():
    arrived = there_and_back(MyTable({"a": [1, 2, 3]}))

    assert type(arrived) is pd.DataFrame
    assert arrived["a"].tolist() == [1, 2, 3]
    with pytest.raises(WrongForm, match="too large"):
        encode("q1", MyTable({"a": range(20_001)}))


@pytest.mark.parametrize("kind", [Always, Liar, Furious])
@pytest.mark.parametrize("wrapping", [lambda one: one, lambda one: [one], lambda one: (one, 1), type])
def test_foreign_objects_are_refused_whatever_they_claim(kind, wrapping):
    with pytest.raises(WrongForm):
        encode("q1", wrapping(kind()))


def test_a_foreign_object_in_a_table_is_refused():
    with pytest.raises(WrongForm, match="row 1: a value of type Always is no single number"):
        encode("q1", pd.DataFrame({"a": pd.Series([Always()], dtype=object)}))


def test_a_list_within_itself_is_refused():
    endless: list = []
    endless.append(endless)

    with pytest.raises(WrongForm, match="entry 1 of the list is of type list"):
        encode("q1", endless)


def test_a_missing_number_stays_missing():
    assert there_and_back([1.0, math.nan]) == [1.0, None]
