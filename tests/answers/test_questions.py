from __future__ import annotations

import json
import textwrap

import pytest

from crm_course.answers.released import forms, read_forms, write_forms
from crm_course.errors import CourseError
from crm_course.exercise.questions_file import WantedStore, read_questions, read_wanted_store

TWO = """
- id: q4
  title: Whom to invite
  criteria: [2.2a, 1.1]
  marks: 6
  core: true
  kind: choice
  form: {type: list, of: customer_id, unique: true, at_most: 500}
  compare: {method: regret, full_marks_within: 0.02, no_marks_beyond: 0.30}
  hidden: {share_lost: 1.0}
  slips: [past_spend, consent_ignored]
  read_again: "03 Customer value, section 5"
- id: q7
  title: Advise the manager
  criteria: [A2]
  marks: 8
  core: true
  kind: written
  form: {words: [120, 250]}
  rubric:
    evidence: [assertion, figures, figures with an interval, own figures with intervals]
  model_points: [names the silent leavers]
  read_again: "03 Customer value, section 7"
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "questions.yml"
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


def test_a_file_of_questions_is_read_in_its_order(file):
    invite, advise = read_questions(file(TWO))

    assert (invite.id, invite.marks, invite.type, invite.form.at_most) == ("q4", 6, "list", 500)
    assert invite.criteria == ["2.2a", "1.1"]  # YAML reads 1.1 as a number
    assert (advise.form.words, advise.type, advise.partial) == ((120, 250), None, None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("marks: 6", "mark: 6"), "q4: marks: is missing, mark: is no key of a question; correct it"),
        (("marks: 6", "marks: 0"), "q4: marks: Input should be greater than 0"),
        (("id: q4", "id: q11"), "q11: id: 'q11' is not one of q1 to q10"),
        (("id: q7", "id: q4"), "q4 is there twice"),
        (("2.2a", "two"), "q4: criteria: 'two' is no code of a criterion"),
        (("kind: choice", "kind: guess"), "q4: kind: Input should be"),
        (("method: regret", "method: exact"), "q4: a question of kind choice is compared by regret, not by exact"),
        (("method: regret", "rel: 0.1"), "q4: compare.rel has no use in a question of kind choice"),
        (("beyond: 0.30", "beyond: 0.01"), "q4: a choice needs compare.full_marks_within below"),
        (("type: list", "type: table"), "q4: a question of kind choice cannot have form.type table"),
        (("[120, 250]", "[250, 120]"), "q7: form: from 250 to 120 is no range"),
        (("figures, figures", "figures"), "q7: rubric row evidence needs 4 levels"),
        (("kind: written", "kind: exact"), "q7: a rubric is what a written question needs"),
        (("share_lost: 1.0", "share_lost: .nan"), "q4: hidden.share_lost"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_file_and_question(file, change, told):
    path = file(TWO.replace(*change))

    with pytest.raises(CourseError) as error:
        read_questions(path)

    assert str(error.value).startswith(f"{path}: {told}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "is no list of questions"), ("a: 1", "is no list"), ("- [", "line 1: is not YAML"), ("- 3", "question 1")],
)
def test_a_file_that_holds_no_questions_is_told(file, text, told):
    with pytest.raises(CourseError, match=told):
        read_questions(file(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (TWO, {"customers": 1000, "scenario": "beauty", "months": 36}),
        ("questions:" + TWO, {"customers": 1000, "scenario": "beauty", "months": 36}),
        ("store: {customers: 3000}\nquestions:" + TWO, {"customers": 3000, "scenario": "beauty", "months": 36}),
        (
            "store: {customers: 500, scenario: fashion, months: 24}\nquestions:" + TWO,
            {"customers": 500, "scenario": "fashion", "months": 24},
        ),
    ],
)
def test_an_exercise_says_what_store_it_wants(file, text, wanted):
    path = file(text)

    assert read_wanted_store(path).model_dump() == wanted
    assert [one.id for one in read_questions(path)] == ["q4", "q7"]


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("{customer: 3000}", "store: customer: is no key of the store"),
        ("{customers: -5}", "store: customers: Input should be greater than or equal to 1"),
        ("{customers: 0}", "store: customers: Input should be greater than or equal to 1"),
        ("{customers: many}", "store: customers: Input should be a valid integer"),
        ("{customers: true}", "store: customers: Input should be a valid integer"),
        ("{months: 200}", "store: months: Input should be less than or equal to 120"),
        ("{scenario: ../mine.toml}", "store: scenario: '../mine.toml' is not the name of a scenario"),
        ("3000", "store: Input should be a valid dictionary"),
        ("", "store: Input should be a valid dictionary"),
    ],
)
def test_a_wrong_wish_is_told_in_one_line(file, store, told):
    path = file(f"store: {store}\nquestions:{TWO}")

    with pytest.raises(CourseError) as error:
        read_wanted_store(path)

    assert str(error.value).startswith(f"{path}: {told}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("shop: {}\nquestions:" + TWO, "shop is no part of the file; it has store and questions"),
        ("store: {customers: 3000}", "is no list of questions"),
        ("questions: {}", "is no list of questions"),
        ("questions:", "is no list of questions"),
    ],
)
def test_what_is_no_part_of_the_file_is_told_by_whoever_reads_it(file, text, told):
    for read in (read_questions, read_wanted_store):
        with pytest.raises(CourseError, match=told):
            read(file(text))


def test_what_is_asked_for_comes_before_what_the_exercise_wants():
    wanted = WantedStore(customers=3000, scenario="fashion", months=24)

    assert wanted.but(customers=40) == WantedStore(customers=40, scenario="fashion", months=24)
    assert wanted.but(scenario="plain") == WantedStore(customers=3000, scenario="plain", months=24)
    assert wanted.but() == wanted


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        read_questions(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("kind", "form", "compare", "told"),
    [
        ("table", {"columns": []}, {}, "a table needs form.columns"),
        ("table", {"columns": ["a"], "key": ["b"]}, {}, "key names b"),
        ("table", {}, {"columns": {"nope": {"abs": 1}}}, "compare.columns names nope"),
        ("verdict", {"one_of": ["works"]}, {}, "a verdict needs form.one_of"),
        ("set", {}, {"partial": "kendall"}, "true, false or one of: jaccard, members"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(question, kind, form, compare, told):
    with pytest.raises(ValueError, match=told):
        question(kind, form, compare)


def test_partial_marks_have_a_default_for_each_kind(question):
    assert question("set").partial == "jaccard"
    assert question("number").partial is None
    assert question("number", compare={"partial": True}).partial == "unit"
    assert question("table", compare={"partial": False}).partial is None


def test_released_forms_hold_nothing_of_comparing_slips_or_rubrics(file, tmp_path):
    questions = read_questions(file(TWO))

    write_forms(questions, tmp_path / "forms.json", {"q4": "Her list.", "q7": "Your advice:"})

    text = (tmp_path / "forms.json").read_text(encoding="utf-8")
    for secret in (
        "compare",
        "regret",
        "0.02",
        "slips",
        "past_spend",
        "rubric",
        "assertion",
        "silent",
        "hidden",
        "marks",
    ):
        assert secret not in text
    assert [set(one) for one in json.loads(text)["questions"]] == [
        {"id", "title", "kind", "type", "form"},
        {"id", "title", "kind", "form", "text"},
    ]


def test_forms_come_back_as_they_were(file, tmp_path):
    questions = read_questions(file(TWO))
    write_forms(questions, tmp_path / "forms.json")

    assert list(read_forms(tmp_path / "forms.json").values()) == forms(questions)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"v": 1, "questions": []}', "\x00", '{"v": 1, "questions": [{"id": 3}]}']
)
def test_damaged_forms_are_told_in_one_line(tmp_path, text):
    (tmp_path / "forms.json").write_text(text)

    with pytest.raises(CourseError, match="is damaged; take it from the packet again"):
        read_forms(tmp_path / "forms.json")
