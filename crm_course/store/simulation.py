"""A synthetic store, written as a store folder: chunk by chunk, so that size costs no memory."""

from __future__ import annotations

import json
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import partial
from importlib.metadata import version
from itertools import starmap
from pathlib import Path

import pandas as pd
from rich.console import Console

from crm_course.errors import CourseError, WrongCall
from crm_course.store import streams
from crm_course.store.chunk import Tables, simulate_chunk
from crm_course.store.contact.truth import contact_world
from crm_course.store.policy import Policy
from crm_course.store.progress import with_progress
from crm_course.store.scenario import Scenario
from crm_course.store.service.cases import Part
from crm_course.store.service.finish import finish
from crm_course.store.settings import read_settings
from crm_course.store.surveys.truth import survey_truth
from crm_course.store.world import World, build_world, world_tables
from crm_course.tables import StoreInfo, new_store
from crm_course.tables.writing import TableWriter, TruthWriter

_MOST_CUSTOMERS = 9_999_999
_LONGEST_MONTHS = 120
_LARGEST_SEED = 2**128 - 1
TRUTH = "truth/"
_MOST_JOBS = 64
_WRITERS = 2  # threads that write tables


def simulate(
    output: str | Path,
    scenario: str | Path = "beauty",
    *,
    customers: int = 2000,
    seed: int = 7,
    months: int = 36,
    progress: Console | None = None,
    policy: str | Path | Policy | None = None,
    ahead: str | Path | Policy | None = None,
    jobs: int = 1,
) -> dict[str, int]:
    """Write a synthetic store whose truth is known.

    Customers buy by BG/NBD in operational time (Fader, Hardie and Lee 2005a), which runs fast in
    festival seasons and promotions; what they spend comes from baskets of products or from a
    Gamma-Gamma model (2005b). The simulation runs on twelve months beyond the data: what those
    bring is in ``truth/customers.parquet``, never in the tables.

    Parameters
    ----------
    output : str or Path
        Folder to write, new or empty.
    scenario : str or Path
        Name of a scenario, or a TOML file of one's own.
    customers : int
        How many people ever bought by the last day.
    seed : int
        Same seed, same values; below 2**128.
    months : int
        Full months of history.
    progress : Console, optional
        Where to show a bar with the time left, on work of more than two seconds.
    policy : str, Path or Policy, optional
        What the shop does: name of a policy, a TOML file or the policy itself; the scenario's own by default.
    ahead : str, Path or Policy, optional
        What it does in the twelve months beyond the data, which only the truth tells of; the same by default.
    jobs : int
        Processes that simulate, each 50,000 customers at a time and about 700 MB; the store is the same. With more
        than one, a script calls this below ``if __name__ == "__main__":``, as Python's multiprocessing asks for.

    Returns
    -------
    dict
        Rows written, by table.

    Raises
    ------
    WrongCall
        If a parameter, or a key of a TOML file, is not what it may be.
    StoreError
        If the folder cannot be written.

    References
    ----------
    Fader, Hardie and Lee (2005a), "Counting your customers" the easy way, Marketing Science 24(2).
    Fader, Hardie and Lee (2005b), RFM and CLV: Using iso-value curves for customer base analysis,
    Journal of Marketing Research 42(4).

    Examples
    --------
    >>> from crm_course.store import simulate
    >>> rows = simulate("build/shop", customers=300, seed=1)  # doctest: +SKIP
    """
    _check("customers", customers, 1, _MOST_CUSTOMERS)
    _check("seed", seed, 0, _LARGEST_SEED)
    _check("months", months, 1, _LONGEST_MONTHS)
    _check("jobs", jobs, 1, _MOST_JOBS)
    settings = read_settings(Scenario, scenario)
    shop_policy = _policy(policy or settings.policy)
    later_policy = _policy(ahead) if ahead else shop_policy
    info = StoreInfo(
        name=settings.name,
        currency=settings.currency,
        time_zone=settings.time_zone,
        as_of=settings.as_of,
        source=f"synthetic, scenario {Path(scenario).stem}",
    )
    with new_store(output, info) as folder:
        world = build_world(settings, shop_policy, later_policy, seed, months)
        rows = _write_world(folder, world)
        rows |= _write_customers(folder, world, customers, jobs, progress)
        _write_parameters(folder, world, customers, months)
    return rows


def _policy(named: str | Path | Policy) -> Policy:
    return named if isinstance(named, Policy) else read_settings(Policy, named)


def _check(name: str, value: int, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise WrongCall(f"{name} {value!r}: expected a whole number from {least} to {most:,}")


def _write_world(folder: Path, world: World) -> dict[str, int]:
    (folder / "truth").mkdir()
    rows = {}
    for name, table in (world_tables(world) | contact_world(world) | survey_truth(world)).items():
        with _writer(folder, name) as writer:
            writer.write(table)
        if not name.startswith(TRUTH):
            rows[name] = len(table)
    return rows


def _writer(folder: Path, name: str) -> TableWriter:
    return (TruthWriter if name.startswith(TRUTH) else TableWriter)(folder, name)


def _write_customers(folder: Path, world: World, customers: int, jobs: int, progress: Console | None) -> dict[str, int]:
    """Simulate chunk by chunk, and write each while the next is simulated."""
    with ExitStack() as open_files, ThreadPoolExecutor(_WRITERS) as threads:
        writers: dict[str, TableWriter] = {}
        writing: list[Future[None]] = []

        def write(tables: dict[str, pd.DataFrame]) -> None:
            while writing:
                writing.pop().result()  # one chunk at a time, so that rows stay in order and memory small
            for name, rows in tables.items():
                if name not in writers:
                    writers[name] = open_files.enter_context(_writer(folder, name))
                writing.append(threads.submit(writers[name].write, rows))

        parts = []
        chunks = _chunks(customers)
        simulated = _in_turn(partial(simulate_chunk, world), chunks, jobs)
        for _ in with_progress(chunks, "customers", progress):
            tables, part = next(simulated)
            write(tables)
            parts += [part] if part is not None else []
        write(finish(world, parts))
        write({})
        return {name: writer.rows for name, writer in writers.items() if not name.startswith(TRUTH)}


def _in_turn(
    simulated: Callable[[int, int], tuple[Tables, Part | None]], chunks: list[tuple[int, int]], jobs: int
) -> Iterator[tuple[Tables, Part | None]]:
    """Simulate chunk after chunk; in processes, as many at once, and given in the same order."""
    if min(jobs, len(chunks)) == 1:
        yield from starmap(simulated, chunks)
        return
    from crm_course.running.pool import begin

    context = multiprocessing.get_context("spawn")
    workers = ProcessPoolExecutor(min(jobs, len(chunks)), mp_context=context, initializer=begin)
    at_work: deque[Future[tuple[Tables, Part | None]]] = deque()
    try:
        for number, chunk in enumerate(chunks):
            done = at_work.popleft().result() if number >= jobs else None
            at_work.append(workers.submit(simulated, *chunk))
            if done:
                yield done
        while at_work:
            yield at_work.popleft().result()
    except BrokenProcessPool:
        raise CourseError(
            "a process that simulates was killed, most often for want of memory; take fewer --jobs"
        ) from None
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def _chunks(customers: int) -> list[tuple[int, int]]:
    size = streams.CHUNK
    return [(chunk, min(size, customers - start)) for chunk, start in enumerate(range(0, customers, size))]


def _write_parameters(folder: Path, world: World, customers: int, months: int) -> None:
    """Keep everything needed to make the same store again."""
    parameters = {
        "package": version("crm-course"),
        "seed": world.seed,
        "customers": customers,
        "months": months,
        "scenario": world.scenario.model_dump(mode="json"),
        "policy": world.policy.model_dump(mode="json"),
        "ahead": world.ahead.model_dump(mode="json"),
    }
    text = json.dumps(parameters, indent=2, ensure_ascii=False)
    (folder / "truth" / "parameters.json").write_text(text + "\n", encoding="utf-8")
