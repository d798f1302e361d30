"""Better marks without better answers: attacks 14, 25 to 29, 31 to 34 and 54."""

import hashlib

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output
from warm_runs import text

from crm_course.answers.encoding.encoding import encode
from crm_course.answers.values import MIME
from crm_course.tables.store import open_store

WRONG = 'answer("q1", 0.5, unit="HK$")'
CHEATS = {
    "the course's functions": """
import crm_course.answers.comparing as comparing, crm_course.answers.form_check as checking
import crm_course.answers.encoding.decoding as decoding, crm_course.grading.scoring as scoring
for module in (comparing, checking, decoding, scoring, __import__("crm_course.answers")):
    for name in list(vars(module)):
        if callable(vars(module)[name]) and name[0] != "_" and name not in ("answer", "encode"):
            setattr(module, name, lambda *_, **__: True)
""",
    "builtins": """
import builtins, math
builtins.abs = lambda _: 0.0
builtins.isinstance = builtins.any = lambda *_: True
builtins.max = builtins.min = lambda *_, **__: 1.0
math.isclose = lambda *_, **__: True
""",
    "numpy and pandas": """
import numpy, pandas
numpy.isclose = numpy.allclose = lambda *_, **__: True
pandas.testing.assert_frame_equal = lambda *_, **__: None
pandas.DataFrame.equals = pandas.Series.equals = lambda *_: True
""",
    "a line of marks": "print('GRADE: 100/100'); print('q1: right, 2 of 2 marks')",
    "a message of marks": """
import json, os, struct
for body in ({"kind": "grade", "marks": 100}, {"kind": "done", "ok": True, "got": 2.0, "state": "right"}):
    text = json.dumps(body).encode()
    if body["kind"] == "done": os.write(4, struct.pack(">I", len(text)) + text)
""",
    "an equal of all": """
class Equal(float):
    __eq__ = __le__ = __ge__ = lambda *_: True
    __ne__ = __lt__ = __gt__ = lambda *_: False
    __sub__ = __rsub__ = __abs__ = lambda *_: 0.0
    __hash__ = float.__hash__
answer("q1", Equal(0.5), unit="HK$")
""",
}
BUNDLE = {"v": 1, "question": "q1", "kind": "number", "unit": "HK$", "value": 0.5}
# Bundles made by hand: what would be worth something if more were read in them than plain values.
FORGED = {
    "a pickle": {"kind": "text", "value": "gASVJgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAt0b3VjaCBwd25lZJSFlFKULg=="},
    "an object by its name": {"value": {"py/object": "crm_course.answers.comparing.scores.Score", "share": 1.0}},
    "a function by its name": {"value": {"__reduce__": ["os.system", ["touch pwned"]]}},
    "marks in it": {"share": 1.0, "got": 2.0, "state": "right"},
    "another version": {"v": 2},
    "true as a number": {"value": True},
    "no number": {"value": "NaN"},
    "a number of a thousand digits": {"value": 10**1000},
    "a question that there is not": {"question": "q99"},
    "a question of many": {"question": ["q1", "q2"]},
    "a table that is equal to all": {
        "kind": "table",
        "value": {"columns": ["a"], "dtypes": ["object"], "rows": [["*"]]},
    },
    "another key": {"expected": 0.5, "value": 0.5},
}


def answer(result, name):
    """One question of a result."""
    return next(one for one in result["questions"] if one["id"] == name)


@pytest.mark.parametrize("cheat", CHEATS)
def test_overriding_what_compares_is_worth_nothing(cheat, graded, notebook, hand_in):
    code = CHEATS[cheat] if "answer(" in CHEATS[cheat] else f"{WRONG}\n{CHEATS[cheat]}"
    _, found = graded(hand_in(mallory=notebook(solved=False, q1=code)))

    assert answer(found["mallory"], "q1")["state"] == "wrong"
    assert found["mallory"]["marks"]["got"] == 0


def test_bundles_made_by_hand_are_read_as_plain_values_or_not_at_all(graded, notebook, hand_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = "\n".join(f"display({{{MIME!r}: {BUNDLE | one!r}, 'text/plain': ''}}, raw=True)" for one in FORGED.values())
    batch, found = graded(hand_in(mallory=notebook(solved=False, q1=f'{cells}\nanswer("q1", 0.5, unit="HK$")')))

    assert batch.whole
    assert (answer(found["mallory"], "q1")["state"], found["mallory"]["marks"]["got"]) == ("wrong", 0)
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("forged", FORGED)
def test_such_a_bundle_is_never_right(forged, released):
    from crm_course.answers.encoding.decoding import decode
    from crm_course.answers.values import Unreadable

    try:
        read = decode(BUNDLE | FORGED[forged])
    except Unreadable as problem:
        assert len(str(problem)) < 200
    else:
        assert type(read.value) in (str, float) and read.value != encode("q1", 1.0)["value"]


def test_there_is_nothing_to_find_in_the_process(trusted, confined, canary):
    """Frames and objects are memory: all of it is searched, for words of the canary's shape and its hash."""
    search = f"""
import hashlib, re
def is_in_memory(wanted):
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for place in (re.match("([0-9a-f]+)-([0-9a-f]+) rw", line) for line in maps if "[v" not in line):
            begin, end = (int(one, 16) for one in place.groups()) if place else (0, 0)
            memory.seek(begin)
            for word in re.findall(b"[0-9a-f]{{32}}", memory.read(end - begin)):
                if hashlib.sha256(word).hexdigest() == wanted: return True
    return False
is_in_memory({hashlib.sha256(canary.encode()).hexdigest()!r})
"""
    assert trusted.tell(search, cell_seconds=30) == "True"
    assert confined.tell(search, cell_seconds=30) == "False"


def test_neither_key_nor_truth_nor_seed_nor_gradebook_is_among_the_modules_and_files(confined):
    loaded = confined.tell("' '.join(name for name in sys.modules if name.startswith('crm_course'))").split()
    seen = confined.tell("' '.join(str(one) for one in pathlib.Path('.').rglob('*'))").split()

    rooms = {name.split(".")[1] for name in loaded if "." in name}
    assert rooms & {"grading", "exercise", "release", "simulator"} == set()
    assert not [name for name in seen if any(word in name for word in ("key", "truth", "seed", "secret", "hidden"))]


def own_answers(released, trainee):
    store = open_store(released / "packets" / trainee / "store")
    visits = store.table("orders").dropna(subset=["customer_id"]).groupby("customer_id").size()
    often = sorted(visits[visits >= visits.nlargest(5).min()].index)
    return float(store.table("order_lines")["amount"].sum()), often


def test_answers_that_were_typed_in_lose_on_the_hidden_store(graded, notebook, hand_in, released):
    total, often = own_answers(released, "mallory")
    typed = {"q1": f'answer("q1", {total!r}, unit="HK$")', "q2": f'answer("q2", {often!r})'}
    _, found = graded(hand_in(mallory=notebook(solved=False, **typed), ann=notebook()))

    for name in ("q1", "q2"):
        one = answer(found["mallory"], name)
        assert (one["share_home"], one["only_at_home"]) == (1.0, True)
        assert one["share"] < 0.5
        assert answer(found["ann"], name)["share"] == 1.0


def test_one_that_is_right_only_where_it_knows_the_store_is_told(graded, notebook, hand_in, released):
    """It looks at the data; the other way round, there is nothing to win."""
    total, _ = own_answers(released, "mallory")
    sly = f'answer("q1", lines["amount"].sum() if abs(lines["amount"].sum() - {total!r}) < 1 else 0.0, unit="HK$")'
    coy = sly.replace('lines["amount"].sum() if', "0.0 if").replace("else 0.0", 'else lines["amount"].sum()')
    _, found = graded(hand_in(mallory=notebook(q1=sly)))
    at_home = answer(found["mallory"], "q1")
    _, found = graded(hand_in(mallory=notebook(q1=coy)))
    away = answer(found["mallory"], "q1")

    assert (at_home["share_home"], at_home["share_hidden"], at_home["only_at_home"]) == (1.0, 0.0, False)
    assert any("here it was right by accident" in one for one in at_home["remarks"])
    assert at_home["share"] < 0.5
    assert (away["share_home"], away["share"], away["state"]) == (0.0, 0.0, "wrong")
    assert {"home", "hidden"} == set(found["mallory"]["runs"])


def test_what_a_file_brings_along_does_not_choose_how_it_is_run(graded, notebook, hand_in, released, tmp_path):
    """Another kernel, tags that leave cells out or forgive errors, outputs and answers of an earlier run."""
    total, _ = own_answers(released, "mallory")
    made = notebook(solved=False, q1=f"open('pwned', 'w'); {WRONG}")
    made.metadata["kernelspec"] = {"name": "evil", "display_name": "evil", "language": "bash"}
    made.metadata["kernel_info"] = {"argv": ["touch", str(tmp_path / "pwned")]}
    made.metadata["papermill"] = {"parameters": {"q1": total}, "exception": False}
    stored = {MIME: BUNDLE | {"value": total}, "text/plain": "q1 recorded: PASSED"}
    for cell in made.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell", "parameters"]
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", stored), new_output("stream", text="PASSED")]
            cell.execution_count = 7
    made.cells.append(new_code_cell("", outputs=[new_output("display_data", stored)]))
    _, found = graded(hand_in(mallory=made))

    assert (answer(found["mallory"], "q1")["state"], found["mallory"]["marks"]["got"]) == ("wrong", 0)
    assert answer(found["mallory"], "q1")["given"]["value"] == 0.5
    assert not (tmp_path / "pwned").exists()
    for run in (tmp_path / "graded" / "runs").iterdir():
        kept = nbformat.read(run, as_version=4)
        assert "PASSED" not in nbformat.writes(kept) and "evil" not in nbformat.writes(kept)
        assert [cell.metadata.get("tags", []) for cell in kept.cells] == [[]] * len(kept.cells)


def test_who_ends_the_process_before_an_answer_has_none(graded, notebook, hand_in):
    _, found = graded(hand_in(mallory=notebook(q1="import os\nos._exit(0)")))

    assert found["mallory"]["runs"]["home"]["ended"] == "kernel died"
    assert {one["state"] for one in found["mallory"]["questions"] if one["kind"] != "written"} == {"not answered"}
    assert found["mallory"]["marks"]["got"] == 0


def test_a_run_knows_nothing_of_which_store_it_is_on_but_its_data(confined, released):
    look = "import os, json\njson.dumps([sorted(os.listdir('.')), os.getcwd(), sorted(os.environ)])"
    home, away = (
        text(confined.slot.run(nbformat.v4.new_notebook(cells=[new_code_cell(look)]), folder))
        for folder in (released / "packets" / "mallory", released / "instructor" / "hidden" / "1")
    )

    assert [word for word in ("truth", "hidden", "secret", "instructor") if word in home + away] == []
