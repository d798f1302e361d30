"""Fair variants: a store is drawn again where a usual mistake looks right, or the decision asked for is a toss-up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from crm_course.answers import write_forms
from crm_course.answers.released import FORMS
from crm_course.authoring.key import Key, Master
from crm_course.authoring.packet import Handout
from crm_course.authoring.roster import Trainee
from crm_course.authoring.seeds import HIDDEN, STORE, Draw, Stores
from crm_course.running.warm import Slot

FEWEST, MOST = 4, 12  # hidden stores
UNLIKE = 2  # of them must differ from any right answer, lest another question be alike there by chance


class Fair:
    """Says why a store is not fair, by its key, which is kept for the grader.

    Parameters
    ----------
    master : Master
        The exercise.
    slot : Slot
        Where its solution runs.
    keys : Path
        Folder for the keys.
    """

    def __init__(self, master: Master, slot: Slot, keys: Path) -> None:
        self.master, self.slot, self.keys = master, slot, keys

    def __call__(self, store: Path) -> str | None:
        """Give the reason why not, or None."""
        name, key = self.key(store)
        if why := self.master.unfair(key):
            (self.keys / f"{name}.json").unlink()
        return why

    def key(self, store: Path) -> tuple[str, Key]:
        """Give the hash and the key of a store."""
        write_forms(self.master.questions, store.parent / FORMS)
        return self.master.cached_key(store.parent, self.slot.run, self.keys)


def draw_hidden(stores: Stores, folder: Path, handout: Handout, fair: Fair | None) -> list[Draw]:
    """Make the stores that no trainee ever has: enough of them to differ from any trainee's in every right answer.

    Parameters
    ----------
    stores : Stores
        Of the release.
    folder : Path
        Where they go: ``1/store``, ``2/store`` and so on, each with the forms beside it.
    handout : Handout
        What a packet holds.
    fair : Fair, optional
        Without it there are four, whatever their right answers.
    """
    draws: list[Draw] = []
    keys: list[Key] = []
    while len(draws) < FEWEST or (fair and len(draws) < MOST and _too_alike(fair, keys)):
        place = folder / str(len(draws) + 1) / STORE
        place.parent.mkdir(parents=True)
        draws.append(stores.draw(Trainee(f"{HIDDEN}{len(draws) + 1}", ""), place))
        handout.write_forms(place.parent)
        if fair:
            keys.append(fair.key(place)[1])
    return draws


def _too_alike(fair: Fair, keys: list[Key]) -> bool:
    """Say whether some question has a right answer from which fewer than two of the stores differ."""
    for key in keys:
        alike = Counter(name for other in keys for name in fair.master.alike(key, other))
        if any(times > len(keys) - UNLIKE for times in alike.values()):
            return True
    return False
