"""Where there are cgroups, the kernel counts what a slot uses. For version 2 a folder plays the kernel."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from warm_runs import notebook_of, text

from crm_course.running.sandbox import cgroups
from crm_course.running.sandbox.canary import tried
from crm_course.running.sandbox.folders import PREFIX, make_folder, make_group, sweep
from crm_course.running.sandbox.slot import Slot

MB = 1 << 20
NAME = f"{PREFIX}test"


@pytest.fixture
def group():
    """A group of this kernel."""
    found = cgroups.make_group(f"{NAME}-{os.getpid()}")
    if found is None:
        pytest.skip("no cgroup that can be written to: be root, or see systemd-run --user --scope -p Delegate=yes")
    yield found
    found.remove()


def in_group(group, script):
    """Start a program that waits, take it into the group, and let it go on."""
    command = [sys.executable, "-c", f"input(); {script}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(0.2)
        group.settle()
        group.take(process.pid)
        return process.communicate(b"\n")[0].decode().strip(), process.returncode


class TestOnThisKernel:
    def test_a_process_that_takes_too_much_is_killed_and_counted(self, group):
        group.limit(50, 10)

        assert group.killed() == 0
        assert in_group(group, "x = b'1' * 200_000_000") == ("", -9)
        assert group.killed() == 1

    def test_memory_in_pipes_counts(self, group):
        """No process is charged for it."""
        fill = "import os, fcntl\npipes = [os.pipe() for _ in range(400)]\n"
        fill += "for _, one in pipes: fcntl.fcntl(one, 1031, 1 << 18); os.write(one, bytes(1 << 18))\nprint('full')"
        group.limit(50, 10)

        assert in_group(group, f"exec({fill!r})") == ("", -9)
        group.limit(200, 10)
        assert in_group(group, f"exec({fill!r})") == ("full", 0)

    def test_processes_have_a_number(self, group):
        if not (group.folders[-1] / "pids.max").exists():
            pytest.skip("no pids cgroup that can be written to")
        fork = (
            "import os, time\nn = 0\ntry:\n    while n < 30:\n        if os.fork() == 0: time.sleep(1); os._exit(0)\n"
        )
        fork += "        n += 1\nexcept OSError: pass\nprint(n)"
        group.limit(500, 10)

        assert in_group(group, f"exec({fork!r})") == ("9", 0)

    def test_it_goes_with_its_slot(self, confined, data):
        group = confined._zygote.group
        if group is None:
            pytest.skip("no cgroup that can be written to")
        text(confined.run(notebook_of("1"), data))

        assert all(folder.exists() for folder in group.folders)
        assert str(confined._zygote.pid) in (group.folders[0] / "cgroup.procs").read_text().split()

    @pytest.mark.long
    @pytest.mark.parametrize("lacking", ["none can be made", "none can be filled"])
    def test_where_there_is_none_it_is_said(self, lacking, monkeypatch):
        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        if lacking == "none can be made":
            monkeypatch.setattr(cgroups, "make_group", lambda _: None)
        else:
            monkeypatch.setattr(cgroups.Group, "take", refuse)
        with Slot() as slot:
            assert tried(slot) is None
            assert "no memory cgroup" in slot.lacks[-1]

    def test_that_of_a_killed_supervisor_is_swept(self, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        folder, lock = make_folder()
        made = make_group(folder)
        if made is None:
            pytest.skip("no cgroup that can be written to")
        lock.close()
        os.utime(folder, (0, 0))
        sweep(tmp_path)

        assert not folder.exists()
        assert not any(one.exists() for one in made.folders)


FILES = {
    "cgroup.procs": "",
    "cgroup.kill": "",
    "cgroup.subtree_control": "",
    "memory.current": str(300 * MB),
    "memory.max": "max",
    "memory.swap.max": "max",
    "memory.stat": f"anon 1\nfile 2\ninactive_file {100 * MB}\nactive_file 3\n",
    "memory.events": "low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n",
    "pids.current": "3",
    "pids.max": "max",
}


class Played:
    """A folder with the files of cgroup version 2, which plays the kernel."""

    def __init__(self, place, monkeypatch):
        self.place = place
        (place / "user" / "own").mkdir(parents=True)
        for folder in (place, place / "user", place / "user" / "own"):
            (folder / "cgroup.subtree_control").write_text("")
        (place / "mounts").write_text(
            f"31 23 0:28 / /sys/fs rw - tmpfs tmpfs rw\n32 31 0:29 / {place} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
        )
        (place / "own").write_text("0::/user/own\n")
        monkeypatch.setattr(cgroups, "MOUNTS", place / "mounts")
        monkeypatch.setattr(cgroups, "OWN_GROUPS", place / "own")
        read = cgroups._controllers
        monkeypatch.setattr(cgroups, "_controllers", lambda folder: [one.lstrip("+") for one in read(folder)])
        monkeypatch.setattr(Path, "mkdir", self._mkdir(Path.mkdir))
        monkeypatch.setattr(Path, "rmdir", self._rmdir(Path.rmdir))

    def _mkdir(self, real):
        def mkdir(path, *words, **names):
            real(path, *words, **names)
            for name, value in FILES.items():
                (path / name).write_text(value)

        return mkdir

    def _rmdir(self, real):
        def rmdir(path):
            assert (path / "cgroup.kill").read_text() == "1"
            for file in path.iterdir():
                file.unlink()
            real(path)

        return rmdir


class TestVersion2:
    @pytest.fixture
    def played(self, tmp_path, monkeypatch):
        return Played(tmp_path, monkeypatch)

    def test_it_is_made_below_the_own_group_where_that_may_have_some(self, played):
        own = played.place / "user" / "own"

        assert cgroups.make_group(NAME).folders == [own / NAME]
        assert (own / "cgroup.subtree_control").read_text() == "+memory +pids"

    def test_it_is_made_beside_the_own_group_where_that_holds_processes(self, played):
        """The kernel then says that the file is busy, which a folder in its place does as well."""
        (played.place / "user" / "cgroup.subtree_control").write_text("cpu memory pids\n")
        (played.place / "user" / "own" / "cgroup.subtree_control").unlink()
        (played.place / "user" / "own" / "cgroup.subtree_control" / "busy").mkdir(parents=True)

        assert cgroups.make_group(NAME).folders == [played.place / "user" / NAME]

    def test_without_its_controllers_there_is_none(self, played):
        (played.place / "own").write_text("1:memory:/\n0::/nowhere\n")

        assert cgroups.make_group(NAME) is None

    @pytest.fixture
    def made(self, played):
        group = cgroups.make_group(NAME)
        return group, group.folders[0]

    def test_limits_are_counted_from_what_the_slot_itself_uses(self, made):
        group, folder = made
        group.take(1)
        group.settle()
        group.limit(500, 48)

        assert (folder / "memory.max").read_text() == str((300 - 100 + 500) * MB)
        assert (folder / "pids.max").read_text() == "51"
        assert (folder / "memory.swap.max").read_text() == "0"

    def test_processes_are_taken_in_and_those_that_were_killed_are_counted(self, made):
        group, folder = made
        group.take(123)
        assert (folder / "cgroup.procs").read_text() == "123"
        assert group.killed() == 0
        (folder / "memory.events").write_text("oom 4\noom_kill 3\noom_group_kill 0\n")
        assert group.killed() == 3

    def test_it_is_killed_and_removed(self, made):
        group, folder = made
        group.remove()

        assert not folder.exists()
