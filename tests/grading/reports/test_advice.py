import graded

from crm_course.grading.findings import Result
from crm_course.grading.reports.advice import next_steps


def steps(*questions, **fields):
    return next_steps(Result.model_validate(graded.result(questions=list(questions), **fields)))


def test_at_most_three_things_the_dearest_first():
    found = next_steps(Result.model_validate(graded.result()))

    assert len(found) == 3
    assert [one.lost for one in found] == sorted((one.lost for one in found), reverse=True)


def test_questions_with_one_place_to_read_are_one_thing():
    place = {"read_again": "03 Customer value, section 6"}
    (one,) = steps(graded.question("q8", **place), graded.question("q6", **place))

    assert one.text == "Read 03 Customer value, section 6 again, then go through q8, q6 once more."
    assert one.lost == 6.0


def test_the_place_of_the_mistake_comes_before_that_of_the_question():
    (one,) = steps(graded.question("q6", slip=graded.SLIP))

    assert graded.SLIP["read_again"] in one.text


def test_a_cell_that_stopped_and_an_answer_typed_in_have_remedies_of_their_own():
    stopped = graded.question("q7", error={"cell": 3, "name": "NameError", "text": ""})
    home = graded.question("q5", share_home=1.0, got=0.0, state="wrong", only_at_home=True)

    texts = [one.text for one in steps(stopped, home)]

    assert texts[0].startswith("Compute q5 from the tables")
    assert texts[1].startswith("Run your notebook from top to bottom")


def test_what_is_to_be_marked_and_what_is_right_ask_for_nothing():
    assert steps(graded.question("q1"), graded.question("q9")) == []


def test_who_handed_in_nothing_is_asked_to():
    (one,) = next_steps(Result.model_validate(graded.not_graded("s1", "Ann", "nothing handed in")))

    assert one.text.startswith("Hand in your notebook")
