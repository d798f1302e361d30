import sqlite3

import pytest

from crm_course.errors import CourseError
from crm_course.grading import gradebook
from crm_course.grading.gradebook import Gradebook, alone

RUN = {
    "id": "r1",
    "trainee": "ann",
    "submission": "s",
    "data": "home",
    "ended": "finished",
    "cell": None,
    "seconds": 1.0,
}


def test_what_is_written_is_there_after_the_file_was_closed(tmp_path):
    with Gradebook(tmp_path / "out", make=True) as book, book.writing():
        book.put("runs", [RUN])

    with Gradebook(tmp_path / "out") as book:
        assert [dict(row) for row in book.rows("runs", trainee="ann")] == [RUN]


def test_a_transaction_is_written_as_a_whole_or_not_at_all(tmp_path):
    with Gradebook(tmp_path, make=True) as book:
        with pytest.raises(ZeroDivisionError), book.writing():
            book.put("runs", [RUN])
            1 / 0  # noqa: B018

        assert book.rows("runs") == []


def test_it_is_safe_against_a_loss_of_power(tmp_path):
    with Gradebook(tmp_path, make=True) as book:
        assert book.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert book.db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL


def test_its_folder_is_for_its_owner_alone(tmp_path):
    Gradebook(tmp_path / "out", make=True).close()

    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_a_folder_without_a_gradebook_is_told(tmp_path):
    with pytest.raises(CourseError, match="holds no gradebook; name the folder that `crm-course grade -o` wrote"):
        Gradebook(tmp_path)


def test_a_file_that_is_no_gradebook_is_told(tmp_path):
    (tmp_path / gradebook.FILE).write_bytes(b"no database at all, but long enough to look like one" * 20)

    with pytest.raises(CourseError, match="is no gradebook that can be used"):
        Gradebook(tmp_path)


def test_a_gradebook_of_another_version_is_refused(tmp_path):
    with Gradebook(tmp_path, make=True) as book, book.writing():
        book.about["version"] = 99

    with pytest.raises(CourseError, match="of version 99"):
        Gradebook(tmp_path)


@pytest.mark.parametrize(("mounts", "refused"), [("nfs4", True), ("cifs", True), ("ext4", False)])
def test_a_network_file_system_is_refused(tmp_path, monkeypatch, mounts, refused):
    table = tmp_path / "mounts"
    table.write_text(f"disk / ext4 rw 0 0\nserver {tmp_path} {mounts} rw 0 0\n")
    monkeypatch.setattr(gradebook, "MOUNTS", table)

    if refused:
        with pytest.raises(CourseError, match="lies on a network file system"):
            Gradebook(tmp_path / "out", make=True)
    else:
        Gradebook(tmp_path / "out", make=True).close()


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path):
    with Gradebook(tmp_path, make=True) as book:
        with book.writing():
            book.put("runs", [RUN])
        pages = book.db.execute("PRAGMA page_count").fetchone()[0]
        book.db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CourseError, match=r"cannot be written .*full.*; free space, then go on"), book.writing():
            book.put("runs", [{**RUN, "id": str(one) * 500} for one in range(2000)])

        assert len(book.rows("runs")) == 1


def test_one_batch_at_a_time_has_a_folder(tmp_path):
    with alone(tmp_path), pytest.raises(CourseError, match="another batch is at work there"), alone(tmp_path):
        raise AssertionError("two batches hold the folder")


def test_other_tables_are_left_alone(tmp_path):
    path = tmp_path / gradebook.FILE
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (x)")
    Gradebook(tmp_path, make=True).close()

    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM mine").fetchone() == (0,)
