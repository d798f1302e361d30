import graded
import papermill
import pytest
from bs4 import BeautifulSoup

from crm_course import resources
from crm_course.running.chapters import read_source
from crm_course.running.page import page_of


@pytest.fixture
def report(tmp_path):
    def make(result):
        graded.write(tmp_path, "result.json", result)
        return BeautifulSoup(graded.shown("trainee", tmp_path), "html.parser")

    return make


def words(element):
    return " ".join(element.get_text(" ").split())


def question(page, id):
    return next(one for one in page.select("article.question") if one.select_one(".id").text == id)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("usual")
    graded.write(folder, "result.json", graded.result())
    return BeautifulSoup(graded.shown("trainee", folder), "html.parser")


def test_the_top_says_whose_it_is_and_what_was_got(usual):
    assert usual.h1.text == "Chan Tai Man 陳大文"
    assert usual.title.text == "Chan Tai Man 陳大文: Exercise 3 · Customer value"
    assert words(usual.select_one(".big")) == "4.01 of 18 marks"
    assert "18 of 36 marks are still for a person to give." in words(usual)
    assert usual.select_one(".summary img")["alt"].startswith("Marks by criterion. 2.2a: 4.01 of 18;")


def test_every_question_says_its_state_in_a_word(usual):
    states = [words(one.select_one("h3 .state")) for one in usual.select("article.question")]

    assert states == [
        "right",
        "wrong",
        "partly right",
        "partly right",
        "wrong",
        "wrong",
        "not answered",
        "wrong",
        "to be marked",
        "to be marked",
    ]


def test_a_right_answer_takes_one_line(usual):
    assert not question(usual, "q1").select(".told")


def test_a_wrong_table_shows_what_was_right_and_the_rows_that_differ(usual):
    told = question(usual, "q2")

    assert words(told.select_one(".parts")).startswith("frequency 99 % right recency 99 % right")
    assert words(told.select_one(".compare tbody tr")) == "C00001 607.01 567.3"
    assert "Missing from your table: C00558, C00559, C00560." in words(told)


def test_a_wrong_figure_is_drawn_again_beside_the_expected_one(usual):
    pictures = question(usual, "q4").select(".pairs img")

    assert [one["alt"].split(",")[0] for one in pictures] == ["Yours", "Expected"]


def test_an_answer_right_at_home_alone_is_told_with_both_readings_and_without_the_key(usual):
    told = words(question(usual, "q5"))

    assert "Right on your own data, but not on a store that you never had." in told
    assert "typed in" in told and "by accident" in told
    assert not question(usual, "q5").select(".values")


def test_the_two_readings_are_said_once(report):
    home = {"share_home": 1.0, "share_hidden": 0.0, "got": 0.0, "state": "wrong", "only_at_home": True}

    page = report(graded.result(questions=[graded.question("q5", **home), graded.question("q8", **home)]))

    assert words(page).count("by accident on your data") == 1
    assert "What that can mean is said at q5." in words(question(page, "q8"))


def test_most_of_an_answer_typed_in_is_told_with_its_shares(report):
    most = {"share_home": 0.9, "share_hidden": 0.0, "share": 0.0, "got": 0.0, "state": "wrong", "only_at_home": True}

    told = words(question(report(graded.result(questions=[graded.question("q3", **most)])), "q3"))

    assert "Far better on your own data than on a store that you never had. On your own data 90 %" in told
    assert "typed in" in told and told.count("90 %") == 1


def test_an_answer_that_is_not_right_at_home_is_never_called_so(report):
    little = {"share_home": 0.4, "share_hidden": 0.0, "share": 0.0, "got": 0.0, "state": "wrong", "only_at_home": True}

    page = report(graded.result(questions=[graded.question("q6", **little)]))

    assert "Right on your own data" not in words(page)
    assert "On your own data 40 % of the answer is right, on the second store, which checks your way, 0 %." in words(
        page
    )


def test_a_mistake_has_its_name_and_its_place_to_read(usual):
    told = words(question(usual, "q6"))

    assert "A usual mistake, past spend: Your list is that of the biggest spenders" in told
    assert "Read again: 03 Customer value, section 6" in told


def test_an_error_that_stopped_a_cell_is_quoted(usual):
    assert words(question(usual, "q7")).startswith(
        "q7 What the guests are worth not answered 0 of 1 marks Cell 31 stopped"
    )
    assert question(usual, "q7").select_one("q.data").text == "NameError: name 'clv_of_guests' is not defined"


def test_written_answers_keep_their_lines_and_wait_for_a_person(usual):
    told = question(usual, "q10")

    assert told.select_one("blockquote.written").text == graded.PROSE
    assert "42 words · 80 to 250 are asked for" in words(told)
    assert [words(row)[: words(row).index(" not marked yet")] for row in told.select(".rubric tbody tr")] == [
        "evidence",
        "inference",
        "decision",
        "review",
    ]


def test_marked_answers_show_the_level_reached_and_the_next(report):
    marked = {
        "state": "marked",
        "levels": {"evidence": 2, "inference": 3, "own time": 0},
        "got": 4.0,
        "comment": "a\nb",
    }

    told = question(report(graded.result(questions=[graded.question("q9", **marked)])), "q9")

    rows = [words(row) for row in told.select(".rubric tbody tr")]
    assert rows[0].startswith("evidence 2 of 3 the difference with its 90 % interval One level up: the difference with")
    assert rows[1].startswith("inference 3 of 3") and "One level up" not in rows[1]
    assert told.select_one("blockquote.comment").text == "a\nb"
    assert "4 of 6 marks" in words(told)


def test_the_close_names_three_things(usual):
    assert len(usual.select(".closing li")) == 3


def test_all_right_is_said_in_a_line_each(report):
    page = report(graded.result(questions=[graded.question(one, graded.KEY[one]) for one in ("q1", "q5")]))

    assert not page.select(".told")
    assert "No marks were lost." in words(page.select_one(".closing"))


def test_a_question_that_cannot_tell_is_named_at_the_end(usual):
    assert "The second store has the same right answer to q1" in words(usual.select_one(".questions"))


def test_part_of_an_answer_that_holds_better_at_home_is_told(report):
    page = report(graded.result(questions=[graded.question("q3", share_hidden=0.3)]))

    assert "On your own data 70 % of the answer is right, on the second store, which checks your way, 30 %." in words(
        page
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sandboxed": False}, "Run without a sandbox."),
        (
            {"submission": {"state": "graded", "why": "its second store is damaged"}},
            "Something went wrong while this was graded: its second store is damaged",
        ),
        (
            {"runs": {"home": {"ended": "time limit", "cell": 7, "seconds": 60.2}, "hidden": None}},
            "Your notebook did not run to its end on your own data. It stopped at cell 7 after 60 s: it took longer",
        ),
        (
            {"runs": {"hidden": {"ended": "kernel died"}}},
            "on the second store. It stopped after 0 s: its kernel stopped",
        ),
        ({"runs": {"home": {"ended": "struck by lightning", "cell": 1}}}, "after 0 s: struck by lightning."),
    ],
)
def test_what_must_be_known_first_stands_at_the_top(report, fields, said):
    page = report(graded.result(**fields))

    assert said in words(page)
    assert words(page).index(said) < words(page).index(" of 18 marks")


def test_an_unreadable_file_says_why_and_shows_no_questions(report):
    page = report(graded.not_graded("s9", "Wong Ka Yan", "unreadable", "it ends in the middle"))

    assert "Your file could not be read" in words(page) and "it ends in the middle" in words(page)
    assert not page.select("article") and not page.select("img") and not page.select(".big")
    assert "Save your notebook" in words(page.select_one(".closing"))


def test_nothing_handed_in_says_so(report):
    page = report(graded.not_graded("s9", "Wong Ka Yan", "nothing handed in"))

    assert "Nothing was handed in." in words(page)
    assert not page.select("img")


def test_no_code_and_no_parameters_are_on_the_page(usual):
    assert not usual.select("details, .highlight, table.parameters, nav")
    assert "papermill" not in words(usual)


@pytest.mark.parametrize("engine", [pytest.param("crm_course", marks=pytest.mark.long), None])
def test_any_papermill_engine_runs_it(tmp_path, engine):
    graded.write(tmp_path, "result.json", graded.result())
    source = read_source(resources.notebooks() / "reports" / "trainee_report.py")

    done = papermill.execute_notebook(
        source,
        tmp_path / "run.ipynb",
        {"lang": "en"},
        engine_name=engine,
        kernel_name="python3",
        cwd=tmp_path,
        progress_bar=False,
    )

    page = BeautifulSoup(page_of(done), "html.parser")
    assert len(page.select("article.question")) == 10
    assert len(page.select("img")) == 3
    assert page.title.text.startswith("Chan Tai Man")
