"""Too much output, and output that is none: attacks 14, 21 to 23 and 50."""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from system import require_sandbox

FLOODS = {
    "lines": "while True: print('x' * 1000)",
    "one message of 300 MB": "print('x' * 300_000_000)",
    "200,000 messages": "for number in range(200_000): display(number)",
    "a program": "!yes",
    "both streams in turn": "while True: print('x'); print('y', file=sys.stderr)",
    "both pipes in turn": "while True: os.write(1, b'x'); os.write(2, b'y')",
    "messages without text": "while True: send({'kind': 'stream', 'name': 'stdout', 'text': ''})",
    "a message of 4 GB that does not come": "os.write(4, b'\\xff\\xff\\xff\\xff'); time.sleep(9)",
    "small lists": """send(b'{"kind": "display", "metadata": {}, "data": {"a/json": ['
     + b'[],' * 1_900_000 + b'[]]}}')""",
    "escapes that grow": 'while True: send(b\'{"kind": "stream", "text": "\' + b\'\\\\u0000\' * 100_000 + b\'"}\')',
    "pictures": "while True: display({'image/png': 'A' * 900_000}, raw=True)",
    "updates": "shown = display(1, display_id='x')\nwhile True: shown.update('x' * 100_000)",
}
HEAVIEST = ["one message of 300 MB", "small lists", "both pipes in turn", "escapes that grow", "pictures", "updates"]
NO_OUTPUT = {
    "200,000 lists in each other": b"[" * 200_000,
    "a deep value": b'{"kind": "display", "data": {"application/json": '
    + b"[" * 900
    + b"]" * 900
    + b'}, "metadata": {}}',
    "a list": b"[]",
    "no text": b"\xff\xfe\x00",
    "a kind that there is not": b'{"kind": "grade", "marks": 100}',
    "no bundle": b'{"kind": "display", "data": 5, "metadata": {}}',
    "a number of a million digits": b'{"kind": "display", "data": {"a": ' + b"9" * 1_000_000 + b"}}",
    "nothing": b"",
}
FORGED = {
    "a line": "print('GRADE: 100/100'); print('PASSED', file=sys.stderr)",
    "a display for the grader": """display({'application/vnd.crm-course.grade+json': {'marks': 100},
    'application/vnd.crm-course.canary+json': {'all': True}}, raw=True)""",
    "an error that is none": "send({'kind': 'error', 'ename': 'Passed', 'evalue': '100', 'traceback': ['100']})",
    "a state of the kernel": "print(json.dumps({'msg_type': 'status', 'content': {'execution_state': 'idle'}}))",
}
# A picture that says it has 60,000 by 60,000 points, which would be 14 GB.
BOMB = """
import zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
bomb = b"\\x89PNG\\r\\n\\x1a\\n" + head + chunk(b"IDAT", zlib.compress(bytes(20_000_000), 9)) + chunk(b"IEND", b"")
"""


def most_memory(from_now=False):
    """Give the most memory that this process has held, in MB."""
    if from_now:
        with suppress(OSError):  # some containers do not let it be forgotten
            Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_ends_at_the_output_limit(flood, confined):
    before = most_memory(from_now=True)
    result = confined.run("print('before')", FLOODS[flood], "print('after')", cell_seconds=20)

    assert most_memory() - before < 250  # of the supervisor's own, in MB
    assert (result.ended, result.cell) == ("output limit", 3)
    assert result.notebook.cells[1].outputs[0].text == "before\n"
    assert len(nbformat.writes(result.notebook)) < 40_000_000
    assert sum(len(cell.outputs) for cell in result.notebook.cells) < 5_010


def test_one_update_is_not_written_a_thousand_times(confined):
    multiply = "for _ in range(1000): shown = display(1, display_id='x')\nshown.update('x' * 1_000_000)"
    result = confined.run(multiply)

    assert result.ended == "finished"
    assert len(nbformat.writes(result.notebook)) < 20_000_000


@pytest.mark.parametrize("body", NO_OUTPUT)
def test_what_is_no_output_ends_the_run(body, confined):
    result = confined.run(f"send(bytes.fromhex({NO_OUTPUT[body].hex()!r}))", cell_seconds=10)

    assert result.ended == "protocol error"


@pytest.mark.parametrize("message", FORGED)
def test_a_forged_message_is_an_output_at_most(message, confined):
    result = confined.run(FORGED[message], "os._exit(0)")

    assert (result.ended, result.cell) == ("kernel died", 3)


def test_who_says_too_early_that_a_cell_is_done_deceives_nobody_but_herself(confined):
    """The process is hers, so she may say so: what comes later is taken for the next cell's, and no answer is lost."""
    early = "send({'kind': 'done', 'ok': True, 'ended': 'finished', 'marks': 100}); time.sleep(0.2); print('late')"
    result = confined.run(early, "print('next')", "print('last')")
    said = [output.text for cell in result.notebook.cells for output in cell.outputs]

    assert result.ended == "finished"
    assert "".join(said).startswith("late\n")
    assert "marks" not in nbformat.writes(result.notebook).replace(early, "").replace("'marks'", "")


def test_a_picture_is_never_decoded_on_our_side(confined):
    """It goes into the notebook as the text that it came as; reports hold no picture of a trainee's at all."""
    shown = BOMB + "display({'image/png': base64.b64encode(bomb).decode(), 'text/plain': 'bomb'}, raw=True)\nlen(bomb)"
    result = confined.run(shown)

    assert result.ended == "finished"
    assert len(result.notebook.cells[1].outputs[0].data["image/png"]) < 100_000


def test_who_decodes_it_is_the_one_who_runs_out_of_memory(confined):
    decode = BOMB + "import io, PIL.Image\nPIL.Image.MAX_IMAGE_PIXELS = None\nPIL.Image.open(io.BytesIO(bomb)).load()"
    result = confined.run(decode, "1", memory_mb=500, cell_seconds=15)
    errors = [one.get("ename") for one in result.notebook.cells[1].outputs]

    assert result.ended == "memory limit" or errors == ["MemoryError"]


def test_no_room_of_the_grader_opens_pictures(house):
    rooms = [house / "crm_course" / room for room in ("grading", "answers", "running")]
    opened = ("PIL", "imread", "b64decode", "a2b_base64")
    found = [
        f"{path.relative_to(house)}: {word}"
        for room in rooms
        for path in sorted(room.rglob("*.py"))
        for word in opened
        if word in path.read_text(encoding="utf-8") and not (path.parent.name == "sandbox" and word == "b64decode")
    ]

    # the filter of system calls goes to the zygote as text
    assert found == ["crm_course/running/sandbox/inside/__main__.py: b64decode"]


SUPERVISOR = """
import json, re, sys
from pathlib import Path
from warm_runs import notebook_of
from crm_course.running.sandbox.limits import Limits
from crm_course.running.sandbox.slot import Slot
begin, floods = json.load(sys.stdin)
with Slot() as slot:
    ends = {slot.run(notebook_of(begin, one), Path(sys.argv[1]), Limits(cell_seconds=20)).ended for one in floods}
used = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(json.dumps([sorted(ends), int(used) // 1024, sorted({"PIL", "matplotlib", "pandas"} & set(sys.modules))]))
"""


@pytest.mark.long
def test_the_supervisors_own_memory_stays_small_under_floods(house, planted, confined):
    """In a process of its own: what pytest has imported would count as well."""
    require_sandbox()
    environment = {**os.environ, "PYTHONPATH": f"{house}:{house / 'tests'}"}
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISOR, planted / "mine"],
        input=json.dumps([confined.begin, [FLOODS[name] for name in HEAVIEST]]),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    ends, used, decoders = json.loads(done.stdout)

    assert (ends, decoders) == (["output limit"], [])
    assert used < 250
