"""What a run may use, and the ways in which it can end before its last cell."""

from __future__ import annotations

from dataclasses import dataclass

from crm_course.errors import CourseError

FINISHED = "finished"
TIME, MEMORY, OUTPUT = "time limit", "memory limit", "output limit"
DIED, PROTOCOL = "kernel died", "protocol error"

TOLD = {
    TIME: "the notebook took longer than it may",
    MEMORY: "the notebook used more memory than it may",
    OUTPUT: "the notebook wrote more than it may",
    DIED: "the process that ran the notebook ended",
    PROTOCOL: "the process that ran the notebook sent what is no output",
}


@dataclass(frozen=True)
class Limits:
    """What one run may use.

    Attributes
    ----------
    cell_seconds, run_seconds : float
        Time for one cell, and for all.
    memory_mb : int
        Memory of all its processes; what they share counts once.
    disk_mb : int
        Size of each place it may write to: its working directory, /tmp and /dev/shm.
    processes : int
        Processes and threads at one time.
    output_mb : float
        All bytes that come out of the run.
    messages : int
        Outputs; text that follows text of the same stream is one with it.
    """

    cell_seconds: float = 60.0
    run_seconds: float = 300.0
    memory_mb: int = 1500
    disk_mb: int = 64
    processes: int = 48
    output_mb: float = 6.0
    messages: int = 5000


class RunEnded(Exception):
    """A run ended before its last cell; the one argument is how, as in ``Result.ended``."""


class SandboxUnavailable(CourseError):
    """Notebooks cannot be confined here; the sentence says what is missing and what to do."""
