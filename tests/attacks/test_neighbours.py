"""What comes after a run, and what runs beside it: attacks 51 to 53."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from system import require_sandbox
from warm_runs import notebook_of, text

from crm_course.running.sandbox.limits import Limits
from crm_course.running.sandbox.memory import descendants
from crm_course.running.sandbox.slot import Slot

# All by which one run could differ from the next: every object of every module by its address, which forks of one
# process share, and all that the kernel keeps for a process.
FINGERPRINT = """
import hashlib, json, os, resource, signal, sys, threading
made_by_each = {"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__", "sys.excepthook",
                "threading._active_limbo_lock", "threading._shutdown_locks_lock", "IPython.core.logger"}
modules = sorted((name, one, id(value)) for name, module in list(sys.modules.items())
                 for one, value in getattr(module, "__dict__", {}).items()
                 if name not in ("__main__", "__mp_main__", "IPython.core.logger")
                 and f"{name}.{one}" not in made_by_each)
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
files = [path for place in (".", "/tmp", "/dev/shm", "/dev/pts", "/inbox") for path in sorted(os.listdir(place))]
json.dumps({
    "modules": hashlib.sha256(repr(modules).encode()).hexdigest(),
    "settings": hashlib.sha256(repr([__import__("pandas").get_option("display.precision"),
                                     sorted(__import__("matplotlib").rcParams.items(), key=str)]).encode()).hexdigest(),
    "environment": dict(os.environ), "path": sys.path, "arguments": sys.argv, "folder": os.getcwd(),
    "files": files, "open": sorted(os.listdir("/proc/self/fd")), "threads": len(os.listdir("/proc/self/task")),
    "processes": sorted(filter(str.isdigit, os.listdir("/proc")))[:1], "mounts": open("/proc/self/mounts").read(),
    "limits": [resource.getrlimit(one) for one in range(16)],
    "signals": [status[one] for one in ("SigBlk", "SigIgn", "SigCgt", "SigQ")],
    "rights": [status[one] for one in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "Uid", "Gid")],
    "priority": os.getpriority(os.PRIO_PROCESS, 0), "processors": sorted(os.sched_getaffinity(0)),
    "mask": [os.umask(0o22), os.umask(0o22)][1],
})
"""
LEAVE = """
import builtins, pandas, matplotlib, crm_course, crm_course.answers
for place in (".", "/tmp", "/dev/shm"): pathlib.Path(place, "attack-left").write_text("mine")
os.environ["LEFT"] = "mine"
sys.path.insert(0, "/tmp"); sys.argv.append("mine"); sys.modules["left"] = sys
pandas.read_parquet = crm_course.answer = builtins.sum = lambda *_, **__: 0
builtins.LEFT = crm_course.answers.LEFT = "mine"
pandas.set_option("display.precision", 1); matplotlib.rcParams["figure.dpi"] = 5
signal.signal(signal.SIGTERM, signal.SIG_IGN); os.umask(0); os.nice(5); os.sched_setaffinity(0, {0})
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); os.chdir("/")
kept = os.openpty()
get_ipython().events.register("pre_run_cell", lambda *_: print("mine"))
threading.Thread(target=time.sleep, args=(99,)).start()
subprocess.Popen(["sleep", "991.25"], start_new_session=True)
if os.fork() == 0: os.setsid(); time.sleep(99)
"""
STRIKES = {
    "kill": "for process in range(2, 400): works(os.kill, process, signal.SIGKILL) if process != os.getpid() else 0",
    "stop": "os.kill(os.getppid(), signal.SIGSTOP)",
    "kill all": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.kill(-1, signal.SIGTERM)",
    "interrupt": "signal.signal(signal.SIGINT, signal.SIG_IGN)\nfor _ in range(1000): os.kill(1, signal.SIGINT)",
    "trace": "[libc.ptrace(16, process, 0, 0) for process in range(1, 400)]",
    "end": "os._exit(1)",
    "crash": "ctypes.string_at(0)",
    "close": "os.closerange(0, 256)",
    "bomb": "while True:\n    try: os.fork()\n    except OSError: pass",
}


@pytest.fixture(scope="module")
def beside(confined):
    """A second slot in the sandbox, as the second worker of a batch has one."""
    with Slot() as slot:
        yield slot


def test_the_next_run_is_bit_for_bit_as_the_first(confined):
    first = confined.slot.run(notebook_of(FINGERPRINT), confined.planted / "mine")
    confined.run(LEAVE)
    after = confined.slot.run(notebook_of(FINGERPRINT), confined.planted / "mine")

    assert "modules" in text(first)
    assert text(after) == text(first)


def test_the_fingerprint_sees_a_change(confined):
    changed = "import pandas\npandas.read_parquet = None"
    first = confined.slot.run(notebook_of(FINGERPRINT), confined.planted / "mine")

    assert text(confined.slot.run(notebook_of(changed, FINGERPRINT), confined.planted / "mine")) != text(first)


@pytest.mark.parametrize("strike", STRIKES)
def test_a_strike_does_not_reach_the_process_that_runs_are_forked_from(strike, confined):
    zygote = confined.slot._zygote
    confined.run(STRIKES[strike], cell_seconds=0.5)

    assert confined.slot._zygote is zygote and zygote.alive


def test_a_slot_whose_process_was_killed_from_outside_is_made_anew(confined):
    os.kill(confined.slot._zygote.pid, signal.SIGKILL)
    time.sleep(0.2)

    assert confined.tell("6 * 7") == "42"


def test_a_neighbours_run_is_unharmed_by_all_strikes(confined, beside, planted):
    steady = "total = 0\nfor number in range(60): total += number; time.sleep(0.05)\ntotal"
    found = []
    work = notebook_of("import time", steady)
    neighbour = threading.Thread(target=lambda: found.append(beside.run(work, planted / "mine", Limits(processes=8))))
    neighbour.start()
    for strike in STRIKES.values():
        confined.just_run(strike, cell_seconds=0.3)
    neighbour.join()

    assert (found[0].ended, text(found[0])) == ("finished", "1770")


def test_nothing_of_a_neighbour_is_seen_while_both_run(confined, beside, trusted, planted, canary):
    """Her memory, her files, the pages of her data: outside all can be found, inside nothing."""
    hold = (
        "word = open('submission.ipynb').read()\nopen('/tmp/attack-note', 'w').write(word)\n__import__('time').sleep(4)"
    )
    look = """
found = []
for folder in glob.glob("/proc/[0-9]*"):
    if folder.endswith(f"/{os.getpid()}"): continue
    found += [said(pathlib.Path(folder, "environ").read_bytes), said(os.listdir, folder + "/fd")]
for path in ("/tmp/attack-note", "/inbox", "/desk/../inbox", "/proc/1/root/tmp/attack-note", "/proc/1/cwd"):
    found += [said(pathlib.Path(path).read_bytes), said(os.listdir, path)]
" ".join(found)
"""
    running = threading.Thread(target=lambda: beside.run(notebook_of(hold), planted / "bo"))
    running.start()
    seen = repr(confined.just_run(look).notebook.cells[1].outputs)
    running.join()

    assert canary not in seen
    assert "text/plain" in seen and "attack-note" not in seen and "submission" not in seen
    assert trusted.tell("open('/tmp/attack-note', 'w').write(open(KEY).read())", look).count(canary) >= 1
    (Path("/tmp") / "attack-note").unlink()


def test_two_slots_share_no_user_that_counts_against_the_other(confined, beside, planted):
    """Processes are counted by user: one who has none left must not take those of the neighbour."""
    found = []
    bomb = """
import os, time
for _ in range(60):
    try:
        if os.fork() == 0: time.sleep(3); os._exit(0)
    except OSError: pass
time.sleep(3)
"""
    running = threading.Thread(target=lambda: found.append(beside.run(notebook_of(bomb), planted / "mine")))
    running.start()
    time.sleep(1)
    forks = text(confined.just_run("sum(in_child(lambda: 1) for _ in range(20))"))
    running.join()

    assert forks == "20"
    assert not list(descendants(beside._zygote.pid))


@pytest.mark.long
def test_the_thousandth_run_of_a_slot_is_as_the_first(planted):
    """Environment and memory are the same; the fastest of the last hundred takes at most half again as long as before.

    The fastest, since others use the machine as well.
    """
    require_sandbox()
    work = "kept = bytearray(50_000_000)\nimport pandas\npandas.DataFrame({'a': range(1000)}).describe()"
    attacks = [work, "import os; os._exit(3)", "import pandas; pandas.LEFT = 1", "print('x' * 100_000)"]
    with Slot() as slot:
        zygote = slot._zygote.pid
        first, used = text(slot.run(notebook_of(FINGERPRINT), planted / "mine")), _pages(zygote)
        seconds = []
        for number in range(1000):
            begun = time.monotonic()
            slot.run(notebook_of(attacks[number % len(attacks)]), planted / "mine")
            seconds.append(time.monotonic() - begun)
        last = text(slot.run(notebook_of(FINGERPRINT), planted / "mine"))

        assert slot._zygote.pid == zygote
        assert last == first
        assert _pages(zygote) < used * 1.05
    assert min(seconds[-100:]) < 1.5 * min(seconds[:100])


def _pages(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[1])
