"""Finding an exercise by number, name or path."""

from __future__ import annotations

from pathlib import Path

from crm_course import resources
from crm_course.errors import WrongCall
from crm_course.messages import suggestion

NUMBERED = "[0-9][0-9]_*"


def find_exercise(name: str) -> Path:
    """Give the folder of an exercise named by number, by name or by path.

    Raises
    ------
    WrongCall
        If there is none: exercises come with the source checkout, never with the package.
    """
    path = Path(name).expanduser()
    if len(path.parts) > 1 or (path / "solution.py").is_file():
        return path
    here, checkout = Path("exercises"), resources.PACKAGE.parent
    places = [here, *([checkout / "exercises"] if (checkout / "pyproject.toml").is_file() else [])]
    place = next((one for one in places if one.is_dir()), None)
    if place is None:
        raise WrongCall(
            f"exercise {name}: there is no folder exercises here; go to a source checkout of the course (the installed "
            "package has no exercises), or write the path of the exercise"
        )
    known = {one.name: one for one in sorted(place.glob(NUMBERED)) if one.is_dir()}
    number = name.zfill(2) if name.isdecimal() else name
    fitting = [known[one] for one in known if name == one or number == one.partition("_")[0]]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise WrongCall(f"exercise {name} can be {' or '.join(one.name for one in fitting)}; write the name in full")
    there = ", ".join(known) or "none yet"
    raise WrongCall(f"there is no exercise {name!r}{suggestion(name, known)}; in {place} there are {there}")
