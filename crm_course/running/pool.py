"""Many tasks over a few workers: a window of them at a time, whatever happens to a worker."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar, cast

from crm_course.errors import CourseError
from crm_course.running.sandbox.canary import ADVICE, tried
from crm_course.running.sandbox.limits import SandboxUnavailable
from crm_course.running.sandbox.slot import Slot
from crm_course.start import begin_worker

Given = TypeVar("Given")  # by a task; a task can be sent to another process
AHEAD = 2  # tasks a worker has before it: one at work and one waiting
SCHEDULER_SECONDS = 10  # to wait for it
DIED = "the worker died twice over it, most often for want of memory"
_mine = threading.local()  # one slot a thread: what is imported there is imported once


@dataclass(frozen=True)
class Done(Generic[Given]):
    """What came of a task: its result, or the reason why there is none."""

    arguments: tuple[Any, ...]
    result: Given | None = None
    problem: str = ""

    def get(self) -> Given:
        """Give the result.

        Raises
        ------
        CourseError
            If there is none; it says why.
        """
        if self.problem:
            raise CourseError(self.problem)
        return cast(Given, self.result)


class Workers(Protocol):
    """Whoever does tasks."""

    def run(self, task: Callable[..., Given], calls: Iterable[tuple[object, ...]]) -> Iterator[Done[Given]]:
        """Call a function with each of many arguments, and give what came of it as it comes."""
        ...

    def close(self, now: bool = False) -> None:
        """Let the workers go; `now` without waiting for what they are at."""
        ...


class InProcess:
    """The process itself, one task after the other; what a task raises is raised."""

    def run(self, task: Callable[..., Given], calls: Iterable[tuple[object, ...]]) -> Iterator[Done[Given]]:
        """Call the function here."""
        yield from (Done(one, task(*one)) for one in calls)

    def close(self, now: bool = False) -> None:  # noqa: ARG002 - as all workers
        """Let the slot go."""
        close_slot()


class Pool:
    """Workers, and new ones when they die.

    Parameters
    ----------
    make : function that gives an Executor
        Local processes, or a cluster's.
    size : int
        How many workers it has.
    """

    def __init__(self, make: Callable[[], Executor], size: int) -> None:
        self.make, self.size = make, size
        self.executor = make()

    def run(self, task: Callable[..., Given], calls: Iterable[tuple[object, ...]]) -> Iterator[Done[Given]]:
        """Call a function with each of many arguments, and give what came of it as it comes.

        A task that raises does not keep the others from being done. When a worker dies, those that were under way
        are tried again one by one, so that the one it died of is known.
        """
        left = iter(calls)
        under_way: dict[Future[Given], tuple[object, ...]] = {}
        while True:
            for arguments in islice(left, AHEAD * self.size - len(under_way)):
                under_way[self.executor.submit(task, *arguments)] = arguments
            if not under_way:
                return
            finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
            broken = [under_way.pop(one) for one in list(finished) if isinstance(one.exception(), BrokenExecutor)]
            for one in finished & under_way.keys():
                yield _done(under_way.pop(one), one)
            if broken:
                broken += [under_way.pop(one) for one in list(under_way)]
                self._renew()
                for arguments in broken:
                    yield self._alone(task, arguments)

    def _alone(self, task: Callable[..., Given], arguments: tuple[object, ...]) -> Done[Given]:
        future = self.executor.submit(task, *arguments)
        if isinstance(future.exception(), BrokenExecutor):
            self._renew()
            return Done(arguments, problem=DIED)
        return _done(arguments, future)

    def _renew(self) -> None:
        self._shut(wait=False)
        self.executor = self.make()

    def close(self, now: bool = False) -> None:
        """Let the workers go; `now` without waiting for what they are at."""
        if now:
            for process in list((getattr(self.executor, "_processes", None) or {}).values()):
                process.terminate()
        self._shut(wait=not now)

    def _shut(self, wait: bool) -> None:
        if isinstance(self.executor, ProcessPoolExecutor):
            self.executor.shutdown(wait=wait, cancel_futures=True)
        else:  # a cluster's takes back what was not begun without being told
            self.executor.shutdown(wait=wait)


def _done(arguments: tuple[object, ...], future: Future[Given]) -> Done[Given]:
    error = future.exception()
    if error is None:
        return Done(arguments, future.result())
    told = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
    return Done(arguments, problem=" ".join(told.split())[:500])


@contextmanager
def pool(jobs: int, scheduler: str = "") -> Iterator[Pool]:
    """Give workers: processes of this machine, or those of a cluster's scheduler.

    Parameters
    ----------
    jobs : int
        How many processes.
    scheduler : str
        Address of a `distributed` scheduler; its workers must see the same folders.

    Raises
    ------
    CourseError
        If there is no such scheduler.
    """
    with _cluster(jobs, scheduler) if scheduler else _local(jobs) as workers:
        try:
            yield workers
        except BaseException:
            workers.close(now=True)
            raise
        workers.close()


@contextmanager
def _local(jobs: int) -> Iterator[Pool]:
    context = multiprocessing.get_context("spawn")
    yield Pool(lambda: ProcessPoolExecutor(jobs, mp_context=context, initializer=begin_worker), jobs)


@contextmanager
def _cluster(jobs: int, address: str) -> Iterator[Pool]:
    try:
        from distributed import Client
    except ImportError:
        raise CourseError("--scheduler needs the package distributed: pip install 'crm-course[cluster]'") from None
    try:
        client = Client(address, timeout=f"{SCHEDULER_SECONDS}s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f"--scheduler {address}: nobody answers there ({error}); start `dask scheduler`") from None
    with client:
        threads = sum(client.nthreads().values())
        yield Pool(lambda: client.get_executor(pure=False, retries=0), threads or jobs)


def slot(sandbox: bool) -> Slot:
    """Give the slot of this thread; asked for another kind it is made anew."""
    if getattr(_mine, "slot", None) is None or _mine.sandbox != sandbox:
        close_slot()
        _mine.slot, _mine.sandbox = Slot(sandbox=sandbox), sandbox
    mine: Slot = _mine.slot
    return mine


def locked_in() -> str | None:
    """Say why notebooks cannot be locked in here; None where one tried to get out of this thread's slot, and failed."""
    if sys.platform != "linux":
        return f"submissions can be confined on Linux only, not on {sys.platform}: {ADVICE}"
    try:
        return tried(slot(sandbox=True))
    except SandboxUnavailable as problem:
        return f"{problem}; {ADVICE}"


def close_slot() -> None:
    """End the slot of this thread, if there is one."""
    if getattr(_mine, "slot", None) is not None:
        _mine.slot.close()
        _mine.slot = None
