"""Results: what the gradebook says of each trainee, in the form that reports read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from typing import Any

from crm_course.grading.gradebook import Gradebook

VERSION = 1
FINISHED = "finished"
HIGHEST = 3  # level of a row of a rubric
CLASS_LEAVES_OUT = ("given", "expected", "text", "rubric")
BROUGHT = {"counts": "graded", "unreadable": "unreadable"}


def results(book: Gradebook) -> list[dict[str, Any]]:
    """Give the result of every trainee of the roster, in its order.

    Returns
    -------
    list of dict
        See `crm_course.grading.reports.load` for their parts.
    """
    files = defaultdict(list)
    for row in book.rows("files"):
        files[row["trainee"]].append(dict(row))
    problems = book.about["problems"] or {}
    return [_result(book, one, files[one["id"]], problems.get(one["id"], "")) for one in book.about["roster"] or []]


def class_result(book: Gradebook, all_results: list[dict[str, Any]]) -> dict[str, Any]:
    """Give what the class report reads: all results without answers, and the files that are nobody's."""
    lean = [
        {**one, "questions": [{**it, **dict.fromkeys(CLASS_LEAVES_OUT)} for it in one["questions"]]}
        for one in all_results
    ]
    lost = [
        {"file": row["path"], "why": row["why"]}
        for row in book.rows("files")
        if row["state"] in ("unassigned", "unreadable") and not row["trainee"]
    ]
    return {
        "v": VERSION,
        "exercise": book.about["exercise"],
        "sandboxed": bool(book.about["sandboxed"]),
        "results": lean,
        "unassigned": lost,
    }


def _result(book: Gradebook, trainee: dict[str, str], files: list[dict[str, Any]], problem: str) -> dict[str, Any]:
    counting = [one for one in files if one["state"] == "counts"]
    tries = [(one, _questions(book, trainee["id"], one["digest"])) for one in counting]
    file, questions = max(tries, key=lambda pair: _got(pair[1]), default=(None, []))
    file = file or next((one for one in files if one["state"] == "unreadable"), None)
    ran = book.rows("runs", trainee=trainee["id"], submission=file["digest"]) if file else []
    state = "nothing handed in" if file is None else "graded" if questions else "unreadable"
    why = problem if state == "graded" or (file and file["state"] == "counts") else file["why"] if file else ""
    return {
        "v": VERSION,
        "exercise": book.about["exercise"],
        "trainee": trainee,
        "submission": {
            "file": file["path"] if file else "",
            "received_at": file["received_at"] or None if file else None,
            "state": state,
            "why": why,
            "notes": _notes(file, files, book.about["policy"]),
        },
        "runs": _runs(ran),
        "sandboxed": bool(book.about["sandboxed"]),
        "questions": questions,
        "marks": _marks(questions or book.about["questions"] or [], bool(questions)),
    }


def _questions(book: Gradebook, trainee: str, submission: str) -> list[dict[str, Any]]:
    rows = book.rows("scores", trainee=trainee, submission=submission)
    held = {row["question"]: json.loads(row["details"]) for row in rows}
    order = [one["id"] for one in book.about["questions"] or []]
    return [_marked(book, trainee, held[name]) for name in order if name in held]


def _marked(book: Gradebook, trainee: str, question: dict[str, Any]) -> dict[str, Any]:
    """Give a written answer with what a person gave it: full marks for the highest level in every row."""
    if question["state"] != "to be marked":
        return question
    about = {"trainee": trainee, "question": question["id"], "answer": answer_digest(question)}
    given = {row["part"]: row for row in book.rows("levels", **about)}
    levels = {part: given[part]["level"] for part in question["rubric"] if part in given}
    comment = " ".join(row["comment"] for row in given.values() if row["comment"]) or None
    if len(levels) < len(question["rubric"]):
        return {**question, "levels": levels or None, "comment": comment}
    share = sum(levels.values()) / (HIGHEST * len(levels))
    got = round(share * question["marks"], 4)
    return {**question, "state": "marked", "got": got, "share": round(share, 6), "levels": levels, "comment": comment}


def answer_digest(question: dict[str, Any]) -> str:
    """Give the hash of a written answer: what a person gave one text holds for no other."""
    return hashlib.sha256(question["text"].encode()).hexdigest()


def _got(questions: list[dict[str, Any]]) -> float:
    return sum(one["got"] or 0.0 for one in questions)


def _marks(questions: list[dict[str, Any]], graded: bool) -> dict[str, float]:
    return {
        "got": round(_got(questions), 2) if graded else 0.0,
        "of": sum(one["marks"] for one in questions),
        "to_be_marked": sum(one["marks"] for one in questions if graded and one["state"] == "to be marked"),
    }


def _runs(rows: list[Any]) -> dict[str, Any]:
    """Give the latest run at home and the latest on a hidden store."""
    found: dict[str, Any] = {"home": None, "hidden": None}
    for row in rows:
        kind = "home" if row["data"] == "home" else "hidden"
        found[kind] = {"ended": row["ended"], "cell": row["cell"], "seconds": row["seconds"]}
    return found


def _notes(file: dict[str, Any] | None, files: list[dict[str, Any]], policy: str | None) -> list[str]:
    """Tell what a trainee should know of what she handed in."""
    others = [one for one in files if one is not file and one["state"] in ("counts", "does not count")]
    notes = []
    if file and others:
        which = {"last": "the last one counts", "first": "the first one counts", "best": "the best one counts"}
        notes.append(f"{len(others) + 1} notebooks were handed in; {which[policy or 'last']}: {file['path']}.")
    broken = [one for one in files if one is not file and one["state"] == "unreadable"]
    notes += [f"{one['path']} {one['why']}." for one in broken]
    if file and file["state"] == "counts" and file["why"]:
        notes.append("This is not the notebook of your packet: it was made for somebody else.")
    return notes


def needs_a_person(all_results: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Give who needs a look, with the reason."""
    found = []
    for one in all_results:
        who, brought = one["trainee"]["id"], one["submission"]
        if brought["state"] == "unreadable" or brought["why"]:
            found.append((who, brought["why"]))
        found += [(who, note) for note in brought["notes"]]
        for kind, where in (("home", ""), ("hidden", " on the hidden store")):
            run = one["runs"][kind]
            if run and run["ended"] != FINISHED:
                found.append((who, f"the run ended in cell {run['cell']}{where}: {run['ended']}"))
        if alone := [it["id"] for it in one["questions"] if it["only_at_home"]]:
            found.append((who, f"right on the own store alone: {', '.join(alone)}"))
    return found


def standing(book: Gradebook) -> dict[str, Any]:
    """Give where a batch stands, as plain values: counts, what needs a person."""
    all_results = results(book)
    states = Counter(one["submission"]["state"] for one in all_results)
    marks = [one["marks"] for one in all_results if one["submission"]["state"] == "graded"]
    files = book.rows("files")
    nobodys = [row for row in files if not row["trainee"] and row["state"] in ("unassigned", "unreadable")]
    return {
        "exercise": (book.about["exercise"] or {}).get("name", ""),
        "sandboxed": bool(book.about["sandboxed"]),
        "sandbox_lacks": book.about["sandbox_lacks"] or [],
        "trainees": len(all_results),
        "graded": states["graded"],
        "nothing_handed_in": states["nothing handed in"],
        "unreadable": states["unreadable"],
        "files": len(files),
        "unassigned": [{"file": row["path"], "why": row["why"]} for row in nobodys],
        "to_be_marked": sum(it["state"] == "to be marked" for one in all_results for it in one["questions"]),
        "mean_marks": round(sum(one["got"] for one in marks) / len(marks), 2) if marks else None,
        "needs_a_person": [{"trainee": who, "why": why} for who, why in needs_a_person(all_results)],
    }
