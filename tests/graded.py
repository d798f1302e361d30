"""Results as a grader writes them, made of real questions, answers and comparisons."""

from __future__ import annotations

import ast
import contextlib
import copy
import json
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd

from crm_course import resources
from crm_course.answers.comparing import compare
from crm_course.answers.encoding.decoding import decode
from crm_course.answers.encoding.encoding import encode
from crm_course.exercise.questions_file import read_questions
from crm_course.running.chapters import read_source
from crm_course.running.page import page_of

EXERCISE = {"name": "03_customer_value", "title": "Exercise 3 · Customer value"}
QUESTIONS = read_questions(Path(__file__).resolve().parent.parent / "exercises/03_customer_value/questions.yml")
IDS = [f"C{number:05d}" for number in range(1, 561)]
RNG = np.random.default_rng(7)
TABLE = pd.DataFrame(
    {
        "customer_id": IDS,
        "frequency": RNG.poisson(2, 560),
        "recency": RNG.integers(0, 700, 560),
        "T": RNG.integers(700, 1000, 560),
        "monetary_value": RNG.gamma(3, 100, 560).round(2),
    }
)
SLIP = {
    "name": "past_spend",
    "text": "Your list is that of the biggest spenders so far. Who spent most is not who will spend most.",
    "read_again": "03 Customer value, section 6",
}
PROSE = """Kit should invite the fifty consenting customers of my list. It costs HK$2,000.

They should bring HK$57,000 in twelve months (90 % interval 45,000 to 70,000), invited or not. 大客戶未必再來。"""


def curve(share=0.8, title="The top 20 % bring 61 % of net sales", unit=" (share)"):
    figure, ax = plt.subplots()
    x = np.linspace(0, 1, 200)
    ax.plot(x, x ** (1 - share))
    ax.set(xlabel=f"customers, best first{unit}", ylabel=f"net sales{unit}", title=title)
    bundle = encode("q4", ax)
    plt.close(figure)
    return bundle


SLIPPED = TABLE.assign(monetary_value=(TABLE["monetary_value"] * 1.07).round(2)).iloc[:-3]
KEY = {
    "q1": encode("q1", 0.4213, "share"),
    "q2": encode("q2", TABLE),
    "q3": encode("q3", IDS[:10]),
    "q4": curve(),
    "q5": encode("q5", 4.31, "%"),
    "q6": encode("q6", IDS[:50]),
    "q7": encode("q7", 57_412.5, "HK$"),
    "q8": encode("q8", "cannot tell"),
}
GIVEN = {
    "q1": encode("q1", 0.4213, "share"),
    "q2": encode("q2", SLIPPED),
    "q3": encode("q3", [*IDS[:4], IDS[5], IDS[4], *IDS[6:9], IDS[30]]),
    "q4": curve(0.6, "Lorenz curve", ""),
    "q5": encode("q5", 4.31, "%"),
    "q6": encode("q6", IDS[20:70]),
    "q7": None,
    "q8": encode("q8", "works"),
}


def question(id, given="as usual", **fields):
    """One question of one trainee, compared as the grader does."""
    asked = next(one for one in QUESTIONS if one.id == id)
    result = {
        "id": id,
        "title": asked.title,
        "criteria": asked.criteria,
        "marks": asked.marks,
        "core": asked.core,
        "kind": asked.kind,
        "discriminating": True,
        "only_at_home": False,
        "parts": [],
        "remarks": [],
        "slip": None,
        "read_again": asked.read_again,
        "given": None,
        "expected": None,
        "error": None,
        "text": None,
        "words": None,
        "asked_words": None,
        "rubric": None,
        "levels": None,
        "comment": None,
        "share_home": None,
        "share_hidden": None,
    }
    if asked.kind == "written":
        result |= {"text": PROSE, "words": 42, "asked_words": list(asked.form.words), "rubric": asked.rubric}
        return result | {"state": "to be marked", "got": None, "share": None} | fields
    bundle = GIVEN[id] if isinstance(given, str) else given
    score = compare(decode(KEY[id]), decode(bundle) if bundle else None, asked)
    state = "right" if score.right else "partly right" if score.share else "wrong" if bundle else "not answered"
    result |= {"state": state, "got": score.share * asked.marks, "share": score.share, "given": bundle}
    result |= {"expected": KEY[id], "parts": [vars(part) for part in score.parts], "remarks": list(score.remarks)}
    return result | {"share_home": score.share, "share_hidden": score.share} | fields


def result(id="s1", name="Chan Tai Man 陳大文", questions=None, **fields):
    """One trainee's result: some right, some wrong, each in another way."""
    if questions is None:
        home = {"share_home": 1.0, "share_hidden": 0.0, "share": 0.0, "got": 0.0, "state": "wrong"}
        stopped = {"cell": 31, "name": "NameError", "text": "name 'clv_of_guests' is not defined"}
        questions = [
            question("q1", discriminating=False),
            question("q2"),
            question("q3"),
            question("q4"),
            question("q5", **home, only_at_home=True),
            question("q6", slip=SLIP),
            question("q7", error=stopped),
            question("q8"),
            question("q9"),
            question("q10"),
        ]
    whole = {
        "v": 1,
        "exercise": EXERCISE,
        "trainee": {"id": id, "name": name},
        "submission": {
            "file": f"{id}.ipynb",
            "received_at": "2026-11-20T09:15:00+00:00",
            "state": "graded",
            "why": "",
            "notes": [],
        },
        "runs": {
            "home": {"ended": "finished", "cell": None, "seconds": 4.2},
            "hidden": {"ended": "finished", "cell": None, "seconds": 4.1},
        },
        "sandboxed": True,
        "questions": questions,
    } | fields
    return whole | {"marks": _marks(whole["questions"])}


def _marks(questions):
    return {
        "got": sum(one["got"] or 0.0 for one in questions),
        "of": sum(one["marks"] for one in questions),
        "to_be_marked": sum(one["marks"] for one in questions if one["got"] is None),
    }


def not_graded(id, name, state, why=""):
    """Somebody of whom there is nothing to grade."""
    whole = result(id, name, [question(one.id, None, state="not answered", got=0.0, text=None) for one in QUESTIONS])
    whole["submission"] |= {"state": state, "why": why, "received_at": None}
    return whole | {"runs": {"home": None, "hidden": None}}


SURNAMES = [("Chan", "陳"), ("Wong", "黃"), ("Lee", "李"), ("Ho", "何"), ("Cheung", "張"), ("Ng", "吳"), ("Lam", "林")]
GIVEN_NAMES = [
    ("Tai Man", "大文"),
    ("Siu Ming", "小明"),
    ("Mei Ling", "美玲"),
    ("Ka Yan", "嘉欣"),
    ("Wing Sze", "詠詩"),
]
BARE = dict.fromkeys(("given", "expected", "text", "rubric"))


def class_of(count, seed=7):
    """A class: the able get more right; some did not hand in, and some files were broken."""
    rng = np.random.default_rng(seed)
    usual = result()["questions"]
    results = [_one(number, usual, rng) for number in range(1, count + 1)]
    unassigned = [{"file": "homework (2).ipynb", "why": "its name is that of no trainee"}] if count > 1 else []
    return {"v": 1, "exercise": EXERCISE, "sandboxed": True, "results": results, "unassigned": unassigned}


def _one(number, usual, rng):
    (last, hers), (first, own) = SURNAMES[number % 7], GIVEN_NAMES[number % 5]
    id, name = f"s{number}", f"{last} {first} {hers}{own}"
    if number % 29 == 5:
        return not_graded(id, name, "nothing handed in")
    if number % 31 == 9:
        return not_graded(id, name, "unreadable", "the file is no notebook: it ends in the middle")
    able = rng.normal()
    questions = [_by_luck(one, able - place / 8, rng) for place, one in enumerate(usual)]
    whole = result(id, name, questions)
    if number % 17 == 3:
        whole["runs"]["home"] = {"ended": "time limit", "cell": 31, "seconds": 60.0}
    return whole


def _by_luck(asked, able, rng):
    one = copy.copy(asked) | BARE
    if one["kind"] == "written":
        return one
    luck = able + rng.normal()
    in_part = luck > -0.7 and one["kind"] not in ("number", "verdict")
    state = "right" if luck > -0.3 else "partly right" if in_part else "wrong" if luck > -1.8 else "not answered"
    share = {"right": 1.0, "partly right": 0.5}.get(state, 0.0)
    home = state == "wrong" and one["id"] in ("q5", "q7") and bool(rng.random() < 0.15)
    slip = SLIP if state == "wrong" and one["id"] == "q6" and rng.random() < 0.6 else None
    return one | {"state": state, "share": share, "got": share * one["marks"], "only_at_home": home, "slip": slip}


def write(folder, name, content):
    """Write a file of the grader's."""
    path = Path(folder) / name
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def shown(kind, folder, **parameters):
    """Run a report's cells in this process and give its page; a notebook shows what a cell ends with."""
    notebook = read_source(resources.notebooks() / "reports" / f"{kind}_report.py")
    notebook.metadata["papermill"] = {"parameters": parameters}
    names = {}
    with contextlib.chdir(folder):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = _outputs(cell.source, names)
                names |= parameters if "parameters" in cell.metadata.get("tags", []) else {}
    plt.close("all")
    return page_of(notebook)


def _outputs(source, names):
    *before, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        exec(source, names)
        return []
    exec(compile(ast.Module(before, []), "cell", "exec"), names)
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    if not hasattr(value, "_repr_mimebundle_"):
        return []
    data, metadata = value._repr_mimebundle_()
    return [nbformat.v4.new_output("display_data", data, metadata=metadata)]
