import json

from crm_course.grading.findings import FOR_A_PAGE, QuestionResult, Submission

LONG = "x" * 900
PLAIN = {"id": "q1", "title": LONG, "kind": "number", "marks": 2.0, "state": "wrong", "got": 0.0, "remarks": [LONG]}


def test_texts_stay_whole_until_a_page_is_made_of_them():
    whole = QuestionResult(**PLAIN)
    shown = QuestionResult.model_validate(PLAIN, context=FOR_A_PAGE)

    assert (whole.title, whole.remarks) == (LONG, [LONG])
    assert (len(shown.title), len(shown.remarks[0])) == (200, 600)


def test_a_finding_comes_back_from_json_as_it_was():
    for given in (None, {"value": [1, None, "二"]}, "what a later version may write"):
        made = QuestionResult(**PLAIN, given=given, asked_words=(80, 250))

        assert QuestionResult(**json.loads(json.dumps(made.model_dump(mode="json")))) == made


def test_what_a_later_version_adds_is_passed_over():
    assert QuestionResult(**PLAIN, colour="red") == QuestionResult(**PLAIN)


def test_a_time_is_written_as_it_came():
    found = Submission(state="graded", received_at="2026-03-01T09:30:00+00:00")

    assert found.model_dump(mode="json")["received_at"] == "2026-03-01T09:30:00+00:00"
