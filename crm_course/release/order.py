"""What a worker does for a release: it draws a store until it is fair, and makes the packet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from crm_course.answers.released import STORE
from crm_course.exercise.fairness import Fair
from crm_course.exercise.key import Key, LoadedExercise, written
from crm_course.release.layout import ReleaseFolder
from crm_course.release.packet import Handout, zip_packet
from crm_course.release.roster import Trainee
from crm_course.release.stores import HIDDEN_PREFIX, Accept, Draw, Stores
from crm_course.running.pool import slot


@dataclass(frozen=True)
class Order:
    """A release as its workers need it.

    Attributes
    ----------
    exercise : Path
        Its folder.
    folder : ReleaseFolder
        What is made.
    stores : Stores
        How stores are drawn.
    wheel : Path or None
        The course, for every packet.
    accept : function of a store folder, optional
        Says why a store is not fair, in place of the exercise.
    sandbox : bool
        Which kind of slot the solution runs in.
    """

    exercise: Path
    folder: ReleaseFolder
    stores: Stores
    wheel: Path | None = None
    accept: Accept | None = None
    sandbox: bool = False

    def fair(self) -> Fair:
        """Give what says why a store is not fair, in this worker."""
        master = _desk(self.exercise, written(self.exercise), None)[0]
        return Fair(master, slot(self.sandbox), self.folder.keys)

    def accepts(self) -> Accept:
        """Give what decides."""
        return self.accept or self.fair()

    @property
    def handout(self) -> Handout:
        """What is the same in every packet."""
        return _desk(self.exercise, written(self.exercise), self.wheel)[1]


@lru_cache(maxsize=4)
def _desk(exercise: Path, _written: str, wheel: Path | None) -> tuple[LoadedExercise, Handout]:
    """Read an exercise once, until it is written anew."""
    master = LoadedExercise(exercise)
    return master, Handout(master.exercise, wheel)


def hand_out(order: Order, trainee: Trainee) -> Draw:
    """Make a trainee's packet, as a folder and zipped."""
    packet = order.folder.packet(trainee.id)
    packet.mkdir()
    draw = order.stores.draw(trainee, packet / STORE, order.accepts())
    order.handout.write(packet, trainee)
    zip_packet(packet, order.folder.zipped(trainee.id))
    return draw


def hide(order: Order, number: int) -> Key | None:
    """Make a store that no trainee ever has, the forms beside it; give its key where the exercise decides."""
    place = order.folder.hidden / str(number)
    place.mkdir(parents=True)
    order.stores.draw(Trainee(f"{HIDDEN_PREFIX}{number}", ""), place / STORE, order.accepts())
    order.handout.write_forms(place)
    return None if order.accept else order.fair().key(place / STORE)[1]
