"""The smallest exercise: what is right on a store, by this process and by a slot, and the stores that prove it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from crm_course.answers.released import write_forms
from crm_course.errors import CourseError
from crm_course.exercise.in_process import in_process
from crm_course.exercise.key import LoadedExercise
from crm_course.exercise.proving import find_seeds, lacking, make_store
from crm_course.running.pool import slot

SMALLEST = Path(__file__).with_name("smallest")


@pytest.fixture(scope="module")
def loaded():
    return LoadedExercise(SMALLEST)


@pytest.fixture(scope="module")
def folder(loaded, tmp_path_factory):
    folder = tmp_path_factory.mktemp("packet")
    make_store(loaded, folder, 1)
    write_forms(loaded.questions, folder / "forms.json")
    return folder


@pytest.fixture(scope="module")
def key(loaded, folder):
    return loaded.key(folder, in_process)


def test_a_slot_and_this_process_give_the_same_key(loaded, folder, key):
    assert loaded.key(folder, slot(sandbox=False).run).as_dict() == key.as_dict()


def test_the_right_answer_is_right_and_a_slip_is_told_by_its_name(loaded, key):
    for one in loaded.computed:
        assert key.score(one, key.answers[one.id]).right
        assert not key.score(one, None).right
        for name, given in key.slips[one.id].items():
            assert not key.score(one, given).right
            assert loaded.slip_of(one, key, given).name == name


def test_every_reason_why_a_store_is_not_fair_is_told(loaded, key):
    assert loaded.unfair(key) == []
    near = {**key.slips["q1"], "returns_not_netted": key.answers["q1"]}
    twice = {**key.slips["q1"], "returns_not_netted": key.slips["q1"]["accounts_not_set_apart"]}

    spoilt = replace(key, slips={**key.slips, "q1": near}, toss_ups={"q2": "q2: the dice decide"})
    assert loaded.unfair(spoilt) == ["q1: slip returns_not_netted lies too near the key", "q2: the dice decide"]
    assert loaded.unfair(replace(key, slips={**key.slips, "q1": twice})) == [
        "q1: slips returns_not_netted and accounts_not_set_apart give the same answer"
    ]


def test_what_stores_do_not_show_is_told(loaded, key):
    without = replace(key, slips={"q1": key.slips["q1"]})

    assert "q2: no store makes slip once_is_enough" in lacking(loaded, {1: without})
    assert lacking(loaded, {1: key, 2: key}) == [
        f"store {seed}: an answer that is right there is right on each other" for seed in (1, 2)
    ]


def test_the_stores_of_a_proof_are_found_and_are_the_same_each_time():
    found = find_seeds(SMALLEST)

    assert found == find_seeds(SMALLEST)
    assert found[0] == 1 and len(found) == 2


def test_where_no_stores_prove_an_exercise_it_is_said_why():
    with pytest.raises(CourseError, match=r"smallest: 1 stores from seed 1 on do not show that store 1: an answer"):
        find_seeds(SMALLEST, most=1)


def test_a_cell_that_fails_is_told_and_nothing_of_the_run_stays(loaded, folder, tmp_path):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "store" / "order_lines.parquet").unlink()

    with pytest.raises(CourseError, match=r"does not run on .* \(MissingTable: .*`order_lines`.*correct it$"):
        loaded.key(tmp_path, in_process)
    from crm_course import answer

    assert answer.__module__ == "crm_course.answers.protocol"
