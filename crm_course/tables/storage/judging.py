"""Whether the values of one table are what its schema promises."""

from __future__ import annotations

import pandas as pd
import pandera.errors

from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.faults import Fault, faults_of_schema


def judge(table: pd.DataFrame, name: str) -> list[Fault]:
    """Hold a table, or some columns of it, to its schema.

    Parameters
    ----------
    table : DataFrame
        Columns as ``read_table`` gives them. Columns that are not there are not judged.
    name : str
        The table's name in ``SCHEMAS``.

    Returns
    -------
    list of Fault
        Empty values, words outside a vocabulary, numbers out of range, rows named twice.
    """
    schema = SCHEMAS[name].to_schema()
    schema = schema.select_columns([column for column in schema.columns if column in table])
    unique = list(schema.unique or [])
    if not set(unique) <= set(table.columns):
        schema.unique = None
    try:
        schema.validate(table, lazy=True, inplace=True)
    except pandera.errors.SchemaErrors as error:
        return faults_of_schema(error, unique)
    return []
