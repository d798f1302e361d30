"""A submission sees its own data and nothing else. Each attack is shown to work without the sandbox, where it can."""

import os
import shutil
import socket
import subprocess
import sys
import time
from ast import literal_eval
from pathlib import Path

import pytest
from system import require_sandbox
from warm_runs import notebook_of, text

from crm_course.running.sandbox import seccomp
from crm_course.running.sandbox.canary import canary, problem_of
from crm_course.running.sandbox.slot import Slot

BEGIN = """
import ctypes, errno, glob, os, pathlib, resource, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
HOUSE, HIDDEN, PORT, NUMBERS = {house!r}, {hidden!r}, {port}, {numbers}

def works(action, *words):
    try:
        return action(*words) not in (None, -1)
    except (OSError, ValueError):
        return False
"""

# The value of each is True where the attack succeeds.
SUCCEED_OUTSIDE = {
    "read another file": "works(open, HIDDEN)",
    "read the solutions": "works(os.listdir, HOUSE + '/exercises')",
    "read the tests": "works(os.listdir, HOUSE + '/tests')",
    "read the history": "works(os.stat, HOUSE + '/.git')",
    "read the environment": "'CRM_COURSE_TEST_SECRET' in os.environ",
    "read the environment of others": """any(
    works(lambda: b'CRM_COURSE_TEST_SECRET' in pathlib.Path(one).read_bytes() or None)
    for one in glob.glob('/proc/[0-9]*/environ'))""",
    "see other processes": "len(glob.glob('/proc/[0-9]*')) > 3",
    "open a socket": "works(socket.socket)",
    "reach a server of this machine": "works(lambda: socket.create_connection(('127.0.0.1', PORT), 1))",
    "open an abstract socket": "works(socket.socket, socket.AF_UNIX)",
    "write into the course": "works(lambda: open(HOUSE + '/crm_course/.attack', 'w')"
    " and [os.remove(HOUSE + '/crm_course/.attack')])",
    "reach the parent's files": "works(os.stat, f'/proc/{os.getppid()}/cwd{HOUSE}/README.md')",
    "make memory without a name": "works(os.memfd_create, 'x')",
    "signal the zygote": "works(lambda: os.kill(os.getppid(), 0) or open(f'/proc/{os.getppid()}/mem', 'rb'))",
    "map more of the kernel": "libc.syscall(NUMBERS['bpf'], 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM",
}
FAIL_EVERYWHERE_BUT_FOR_ROOT = {
    "mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
    "make namespaces": "libc.unshare(0x10000000) == 0",
    "become root": "works(lambda: os.setuid(0) or 1)",
    "change the root": "works(lambda: os.chroot('.') or 1)",
    "raise a limit": "works(lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)) or 1)",
    "limits of another": "works(lambda: resource.prlimit(1, resource.RLIMIT_NOFILE))",
    "priority of another": "works(lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 5) or 1)",
    "trace the parent": "libc.ptrace(16, os.getppid(), 0, 0) == 0",
    "memory of the parent": "works(open, f'/proc/{os.getppid()}/mem', 'rb')",
    "files of the parent": "works(os.listdir, f'/proc/{os.getppid()}/fd')",
    "root of the parent": "works(os.listdir, f'/proc/{os.getppid()}/root')",
    "change the parent": "works(open, f'/proc/{os.getppid()}/oom_score_adj', 'w')",
    "change the package": "works(open, sys.modules['pandas'].__file__, 'a')",
    "change the course": "works(open, __import__('crm_course').__file__, 'a')",
    "change the interpreter": "works(open, os.path.realpath(sys.executable), 'ab')",
    "write to the root": "works(lambda: pathlib.Path('/x').touch() or 1)",
    "write to devices": "works(lambda: pathlib.Path('/dev/x').touch() or 1)",
    "change the kernel": "works(open, '/proc/sys/kernel/hostname', 'w')",
    "make a device": "works(lambda: os.mknod('x', 0o20666, os.makedev(1, 1)) or 1)",
    "change the data": "works(open, 'store/orders.csv', 'a')",
    "data above": "works(os.listdir, '/inbox') and bool(os.listdir('/inbox'))",
    "packet socket": "works(socket.socket, 17, socket.SOCK_RAW)",
    "vsock": "works(socket.socket, 40, socket.SOCK_STREAM)",
    "shared memory segments": "libc.shmget(0, 4096, 0o1600) != -1",
    "message queues": "libc.msgget(0, 0o1600) != -1",
    "keys": "libc.syscall(NUMBERS['keyctl'], 0, 0, 0, 0, 0) != -1",
    "io_uring": "libc.syscall(NUMBERS['io_uring_setup'], 1, 0) != -1 or ctypes.get_errno() != errno.EPERM",
    "a user's bus": "bool(glob.glob('/run/*') + glob.glob('/var/run/*'))",
}


@pytest.fixture(scope="module")
def hidden(tmp_path_factory):
    file = tmp_path_factory.mktemp("hidden") / "key.txt"
    file.write_text("secret", encoding="utf-8")
    file.chmod(0o644)
    file.parent.chmod(0o755)
    return file


@pytest.fixture(scope="module")
def begin(house, hidden):
    pyseccomp = require_sandbox()
    names = ("bpf", "keyctl", "io_uring_setup")
    numbers = {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in names}
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        yield BEGIN.format(house=str(house), hidden=str(hidden), port=port, numbers=numbers)


@pytest.mark.parametrize("attack", SUCCEED_OUTSIDE)
def test_what_works_outside_fails_inside(attack, begin, trusted, confined, data):
    notebook = notebook_of(begin, SUCCEED_OUTSIDE[attack])

    assert text(trusted.run(notebook, data)) == "True"
    assert text(confined.run(notebook, data)) == "False"


@pytest.mark.parametrize("attack", FAIL_EVERYWHERE_BUT_FOR_ROOT)
def test_it_cannot(attack, begin, confined, data):
    result = confined.run(notebook_of(begin, FAIL_EVERYWHERE_BUT_FOR_ROOT[attack]), data)

    assert text(result) == "False"


def test_it_is_nobody_and_has_no_rights(run):
    status = "dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())"
    rights = [f"int({status}[{name!r}], 16)" for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")]

    assert text(run(f"import os\nos.getuid(), {', '.join(rights)}")) == "(1000, 0, 0, 0, 0, 0)"


def test_only_its_own_files_are_open(run):
    assert text(run("import os\nsorted(map(int, os.listdir('/proc/self/fd')))[:5]")) == "[0, 1, 2, 3, 4]"
    assert int(text(run("import os\nlen(os.listdir('/proc/self/fd'))"))) < 12  # with those of asyncio


def test_what_it_sees_of_the_machine_is_a_short_list(run):
    seen = text(run("import os\n' '.join(sorted(os.listdir('/')))")).strip("'").split()

    assert set(seen) >= {"desk", "dev", "proc", "tmp", "usr"}
    assert not set(seen) & {"home", "var", "run", "sys", "boot", "srv", "mnt", "media"}


def test_of_the_checkout_only_the_package_is_there(run, house):
    seen = set(literal_eval(text(run(f"import os\nos.listdir({str(house)!r})"))))

    environment = Path(sys.prefix)  # may lie within the checkout
    within = {environment.relative_to(house).parts[0]} if environment.is_relative_to(house) else set()
    assert seen == {"crm_course"} | within


@pytest.mark.long
def test_two_that_run_at_once_do_not_see_each_other(confined, data, tmp_path):
    from threading import Thread

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "secret.txt").write_text("other", encoding="utf-8")
    look = """
import glob, time
time.sleep(0.5)
[one for place in ("desk", "inbox", "tmp") for one in glob.glob(f"/{place}/**/secret.txt", recursive=True)]
"""
    with Slot() as other:
        neighbour = Thread(target=other.run, args=(notebook_of("import time; time.sleep(2)"), mine))
        neighbour.start()
        assert text(confined.run(notebook_of(look), data)) == "[]"
        neighbour.join()


def test_the_supervisors_folder_is_private_and_empty_after_a_run(trusted, data):
    trusted.run(notebook_of("1"), data)
    folder = trusted._zygote._folder

    assert folder.stat().st_mode & 0o077 == 0
    assert list((folder / "inbox").iterdir()) == []


@pytest.mark.long
def test_nothing_is_left_of_a_slot_that_is_closed():
    with Slot(sandbox=False) as slot:
        folder, process = slot._zygote._folder, slot._zygote.pid

    assert not folder.exists()
    assert not Path("/proc", str(process)).exists()


@pytest.mark.long
def test_nothing_is_left_of_a_supervisor_that_is_killed(confined, data, house):
    script = """
import sys, threading
from pathlib import Path
from warm_runs import notebook_of
from crm_course.running.sandbox.slot import Slot
slot = Slot()
slot.run(notebook_of("1"), Path(sys.argv[1]))
print(slot._zygote.pid, flush=True)
slot.run(notebook_of("import time; time.sleep(60)"), Path(sys.argv[1]))
"""
    environment = {"PYTHONPATH": f"{house}:{house / 'tests'}", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen([sys.executable, "-c", script, data], env=environment, stdout=subprocess.PIPE) as supervisor:
        zygote = Path("/proc", supervisor.stdout.readline().decode().strip())
        time.sleep(0.5)
        assert zygote.exists()
        supervisor.kill()
    for _ in range(50):
        if not zygote.exists():
            break
        time.sleep(0.1)
    assert not zygote.exists()


def test_the_folder_of_a_killed_supervisor_is_swept(tmp_path, monkeypatch):
    from crm_course.running.sandbox.folders import LOCK, PREFIX, make_folder, sweep

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    in_use, lock = make_folder()
    stale = tmp_path / f"{PREFIX}stale"
    stale.mkdir()
    (stale / LOCK).touch()
    young = tmp_path / f"{PREFIX}young"
    young.mkdir()
    long_ago = time.time() - 3600
    for folder in (in_use, stale):
        os.utime(folder, (long_ago, long_ago))
    sweep(tmp_path)

    assert sorted(tmp_path.iterdir()) == sorted([in_use, young])
    lock.close()


def test_a_canary_that_got_out_is_a_problem(trusted, tmp_path):
    (tmp_path / "data.txt").write_text("seen", encoding="utf-8")
    problem = problem_of(trusted.run(canary(tmp_path / "data.txt"), tmp_path))

    assert problem is not None
    for what in ("other files are visible", "there is a network", "system calls are not filtered"):
        assert what in problem


def test_a_canary_that_says_nothing_is_a_problem(run):
    assert "its notebook failed" in problem_of(run("1 / 0"))
    assert "did not finish" in problem_of(run("while True: pass", cell_seconds=0.2))


def test_the_sandbox_holds_here(confined):
    from crm_course.running.sandbox.canary import sandbox_problem

    assert sandbox_problem() is None


@pytest.mark.parametrize(("module", "word"), [("bwrap", "bubblewrap"), ("pyseccomp", "libseccomp2")])
def test_what_is_missing_is_named(module, word, monkeypatch):
    from crm_course.running.sandbox.limits import SandboxUnavailable

    if module == "pyseccomp":
        monkeypatch.setitem(sys.modules, "pyseccomp", None)
    else:
        monkeypatch.setenv("PATH", "/nowhere")
        monkeypatch.setattr(seccomp, "clone_number", lambda: 56)  # where libseccomp is missing as well
        monkeypatch.setattr(seccomp, "filter_program", lambda: b"")
    with pytest.raises(SandboxUnavailable, match=word):
        Slot()


@pytest.mark.long
def test_where_runs_cannot_be_started_it_is_said(confined, data, monkeypatch):
    """As on a machine that lets bubblewrap make namespaces but not a run its own."""
    from crm_course.running.sandbox.limits import SandboxUnavailable

    monkeypatch.setattr("crm_course.running.sandbox.seccomp.clone_number", lambda: 1_000_000)
    with Slot() as slot, pytest.raises(SandboxUnavailable, match=r"no run can be started: .*clone"):
        slot.run(notebook_of("1"), data)


@pytest.mark.long
def test_it_holds_where_the_course_lies_in_tmp(confined, house, tmp_path):
    """A run's own /tmp covers the machine's, where a checkout or an environment may lie."""
    shutil.copytree(house / "crm_course", tmp_path / "crm_course", ignore=shutil.ignore_patterns("__pycache__"))
    script = "from crm_course.running.sandbox.canary import sandbox_problem; print(sandbox_problem())"
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)

    assert str(tmp_path).startswith("/tmp/")
    assert done.stdout.strip() == "None"
