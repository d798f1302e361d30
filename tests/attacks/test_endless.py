"""Not ending, and ending too soon: attacks 10 to 13, 24 and 30."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from system import require_sandbox

from crm_course.running.sandbox import folders

LOOPS = {
    "a loop": "while True: pass",
    "a loop in C": "sum(range(10**12))",
    "the signal ignored": "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "the exception swallowed": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "the signal blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: time.sleep(1)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "the clock patched": "time.monotonic = time.time = time.sleep = lambda *_: 0.0\nwhile True: pass",
    "a thread that is not done": "threading.Thread(target=lambda: [time.sleep(1) for _ in range(99)]).run()",
}
ENDS = {
    "exit": "os._exit(0)",
    "a signal": "os.kill(os.getpid(), signal.SIGKILL)",
    "a crash": "ctypes.string_at(0)",
    "the shell's own way out": "get_ipython().ask_exit()",
    "the pipe closed": "os.close(4)\nos.close(3)\nprint(1)",
}
# A program that is started in a session of its own, before whoever could look after it is killed.
DAEMON = """
child = subprocess.Popen(["sleep", "{mark}"], start_new_session=True)
if works(lambda: os.kill(os.getppid(), 0) or 1) and os.getppid() != 1:
    os.kill(os.getppid(), signal.SIGKILL)
child.pid
"""


def with_argument(word):
    """The processes of this machine that were started with a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"\0{word}\0".encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("loop", LOOPS)
def test_what_does_not_end_is_ended_by_the_supervisors_clock(loop, confined):
    result = confined.run("print('before')", LOOPS[loop], "print('after')", cell_seconds=0.3)

    assert (result.ended, result.cell) == ("time limit", 3)
    assert result.seconds > 0.3  # of our clock, whatever the notebook made of its own
    assert [cell.outputs[0].text for cell in result.notebook.cells[1:2]] == ["before\n"]


@pytest.mark.parametrize("end", ENDS)
def test_a_process_that_ends_is_never_a_pass(end, confined):
    result = confined.run(ENDS[end], "print('passed')", cell_seconds=2)

    assert (result.ended, result.cell) == ("kernel died", 2)
    assert result.notebook.cells[2].outputs == []


def test_a_daemon_outlives_a_run_only_where_there_is_no_sandbox(trusted, confined):
    """There it can kill the process that runs are forked from, which is then made anew."""
    trusted.run(DAEMON.format(mark="981.25"))
    outside = with_argument("981.25")
    for process in outside:
        os.kill(process, signal.SIGKILL)
    result = confined.run(DAEMON.format(mark="982.25"), "subprocess.Popen(['setsid', 'sleep', '983.25']).wait(0.1)")

    assert len(outside) == 1
    assert result.ended == "finished"
    assert trusted.tell("6 * 7") == "42"
    assert with_argument("982.25") + with_argument("983.25") == []


SUPERVISOR = """
import sys
from pathlib import Path
from warm_runs import notebook_of
from crm_course.running.sandbox.slot import Slot
with Slot() as slot:
    slot.run(notebook_of("import subprocess\\nsubprocess.run(['sleep', '984.25'])"), Path(sys.argv[1]))
"""


def test_nothing_outlives_a_grader_that_was_killed(house, planted, tmp_path):
    require_sandbox()
    environment = {**os.environ, "PYTHONPATH": f"{house}:{house / 'tests'}", "TMPDIR": str(tmp_path)}
    grader = subprocess.Popen([sys.executable, "-c", SUPERVISOR, planted / "mine"], env=environment)
    running = _until(lambda: with_argument("984.25"))
    zygotes = _until(lambda: _below(grader.pid))
    grader.kill()
    grader.wait()

    assert running
    assert _until(lambda: not with_argument("984.25"))
    assert _until(lambda: not any(Path("/proc", str(one)).exists() for one in zygotes))

    (left,) = tmp_path.glob("crm-course-run-*")
    os.utime(left, (1e9, 1e9))  # a young folder may be one that is just being made
    folders.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def _below(process):
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _until(holds, seconds=60):
    for _ in range(seconds * 10):
        if found := holds():
            return found
        time.sleep(0.1)
    return None
