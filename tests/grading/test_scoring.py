import pytest

from crm_course.answers.comparing.scores import Score, ScorePart
from crm_course.answers.questions import Question
from crm_course.grading.scoring import judge_written, only_at_home, worth


def question(lost=1.0):
    return Question(
        id="q1",
        title="x",
        criteria=["2.2a"],
        marks=2,
        core=True,
        kind="number",
        read_again="x",
        hidden={"share_lost": lost},
    )


@pytest.mark.parametrize(
    ("home", "away", "alone"),
    [
        (1.0, 1.0, False),
        (1.0, 0.0, True),
        (1.0, 0.9, True),  # right at home, and not away
        (0.6, 0.5, False),  # partly right comes out differently on any store
        (0.6, 0.2, True),
        (0.0, 0.0, False),
        (0.0, 1.0, False),
        (1.0, None, False),  # the hidden store cannot tell
    ],
)
def test_an_answer_that_holds_at_home_alone_is_found(home, away, alone):
    assert only_at_home(Score(home), None if away is None else Score(away)) is alone


@pytest.mark.parametrize(("lost", "share"), [(1.0, 0.25), (0.5, 0.625), (0.0, 1.0)])
def test_what_holds_at_home_alone_loses_the_share_that_the_question_says(lost, share):
    assert worth(question(lost), Score(1.0), Score(0.25)) == pytest.approx(share)


def test_an_answer_that_holds_on_both_stores_keeps_what_it_has_at_home():
    assert worth(question(), Score(0.6), Score(0.5)) == 0.6


def test_labels_of_a_figure_do_not_hold_away_what_its_data_do_not():
    away = Score(0.5, (ScorePart("data", 0.1), ScorePart("labels", 1.0)))

    assert worth(question(), Score(1.0), away) == pytest.approx(0.1)


def written(low=5, high=10):
    rubric = {"evidence": ["a", "b", "c", "d"]}
    return Question(
        id="q2",
        title="x",
        criteria=["A1"],
        marks=4,
        core=True,
        kind="written",
        read_again="x",
        rubric=rubric,
        form={"words": [low, high]},
    )


def test_a_written_answer_waits_for_a_person():
    found = judge_written(written(), "Write to those who came most often.", headed=True)

    assert (found.state, found.got, found.words, found.remarks) == ("to be marked", None, 7, [])


def test_a_written_answer_of_the_wrong_length_is_told():
    found = judge_written(written(), "Too short.", headed=True)

    assert found.remarks == ["Your answer has 2 words; 5 to 10 are asked for."]


def test_no_written_answer_is_worth_nothing_and_a_lost_heading_is_told():
    found = judge_written(written(), "", headed=False)

    assert (found.state, found.got) == ("not answered", 0.0)
    assert found.remarks == ["The heading of q2 is gone, so no answer was found."]
