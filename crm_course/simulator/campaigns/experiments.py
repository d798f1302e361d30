"""Randomised experiments: who is in which arm, and the table that says so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.simulator import columns
from crm_course.simulator.columns import Floats, Ints
from crm_course.simulator.people.people import pick
from crm_course.simulator.world.world import World
from crm_course.tables.schemas.contacting import EXPERIMENTS, UNITS

_CUSTOMER_BITS = 16


def assign(
    world: World, experiment: str, units: Ints, arms: int, *, chunk: int = 0, weights: Floats | None = None
) -> Ints:
    """Draw the arm of each unit of an experiment; a unit's arm depends on no other unit.

    Parameters
    ----------
    experiment : str
        One of ``EXPERIMENTS``.
    units : int array
        Number of each unit: a customer's position in her chunk, a time slot's number.
    arms : int
        Number of arms.
    chunk : int
        The customers' chunk; 0 for units that are no customers.
    weights : float array, optional
        How likely each arm is, in relation to the others; all alike by default.

    Returns
    -------
    int array
        Position of the arm, 0 to `arms` - 1.
    """
    dice = world.dice(f"assignment, {experiment}", chunk)
    uniform = dice.uniform(units & (1 << _CUSTOMER_BITS) - 1, units >> _CUSTOMER_BITS)
    return pick(np.ones(arms) if weights is None else weights, uniform)


def assignments_table(
    experiment: str, unit_kind: str, unit_id: pd.Series, arm: Ints, arms: list[str], assigned_at: Ints
) -> pd.DataFrame:
    """Give rows of the ``assignments`` table.

    Parameters
    ----------
    experiment, unit_kind : str
        Words of ``EXPERIMENTS`` and ``UNITS``.
    unit_id : Series
        Ids of the units.
    arm : int array
        Position of each unit's arm in `arms`.
    assigned_at : int array
        Seconds since 1970 (UTC).
    """
    same = np.zeros(len(arm), dtype=np.int64)
    return pd.DataFrame(
        {
            "experiment": columns.words(same + EXPERIMENTS.index(experiment), list(EXPERIMENTS)),
            "unit_kind": columns.words(same + UNITS.index(unit_kind), list(UNITS)),
            "unit_id": unit_id,
            "arm": columns.words(arm, arms),
            "assigned_at": columns.times(assigned_at),
        }
    )
