"""What is slow the first time is done once before the first fork: a table, a picture, a formula, a checked store."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow as arrow
import seaborn as sns
import statsmodels.formula.api as smf
from IPython import get_ipython

from crm_course.tables.schemas import SCHEMAS
from crm_course.tables.storage.converting import convert
from crm_course.tables.storage.judging import judge
from crm_course.tables.storage.table_files import columns_of


def use_all() -> None:
    """Use everything once, without a thread: Arrow reads files with some, which a fork would not copy."""
    table = pd.DataFrame({"a": np.arange(20.0), "b": list("xy") * 10, "t": pd.date_range("2024", periods=20)})
    _show(table.groupby("b").agg(a=("a", "sum")))
    smf.ols("a ~ C(b)", table).fit().summary()._repr_html_()
    _picture(table)
    for name in SCHEMAS:
        _check(name)


def _show(value: object) -> None:
    get_ipython().display_formatter.format(value)


def _picture(table: pd.DataFrame) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(4, 2))
    sns.heatmap(np.eye(3), ax=left)
    table.plot("t", "a", ax=right, title="first")
    _show(figure)
    plt.close("all")


def _check(name: str) -> None:
    """Check a table without rows: what takes long is to prepare its schema."""
    nothing = arrow.chunked_array([arrow.array([], arrow.string())])
    judge(pd.DataFrame({column: convert(nothing, spec, True)[0] for column, spec in columns_of(name).items()}), name)
