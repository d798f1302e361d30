import json

import nbformat
import pytest
from nbformat import v3, v4

from crm_course.grading.intake import notebook_file
from crm_course.grading.intake.notebook_file import UnreadableFile, read_submission

GOOD = v4.new_notebook(
    cells=[
        v4.new_markdown_cell("## q2 Advise"),
        v4.new_code_cell('answer("q1", 1)\nanswer("q1", 2)', metadata={"tags": ["skip-execution"]}),
        v4.new_code_cell('# answer("q3", 3)\nanswer("q1", 4)'),
    ],
    metadata={
        "crm_course": {"exercise": "03_customer_value", "trainee": "s1"},
        "kernelspec": {"name": "evil", "display_name": "evil"},
    },
)


def file(tmp_path, data):
    path = tmp_path / "x.ipynb"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


def with_cells(*cells):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}


def test_a_notebook_is_read_without_outputs_tags_and_kernelspec(tmp_path):
    given = nbformat.from_dict(GOOD)
    given.cells[1].outputs = [v4.new_output("stream", text="PASSED 100/100")]

    found = read_submission(file(tmp_path, given))

    assert [cell.source for cell in found.notebook.cells] == [cell.source for cell in GOOD.cells]
    assert not any(cell.metadata or cell.get("outputs") for cell in found.notebook.cells)
    assert "kernelspec" not in found.notebook.metadata


def test_it_says_whose_it_is_and_where_questions_are_answered(tmp_path):
    found = read_submission(file(tmp_path, GOOD))

    assert (found.exercise, found.trainee) == ("03_customer_value", "s1")
    assert found.answered == {"q1": [2, 3]}
    assert found.headed == {"q2": [1]}


def test_a_byte_order_mark_is_no_fault(tmp_path):
    assert read_submission(file(tmp_path, b"\xef\xbb\xbf" + json.dumps(GOOD).encode())).answered


def test_a_notebook_of_version_3_is_read(tmp_path):
    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input='answer("q1", 1)')])])

    assert read_submission(file(tmp_path, old)).answered == {"q1": [1]}


def test_a_lone_surrogate_becomes_a_character_that_can_be_written(tmp_path):
    data = json.dumps(with_cells({"cell_type": "code", "source": "x = '?'"})).replace("?", "\\ud800")

    source = read_submission(file(tmp_path, data.encode())).notebook.cells[0].source

    assert source.encode("utf-8") == b"x = '?'"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"{", "not JSON from line 1 on; it may be cut off"),
        (b"not json at all", "not JSON"),
        (b"[1, 2]", "has no nbformat"),
        (b'{"cells": []}', "has no nbformat"),
        ("{}".encode("utf-16"), "UTF-16"),
        (b'"\xff\xfe\xfa"', "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        ({"nbformat": 4}, "has no cells"),
        ({"nbformat": 4, "cells": {}}, "has no cells"),
        ({"nbformat": 7, "cells": []}, "of version 7"),
        ({"nbformat": 3, "worksheets": 5}, "damaged notebook of version 3"),
        (with_cells({"cell_type": "slide", "source": ""}), "cell 1 is of no known type"),
        (with_cells("x"), "cell 1 is of no known type"),
        (with_cells({"cell_type": "code", "source": 5}), "cell 1 holds no text"),
        (with_cells({"cell_type": "code", "source": ["a", 5]}), "cell 1 holds no text"),
        (with_cells(*[{"cell_type": "raw", "source": ""}] * 2001), "has 2,001 cells"),
    ],
)
def test_what_is_no_notebook_is_told_in_one_line(tmp_path, data, why):
    with pytest.raises(UnreadableFile, match=why) as caught:
        read_submission(file(tmp_path, data))

    assert "\n" not in str(caught.value)


def test_a_large_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_file, "MAX_NOTEBOOK", 1000)
    path = tmp_path / "x.ipynb"
    with path.open("wb") as big:
        big.truncate(2_000_000)

    with pytest.raises(UnreadableFile, match="has 2 MB; at most"):
        read_submission(path)


@pytest.mark.parametrize("made", [5, [], {"trainee": 5}, {"trainee": "x" * 201}, {"trainee": None}])
def test_metadata_made_by_hand_say_nothing(tmp_path, made):
    given = {**with_cells({"cell_type": "code", "source": ""}), "metadata": {"crm_course": made}}

    assert read_submission(file(tmp_path, given)).trainee == ""
