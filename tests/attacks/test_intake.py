"""Files that are none, and files that are more than they seem: attacks 35 to 45."""

import json
import os
import stat
import subprocess
import sys
import unicodedata
import zipfile

import nbformat
import pytest

from crm_course.cli.terminal import as_text, by_line
from crm_course.grading.intake import unpacking
from crm_course.grading.intake.notebook_file import UnreadableFile, read_submission
from crm_course.grading.intake.submissions import scan
from crm_course.release.roster import Trainee

NESTED = '{"a":' * 90_000 + "1" + "}" * 90_000
CELL = '{"cell_type": "markdown", "metadata": {}, "source": "## q1"}'
BOOK = '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [%s]}'
OLD = json.dumps(
    {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"cells": [{"cell_type": "markdown", "source": "## q1"}]}],
    }
)
# What the file holds, and why it cannot be read.
BAD = {
    "cut off": (b'{"cells": [', "is no notebook: not JSON from line 1 on; it may be cut off"),
    "empty": (b"  \n", "is empty"),
    "a list": (b"[1, 2]", "is no notebook: it is JSON, but has no nbformat"),
    "a number": (b"7", "is no notebook: it is JSON, but has no nbformat"),
    "UTF-16": (BOOK.encode("utf-16"), "is UTF-16 text, no notebook; save it from JupyterLab again"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", "is no notebook: it is not UTF-8 text"),
    "200,000 lists in each other": (b"[" * 200_000, "is no notebook: it is nested too deeply"),
    "such metadata": (
        (BOOK % CELL).replace('"metadata": {}', f'"metadata": {NESTED}', 1).encode(),
        "is no notebook: it is nested too deeply",
    ),
    "no nbformat": (b'{"cells": []}', "is no notebook: it is JSON, but has no nbformat"),
    "another version": (
        b'{"nbformat": 99, "cells": []}',
        "is a notebook of version 99; save it as version 4 (JupyterLab does)",
    ),
    "a version that is none": (b'{"nbformat": "4", "cells": []}', "is no notebook: it is JSON, but has no nbformat"),
    "no cells": (b'{"nbformat": 4, "cells": {}}', "is no notebook: it has no cells"),
    "a cell that is none": ((BOOK % "7").encode(), "is a damaged notebook: cell 1 is of no known type"),
    "100,000 cells": ((BOOK % ",".join([CELL] * 100_000)).encode(), "has 100,000 cells; at most 2,000 are read"),
    "a broken version 3": (b'{"nbformat": 3, "worksheets": 7}', "is a damaged notebook of version 3"),
    "a number of a million digits": (b'{"nbformat": ' + b"9" * 1_000_000 + b"}", "is no notebook: not JSON"),
}
READ = {
    "a byte order mark": b"\xef\xbb\xbf" + (BOOK % CELL).encode(),
    "version 3": OLD.encode(),
    "a lone surrogate": (BOOK % CELL.replace("q1", "q1 \\ud800")).encode(),
    "old Mac's lines": (BOOK % CELL).replace(", ", ",\r").encode(),
    "metadata of another kind": (BOOK % CELL).replace('"metadata": {}', '"metadata": [1]').encode(),
    "NaN": (BOOK % CELL).replace('"metadata": {}', '"metadata": {"a": NaN}', 1).encode(),
}
ROSTER = [Trainee("ann", "Ann"), Trainee("bo", "Bo"), Trainee("josé", "José")]
ESCAPE = "\x1b]0;owned\x07\x1b[31m"


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_notebook_is_refused_in_a_sentence(bad, tmp_path):
    data, why = BAD[bad]
    (tmp_path / "ann.ipynb").write_bytes(data)

    with pytest.raises(UnreadableFile) as told:
        read_submission(tmp_path / "ann.ipynb")

    assert str(told.value).startswith(why) and "\n" not in str(told.value)


@pytest.mark.parametrize("odd", READ)
def test_what_is_only_odd_is_read(odd, tmp_path):
    (tmp_path / "ann.ipynb").write_bytes(READ[odd])

    read = read_submission(tmp_path / "ann.ipynb")

    assert read.headed == {"q1": [1]}
    nbformat.write(read.notebook, tmp_path / "again.ipynb")


def test_500_mb_are_not_even_opened(tmp_path):
    folder = tmp_path / "returned"
    folder.mkdir()
    with (folder / "ann.ipynb").open("wb") as file:
        file.truncate(500_000_000)

    [found] = scan(folder, ROSTER, tmp_path / "kept")

    assert (found.state, found.why) == ("unreadable", "has 500 MB; at most 20 are read: clear the outputs")
    assert not (tmp_path / "kept").exists()


def test_one_bad_file_of_each_kind_does_not_stop_the_batch(graded, notebook, hand_in):
    files = {f"mallory_{number}": data for number, (data, _) in enumerate(BAD.values())}
    batch, found = graded(hand_in(ann=notebook(), **files))

    assert (batch.problems, batch.stopped, batch.unreadable) == ({}, False, len(BAD))
    assert found["ann"]["marks"]["got"] == 5
    assert found["mallory"]["submission"]["state"] == "unreadable"
    assert len(found["mallory"]["submission"]["notes"]) == len(BAD) - 1


# Zip files ----------------------------------------------------------------------------------------


def zipped(folder, name, entries, method=zipfile.ZIP_DEFLATED):
    """A zip file; an entry's name may be a ZipInfo."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / name, "w", method) as file:
        for one, data in entries:
            file.writestr(one, data)
    return folder / name


def info(name, mode=stat.S_IFREG | 0o644, **fields):
    made = zipfile.ZipInfo(name, (2026, 11, 20, 10, 0, 0))
    made.external_attr = mode << 16
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def found_in(folder, tmp_path):
    return {one.path: (one.trainee, one.state, one.why) for one in scan(folder, ROSTER, tmp_path / "kept")}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("../ann.ipynb", "holds a name that leads out of it: '../ann.ipynb'"),
        ("a/../../ann.ipynb", "holds a name that leads out of it: 'a/../../ann.ipynb'"),
        ("..\\ann.ipynb", "holds a name that leads out of it: '../ann.ipynb'"),
        ("/etc/ann.ipynb", "holds a name that leads out of it: '/etc/ann.ipynb'"),
        ("\\\\server\\ann.ipynb", "holds a name that leads out of it: '//server/ann.ipynb'"),
        ("C:\\ann.ipynb", "holds a name that leads out of it: 'C:/ann.ipynb'"),
        (info("ann.ipynb", stat.S_IFLNK | 0o777), "holds a link or no plain file: 'ann.ipynb'"),
        (info("ann.ipynb", stat.S_IFIFO | 0o644), "holds a link or no plain file: 'ann.ipynb'"),
        (info("ann.ipynb", stat.S_IFCHR | 0o644), "holds a link or no plain file: 'ann.ipynb'"),
        ("x" * 600 + "/ann.ipynb", "holds a name that no file can have: '" + "x" * 79 + "…'"),
    ],
)
def test_a_zip_file_whose_names_lead_out_of_it_is_refused(entry, why, tmp_path):
    zipped(tmp_path / "in", "bo.zip", [("bo.ipynb", BOOK % CELL), (entry, "/etc/passwd")])

    assert found_in(tmp_path / "in", tmp_path) == {"bo.zip": ("bo", "unreadable", why)}
    assert not (tmp_path / "kept").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_a_name_that_is_cut_at_a_nul_is_refused(tmp_path):
    path = zipped(tmp_path / "in", "bo.zip", [("bo.ipynbX/../../ann.txt", "x")])
    path.write_bytes(path.read_bytes().replace(b"ipynbX", b"ipynb\0"))

    assert "holds a name" in found_in(tmp_path / "in", tmp_path)["bo.zip"][2]


def test_an_encrypted_zip_file_is_refused(tmp_path):
    path = zipped(tmp_path / "in", "bo.zip", [("bo.ipynb", BOOK % CELL)])
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)

    assert found_in(tmp_path / "in", tmp_path)["bo.zip"][2] == "is encrypted; pack it without a password"


def test_one_name_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate"):
        zipped(tmp_path / "in", "bo.zip", [("bo.ipynb", BOOK % CELL), ("bo.ipynb", "{}")])

    assert found_in(tmp_path / "in", tmp_path)["bo.zip"][2] == "holds 'bo.ipynb' twice; pack it again"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    """One of a gigabyte in a megabyte, one of 15 MB in 15 kB, and one in another zip file; the rest is read."""
    bombs = [("ann/big.ipynb", bytes(60_000_000)), ("bo/dense.ipynb", bytes(15_000_000)), ("bo/nested.zip", b"PK")]
    zipped(tmp_path / "in", "class.zip", [*bombs, ("josé/ex.ipynb", BOOK % CELL)])

    assert found_in(tmp_path / "in", tmp_path) == {
        "class.zip/ann/big.ipynb": ("ann", "unreadable", "has 60 MB; at most 20 are read: clear the outputs"),
        "class.zip/bo/dense.ipynb": (
            "bo",
            "unreadable",
            "is packed into less than a 100th of its size, as no notebook is; hand in the notebook itself",
        ),
        "class.zip/bo/nested.zip": ("bo", "unreadable", "is a zip file in a zip file; hand in the notebook itself"),
        "class.zip/josé/ex.ipynb": ("josé", "counts", ""),
    }
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_bomb_that_says_it_is_small_gives_no_more_than_it_says(tmp_path):
    path = zipped(tmp_path / "in", "bo.zip", [("bo.ipynb", bytes(30_000_000))])
    data = path.read_bytes()
    path.write_bytes(data.replace((30_000_000).to_bytes(4, "little"), (900_000).to_bytes(4, "little")))

    assert found_in(tmp_path / "in", tmp_path)["bo.zip/bo.ipynb"][1:] == (
        "unreadable",
        "is damaged in the zip file; pack it again",
    )


def test_files_that_lie_over_each_other_count_each_time(tmp_path, monkeypatch):
    """All names of the list lead to one and the same packed file, as in the densest bombs."""
    monkeypatch.setattr(unpacking, "MAX_TOTAL", 3_000_000)
    path = zipped(tmp_path / "in", "bo.zip", [(f"bo{number}.ipynb", os.urandom(900_000)) for number in range(4)])

    assert "holds 4 MB; at most 3 are read: split it" in found_in(tmp_path / "in", tmp_path)["bo.zip"][2]
    assert path.is_file()


def test_a_zip_file_of_too_many_files_is_refused(tmp_path):
    zipped(tmp_path / "in", "bo.zip", [(f"{number}.txt", b"") for number in range(5_001)], zipfile.ZIP_STORED)

    assert found_in(tmp_path / "in", tmp_path)["bo.zip"][2] == "holds 5,001 files; at most 5,000 are read"


def test_a_list_of_files_that_does_not_end_is_not_read_to_its_end(tmp_path):
    path = zipped(
        tmp_path / "in",
        "bo.zip",
        [(f"{number:05}{'x' * 400}.txt", b"") for number in range(12_000)],
        zipfile.ZIP_STORED,
    )

    assert path.stat().st_size > 2 * unpacking.MOST_AT_ONCE
    assert found_in(tmp_path / "in", tmp_path)["bo.zip"][2] == "holds too many files; at most 5,000 are read"


@pytest.mark.parametrize("damage", ["cut", "no zip", "noise", "empty"])
def test_a_damaged_zip_file_is_one_line(damage, tmp_path):
    path = zipped(tmp_path / "in", "bo.zip", [("bo.ipynb", BOOK % CELL * 20)])
    data = path.read_bytes()
    path.write_bytes(
        {"cut": data[:-30], "no zip": b"{}", "noise": data[:40] + b"\xff" * 60 + data[100:], "empty": b""}[damage]
    )

    [(place, (trainee, state, why))] = found_in(tmp_path / "in", tmp_path).items()

    assert place.startswith("bo.zip") and (trainee, state) == ("bo", "unreadable")
    assert "pack it again" in why and "\n" not in why


def test_what_platforms_give_is_read(tmp_path):
    """One file of all, with a folder a trainee; one a trainee; names as Windows writes them; other files left aside."""
    zipped(
        tmp_path / "in",
        "Exercise 3-884422.zip",
        [("Ann Lee_1_ann_file/", b""), ("Ann Lee_1_ann_file/ex.ipynb", BOOK % CELL), ("__MACOSX/._ex.ipynb", b"x")],
    )
    zipped(tmp_path / "in", "BO.ZIP", [("03\\ex.ipynb", BOOK % CELL), ("03\\store\\orders.parquet", b"x")])

    assert found_in(tmp_path / "in", tmp_path) == {
        "BO.ZIP/03/ex.ipynb": ("bo", "counts", ""),
        "BO.ZIP/03/store/orders.parquet": ("bo", "ignored", "is no notebook (.ipynb)"),
        "Exercise 3-884422.zip/Ann Lee_1_ann_file/ex.ipynb": ("ann", "counts", ""),
    }


def test_who_packs_a_file_under_anothers_name_hands_in_for_nobody(tmp_path):
    zipped(tmp_path / "in", "bo.zip", [("ann.ipynb", BOOK % CELL)])
    (tmp_path / "in" / "José Ho_7_josé_file").mkdir()
    (tmp_path / "in" / "José Ho_7_josé_file" / "ann.ipynb").write_text(BOOK % CELL)

    assert {state for _, state, _ in found_in(tmp_path / "in", tmp_path).values()} == {"unassigned"}


def test_what_says_inside_that_it_is_anothers_does_not_take_the_place_of_her_file(graded, notebook, hand_in):
    forged = notebook(solved=False)
    forged.metadata["crm_course"] = {"exercise": "91_sample", "trainee": "bo"}
    folder = hand_in(bo=notebook(), without_a_name=forged)
    os.utime(folder / "bo.ipynb", (1e9, 1e9))
    _, found = graded(folder)

    assert found["bo"]["marks"]["got"] == 5
    assert "2 notebooks were handed in" in found["bo"]["submission"]["notes"][0]


def test_a_folder_of_hostile_zip_files_is_graded(graded, notebook, hand_in):
    folder = hand_in(ann=notebook())
    zipped(folder, "mallory.zip", [("../../../mallory.ipynb", nbformat.writes(notebook()))])
    zipped(folder, "bo.zip", [("bo.ipynb", nbformat.writes(notebook()))])
    batch, found = graded(folder)

    assert (batch.problems, batch.stopped, batch.unreadable) == ({}, False, 1)
    assert (found["ann"]["marks"]["got"], found["bo"]["marks"]["got"]) == (5, 5)
    assert found["bo"]["submission"]["file"] == "bo.zip/bo.ipynb"
    assert "leads out of it" in found["mallory"]["submission"]["why"]


# Names --------------------------------------------------------------------------------------------

NAMES = [
    f"ann {ESCAPE}.ipynb",
    "ann \n bo: 100 marks.ipynb",
    "ann \r.ipynb",
    "ann \u202egnp.ipynb",
    "ann \x9b31m.ipynb",
    "ann \u200b.ipynb",
    "ann \\n.ipynb",
    "ann \n.ipynb",
]
UNDECODED = [b"ann \xff.ipynb", b"ann \xfe.ipynb"]
RESERVED = [
    "CON.ipynb",
    "nul.ipynb",
    "aux",
    "ann .ipynb",
    "ann..ipynb",
    "-rf ann.ipynb",
    "ann;reboot.ipynb",
    "$(ann).ipynb",
]


def in_one_folder(folder, names, data=b"{}"):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(data)
    return folder


def test_escape_codes_and_line_breaks_of_names_are_shown_and_no_two_names_are_told_alike(tmp_path):
    found = scan(in_one_folder(tmp_path / "in", [*NAMES, *UNDECODED]), ROSTER, tmp_path / "kept")
    told = {one.path for one in found}

    assert len(told) == len(NAMES) + len(UNDECODED)
    assert all(name.isprintable() for name in told)
    assert "ann \\x1b]0;owned\\x07\\x1b[31m.ipynb" in told
    assert {one.trainee for one in found} == {"ann"}


def test_names_in_zip_files_are_shown_alike(tmp_path):
    zipped(tmp_path / "in", "bo.zip", [(name, b"{}") for name in (f"a{ESCAPE}.ipynb", "b\n.ipynb")])

    assert sorted(one.path for one in scan(tmp_path / "in", ROSTER, tmp_path / "kept")) == [
        "bo.zip/a\\x1b]0;owned\\x07\\x1b[31m.ipynb",
        "bo.zip/b\\n.ipynb",
    ]


def test_no_command_prints_a_control_character(graded, bench, notebook, hand_in):
    folder = hand_in(ann=notebook())
    in_one_folder(folder, [*NAMES, *UNDECODED, f"nobody{ESCAPE}.ipynb"])
    batch, found = graded(folder)
    told = [by_line(str(batch)), as_text(batch.as_dict()), as_text(found)]
    for options in ([], ["--json"]):
        command = [sys.executable, "-m", "crm_course", "status", str(bench.out), *options]
        told.append(subprocess.run(command, capture_output=True, check=True).stdout.decode())

    assert [one for text in told for one in text if not one.isprintable() and one != "\n"] == []
    assert "nobody\\x1b]0;owned" in told[3]
    assert json.loads(told[4])["graded"] == 1


def test_a_wrong_call_shows_no_control_character(tmp_path):
    command = [sys.executable, "-m", "crm_course", "status", f"{tmp_path}/{ESCAPE}\nresults: 100"]
    told = subprocess.run(command, capture_output=True, check=False)

    assert told.returncode == 2
    assert b"\x1b]0" not in told.stderr and b"\x07" not in told.stderr
    assert b"\\x1b]0;owned" in told.stderr


def test_names_that_differ_by_case_or_accents_are_one_trainees_and_the_policy_is_told(graded, bench, notebook, hand_in):
    folder = hand_in(ann=notebook(solved=False))
    for number, name in enumerate(["ANN.ipynb", "Ann (1).ipynb", "ａｎｎ.ipynb"]):
        nbformat.write(notebook(), folder / name)
        os.utime(folder / name, (1e9 + number, 1e9 + number))
    _, found = graded(folder)

    assert found["ann"]["marks"]["got"] == 0
    assert found["ann"]["submission"]["notes"] == ["3 notebooks were handed in; the last one counts: ann.ipynb."]


def test_two_spellings_of_one_accent_are_one_name(tmp_path):
    names = [unicodedata.normalize(form, "josé.ipynb") for form in ("NFC", "NFD")]
    found = scan(in_one_folder(tmp_path / "in", names), ROSTER, tmp_path / "kept")

    assert len(found) == 2
    assert {one.trainee for one in found} == {"josé"}


def test_reserved_names_are_never_names_of_ours(tmp_path):
    found = scan(in_one_folder(tmp_path / "in", RESERVED), ROSTER, tmp_path / "kept")

    assert len(found) == len(RESERVED)
    assert all(len(path.stem) == 64 and path.suffix == ".ipynb" for path in (tmp_path / "kept").iterdir())


def test_links_are_refused_and_folders_that_are_links_not_entered(tmp_path, planted, canary):
    folder = in_one_folder(tmp_path / "in", [])
    (folder / "ann.ipynb").symlink_to(planted / "keys" / "key.json")
    (folder / "ann.zip").symlink_to(planted / "keys" / "key.json")
    (folder / "bo").symlink_to(planted / "bo")
    os.mkfifo(folder / "bo.ipynb")
    found = scan(folder, ROSTER, tmp_path / "kept")

    assert [(one.path, one.state) for one in found] == [
        ("ann.ipynb", "unreadable"),
        ("ann.zip", "unreadable"),
        ("bo.ipynb", "unreadable"),
    ]
    assert not (tmp_path / "kept").exists()
