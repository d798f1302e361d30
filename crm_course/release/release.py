"""``crm-course release``: an exercise handed out, with a store for each trainee alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from crm_course.errors import CourseError, WrongCall
from crm_course.exercise.fairness import FEWEST, enough
from crm_course.exercise.key import Key, LoadedExercise
from crm_course.exercise.notebook import Exercise
from crm_course.exercise.questions_file import WantedStore, read_wanted_store
from crm_course.exercise.slips import check_slips
from crm_course.release.layout import ReleaseFolder
from crm_course.release.order import Order, hand_out, hide
from crm_course.release.packet import Handout, Search, build_wheel
from crm_course.release.roster import Trainee, read_roster, write_roster
from crm_course.release.stores import Accept, Draw, Stores, new_secret, read_secret, write_secret
from crm_course.running.pool import InProcess, Workers, pool
from crm_course.running.progress import Step, bar
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import read_settings

FEW = 4  # trainees for whom no worker process is worth its start
TOLD = 10  # findings of the search that are told one by one


@dataclass(frozen=True)
class Release:
    """What was handed out.

    Attributes
    ----------
    folder : Path
        With ``packets`` and ``instructor``.
    exercise : str
        Its name.
    draws : tuple of Draw
        In the roster's order.
    wheel : str
        Name of the course's wheel in every packet; empty when there is none.
    no_wheel : str
        Why there is none.
    """

    folder: Path
    exercise: str
    draws: tuple[Draw, ...]
    wheel: str = ""
    no_wheel: str = field(default="", compare=False)

    def as_dict(self) -> dict[str, object]:
        """Give a summary as plain values, for JSON: nothing secret."""
        redrawn = {one.trainee.id: one.attempt for one in self.draws if one.attempt > 1}
        return {
            "release": str(self.folder),
            "exercise": self.exercise,
            "trainees": len(self.draws),
            "redrawn": redrawn,
            "wheel": self.wheel or None,
            "no_wheel": self.no_wheel or None,
        }

    def __str__(self) -> str:
        """Tell it in a line, and in another what is missing."""
        number = len(self.draws)
        packets = f"{number:,} {'packet' if number == 1 else 'packets'}"
        there = ReleaseFolder(self.folder)
        told = f"{self.exercise}: {packets} in {there.packets}; keep {there.instructor} to yourself"
        return told + (f"\nwithout the wheel of the course: {self.no_wheel}" if self.no_wheel else "")


def release(
    exercise: Path,
    roster: Path,
    output: Path,
    *,
    customers: int | None = None,
    scenario: str | Path | None = None,
    accept: Accept | None = None,
    secret_file: Path | None = None,
    jobs: int = 1,
    workers: Workers | None = None,
    sandbox: bool = False,
    progress: Console | None = None,
) -> Release:
    """Hand out an exercise: a packet for each trainee, and a folder for the instructor.

    ``packets/<id>/`` and ``packets/<id>.zip`` hold the notebook, the trainee's own store, the forms of the answers,
    a page of how-to and the wheel of the course. ``instructor/`` (mode 0700) holds the secret, the truth of every
    store, the hidden stores, the keys and ``release.json``. In the end every packet is searched for what must not be
    in it.

    Parameters
    ----------
    exercise : Path
        Its folder.
    roster : Path
        See `read_roster`.
    output : Path
        Folder to write, new or empty; on failure nothing is left.
    customers : int, optional
        How many customers a store has; by default as many as the exercise wants.
    scenario : str or Path, optional
        See `simulate`; by default the one that the exercise wants.
    accept : function of a store folder, optional
        Says why a store is not fair, or None; then the seed is drawn again, 20 times at most. It sees what the
        trainee gets, without the truth. By default the solution and the slips are run: see `Fair`.
    secret_file : Path, optional
        The secret of an earlier release: the same packets again.
    jobs : int
        Worker processes.
    workers : Workers, optional
        Whoever is there already, in place of new ones.
    sandbox : bool
        Which kind of slot they have; the solution, which is ours, runs in either.
    progress : Console, optional
        Where to show a bar.

    Raises
    ------
    CourseError
        If the exercise, the roster or a parameter is wrong, no fair store is found, a packet holds what it must
        not, or the folder cannot be written.
    """
    trainees = read_roster(roster)
    secret = read_secret(secret_file) if secret_file else new_secret()
    master = LoadedExercise(exercise)
    name = master.exercise.name
    check_slips(Handout(master.exercise).questions, master.slips)
    wanted = _wanted(master.exercise, customers, scenario)
    with _new_folder(output) as folder, ExitStack() as held:
        wheel, why = build_wheel(Path(held.enter_context(tempfile.TemporaryDirectory(dir=folder))))
        there = ReleaseFolder(folder)
        there.packets.mkdir()
        there.instructor.mkdir(mode=0o700)
        write_secret(secret, there.secret)
        stores = Stores(there, secret, name, wanted)
        order = Order(exercise.absolute(), there, stores, wheel, accept, sandbox)
        if workers is None:
            few = jobs == 1 or accept is not None or len(trainees) < FEW
            workers = InProcess() if few else held.enter_context(pool(jobs))
            held.callback(workers.close)
        with bar(progress, "release", len(trainees) + 1) as step:
            draws = _hand_out(order, trainees, workers, step)
            hidden = _hide(order, master, workers)
            step("hidden stores")
        write_roster(trainees, there.roster)
        about = {
            "exercise": name,
            "version": version("crm-course"),
            "hashes": hashes(master.exercise),
            "store": wanted.model_dump(),
            "hidden": hidden,
            "roster": [one.as_dict() for one in draws],
        }
        text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
        there.about.write_text(text, encoding="utf-8")
        search(there.packets, Search(order.handout, secret), {one.trainee.id: stores.seed(one) for one in draws})
    return Release(output, name, tuple(draws), wheel.name if wheel else "", why)


def _wanted(exercise: Exercise, customers: int | None, scenario: str | Path | None) -> WantedStore:
    """Give the store that the exercise wants, with what is asked for in its place, and look for its scenario."""
    wanted = read_wanted_store(exercise.questions).but(customers, scenario)
    try:
        read_settings(Scenario, wanted.scenario)
    except WrongCall as error:
        if scenario:
            raise
        raise CourseError(f"{exercise.questions}: store: {error}") from error
    return wanted


def _hand_out(order: Order, trainees: list[Trainee], workers: Workers, step: Step) -> list[Draw]:
    """Make every packet; give the draws in the roster's order."""
    draws: dict[str, Draw] = {}
    for done in workers.run(partial(hand_out, order), [(one,) for one in trainees]):
        draw = done.get()
        draws[draw.trainee.id] = draw
        step(escape(draw.trainee.id))
    return [draws[one.id] for one in trainees]


def _hide(order: Order, master: LoadedExercise, workers: Workers) -> int:
    """Make hidden stores until there are enough; give how many there are."""
    keys: list[Key] = []
    number = 0
    while number < FEWEST or (keys and not enough(master, keys)):
        wanted = range(number + 1, max(FEWEST, number + 1) + 1)
        found = [done.get() for done in workers.run(partial(hide, order), [(one,) for one in wanted])]
        keys += [key for key in found if key]
        number = wanted[-1]
    return number


def hashes(exercise: Exercise) -> dict[str, str]:
    """Give the SHA-256 of an exercise's files, by name: a grader compares them with those of a release."""
    files = (exercise.source, exercise.questions, exercise.slips)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def search(packets: Path, look: Search, seeds: dict[str, int]) -> None:
    """Search every packet, as a folder and zipped, for what must not be in it.

    Raises
    ------
    CourseError
        If something is found; the message names packet, file and what it is.
    """
    found = look.shared(list(seeds.values()))
    expected = set(seeds) | {f"{one}.zip" for one in seeds}
    found += [f"{path.name} does not belong there" for path in sorted(packets.iterdir()) if path.name not in expected]
    for one, number in seeds.items():
        found += [f"{one}: {what}" for what in look.folder(packets / one, number)]
        found += [f"{one}.zip: {what}" for what in look.zipped(packets / f"{one}.zip", number)]
    if found:
        more = [f"and {len(found) - TOLD} more"] if len(found) > TOLD else []
        told = "\n  ".join(found[:TOLD] + more)
        raise CourseError(f"nothing was released: packets hold what trainees must not see\n  {told}")


@contextmanager
def _new_folder(output: Path) -> Iterator[Path]:
    """Give a folder to write in; it takes the name only when all went well, else nothing is left."""
    target = output.expanduser().absolute()
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise WrongCall(f"{output}: there is something in it already; name an empty or new folder")
    above = next(one for one in target.parents if one.exists())
    partial = above / f".{target.name}.partial-{os.getpid()}"
    try:
        partial.mkdir()
        yield partial
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CourseError(f"{output}: cannot be written ({reason}); free space or choose another") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
