"""The arena: slots with the sandbox and without, secrets that hold a canary, and a look around after every run."""

import os
import secrets
import shutil
import socket
import sqlite3
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from grading import conftest as small
from system import require_sandbox
from warm_runs import notebook_of, text

from crm_course.grading.batch import grade
from crm_course.grading.bench import Bench
from crm_course.grading.gradebook import Gradebook
from crm_course.grading.results import results
from crm_course.release import release as releasing
from crm_course.running.pool import InProcess
from crm_course.running.sandbox.limits import Limits
from crm_course.running.sandbox.memory import descendants
from crm_course.running.sandbox.slot import Slot

sample, notebook, hand_in = small.sample, small.notebook, small.hand_in
TRAINEES = ["ann", "bo", "mallory"]
IN_ENVIRONMENT = "CRM_COURSE_TEST_CANARY"
BEGIN = """
import base64, ctypes, errno, gc, glob, json, mmap, os, pathlib, resource, signal, socket, struct, subprocess, sys
import threading, time
libc = ctypes.CDLL(None, use_errno=True)

def works(action, *words):
    try:
        return action(*words) not in (None, -1)
    except (OSError, ValueError):
        return False

def said(action, *words):
    "What an attack brings out; nothing where it fails."
    try:
        found = action(*words)
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)

def in_child(action):
    "Whether something works, tried where it does no harm to what comes after."
    child = os.fork()
    if child == 0:
        os._exit(0 if works(action) else 1)
    return os.waitpid(child, 0)[1] == 0

def reaches_the_kernel(number, *words):
    "Whether a system call is looked at by the kernel itself, whatever it thinks of it."
    return libc.syscall(number, *words) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)

def send(body):
    "Speak to the supervisor as the shell does."
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    os.write(4, struct.pack(">I", len(body)) + body)
"""


@pytest.fixture(scope="session")
def canary(slots):
    """A word that nobody can guess, in the environment of the supervisor."""
    return os.environ[IN_ENVIRONMENT]


@pytest.fixture(scope="session")
def planted(canary):
    """A folder with the canary in a key, a gradebook and another trainee's data, readable for every user."""
    folder = Path(tempfile.mkdtemp(prefix="attacked-", dir="/tmp"))  # beside the data of runs
    folder.chmod(0o755)
    for name in ("mine/store/orders.csv", "bo/store/orders.csv", "bo/submission.ipynb", "keys/key.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("order,amount\n1,20\n" if name.startswith("mine") else f"{canary}\n")
    with sqlite3.connect(folder / "gradebook.sqlite") as book:
        book.execute("CREATE TABLE scores (got TEXT)")
        book.execute("INSERT INTO scores VALUES (?)", (canary,))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def servers(planted):
    """Servers of this machine, each of which tells the canary to whoever asks: by TCP, UDP, and in the file system."""
    word = (planted / "keys" / "key.json").read_bytes()
    with ExitStack() as held:
        tcp = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract, named = (held.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        udp = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        abstract_name = f"\0attacked-{secrets.token_hex(4)}"
        abstract.bind(abstract_name)
        named.bind(str(planted / "docker.sock"))
        (planted / "docker.sock").chmod(0o777)
        for server in (abstract, named):
            server.listen()
        for server in (tcp, abstract, named):
            threading.Thread(target=_tell, args=(server, word), daemon=True).start()
        threading.Thread(target=_tell_datagrams, args=(udp, word), daemon=True).start()
        yield {"TCP": tcp.getsockname()[1], "UDP": udp.getsockname()[1], "ABSTRACT": abstract_name}


def _tell(server, word):
    while True:
        try:
            with server.accept()[0] as asking:
                asking.sendall(word)
        except OSError:
            return


def _tell_datagrams(server, word):
    while True:
        try:
            server.sendto(word, server.recvfrom(100)[1])
        except OSError:
            return


@pytest.fixture(scope="session")
def places(planted, servers, house):
    """Names by which an attack finds what it is after."""
    pyseccomp = require_sandbox()
    calls = ("bpf", "keyctl", "io_uring_setup", "perf_event_open", "userfaultfd", "open_by_handle_at", "memfd_secret")
    return {
        "KEY": str(planted / "keys" / "key.json"),
        "BOOK": str(planted / "gradebook.sqlite"),
        "OTHER": str(planted / "bo"),
        "SOCKET": str(planted / "docker.sock"),
        "HOUSE": str(house),
        "HOME": str(Path.home()),
        "ENV": IN_ENVIRONMENT,
        "NUMBERS": {name: pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in calls},
        **servers,
    }


@dataclass
class Arena:
    """A slot in which attacks are run."""

    slot: Slot
    planted: Path
    canary: str
    begin: str

    def run(self, *cells, data=None, **limits):
        """Run an attack's cells after one that names what it may be after."""
        return self.just_run(*cells, data=data, **limits)

    def just_run(self, *cells, data=None, **limits):
        """Do so without looking around, for where others run as well."""
        return self.slot.run(notebook_of(self.begin, *cells), data or self.planted / "mine", Limits(**limits))

    def tell(self, *cells, **limits):
        """Run an attack and give what its last cell says."""
        return text(self.run(*cells, **limits)).strip("'")


class Confined(Arena):
    """One in which nothing may come out and nothing may be left, and in which the next run works."""

    def run(self, *cells, data=None, **limits):
        before = self.left()
        result = self.just_run(*cells, data=data, **limits)
        assert self.canary not in nbformat.writes(result.notebook)
        assert self.left() == before
        if result.ended != "finished":
            assert text(self.slot.run(notebook_of("6 * 7"), self.planted / "mine")) == "42"
        return result

    def left(self):
        """What a run could leave behind: processes, open files of ours, mounts, files in the run's folder."""
        zygote = self.slot._zygote
        return {
            "processes": list(descendants(zygote.pid)) if zygote else [],
            "open": len(list(Path("/proc/self/fd").iterdir())),
            "mounts": Path("/proc/self/mountinfo").read_text(),
            "inbox": list(zygote._inbox.iterdir()) if zygote else [],
            "files": [path for place in ("/tmp", "/var/tmp", "/dev/shm") for path in Path(place).glob("attack-left*")],
        }


@pytest.fixture(scope="session")
def trusted(planted, canary, places, slots):
    """Without the sandbox: here an attack must succeed, or it shows nothing."""
    return Arena(slots(sandbox=False), planted, canary, _begin(places))


@pytest.fixture(scope="session")
def confined(planted, canary, places, slots):
    """With it: the slot in which batches of these tests run as well."""
    require_sandbox()
    slot = slots(sandbox=True)
    slot.run(notebook_of("1"), planted / "mine")  # what is opened once and kept is open by now
    return Confined(slot, planted, canary, _begin(places))


@pytest.fixture(scope="session")
def counting(planted, canary, places):
    """With it, where no cgroup counts the memory: its own count must do."""
    require_sandbox()
    patch = pytest.MonkeyPatch()
    patch.setattr("crm_course.running.sandbox.zygote.make_group", lambda folder: None)
    with Slot() as slot:
        patch.undo()
        slot.run(notebook_of("1"), planted / "mine")
        yield Confined(slot, planted, canary, _begin(places))


@pytest.fixture(params=["confined", pytest.param("counting", marks=pytest.mark.long)])
def counted(request):
    """Both ways to count memory: the kernel's, where it has one, and the sandbox's own."""
    return request.getfixturevalue(request.param)


def _begin(places):
    return "\n".join([*(f"{name} = {value!r}" for name, value in places.items()), BEGIN])


# Batches ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def released(sample, tmp_path_factory, canary):
    """The exercise, released to an honest trainee, to one who is attacked, and to one who attacks."""
    folder = tmp_path_factory.mktemp("released")
    roster = folder / "class.csv"
    roster.write_text("id,name\n" + "".join(f"{one},{one.title()}\n" for one in TRAINEES), encoding="utf-8")
    patch = pytest.MonkeyPatch()
    patch.setattr(releasing, "build_wheel", lambda folder: (None, "not in this test"))
    as_drawn = {"accept": lambda store: None, "workers": InProcess(), "sandbox": True}
    releasing.release(sample, roster, folder / "release", customers=60, **as_drawn)
    patch.undo()
    (folder / "release" / "instructor" / "secret.txt").write_text(canary, encoding="utf-8")
    (folder / "release" / "packets" / "bo" / "diary.txt").write_text(canary, encoding="utf-8")
    return folder / "release"


@pytest.fixture(scope="session")
def graded_in(released, sample, confined, canary):
    """Give the bench of a folder, where a batch works in the sandbox, and what grades there."""

    def bench_of(folder):
        limits = Limits(cell_seconds=3, run_seconds=10)
        bench = Bench(sample, released, folder / "graded", limits, sandbox=True)
        return bench, _grading(bench, canary)

    return bench_of


@pytest.fixture
def bench(graded_in, tmp_path):
    """Where a batch of this test works."""
    return graded_in(tmp_path)[0]


@pytest.fixture
def graded(bench, canary):
    """Grade a folder of this test."""
    return _grading(bench, canary)


def _grading(bench, canary):
    """Grade a folder; give the batch, and the results by trainee, after looking for the canary in all that was made."""

    def grade_all(submissions, **options):
        with Gradebook(bench.out, make=True) as book, book.writing():
            book.about["canary"] = canary
        batch = grade(bench, submissions, workers=InProcess(), **options)
        with Gradebook(bench.out) as book:
            found = {one.trainee.id: one.model_dump(mode="json") for one in results(book)}
        made = [path for path in bench.out.rglob("*") if path.is_file() and not path.name.startswith("gradebook")]
        assert [path for path in made if canary.encode() in path.read_bytes()] == []
        assert canary not in repr(found)
        return batch, found

    return grade_all
