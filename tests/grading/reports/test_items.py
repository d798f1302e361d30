import graded
import numpy as np
import pandas as pd
import pytest

from crm_course.grading.findings import ClassResult, Result
from crm_course.grading.reports.attention import matters
from crm_course.grading.reports.criteria import criteria_marks
from crm_course.grading.reports.items import discrimination, question_table, slip_table, trainee_table


def results(*made):
    return [Result.model_validate(one) for one in made]


def test_discrimination_is_the_correlation_with_the_marks_of_all_other_questions():
    rng = np.random.default_rng(1)
    shares = pd.DataFrame(rng.random((40, 3)), columns=["q1", "q2", "q3"])
    marks = pd.Series({"q1": 2.0, "q2": 3.0, "q3": 1.0})

    found = discrimination(shares, marks)

    rest = 3 * shares["q2"] + shares["q3"]
    assert found["q1"] == pytest.approx(np.corrcoef(shares["q1"], rest)[0, 1])


def test_discrimination_is_not_told_below_ten_trainees_or_where_all_are_alike():
    ramp = np.linspace(0, 1, 10)
    shares = pd.DataFrame({"q1": ramp, "q2": ramp, "q3": 1.0, "q4": np.nan})
    marks = pd.Series(1.0, index=shares.columns)

    assert discrimination(shares, marks)["q1"] == pytest.approx(1.0)
    assert discrimination(shares, marks)[["q3", "q4"]].isna().all()
    assert discrimination(shares.iloc[:9], marks).isna().all()


def test_every_graded_trainee_is_in_one_state_of_each_question():
    found = ClassResult.model_validate(graded.class_of(30))

    table = question_table(found.results)

    states = ["right", "partly right", "wrong", "not answered", "to be marked", "marked"]
    assert (table[states].sum(axis=1) == 28).all()
    assert np.isnan(table.set_index("id").loc["q9", "share"])
    assert table["share"].dropna().between(0, 1).all()


def test_marks_of_a_question_count_for_each_of_its_criteria():
    (one,) = results(graded.result(questions=[graded.question("q6", graded.KEY["q6"]), graded.question("q9")]))

    table = criteria_marks(one).set_index("criterion")

    assert table.loc["2.2a", ["got", "lost", "to_be_marked"]].tolist() == [4.0, 0.0, 6.0]
    assert table.loc["3.1", "got"] == 4.0
    assert list(table.index) == ["2.2a", "3.1", "A1", "A3"]


def test_marks_by_criterion_of_a_class_are_means_of_those_that_were_graded():
    right, wrong = ([graded.question("q1", given)] for given in (graded.KEY["q1"], graded.encode("q1", 9.0, "share")))
    made = results(
        graded.result("s1", questions=right),
        graded.result("s2", questions=wrong),
        graded.not_graded("s3", "C", "nothing handed in"),
    )

    assert criteria_marks(made).set_index("criterion").loc["A1", ["got", "lost"]].tolist() == [1.0, 1.0]


def test_slips_are_counted_and_the_usual_ones_come_first():
    other = graded.SLIP | {"name": "consent_ignored"}
    made = [graded.result(f"s{i}", questions=[graded.question("q6", slip=graded.SLIP)]) for i in range(2)]
    made.append(graded.result("s9", questions=[graded.question("q6", slip=other)]))

    assert slip_table(results(*made))[["name", "count"]].to_numpy().tolist() == [
        ["past_spend", 2],
        ["consent_ignored", 1],
    ]


def test_trainees_come_by_marks_then_by_the_number_in_their_id():
    made = [graded.result(f"s{number}", questions=[graded.question("q1")]) for number in (10, 9, 100)]
    made.append(graded.not_graded("s1", "D", "unreadable"))

    assert trainee_table(results(*made))["id"].tolist() == ["s9", "s10", "s100", "s1"]


def test_who_needs_a_person_is_told_by_reason():
    found = ClassResult.model_validate(graded.class_of(30))

    told = {one.name: one for one in matters(found, lambda one: one.trainee.id)}

    assert next(iter(told)) == "Unreadable" and list(told)[-1] == "Nothing handed in"
    assert told["Unreadable"].groups == (("the file is no notebook: it ends in the middle", ("s9",)),)
    assert told["Belongs to nobody"].groups[0][1] == ("homework (2).ipynb",)
    assert told["Ended early"].groups == (("own data: it took longer than is allowed", ("s3", "s20")),)
    assert told["Written answers to be marked"].count == 2 * 28
    assert told["Nothing handed in"].count == 1


def test_trouble_of_the_grader_is_told():
    whole = graded.class_of(1)
    whole["results"][0]["submission"]["why"] = "its second store is damaged"

    (first, *_others) = matters(ClassResult.model_validate(whole), lambda one: one.trainee.id)

    assert first.groups == (("its second store is damaged", ("s1",)),)


def test_without_names_no_file_is_named():
    found = ClassResult.model_validate(graded.class_of(3))

    told = {one.name: one for one in matters(found, lambda one: one.trainee.id, files=False)}

    assert told["Belongs to nobody"].groups[0][1] == ("file 1",)
