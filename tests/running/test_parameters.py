from pathlib import Path

import pytest

from crm_course.errors import WrongCall
from crm_course.running.chapters import find_chapter, read_source
from crm_course.running.parameters import Parameter, convert, pairs, parameters_of


@pytest.fixture(scope="module")
def known(course):
    return parameters_of(read_source(course / "notebooks" / "01_sample.py"))


def test_name_type_default_and_help_are_read_from_the_tagged_cell(known):
    draws = known["draws"]
    assert (draws.type, draws.default_value, draws.help) == ("int", 200, "bootstrap samples")


def test_an_unknown_parameter_is_refused_with_what_was_meant(known):
    with pytest.raises(
        WrongCall, match=r"has no parameter 'draw' \(did you mean draws\?\); there are data, draws, rate"
    ):
        convert(known, {"draw": "1"}, "01_sample")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("draws", "500", 500),
        ("draws", 500.0, 500),
        ("rate", "0.25", 0.25),
        ("rate", 1, 1.0),
        ("loud", "yes", True),
        ("loud", "False", False),
        ("as_of", "2025-12-31", "2025-12-31"),
        ("as_of", 2025, "2025"),
        ("as_of", None, ""),
    ],
)
def test_values_are_converted_by_annotation(known, name, text, value):
    converted = convert(known, {name: text}, "01_sample")[name]
    assert (converted, type(converted)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("draws", "many", 'parameter draws: "many" is not a whole number'),
        ("draws", "1.5", 'parameter draws: "1.5" is not a whole number'),
        ("draws", 1.5, "parameter draws: 1.5 is not a whole number"),
        ("draws", True, "parameter draws: True is not a whole number"),
        ("rate", "ten", 'parameter rate: "ten" is not a number'),
        ("rate", "nan", 'parameter rate: "nan" is not a number'),
        ("loud", "perhaps", 'parameter loud: "perhaps" is not true or false'),
    ],
)
def test_a_value_that_cannot_be_is_told_by_name(known, name, value, complaint):
    with pytest.raises(WrongCall) as error:
        convert(known, {name: value}, "01_sample")
    assert str(error.value) == complaint


def test_the_data_path_becomes_absolute(known, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(convert(known, {"data": "shop"}, "01_sample")["data"]) == tmp_path / "shop"


def test_a_pair_without_a_value_is_a_wrong_call():
    with pytest.raises(WrongCall, match="-p draws: write -p name=value"):
        pairs(["draws"])


def test_chapters_are_found_by_number_name_and_file(course, monkeypatch):
    monkeypatch.setattr("crm_course.resources.notebooks", lambda: course / "notebooks")
    script = course / "notebooks" / "01_sample.py"
    assert [find_chapter(name).stem for name in ("01", "01_sample", str(script))] == ["01_sample"] * 3
    with pytest.raises(WrongCall, match=r"there is no chapter '01_simple' \(did you mean 01_sample\?\)"):
        find_chapter("01_simple")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("days kept back, 7 to 1095", (7, 1095)), ("a share, 0 to 0.5", (0, 0.5)), ("below zero, -5 to -1", (-5, -1))],
)
def test_a_range_at_the_end_of_the_help_is_held(text, allowed):
    known = {"days": Parameter("days", "float", "10", text)}

    assert convert(known, {"days": allowed[1]}, "any")["days"] == allowed[1]
    with pytest.raises(
        WrongCall, match=rf"parameter days: {allowed[0] - 1:.1f} is not from {allowed[0]} to {allowed[1]}"
    ):
        convert(known, {"days": allowed[0] - 1}, "any")


def test_a_help_that_speaks_of_numbers_elsewhere_is_no_range():
    known = {
        "days": Parameter("days", "int", "10", "from 3 to 5 for shops"),
        "name": Parameter("name", "str", "", "1 to 2"),
    }

    assert convert(known, {"days": 99, "name": "x"}, "any") == {"days": 99, "name": "x"}
