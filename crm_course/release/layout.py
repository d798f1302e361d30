"""Where everything of a release lies: what is handed out, and what the instructor keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ReleaseFolder:
    """The folder that ``crm-course release -o`` writes.

    Attributes
    ----------
    path : Path
        With ``packets``, to hand out, and ``instructor``, to keep.
    """

    path: Path

    @property
    def packets(self) -> Path:
        """A folder and a zip file for each trainee."""
        return self.path / "packets"

    def packet(self, trainee: str) -> Path:
        """Give the folder of a trainee's packet."""
        return self.packets / trainee

    def zipped(self, trainee: str) -> Path:
        """Give the same as one file."""
        return self.packets / f"{trainee}.zip"

    @property
    def instructor(self) -> Path:
        """What no trainee may see."""
        return self.path / "instructor"

    @property
    def secret(self) -> Path:
        """What all seeds follow from."""
        return self.instructor / "secret"

    @property
    def about(self) -> Path:
        """What was released, and how, as JSON."""
        return self.instructor / "release.json"

    @property
    def roster(self) -> Path:
        """Who got a packet."""
        return self.instructor / "roster.csv"

    @property
    def keys(self) -> Path:
        """What is right on each store."""
        return self.instructor / "keys"

    def truth(self, trainee: str) -> Path:
        """Give the folder of the truth behind a trainee's store."""
        return self.instructor / "truth" / trainee

    @property
    def hidden(self) -> Path:
        """The stores that no trainee ever has, by number."""
        return self.instructor / "hidden"

    @property
    def hidden_stores(self) -> list[Path]:
        """Their folders, in their order."""
        return sorted(self.hidden.iterdir(), key=lambda path: int(path.name))
