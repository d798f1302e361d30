"""Where the chapters and the demo store lie: in a source checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

from crm_course.errors import CourseError

PACKAGE = Path(__file__).resolve().parent


def notebooks() -> Path:
    """Give the folder of the chapters.

    Raises
    ------
    CourseError
        If neither the checkout nor the package has one.
    """
    return _folder("notebooks")


def datasets() -> Path:
    """Give the folder of the demo store, the import mappings and the data dictionary.

    Raises
    ------
    CourseError
        If neither the checkout nor the package has one.
    """
    return _folder("datasets")


def _folder(name: str) -> Path:
    checkout = PACKAGE.parent
    places = [PACKAGE / "shipped" / name]
    if (checkout / "pyproject.toml").is_file():  # site-packages may hold a folder `notebooks` of somebody else
        places.insert(0, checkout / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " and ".join(str(place) for place in places)
    raise CourseError(f"the folder {name} is missing (looked for {looked}); install the course again")
