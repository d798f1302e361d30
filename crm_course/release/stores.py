"""The secret of a release, the seeds that follow from it and from nothing else, and the stores made of them."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crm_course.answers.released import STORE
from crm_course.errors import CourseError, WrongCall
from crm_course.exercise.questions_file import WantedStore
from crm_course.release.layout import ReleaseFolder
from crm_course.release.roster import Trainee
from crm_course.simulator.simulation import simulate

BYTES = 32
MOST_ATTEMPTS = 20
TRUTH = "truth"  # its folder within that of a store
HIDDEN_PREFIX = "\x01hidden "  # begins the name under which hidden stores are drawn: no trainee has a control character
WRITTEN = re.compile(rb"[0-9a-fA-F]{%d}" % (2 * BYTES))
Accept = Callable[[Path], str | None]


def new_secret() -> bytes:
    """Draw the secret of a release: 32 random bytes."""
    return secrets.token_bytes(BYTES)


def read_secret(path: Path) -> bytes:
    """Read the secret of an earlier release.

    Raises
    ------
    WrongCall
        If the file is not one line of 64 hexadecimal digits.
    """
    try:
        with path.open("rb") as file:
            text = file.read(1000).strip()
    except OSError as error:
        raise WrongCall(f"{path}: cannot be read ({error.strerror}); name the file instructor/secret") from None
    if not WRITTEN.fullmatch(text):
        raise WrongCall(f"{path}: is no secret of a release, 64 hexadecimal digits; name the file instructor/secret")
    return bytes.fromhex(text.decode())


def write_secret(secret: bytes, path: Path) -> None:
    """Write a secret as hexadecimal digits, for its owner's eyes only from the first byte on.

    Raises
    ------
    CourseError
        If the file is there already.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CourseError(f"{path}: is there already; a secret is never overwritten") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")


def seed(secret: bytes, exercise: str, trainee: str, attempt: int = 1) -> int:
    """Give the seed of a trainee's store.

    Parameters
    ----------
    secret : bytes
        The release's.
    exercise, trainee : str
        Name and id; neither holds a control character, so no two pairs give the same text.
    attempt : int
        1, and one more each time that a store was not fair.

    Returns
    -------
    int
        The first 128 bits of an HMAC-SHA256 (RFC 2104): without the secret it cannot be told from chance, and the
        seeds of other trainees do not help.

    Examples
    --------
    >>> seed(bytes(32), "03_customer_value", "s1") == seed(bytes(32), "03_customer_value", "s1", attempt=2)
    False
    """
    text = "\0".join(("crm-course seed", exercise, trainee, str(attempt)))
    return int.from_bytes(hmac.new(secret, text.encode(), hashlib.sha256).digest()[:16], "big")


def spellings(number: int, size: int) -> tuple[bytes, ...]:
    """Give what a secret number looks like in a file, in lower case: decimal, hexadecimal and plain bytes.

    Parameters
    ----------
    number : int
        A seed, or a secret as one number.
    size : int
        Its length in bytes.
    """
    plain = number.to_bytes(size, "big")
    return str(number).encode(), f"{number:x}".encode(), plain, plain[::-1]


@dataclass(frozen=True)
class Draw:
    """The store that a trainee got.

    Attributes
    ----------
    trainee : Trainee
        Who.
    attempt : int
        Which of the seeds it is made from, counted from 1.
    refused : tuple of str
        Why the stores before it were not fair.
    """

    trainee: Trainee
    attempt: int
    refused: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Give the same as plain values, for JSON."""
        who = {"id": self.trainee.id, "name": self.trainee.name}
        return who | {"attempt": self.attempt, "refused": list(self.refused)}


@dataclass(frozen=True)
class Stores:
    """The stores of a release.

    Attributes
    ----------
    folder : ReleaseFolder
        Whose instructor's part they lie in while their truth is with them; it stays there.
    secret, exercise : bytes, str
        What their seeds are made from.
    wanted : WantedStore
        How large they are, and what kind of shop.
    """

    folder: ReleaseFolder
    secret: bytes = field(repr=False)
    exercise: str
    wanted: WantedStore

    def seed(self, draw: Draw) -> int:
        """Give the seed of a trainee's store."""
        return seed(self.secret, self.exercise, draw.trainee.id, draw.attempt)

    def draw(self, trainee: Trainee, target: Path, accept: Accept | None = None) -> Draw:
        """Make a trainee's store until it is fair, as `accept` says of a store's folder: None, or the reason why not.

        Raises
        ------
        CourseError
            If it never is; the line names the trainee and the last reason.
        """
        refused: tuple[str, ...] = ()
        with tempfile.TemporaryDirectory(dir=self.folder.instructor, prefix=".drawn-") as folder:
            making, truth = Path(folder) / "packet" / STORE, self.folder.truth(trainee.id)
            making.parent.mkdir()
            for attempt in range(1, MOST_ATTEMPTS + 1):
                draw = Draw(trainee, attempt, refused)
                simulate(making, **self.wanted.model_dump(), seed=self.seed(draw))
                told = Path(folder) / TRUTH
                (making / TRUTH).rename(told)
                reason = accept(making) if accept else None
                if reason is None:
                    making.rename(target)
                    if not trainee.id.startswith(HIDDEN_PREFIX):  # nobody asks for a hidden store's truth
                        truth.parent.mkdir(exist_ok=True)
                        told.rename(truth)
                    return draw
                refused += (reason,)
                shutil.rmtree(making)
                shutil.rmtree(told)
        who = trainee.id.removeprefix("\x01") if trainee.id.startswith(HIDDEN_PREFIX) else f"trainee {trainee.id}"
        raise CourseError(
            f"{who}: none of {MOST_ATTEMPTS} stores is fair (the last one: {refused[-1]}); "
            "take more customers, or change the question"
        )
