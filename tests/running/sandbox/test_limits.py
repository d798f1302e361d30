"""A run ends where it uses more than it may, is told why, and harms neither the slot nor the supervisor."""

import pytest
from warm_runs import errors, notebook_of, outputs, text

from crm_course.running.sandbox.limits import Limits

FRAME = """
import json, os, struct
def send(body):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    os.write(4, struct.pack(">I", len(body)) + body)
"""


@pytest.fixture
def ended(run):
    """Run cells after one that prints; give how it ended, after looking that all was kept and all works again."""

    def run_and_look(*sources, **limits):
        result = run("print('before')", *sources, **limits)
        assert text(result, 0) == "before"
        assert text(run("'works'")) == "'works'"
        return result

    return run_and_look


class TestTime:
    @pytest.mark.parametrize("sandbox", ["confined", "trusted"])
    def test_an_endless_loop_is_interrupted(self, request, data, sandbox):
        slot = request.getfixturevalue(sandbox)
        result = slot.run(notebook_of("print('in'); x = 1\nwhile True: pass", "2"), data, Limits(cell_seconds=0.5))

        assert (result.ended, result.cell) == ("time limit", 1)
        assert errors(result) == ["KeyboardInterrupt"]
        assert text(result, 0) == "in"
        assert outputs(result, 0)[-1].evalue == "time limit: the notebook took longer than it may"
        assert result.notebook.cells[1].execution_count is None

    @pytest.mark.parametrize(
        "stubborn",
        [
            "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
            "while True:\n    try:\n        while True: pass\n    except BaseException: print('caught')",
            "import time\nwhile True:\n    try: time.sleep(100)\n    except: 1",
        ],
        ids=["signal ignored", "exception swallowed", "sleeping"],
    )
    def test_who_does_not_listen_is_killed(self, ended, stubborn):
        result = ended(stubborn, cell_seconds=0.3)

        assert (result.ended, result.cell) == ("time limit", 2)
        assert result.seconds < 5

    def test_all_cells_together_have_a_limit(self, ended):
        result = ended(*["import time; time.sleep(0.4)"] * 4, run_seconds=1)

        assert (result.ended, result.cell) in [("time limit", 3), ("time limit", 4)]
        assert result.seconds < 3

    def test_the_clock_is_the_supervisors(self, ended):
        result = ended(
            "import time\ntime.monotonic = time.time = time.perf_counter = lambda: 0.0\nwhile True: pass",
            cell_seconds=0.3,
        )

        assert result.ended == "time limit"
        assert result.seconds > 0.3

    def test_a_cell_that_is_not_read_does_not_hold_up_the_supervisor(self, ended):
        stop_reading = "import os, threading, time\nos.dup2(os.open('/dev/null', os.O_RDONLY), 3)"
        result = ended(stop_reading, "#" * 1_000_000, cell_seconds=0.5)

        assert result.ended in ("time limit", "kernel died")


class TestMemory:
    @pytest.mark.long
    def test_a_growing_process_is_stopped_and_named(self, ended):
        result = ended("x = []\nwhile True: x.append(bytearray(10_000_000))", memory_mb=700, cell_seconds=20)

        assert result.ended == "memory limit" or errors(result) == ["MemoryError"]

    def test_what_is_far_too_much_is_refused_at_once(self, ended):
        result = ended("import numpy as np\nnp.ones(10**10)", "1", memory_mb=700)

        assert errors(result) == ["MemoryError"]
        assert result.ended == "finished"

    @pytest.mark.long
    def test_it_is_counted_over_all_processes(self, ended):
        children = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        x = bytearray(os.urandom(1000)) * 200_000
        time.sleep(20)
time.sleep(20)
"""
        assert ended(children, memory_mb=900, cell_seconds=15).ended == "memory limit"

    def test_what_processes_share_counts_once(self, ended):
        children = (
            "import os, time\nfor _ in range(12):\n    if os.fork() == 0: time.sleep(1); os._exit(0)\ntime.sleep(1)"
        )

        assert ended(children, memory_mb=700).ended == "finished"

    def test_shared_memory_that_no_list_of_mappings_tells_is_refused(self, ended):
        ghost = "import mmap\nmmap.mmap(-1, 900_000_000)"

        assert errors(ended(ghost, "1", memory_mb=700)) == ["PermissionError"]


class TestProcesses:
    def test_a_fork_bomb_ends_at_the_limit(self, ended):
        result = ended(
            "import os\nn = 0\ntry:\n    while os.fork(): n += 1\n    os._exit(0)\nexcept OSError: print(n < 48)", "1"
        )

        assert text(result, 1) == "True"

    def test_threads_count_too(self, ended):
        result = ended(
            "import threading, time\nfor _ in range(100): threading.Thread(target=time.sleep, args=(1,)).start()"
        )

        assert errors(result) == ["RuntimeError"]

    @pytest.mark.long
    def test_a_bomb_that_goes_on_ends_with_the_run(self, ended):
        bomb = "import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"

        assert ended(bomb, cell_seconds=1).ended in ("time limit", "kernel died")


class TestDisk:
    @pytest.mark.parametrize("place", [".", "/tmp", "/dev/shm"])
    def test_it_is_full_at_its_limit(self, ended, place):
        fill = f"""
for number in range(10):
    with open(f"{place}/{{number}}", "wb") as file: file.write(bytes(10_000_000))
"""
        (error,) = [one for one in outputs(ended(fill, disk_mb=20), 1) if one.output_type == "error"][:1]

        assert "No space left" in error.evalue

    def test_one_file_cannot_be_larger(self, ended):
        result = ended("open('x', 'wb').truncate(10**12)", disk_mb=20)

        assert errors(result) == ["OSError"]

    def test_files_have_a_number(self, ended):
        result = ended("for number in range(20_000): open(str(number), 'w').close()")

        assert "No space left" in outputs(result, 1)[-1].evalue


class TestOutput:
    @pytest.mark.parametrize(
        "flood",
        [
            "while True: print('x' * 1000)",
            pytest.param("print('x' * 300_000_000)", marks=pytest.mark.long),
            "import os\nwhile True: os.write(1, b'x' * 60_000)",
            "!yes",
            pytest.param("for i in range(200_000): display(i)", marks=pytest.mark.long),
            pytest.param("for i in range(10_000_000): print(i)", marks=pytest.mark.long),
            FRAME + "while True: send({'kind': 'stream', 'name': 'stdout', 'text': ''})",
            FRAME + "os.write(4, b'\\xff\\xff\\xff\\xff'); import time; time.sleep(9)",
            FRAME
            + 'send(b\'{"kind": "display", "metadata": {}, "data": {"a/json": [\' + b\'[],\' * 1_900_000 + b\'[]]}}\')',
        ],
        ids=["print", "one text", "raw", "program", "displays", "lines", "empty texts", "long frame", "small lists"],
    )
    def test_a_flood_ends_the_run(self, ended, flood):
        assert ended(flood, cell_seconds=30).ended == "output limit"

    @pytest.mark.parametrize(
        "body",
        [
            b"[" * 200_000,
            b'{"kind": "display", "data": {"application/json": ' + b"[" * 900 + b"]" * 900 + b'}, "metadata": {}}',
            b"[]",
            b"\xff\xfe",
            b'{"kind": "unheard of"}',
            b'{"kind": "display", "data": 5, "metadata": {}}',
            b'{"kind": ["display"]}',
            b'{"kind": "display", "data": {"a": ' + b"9" * 10_000 + b"}}",
        ],
        ids=["deep", "deep value", "list", "no text", "unknown", "no bundle", "kind", "long number"],
    )
    def test_what_is_no_output_ends_the_run(self, ended, body):
        assert ended(FRAME + f"send({body[:20]!r} * 0 + bytes.fromhex('{body.hex()}'))").ended == "protocol error"

    def test_an_ordinary_run_is_far_from_the_limits(self, ended):
        assert ended("for i in range(2_000): print(i)", "for i in range(100): display(i)").ended == "finished"

    def test_forged_messages_are_outputs_at_most(self, ended):
        done, extra = (
            {"kind": "done", "mark": 100},
            {"kind": "display", "data": {}, "metadata": {}, "ended": "finished"},
        )
        forged = FRAME + f"send({done})\nsend({extra})"

        assert ended(forged, "1").ended == "finished"


class TestTheEnd:
    @pytest.mark.parametrize(
        ("end", "last"),
        [
            ("import os; print('last'); os._exit(0)", "last"),
            ("import os; print('last'); os.kill(os.getpid(), 9)", "last"),
            ("exit", "exit: the notebook ends here"),
        ],
    )
    def test_a_process_that_ends_is_never_a_pass(self, ended, end, last):
        result = ended(end, "1")

        assert (result.ended, result.cell) == ("kernel died", 2)
        assert text(result, 1) == last

    def test_a_crash_is_one(self, ended):
        assert ended("import ctypes; ctypes.string_at(0)").ended == "kernel died"

    @pytest.mark.long
    def test_a_zygote_that_was_killed_is_replaced(self, trusted, data):
        import os
        import signal

        os.kill(trusted._zygote.pid, signal.SIGKILL)

        assert text(trusted.run(notebook_of("1"), data)) == "1"

    @pytest.mark.long
    def test_one_that_dies_during_a_run_as_well(self, trusted, data):
        kill = "import os, signal; os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(1)"
        result = trusted.run(notebook_of(kill, "1"), data)

        assert text(trusted.run(notebook_of("1"), data)) == "1"
        assert result.ended in ("finished", "kernel died")


@pytest.mark.long
def test_the_supervisors_memory_stays_small(house, tmp_path):
    """In a process of its own: what pytest has imported would count as well."""
    import subprocess
    import sys

    script = """
import re, sys
from pathlib import Path
from warm_runs import notebook_of
from crm_course.running.sandbox.limits import Limits
from crm_course.running.sandbox.slot import Slot
floods = ["print('x' * 300_000_000)", "while True: print('x' * 1000)", "for i in range(200_000): display(i)"]
with Slot() as slot:
    ends = {slot.run(notebook_of(flood), Path(sys.argv[1])).ended for flood in floods}
heavy = {"numpy", "pandas", "matplotlib", "scipy", "pyarrow"} & set(sys.modules)
print(ends, heavy, int(re.search("VmHWM: *(.*) kB", Path("/proc/self/status").read_text())[1]) // 1024)
"""
    environment = {"PYTHONPATH": f"{house}:{house / 'tests'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], env=environment, capture_output=True, text=True, check=True
    )
    ends, heavy, used = done.stdout.rsplit(maxsplit=2)

    assert (ends, heavy) == ("{'output limit'}", "set()")
    assert int(used) < 250
