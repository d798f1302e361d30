"""What cannot be simulated is refused in one line that says what to do, and leaves nothing behind."""

import io
import resource
import subprocess
import sys

import pytest
from rich.console import Console

from crm_course import open_store
from crm_course.errors import CourseError, StoreError, WrongCall
from crm_course.simulator.settings.settings_file import HERE
from crm_course.simulator.simulation import simulate

PLAIN = (HERE / "scenarios" / "plain.toml").read_text()


def refused(tmp_path, match, kind=WrongCall, **parameters):
    with pytest.raises(kind, match=match) as problem:
        simulate(tmp_path / "store", **({"customers": 20} | parameters))
    assert isinstance(problem.value, CourseError)
    assert "\n" not in str(problem.value)
    assert not (tmp_path / "store").exists()


def own(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        (
            {"scenario": "beuaty"},
            "there is no scenario 'beuaty'; choose beauty, electronics, fashion, grocery, plain, or a TOML file",
        ),
        ({"policy": "generous"}, "there is no policy 'generous'; choose none, usual, or"),
        ({"scenario": "mine.toml"}, r"mine\.toml: there is no such file"),
        ({"customers": 0}, "customers 0: expected a whole number from 1"),
        ({"customers": 2.5}, "customers 2.5: expected a whole number"),
        ({"seed": -1}, "seed -1: expected a whole number from 0"),
        ({"seed": 2**128}, "seed .*: expected a whole number from 0"),
        ({"months": 0}, "months 0: expected a whole number from 1 to 120"),
    ],
)
def test_a_parameter_that_cannot_be(tmp_path, parameters, match):
    refused(tmp_path, match, **parameters)


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ("rate_shape = 0.8", "rate_shpe = 0.8", "mine.toml: segments.0.rate_shape: Field required"),
        ('name = "Plain Store"', 'name = "Plain Store"\ncolour = 1', "mine.toml: unknown key colour"),
        ("rate_days = 150", "rate_days = 0", "segments.0.rate_days: Input should be greater than 0"),
        ("rate_days = 150", "rate_days = inf", "segments.0.rate_days: Input should be a finite number"),
        ("run_in_share = 0", "run_in_share = 1.5", "entry.run_in_share: .* less than or equal to 1"),
        ('"Asia/Hong_Kong"', '"Asia/Gotham"', "time_zone: 'Asia/Gotham' is not a time zone"),
        ("octopus = 1", "shells = 1", "'shells' is not one of cash, octopus"),
        ("rate_days = 150", "rate_days = 150\nonline_share = 0.5", "a segment buys online, but no store"),
        ('country = "HK"', 'country = "XX"', "country: 'XX' is not a country code"),
        ("[entry]", "[entry", "mine.toml: not a TOML file"),
        (
            "[[segments]]",
            '[[seasons]]\nname = "x"\nanchor = "13-45"\nfirst_day = 0\nlast_day = 1\nintensity = 2\n[[segments]]',
            "anchor '13-45': expected lunar_new_year, mid_autumn or a day such as 11-11",
        ),
    ],
)
def test_a_scenario_of_ones_own_that_cannot_be(tmp_path, was, becomes, match):
    assert was in PLAIN
    refused(tmp_path, match, scenario=own(tmp_path, PLAIN.replace(was, becomes, 1)))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('like = "bakery"', "like: there is no 'bakery'; choose beauty, electronics"),
        ('like = "beauty"\ncolour = 1', "mine.toml: unknown key colour"),
        ('like = "beauty"\npromotion_response = -1', "promotion_response: Input should be greater than or equal to 0"),
    ],
)
def test_a_scenario_like_another_that_cannot_be(tmp_path, text, match):
    refused(tmp_path, match, scenario=own(tmp_path, text))


@pytest.mark.parametrize(
    ("was", "becomes", "match"),
    [
        ('calls_for = "Barrier Cream"', 'calls_for = "Cream"', "complements name Cream, which is no kind of product"),
        ("skincare = 0.6, make-up", "skincare = 1.6, make-up", "wallet.shares.skincare: Input should be less than 1"),
        ("make-up = 0.45", "makeup = 0.45", "wallet shares of makeup, which is no category"),
        ("web = 0.28", "web = 1.28", "sessions.conversion.web: Input should be less than 1"),
        ("effect = 0.25", "effect = -2", "sessions.chat.effect: Input should be greater than -1"),
    ],
)
def test_visits_and_baskets_that_cannot_be(tmp_path, was, becomes, match):
    text = (HERE / "scenarios" / "beauty.toml").read_text(encoding="utf-8")
    assert was in text
    refused(tmp_path, match, scenario=own(tmp_path, text.replace(was, becomes, 1)))


def test_a_trial_that_ends_before_it_begins(tmp_path):
    text = (HERE / "policies" / "usual.toml").read_text(encoding="utf-8")
    changed = text.replace("last_day = 2025-09-30", "last_day = 2024-09-30")
    assert changed != text
    refused(tmp_path, "chat_trial: last_day lies before first_day", policy=own(tmp_path, changed))


def test_what_a_scenario_does_not_tell_is_its_models(tmp_path):
    simulate(tmp_path / "store", own(tmp_path, 'like = "beauty"\nname = "Mine"'), customers=200, seed=4)
    simulate(tmp_path / "beauty", customers=200, seed=4)
    mine, model = open_store(tmp_path / "store"), open_store(tmp_path / "beauty")

    assert (mine.name, model.name) == ("Mine", "Jade Mirror Beauty")
    assert mine.table("order_lines").equals(model.table("order_lines"))


def test_a_scenario_of_ones_own_is_taken(tmp_path):
    rows = simulate(tmp_path / "store", own(tmp_path, PLAIN), customers=20)

    assert rows["customers"] == 20


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "thesis.docx").touch()

    with pytest.raises(StoreError, match="there is something in it already"):
        simulate(tmp_path / "store", customers=20)

    assert [path.name for path in (tmp_path / "store").iterdir()] == ["thesis.docx"]


def test_an_interrupted_run_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("crm_course.simulator.simulation.simulate_chunk", interrupted)
    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "store", customers=20)

    assert list(tmp_path.iterdir()) == []


def test_short_work_shows_no_bar_and_long_work_does(tmp_path, monkeypatch):
    def bar_shown(after_seconds):
        monkeypatch.setattr("crm_course.running.progress.SECONDS_WITHOUT", after_seconds)
        screen = io.StringIO()
        console = Console(force_terminal=True, width=80, file=screen)
        simulate(tmp_path / f"store{after_seconds}", customers=120, progress=console)
        return "customers" in screen.getvalue()

    monkeypatch.setattr("crm_course.simulator.streams.CHUNK", 40)
    assert not bar_shown(2.0e9)
    assert bar_shown(0.0)


def no_room():
    """No file may grow beyond some kilobytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))


def test_a_full_disk_is_told_in_a_line_and_leaves_nothing(tmp_path):
    call = [sys.executable, "-m", "crm_course", "simulate", "-o", "store", "--customers", "500"]

    done = subprocess.run(call, check=False, cwd=tmp_path, preexec_fn=no_room, capture_output=True, text=True)

    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "store" in line and "cannot be written" in line
    assert list(tmp_path.iterdir()) == []
