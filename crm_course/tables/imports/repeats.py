"""Rows that are there already: overlaps of several files, and lines written twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_course.tables.imports.ledger import Ledger
from crm_course.tables.imports.sources.exports import PART, Export
from crm_course.tables.imports.sources.mapping import Mapping


def refuse_repeats(export: Export, mapping: Mapping, ledger: Ledger) -> None:
    """Refuse rows that another row tells already.

    Of an order that stands whole in several files, and of a complaint, the last file counts: its state is
    the newest. Else, of rows with the same contents, as many are taken as the file with most of them has; of files that
    never tell the same line twice, one.
    """
    rows = export.rows
    whole = mapping.complaint.complaint_id if mapping.complaint else mapping.columns.order_id
    order = f"={whole}"
    if (mapping.orders_whole or mapping.complaint) and order in rows:
        last = rows.groupby(rows[order].str.strip())[PART].transform("max")
        older = (rows[PART] < last) & (rows[order].str.strip() != "")
        ledger.refuse(older, str(whole), "is in a later file as well")
    open_rows = rows[ledger.open]
    contents = contents_of(open_rows, mapping)
    number = contents.groupby([open_rows[PART], contents], sort=False).cumcount()
    earlier = pd.DataFrame({"contents": contents, "number": number}).duplicated()
    ledger.refuse(_at(open_rows, earlier.to_numpy()), [], "line is there already, in another file")
    if mapping.repeats == "refuse":
        ledger.refuse(_at(open_rows, contents.duplicated().to_numpy()), [], "line is there already")


def contents_of(rows: pd.DataFrame, mapping: Mapping) -> pd.Series:
    """Give a number for what a row says in the columns that the mapping uses."""
    used = {f"={name}" for name in (*mapping.columns.named(), *mapping.also_used())}
    start = f"={mapping.items.starts_with}" if mapping.items else None
    columns = [name for name in rows if name in used or (start and str(name).startswith(start))]
    stripped = rows[columns].apply(lambda column: column.str.strip())
    return pd.util.hash_pandas_object(stripped, index=False)


def _at(rows: pd.DataFrame, mask: np.ndarray) -> np.ndarray:
    labels: np.ndarray = rows.index.to_numpy()[mask]
    return labels
