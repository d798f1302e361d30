import hashlib
import io
import json
import shutil
import stat
import time
import zipfile

import nbformat
import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from crm_course import cli
from crm_course.answers.released import read_forms
from crm_course.cli.terminal import app
from crm_course.errors import CourseError, WrongCall
from crm_course.exercise.find import find_exercise
from crm_course.exercise.notebook import read_exercise
from crm_course.release import order, packet, stores
from crm_course.release import release as release_module
from crm_course.release.packet import Handout, Search, zip_packet
from crm_course.release.release import release
from crm_course.release.roster import Trainee
from crm_course.tables.checks.checking import find_faults
from crm_course.tables.storage.known import local_day
from crm_course.tables.store import open_store

SECRET = hashlib.sha256(b"a release").digest()  # 32 bytes in a row, as in range(32), do occur in Parquet files
SOLUTION = """# %% [markdown]
# # What the regulars are worth
#
# Your manager asks.

# %%
from crm_course import answer, open_store

orders = open_store("store").table("orders")

# %% [markdown]
# ## q1 How many orders came in

# %%
### BEGIN SOLUTION
q1 = len(orders.dropna(subset=["customer_id"]))
### END SOLUTION
answer("q1", q1)

# %% [markdown]
# ## q2 Advise the manager

# %% [markdown] tags=["solution"]
# Write first to those who came twice.
"""
QUESTIONS = """
- {id: q1, title: Orders, criteria: [1.1], marks: 2, core: true, kind: number, slips: [all_rows], read_again: "03, 1"}
- id: q2
  title: Advice
  criteria: [A1]
  marks: 4
  core: true
  kind: written
  read_again: "03, 2"
  rubric: {evidence: [none at all, some of it, their own figures, figures with intervals]}
  model_points: [Those who came twice come first.]
"""
SLIPS = """
from crm_course.exercise.slips import slip

@slip("q1", name="all_rows", text="You counted unknown buyers.", read_again="03, section 1")
def all_rows(store, key):
    return key["q1"].value + 1
"""


@pytest.fixture(scope="module", autouse=True)
def _once(made_folder):
    """A store of given parameters is made once."""

    def simulate(folder, scenario, **parameters):
        shutil.copytree(made_folder(scenario, **parameters), folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores, "simulate", simulate)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a miniature exercise."""
    folder = tmp_path_factory.mktemp("exercises") / "03_sample"
    folder.mkdir()
    for name, text in {"solution.py": SOLUTION, "questions.yml": QUESTIONS, "slips.py": SLIPS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def roster(tmp_path_factory):
    path = tmp_path_factory.mktemp("roster") / "class.csv"
    path.write_text("id;name;fee\ns01;Chan Tai Man;1\n陳美玲;陳美玲;2\n", encoding="utf-8-sig")
    return path


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "secret"
    path.write_text(SECRET.hex() + "\n")
    return path


@pytest.fixture(scope="module")
def released(folder, roster, secret_file, tmp_path_factory, wheel):
    """A whole release, wheel and all."""
    output = tmp_path_factory.mktemp("release") / "new" / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_module, "build_wheel", lambda folder: (wheel, ""))  # it takes ten seconds
        done = release(folder, roster, output, customers=40, secret_file=secret_file)
    assert done.no_wheel == ""
    return output


@pytest.fixture
def hand_out(folder, roster, secret_file, tmp_path, monkeypatch):
    """Release quickly: without the wheel, few customers, one hidden store."""
    monkeypatch.setattr(release_module, "build_wheel", lambda folder: (None, "not in this test"))
    monkeypatch.setattr(release_module, "FEWEST", 1)

    def call(output="out", exercise=folder, customers=20, secret_file=secret_file, roster=roster, **more):
        more.setdefault("accept", lambda store: None)  # no solution is run
        return release(exercise, roster, tmp_path / output, customers=customers, secret_file=secret_file, **more)

    return call


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_packet_holds_what_a_trainee_needs_and_nothing_else(released):
    assert sorted(path.name for path in released.iterdir()) == ["instructor", "packets"]
    assert sorted(path.name for path in (released / "packets").iterdir()) == ["s01", "s01.zip", "陳美玲", "陳美玲.zip"]
    for one in ("s01", "陳美玲"):
        names = {name for name in files(released / "packets" / one) if not name.startswith("store/")}
        (wheel,) = (name for name in names if name.endswith(".whl"))
        assert names == {"03_sample.ipynb", "forms.json", "README.md", wheel}
        assert wheel.startswith("crm_course-")


def test_the_notebook_has_the_questions_and_neither_answers_nor_outputs(released):
    notebook = nbformat.read(released / "packets" / "s01" / "03_sample.ipynb", as_version=4)

    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells[-3:]] == [
        'q1 = ...\nanswer("q1", q1)',
        "## q2 Advise the manager",
        "*Write here.*",
    ]
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if "outputs" in cell)


def test_only_the_form_of_the_questions_is_told(released):
    path = released / "packets" / "s01" / "forms.json"

    assert {one: form.kind for one, form in read_forms(path).items()} == {"q1": "number", "q2": "written"}
    assert read_forms(path)["q2"].text == "*Write here.*"
    assert not any(word in path.read_text() for word in ("all_rows", "intervals", "came twice", "marks"))


def test_the_page_says_what_to_do(released):
    page = (released / "packets" / "s01" / "README.md").read_text()

    assert page.startswith("# What the regulars are worth\n")
    assert "pip install crm_course-" in page and "hand in `03_sample.ipynb`" in page.lower()
    assert len(page.splitlines()) < 15


def test_every_trainee_has_a_good_store_of_their_own_without_its_truth(released):
    stores = [open_store(released / "packets" / one / "store") for one in ("s01", "陳美玲")]

    assert not any(find_faults(released / "packets" / one / "store") for one in ("s01", "陳美玲"))
    assert [len(store.table("customers")) for store in stores] == [40, 40]
    assert [store.truth("customers") for store in stores] == [None, None]
    assert not stores[0].table("orders").equals(stores[1].table("orders"))


def test_a_zip_holds_the_same_as_its_folder_and_does_not_tell_the_time(released):
    for one in ("s01", "陳美玲"):
        with zipfile.ZipFile(released / "packets" / f"{one}.zip") as packed:
            held = {entry.filename: packed.read(entry) for entry in packed.infolist()}
            assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert held == {f"{one}/{name}": data for name, data in files(released / "packets" / one).items()}


def test_the_instructor_keeps_the_rest_to_himself(released):
    instructor = released / "instructor"
    truth = json.loads((instructor / "truth" / "s01" / "parameters.json").read_text())

    assert (mode(instructor), mode(instructor / "secret")) == (0o700, 0o600)
    assert (instructor / "secret").read_text() == SECRET.hex() + "\n"
    assert (instructor / "roster.csv").read_text(encoding="utf-8") == "id,name\ns01,Chan Tai Man\n陳美玲,陳美玲\n"
    assert truth["seed"] == stores.seed(SECRET, "03_sample", "s01")
    assert sorted(path.name for path in instructor.iterdir()) == [
        "hidden",
        "keys",
        "release.json",
        "roster.csv",
        "secret",
        "truth",
    ]
    assert sorted(path.name for path in (instructor / "truth").iterdir()) == ["s01", "陳美玲"]
    assert (instructor / "truth" / "陳美玲" / "customers.parquet").is_file()


def test_release_json_says_what_was_released(released, folder):
    about = json.loads((released / "instructor" / "release.json").read_text(encoding="utf-8"))

    assert about["exercise"] == "03_sample"
    assert about["store"] == {"customers": 40, "scenario": "beauty", "months": 36}
    assert about["hashes"] == {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("solution.py", "questions.yml", "slips.py")
    }
    assert about["roster"] == [
        {"id": "s01", "name": "Chan Tai Man", "attempt": 1, "refused": []},
        {"id": "陳美玲", "name": "陳美玲", "attempt": 1, "refused": []},
    ]


def test_the_same_secret_gives_the_same_packets_and_another_gives_others(hand_out, tmp_path):
    for output, more in {"one": {}, "two": {}, "three": {"secret_file": None}}.items():
        hand_out(output, **more)
    one, two, three = (files(tmp_path / name / "packets") for name in ("one", "two", "three"))

    assert one == two
    assert one["s01/03_sample.ipynb"] == three["s01/03_sample.ipynb"]
    assert one["s01/store/orders.parquet"] != three["s01/store/orders.parquet"]
    assert (tmp_path / "three" / "instructor" / "secret").read_text() != SECRET.hex() + "\n"


def test_a_packet_is_the_same_whoever_else_is_on_the_roster(hand_out, tmp_path):
    alone = tmp_path / "alone.csv"
    alone.write_text("id,name\n陳美玲,Other\n", encoding="utf-8")

    hand_out("both")
    hand_out("alone", roster=alone)

    assert files(tmp_path / "alone" / "packets" / "陳美玲") == files(tmp_path / "both" / "packets" / "陳美玲")


def test_seeds_are_hmacs_of_128_bits():
    words = [("03_a", "s01", 1), ("03_a", "s01", 2), ("03_a", "s02", 1), ("03_b", "s01", 1), ("03_as", "01", 1)]
    drawn = [stores.seed(SECRET, *one) for one in words] + [stores.seed(bytes(32), *words[0])]

    assert len(set(drawn)) == len(drawn)
    assert all(2**100 < one < 2**128 for one in drawn)
    assert drawn[0] == 0xC34C161092BF005D6C5962C0D65A5E6E  # a release must be made again by later versions


def test_an_unfair_store_is_drawn_again_and_that_is_recorded(hand_out, tmp_path):
    seen = []

    def accept(store):
        assert not (store / "truth").exists()
        seen.append(open_store(store).table("orders"))
        return f"slip gross lies too near in {len(seen)}" if len(seen) < 3 else None

    done = hand_out(accept=accept)

    first, second = json.loads((tmp_path / "out" / "instructor" / "release.json").read_text())["roster"]
    assert (first["attempt"], second["attempt"]) == (3, 1)
    assert first["refused"] == ["slip gross lies too near in 1", "slip gross lies too near in 2"]
    assert done.as_dict()["redrawn"] == {"s01": 3}
    kept = json.loads((tmp_path / "out" / "instructor" / "truth" / "s01" / "parameters.json").read_text())
    assert kept["seed"] == stores.seed(SECRET, "03_sample", "s01", attempt=3)
    assert open_store(tmp_path / "out" / "packets" / "s01" / "store").table("orders").equals(seen[2])
    assert not seen[0].equals(seen[1])


def test_a_trainee_without_a_fair_store_is_named_and_nothing_is_left(hand_out, tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "MOST_ATTEMPTS", 3)

    with pytest.raises(CourseError) as raised:
        hand_out(accept=lambda store: "q1 is a toss-up")

    assert str(raised.value).startswith("trainee s01: none of 3 stores is fair (the last one: q1 is a toss-up); ")
    assert list(tmp_path.iterdir()) == []


def test_a_bar_moves_on_by_trainee(hand_out):
    screen = io.StringIO()

    hand_out(progress=Console(file=screen, force_terminal=True, width=100), accept=lambda store: time.sleep(0.3))

    assert "陳美玲" in screen.getvalue() and "3/3" in screen.getvalue()


def test_twenty_stores_are_tried():
    assert stores.MOST_ATTEMPTS == 20


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, OSError(28, "No space left on device")])
def test_nothing_is_left_of_a_release_that_stops(hand_out, tmp_path, error):
    def accept(store):
        raise error

    with pytest.raises((KeyboardInterrupt, RuntimeError, CourseError)):
        hand_out("deep/er/out", accept=accept)

    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken_and_a_full_one_is_left_alone(hand_out, tmp_path):
    (tmp_path / "out").mkdir()
    hand_out()
    before = files(tmp_path)

    with pytest.raises(WrongCall, match="out: there is something in it already; name an empty or new folder"):
        hand_out()

    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("solution.py", 'answer("q1", q1)', "pass", r"q1 has no cell"),
        ("solution.py", "# Your manager asks.", "# Write first to those who came twice.", "tells of the solution"),
        ("solution.py", "### END SOLUTION", "", "has no `### END SOLUTION`"),
        ("solution.py", "## q2", '## q2\n\n# %%\nanswer("q3", 1)\n\n# %% [markdown]\n#', "q3 is asked, but not in"),
        ("questions.yml", "kind: number", "kind: guess", r"questions.yml: q1: kind"),
        ("slips.py", "all_rows", "other", "slip all_rows of q1: questions.yml names it"),
    ],
)
def test_an_exercise_that_is_wrong_is_not_released(hand_out, folder, tmp_path, name, old, new, reason):
    wrong = tmp_path / "exercises" / "03_sample"
    wrong.mkdir(parents=True)
    for path in folder.glob("*.*"):
        text = path.read_text(encoding="utf-8")
        (wrong / path.name).write_text(text.replace(old, new) if path.name == name else text, encoding="utf-8")

    with pytest.raises(CourseError, match=reason):
        hand_out(exercise=wrong)

    assert [path.name for path in tmp_path.iterdir()] == ["exercises"]


@pytest.fixture
def wanting(folder, tmp_path):
    """The same exercise, which wants a store of its own kind."""

    def make(store):
        wanting = tmp_path / "exercises" / folder.name
        wanting.mkdir(parents=True)
        for name in ("solution.py", "slips.py"):
            (wanting / name).write_bytes((folder / name).read_bytes())
        (wanting / "questions.yml").write_text(f"store: {store}\nquestions:{QUESTIONS}", encoding="utf-8")
        return wanting

    return make


@pytest.mark.parametrize(
    ("asked", "store"),
    [
        ({"customers": None}, {"customers": 25, "scenario": "plain", "months": 14}),
        ({"customers": 30}, {"customers": 30, "scenario": "plain", "months": 14}),
        ({"customers": None, "scenario": "fashion"}, {"customers": 25, "scenario": "fashion", "months": 14}),
    ],
)
def test_every_store_is_the_one_that_the_exercise_wants_unless_another_is_asked_for(
    hand_out, wanting, tmp_path, asked, store
):
    hand_out(exercise=wanting("{customers: 25, scenario: plain, months: 14}"), **asked)

    made = [*tmp_path.glob("out/packets/*/store"), *tmp_path.glob("out/instructor/hidden/*/store")]
    assert len(made) == 2 + release_module.FEWEST
    for one in map(open_store, made):
        assert one.info.source == f"synthetic, scenario {store['scenario']}"
        assert len(one.table("customers")) == store["customers"]
        first = local_day(one.table("orders")["ordered_at"], one.time_zone).min()
        assert first > one.as_of - pd.DateOffset(months=14)
    told = json.loads((tmp_path / "out" / "instructor" / "release.json").read_text(encoding="utf-8"))
    assert told["store"] == store


def test_a_scenario_that_there_is_not_is_told_with_the_file_that_wants_it(hand_out, wanting, tmp_path):
    folder = wanting("{scenario: nowhere}")

    with pytest.raises(CourseError, match="there is no scenario 'nowhere'; choose beauty") as error:
        hand_out(exercise=folder)

    assert str(error.value).startswith(f"{folder / 'questions.yml'}: store: ")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"scenario": "nowhere"}, "there is no scenario 'nowhere'"),
        ({"customers": 0}, "customers 0: expected a whole number"),
    ],
)
def test_a_wrong_parameter_is_told_and_nothing_is_left(hand_out, tmp_path, more, reason):
    with pytest.raises(CourseError, match=f"^{reason}"):
        hand_out(**more)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [None, "", "abc", "0" * 63, "x" * 64, "0" * 65])
def test_a_file_that_is_no_secret_is_refused(hand_out, tmp_path, text):
    path = tmp_path / "secret"
    if text is not None:
        path.write_text(text)

    with pytest.raises(WrongCall, match=r"secret: .*; name the file instructor/secret"):
        hand_out(secret_file=path)


SEED = stores.seed(SECRET, "03_sample", "s01")
PLANTED = {
    "a seed in decimal": ("README.md", str(SEED), "README.md holds the seed"),
    "a seed in hexadecimal": ("forms.json", f'"{SEED:X}"', "forms.json holds the seed"),
    "a seed as bytes": ("store/stores.csv", SEED.to_bytes(16, "little"), "holds the seed"),
    "the secret": ("03_sample.ipynb", SECRET.hex(), "03_sample.ipynb holds the secret"),
    "the secret as bytes": ("notes.bin", SECRET, "notes.bin holds the secret"),
    "a marker": ("README.md", "### BEGIN SOLUTION", "README.md holds ### BEGIN SOLUTION"),
    "a statement": ("README.md", "q1 = len(orders.dropna(subset=['customer_id']))", "tells of the solution: q1 = len("),
    "a model answer": ("forms.json", '["Write first to those\\n  who came twice."]', "tells of the solution: Write"),
    "truth": ("store/truth/customers.csv", "id\n1\n", "store/truth/customers.csv does not belong there"),
    "parameters": ("store/parameters.json", "{}", "store/parameters.json does not belong there"),
    "the source": ("solution.py", "pass", "solution.py does not belong there"),
}


@pytest.mark.parametrize("what", PLANTED)
def test_the_search_finds(hand_out, tmp_path, monkeypatch, what):
    name, planted, reason = PLANTED[what]
    write = Handout.write

    def careless(self, folder, trainee):
        write(self, folder, trainee)
        (folder / name).parent.mkdir(exist_ok=True)
        if folder.name == "s01":
            (folder / name).write_bytes(planted if isinstance(planted, bytes) else planted.encode())

    monkeypatch.setattr(Handout, "write", careless)

    with pytest.raises(CourseError) as raised:
        hand_out()

    head, *lines = str(raised.value).split("\n  ")
    assert head == "nothing was released: packets hold what trainees must not see"
    assert any(line.startswith("s01: ") and reason in line for line in lines)
    assert any(line.startswith("s01.zip: ") and reason in line for line in lines)
    assert not any("陳美玲" in line for line in lines)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["a text", "a category", "the metadata"])
def test_the_search_reads_packed_tables(folder, tmp_path, how):
    column = arrow.array(["shop", f"made with {SEED}" if how != "the metadata" else "shop"])
    table = arrow.table({"name": column.dictionary_encode() if how == "a category" else column})
    table = table.replace_schema_metadata({"seed": str(SEED)}) if how == "the metadata" else table
    (tmp_path / "store").mkdir()
    pq.write_table(table, tmp_path / "store" / "stores.parquet", compression="zstd")

    assert Search(Handout(read_exercise(folder)), SECRET).folder(tmp_path, SEED) == [
        "store/stores.parquet holds the seed"
    ]


def test_the_search_finds_outputs_and_links(folder, tmp_path):
    handout = Handout(read_exercise(folder))
    handout.write(tmp_path, Trainee("s01", "Ann"))
    look = Search(handout, SECRET)
    assert look.folder(tmp_path, SEED) == []

    handout.notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="42")]
    handout.write(tmp_path, Trainee("s01", "Ann"))
    (tmp_path / "store").symlink_to(folder)

    assert look.folder(tmp_path, SEED) == ["store is no plain file", "03_sample.ipynb holds outputs"]


@pytest.mark.parametrize(
    ("member", "text", "reason"),
    [
        ("exercises/03_sample/slips.py", "", "holds exercises/03_sample/slips.py"),
        ("crm_course/solution.py", "", "holds crm_course/solution.py"),
        ("crm_course/shipped/truth/customers.csv", "", "holds crm_course/shipped/truth/customers.csv"),
        ("crm_course/a.py", "x = 1\n  ### BEGIN SOLUTION\n", "crm_course/a.py holds ### BEGIN SOLUTION"),
        ("crm_course/a.ipynb", '"### BEGIN SOLUTION\\n"', "crm_course/a.ipynb holds ### BEGIN SOLUTION"),
        ("crm_course/a.txt", str(SEED), "crm_course/a.txt holds a seed"),
        ("crm_course/a.txt", SECRET.hex().upper(), "crm_course/a.txt holds the secret"),
    ],
)
def test_the_search_reads_the_wheel(folder, tmp_path, member, text, reason):
    wheel = tmp_path / "crm_course-9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("crm_course/shipped/datasets/demo/truth/parameters.json", "{}")
        packed.writestr("crm_course/regions.py", 'BEGIN = "### BEGIN SOLUTION"\n')
        packed.writestr(member, text)

    (found,) = Search(Handout(read_exercise(folder), wheel), SECRET).shared([SEED])

    assert reason in found


def test_a_wheel_that_tells_is_not_released(hand_out, tmp_path, monkeypatch):
    def careless(folder):
        wheel = folder / "course.whl"
        with zipfile.ZipFile(wheel, "w") as packed:
            packed.writestr("exercises/03_sample/solution.py", SOLUTION)
        return wheel, ""

    monkeypatch.setattr(release_module, "build_wheel", careless)

    with pytest.raises(CourseError, match=r"course\.whl holds exercises/03_sample/solution\.py"):
        hand_out()

    assert list(tmp_path.iterdir()) == []


def test_another_wheel_than_the_one_searched_is_found(folder, tmp_path):
    wheel = tmp_path / "course.whl"
    wheel.write_bytes(b"one")
    look = Search(Handout(read_exercise(folder), wheel), SECRET)
    (tmp_path / "packet").mkdir()
    (tmp_path / "packet" / "course.whl").write_bytes(b"two")

    assert look.folder(tmp_path / "packet", SEED) == ["course.whl is not the wheel that was built"]


def test_what_belongs_to_no_trainee_is_found(hand_out, tmp_path, monkeypatch):
    def careless(folder, target):
        zip_packet(folder, target)
        (target.parent / "all.csv").touch()

    monkeypatch.setattr(order, "zip_packet", careless)

    with pytest.raises(CourseError, match=r"all\.csv does not belong there"):
        hand_out()


def test_without_a_wheel_the_page_says_so(hand_out, tmp_path):
    done = hand_out()

    assert "without the wheel of the course: not in this test" in str(done)
    assert "as your instructor says" in (tmp_path / "out" / "packets" / "s01" / "README.md").read_text()
    assert done.as_dict()["wheel"] is None


def test_the_wheel_of_the_same_course_is_the_same(released, tmp_path):
    wheel, _ = packet.build_wheel(tmp_path)

    assert wheel.read_bytes() == (released / "packets" / "s01" / wheel.name).read_bytes()


def test_a_wheel_that_cannot_be_built_is_told(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("nonsense")
    monkeypatch.setattr(packet.resources, "PACKAGE", tmp_path / "crm_course")

    wheel, why = packet.build_wheel(tmp_path)

    assert wheel is None and why and "\n" not in why


def test_the_wheel_needs_a_source_checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(packet.resources, "PACKAGE", tmp_path / "site-packages" / "crm_course")

    assert packet.build_wheel(tmp_path) == (None, "the course does not run from a source checkout")


def test_an_exercise_is_found_by_name_number_and_path(folder, tmp_path, monkeypatch):
    (tmp_path / "exercises" / "03_sample").mkdir(parents=True)
    (tmp_path / "exercises" / "05_other").mkdir()
    monkeypatch.chdir(tmp_path)

    for name in ("03_sample", "03", "3", "exercises/03_sample"):
        assert find_exercise(name).resolve() == tmp_path / "exercises" / "03_sample"
    assert find_exercise(str(folder)) == folder
    with pytest.raises(WrongCall, match=r"no exercise '03_smple' \(did you mean 03_sample\?\); in exercises there are"):
        find_exercise("03_smple")
    (tmp_path / "exercises" / "03_more").mkdir()
    with pytest.raises(WrongCall, match="exercise 03 can be 03_more or 03_sample; write the name in full"):
        find_exercise("03")


def test_an_installed_package_has_no_exercises(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(packet.resources, "PACKAGE", tmp_path / "site-packages" / "crm_course")

    with pytest.raises(WrongCall, match="there is no folder exercises here; go to a source checkout"):
        find_exercise("03")


def test_the_command_answers_in_json(folder, roster, secret_file, tmp_path, monkeypatch):
    monkeypatch.setattr(release_module, "build_wheel", lambda folder: (None, "not in this test"))
    output = str(tmp_path / "out")
    options = ["--roster", str(roster), "-o", output, "--customers", "20", "--secret-file", str(secret_file)]

    told = CliRunner().invoke(app, ["release", str(folder), *options, "--json"])

    assert json.loads(told.stdout) == {
        "release": output,
        "exercise": "03_sample",
        "trainees": 2,
        "redrawn": {},
        "wheel": None,
        "no_wheel": "not in this test",
    }


def test_the_command_tells_in_a_sentence_and_shows_a_wrong_roster_at_once(
    folder, roster, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(release_module, "build_wheel", lambda folder: (None, "not in this test"))
    output = tmp_path / "out"
    call = ["release", str(folder), "--roster", str(roster), "-o", str(output), "--customers", "20"]

    told = CliRunner().invoke(app, call)
    assert told.stdout.startswith(f"03_sample: 2 packets in {output / 'packets'}; keep {output / 'instructor'} to ")

    wrong = tmp_path / "wrong.csv"
    wrong.write_text("id,name\n[/a],Ann\n.b,Bo\n")
    monkeypatch.setattr("sys.argv", ["crm-course", *call[:3], str(wrong), *call[4:]])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert "row 2: id '[/a]' holds /" in (shown := capsys.readouterr().err) and "row 3: id '.b' begins" in shown


def test_hidden_stores_differ_from_every_trainees_and_their_keys_are_kept(released, folder):
    hidden = sorted((released / "instructor" / "hidden").iterdir())
    counts = {one.name: len(open_store(one / "store").table("orders")) for one in hidden}
    keys = [json.loads(path.read_text()) for path in (released / "instructor" / "keys").iterdir()]

    assert list(counts) == ["1", "2", "3", "4"]
    assert not list((released / "instructor" / "hidden").rglob("truth"))
    assert all((one / "forms.json").is_file() for one in hidden)
    assert len(keys) == 6  # two trainees and four hidden stores
    assert len({one["answers"]["q1"]["value"] for one in keys}) > 4


def test_the_notebook_says_whose_it_is(released):
    notebook = nbformat.read(released / "packets" / "陳美玲" / "03_sample.ipynb", as_version=4)

    assert notebook.metadata["crm_course"] == {"exercise": "03_sample", "trainee": "陳美玲"}


def test_a_store_on_which_a_mistake_looks_right_is_drawn_again(folder, tmp_path, monkeypatch, roster):
    exercise = tmp_path / "03_sample"
    exercise.mkdir()
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        (exercise / path.name).write_text(text.replace('key["q1"].value + 1', 'key["q1"].value'), encoding="utf-8")
    monkeypatch.setattr(release_module, "build_wheel", lambda folder: (None, "not in this test"))
    monkeypatch.setattr(stores, "MOST_ATTEMPTS", 2)

    with pytest.raises(CourseError, match=r"trainee s01: none of 2 stores is fair .*q1: slip all_rows lies too near"):
        release(exercise, roster, tmp_path / "out", customers=20)
