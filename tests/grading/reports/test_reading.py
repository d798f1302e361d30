import json

import graded
import pytest

from crm_course.errors import CourseError
from crm_course.grading.reports.load import read_class, read_result


def test_a_result_is_read_with_its_answers(tmp_path):
    found = read_result(graded.write(tmp_path, "result.json", graded.result()))

    assert found.trainee.name == "Chan Tai Man 陳大文"
    assert [one.id for one in found.questions] == [f"q{number}" for number in range(1, 11)]
    assert found.questions[1].given["kind"] == "table"


def test_a_class_is_read_without_answers(tmp_path):
    found = read_class(graded.write(tmp_path, "class.json", graded.class_of(30)))

    assert len(found.results) == 30
    assert sum(one.graded for one in found.results) == 28


def test_what_a_later_version_adds_is_passed_over(tmp_path):
    more = graded.result() | {"weather": "fine"}
    more["questions"][0]["mood"] = [1, 2]

    assert read_result(graded.write(tmp_path, "result.json", more)).graded


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda one: one | {"v": 2}, "is no result of version 1"),
        (lambda one: [one], "is no result of version 1"),
        (lambda one: one | {"sandboxed": "perhaps"}, "sandboxed: Input should be a valid boolean"),
        (lambda one: one | {"marks": {"of": 3}}, "marks.got: Field required"),
        (lambda one: one | {"marks": {"got": float("nan"), "of": 3}}, "marks.got: Input should be a finite number"),
        (lambda one: one | {"submission": {"state": "eaten"}}, "submission.state: Input should be 'graded'"),
    ],
)
def test_what_is_no_result_is_told_in_one_line_that_names_the_place(tmp_path, spoil, message):
    path = graded.write(tmp_path, "result.json", spoil(graded.result()))

    with pytest.raises(CourseError, match=r"result\.json: ") as told:
        read_result(path)
    assert message in str(told.value) and "\n" not in str(told.value)
    assert str(told.value).endswith(("grade the submissions again", "with this course"))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_file_is_told_in_one_line(tmp_path, content):
    (tmp_path / "result.json").write_bytes(content)

    with pytest.raises(CourseError, match=r"result\.json: is damaged"):
        read_result(tmp_path / "result.json")


def test_a_missing_file_is_told_in_one_line(tmp_path):
    with pytest.raises(CourseError, match=r"class\.json: cannot be read .* grade the submissions first"):
        read_class(tmp_path / "class.json")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ann\x1b[31m", "Ann␛[31m"),
        ("Ann\x00", "Ann␀"),
        ("Ann\u202egnp.exe", "Ann�gnp.exe"),
        ("Ann\U000e0041", "Ann�"),
        ("Ann\ud800", "Ann�"),
        ("A\u0301" + "\u0301" * 500, "A" + "\u0301" * 3),
        ("line\r\nline", "line\nline"),
        ("A" * 10_000, "A" * 79 + "…"),
        ("陳大文 Ñandú עברית", "陳大文 Ñandú עברית"),
    ],
)
def test_names_are_shown_without_codes_and_cut(tmp_path, typed, shown):
    (tmp_path / "result.json").write_text(json.dumps(graded.result(name=typed)), encoding="utf-8")

    assert read_result(tmp_path / "result.json").trainee.name == shown
