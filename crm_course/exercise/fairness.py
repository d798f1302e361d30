"""Fair variants: a store is drawn again where a usual mistake looks right, or the decision asked for is a toss-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from crm_course.answers.released import FORMS, write_forms
from crm_course.exercise.key import Key, LoadedExercise, NotFair
from crm_course.running.sandbox.slot import Slot

FEWEST, MOST = 4, 12  # hidden stores
UNLIKE = 2  # of them must differ from any right answer, lest another question be alike there by chance


class Fair:
    """Says why a store is not fair, by its key, which is kept for the grader.

    Parameters
    ----------
    master : LoadedExercise
        The exercise.
    slot : Slot
        Where its solution runs.
    keys : Path
        Folder for the keys.
    """

    def __init__(self, master: LoadedExercise, slot: Slot, keys: Path) -> None:
        self.master, self.slot, self.keys = master, slot, keys

    def __call__(self, store: Path) -> str | None:
        """Give the reason why not, or None."""
        try:
            name, key = self.key(store)
        except NotFair as error:
            return str(error)
        why = self.master.unfair(key)
        if why:
            (self.keys / f"{name}.json").unlink()
        return why[0] if why else None

    def key(self, store: Path) -> tuple[str, Key]:
        """Give the hash and the key of a store."""
        write_forms(self.master.questions, store.parent / FORMS)
        return self.master.cached_key(store.parent, self.slot.run, self.keys)


def enough(master: LoadedExercise, keys: Sequence[Key]) -> bool:
    """Say whether there are hidden stores enough: from any right answer at least two of them differ."""
    if len(keys) < FEWEST:
        return False
    if len(keys) >= MOST:
        return True
    alike = (Counter(name for other in keys for name in master.alike(key, other)) for key in keys)
    return all(times <= len(keys) - UNLIKE for one in alike for times in one.values())
