"""A synthetic store, written as a store folder: chunk by chunk, so that size costs no memory."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from rich.console import Console

from crm_course.errors import WrongCall
from crm_course.running.progress import with_progress
from crm_course.simulator import streams
from crm_course.simulator.campaigns.true_effects import contact_world
from crm_course.simulator.chunk import simulate_chunk
from crm_course.simulator.service.hotline_tables import finish
from crm_course.simulator.settings.policy import Policy
from crm_course.simulator.settings.scenario import Scenario
from crm_course.simulator.settings.settings_file import LONGEST_MONTHS, read_settings
from crm_course.simulator.surveys.survey_truth import survey_truth
from crm_course.simulator.world.world import World, build_world, world_tables
from crm_course.tables.storage.info import StoreInfo
from crm_course.tables.storage.writing import TableWriter, TruthWriter, new_store

_MOST_CUSTOMERS = 9_999_999
_LARGEST_SEED = 2**128 - 1
TRUTH = "truth/"
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
    >>> from crm_course.simulator.simulation import simulate
    >>> rows = simulate("build/shop", customers=300, seed=1)  # doctest: +SKIP
    """
    _check("customers", customers, 1, _MOST_CUSTOMERS)
    _check("seed", seed, 0, _LARGEST_SEED)
    _check("months", months, 1, LONGEST_MONTHS)
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
        rows |= _write_customers(folder, world, customers, progress)
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


def _write_customers(folder: Path, world: World, customers: int, progress: Console | None) -> dict[str, int]:
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
        for chunk, count in with_progress(_chunks(customers), "customers", progress):
            tables, part = simulate_chunk(world, chunk, count)
            write(tables)
            parts += [part] if part is not None else []
        write(finish(world, parts))
        write({})
        return {name: writer.rows for name, writer in writers.items() if not name.startswith(TRUTH)}


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
