"""A batch: what is handed in comes back graded, whatever is among it, and nothing is done twice."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace

import pytest
from nbformat import v4
from typer.testing import CliRunner

from crm_course.cli.terminal import app
from crm_course.errors import CourseError, WrongCall
from crm_course.grading import batch as batch_module
from crm_course.grading import worker
from crm_course.grading.batch import grade
from crm_course.grading.gradebook import Gradebook
from crm_course.grading.results import results, standing
from crm_course.running.pool import DIED, InProcess, pool
from crm_course.tables.store import open_store

SLOW = "import time\n" + 'time.sleep(0.8)\nanswer("q1", lines["amount"].sum(), unit="HK$")'


@pytest.fixture(autouse=True)
def at_hand(request, inline):
    """Let the test's own process do the work, but where it is the processes that matter."""
    if "processes" not in request.keywords:
        inline()


def graded(bench, submissions, **options):
    """Grade, and give the batch and the results by trainee."""
    batch = grade(bench, submissions, jobs=1, **options)
    with Gradebook(bench.out) as book:
        return batch, {one.trainee.id: one.model_dump(mode="json") for one in results(book)}


def answer(result, name):
    return next(one for one in result["questions"] if one["id"] == name)


def told(result, name):
    return " ".join(answer(result, name)["remarks"])


# What is handed in ---------------------------------------------------------------------------------


def test_everything_that_can_be_handed_in_comes_back_with_a_line(bench, notebook, hand_in):
    typed = notebook(solved=False, q1='answer("q1", 12345.0, unit="HK$")', q2='answer("q2", ["C0000001"])')
    submissions = hand_in(
        ann=notebook(),
        bo=notebook(solved=False),
        cy=notebook(q1='raise ValueError("in the middle")\nanswer("q1", 1)'),
        eve=b"{ cut off",
        fay=notebook(q1="x = 1"),
        gil=notebook(q2='answer("q2", q2 := ["C0000001"])\nanswer("q2", "everybody")'),
        hal=notebook(q2='answer("q2", pd.DataFrame({"x": range(1_000_000)}))'),
        ida=notebook(q2='class Mine: pass\nanswer("q2", Mine())'),
        jo=notebook(q1='answer("q1", (lines["amount"] + lines["discount"]).sum(), unit="HK$")'),
        kim=typed,
        nobody_at_all=notebook(),
    )

    batch, found = graded(bench, submissions)

    assert batch.problems == {}
    assert (answer(found["ann"], "q1")["state"], answer(found["ann"], "q2")["state"]) == ("right", "right")
    assert answer(found["ann"], "q3")["state"] == "to be marked"
    assert found["ann"]["marks"] == {"got": 5.0, "of": 9.0, "to_be_marked": 4.0}

    assert {one["state"] for one in found["bo"]["questions"]} == {"not answered"}
    assert found["bo"]["marks"]["got"] == 0

    assert answer(found["cy"], "q1")["error"]["text"] == "in the middle"
    assert answer(found["cy"], "q2")["state"] == "right"  # the run goes on after a cell that raises

    assert found["eve"]["submission"]["state"] == "unreadable"
    assert found["eve"]["submission"]["why"] == "is no notebook: not JSON from line 1 on; it may be cut off"

    assert told(found["fay"], "q1") == 'Your notebook has no cell with answer("q1", …).'
    assert answer(found["fay"], "q2")["state"] == "right"

    assert "a list is asked for" in told(found["gil"], "q2")
    assert answer(found["hal"], "q2")["error"]["text"].startswith("q2: a table of 1,000,000 rows is too large")
    assert "Mine" in answer(found["ida"], "q2")["error"]["text"]

    assert answer(found["jo"], "q1")["slip"]["text"] == "You counted list prices."
    assert answer(found["kim"], "q1")["state"] == "wrong"
    assert found["lee"]["submission"]["state"] == "nothing handed in"

    with Gradebook(bench.out) as book:
        stands = standing(book).as_dict()
    assert [one["file"] for one in stands["unassigned"]] == ["nobody_at_all.ipynb"] or stands["unassigned"] == []
    assert stands["sandbox_lacks"] == []  # without a sandbox nothing is said of its walls
    assert (stands["trainees"], stands["graded"], stands["unreadable"]) == (12, 9, 1)
    assert "eve" in {one["trainee"] for one in stands["needs_a_person"]}


def test_a_notebook_that_does_not_end_is_stopped_and_needs_a_person(bench, notebook, hand_in):
    short = replace(bench, limits=replace(bench.limits, cell_seconds=1))

    _, found = graded(short, hand_in(dee=notebook(q1='while True: pass\nanswer("q1", 1)')))

    assert found["dee"]["runs"]["home"]["ended"] == "time limit"
    assert "stopped in cell" in told(found["dee"], "q2")
    assert answer(found["dee"], "q3")["state"] == "to be marked"
    with Gradebook(bench.out) as book:
        assert "dee" in {one["trainee"] for one in standing(book).as_dict()["needs_a_person"]}


def test_answers_typed_in_are_right_at_home_and_lose_on_the_hidden_store(bench, notebook, hand_in, released):
    first = hand_in(ann=notebook())
    _, found = graded(bench, first)
    total = answer(found["ann"], "q1")["expected"]["value"]
    names = answer(found["ann"], "q2")["expected"]["value"]
    typed = {"q1": f'answer("q1", {total!r}, unit="HK$")', "q2": f'answer("q2", {names!r})'}

    _, found = graded(replace(bench, out=bench.out / "again"), hand_in(ann=notebook(solved=False, **typed)))

    for name in ("q1", "q2"):
        one = answer(found["ann"], name)
        assert (one["share_home"], one["only_at_home"], one["discriminating"]) == (1.0, True, True)
        assert one["share"] < 0.5


def test_a_notebook_that_looks_where_it_is_shows_a_difference(bench, notebook, hand_in):
    sly = (
        'import pathlib\nif pathlib.Path("store").exists() and len(orders) % 7 >= 0:\n    answer("q1", 5.0, unit="HK$")'
    )

    _, found = graded(bench, hand_in(ann=notebook(q1=sly)))

    assert answer(found["ann"], "q1")["share_home"] == 0.0
    assert {"home", "hidden"} == set(found["ann"]["runs"])


def test_two_files_of_a_trainee_are_told_and_the_policy_decides(bench, notebook, hand_in):
    folder = hand_in(ann_old=notebook(), ann_new=notebook(solved=False))
    os.utime(folder / "ann_old.ipynb", (1e9, 1e9))

    _, last = graded(bench, folder)
    _, best = graded(bench, folder, policy="best")

    assert last["ann"]["marks"]["got"] == 0
    assert last["ann"]["submission"]["notes"] == ["2 notebooks were handed in; the last one counts: ann_new.ipynb."]
    assert best["ann"]["marks"]["got"] == 5


# Going on -----------------------------------------------------------------------------------------


def counted(bench):
    with Gradebook(bench.out) as book:
        return book.content(), {row["id"]: row["seconds"] for row in book.rows("runs")}


def test_a_second_batch_does_nothing_again(bench, notebook, hand_in):
    submissions = hand_in(ann=notebook(), bo=notebook(solved=False))
    first, _ = graded(bench, submissions)
    before = counted(bench)

    second, _ = graded(bench, submissions)

    assert (first.ran, first.scored) == (4, 6)
    assert (second.ran, second.scored) == (0, 0)
    assert counted(bench) == before


def test_a_new_file_alone_is_graded(bench, notebook, hand_in):
    graded(bench, hand_in(ann=notebook()))

    second, found = graded(bench, hand_in(bo=notebook()))

    assert (second.submissions, second.ran) == (2, 2)
    assert found["bo"]["marks"]["got"] == 5


def test_a_changed_question_is_scored_again_and_nothing_runs(bench, sample, notebook, hand_in, tmp_path):
    copy = tmp_path / sample.name
    copy.mkdir()
    for path in sample.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    bench = replace(bench, exercise=copy)
    submissions = hand_in(ann=notebook(q1='answer("q1", lines["amount"].sum() * 1.01, unit="HK$")'))
    _, before = graded(bench, submissions)
    text = (copy / "questions.yml").read_text()
    (copy / "questions.yml").write_text(text.replace("{rel: 0.001}", "{rel: 0.02}"))

    again, after = graded(bench, submissions)

    assert (again.ran, again.scored) == (0, 1)
    assert (answer(before["ann"], "q1")["got"], answer(after["ann"], "q1")["got"]) == (0.0, 2.0)


def command(bench, submissions):
    limits = ["--cell-seconds", "5", "--run-seconds", "20", "--jobs", "1", "--unsafe-no-sandbox", "--json"]
    folders = [str(bench.exercise), str(submissions), "--release", str(bench.release), "-o", str(bench.out)]
    return [sys.executable, "-m", "crm_course", "grade", *folders, *limits]


@pytest.mark.long
@pytest.mark.processes
def test_a_batch_that_is_killed_goes_on_to_the_same_gradebook(bench, notebook, hand_in, inline):
    submissions = hand_in(**{one: notebook(q1=SLOW) for one in ("ann", "bo", "cy")})
    undisturbed = replace(bench, out=bench.out / "undisturbed")
    inline()
    graded(undisturbed, submissions)

    process = subprocess.Popen(command(bench, submissions), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finished = _wait_for_runs(bench, 1, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = counted(bench)[1]
    again = json.loads(subprocess.run(command(bench, submissions), capture_output=True, text=True, check=True).stdout)

    assert 0 < finished < 6
    assert again["ran"] == 6 - len(kept)
    content, seconds = counted(bench)
    assert content == counted(undisturbed)[0]
    assert kept.items() <= seconds.items()


def _wait_for_runs(bench, number, process):
    for _ in range(600):
        time.sleep(0.1)
        if (bench.out / "gradebook.sqlite").is_file():
            with Gradebook(bench.out) as book:
                if len(book.rows("runs")) >= number:
                    return len(book.rows("runs"))
        assert process.poll() is None, "the batch ended before it could be killed"
    raise AssertionError("no run was finished in a minute")


# Wrong calls --------------------------------------------------------------------------------------


def test_a_release_of_another_exercise_is_refused(bench, tmp_path, hand_in):
    other = tmp_path / "92_other"
    other.mkdir()

    with pytest.raises(WrongCall, match="is a release of 91_sample, not of 92_other"):
        grade(replace(bench, exercise=other), hand_in())


def test_a_folder_that_is_no_release_is_refused(bench, tmp_path, hand_in):
    with pytest.raises(WrongCall, match="is no release; name the folder that `crm-course release -o` wrote"):
        grade(replace(bench, release=tmp_path), hand_in())


def test_a_gradebook_of_another_release_is_not_gone_on_with(bench, hand_in, tmp_path):
    with Gradebook(bench.out, make=True) as book, book.writing():
        book.about["release"] = "/somewhere/else"

    with pytest.raises(WrongCall, match="holds the gradebook of /somewhere/else"):
        grade(bench, hand_in())


def test_an_empty_folder_of_submissions_is_a_batch_of_nobody(bench, hand_in):
    batch, found = graded(bench, hand_in())

    assert (batch.submissions, batch.whole) == (0, True)
    assert {one["submission"]["state"] for one in found.values()} == {"nothing handed in"}


def test_the_process_of_the_batch_does_without_the_science_stack():
    code = (
        "import sys, crm_course.cli, crm_course.grading.batch, crm_course.grading.results\n"
        "print([one for one in ('numpy', 'pandas', 'scipy', 'matplotlib', 'IPython') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_notebook_without_a_question_is_told(bench, hand_in):
    _, found = graded(bench, hand_in(ann=v4.new_notebook(cells=[v4.new_code_cell("1 + 1")])))

    assert found["ann"]["submission"]["why"] == "holds no question of the exercise; is it another notebook?"


# Other workers ------------------------------------------------------------------------------------


def test_a_batch_that_is_interrupted_says_that_it_can_go_on(bench, notebook, hand_in, monkeypatch, inline):
    class Interrupted(InProcess):
        def run(self, task, calls):
            for done in super().run(task, calls):
                yield done
                if task.func not in (worker.read, worker.prepare):
                    raise KeyboardInterrupt

    monkeypatch.setattr(batch_module, "pool", lambda *_: nullcontext(Interrupted()))
    words = command(bench, hand_in(ann=notebook(), bo=notebook()))[3:]

    told = CliRunner().invoke(app, words[:-1])
    inline()
    again = json.loads(CliRunner().invoke(app, words).output)

    assert told.exit_code == 1
    assert "stopped before the end; what is done is kept: the same command goes on" in told.output
    assert (again["ran"], again["submissions"]) == (2, 2)


@pytest.mark.long
@pytest.mark.processes
def test_an_interrupted_batch_of_processes_says_so_as_well(bench, notebook, hand_in):
    submissions = hand_in(**{one: notebook(q1=SLOW) for one in ("ann", "bo")})
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    process = subprocess.Popen(command(bench, submissions)[:-1], stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    _wait_for_runs(bench, 1, process)

    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "stopped before the end; what is done is kept: the same command goes on" in told


@pytest.mark.long
@pytest.mark.processes
def test_a_cluster_gives_the_same_gradebook(bench, notebook, hand_in):
    distributed = pytest.importorskip("distributed")
    submissions = hand_in(ann=notebook(), bo=notebook(solved=False), cy=b"{")
    alone = replace(bench, out=bench.out / "alone")
    graded(alone, submissions)

    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        batch, _ = graded(bench, submissions, scheduler=cluster.scheduler_address)

    assert batch.problems == {}
    assert counted(bench)[0] == counted(alone)[0]


def test_a_scheduler_that_is_not_there_is_told(bench, hand_in, monkeypatch):
    monkeypatch.undo()  # the workers are a cluster's
    monkeypatch.setattr("crm_course.running.pool.SCHEDULER_SECONDS", 1)

    with pytest.raises(CourseError, match=r"--scheduler tcp://127\.0\.0\.1:9: nobody answers there"):
        grade(bench, hand_in(), scheduler="tcp://127.0.0.1:9")


def test_a_worker_that_dies_twice_over_a_task_is_named_and_the_others_go_on():
    with pool(1) as workers:
        found = {done.arguments: (done.result, done.problem) for done in workers.run(ends, [(0,), (1,), (2,)])}

    assert found == {(0,): (0, ""), (1,): (None, DIED), (2,): (2, "")}


def ends(number):
    """Give a number back, or die of it."""
    if number == 1:
        os._exit(1)
    return number


# Computed, rounded, typed in ----------------------------------------------------------------------


def test_a_computed_answer_that_was_rounded_is_not_taken_for_one_typed_in(bench, notebook, hand_in):
    rounded = notebook(q1='answer("q1", lines["amount"].sum() * 1.0009, unit="HK$")')

    _, found = graded(bench, hand_in(ann=rounded))

    assert (answer(found["ann"], "q1")["got"], answer(found["ann"], "q1")["only_at_home"]) == (2.0, False)


def test_an_answer_that_is_right_by_accident_loses_and_is_not_called_typed_in(bench, notebook, hand_in, released):
    first = hand_in(ann=notebook())
    _, found = graded(bench, first)
    total = answer(found["ann"], "q1")["expected"]["value"]
    accident = f'answer("q1", {total!r} + (len(orders) - LENGTH) * 1000.0, unit="HK$")'
    length = len(open_store(released / "packets" / "ann" / "store").table("orders").dropna(subset=["customer_id"]))

    again = replace(bench, out=bench.out / "again")
    _, found = graded(again, hand_in(ann=notebook(q1=accident.replace("LENGTH", str(length)))))

    one = answer(found["ann"], "q1")
    assert (one["share_home"], one["got"], one["only_at_home"]) == (1.0, 0.0, False)
    assert "here it was right by accident" in told(found["ann"], "q1")
