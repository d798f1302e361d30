"""Every exercise proves itself: the solution is right, the empty release is not, every slip is told by its name.

A new exercise needs its folder, and its line in ``seeds.yml``.
"""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from crm_course.answers.collecting import collect
from crm_course.answers.prose import words, written_answers
from crm_course.answers.released import read_forms
from crm_course.curriculum import criteria
from crm_course.exercise.find import NUMBERED
from crm_course.exercise.notebook import leaks, questions_in
from crm_course.exercise.proving import lacking
from crm_course.exercise.slips import check_slips, diagnose
from crm_course.grading.scoring import worth
from crm_course.release.stores import MOST_ATTEMPTS

EXERCISES = sorted(path.name for path in (Path(__file__).resolve().parents[2] / "exercises").glob(NUMBERED))
ONLY_INSTRUCTORS = ("compare", "slips", "rubric", "model_points", "hidden", "marks", "read_again", "tolerance")
IN_PARTS = ("figure", "list", "ranking", "set", "table")  # an answer of another store may be right in some by chance
BY_CHANCE = 1 / 3  # two Lorenz curves, say, may lie within tolerance over a good part of their length


@pytest.fixture(scope="module", params=EXERCISES)
def proof(request, proof_of):
    return proof_of(request.param)


@pytest.fixture(scope="module", params=EXERCISES)
def on_all(request, proof_of):
    """The proof on all of the exercise's stores, for what a few need not show."""
    return proof_of(request.param, None)


def test_every_exercise_has_stores_to_prove_itself_on(seeds):
    assert sorted(seeds) == EXERCISES
    assert all(len(set(of_one)) >= 2 for of_one in seeds.values())


# questions.yml ------------------------------------------------------------------------------------


def test_every_question_is_asked_in_the_notebook_in_order_and_of_its_kind(proof):
    found = questions_in(proof.released, {name: one.kind for name, one in proof.questions.items()})

    assert list(found) == list(proof.questions) == [f"q{number}" for number in range(1, len(found) + 1)]
    headings = [cell.source.splitlines()[0] for cell in proof.released.cells if cell.source.startswith("## ")]
    assert headings == [f"## {one.id} {one.title}" for one in proof.questions.values()]


def test_at_most_half_of_the_marks_are_computed(proof):
    total = sum(one.marks for one in proof.questions.values())

    assert 0 < sum(one.marks for one in proof.computed.values()) <= total / 2


def test_questions_examine_criteria_of_the_unit(proof):
    assert {code for one in proof.questions.values() for code in one.criteria} <= set(criteria())


def test_every_slip_is_named_and_computed_and_every_computed_question_has_two(proof):
    check_slips(proof.questions.values(), proof.slips)

    assert {name: one.slips for name, one in proof.computed.items() if len(one.slips) < 2} == {}


def test_a_choice_and_a_ranking_can_be_judged_by_what_they_are_worth(proof):
    by_value = {name for name, one in proof.computed.items() if one.kind in ("choice", "ranking")}

    assert set(proof.slips.worth) == by_value


def test_there_are_three_model_answers_a_level_of_each_written_question(proof):
    for one in proof.written.values():
        levels = [answer.split(":")[0] for answer in one.model_points]
        assert levels == [f"level {level}" for level in range(4) for _ in range(3)], one.id
        low, high = one.form.words
        count = {answer: words(answer.split(": ", 1)[1]) for answer in one.model_points}
        assert {answer: number for answer, number in count.items() if not low <= number <= high} == {}


# The solution -------------------------------------------------------------------------------------


def test_the_solution_runs_without_the_truth_and_gets_all_marks(proof):
    assert {seed: (one.problems, one.finished) for seed, one in proof.packets.items()} == dict.fromkeys(
        proof.seeds, ([], True)
    )
    for seed, packet in proof.packets.items():
        shares = {name: packet.key.score(one, packet.answers[name]).share for name, one in proof.computed.items()}
        assert shares == dict.fromkeys(proof.computed, 1.0), seed


def test_the_form_of_every_answer_of_the_solution_is_right(proof):
    for seed, packet in proof.packets.items():
        texts = [
            output["data"]["text/plain"]
            for cell in packet.notebook.cells
            for output in cell.get("outputs", [])
            if " recorded: " in output.get("data", {}).get("text/plain", "")
        ]
        assert len(texts) == len(proof.computed), seed
        assert [text for text in texts if not text.endswith("Its form is right.")] == [], seed


def test_the_written_answers_of_the_solution_are_as_long_as_is_asked(proof):
    answers = written_answers(proof.first.notebook, proof.released)
    count = {name: words(answers[name]) for name in proof.written}

    for name, one in proof.written.items():
        low, high = one.form.words
        assert low <= count[name] <= high, name


# What is handed out -------------------------------------------------------------------------------


def test_the_empty_release_runs_to_its_end_and_gets_nothing(proof):
    found = collect(proof.empty.notebook)

    assert (proof.empty.problems, proof.empty.finished, found.unreadable) == ([], True, ())
    assert {name: answer.kind for name, answer in found.answers.items()} == dict.fromkeys(proof.computed, "nothing")
    assert {name: proof.first.key.score(one, found.answers[name]).share for name, one in proof.computed.items()} == (
        dict.fromkeys(proof.computed, 0)
    )


def test_the_empty_release_has_no_written_answer(proof):
    answers = written_answers(proof.empty.notebook, proof.released)

    assert {name: words(answers[name]) for name in proof.written} == dict.fromkeys(proof.written, 0)


def test_the_release_leaks_nothing_of_the_solution(proof):
    assert leaks(proof.released, proof.exercise) == []


def test_the_release_says_nothing_of_slips_or_rubrics(proof):
    text = spaced("\n".join(cell.source for cell in proof.released.cells))
    levels = [level for one in proof.written.values() for row in one.rubric.values() for level in row[1:]]

    assert [one.text for one in proof.slips.slips if spaced(one.text) in text] == []
    assert [level for level in levels if spaced(level) in text] == []


def spaced(text):
    return " ".join(text.split())


def test_the_forms_hold_what_an_answer_looks_like_and_nothing_else(proof):
    path = proof.first.folder / "forms.json"
    text = path.read_text(encoding="utf-8")

    assert list(read_forms(path)) == list(proof.questions)
    assert {key for one in json.loads(text)["questions"] for key in one} <= {
        "id",
        "title",
        "kind",
        "type",
        "form",
        "text",
    }
    assert [name for name in ONLY_INSTRUCTORS if f'"{name}"' in text] == []


# Wrong answers ------------------------------------------------------------------------------------


def test_every_slip_is_wrong_and_told_by_its_name(proof):
    for seed, packet in proof.packets.items():
        for name, one in proof.computed.items():
            slips = proof.loaded.slip_answers(one, packet.key)
            told = {slip.name: diagnose(one, given, slips) for slip, given in with_a_name(slips).items()}
            assert {name: found.name for name, found in told.items() if found} == {name: name for name in told}, seed
            right = [slip.name for slip, given in slips.items() if packet.key.score(one, given).share >= 1]
            assert right == [], seed


def test_no_slip_is_too_near_to_the_key_and_nothing_is_a_toss_up(proof):
    unfair = {seed: proof.loaded.unfair(packet.key) for seed, packet in proof.packets.items()}

    assert unfair == {seed: [] for seed in proof.seeds}


def with_a_name(slips):
    """The slips that are told by their names: an empty list can have come about in any way."""
    return {slip: given for slip, given in slips.items() if given.kind != "list" or given.value}


@pytest.mark.long
def test_its_stores_show_every_slip_and_every_verdict(on_all):
    assert lacking(on_all.loaded, {seed: packet.key for seed, packet in on_all.packets.items()}) == []


@pytest.mark.long
def test_answers_typed_in_from_one_store_are_worth_nothing_on_another(on_all):
    most = {name: BY_CHANCE if one.kind in IN_PARTS else 0.0 for name, one in on_all.computed.items()}
    for home, one in on_all.packets.items():
        left = {away: got(on_all, one.key, other.key) for away, other in on_all.packets.items() if away != home}
        kept = {
            away: {name: share for name, share in shares.items() if share > most[name]} for away, shares in left.items()
        }
        assert {} in kept.values(), (home, kept)


def got(proof, home, away):
    """Share of the marks that a grader leaves of what was computed at home and typed in away."""
    return {
        name: worth(one, home.score(one, home.answers[name]), away.score(one, home.answers[name]))
        for name, one in proof.computed.items()
    }


def verdicts(proof):
    """The questions whose answer is one of a few words."""
    return {name: one for name, one in proof.computed.items() if one.kind == "verdict"}


# Many stores --------------------------------------------------------------------------------------


@pytest.mark.proof
@pytest.mark.parametrize("stores", [100])
def test_on_any_store_the_solution_runs_and_no_slip_is_right_and_most_seeds_are_kept(proof, stores):
    dice, kept, refused = random.Random(f"{proof.exercise.name}, {stores} stores"), 0, []
    right = {name: Counter(dict.fromkeys(one.form.one_of, 0)) for name, one in verdicts(proof).items()}
    while kept < stores:
        seed = dice.getrandbits(128)
        with proof.on(seed) as (_store, key, reasons):
            if reasons:
                refused.append(reasons)
                assert len(refused) < max(MOST_ATTEMPTS, stores), refused
                continue
            kept += 1
            for name, one in proof.computed.items():
                slips = proof.loaded.slip_answers(one, key)
                assert key.score(one, key.answers[name]).right, (seed, name)
                for slip, given in slips.items():
                    assert not key.score(one, given).right, (seed, name, slip.name)
                for slip, given in with_a_name(slips).items():
                    assert diagnose(one, given, slips).name == slip.name, (seed, name, slip.name)
            for name, count in right.items():
                count[key.answers[name].value] += 1

    by_reason = Counter(one.split(":")[0] for reasons in refused for one in reasons)
    found = {name: dict(count) for name, count in right.items()}
    print(f"{proof.exercise.name}: {len(refused)} refused, {dict(by_reason)}; {kept} kept, with verdicts {found}")
    if stores >= 100:
        assert {name: count for name, count in found.items() if min(count.values()) <= stores / 20} == {}
