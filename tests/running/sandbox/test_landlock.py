"""Landlock is a wall of its own: it holds where mounts, namespaces and the filter of system calls do not."""

import socket
import struct
import subprocess
import sys
from contextlib import ExitStack

import pytest
from warm_runs import notebook_of, text

from crm_course.running.sandbox import mounts, seccomp
from crm_course.running.sandbox.canary import tried
from crm_course.running.sandbox.inside import landlock
from crm_course.running.sandbox.slot import Slot

NEEDS = pytest.mark.skipif(
    landlock.version() == 0, reason="this kernel has no Landlock, or an older one than version 2"
)
ALLOW_ALL = struct.pack("=HBBI", seccomp.RETURN, 0, 0, 0x7FFF0000)
TRY_ALL = """
import os, pathlib, signal, socket
def tries(folder, port, abstract):
    def works(action, *words):
        try:
            action(*words)
            return True
        except PermissionError:
            return False
    return {
        "read": works((folder / "secret.txt").read_text),
        "write": works((folder / "secret.txt").write_text, "changed"),
        "make": works((folder / "new").mkdir) and works((folder / "new").rmdir),
        "connect": works(lambda: socket.create_connection(("127.0.0.1", port), 2).close()),
        "bind": works(lambda: socket.create_server(("", 0)).close()),
        "abstract": works(lambda: socket.socket(socket.AF_UNIX).connect(abstract)),
        "signal": works(os.kill, os.getppid(), 0),
        "own": works(pathlib.Path("own.txt").write_text, "mine") and works(os.listdir, "/usr"),
    }
"""
NEW_IN = {"connect": 4, "bind": 4, "abstract": 6, "signal": 6}  # the others are refused by every version


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """A folder that anybody may change, and two servers that listen to anybody."""
    folder = tmp_path_factory.mktemp("outside")
    folder.chmod(0o777)
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "secret.txt").chmod(0o666)
    with ExitStack() as held:
        tcp = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = held.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind("\0crm-course-test-landlock")
        abstract.listen()
        yield folder, tcp.getsockname()[1], abstract.getsockname().decode()


def refused(names):
    return {name: NEW_IN.get(name, 0) > landlock.version() for name in names} | {"own": True}


@NEEDS
def test_it_holds_where_there_is_no_other_wall(outside, tmp_path, house):
    """An ordinary process, before and after."""
    folder, *others = outside
    script = f"""
{TRY_ALL}
from crm_course.running.sandbox.inside import landlock
place = pathlib.Path({str(folder)!r})
print(tries(place, *{others!r}))
landlock.restrict(landlock.version(), landlock.Places(["/usr", "/nowhere"], ["/dev"], ["."]))
print(tries(place, *{others!r}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"PYTHONPATH": str(house)}, capture_output=True, check=True
    )
    before, after = map(eval, done.stdout.decode().splitlines())

    assert set(before.values()) == {True}
    assert after == refused(before)


@NEEDS
def test_a_run_may_not_write_to_proc_where_the_mounts_let_it(run, run_trusted):
    """Its own files there are its own user's, and nothing but Landlock closes them."""
    attack = "import pathlib\ntry: print(pathlib.Path('/proc/self/oom_score_adj').write_text('1000'))\n"
    attack += "except PermissionError as error: print(error.strerror)"

    assert text(run_trusted(attack)) == "4"
    assert text(run(attack)) == "Permission denied"


def test_files_can_be_moved_between_folders_and_devices_written_to(run):
    told = """
import os, shutil, subprocess
os.makedirs("a/b"); open("a/x.txt", "w").write("moved"); os.rename("a/x.txt", "a/b/y.txt")
shutil.move("a", "/tmp/c"); os.symlink("/tmp/c", "link"); os.mkfifo("fifo")
open("/dev/null", "w").write("x")
done = subprocess.run("cat link/b/y.txt > /dev/shm/z; cat /dev/shm/z", shell=True, capture_output=True, text=True)
done.stdout + done.stderr
"""
    assert text(run(told)) == "'moved'"


@NEEDS
@pytest.mark.long
def test_it_holds_in_a_sandbox_with_holes(outside, monkeypatch, data):
    """A folder of the machine bound writable, its network, and all system calls: each works without Landlock alone."""
    folder, *others = outside
    system, bubblewrap = mounts._system, mounts.bubblewrap
    monkeypatch.setattr(mounts, "_system", lambda: [*system(), "--bind", str(folder), "/hole"])
    monkeypatch.setattr(mounts, "bubblewrap", lambda *words: [one for one in bubblewrap(*words) if "-net" not in one])
    monkeypatch.setattr(seccomp, "filter_program", lambda: ALLOW_ALL)
    expected = {name: works for name, works in refused(["read", "write", "make", *NEW_IN]).items() if name != "signal"}
    attack = notebook_of(TRY_ALL, f"done = tries(pathlib.Path('/hole'), *{others!r})\ndel done['signal']; done")
    with Slot() as slot:
        walled = eval(text(slot.run(attack, data)))
        assert not slot.lacks or "Landlock" not in slot.lacks[0]
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with Slot() as slot:
        open_ = eval(text(slot.run(attack, data)))

    assert set(open_.values()) == {True}
    assert walled == expected


@pytest.mark.long
def test_a_kernel_without_it_does_without_and_says_so(monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with Slot() as slot:
        assert tried(slot) is None
        assert "no Landlock" in slot.lacks[0]


def test_a_kernel_that_lacks_it_or_has_its_first_version_has_none(monkeypatch):
    def lacking(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("crm_course.running.sandbox.inside.linux.system_call", lacking)
    assert landlock.version() == 0
    monkeypatch.setattr("crm_course.running.sandbox.inside.linux.system_call", lambda *_: 1)
    assert landlock.version() == 0
