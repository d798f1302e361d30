from __future__ import annotations

import json

import pandas as pd
import pytest

import crm_course
from crm_course.answers.encoding.decoding import decode
from crm_course.answers.released import write_forms
from crm_course.answers.values import MIME, WrongForm
from crm_course.errors import WrongCall


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """Call `answer` in a folder of its own; gives the text and keeps the bundle."""
    monkeypatch.chdir(tmp_path)
    bundles = []
    monkeypatch.setattr("crm_course.answers.protocol.display", lambda bundle, raw: bundles.append(bundle))

    def call(*arguments, **named):
        crm_course.answer(*arguments, **named)
        return bundles[-1]["text/plain"]

    call.bundles = bundles
    return call


@pytest.fixture
def released(question, tmp_path):
    def write(kind, form=None, **more):
        texts = more.pop("texts", None)
        write_forms([question(kind, form, **more)], tmp_path / "forms.json", texts)

    return write


def test_an_answer_is_recorded_and_its_form_told_never_whether_it_is_right(shown, released):
    released("number", {"unit": "HK$"})

    text = shown("q1", 1234.5, unit="HK$")

    assert text == "q1 recorded: 1,234.5 HK$. Its form is right."
    assert shown.bundles[0][MIME] == {"v": 1, "question": "q1", "kind": "number", "unit": "HK$", "value": 1234.5}


def test_the_ellipsis_is_not_answered_yet(shown, released):
    released("number")

    assert shown("q1", ...) == "q1: not answered yet."
    assert decode(shown.bundles[0][MIME]).kind == "nothing"


def test_without_forms_the_answer_is_recorded_and_that_is_said(shown):
    assert shown("q7", 3) == (
        "q7 recorded: 3. There is no forms.json beside the notebook, so its form could not be checked."
    )


def test_damaged_forms_do_not_lose_the_answer(shown, tmp_path):
    (tmp_path / "forms.json").write_text("{")

    assert "forms.json is damaged" in shown("q1", 3)
    assert shown.bundles[0][MIME]["value"] == 3


@pytest.mark.parametrize("name", ["q2", "Q1", "", 1, None])
def test_an_unknown_question_is_one_clear_line(shown, released, name):
    released("number")

    with pytest.raises(WrongCall, match=r"there is no question .*; there are q1$") as error:
        shown(name, 3)
    assert shown.bundles == []
    assert len(error.value._render_traceback_()) == 1


def test_a_value_that_cannot_be_handed_in_is_one_clear_line(shown, released):
    released("table")

    with pytest.raises(WrongForm, match="q1: a table of 1,000,000 rows is too large, at most 20,000"):
        shown("q1", pd.DataFrame({"a": range(1_000_000)}))
    with pytest.raises(WrongForm, match="q1: a value of type object cannot be handed in"):
        shown("q1", object())


TABLE = {"columns": {"customer_id": "text", "orders": "integer", "spend": "number"}, "key": ["customer_id"]}
GOOD = pd.DataFrame({"customer_id": ["ann", "bo"], "orders": [1, 2], "spend": [3.0, 4.0]})


@pytest.mark.parametrize(
    ("kind", "form", "value", "unit", "problem"),
    [
        ("number", {}, "12", None, "it is a text; a number is asked for"),
        ("number", {}, [12], None, "it is a list; a number is asked for"),
        ("number", {}, float("nan"), None, "the number is missing (NaN)"),
        ("number", {"type": "integer"}, 1.5, None, "a whole number is asked for"),
        ("number", {"unit": "HK$"}, 1.5, None, 'it has no unit; add unit="HK$"'),
        ("number", {"unit": "HK$"}, 1.5, "US$", "its unit is US$; HK$ is asked for"),
        ("number", {"unit": "share"}, 78.36, "share", "a share lies between 0 and 1; 78.36 may be per cent"),
        ("verdict", {}, "maybe", None, "it is one of these words: works, does not, cannot tell"),
        ("exact", {}, ["a"], None, "it is a list; a single value is asked for"),
        ("choice", {"of": "customer_id"}, [1, 2], None, "a customer_id is a text, and the list holds other values"),
        ("choice", {"unique": True}, ["a", "a", "b"], None, "1 entries are there more than once"),
        ("choice", {"at_most": 2}, ["a", "b", "c"], None, "it has 3 entries; at most 2 are asked for"),
        ("list", {"at_least": 2}, ["a"], None, "it has 1 entries; at least 2 are asked for"),
        ("list", {}, ["a", None], None, "some entries are missing"),
        ("table", TABLE, GOOD.drop(columns="spend"), None, "column spend is missing"),
        ("table", TABLE, GOOD.astype({"spend": str}), None, "column spend holds texts, not numbers"),
        ("table", TABLE, GOOD.assign(orders=[1.5, 2]), None, "column orders holds numbers, not whole numbers"),
        (
            *("table", TABLE, pd.concat([GOOD, GOOD]), None),
            "customer_id names each row once, and 2 rows repeat one",
        ),
        ("table", TABLE, GOOD.assign(customer_id=["ann", None]), None, "customer_id is missing in some rows"),
        ("table", {"at_most": 1, "columns": ["spend"], "key": []}, GOOD, None, "it has 2 entries; at most 1"),
        ("figure", {}, 3, None, "it is a number; a figure is asked for"),
    ],
)
def test_what_is_wrong_with_the_form_is_told(shown, released, kind, form, value, unit, problem):
    released(kind, form)

    text = shown("q1", value, unit)

    assert "Its form is not right yet: " + problem in text


@pytest.mark.parametrize(
    ("kind", "form", "value", "unit"),
    [
        ("number", {"unit": "HK$"}, 12, "hkd"),
        ("number", {"type": "integer"}, 12.0, None),
        ("table", TABLE, GOOD, None),
        ("table", TABLE, GOOD.set_index("customer_id").astype({"orders": "float64"}), None),
        ("table", TABLE, GOOD.astype({"spend": int}).assign(further="x"), None),
        ("choice", {"of": "customer_id", "unique": True, "at_most": 2}, GOOD.set_index("orders")["customer_id"], None),
        ("exact", {}, "ann", None),
    ],
)
def test_a_right_form_is_told(shown, released, kind, form, value, unit):
    released(kind, form)

    assert shown("q1", value, unit).endswith("Its form is right.")


def test_a_figure_needs_labels_units_and_a_title(shown, released):
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure

    released("figure", {"units": {"y": "HK$"}})
    ax = Figure().subplots()
    ax.plot([1, 2])
    ax.set_ylabel("spend")

    assert "it has no title; its x axis has no label; its y axis does not name the unit, HK$." in shown("q1", ax)

    ax.set(title="Spend rises", xlabel="month", ylabel="spend (HK$)")
    assert shown("q1", ax.figure) == "q1 recorded: a figure of one panel with one mark. Its form is right."


def test_lying_bars_have_their_unit_on_the_other_axis(shown, released):
    from matplotlib.figure import Figure

    released("figure", {"units": {"y": "share"}})
    ax = Figure().subplots()
    ax.barh(["shop", "web"], [0.2, 0.4])
    ax.set(title="The web has more", xlabel="fresh records (share)", ylabel="channel")

    assert shown("q1", ax).endswith("Its form is right.")


def test_what_was_recorded_is_described(shown):
    assert "a list of 4 entries (ann, bo, cy, …)" in shown("q1", ["ann", "bo", "cy", "di"])
    assert "a table of 2 rows (customer_id, orders, spend), the first: ann, 1, 3." in shown("q1", GOOD)
    gap = pd.DataFrame({"spend": [None, 4.5], "day": pd.to_datetime(["2025-12-31", None])})
    assert "a table of 2 rows (spend, day), the first: missing, 2025-12-31" in shown("q1", gap)
    assert "a table of 0 rows (customer_id, orders, spend). " in shown("q1", GOOD.iloc[:0])


# written ------------------------------------------------------------------------------------------


def saved(tmp_path, *cells):
    cells = [{"cell_type": "markdown", "source": cell} for cell in cells]
    (tmp_path / "03_customer_value.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")


def test_written_counts_the_words_as_the_grader_finds_them(shown, released, tmp_path, capsys):
    released("written", {"words": [2, 250]}, texts={"q1": "Your advice:"})
    saved(tmp_path, "## q1 Advise\nYour advice:\n\nInvite 300 of them.", "## q2\nmore")

    crm_course.written("q1")

    assert capsys.readouterr().out.splitlines() == [
        "q1: write in Markdown between the heading q1 and the next question's.",
        "03_customer_value.ipynb, as last saved: 4 words; 2 to 250 are asked for.",
    ]


def test_written_says_so_when_nothing_is_found(shown, released, tmp_path, capsys):
    released("written")
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "list.ipynb").write_text("[]")

    crm_course.written("q1")

    assert "No saved notebook here has that heading." in capsys.readouterr().out


def test_written_and_answer_are_not_mistaken_for_each_other(shown, released):
    released("number")
    with pytest.raises(WrongCall, match="q1 is not a written question"):
        crm_course.written("q1")

    released("written")
    assert "answer it in Markdown below its heading" in shown("q1", "Invite 300.")
