import os
from dataclasses import replace

import pytest

from crm_course.grading.intake import matching, submissions
from crm_course.grading.intake.matching import owners
from crm_course.grading.intake.submissions import File, Reading, scan, settle
from crm_course.release.roster import Trainee

ROSTER = [Trainee("s1", "Ann"), Trainee("s12", "Bo"), Trainee("7", "Cy"), Trainee("李四", "Lee")]
IDS = {matching.spelled(one.id): one.id for one in ROSTER}
EXERCISE = "03_customer_value"


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("s1.ipynb", ["s1"]),
        ("S1.IPYNB", ["s1"]),
        ("s12/03_customer_value.ipynb", ["s12"]),
        ("group a/s1/deep/03_customer_value.ipynb", ["s1"]),
        ("s1_03_customer_value.ipynb", ["s1"]),
        ("03_customer_value_s1 (2).ipynb", ["s1"]),
        ("chantaiman_s12_884422_03_customer_value.ipynb", ["s12"]),
        ("李四 03_customer_value.ipynb", ["李四"]),
        ("7_03_customer_value.ipynb", ["7"]),
        ("03_customer_value (7).ipynb", []),
        ("chan 7 march.ipynb", []),
        ("03_customer_value.ipynb", []),
        ("xs1x.ipynb", []),
        ("s1_s12.ipynb", ["s1", "s12"]),
        ("s1/s12.ipynb", ["s12", "s1"]),
    ],
)
def test_a_path_says_whose_a_file_is(name, ids):
    assert owners(name, IDS, EXERCISE) == ids


def test_files_are_kept_under_their_hash_and_the_folder_is_left_as_it_is(tmp_path):
    folder = tmp_path / "in"
    (folder / ".ipynb_checkpoints").mkdir(parents=True)
    for name in ("s1.ipynb", "notes.txt", ".DS_Store", ".ipynb_checkpoints/s1-checkpoint.ipynb"):
        (folder / name).write_bytes(b"{}")

    found = scan(folder, ROSTER, tmp_path / "kept")

    assert [(one.path, one.trainee, one.state) for one in found] == [
        ("notes.txt", "", "ignored"),
        ("s1.ipynb", "s1", "counts"),
    ]
    assert (tmp_path / "kept" / f"{found[1].digest}.ipynb").read_bytes() == b"{}"


def test_links_and_pipes_are_refused(tmp_path):
    (tmp_path / "secret").write_text("{}")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "s1.ipynb").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "s12.ipynb")

    found = scan(folder, ROSTER, tmp_path / "kept")

    assert [one.state for one in found] == ["unreadable", "unreadable"]
    assert all("is a link or no plain file" in one.why for one in found)
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_is_a_link_is_not_entered(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "s1.ipynb").write_text("{}")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "s1").symlink_to(outside)

    assert scan(folder, ROSTER, tmp_path / "kept") == []


def test_a_large_file_is_not_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_NOTEBOOK", 10)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "s1.ipynb").write_bytes(b"x" * 11)

    [found] = scan(folder, ROSTER, tmp_path / "kept")

    assert found.state == "unreadable" and "are read: clear the outputs" in found.why
    assert not (tmp_path / "kept").exists()


def of(path, trainee="s1", day=1, **more):
    return File(path, digest=path, received_at=f"2026-11-{day:02}T10:00:00+00:00", trainee=trainee, **more)


def decided(files, readings=None, policy="last"):
    readings = readings or {}
    held = {one.digest: readings.get(one.path, Reading(one.digest, "", EXERCISE, one.trainee)) for one in files}
    return {one.path: (one.trainee, one.state, one.why) for one in settle(files, held, EXERCISE, ROSTER, policy)}


@pytest.mark.parametrize(("policy", "counting"), [("last", {"b"}), ("first", {"a"}), ("best", {"a", "b"})])
def test_a_policy_says_which_of_two_files_counts(policy, counting):
    found = decided([of("b", day=2), of("a", day=1), of("c", trainee="s12")], policy=policy)

    assert {path for path, (_, state, _) in found.items() if state == "counts"} == counting | {"c"}


def test_an_unreadable_file_does_not_stand_in_the_way_of_a_readable_one():
    found = decided([of("a", day=1), of("b", day=2)], {"b": Reading("b", "is empty")})

    assert found["a"][1] == "counts"
    assert found["b"] == ("s1", "unreadable", "is empty")


def test_a_file_that_names_nobody_is_known_by_its_metadata():
    found = decided([of("x", trainee="")], {"x": Reading("x", "", EXERCISE, "s12")})

    assert found["x"] == ("s12", "counts", "")


def test_a_file_of_nobody_is_told():
    found = decided([of("x", trainee="")], {"x": Reading("x", "", "", "stranger")})

    assert found["x"] == ("", "unassigned", "names nobody of the roster: name the file after the trainee's id")


def test_a_packet_of_another_exercise_is_told():
    found = decided([of("a")], {"a": Reading("a", "", "05_complaint_hot_spots", "s1")})

    assert found["a"] == (
        "s1",
        "unreadable",
        "is a packet of 05_complaint_hot_spots; this batch is of 03_customer_value",
    )


def test_a_packet_handed_in_by_somebody_else_counts_and_is_told():
    found = decided([of("a")], {"a": Reading("a", "", EXERCISE, "s12")})

    assert found["a"] == ("s1", "counts", "was handed in as s1, but is the packet of s12")


def test_the_order_in_which_files_are_found_does_not_matter():
    files = [of("a"), of("b"), replace(of("c"), trainee="s12")]

    assert decided(files) == decided(files[::-1])
