"""The stores on which an exercise proves itself."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from crm_course.answers.released import STORE
from crm_course.errors import CourseError
from crm_course.exercise.in_process import in_process
from crm_course.exercise.key import Key, LoadedExercise, NotFair
from crm_course.exercise.questions_file import read_wanted_store
from crm_course.simulator.simulation import simulate

FEWEST = 2  # so that what is right on one store can be wrong on another
MOST_TRIED = 200


def make_store(loaded: LoadedExercise, folder: Path, seed: int) -> None:
    """Put into a folder the store that a trainee would get, without its truth."""
    simulate(folder / STORE, **read_wanted_store(loaded.exercise.questions).model_dump(), seed=seed)
    shutil.rmtree(folder / STORE / "truth")


def lacking(loaded: LoadedExercise, keys: Mapping[int, Key]) -> list[str]:
    """Say what some stores do not show together of an exercise.

    On one of them every slip can be made, and every word of a verdict is right; and of what is right on a store,
    nothing is right on another.

    Parameters
    ----------
    loaded : LoadedExercise
        The exercise.
    keys : mapping of int to Key
        What is right on each store, by seed.

    Returns
    -------
    list of str
        A line for each; none where the stores prove the exercise.
    """
    told = []
    for one in loaded.computed:
        made = {name for key in keys.values() for name in key.slips.get(one.id, {})}
        told += [f"{one.id}: no store makes slip {name}" for name in one.slips if name not in made]
        if one.kind == "verdict":
            right = {key.answers[one.id].value for key in keys.values()}
            told += [f"{one.id}: on no store {word!r} is right" for word in one.form.one_of if word not in right]
    alone = [seed for seed, key in keys.items() if all(loaded.alike(key, it) for at, it in keys.items() if at != seed)]
    return told + [f"store {seed}: an answer that is right there is right on each other" for seed in alone]


def keys_by_seed(loaded: LoadedExercise, place: Path, start: int = 1) -> Iterator[tuple[int, Key | None]]:
    """Give the key of store after store, by seed; None where the store is not fair.

    Parameters
    ----------
    loaded : LoadedExercise
        The exercise.
    place : Path
        Where stores are made; each is gone before the next one.
    start : int
        The first seed.
    """
    for seed in itertools.count(start):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            make_store(loaded, Path(folder), seed)
            try:
                key = loaded.key(Path(folder), in_process)
            except NotFair:
                yield seed, None
                continue
        yield seed, None if loaded.unfair(key) else key


def find_seeds(folder: Path, start: int = 1, most: int = MOST_TRIED, progress: Console | None = None) -> list[int]:
    """Find the stores on which an exercise proves itself: few, and the first that do.

    A fair store is kept when it shows what those before it do not.

    Parameters
    ----------
    folder : Path
        Of the exercise.
    start : int
        The first seed that is tried.
    most : int
        How many are tried.
    progress : Console, optional
        Where each store is told, as it comes.

    Raises
    ------
    CourseError
        If so many stores do not show everything; the message says what they lack.
    """
    loaded = LoadedExercise(folder)
    kept: dict[int, Key] = {}
    gaps = lacking(loaded, kept)
    with tempfile.TemporaryDirectory() as place:
        for seed, key in itertools.islice(keys_by_seed(loaded, Path(place), start), most):
            left = lacking(loaded, {**kept, seed: key}) if key else gaps
            if key and (len(kept) < FEWEST or len(left) < len(gaps)):
                kept[seed], gaps = key, left
            if progress:
                state = "not fair" if key is None else "kept" if seed in kept else "shows nothing new"
                progress.print(f"seed {seed}: {state}; {len(gaps)} things to show", highlight=False)
            if not gaps and len(kept) >= FEWEST:
                return list(kept)
    raise CourseError(f"{folder}: {most} stores from seed {start} on do not show that {gaps[0]}; correct the exercise")
