from __future__ import annotations

import textwrap

import pytest

from crm_course.errors import CourseError
from crm_course.exercise.slips import alike, check_slips, diagnose, distinct, load_slips, too_near

GROSS = """
from crm_course.exercise.slips import slip, toss_up, worth

@slip("q1", name="gross", text="Returns were not netted.", read_again="03, section 2")
def gross(store, key):
    return store["gross"]

@slip("q1", name="per_record", text="A person was counted once a record.", read_again="02, section 3")
@slip("q2", name="per_record", text="A person was counted once a record.", read_again="02, section 3")
def per_record(store, key):
    return key / 2

@worth("q3")
def margin(store, key):
    return {"ann": 60.0}

@toss_up("q1")
def near_a_hundred(store, key):
    return f"{store['gross']:.0f} is too near to 100" if abs(store["gross"] - 100) < 5 else None
"""
TABLE = """
from crm_course.exercise.slips import slips_of
from crm_course.errors import FitFailed

@slips_of("q1", read_again={"": "03, section 2", "half": "03, section 4"})
class Q1:
    "A question."

    def gross(store, key):
        "Returns were not netted."
        return store["gross"]

    def half(store, key):
        "You halved it."
        return key / 2

    def unfitted(store, key):
        "You fitted too little."
        raise FitFailed("BG/NBD: no")

@slips_of("q2", read_again="03, section 2")
class Q2:
    "Another question, in which the same mistake is made."

    def gross(store, key):
        "Returns were not netted here either."
        return None
"""
SHOP = {"gross": 120.0}


@pytest.fixture
def slips(tmp_path):
    def load(text=GROSS, name="slips.py"):
        (tmp_path / name).write_text(textwrap.dedent(text))
        return load_slips(tmp_path / name)

    return load


def test_slips_are_read_from_the_file_and_run_on_a_store(question, slips):
    found = slips()

    values = found.values(question("number"), SHOP, 100.0)

    assert {one.name: value.value for one, value in values.items()} == {"gross": 120.0, "per_record": 50.0}
    assert [one.question for one in found.slips] == ["q1", "q1", "q2"]
    assert found.worth["q3"](SHOP, 100.0) == {"ann": 60.0}


def test_a_class_of_slips_reads_like_a_table(question, slips):
    found = slips(TABLE)

    assert [(one.question, one.name) for one in found.slips] == [
        ("q1", "gross"),
        ("q1", "half"),
        ("q1", "unfitted"),
        ("q2", "gross"),
    ]
    assert [one.read_again for one in found.of("q1")] == ["03, section 2", "03, section 4", "03, section 2"]
    assert [one.text for one in found.of("q2")] == ["Returns were not netted here either."]


def test_a_slip_that_leads_to_no_answer_or_to_no_fit_cannot_be_made(question, slips):
    found = slips(TABLE)

    values = found.values(question("number"), SHOP, 100.0)

    assert {one.name: value.value for one, value in values.items()} == {"gross": 120.0, "half": 50.0}
    assert found.values(question("number", id="q2"), SHOP, 100.0) == {}


@pytest.mark.parametrize(("gross", "told"), [(104.0, "104 is too near to 100"), (120.0, None)])
def test_a_toss_up_is_told_in_a_sentence(slips, gross, told):
    assert slips().toss_ups["q1"]({"gross": gross}, 100.0) == told


def test_one_exercise_knows_nothing_of_the_slips_of_another(slips):
    slips()

    other = slips("from crm_course.exercise.slips import slip\n", "other.py")

    assert (other.slips, other.worth, other.toss_ups) == ((), {}, {})


def test_a_wrong_answer_that_equals_a_slip_gets_its_explanation(question, slips, arrived):
    asked = question("number", compare={"rel": 0.01}, slips=["gross", "per_record"])
    values = slips().values(asked, SHOP, 100.0)

    assert diagnose(asked, arrived(120.5), values).text == "Returns were not netted."
    assert diagnose(asked, arrived(50), values).read_again == "02, section 3"
    assert diagnose(asked, arrived(77), values) is None
    assert diagnose(asked, arrived("120"), values) is None
    assert diagnose(asked, None, values) is None
    assert diagnose(asked, arrived(...), values) is None


def test_of_two_slips_that_fit_the_first_in_the_questions_is_told(question, slips, arrived):
    values = slips().values(question("number"), {"gross": 50.0}, 100.0)

    for order in (["gross", "per_record"], ["per_record", "gross"]):
        assert diagnose(question("number", slips=order), arrived(50.0), values).name == order[0]


def test_a_choice_equals_a_slip_when_it_holds_the_same_members(question, slips, arrived):
    asked = question("choice")
    (gross, *_) = slips().slips
    values = {gross: [f"c{number}" for number in range(100)]}

    assert diagnose(asked, arrived([f"c{number}" for number in range(99)]), values) is gross
    assert diagnose(asked, arrived([f"c{number}" for number in range(90)]), values) is None


@pytest.mark.parametrize(
    ("gross", "fair"), [(100.5, False), (101.9, False), (102.1, True), (120.0, True), (None, True)]
)
def test_a_variant_is_fair_when_slips_lie_beyond_twice_the_tolerance(question, slips, gross, fair):
    asked = question("number", compare={"rel": 0.01})
    values = slips().values(asked, {"gross": gross}, 100.0)

    assert distinct(asked, 100.0, values) is fair
    assert [one.name for one in too_near(asked, 100.0, values)] == ([] if fair else ["gross"])


@pytest.mark.parametrize(
    ("kind", "key", "near", "far"),
    [
        ("set", ["ann", "bo"], ["bo", "ann"], ["ann"]),
        ("exact", "works", "Works", "fails"),
        ("choice", ["ann"], ["bo"], ["cy"]),
    ],
)
def test_fairness_holds_for_every_kind(question, slips, kind, key, near, far):
    values = {"ann": 100.0, "bo": 97.0, "cy": 90.0}
    (gross, *_) = slips().slips

    assert not distinct(question(kind), key, {gross: near}, values)
    assert distinct(question(kind), key, {gross: far}, values)


@pytest.mark.parametrize(("gross", "pairs"), [(50.4, [("gross", "per_record")]), (60.0, []), (None, [])])
def test_slips_that_lead_to_one_answer_are_told(question, slips, gross, pairs):
    asked = question("number", compare={"rel": 0.01})
    values = slips().values(asked, {"gross": gross}, 100.0)

    assert [(one.name, other.name) for one, other in alike(asked, values)] == pairs


def test_questions_and_slips_name_the_same(question, slips):
    found = slips()
    both = [question("number", slips=["gross", "per_record"]), question("number", id="q2", slips=["per_record"])]
    chosen = question("choice", id="q3")

    check_slips([*both, chosen], found)
    with pytest.raises(CourseError, match=r"slip per_record of q2: slips.py has it, questions.yml does not"):
        check_slips([both[0], chosen], found)
    with pytest.raises(CourseError, match=r"slip later of q4: questions.yml names it, slips.py does not"):
        check_slips([*both, chosen, question("number", id="q4", slips=["later"])], found)


def test_what_is_marked_as_worth_or_as_a_toss_up_is_a_question_that_is_asked(question, slips):
    both = [question("number", slips=["gross", "per_record"]), question("number", id="q2", slips=["per_record"])]

    with pytest.raises(CourseError, match=r"slips.py: marks q3, which questions.yml does not have; correct one"):
        check_slips(both, slips())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def (", "cannot be run .SyntaxError"),
        ("1 / 0", "cannot be run .ZeroDivisionError: division by zero.; correct it"),
        (GROSS.replace('"per_record"', '"gross"').replace('"q2"', '"q1"'), "slip gross of q1 is there twice"),
        (TABLE.replace('"q2"', '"q1"'), "slip gross of q1 is there twice"),
        (TABLE.replace('"You halved it."', ""), "slip half of q1 tells nothing; write its text as a docstring"),
        (GROSS.replace('@worth("q3")', '@worth("q3")\n@toss_up("q1")'), "q1 is marked twice"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(slips, text, told):
    with pytest.raises(CourseError, match=told):
        slips(text)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CourseError, match="there is no such file"):
        load_slips(tmp_path / "slips.py")


def test_a_slip_that_fails_is_named(question, slips):
    with pytest.raises(CourseError, match=r"slip gross of q1 fails .KeyError: 'gross'.; correct it"):
        slips().values(question("number"), {}, 100.0)


def test_what_follows_from_her_own_answers_is_collected_by_question(tmp_path):
    path = tmp_path / "slips.py"
    path.write_text(
        "from crm_course.exercise.slips import follows\n"
        '@follows("q2")\n'
        "def twice_hers(store, key, answers):\n"
        '    return 2 * answers["q1"]\n'
    )

    found = load_slips(path).follows

    assert found["q2"](None, None, {"q1": 21}) == 42


def test_an_empty_list_has_too_many_causes_to_name_one(question, slips, arrived):
    asked = question("set")
    (gross, *_) = slips().slips

    assert diagnose(asked, arrived([]), {gross: []}) is None
    assert diagnose(asked, arrived(["ann"]), {gross: ["ann"]}) is gross
