import graded
import pytest
from bs4 import BeautifulSoup

from crm_course.running.run import run_chapter


def page_of_class(folder, made, **parameters):
    graded.write(folder, "class.json", made)
    return BeautifulSoup(graded.shown("class", folder, **parameters), "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def section(page, heading):
    return next(one.parent for one in page.select("h2") if one.text == heading)


@pytest.fixture(scope="module")
def thirty(tmp_path_factory):
    return page_of_class(tmp_path_factory.mktemp("thirty"), graded.class_of(30))


def test_the_top_counts(thirty):
    told = {words(one.dt): words(one.dd) for one in thirty.select(".tiles div")}

    assert told["handed in"] == "29 of 30"
    assert told["unreadable"] == "1"
    assert told["marks for a person to give"] == "504"
    assert thirty.title.text == "Class report: Exercise 3 · Customer value"


def test_three_figures_say_what_they_show(thirty):
    alternatives = [one["alt"] for one in thirty.select("img")]

    assert alternatives[0].startswith("28 trainees; half of them have")
    assert "is right least often" in alternatives[1]
    assert alternatives[2].startswith("The largest share of marks")


def test_each_question_has_its_figures(thirty):
    rows = {
        words(row.th): [words(cell) for cell in row.select("td")]
        for row in thirty.select(".figures tbody tr")
        if row.th
    }

    first = rows["q1 What stays of a dollar"]
    assert first[0] == "2" and first[1].endswith(" %")
    assert sum(map(int, first[2:7])) == 28
    assert -1 <= float(first[8].split()[0].replace("−", "-")) <= 1
    assert rows["q9 Explain the verdict"][1] == "–" and rows["q9 Explain the verdict"][8] == "–"


def test_mistakes_have_their_names_and_counts(thirty):
    assert "past spend." in words(section(thirty, "Usual mistakes"))


def test_all_trainees_are_in_the_table_with_their_state_as_a_sign(thirty):
    rows = thirty.select("table.trainees tbody tr")

    assert len(rows) == 30
    assert words(rows[-1]).startswith("Lee Wing Sze 李詠詩 s9 – unreadable")
    assert {one["title"] for one in rows[0].select("td span.sign")} <= {
        "right",
        "partly right",
        "wrong",
        "to be marked",
    }


@pytest.mark.parametrize("count", [1, 3, 9])
def test_a_small_class_reads_well_and_has_no_correlation(tmp_path, count):
    page = page_of_class(tmp_path, graded.class_of(count))

    assert "Discrimination is shown from 10 trainees on." in words(page)
    assert len(page.select("table.trainees tbody tr")) == count


@pytest.mark.long
def test_a_class_of_a_thousand_is_whole_and_its_lists_are_cut_with_a_count(tmp_path):
    page = page_of_class(tmp_path, graded.class_of(1000))

    assert len(page.select("table.trainees tbody tr")) == 1000
    assert "and 15 more, in the table below" in words(section(page, "Who needs a person"))
    assert len(str(page)) < 2_000_000


def test_nobody_handed_in(tmp_path):
    made = graded.class_of(1) | {"results": [graded.not_graded("s1", "Ann", "nothing handed in")]}

    page = page_of_class(tmp_path, made)

    assert "0 of 1" in words(page) and "No work has been graded yet." in words(page)
    assert not page.select("img")


def test_an_empty_roster(tmp_path):
    page = page_of_class(tmp_path, graded.class_of(1) | {"results": []})

    assert "0 of 0" in words(page) and "Nobody." in words(page)


def test_without_names_no_name_is_on_the_page(tmp_path):
    made = graded.class_of(30)

    text = str(page_of_class(tmp_path, made, names=False))

    assert not [one["trainee"]["name"] for one in made["results"] if one["trainee"]["name"] in text]
    assert "homework" not in text
    assert "s22" in text


def test_without_a_sandbox_the_top_says_so(tmp_path):
    page = page_of_class(tmp_path, graded.class_of(3) | {"sandboxed": False})

    assert words(page).index("Run without a sandbox.") < words(page).index("handed in")


def test_crm_course_run_makes_it(tmp_path, house):
    made = graded.write(tmp_path, "class.json", graded.class_of(12))
    source = str(house / "notebooks" / "reports" / "class_report.py")

    run = run_chapter(source, None, {"results": str(made), "names": "no"}, output=tmp_path / "class.ipynb", html=True)

    assert run.whole
    assert len(BeautifulSoup(run.page.read_text(encoding="utf-8"), "html.parser").select("img")) == 3


def test_a_file_that_is_no_result_is_one_line_on_the_page(tmp_path, house):
    (tmp_path / "result.json").write_text("{}", encoding="utf-8")
    source = str(house / "notebooks" / "reports" / "trainee_report.py")

    run = run_chapter(source, None, {}, output=tmp_path / "report.ipynb", html=True)

    assert "is no result of version 1" in run.problems[0]
    assert "Traceback" not in run.page.read_text(encoding="utf-8")
